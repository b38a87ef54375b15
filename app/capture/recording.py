"""A recording on disk: one decoding path for playing, for headless runs and for making data sets.

Picture and sound are read through two demuxers of their own and merged by time, so a badly interleaved file
costs no memory and the order of events depends on nothing but the file.
"""

from __future__ import annotations

import heapq
import math
import time
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, suppress
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import VideoReformatter

from app.capture.clocks import FileClock, start_of
from app.capture.decoded import ffmpeg_text, mean_rate, mono, turned
from app.capture.file_faults import (
    PLAYABLE,
    check_file,
    is_recording,
    promises_duration,
    remedy_for,
    riff_cut,
)
from app.capture.media import AudioBlock, CaptureError, Frame, Kind

# PyAV's log callback takes the GIL from FFmpeg's threads and can deadlock: off, before the first decode.
av.logging.set_level(None)

GAP = 0.1  # seconds by which sound may stray from its sample count before that is a gap
SHORTFALL = 0.5  # seconds a file may end before its header says
LEADS = (0.0, 2.0, 10.0)  # seconds before the wanted picture to set the decoder down at, in turn
RUN_IN = 0.5  # seconds of sound a decoder is given to settle before the sound that is wanted
EXACT = 1e-6  # seconds within which two times of one picture agree
_OPTIONS = {"protocol_whitelist": "file"}  # a file must not make the program open a connection


@dataclass(frozen=True, slots=True)
class Gap:
    """Sound is missing from ``time`` on; the next block of that kind begins anew."""

    kind: Kind
    time: float
    reason: str


Event = Frame | AudioBlock | Gap


