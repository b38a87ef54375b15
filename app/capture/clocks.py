"""Time: of a microphone by its samples, and of what is played, and how it plays."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass

LATE = 0.05  # seconds behind the wall clock after which playback gives in
MEASURED = 2.0  # seconds over which the real speed is taken

WINDOW = 250  # blocks whose earliest arrival tells how a device's clock runs
SLEW = 0.02  # by how much of its length a block's time may be moved to follow that clock
LOST = 0.2  # seconds that samples may lag behind our clock before some must have been lost


@dataclass(frozen=True, slots=True)
class Playback:
    """How a file plays.

    Attributes
    ----------
    speed : float
        As asked.
    real_speed : float
        As measured over the newest seconds; nan while there are none.
    catching_up : float
        Media time to which a seek ahead still has to come; nan for none.
    seeking : float
        Media time whose picture is looked for since a while; nan for none.
    reached : float
        Media time up to which the file was decoded in order.
    """

    speed: float = 1.0
    real_speed: float = math.nan
    catching_up: float = math.nan
    reached: float = 0.0
    seeking: float = math.nan


class PlayClock:
    """When a file's media is due, at any speed; it stands until it is started.

    Attributes
    ----------
    speed : float
        Media seconds a second; halt the clock after a change.
    base : float or None
        Monotonic time at which media time 0 was or would have been due; None while the clock stands.
    """

    def __init__(self) -> None:
        self.speed = 1.0
        self.base: float | None = None
        self._course: deque[tuple[float, float]] = deque()  # (monotonic time, media time) of what passed

    def start(self, media_time: float) -> None:
        """``media_time`` is due now."""
        self.base = time.perf_counter() - media_time / self.speed
        self._course.clear()

    def halt(self) -> None:
        """Stand still; the next media is due at once."""
        self.base = None
        self._course.clear()

    def until(self, media_time: float) -> float:
        """Seconds until ``media_time`` is due, 0 or less when it is; starts a clock that stands.

        Far behind, the clock gives in: playback goes on late, without a rush.
        """
        if self.base is None:
            self.start(media_time)
            return 0.0
        late = time.perf_counter() - self.base - media_time / self.speed
        if late > LATE:
            self.base += late
        return -late

    def passed(self, media_time: float) -> None:
        """Take note that the media of this time was taken; whoever took it may have held it up."""
        now = time.perf_counter()
        if self.base is None or (self._course and media_time < self._course[-1][1]):
            return
        self._course.append((now, media_time))
        while now - self._course[0][0] > MEASURED:
            self._course.popleft()

    @property
    def real_speed(self) -> float:
        """Of the newest seconds; nan while there are none.  Any thread may ask."""
        course = list(self._course)
        if len(course) < 2 or course[-1][0] - course[0][0] < MEASURED / 4:
            return math.nan
        return (course[-1][1] - course[0][1]) / (course[-1][0] - course[0][0])


class SampleClock:
    """Maps the count of samples to our monotonic clock.

    Delays only ever make a block late, so the earliest arrival among the last seconds tells where the
    device's clock stands; the mapping follows it slowly, and a whole window that is late means lost samples.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._offset: float | None = None  # monotonic time of sample 0
        self._count = 0
        self._arrivals: deque[float] = deque(maxlen=WINDOW)
        self.time = 0.0  # monotonic time of the placed block's first sample

    def restart(self, frames: int, arrived: float) -> None:
        """Begin a new run with this block."""
        self._arrivals.clear()
        self._count = frames
        self.time = self._offset = max(arrived - frames / self._rate, self.time)

    def place(self, frames: int, arrived: float) -> bool:
        """Take the next block; True when samples were lost before it, and a new run began."""
        if self._offset is None:
            self.restart(frames, arrived)
            return False
        self._arrivals.append(arrived - (self._count + frames) / self._rate)
        stray = min(self._arrivals) - self._offset
        if stray > LOST and len(self._arrivals) == WINDOW:
            self.restart(frames, arrived)
            return True
        limit = SLEW * frames / self._rate
        if len(self._arrivals) == WINDOW or stray < 0.0:
            self._offset += min(max(stray, -limit), limit)
        self.time = self._offset + self._count / self._rate
        self._count += frames
        return False
