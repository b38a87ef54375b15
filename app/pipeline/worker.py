"""The inference thread of one task: media in, tokens, predictions out.

Two threads meet at the inbox: the source's puts media in, the task's worker takes it out, makes tokens and
steps the Transformer.  One worker a task, so that a music token delays no action, and two cores are used.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.capture.media import AudioBlock, Frame
from app.features.music import MusicTokens
from app.features.pose import PoseTokens
from app.features.tokens import Token
from app.pipeline.inbox import Ended, Gap, Inbox, Item, Restart, SetMode
from app.pipeline.state import Prediction
from app.pipeline.stream import TaskStream

log = logging.getLogger(__name__)

STALE = 0.5  # seconds without a new picture, live, after which the stream has a gap


@dataclass(frozen=True, slots=True)
class Calls:
    """What a worker calls, on its own thread.

    Attributes
    ----------
    prediction : callable
        With each prediction.
    media : callable
        With each picture or block, after it was analysed.
    restart : callable
        When the media of another source begin: no prediction of the one before follows.
    gap : callable
        With the reason, when a gap made the task start anew.
    ended : callable
        With ``Ended.run``, when the last token of a file is through.
    error : callable
        With an exception of the extractor or the model; the worker goes on.
    """

    prediction: Callable[[Prediction], None]
    media: Callable[[Frame | AudioBlock], None]
    restart: Callable[[], None]
    gap: Callable[[str], None]
    ended: Callable[[int], None]
    error: Callable[[Exception], None]


class Worker:
    """Runs one task on its own thread until stopped; a subclass knows its kind of media.

    Parameters
    ----------
    extractor : PoseTokens or MusicTokens
        Owned by the worker from now on.
    stream : TaskStream
        Likewise.
    calls : Calls
    """

    def __init__(self, extractor: PoseTokens | MusicTokens, stream: TaskStream, calls: Calls) -> None:
        self.stream = stream
        self.inbox = Inbox()
        self._extractor = extractor
        self._calls = calls
        self._live = False
        self._epoch = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"worker-{stream.info.task}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Stop and join; True when the thread ended within ``timeout`` seconds."""
        self._stop.set()
        self.inbox.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # ---- what a subclass knows ----------------------------------------------------------------------------

    def _extract(self, media: Frame | AudioBlock) -> list[Token]:
        raise NotImplementedError

    def _flush(self, media_time: float) -> list[Token]:
        raise NotImplementedError

    def _until_due(self) -> float | None:
        """Seconds until something is due without media; None for never."""
        return None

    def _due(self) -> None:
        """Do what is due without media."""

    def _close(self) -> None:
        """Release what the extractor holds."""

    # ---- the thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            item = self.inbox.get(self._until_due())
            try:
                if item is not None:
                    self._handle(item)
                self._due()
            except Exception as error:
                log.exception("%s", self._thread.name)
                self._calls.error(error)
                self._start_anew(0.0)
                if isinstance(item, Ended):
                    self._calls.ended(item.run)
        self._close()

    def _handle(self, item: Item) -> None:
        match item:
            case Frame() | AudioBlock():
                self._predict(self._extract(item))
                self._calls.media(item)
            case Gap():
                self._start_anew(item.time)
                self._calls.gap(item.reason)
            case Restart():
                self._live, self._epoch = item.live, item.epoch
                self._start_anew(0.0)
                self._calls.restart()
            case SetMode():
                self.stream.mode = item.mode
            case Ended():
                self._predict(self._flush(item.time))
                self._calls.ended(item.run)

    def _start_anew(self, media_time: float) -> None:
        self._extractor.gap(media_time)
        self.stream.reset()

    def _predict(self, tokens: list[Token]) -> None:
        for token in tokens:
            if self._stop.is_set():
                return
            self._calls.prediction(self.stream.step(token))


class PictureWorker(Worker):
    """Pictures; live ones tick by the clock, so that a late one is repeated and a lost one is a gap."""

    def __init__(self, extractor: PoseTokens, stream: TaskStream, calls: Calls) -> None:
        super().__init__(extractor, stream, calls)
        self._pose = extractor
        self._newest: float | None = None  # media time of the newest picture since the last gap

    def _extract(self, media: Frame | AudioBlock) -> list[Token]:
        assert isinstance(media, Frame)
        self._newest = media.time
        return self._pose.frame(media)

    def _flush(self, media_time: float) -> list[Token]:
        return self._pose.flush(media_time)

    def _until_due(self) -> float | None:
        if not self._live or self._newest is None:
            return None
        now = time.monotonic() - self._epoch
        return (int(now * self.stream.info.rate) + 1) / self.stream.info.rate - now

    def _due(self) -> None:
        if not self._live or self._newest is None:
            return
        now = time.monotonic() - self._epoch
        if now - self._newest > STALE:
            self._start_anew(now)
            self._calls.gap(f"No new picture for {STALE} s")
        else:
            self._predict(self._pose.advance(now))

    def _start_anew(self, media_time: float) -> None:
        self._newest = None
        super()._start_anew(media_time)

    def _close(self) -> None:
        self._pose.close()


class SoundWorker(Worker):
    """Sound; it ticks by its samples, live or not, and starts anew after silence."""

    def __init__(self, extractor: MusicTokens, stream: TaskStream, calls: Calls) -> None:
        super().__init__(extractor, stream, calls)
        self._music = extractor

    def _extract(self, media: Frame | AudioBlock) -> list[Token]:
        assert isinstance(media, AudioBlock)
        return self._music.audio(media)

    def _flush(self, media_time: float) -> list[Token]:
        return self._music.flush()

    def _close(self) -> None:
        self._music.gap(0.0)  # the resampler must not outlive its library

    def _predict(self, tokens: list[Token]) -> None:
        for token in tokens:
            super()._predict([token])
            if token.status:
                self.stream.reset()  # silence ends a song: the next one is not judged by the last
