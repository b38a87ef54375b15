"""What capture delivers: timed pictures and timed sound, and the words every source and its sink share.

Every source is one thread of its own.  It calls the sink from that thread: ``frame`` and ``audio`` with the
media, ``gap`` when some of it is lost, ``notice`` for what a person should read, ``ended`` when a file is
through.  A file that is sought in calls ``sought``; what it has delivered before it then delivers marked
``again``, and calls ``resumed`` where it goes on with what is new.  A sink's calls may block (that is how a
file is held back by the slowest consumer); they return at once after the sink was closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

Kind = Literal["video", "audio"]


class CaptureError(Exception):
    """A source that cannot be had.

    Parameters
    ----------
    cause : str
        What is wrong, in one line, naming the device or file.
    remedy : str
        What the user can do about it.
    """

    def __init__(self, cause: str, remedy: str = "") -> None:
        super().__init__(f"{cause} {remedy}".strip())
        self.cause = cause
        self.remedy = remedy


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes
    ----------
    image : ndarray of shape (height, width, 3), uint8
        BGR, upright (rotation applied), owned by the frame: nobody writes to it again.
    time : float
        Media time in seconds: PTS from the start of a file, or our monotonic clock from the session's epoch.
    captured : float
        ``time.perf_counter()`` when the picture was had (live: when ``grab()`` returned).
    again : bool
        The file has delivered it before: what is made of it is known.
    """

    image: np.ndarray
    time: float
    captured: float
    again: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """A run of sound without a gap to the block before it (a gap is announced by ``Sink.gap``).

    Attributes
    ----------
    samples : ndarray of shape (n,), float32
        Mono, full scale ±1.
    rate : int
        Samples a second.  Constant between gaps.
    time : float
        Media time of the first sample, seconds, on the same clock as ``Frame.time``.
    captured : float
        ``time.perf_counter()`` when the block was had.
    again : bool
        As of a `Frame`.
    """

    samples: np.ndarray
    rate: int
    time: float
    captured: float
    again: bool = False

    @property
    def end(self) -> float:
        """Media time after the last sample."""
        return self.time + len(self.samples) / self.rate


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should read: a banner in the window, a line on stderr without one.

    Attributes
    ----------
    key : str
        Two notices with one key are the same banner, e.g. ``"camera"``; the newer one stands.
    cause, remedy : str
        What happened and what to do about it, one line each.
    level : {"info", "warning", "error", "resolved"}
        ``"resolved"`` takes the banner of that key away.
    """

    key: str
    cause: str
    remedy: str = ""
    level: Literal["info", "warning", "error", "resolved"] = "error"


class Sink(Protocol):
    """Where a source delivers; called from the source's thread."""

    def frame(self, frame: Frame) -> None: ...

    def audio(self, block: AudioBlock) -> None: ...

    def gap(self, kind: Kind, time: float, reason: str) -> None: ...

    def notice(self, notice: Notice) -> None: ...

    def sought(self, time: float) -> None:
        """A file goes to media time ``time``, within what it has delivered, and goes on from there."""

    def resumed(self) -> None:
        """A file that was sought in goes on where it had come to: what follows is new."""

    def ended(self, time: float) -> None:
        """A file is through; ``time`` is the media time of its end."""


class Source(Protocol):
    """A camera, a microphone or a media file.

    Attributes
    ----------
    name : str
        What the user knows it by.
    kinds : frozenset of {"video", "audio"}
        What it delivers.
    live : bool
        Live sources reconnect by themselves, and may drop pictures; files end, and drop nothing.
    """

    name: str
    kinds: frozenset[Kind]
    live: bool

    def start(self, sink: Sink, epoch: float) -> None:
        """Start the thread.  Live media time is ``time.perf_counter() - epoch``; files ignore ``epoch``."""

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop and join the thread; True when it ended within ``timeout`` seconds.  Idempotent."""
