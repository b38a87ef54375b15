"""A recording on disk: one decoding path for playing, for headless runs and for making data sets.

Picture and sound are read through two demuxers of their own and merged by time, so a badly interleaved file
costs no memory and the order of events depends on nothing but the file.
"""

from __future__ import annotations

import heapq
import math
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import VideoReformatter

from app.capture.media import AudioBlock, CaptureError, Frame, Kind

# PyAV's log callback takes the GIL from FFmpeg's threads and can deadlock: off, before the first decode.
av.logging.set_level(None)

GAP = 0.1  # seconds by which sound may stray from its sample count before that is a gap
JUMP = 0.5  # seconds timestamps must fall back by to mean another recording joined on, not jitter
SHORTFALL = 0.5  # seconds a file may end before its header says
PLAYABLE = "Choose a video or sound file, for example MP4, MKV, WebM, MOV, AVI, WAV, FLAC, OGG or MP3."

# Their durations are guesses from the bit rate, so they prove no truncation.
_GUESSED = frozenset({"aac", "ac3", "eac3", "mp3", "mpeg", "mpegvideo", "h264", "hevc", "m4v", "amr", "dts"})
# FFmpeg "plays" any text as teletype art, and directories of numbered pictures as film.
_NOT_MEDIA = frozenset({"tty", "bin", "xbin", "adf", "idf", "image2", "concat", "hls", "dash", "sdp"})
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
        self._check_file()
        try:
            with self._open() as container:
                self._read_header(container)
                if "video" in self._index:
                    self.fps = _mean_rate(container, container.streams.video[self._index["video"]])
            self._look_at_first()
        except av.FFmpegError as error:
            raise CaptureError(
                f"{self.name} cannot be read as video or sound: {_ffmpeg_text(error)}.",
                _remedy_for(self.path),
            ) from error

    @property
    def has_video(self) -> bool:
        return "video" in self.kinds

    @property
    def has_audio(self) -> bool:
        return "audio" in self.kinds

    def events(self) -> Iterator[Event]:
        """Decode the whole file.

        Yields
        ------
        Frame, AudioBlock or Gap
            Every picture, all sound as mono blocks at the file's own rate, in rising order of ``time``
            (seconds from the container's start), picture first among equals.  No frame is left out.
        """
        self.truncated = ""
        self._damage: dict[Kind, int] = dict.fromkeys(self.kinds, 0)
        self._broken: dict[Kind, str] = {}
        self._ends: dict[Kind, float] = dict.fromkeys(self.kinds, 0.0)
        with ExitStack() as stack:
            streams: list[Iterator[Event]] = []
            if self.has_video:
                streams.append(self._pictures(stack.enter_context(self._open())))
            if self.has_audio:
                streams.append(self._sound(stack.enter_context(self._open())))
            yield from heapq.merge(*streams, key=lambda event: event.time)
        self.truncated = self._what_is_missing()

    # ---------------------------------------------------------------- opening

    def _open(self) -> InputContainer:
        return av.open(str(self.path.absolute()), options=_OPTIONS)

    def _check_file(self) -> None:
        """Say in plain words what the operating system has against the file."""
        try:
            state = self.path.stat()
            if stat.S_ISDIR(state.st_mode):
                raise CaptureError(f"{self.name} is a folder, not a file.", PLAYABLE)
            if not stat.S_ISREG(state.st_mode):
                raise CaptureError(f"{self.name} is not a regular file.", PLAYABLE)
            if state.st_size == 0:
                raise CaptureError(f"{self.name} is empty (0 bytes).", "Copy or record it again.")
            with self.path.open("rb"):
                pass
        except FileNotFoundError:
            raise CaptureError(f"There is no file {self.path}.", "Check the path.") from None
        except PermissionError:
            raise CaptureError(
                f"{self.path} may not be read by this user.", "Change its permissions, or copy it."
            ) from None
        except (OSError, ValueError) as error:
            raise CaptureError(f"{self.path} cannot be read: {error}.", "Check the path.") from error

    def _read_header(self, container: InputContainer) -> None:
        form = container.format.name
        if _NOT_MEDIA.intersection(form.split(",")) or form.endswith("_pipe"):
            raise CaptureError(f"{self.name} is no recording (FFmpeg reads it as {form}).", PLAYABLE)
        self._form = form
        self._start = (container.start_time or 0) / av.time_base
        self._index: dict[Kind, int] = {}
        moving = [
            n
            for n, stream in enumerate(container.streams.video)
            if not stream.disposition & (Disposition.attached_pic | Disposition.still_image)
            and stream.codec_context is not None
        ]
        if moving:
            self._index["video"] = moving[0]
        hearable = [n for n, s in enumerate(container.streams.audio) if s.codec_context is not None]
        if hearable:
            self._index["audio"] = hearable[0]
        # What the header promises, of the file and of each stream where the format says.
        self._promised: dict[str, float] = {}
        if container.duration is not None:
            self._promised["file"] = container.duration / av.time_base
        for kind, index in self._index.items():
            stream = getattr(container.streams, kind)[index]
            if stream.duration is not None and stream.time_base is not None:
                begin = (stream.start_time or 0) * stream.time_base
                self._promised[kind] = float(begin + stream.duration * stream.time_base) - self._start
        self.duration = self._promised.get("file", math.nan)

    def _look_at_first(self) -> None:
        """Decode the first picture and the first sound: only what decodes is had."""
        self.kinds: frozenset[Kind] = frozenset(self._index)
        self._damage, self._broken, self._ends = dict.fromkeys(self.kinds, 0), {}, {}
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
            raise CaptureError(f"{self.name} has neither picture nor sound: {why}.", _remedy_for(self.path))
        self.kinds = frozenset(found)
        if math.isnan(self.duration):
            self.duration = self._measure()

    def _measure(self) -> float:
        """The duration of a file whose header has none (a browser's recordings): the last packet's end."""
        end = 0.0
        with self._open() as container:
            for packet in container.demux():
                if packet.pts is not None and packet.time_base is not None:
                    end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        return end - self._start

    # --------------------------------------------------------------- decoding

    def _decoded(self, container: InputContainer, kind: Kind) -> Iterator:
        """All that decodes of one stream; what does not is counted, not raised."""
        stream = getattr(container.streams, kind)[self._index[kind]]
        stream.thread_type = "AUTO"
        try:
            for packet in container.demux(stream):
                try:
                    decoded = packet.decode()
                except av.FFmpegError:
                    self._damage[kind] += 1
                    continue
                yield from decoded
        except av.FFmpegError as error:
            self._broken[kind] = _ffmpeg_text(error)
            yield from stream.codec_context.decode(None)  # the pictures it still held

    def _pictures(self, container: InputContainer) -> Iterator[Frame]:
        clock = _Clock(self._start)
        reformatter = VideoReformatter()  # keeps its scaler between pictures
        usual = 0.0 if math.isnan(self.fps) else 1.0 / self.fps
        for picture in self._decoded(container, "video"):
            self._damage["video"] += bool(picture.is_corrupt)
            length = float(picture.duration * picture.time_base) if picture.duration else usual
            at = clock.place(picture, length)
            image: np.ndarray = reformatter.reformat(picture, format="bgr24", threads=1).to_ndarray()
            if picture.rotation % 360:
                # The file says by how much to turn it, counter-clockwise, for it to stand upright.
                image = np.ascontiguousarray(np.rot90(image, round(picture.rotation / 90)))
            self._ends["video"] = clock.end
            yield Frame(image, at, time.monotonic())

    def _sound(self, container: InputContainer) -> Iterator[AudioBlock | Gap]:
        clock = _Clock(self._start)
        rate, begin, count = (
            0,
            0.0,
            0,
        )  # of the run without a gap: samples a second, first time, samples so far
        for piece in self._decoded(container, "audio"):
            samples = _mono(piece)
            end = clock.end
            at = clock.place(piece, len(samples) / piece.sample_rate)
            if rate:
                stray = at - (begin + count / rate)
                if piece.sample_rate != rate:
                    yield Gap("audio", end, f"the sample rate changes from {rate} to {piece.sample_rate} Hz")
                    count = 0
                elif abs(stray) > GAP:
                    yield Gap("audio", end, f"{stray:.2f} s of sound are missing" if stray > 0 else "overlap")
                    count = 0
            if not count:
                rate, begin = piece.sample_rate, at
            count += len(samples)
            self._ends["audio"] = clock.end
            yield AudioBlock(samples, rate, at, time.monotonic())

    def _what_is_missing(self) -> str:
        """Compare what was decoded with what the header promised."""
        reasons = [f"{kind}: {text}" for kind, text in self._broken.items()]
        promised = {} if self._form in _GUESSED else dict(self._promised)
        whole = promised.pop("file", 0.0)
        if whole - max(self._ends.values()) > SHORTFALL:
            promised["file"] = whole
        for part, until in promised.items():
            had = self._ends.get(part, max(self._ends.values()))  # type: ignore[call-overload]
            if until - had > SHORTFALL:
                reasons.append(f"{part}: ends at {had:.1f} s, the header says {until:.1f} s")
        reasons += [f"{kind}: {n} damaged packets" for kind, n in self._damage.items() if n]
        return "; ".join(reasons)


