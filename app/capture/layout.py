"""What is in a media file by its header, and what of it can be used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

import av
from av.container import InputContainer

from app.capture.file_faults import (
    PLAYABLE,
    check_file,
    is_recording,
    printable,
    remedy_for,
)
from app.capture.media import CaptureError, Kind
from app.capture.stamps import LEAP, LEAP_OF_STREAMS, Timeline, longest_hole, start_of
from app.capture.streams import LARGEST, StreamInfo, choose

# PyAV's log callback takes the GIL from FFmpeg's threads and can deadlock: off, before the first decode.
av.logging.set_level(None)

LONGEST_PACKET = 128 << 20  # bytes
NARROWEST, WIDEST = Fraction(1, 5), Fraction(5)  # pixels of cameras and films, width by height
RATE_ALONE = 25.0  # pictures a second where nothing says how many
SLOWEST, FASTEST = 0.01, 1000.0  # pictures a second that are believed
FIRST = 300  # packets by which the rate is taken
PROBED = 2_000_000  # packets looked through, at most, for a duration that the header lacks
# Times as long as the bytes of the first packets let expect: below and beyond, a duration is measured.
ODDLY_SHORT, ODDLY_LONG = 0.5, 20.0

_OPTIONS = {"protocol_whitelist": "file"}  # a file must not make the program open a connection


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file holds.

    Attributes
    ----------
    path : Path
    name : str
        The file's name as it can be printed.
    form : str
        FFmpeg's name of the format.
    index : dict of {"video", "audio"} to int
        The stream that is used of each kind.
    streams : tuple of StreamInfo
        All that could be used.
    start : Fraction
        Time 0, in seconds of the file's own clock.
    longest : float
        Seconds without a packet beyond which the clock has jumped.
    promised : dict of str to float
        The ends that the header states, seconds: of the ``"file"``, and of each kind where it says.
    duration : float
        Seconds, from the header where it can be believed, else from the packets.
    fps : float
        Mean pictures a second by the timestamps of the first ones; nan without picture.
    aspect : Fraction
        Width of a pixel by its height.
    remarks : tuple of str
        What is not taken as the file states it.
    """

    path: Path
    name: str
    form: str
    index: dict[Kind, int]
    streams: tuple[StreamInfo, ...]
    start: Fraction
    longest: float
    promised: dict[str, float]
    duration: float
    fps: float
    aspect: Fraction
    remarks: tuple[str, ...]

    def open(self) -> InputContainer:
        """The file, opened anew.

        Raises
        ------
        av.FFmpegError
            It is gone, or no longer what it was.
        """
        return open_media(self.path)


def open_media(path: Path) -> InputContainer:
    """A file for decoding, with the limits that every file is held to."""
    options = _OPTIONS | {"max_pixels": str(LARGEST)}
    container = av.open(str(path.absolute()), options=options, metadata_errors="replace")
    for stream in container.streams.video:
        if stream.codec_context:
            stream.codec_context.options = {"max_pixels": str(LARGEST)}
    return container


def read_layout(path: Path, wanted: Mapping[Kind, int] = MappingProxyType({})) -> Layout:
    """Look into a file.

    Parameters
    ----------
    path : Path
    wanted : mapping of {"video", "audio"} to int
        Streams to use in place of those that would be chosen.

    Raises
    ------
    CaptureError
        It is missing, empty, cut off before its index, no media, not readable, or beyond the limits.
    """
    check_file(path)
    name = printable(path.name)
    try:
        with open_media(path) as container:
            form = container.format.name
            if not is_recording(form):
                raise CaptureError(f"{name} is no recording (FFmpeg reads it as {form}).", PLAYABLE)
            remarks: list[str] = []
            index, streams = choose(container, wanted, remarks)
            if remarks and not index:
                raise CaptureError(f"{name} cannot be used: {'; '.join(remarks)}.", PLAYABLE)
            _check_packets(container, path, name)
            aspect = _aspect(container, index, remarks)
            start = start_of(container, index.values())
            promised = _promised(container, index, start)
            longest = longest_hole(container)
            fps, per_second = _rates(container, index, start, longest, remarks)
        duration = promised.get("file", 0.0)
        expected = path.stat().st_size / per_second
        # Only of a broadcast: elsewhere a film may begin in the dark, with few bytes a second.
        least = ODDLY_SHORT * expected if longest < LEAP else 0.0
        if not least < duration <= ODDLY_LONG * expected:
            duration, jumps = _measure(path, index, start, longest, fps)
            promised = {} if jumps else promised  # the header counts from one clock to the other
    except (av.FFmpegError, OSError) as error:
        check_file(path)  # it may have gone since, and that says more
        cause = f"{name} cannot be read as video or sound: {ffmpeg_text(error)}."
        raise CaptureError(cause, remedy_for(path)) from error
    return Layout(
        path, name, form, index, streams, start, longest, promised, duration, fps, aspect, tuple(remarks)
    )


