"""The inference thread of one task: media in, tokens, predictions out.

Two threads meet here.  The source's thread puts media into the inbox; the task's worker takes it out, makes
tokens and steps the Transformer.  One worker a task, so that a music token, ten times as long as a pose,
delays no action, and two cores are used.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.capture.media import AudioBlock, Frame
from app.features.tokens import Token
from app.pipeline.state import Mode, Prediction
from app.pipeline.stream import TaskStream

log = logging.getLogger(__name__)

CAPACITY = 64  # items a file may be ahead of a worker
LIVE_FRAMES = 2  # pictures that may wait; more are stale, the oldest goes
LIVE_SOUND = 5.0  # seconds of sound that may wait before it is a gap
STALE = 0.5  # seconds without a new picture, live, after which the stream has a gap


@dataclass(frozen=True, slots=True)
class Gap:
    """Media between the item before and the item after is lost: everything starts anew."""

    time: float
    reason: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Another source follows, whose media time begins anew (``live`` when it ticks by the clock)."""

    live: bool
    epoch: float


@dataclass(frozen=True, slots=True)
class SetMode:
    mode: Mode


@dataclass(frozen=True, slots=True)
class Ended:
    time: float
    run: int  # which opening of a file this ends


Item = Frame | AudioBlock | Gap | Restart | SetMode | Ended


class Extractor(Protocol):
    """Media to tokens, see ``app.features``."""

    macs: dict[str, int]

    def push(self, media: Frame | AudioBlock) -> list[Token]: ...

    def advance(self, time: float) -> list[Token]: ...

    def flush(self, time: float) -> list[Token]: ...

    def gap(self, time: float) -> None: ...

    def close(self) -> None: ...


class Inbox:
    """A queue between a source and a worker: files wait for room, live sources do not."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, item: Item) -> None:
        """Append without a limit (commands)."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def put_waiting(self, item: Item, abandoned: threading.Event) -> None:
        """Append when there is room; give up when closed or ``abandoned`` (a file's media)."""
        with self._changed:
            while len(self._items) >= CAPACITY and not self._closed and not abandoned.is_set():
                self._changed.wait(0.1)
            if not self._closed and not abandoned.is_set():
                self._items.append(item)
                self._changed.notify_all()

    def put_frame(self, frame: Frame) -> int:
        """Append a live picture; returns how many older ones had to go."""
        with self._changed:
            waiting = [item for item in self._items if isinstance(item, Frame)]
            stale = waiting[: max(0, len(waiting) + 1 - LIVE_FRAMES)]
            for item in stale:
                self._items.remove(item)
            self._items.append(frame)
            self._changed.notify_all()
            return len(stale)

    def put_sound(self, block: AudioBlock) -> int:
        """Append live sound; where too much waits, all of it becomes a gap: returns the blocks lost."""
        with self._changed:
            waiting = [item for item in self._items if isinstance(item, AudioBlock)]
            lost = 0
            if waiting and block.time - waiting[0].time > LIVE_SOUND:
                lost = len(waiting)
                for item in waiting:
                    self._items.remove(item)
                self._items.append(Gap(block.time, "sound came faster than it could be analysed"))
            self._items.append(block)
            self._changed.notify_all()
            return lost

    def get(self, timeout: float | None) -> Item | None:
        """Take the oldest item; None after ``timeout`` seconds or when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout)
            if not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def drop_media(self) -> None:
        """Forget all media that wait, keep the commands."""
        with self._changed:
            kept = [item for item in self._items if isinstance(item, SetMode)]
            self._items = deque(kept)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()


class Worker:
    """Runs one task on its own thread until stopped.

    Parameters
    ----------
    extractor : Extractor
        Owned by the worker from now on; closed on its thread.
    stream : TaskStream
        Likewise.
    on_prediction : callable
        Called on the worker's thread with each prediction.
    on_media : callable
        Called on the worker's thread with the extractor and each picture or block it was given.
    on_gap : callable
        Called on the worker's thread when a gap made the task start anew, with the reason.
    on_ended : callable
        Called on the worker's thread when the last token of a file is through, with ``Ended.run``.
    on_error : callable
        Called on the worker's thread with an exception of the extractor or the model; the worker goes on.
    """

    def __init__(
        self,
        extractor: Extractor,
        stream: TaskStream,
        *,
        on_prediction: Callable[[Prediction], None],
        on_media: Callable[[Extractor, Frame | AudioBlock], None],
        on_gap: Callable[[str], None],
        on_ended: Callable[[int], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.extractor = extractor
        self.stream = stream
        self.inbox = Inbox()
        self._on_prediction = on_prediction
        self._on_media = on_media
        self._on_gap = on_gap
        self._on_ended = on_ended
        self._on_error = on_error
        self._live = False
        self._epoch = 0.0
        self._newest: float | None = None  # media time of the newest picture since the last gap
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

    def _run(self) -> None:
        while not self._stop.is_set():
            item = self.inbox.get(self._until_next_tick())
            try:
                if item is not None:
                    self._handle(item)
                if self._live and self._newest is not None:
                    self._tick()
            except Exception as error:
                log.exception("%s", self._thread.name)
                self._on_error(error)
                self._start_anew(0.0)
                if isinstance(item, Ended):
                    self._on_ended(item.run)
        self.extractor.close()

    def _until_next_tick(self) -> float | None:
        if not self._live or self._newest is None:
            return None
        rate = self.stream.info.rate
        now = time.monotonic() - self._epoch
        return max(0.0, (int(now * rate) + 1) / rate - now)

    def _handle(self, item: Item) -> None:
        match item:
            case Frame() | AudioBlock():
                if isinstance(item, Frame):
                    self._newest = item.time
                self._predict(self.extractor.push(item))
                self._on_media(self.extractor, item)
            case Gap():
                self._start_anew(item.time)
                self._on_gap(item.reason)
            case Restart():
                self._live, self._epoch = item.live, item.epoch
                self._start_anew(0.0)
            case SetMode():
                self.stream.mode = item.mode
            case Ended():
                self._predict(self.extractor.flush(item.time))
                self._on_ended(item.run)

    def _tick(self) -> None:
        """Live pictures tick by the clock, so that a late one is repeated and a lost one is a gap."""
        now = time.monotonic() - self._epoch
        assert self._newest is not None
        if now - self._newest > STALE:
            self._start_anew(now)
            self._on_gap(f"no new picture for {STALE} s")
        else:
            self._predict(self.extractor.advance(now))

    def _start_anew(self, media_time: float) -> None:
        self._newest = None
        self.extractor.gap(media_time)
        self.stream.reset()

    def _predict(self, tokens: list[Token]) -> None:
        for token in tokens:
            if self._stop.is_set():
                return
            self._on_prediction(self.stream.step(token))
