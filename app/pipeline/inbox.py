"""The queue between a source and a worker: media in their order, and controls, which go first.

What a worker may read at any step (the mode, the model) is no message: see `Worker`.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from app.capture.media import AudioBlock, Frame

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
class Absent:
    """The file has come to this media time without media of this task's kind (``again``: as before)."""

    time: float
    again: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """The file is where it had come to before it was sought in: what follows is new."""


@dataclass(frozen=True, slots=True)
class Ended:
    time: float
    run: int  # which opening of a file this ends


@dataclass(frozen=True, slots=True)
class Restart:
    """Another source follows, whose media time begins anew (``live`` when it ticks by the clock).

    ``kept`` says that it can be sought in, so that its tokens are to be kept.
    """

    live: bool
    epoch: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Stopped:
    """The source is gone, and no other of its kind is there."""


@dataclass(frozen=True, slots=True)
class Seek:
    """The file goes to this media time; its tokens there are known, or still to come."""

    time: float


@dataclass(frozen=True, slots=True)
class Forget:
    """The user starts over: a new person, a new song."""

    time: float


Media = Frame | AudioBlock | Gap | Absent | Resume | Ended
Control = Restart | Stopped | Seek | Forget


class Inbox:
    """Two queues: media, for whose room files wait and live sources do not, and controls, in their order."""

    def __init__(self) -> None:
        self._media: deque[Media] = deque()
        self._controls: deque[Control] = deque()
        self._changed = threading.Condition()
        self._woken = False
        self._closed = False

    # ---- media --------------------------------------------------------------------------------------------

    def put(self, item: Media) -> None:
        """Append without a limit: what stands between media."""
        with self._changed:
            if isinstance(item, Absent) and self._media and isinstance(self._media[-1], Absent):
                self._media.pop()  # the later one says all
            self._media.append(item)
            self._changed.notify_all()

    def put_waiting(self, item: Frame | AudioBlock, abandoned: threading.Event) -> None:
        """Append when there is room; give up when closed or ``abandoned`` (a file's media)."""
        with self._changed:
            while len(self._media) >= CAPACITY and not self._closed and not abandoned.is_set():
                self._changed.wait(0.1)
            if not self._closed and not abandoned.is_set():
                self._media.append(item)
                self._changed.notify_all()

    def put_frame(self, frame: Frame) -> int:
        """Append a live picture; returns how many older ones had to go."""
        with self._changed:
            waiting = [item for item in self._media if isinstance(item, Frame)]
            stale = waiting[: max(0, len(waiting) + 1 - LIVE_FRAMES)]
            for item in stale:
                self._media.remove(item)
            self._media.append(frame)
            self._changed.notify_all()
            return len(stale)

    def put_sound(self, block: AudioBlock) -> None:
        """Append live sound; where too much waits, all of it becomes a gap."""
        with self._changed:
            waiting = [item for item in self._media if isinstance(item, AudioBlock)]
            if waiting and block.time - waiting[0].time > LIVE_SOUND:
                for item in waiting:
                    self._media.remove(item)
                self._media.append(Gap(block.time, "Sound came faster than it could be analysed"))
            self._media.append(block)
            self._changed.notify_all()

    # ---- controls -----------------------------------------------------------------------------------------

    def control(self, item: Control) -> None:
        """Tell the worker something that acts before all media that wait, after the controls before it.

        A change of source makes the media that wait worth nothing.  A seek leaves those that are new, for
        they have to be made into tokens wherever the file is shown, and takes the place of one before it.
        """
        with self._changed:
            match item:
                case Restart() | Stopped():
                    self._media.clear()
                    self._controls = deque(
                        one for one in self._controls if isinstance(one, Restart | Stopped)
                    )
                case Seek():
                    self._media = deque(one for one in self._media if not _of_the_place(one))
                    self._controls = deque(one for one in self._controls if not isinstance(one, Seek))
            self._controls.append(item)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let `get` return: a value that the worker reads has changed."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    @property
    def interrupted(self) -> bool:
        """Whether what is shown is to be left for another place or source, or for good."""
        return self._has(Seek, Restart, Stopped)

    @property
    def dropped(self) -> bool:
        """Whether the source of what was taken last is gone."""
        return self._has(Restart, Stopped)

    def _has(self, *kinds: type[Control]) -> bool:
        with self._changed:
            return self._closed or any(isinstance(one, kinds) for one in self._controls)

    # ---- the worker ---------------------------------------------------------------------------------------

    def get(self, timeout: float | None) -> Media | Control | None:
        """Take the oldest control, else the oldest media; None after ``timeout`` s, woken or closed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._controls or self._media or self._woken or self._closed, timeout
            )
            self._woken = False
            if self._controls:
                return self._controls.popleft()
            if not self._media:
                return None
            item = self._media.popleft()
            self._changed.notify_all()
            return item

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._media.clear()
            self._controls.clear()
            self._changed.notify_all()


def _of_the_place(item: Media) -> bool:
    """Whether an item belongs to where a file is shown, not to what is made of it."""
    again = isinstance(item, Frame | AudioBlock | Absent) and item.again
    return again or isinstance(item, Resume | Ended)
