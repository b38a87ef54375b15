"""One worker a task: takes media from its inbox, and makes tokens of them, of which `Answers` predicts.

Everything here runs on the worker's own thread, but for ``start``, ``stop``, ``use`` and the inbox.  A file's
tokens are made in order, once, and kept; predictions are made of the tokens up to where the file is shown, so
after a seek they are those of a run without one.

Making tokens, predicting from them and telling the answers are guarded apart: what goes wrong in one of them
is no fault of the others, and none keeps a file from coming to its end.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from typing import Any

from app.capture.media import AudioBlock, Frame
from app.features.pictures import PictureTokens
from app.features.sound import SoundTokens
from app.features.tokens import Token
from app.pipeline.answers import Answers
from app.pipeline.feed import Feed
from app.pipeline.inbox import (
    Absent,
    Control,
    Ended,
    Forget,
    Gap,
    Inbox,
    Media,
    Restart,
    Resume,
    Seek,
    Stopped,
)
from app.pipeline.priority import stand_back
from app.pipeline.state import Mode
from app.pipeline.stream import TaskStream
from app.pipeline.telling import ANEW, OFF, Calls, Teller


class Worker:
    """Runs one task on its own thread until stopped; a subclass knows its kind of media.

    Parameters
    ----------
    extractor : PictureTokens or SoundTokens
        Owned by the worker from now on.
    stream : TaskStream
        Likewise; `use` puts another in its place.
    mode : callable
        Gives the mode to predict in, asked at each step.
    calls : Calls
    """

    def __init__(
        self,
        extractor: PictureTokens | SoundTokens,
        stream: TaskStream,
        mode: Callable[[], Mode],
        calls: Calls,
    ) -> None:
        self.inbox = Inbox()
        self.extractor = extractor
        self._teller = Teller(f"worker-{stream.info.task}", calls)
        self._calls = calls
        self._answers = Answers(stream, mode, lambda: self.inbox.interrupted, self._teller)
        self._live = False
        self._epoch = 0.0
        self._fresh = True  # the stream starts anew with the next token that is made
        self._failed = False  # the extractor could not even start anew
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

    @property
    def stream(self) -> TaskStream:
        """What predicts now."""
        return self._answers.stream

    def use(self, stream: TaskStream) -> None:
        """Predict with another model from the next step on; any thread may ask."""
        self._answers.wanted = stream
        self.inbox.wake()

    @property
    def feed(self) -> Feed:
        """What feeds the task now; any thread may ask."""
        return self._teller.feed

    # ---- what a subclass knows ----------------------------------------------------------------------------

    @property
    def _stands(self) -> float:
        """Seconds of media time for which an answer stands though nothing new comes."""
        raise NotImplementedError

    def _extract(self, media: Frame | AudioBlock) -> Iterable[Token]:
        raise NotImplementedError

    def _flush(self, media_time: float) -> Iterable[Token]:
        raise NotImplementedError

    def _do_without(self, media_time: float) -> None:
        """The file has come to ``media_time`` without media of this kind."""
        raise NotImplementedError

    def _seen(self, media: Frame | AudioBlock) -> Any:
        """What the window shows beside media that were analysed now."""
        raise NotImplementedError

    def _seen_again(self, media: Frame | AudioBlock, kept: Any) -> Any:
        """The same of media that were analysed before, of which ``kept`` was kept."""
        raise NotImplementedError

    def _kept(self) -> Any:
        """What is kept beside a token."""
        return None

    def _ends_stream(self, token: Token) -> bool:
        """Whether what follows this token has nothing to do with what came before."""
        return False

    def _sought(self) -> None:
        """The file is shown from elsewhere."""

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
                self._answers.take_up()
                if item is not None:
                    self._handle(item)
                if not self._failed:
                    self._due()
            except Exception as error:
                self._recover(error)
            if isinstance(item, Ended):
                self._teller.tell(self._calls.ended, item.run)
        self._teller.tell(self._close)

    def _handle(self, item: Media | Control) -> None:
        match item:
            case Restart():
                self._begin(item.kept, "waiting")
                self._live, self._epoch = item.live, item.epoch
            case Stopped():
                self._begin(False, "none")
            case Ended():
                self._take(lambda: self._flush(item.time))
            case Frame() | AudioBlock() | Absent() if self._failed:  # of no use, but the others go on
                self._teller.tell(self._calls.progress, item.time)
            case _ if self.feed == "none" or self._failed:  # whatever is late
                pass
            case Frame() | AudioBlock():
                self._handle_media(item)
            case Gap():
                self._start_anew(item.time)
                if self._live:
                    self._teller.change_feed("lost")
                self._tell_gap(item.reason)
            case Absent():
                self._handle_absence(item)
            case Seek():
                self._sought()
                self._answers.seek(item.time, self._stands)
                self._teller.tell(self._calls.gap, "")
            case Resume():
                self._answers.show(math.inf)
                self._teller.tell(self._calls.gap, "")
            case Forget():
                self._answers.forget()
                if self._live:  # a file's tokens are what they are
                    self._start_anew(item.time)
                self._teller.tell(self._calls.gap, "")

    def _handle_media(self, item: Frame | AudioBlock) -> None:
        if item.again:
            self._answers.show(item.end if isinstance(item, AudioBlock) else item.time)
            self._teller.tell(self._calls.media, item, self._seen_again(item, self._answers.seen))
            return
        if self._answers.current:
            self._teller.change_feed("delivering")
        self._take(lambda: self._extract(item))
        if not self._failed:
            seen = self._seen(item)
            if self._answers.current:
                self._teller.tell(self._calls.media, item, seen)

    def _handle_absence(self, item: Absent) -> None:
        if item.again:
            self._answers.show(item.time, self._stands)
        else:
            self._do_without(item.time)
            self._teller.tell(self._calls.progress, item.time)

    def _begin(self, kept: bool, feed: Feed) -> None:
        """Another recording, or none."""
        self._live = self._failed = False
        self._answers.begin(kept)
        self._teller.change_feed(feed)
        self._start_anew(0.0)

    def _start_anew(self, media_time: float) -> None:
        self._fresh = True
        self._answers.break_off()
        self.extractor.gap(media_time)

    def _take(self, make: Callable[[], Iterable[Token]]) -> None:
        """Let tokens be made, and pass them on one by one.

        Between two of them it is looked whether the source is gone: a file's times may ask for many.
        """
        if self._failed:
            return
        try:
            for token in make():
                if self._stop.is_set() or self.inbox.dropped:
                    return
                fresh, self._fresh = self._fresh, self._ends_stream(token)
                self._answers.add(token, fresh, self._kept())
        except Exception as error:
            self._recover(error)

    def _tell_gap(self, reason: str) -> None:
        if self._answers.current:
            self._teller.tell(self._calls.gap, reason)

    def _recover(self, error: Exception) -> None:
        """Start anew after a fault of the extractor; where that fails too, stay off."""
        try:
            self._start_anew(0.0)
        except Exception as second:
            self._failed = True
            if self.feed != "none":
                self._teller.change_feed("lost")
            self._teller.report(second, OFF)
        else:
            self._teller.report(error, ANEW)
