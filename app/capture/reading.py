"""One pass through a media file: what is decoded, and an account of what is not."""

from __future__ import annotations

import heapq
import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.container import InputContainer

from app.capture.account import Account
from app.capture.decoded import Upright, mono
from app.capture.layout import LONGEST_PACKET, RATE_ALONE, Layout, ffmpeg_text
from app.capture.media import AudioBlock, Frame, Kind
from app.capture.stamps import FileClock, Jump, Timeline
from app.capture.streams import unusable_rate

GAP = 0.1  # seconds by which sound may stray from its sample count before that is a gap
LEADS = (0.0, 2.0, 10.0)  # seconds before the wanted picture to set the decoder down at, in turn
RUN_IN = 0.5  # seconds of sound a decoder is given to settle before the sound that is wanted
UNUSABLE = (av.FFmpegError, MemoryError, ValueError)  # what a damaged packet makes of decoding and converting
EXACT = 1e-6  # seconds within which two times of one picture agree


@dataclass(frozen=True, slots=True)
class Gap:
    """Media is missing, or of another clock, from ``time`` on; the next of that kind begins anew."""

    kind: Kind
    time: float
    reason: str


Event = Frame | AudioBlock | Gap


class Reading:
    """A pass through a file, or through a part of it.

    Picture and sound are read through two demuxers of their own and merged by time, so a badly interleaved
    file costs no memory and the order of events depends on nothing but the file.

    Parameters
    ----------
    layout : Layout
    kinds : frozenset of {"video", "audio"}
        What is read of it.
    given_up : callable
        Asked at every packet whether what is read is still wanted; after that nothing more is.
    shifts : sequence of (float, Fraction)
        Of an earlier reading, see `Timeline`: to find times behind a jump.

    Attributes
    ----------
    account : Account
        What came of it.
    shifts : list of (float, Fraction)
        See `Timeline`.
    """

    def __init__(
        self,
        layout: Layout,
        kinds: frozenset[Kind],
        given_up: Callable[[], bool] = lambda: False,
        shifts: Sequence[tuple[float, Fraction]] = (),
    ) -> None:
        self._layout = layout
        self._kinds = sorted(kinds, reverse=True)  # the picture first among equals
        self._given_up = given_up
        self._known_shifts = shifts
        self.shifts: list[tuple[float, Fraction]] = []
        self.account = Account(layout, self._kinds)

    # ---- what is read -----------------------------------------------------------------------------------

    def all(self) -> Iterator[Event]:
        """Every picture and all sound, in rising order of time."""
        self.account.begin()
        with ExitStack() as stack:
            read = {"video": self.pictures, "audio": self.sound}
            streams = [read[kind](stack) for kind in self._kinds]
            yield from heapq.merge(*streams, key=lambda event: event.time)

    def all_from(self, start: float, known: Sequence[float]) -> Iterator[Event]:
        """The newest picture of ``start`` or before, and all that follows; see `Recording.events_from`."""
        with ExitStack() as stack:
            streams: list[Iterator[Event]] = []
            if "video" in self._kinds:
                streams.append(self._pictures_from(start, known, stack))
            if "audio" in self._kinds:
                streams.append(self.sound_from(start, stack))
            yield from heapq.merge(*streams, key=lambda event: event.time)

    def pictures(self, stack: ExitStack, start: float = -math.inf) -> Iterator[Event]:
        """All pictures, but of those of ``start`` and before only the newest."""
        container = self._open("video", stack)
        if container is not None:
            yield from self._pictures(container, self._timeline(), start)

    def sound(self, stack: ExitStack) -> Iterator[Event]:
        """All sound."""
        container = self._open("audio", stack)
        if container is not None:
            yield from self._sound(container, self._timeline())

    def _pictures_from(self, start: float, known: Sequence[float], stack: ExitStack) -> Iterator[Event]:
        wanted = known[max(0, bisect_right(known, start + EXACT) - 1)] if known else start
        for lead in LEADS:
            if wanted <= lead:
                break
            container = self._open("video", stack)
            if container is None or (line := self._set_down(container, "video", wanted - lead)) is None:
                break
            pictures = self._pictures(container, line, wanted + EXACT)
            first = next((event for event in pictures if isinstance(event, Frame)), None)
            if first is not None and abs(first.time - wanted) <= EXACT:
                yield first
                yield from pictures
                return
            if self._given_up():
                return
        yield from self.pictures(stack, wanted + EXACT)

    def sound_from(self, start: float, stack: ExitStack) -> Iterator[Event]:
        """Sound from the block that holds ``start`` on."""
        container = self._open("audio", stack)
        if container is None:
            return
        line = self._set_down(container, "audio", start - RUN_IN)
        if line is None:
            container, line = self._open("audio", stack), self._timeline()
        if container is None:
            return
        for event in self._sound(container, line):
            if isinstance(event, AudioBlock) and event.end > start:
                yield event

    # ---- decoding ---------------------------------------------------------------------------------------

    def _open(self, kind: Kind, stack: ExitStack) -> InputContainer | None:
        try:
            return stack.enter_context(self._layout.open())
        except av.FFmpegError as error:
            self.account.broken[kind] = ffmpeg_text(error)
            return None

    def _timeline(self) -> Timeline:
        return Timeline(self._layout.start, self._layout.longest)

    def _set_down(self, container: InputContainer, kind: Kind, at: float) -> Timeline | None:
        """Go on with the stream from its last key frame of time ``at`` or before, if the format can."""
        stream = container.streams[self._layout.index[kind]]
        if at <= 0.0 or stream.time_base is None:
            return None
        shift = next((moved for time, moved in reversed(self._known_shifts) if time <= at), Fraction(0))
        try:
            goal = (self._layout.start + Fraction(at) - shift) / stream.time_base
            container.seek(math.floor(goal), stream=stream)
        except (av.FFmpegError, OverflowError):
            return None
        return Timeline(self._layout.start, self._layout.longest, shift, anywhere=True)

    def _decoded(self, container: InputContainer, kind: Kind, timeline: Timeline) -> Iterator[Any]:
        """All that decodes of one stream, and jumps of its clock; what does not decode is counted."""
        layout = self._layout
        stream: Any = container.streams[layout.index[kind]]
        # One thread: with several, damaged pictures come out differently from run to run.
        stream.codec_context.thread_count = 1
        try:
            # All streams, for what the others' packets tell of the clock.
            for packet in container.demux([container.streams[number] for number in layout.index.values()]):
                if self._given_up():
                    return
                jump = timeline.place(packet)
                if packet.stream.index != stream.index:
                    continue
                if jump is not None:
                    yield jump
                if packet.size > LONGEST_PACKET:
                    self.account.damage[kind] += 1
                    continue
                try:
                    decoded = packet.decode()
                except UNUSABLE:
                    self.account.damage[kind] += 1
                    continue
                yield from decoded
        except av.FFmpegError as error:
            self.account.broken[kind] = ffmpeg_text(error)
            with suppress(av.FFmpegError):
                yield from stream.codec_context.decode(None)  # the pictures it still held

    def _pictures(self, container: InputContainer, timeline: Timeline, start: float) -> Iterator[Event]:
        clock = self.account.clocks["video"] = FileClock(self._layout.start)
        upright = Upright(self._layout.aspect)
        fps = self._layout.fps
        usual = 1.0 / (RATE_ALONE if math.isnan(fps) else fps)
        newest: tuple[av.VideoFrame, float] | None = None  # of ``start`` or before
        jump: Jump | None = None
        count = 0

        def frames(picture: av.VideoFrame, at: float) -> Iterator[Frame]:
            try:
                yield Frame(upright(picture), at, time.perf_counter())
            except UNUSABLE:
                self.account.damage["video"] += 1

        for picture in self._decoded(container, "video", timeline):
            if isinstance(picture, Jump):
                jump = picture
                continue
            self.account.damage["video"] += bool(picture.is_corrupt)
            count += 1
            length = float(picture.duration * picture.time_base) if picture.duration else usual
            at = clock.place(picture, length)
            self.account.ends["video"] = clock.end
            if at <= start:
                newest = picture, at
                continue
            if newest is not None:
                yield from frames(*newest)
                newest = None
            if jump is not None and at >= jump.time - EXACT:
                self._jumped("video", jump, timeline)
                if count > 2:  # else the first picture's stamp was the odd one, and one picture is no stream
                    yield Gap("video", at, jump.words.capitalize())
                jump = None
            yield from frames(picture, at)
        if newest is not None:
            yield from frames(*newest)

    def _sound(self, container: InputContainer, timeline: Timeline) -> Iterator[Event]:
        clock = self.account.clocks["audio"] = FileClock(self._layout.start)
        # Samples a second, first time, and samples so far, of the run without a gap.
        rate, begin, count = 0, 0.0, 0
        reason = ""
        alone = "video" not in self._layout.index  # its samples are its clock: stamps may only leave holes
        for piece in self._decoded(container, "audio", timeline):
            if isinstance(piece, Jump):
                self._jumped("audio", piece, timeline)
                reason = piece.words.capitalize()
                continue
            if why := unusable_rate(piece.sample_rate):
                self.account.broken["audio"] = why
                continue
            try:
                samples = mono(piece)
            except UNUSABLE:
                self.account.damage["audio"] += 1
                continue
            if not np.isfinite(samples).all():
                self.account.damage["audio"] += 1
                samples = np.nan_to_num(samples, posinf=0.0, neginf=0.0)
            end, length = clock.end, len(samples) / piece.sample_rate
            at = clock.place(piece, length)
            if alone and at < end:
                at, clock.end = end, end + length
            if rate:
                stray = at - (begin + count / rate)
                if piece.sample_rate != rate:
                    reason = f"The sample rate changes from {rate} to {piece.sample_rate} Hz"
                elif abs(stray) > GAP and not reason:
                    reason = f"{stray:.2f} s of sound are missing" if stray > 0 else "Sound overlaps"
                if reason:
                    yield Gap("audio", min(end, at), reason)
                    count, reason = 0, ""
            if not count:
                rate, begin = piece.sample_rate, at
            count += len(samples)
            self.account.ends["audio"] = clock.end
            yield AudioBlock(samples, rate, at, time.perf_counter())

    def _jumped(self, kind: Kind, jump: Jump, timeline: Timeline) -> None:
        self.account.jumps[kind].append(jump)
        if len(timeline.shifts) > len(self.shifts):
            self.shifts = timeline.shifts