class _Clock:
    """Places one stream's frames on the file's clock: seconds from the container's start, never falling."""

    def __init__(self, start: float) -> None:
        self._shift = -start
        self._last = -math.inf
        self.end = 0.0

    def place(self, frame: av.VideoFrame | av.AudioFrame, length: float) -> float:
        stamp = frame.pts if frame.pts is not None else frame.dts  # AVI has only decoding times
        at = self.end
        if stamp is not None and frame.time_base is not None:
            at = float(stamp * frame.time_base) + self._shift
        if at < self._last - JUMP:
            self._shift += self.end - at
            at = self.end
        self._last = at = max(at, self._last)
        self.end = at + length
        return at


def _mono(piece: av.AudioFrame) -> np.ndarray:
    """The mean of the channels as float32, full scale ±1, shape (n,)."""
    samples: np.ndarray = piece.to_ndarray()  # planar: (channels, n); packed: (1, n * channels)
    if piece.format.is_packed:
        samples = samples.reshape(-1, len(piece.layout.channels)).T
    if samples.dtype == np.uint8:
        samples = (samples.astype(np.float32) - 128.0) / 128.0
    elif samples.dtype.kind == "i":
        samples = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
    return samples.mean(axis=0, dtype=np.float32)


def _mean_rate(container: InputContainer, stream: av.VideoStream) -> float:
    """Pictures a second by the timestamps of the first 300 packets (containers often lie)."""
    stamps = [p.pts for p in islice(container.demux(stream), 300) if p.pts is not None]
    if len(stamps) < 2 or stream.time_base is None or max(stamps) == min(stamps):
        return float(stream.average_rate or math.nan)
    return (len(stamps) - 1) / float((max(stamps) - min(stamps)) * stream.time_base)


def _ffmpeg_text(error: av.FFmpegError) -> str:
    return (error.strerror or str(error)).rstrip(".")


def _remedy_for(path: Path) -> str:
    if _lacks_index(path):
        return "It was cut off before its index (moov) was written: copy or record it again."
    return PLAYABLE


def _lacks_index(path: Path) -> bool:
    """Whether this is an MP4 or MOV whose index never came: FFmpeg says no more than "invalid data"."""
    with path.open("rb") as file:
        size = path.stat().st_size
        kinds: list[bytes] = []
        at = 0
        while at + 8 <= size and len(kinds) < 64:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[:4], "big")
            kinds.append(head[4:8])
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                break
            at += length
    return kinds[:1] == [b"ftyp"] and b"moov" not in kinds
