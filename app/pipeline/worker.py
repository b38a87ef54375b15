"""One worker a task: takes media from its inbox, makes tokens of them, and predictions of the tokens.

Everything here runs on the worker's own thread, but for ``start``, ``stop`` and the inbox.  A file's tokens
are made in order, once, and kept; predictions are made of the tokens up to where the file is shown, so after
a seek they are those of a run without one.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.capture.media import AudioBlock, Frame
from app.features.music import MusicTokens
from app.features.pictures import PictureTokens
from app.features.tokens import Token
from app.pipeline.inbox import Ended, Forget, Gap, Inbox, Item, Restart, Resume, Seek, SetMode, SetStream
from app.pipeline.priority import stand_back
from app.pipeline.sound import Spectrum
from app.pipeline.state import Prediction
from app.pipeline.stream import TaskStream
from app.pipeline.token_cache import TokenCache

log = logging.getLogger(__name__)

STALE = 0.5  # seconds without a new picture, live, after which the stream has a gap
SLACK = 1e-6  # seconds by which a time stamp may be rounded
QUIET = 10.0  # seconds before the same fault is logged again: one may come with every token


@dataclass(frozen=True, slots=True)
class Calls:
    """What a worker calls, on its own thread.

    Attributes
    ----------
    prediction : callable
        With each prediction.
    media : callable
        With each picture or block after it was analysed, and what was seen in it: the people, or the log-mel
        columns (m, 96) and the level.
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
    media: Callable[[Frame | AudioBlock, Any], None]
    restart: Callable[[], None]
    gap: Callable[[str], None]
    ended: Callable[[int], None]
    error: Callable[[Exception], None]


class Worker:
    """Runs one task on its own thread until stopped; a subclass knows its kind of media.

    Parameters
    ----------
    extractor : PictureTokens or MusicTokens
        Owned by the worker from now on.
    stream : TaskStream
        Likewise.
    calls : Calls
    """

    def __init__(self, extractor: PictureTokens | MusicTokens, stream: TaskStream, calls: Calls) -> None:
        self.stream = stream
        self.inbox = Inbox()
        self.extractor = extractor
        self._calls = calls
        self._live = False
        self._epoch = 0.0
        self._fresh = True  # the stream starts anew with the next token that is made
        self._cache: TokenCache | None = None  # of a file that can be sought in
        self._next = 0  # in the cache: the token to predict from next
        self._until = math.inf  # media time up to which predictions may go
        self._logged: dict[str, float] = {}
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

    def _seen(self, media: Frame | AudioBlock) -> Any:
        """What the window shows beside media that were analysed now."""
        raise NotImplementedError

    def _seen_again(self, media: Frame | AudioBlock, kept: Any) -> Any:
        """The same of media that were analysed before, of which the cache kept ``kept``."""
        raise NotImplementedError

    def _kept(self) -> Any:
        """What the cache keeps beside a token."""
        return None

    def _ends_stream(self, token: Token) -> bool:
        """Whether what follows this token has nothing to do with what came before."""
        return False

    def _until_due(self) -> float | None:
        """Seconds until something is due without media; None for never."""
        return None

    def _due(self) -> None:
        """Do what is due without media."""

    def _close(self) -> None:
        """Release what the extractor holds."""

    # ---- the thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        stand_back()
        while not self._stop.is_set():
            item = self.inbox.get(self._until_due())
            try:
                if item is not None:
                    self._handle(item)
                self._due()
            except Exception as error:
                self._log(error)
                self._calls.error(error)
                self._start_anew(0.0)
                if isinstance(item, Ended):
                    self._calls.ended(item.run)
        self._close()

    def _log(self, error: Exception) -> None:
        fault, now = f"{type(error).__name__}: {error}", time.monotonic()
        if now - self._logged.get(fault, -QUIET) >= QUIET:
            self._logged = {fault: now}
            log.exception("%s", self._thread.name)

    def _handle(self, item: Item) -> None:
        match item:
            case Frame() | AudioBlock():
                if item.again:
                    self._show(item.end if isinstance(item, AudioBlock) else item.time)
                    self._calls.media(item, self._seen_again(item, self._kept_here()))
                else:
                    self._take(self._extract(item))
                    seen = self._seen(item)
                    if self._until == math.inf:
                        self._calls.media(item, seen)
            case Gap():
                self._start_anew(item.time)
                if self._until == math.inf:
                    self._calls.gap(item.reason)
            case Restart():
                self._live, self._epoch = item.live, item.epoch
                self._cache = TokenCache() if item.kept else None
                self._next, self._until = 0, math.inf
                self._start_anew(0.0)
                self._calls.restart()
            case Seek():
                self._seek(item.time)
            case Resume():
                self._show(math.inf)
                self._calls.gap("")
            case Forget():
                if self._cache is None:
                    self._start_anew(item.time)
                else:  # a file's tokens are what they are
                    self.stream.reset()
                self._calls.gap("")
            case SetMode():
                self.stream.mode = item.mode
            case SetStream():
                item.stream.mode = self.stream.mode
                self.stream = item.stream
                self._restore()
                self._calls.restart()
            case Ended():
                self._take(self._flush(item.time))
                self._calls.ended(item.run)

    def _start_anew(self, media_time: float) -> None:
        self.extractor.gap(media_time)
        self._fresh = True
        if self._cache is None:
            self.stream.reset()

    def _take(self, tokens: list[Token]) -> None:
        """Keep tokens that were made now, and predict from them if they are what is shown."""
        for token in tokens:
            fresh, self._fresh = self._fresh, self._ends_stream(token)
            if self._cache is None:
                self._predict(token, fresh)
            else:
                self._cache.append(token, fresh, self._kept())
        self._show(self._until, made_now=True)

    def _show(self, until: float, made_now: bool = False) -> None:
        """Predict from the tokens up to this media time."""
        self._until = until
        if self._cache is None:
            return
        while self._next < self._cache.until(until + SLACK) and not self._stop.is_set():
            token, fresh, _ = self._cache.at(self._next)
            self._next += 1
            if not made_now:  # one that was kept counts as had when it is wanted
                token = replace(token, captured=time.monotonic())
            self._predict(token, fresh)

    def _predict(self, token: Token, fresh: bool) -> None:
        if self._stop.is_set():
            return
        if fresh:
            self.stream.reset()
        self._calls.prediction(self.stream.step(token))

    def _seek(self, media_time: float) -> None:
        if self._cache is None:
            return
        self._next = max(0, self._cache.until(media_time + SLACK) - 1)
        self._restore()
        self._show(media_time)
        self._calls.gap("")

    def _restore(self) -> None:
        """Bring the stream to where it stands before the next token."""
        if self._cache is None:
            self.stream.reset()
        else:
            self.stream.restore(*self._cache.before(self._next, self.stream.memory))

    def _kept_here(self) -> Any:
        """What was kept beside the token that is shown."""
        return self._cache.at(self._next - 1)[2] if self._cache is not None and self._next else None