def ffmpeg_text(error: av.FFmpegError | OSError) -> str:
    """What FFmpeg, or the system, says, without its number."""
    return (error.strerror or str(error)).rstrip(".")


def _check_packets(container: InputContainer, path: Path, name: str) -> None:
    """Refuse packets that would fill the memory, where the index tells before one is read."""
    if path.stat().st_size <= LONGEST_PACKET:
        return
    longest = max((entry.size for stream in container.streams for entry in stream.index_entries), default=0)
    if longest > LONGEST_PACKET:
        cause = f"{name} has a packet of {longest >> 20:,} MB, more than {LONGEST_PACKET >> 20}."
        raise CaptureError(cause, PLAYABLE)


def _aspect(container: InputContainer, index: dict[Kind, int], remarks: list[str]) -> Fraction:
    if "video" not in index:
        return Fraction(1)
    aspect = getattr(container.streams[index["video"]], "sample_aspect_ratio", None) or Fraction(1)
    if NARROWEST <= aspect <= WIDEST:
        return aspect
    remarks.append(f"a pixel aspect of {aspect.numerator}:{aspect.denominator} is taken as 1:1")
    return Fraction(1)


def _promised(container: InputContainer, index: dict[Kind, int], start: Fraction) -> dict[str, float]:
    promised: dict[str, float] = {}
    if container.duration is not None:
        promised["file"] = container.duration / av.time_base
    for kind, number in index.items():
        stream = container.streams[number]
        if stream.duration is not None and stream.time_base is not None:
            end = ((stream.start_time or 0) + stream.duration) * stream.time_base
            promised[kind] = float(end - start)
    return promised


def _rates(
    container: InputContainer, index: dict[Kind, int], start: Fraction, longest: float, remarks: list[str]
) -> tuple[float, float]:
    """Pictures and bytes a second, by the first packets: containers often lie."""
    if not index:
        return math.nan, math.inf
    timeline, stamps, size, end = Timeline(start, longest), [], 0, 0.0
    streams = [container.streams[number] for number in index.values()]
    with suppress(av.FFmpegError):
        for packet in islice(container.demux(streams), FIRST * len(streams)):
            timeline.place(packet)
            size += packet.size
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base - start))
                if packet.stream.index == index.get("video"):
                    stamps.append(float(packet.pts * packet.time_base))
    per_second = size / end if size and end > 0.0 else math.inf
    if "video" not in index:
        return math.nan, per_second
    stream: Any = container.streams[index["video"]]
    stamps.sort()
    steps = [after - before for before, after in pairwise(stamps) if after > before]
    usual = median(steps) if steps else math.nan
    regular = [step for step in steps if step <= max(LEAP_OF_STREAMS, usual)]
    if regular:
        return len(stamps[1:]) / sum(regular), per_second
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    rate = rate if SLOWEST <= rate <= FASTEST else RATE_ALONE
    if not stamps:
        remarks.append(f"its pictures have no time stamps and are taken as {rate:g} a second")
    return rate, per_second


def _measure(
    path: Path, index: dict[Kind, int], start: Fraction, longest: float, fps: float
) -> tuple[float, bool]:
    """The duration by the packets, where the header has none (a browser's recordings) or none to believe.

    Also whether the time stamps jump.
    """
    timeline = Timeline(start, longest)
    end, bare = 0.0, 0.0
    with open_media(path) as container, suppress(av.FFmpegError):  # as far as it goes
        streams = [container.streams[number] for number in index.values()]
        for packet in islice(container.demux(streams), PROBED):
            timeline.place(packet)
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base - start))
            elif packet.size and packet.stream.index == index.get("video"):
                bare += 1.0 / fps
    return max(end, bare), bool(timeline.shifts)
