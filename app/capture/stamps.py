"""A file's time stamps: whatever they say, time goes on from where it was."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import av
from av.container import InputContainer

FALL = 0.5  # seconds that stamps must fall back by to mean another recording joined on, not jitter
LEAP = 600.0  # seconds ahead that are no hole in a recording, but another clock
LEAP_OF_STREAMS = 10.0  # the same for formats whose clock may break off (broadcasts)
DELAY = 10.0  # seconds that a picture may wait in a decoder for those to be shown before it
KNOWN = 16  # clocks remembered: a stream that comes later to a jump finds its own among them
STILL = 5e-4  # seconds that are no step: of more pictures than that, a tick would last for ever
STUCK = 3  # frames of one stamp after which stamps count as standing still

_TS_DISCONT = 0x0200  # FFmpeg's AVFMT_TS_DISCONT: stamps of this format may break off


class Jump(NamedTuple):
    """Stamps that go on elsewhere.

    Attributes
    ----------
    time : float
        Media time, seconds.
    by : float
        How far they jump, seconds; below 0 for back.
    """

    time: float
    by: float

    @property
    def words(self) -> str:
        """What happens, within a sentence."""
        return f"time stamps jump {'ahead' if self.by > 0 else 'back'} by {abs(self.by):,.1f} s"


@dataclass
class _Stream:
    shift: Fraction
    newest: float | None = None  # decoding time of the newest packet, seconds on our clock


class Timeline:
    """Moves the stamps of a file's packets onto one clock that neither leaps nor falls back.

    A hole within one stream stays while another goes on through it.  Where the clock itself breaks off, every
    stream goes on from there, and all are moved alike, so that picture and sound stay together.

    Parameters
    ----------
    start : Fraction
        Time 0, see `start_of`.
    longest : float
        Seconds ahead beyond which stamps jump, see `longest_hole`.
    shift : Fraction
        Seconds by which the first stamps are moved: of a file that is set down behind a jump.
    anywhere : bool
        Whether the first packet may be of any time: of a file that is set down.

    Attributes
    ----------
    shifts : list of (float, Fraction)
        From which media time on stamps were moved by how much.
    """

    def __init__(
        self, start: Fraction, longest: float, shift: Fraction = Fraction(0), anywhere: bool = False
    ) -> None:
        self._start = start
        self._longest = longest
        self._first = shift
        self._anywhere = anywhere
        self._streams: dict[int, _Stream] = {}
        self._clocks: deque[Fraction] = deque([shift], maxlen=KNOWN)
        self._end = 0.0  # where a new clock goes on
        self.shifts: list[tuple[float, Fraction]] = []

    def place(self, packet: av.Packet) -> Jump | None:
        """Move the packet's stamps; tell when its stream has jumped before it."""
        base = packet.time_base
        stamp = packet.dts if packet.dts is not None else packet.pts
        if base is None or stamp is None:
            return None
        stream = self._streams.setdefault(packet.stream.index, _Stream(self._first))
        if packet.pts is not None and not -FALL <= float((packet.pts - stamp) * base) <= DELAY:
            # One of the two is nonsense: the one that is nearer to what came before is taken for both.
            near = stream.newest or 0.0
            stamp = min((stamp, packet.pts), key=lambda one: abs(self._at(one, base, stream.shift) - near))
            packet.dts = packet.pts = stamp
        at = self._at(stamp, base, stream.shift)
        jump = None
        if not self._follows(stream, at):
            before = self._end if stream.newest is None else stream.newest
            jump = Jump(self._end, at - before)
            stream.shift = self._clock(stamp, base, before)
            self.shifts.append((self._end, stream.shift))
            at = self._at(stamp, base, stream.shift)
        if stream.shift:
            ticks = round(stream.shift / base)
            packet.pts = None if packet.pts is None else packet.pts + ticks
            packet.dts = None if packet.dts is None else packet.dts + ticks
        stream.newest = at
        length = float((packet.duration or 0) * base)
        self._end = max(self._end, at + (length if 0.0 < length <= LEAP_OF_STREAMS else 0.0))
        return jump

    def _at(self, stamp: int, base: Fraction, shift: Fraction) -> float:
        return float(stamp * base - self._start + shift)

    def _follows(self, stream: _Stream, at: float) -> bool:
        """Whether a packet of this time goes on with its stream."""
        others = [
            one.newest for one in self._streams.values() if one is not stream and one.newest is not None
        ]
        if stream.newest is None:
            if self._anywhere and not others:
                return True
            before, least = max(others, default=0.0), -self._longest
        else:
            before, least = stream.newest, stream.newest - FALL
        if at < least:
            return False
        # A hole, not a jump, where another stream has gone on through it.
        return at - before <= self._longest or any(other > (before + at) / 2 for other in others)

    def _clock(self, stamp: int, base: Fraction, before: float) -> Fraction:
        """The shift that lets this stamp go on from ``before``: one that is known, else a new one."""
        for shift in reversed(self._clocks):
            if -FALL <= self._at(stamp, base, shift) - before <= LEAP_OF_STREAMS:
                return shift
        shift = Fraction(self._end) - stamp * base + self._start
        self._clocks.append(shift)
        return shift


class FileClock:
    """Places one stream's frames on the file's clock: seconds from the container's start, never falling.

    Parameters
    ----------
    start : Fraction
        Time 0, see `start_of`.

    Attributes
    ----------
    end : float
        End of the newest frame, seconds.
    guessed : int
        Frames that were placed by the lengths of those before them, for their stamps stood still.
    """

    def __init__(self, start: Fraction) -> None:
        self._start = start
        self._last = self._stamped = -math.inf  # time of the newest frame, as placed and as stamped
        self._still = 0  # frames in a row of one stamp
        self.guessed = 0
        self.end = 0.0

    def place(self, frame: av.VideoFrame | av.AudioFrame, length: float) -> float:
        """Return the time of the next ``frame``, which lasts ``length`` seconds.

        Its packet's stamps went through a `Timeline`.  A frame without any, or whose stamps stand still, is
        placed by the lengths of those before it.
        """
        stamp = frame.pts if frame.pts is not None else frame.dts  # AVI has only decoding times
        at = self.end
        if stamp is not None and frame.time_base is not None:
            at = float(stamp * frame.time_base - self._start)
            self._still = self._still + 1 if abs(at - self._stamped) < STILL else 0
            self._stamped = at
            if self._still > STUCK:
                at = self.end
                self.guessed += 1
        self._last = at = max(at, self._last)
        self.end = at + length
        return at


def start_of(container: InputContainer, used: Iterable[int]) -> Fraction:
    """Time 0 of a file: the container's start, exactly as the stream ``used`` first has it."""
    # The container's own figure is rounded to µs, and half a µs can put a picture behind its tick.
    start = Fraction(container.start_time or 0, av.time_base)
    exact = [
        stream.start_time * stream.time_base
        for stream in (container.streams[index] for index in used)
        if stream.start_time is not None and stream.time_base is not None
    ]
    return min((time for time in exact if abs(time - start) < Fraction(1, 1000)), default=start)


def longest_hole(container: InputContainer) -> float:
    """Seconds without a packet beyond which the clock of a file of this format has jumped."""
    return LEAP_OF_STREAMS if int(container.format.flags) & _TS_DISCONT else LEAP