class PictureWorker(Worker):
    """Pictures; live ones tick by the clock, so that a late one is repeated and a lost one is a gap."""

    def __init__(self, extractor: PictureTokens, stream: TaskStream, calls: Calls) -> None:
        super().__init__(extractor, stream, calls)
        self._pictures = extractor
        self._newest: float | None = None  # media time of the newest picture since the last gap

    def _extract(self, media: Frame | AudioBlock) -> list[Token]:
        assert isinstance(media, Frame)
        self._newest = media.time
        return self._pictures.frame(media)

    def _flush(self, media_time: float) -> list[Token]:
        return self._pictures.flush(media_time)

    def _seen(self, media: Frame | AudioBlock) -> Any:
        return self._pictures.people

    def _seen_again(self, media: Frame | AudioBlock, kept: Any) -> Any:
        return kept or ()

    def _kept(self) -> Any:
        return self._pictures.people

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
            self._take(self._pictures.advance(now))

    def _start_anew(self, media_time: float) -> None:
        self._newest = None
        super()._start_anew(media_time)

    def _close(self) -> None:
        self._pictures.close()


class SoundWorker(Worker):
    """Sound; it ticks by its samples, live or not, and starts anew after silence."""

    def __init__(self, extractor: MusicTokens, stream: TaskStream, calls: Calls) -> None:
        super().__init__(extractor, stream, calls)
        self._music = extractor
        self._spectrum = Spectrum()  # of sound that was heard before

    def _extract(self, media: Frame | AudioBlock) -> list[Token]:
        assert isinstance(media, AudioBlock)
        return self._music.audio(media)

    def _flush(self, media_time: float) -> list[Token]:
        return self._music.flush()

    def _seen(self, media: Frame | AudioBlock) -> Any:
        return self._music.columns(), self._music.level

    def _seen_again(self, media: Frame | AudioBlock, kept: Any) -> Any:
        assert isinstance(media, AudioBlock)
        return self._spectrum.push(media)

    def _ends_stream(self, token: Token) -> bool:
        return bool(token.status)  # silence ends a song: the next one is not judged by the last

    def _seek(self, media_time: float) -> None:
        self._spectrum = Spectrum()
        super()._seek(media_time)

    def _close(self) -> None:
        self._spectrum = Spectrum()
        self._music.gap(0.0)  # the resampler must not outlive its library
