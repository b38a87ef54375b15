"""The time of a take: that of its media, one source after the other."""

from __future__ import annotations

JUMP = 5.0  # seconds of media time: more is another clock
LATE = 0.3  # seconds by which an answer may be ahead of the media that came


class TakeClock:
    """Places media of one source after the other on one time, which neither leaps nor turns back.

    What is held, as by a pause, is left out; after a seek or another source it goes on where it was.

    Attributes
    ----------
    now : float
        Take time up to which media came, seconds.
    """

    def __init__(self) -> None:
        self._offset: float | None = None  # media time at take time 0, by the clock of now, and
        self._begun = 0.0  # take time since which that counts
        self.now = 0.0

    def turn(self) -> None:
        """What comes next has another clock."""
        self._offset = None

    def media(self, time: float, length: float) -> float:
        """The take time of media; both arguments in seconds."""
        if self._offset is None or abs(time - self._offset - self.now) > JUMP:
            self._offset, self._begun = time - self.now, self.now
        placed = max(self._begun, time - self._offset)
        self.now = max(self.now, placed + length)
        return placed

    def answer(self, time: float) -> float | None:
        """The take time of a prediction, of media that came; None for one by another clock."""
        placed = time - self._offset if self._offset is not None else -JUMP
        return max(self._begun, placed) if self._begun - JUMP < placed <= self.now + LATE else None
