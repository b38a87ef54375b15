"""The queue between a source and a worker, and what is put into it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from app.capture.media import AudioBlock, Frame
from app.pipeline.state import Mode
from app.pipeline.stream import TaskStream

# Items a file may be ahead of a worker: what waits is late, and the picture shown is ahead of its answer.
CAPACITY = 8
LIVE_FRAMES = 2  # pictures that may wait; more are stale, the oldest goes
LIVE_SOUND = 5.0  # seconds of sound that may wait before it is a gap


@dataclass(frozen=True, slots=True)
class Gap:
    """Media between the item before and the item after is lost: everything starts anew."""

    time: float
    reason: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Another source follows, whose media time begins anew (``live`` when it ticks by the clock).

    ``kept`` says that it can be sought in, so that its tokens are to be kept.
    """

    live: bool
    epoch: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Seek:
    """The file goes to this media time; its tokens there are known, or still to come."""

    time: float


@dataclass(frozen=True, slots=True)
class Resume:
    """The file is where it had come to before it was sought in: what follows is new."""


@dataclass(frozen=True, slots=True)
class Forget:
    """The user starts over: a new person, a new song."""

    time: float


@dataclass(frozen=True, slots=True)
class SetMode:
    mode: Mode


@dataclass(frozen=True, slots=True)
class Ended:
    time: float
    run: int  # which opening of a file this ends


@dataclass(frozen=True, slots=True)
class SetStream:
    """Other weights."""

    stream: TaskStream


Item = Frame | AudioBlock | Gap | Restart | Seek | Resume | Forget | SetMode | SetStream | Ended


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

    def put_first(self, item: SetMode | SetStream) -> None:
        """Put before all media that wait: a switch acts at once."""
        with self._changed:
            self._items.appendleft(item)
            self._changed.notify_all()

    def put_seek(self, item: Seek) -> None:
        """Put before the media of this file that wait; what was to be shown from elsewhere is forgotten.

        New media stay: they have to be made into tokens, wherever the file is shown.
        """
        with self._changed:
            kept = [one for one in self._items if not _of_the_place(one)]
            restarts = [place for place, one in enumerate(kept) if isinstance(one, Restart)]
            kept.insert(restarts[-1] + 1 if restarts else 0, item)
            self._items = deque(kept)
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

    def put_sound(self, block: AudioBlock) -> None:
        """Append live sound; where too much waits, all of it becomes a gap."""
        with self._changed:
            waiting = [item for item in self._items if isinstance(item, AudioBlock)]
            if waiting and block.time - waiting[0].time > LIVE_SOUND:
                for item in waiting:
                    self._items.remove(item)
                self._items.append(Gap(block.time, "Sound came faster than it could be analysed"))
            self._items.append(block)
            self._changed.notify_all()

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
            kept = [item for item in self._items if isinstance(item, SetMode | SetStream)]
            self._items = deque(kept)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()


def _of_the_place(item: Item) -> bool:
    """Whether an item belongs to where a file is shown, not to what is made of it."""
    return isinstance(item, Seek | Resume | Ended) or (isinstance(item, Frame | AudioBlock) and item.again)