class Recording:
    """A media file, opened and looked through; `events` decodes it from the start as often as called.

    Parameters
    ----------
    path : str or Path
        The file.

    Attributes
    ----------
    name : str
        The file's name.
    has_video, has_audio : bool
        Whether there is moving picture (cover art is not) and sound that can be decoded.
    kinds : frozenset of {"video", "audio"}
        The same as a set.
    duration : float
        Seconds, from the header where it says, else from the packets.
    fps : float
        Mean pictures a second by the timestamps of the first ones; nan without picture.
    size : tuple of int
        Width and height of the upright picture, pixels; (0, 0) without picture.
    rate : int
        Samples a second of the sound; 0 without sound.
    truncated : str
        After `events` ran to its end: why the recording is shorter or damaged, "" when it is whole.

    Raises
    ------
    CaptureError
        When the file is missing, empty, cut off before its index, no media, or not readable.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = self.path.name
        self.truncated = ""
        self.duration = self.fps = math.nan
        self.size = (0, 0)
        self.rate = 0
        check_file(self.path)
        try:
            with self._open() as container:
                self._read_header(container)
                if "video" in self._index:
                    self.fps = mean_rate(container, container.streams[self._index["video"]])
            self._look_at_first()
        except av.FFmpegError as error:
            cause = f"{self.name} cannot be read as video or sound: {ffmpeg_text(error)}."
            raise CaptureError(cause, remedy_for(self.path)) from error

    @property
    def has_video(self) -> bool:
        return "video" in self.kinds

    @property
    def has_audio(self) -> bool:
        return "audio" in self.kinds

    def events(self) -> Generator[Event, None, None]:
        """Decode the whole file.

        Yields
        ------
        Frame, AudioBlock or Gap
            Every picture, all sound as mono blocks at the file's own rate, in rising order of ``time``
            (seconds from the container's start), picture first among equals.  No frame is left out.
        """
        self.truncated = ""
        self._clear_account()
        with ExitStack() as stack:
            streams: list[Iterator[Event]] = []
            if self.has_video:
                streams.append(self._pictures(stack.enter_context(self._open())))
            if self.has_audio:
                streams.append(self._sound(stack.enter_context(self._open())))
            yield from heapq.merge(*streams, key=lambda event: event.time)
        self.truncated = self._what_is_missing()

    def events_from(self, start: float, known: Sequence[float]) -> Generator[Frame | AudioBlock, None, None]:
        """Decode from ``start`` on, beside any run of `events`.

        Parameters
        ----------
        start : float
            Seconds.
        known : sequence of float
            The times of the pictures up to there, as `events` gave them: where a file's own index leads
            elsewhere (times that fall or are missing), it is decoded from its beginning instead.

        Yields
        ------
        Frame or AudioBlock
            The newest picture of ``start`` or before, then as `events`; sound from the block that holds
            ``start``.
        """
        other = copy(self)  # with an account of its own of damage and ends
        other._clear_account()
        with ExitStack() as stack:
            streams: list[Iterator[Frame | AudioBlock]] = []
            if self.has_video:
                streams.append(other._pictures_from(start, known, stack))
            if self.has_audio:
                streams.append(other._sound_from(start, stack))
            yield from heapq.merge(*streams, key=lambda event: event.time)

    def sound_from(self, start: float) -> Generator[AudioBlock, None, None]:
        """Decode the sound alone, from the block that holds ``start`` on, beside any run of `events`."""
        other = copy(self)
        other._clear_account()
        with ExitStack() as stack:
            yield from other._sound_from(start, stack)

    def _clear_account(self) -> None:
        self._damage: dict[Kind, int] = dict.fromkeys(sorted(self.kinds), 0)
        self._broken: dict[Kind, str] = {}
        self._ends: dict[Kind, float] = dict.fromkeys(sorted(self.kinds), 0.0)

    def _open(self) -> InputContainer:
        return av.open(str(self.path.absolute()), options=_OPTIONS)

    def _read_header(self, container: InputContainer) -> None:
        form = container.format.name
        if not is_recording(form):
            raise CaptureError(f"{self.name} is no recording (FFmpeg reads it as {form}).", PLAYABLE)
        self._form = form
        self._index: dict[Kind, int] = {}
        still = Disposition.attached_pic | Disposition.still_image
        for stream in container.streams:
            if stream.type in ("video", "audio") and stream.codec_context and not stream.disposition & still:
                self._index.setdefault(stream.type, stream.index)
        self._start = start_of(container, self._index.values())
        # What the header promises, of the file and of each stream where the format says.
        self._promised: dict[str, float] = {}
        if container.duration is not None:
            self._promised["file"] = container.duration / av.time_base
        for kind, index in self._index.items():
            stream = container.streams[index]
            if stream.duration is not None and stream.time_base is not None:
                end = ((stream.start_time or 0) + stream.duration) * stream.time_base
                self._promised[kind] = float(end - self._start)
        self.duration = self._promised.get("file", math.nan)

    def _look_at_first(self) -> None:
        """Decode the first picture and the first sound: only what decodes is had."""
        self.kinds: frozenset[Kind] = frozenset(self._index)
        self._clear_account()
        found: set[Kind] = set()
        if self.has_video:
            with self._open() as container:
                for frame in islice(self._pictures(container), 1):
                    found.add("video")
                    self.size = (frame.image.shape[1], frame.image.shape[0])
        if self.has_audio:
            with self._open() as container:
                for block in islice(self._sound(container), 1):
                    if isinstance(block, AudioBlock):
                        found.add("audio")
                        self.rate = block.rate
        if not found:
            why = next(iter(self._broken.values()), "no stream with pictures or sound that decode")
            raise CaptureError(f"{self.name} has neither picture nor sound: {why}.", remedy_for(self.path))
        self.kinds = frozenset(found)
        if math.isnan(self.duration):
            self.duration = self._measure()

    def _measure(self) -> float:
        """The duration of a file whose header has none (a browser's recordings): the last packet's end."""
        end = self._start
        with self._open() as container:
            for packet in container.demux():
                if packet.pts is not None and packet.time_base is not None:
                    end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base)
        return float(end - self._start)

    def _decoded(self, container: InputContainer, kind: Kind) -> Iterator:
        """All that decodes of one stream; what does not is counted, not raised."""
        stream: Any = container.streams[self._index[kind]]
        # One thread: with several, damaged pictures come out differently from run to run.
        stream.codec_context.thread_count = 1
        try:
            for packet in container.demux(stream):
                try:
                    decoded = packet.decode()
                except av.FFmpegError:
                    self._damage[kind] += 1
                    continue
                yield from decoded
        except av.FFmpegError as error:
            self._broken[kind] = ffmpeg_text(error)
            with suppress(av.FFmpegError):
                yield from stream.codec_context.decode(None)  # the pictures it still held

    def _pictures(self, container: InputContainer, start: float = -math.inf) -> Iterator[Frame]:
        """All pictures, but of those of ``start`` and before only the newest."""
        clock = FileClock(self._start)
        reformatter = VideoReformatter()  # keeps its scaler between pictures
        # Pixels that are not square (DV, DVD) would make people too thin or too fat.
        aspect = getattr(container.streams[self._index["video"]], "sample_aspect_ratio", None) or 1
        usual = 0.0 if math.isnan(self.fps) else 1.0 / self.fps

        def upright(picture: av.VideoFrame, at: float) -> Frame:
            shaped = reformatter.reformat(picture, round(picture.width * aspect), format="bgr24", threads=1)
            # The file says by how much to turn it, counter-clockwise, for it to stand upright.
            image = turned(np.ascontiguousarray(shaped.to_ndarray()), round(picture.rotation / 90) % 4)
            return Frame(image, at, time.monotonic())

        newest: tuple[av.VideoFrame, float] | None = None  # of ``start`` or before
        for picture in self._decoded(container, "video"):
            self._damage["video"] += bool(picture.is_corrupt)
            length = float(picture.duration * picture.time_base) if picture.duration else usual
            at = clock.place(picture, length)
            self._ends["video"] = clock.end
            if at <= start:
                newest = picture, at
                continue
            if newest is not None:
                yield upright(*newest)
                newest = None
            yield upright(picture, at)
        if newest is not None:
            yield upright(*newest)

    def _pictures_from(self, start: float, known: Sequence[float], stack: ExitStack) -> Iterator[Frame]:
        wanted = known[max(0, bisect_right(known, start + EXACT) - 1)] if known else start
        for lead in LEADS:
            container = stack.enter_context(self._open())
            if wanted > lead and self._set_down(container, "video", wanted - lead):
                pictures = self._pictures(container, wanted + EXACT)
                first = next(pictures, None)
                if first is not None and abs(first.time - wanted) <= EXACT:
                    yield first
                    yield from pictures
                    return
        yield from self._pictures(stack.enter_context(self._open()), wanted + EXACT)

    def _sound_from(self, start: float, stack: ExitStack) -> Iterator[AudioBlock]:
        container = stack.enter_context(self._open())
        if not self._set_down(container, "audio", start - RUN_IN):
            container = stack.enter_context(self._open())
        for event in self._sound(container):
            if isinstance(event, AudioBlock) and event.end > start:
                yield event

    def _set_down(self, container: InputContainer, kind: Kind, at: float) -> bool:
        """Go on with the stream from its last key frame of time ``at`` or before, if the format can."""
        stream = container.streams[self._index[kind]]
        if at <= 0.0 or stream.time_base is None:
            return False
        try:
            container.seek(math.floor((self._start + Fraction(at)) / stream.time_base), stream=stream)
        except av.FFmpegError:
            return False
        return True

    def _sound(self, container: InputContainer) -> Iterator[AudioBlock | Gap]:
        clock = FileClock(self._start)
        # Samples a second, first time, and samples so far, of the run without a gap.
        rate, begin, count = 0, 0.0, 0
        for piece in self._decoded(container, "audio"):
            samples = mono(piece)
            end = clock.end
            at = clock.place(piece, len(samples) / piece.sample_rate)
            if rate:
                stray = at - (begin + count / rate)
                if piece.sample_rate != rate:
                    yield Gap("audio", end, f"The sample rate changes from {rate} to {piece.sample_rate} Hz")
                    count = 0
                elif abs(stray) > GAP:
                    what = f"{stray:.2f} s of sound are missing" if stray > 0 else "Sound overlaps"
                    yield Gap("audio", end, what)
                    count = 0
            if not count:
                rate, begin = piece.sample_rate, at
            count += len(samples)
            self._ends["audio"] = clock.end
            yield AudioBlock(samples, rate, at, time.monotonic())

    def _what_is_missing(self) -> str:
        """Compare what was decoded with what the header promised."""
        reasons = [f"{kind}: {text}" for kind, text in self._broken.items()]
        if promises_duration(self._form, self.path):
            reasons += [
                f"{part}: ends at {had:.1f} s, the header says {self._promised[part]:.1f} s"
                for part, had in self._had()
                if self._promised[part] - had > SHORTFALL
            ]
        reasons += [f"{kind}: {n} damaged packet{'s' * (n > 1)}" for kind, n in self._damage.items() if n]
        return "; ".join(reasons + riff_cut(self.path))

    def _had(self) -> list[tuple[str, float]]:
        """The end, seconds, of each part of which the header promises one."""
        streams = [(str(kind), end) for kind, end in self._ends.items() if kind in self._promised]
        whole = [("file", max(self._ends.values()))] if "file" in self._promised else []
        return streams or whole
