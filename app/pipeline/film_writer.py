"""Pictures and sound into a film that plays whatever ends the writing: an MP4 in whole pieces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from app.capture.media import AudioBlock
from app.capture.opencv import cv2

CLOCK = Fraction(1, 90_000)  # seconds of a tick of the picture's time stamps
# Whole pieces from the first second on: what was written plays, whatever ends the writing.
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
PIECE = 30  # pictures
# AAC has no rates between these; others are resampled to the next.
RATES = (8000, 16000, 22050, 32000, 44100, 48000)
PLACED = 0.01  # seconds by which sound may lie beside its time before some is left out or silence put in


class FilmWriter:
    """Encodes pictures and sound at the times they have.

    Parameters
    ----------
    path : Path
        An MP4; replaced.
    fps : float
        Pictures a second, about; each is shown at its own time.
    sound_rate : int
        Samples a second of the sound that will come; 0 for a film without.
    live : bool
        Encode in less time and with one thread, into a larger file.

    Raises
    ------
    OSError
        From this and from every method: the file cannot be written (any further).
    """

    def __init__(self, path: Path, fps: float, sound_rate: int, live: bool = False) -> None:
        self._path = path
        with self._as_os_error():
            self._container = av.open(str(path), "w", format="mp4", options=FRAGMENTED)
        rate = Fraction(fps if 0 < fps < 1000 else 25.0).limit_denominator(1001)
        self._video: VideoStream = self._container.add_stream("libx264", rate=rate)
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = CLOCK
        # Pictures that are coded out of order would be shown late: a film in pieces has no list of edits.
        self._video.options = {"preset": "superfast" if live else "veryfast", "crf": "21", "bf": "0"}
        if live:
            self._video.options |= {"tune": "zerolatency"}
            self._video.codec_context.thread_count = 1
        self._video.codec_context.gop_size = PIECE
        self._size: tuple[int, int] | None = None
        self._last = -1  # time stamp of the newest picture
        self._early: list[AudioBlock] = []  # sound before the first picture: the film begins with that
        self._sound: _Sound | None = None
        if sound_rate:
            rate_of_sound = next((rate for rate in RATES if rate >= sound_rate), RATES[-1])
            stream = self._container.add_stream("aac", rate=rate_of_sound)
            stream.layout = "mono"
            self._sound = _Sound(stream, rate_of_sound)

    def picture(self, image: np.ndarray, time: float) -> None:
        """Write a picture (h, w, 3) BGR of even size; one of another size is fitted into the first's."""
        height, width = image.shape[:2]
        if self._size is None:
            self._size = self._video.width, self._video.height = width, height
        elif (width, height) != self._size:
            image = _fitted(image, self._size)
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = max(self._last + 1, round(time / CLOCK))
        frame.time_base = CLOCK
        self._last = frame.pts
        with self._as_os_error():
            self._container.mux(self._video.encode(frame))
        early, self._early = self._early, []
        for block in early:
            self.sound(block)

    def sound(self, block: AudioBlock) -> None:
        """Write a run of sound at its time: after a gap silence comes first, what overlaps is left out."""
        if self._sound is None:
            return
        if self._size is None:
            self._early.append(block)
            return
        with self._as_os_error():
            for packet in self._sound.put(block):
                self._container.mux(packet)

    def silence(self, until: float) -> None:
        """Let the sound come to ``until``: else the pictures wait for it, and are lost where all ends."""
        if self._sound is not None and self._size is not None:
            with self._as_os_error():
                for packet in self._sound.pad(until):
                    self._container.mux(packet)

    def close(self) -> None:
        """Write what the encoders still hold, and close the file; one without a picture is removed."""
        with self._as_os_error():
            try:
                if self._size is not None:
                    for packet in self._sound.end() if self._sound is not None else ():
                        self._container.mux(packet)
                    self._container.mux(self._video.encode(None))
            finally:
                self._container.close()
                if self._size is None:
                    self._path.unlink(missing_ok=True)

    @contextmanager
    def _as_os_error(self) -> Iterator[None]:
        try:
            yield
        except av.FFmpegError as error:
            raise OSError(error.errno, f"{error.strerror}", str(self._path)) from error


class _Sound:
    """Mono sound without holes, as a film's stream has it."""

    def __init__(self, stream: AudioStream, rate: int) -> None:
        self._stream = stream
        self._rate = rate
        self._resampler: av.AudioResampler | None = None
        self._rate_in = 0  # of what is resampled now
        self._end = 0.0  # time up to which sound was put
        self._next = 0  # time stamp of the next sample that is encoded

    def put(self, block: AudioBlock) -> Iterator[av.Packet]:
        if block.rate != self._rate_in or block.time - self._end > PLACED:
            yield from self.pad(block.time)
            self._rate_in = block.rate
        late = self._end - block.time
        samples = block.samples[round(late * block.rate) :] if late > PLACED else block.samples
        if not len(samples):
            return
        if self._resampler is None:
            self._resampler = av.AudioResampler("fltp", "mono", self._rate)
        self._end += len(samples) / block.rate
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="flt", layout="mono")
        frame.sample_rate = block.rate
        for resampled in self._resampler.resample(frame):
            yield from self._encode(resampled)

    def pad(self, until: float) -> Iterator[av.Packet]:
        """Flush what is resampled, and let silence follow."""
        if self._resampler is not None:
            for resampled in self._resampler.resample(None):
                yield from self._encode(resampled)
            self._resampler = None
        missing = round(until * self._rate) - self._next
        while missing > 0:
            count = min(missing, self._rate)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, count), np.float32), format="fltp", layout="mono")
            frame.sample_rate = self._rate
            yield from self._encode(frame)
            missing -= count
        self._end = self._next / self._rate

    def end(self) -> Iterator[av.Packet]:
        yield from self.pad(0.0)
        yield from self._stream.encode(None)

    def _encode(self, frame: av.AudioFrame) -> Iterator[av.Packet]:
        frame.pts = self._next
        frame.time_base = Fraction(1, self._rate)
        self._next += frame.samples
        yield from self._stream.encode(frame)


def _fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The picture as large as ``size`` (width, height) allows, on black."""
    height, width = image.shape[:2]
    share = min(size[0] / width, size[1] / height)
    inside = max(1, round(width * share)), max(1, round(height * share))
    made = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - inside[0]) // 2, (size[1] - inside[1]) // 2
    made[top : top + inside[1], left : left + inside[0]] = cv2.resize(
        image, inside, interpolation=cv2.INTER_AREA
    )
    return made
