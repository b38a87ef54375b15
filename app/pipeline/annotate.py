"""A film with what was said of it drawn in, and its sound: for a talk, or to look at afterwards."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from tqdm import tqdm

from app.capture.media import AudioBlock, Frame
from app.capture.opencv import cv2
from app.capture.recording import Recording
from app.pipeline.state import Prediction, TaskInfo

CLOCK = Fraction(1, 90_000)  # seconds of a tick of the picture's time stamps
# Whole pieces from the first second on: what was written plays, whatever ends the writing.
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
TOP = 3  # classes shown of a task
BAND = 0.22  # of the picture's height, below it, at most
WIDE = 13  # lines that a part is wide: what the longest name needs
NAMED, UNNAMED, DIM, BACK = (120, 200, 90), (150, 150, 150), (95, 95, 95), (24, 24, 24)  # BGR


def annotate(path: Path, out: Path, predictions: Sequence[Prediction], tasks: Mapping[str, TaskInfo]) -> None:
    """Write the film ``path`` to ``out`` (MP4), each picture above a band of what was predicted by then.

    Parameters
    ----------
    path, out : Path
    predictions : sequence of Prediction
        Of the whole film, in any order.
    tasks : dict of str to TaskInfo

    Raises
    ------
    CaptureError
        The film cannot be read.
    OSError
        ``out`` cannot be written (to its end); what was written until then plays.
    """
    recording = Recording(path)
    said = {name: sorted((p for p in predictions if p.task == name), key=lambda p: p.time) for name in tasks}
    times = {name: [p.time for p in rows] for name, rows in said.items()}
    try:
        with av.open(str(out), "w", format="mp4", options=FRAGMENTED) as container:
            writer = _Writer(container, recording)
            with tqdm(total=round(recording.duration, 1), desc="annotate", disable=sys.stderr is None) as bar:
                for event in recording.events():
                    if isinstance(event, Frame):
                        now = {}
                        for name in tasks:
                            index = bisect_right(times[name], event.time + 1e-6) - 1
                            now[name] = said[name][index] if index >= 0 else None
                        writer.picture(draw(event.image, now, tasks), event.time)
                        bar.update(min(bar.total, round(event.time, 1)) - bar.n)
                    elif isinstance(event, AudioBlock):
                        writer.sound(event)
            writer.finish()
    except av.FFmpegError as error:
        raise OSError(error.errno, f"{error.strerror}", str(out)) from error


def draw(
    image: np.ndarray, now: Mapping[str, Prediction | None], tasks: Mapping[str, TaskInfo]
) -> np.ndarray:
    """The picture (h, w, 3) BGR above its band, each task in a part of its own; width and height are even."""
    height, width = image.shape[:2]
    part = width // max(1, len(tasks))
    band = max(64, min(round(height * BAND), (TOP + 3) * part // WIDE))
    made = np.full(((height + band + 1) // 2 * 2, (width + 1) // 2 * 2, 3), BACK, np.uint8)
    made[:height, :width] = image
    for place, (name, info) in enumerate(tasks.items()):
        box = made[height : height + band, place * part : place * part + part]
        _draw_task(box, info, now.get(name))
    return made


def _draw_task(box: np.ndarray, info: TaskInfo, prediction: Prediction | None) -> None:
    """Name, and bars of the likeliest classes, in a box (h, w, 3)."""
    height, width = box.shape[:2]
    line = min(height / (TOP + 3), width / WIDE)
    margin = round(0.4 * line)

    def write(text: str, y: float, color: tuple[int, int, int], size: float) -> None:
        scale = line / 26 * size
        at = (margin, round(y))
        cv2.putText(box, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, color, 1, cv2.LINE_AA)

    if prediction is None:
        write(f"{info.task}: -", 1.2 * line, DIM, 0.9)
        return
    write(f"{info.task}: {prediction.label}", 1.2 * line, NAMED if prediction.confident else UNNAMED, 0.9)
    for row, index in enumerate(np.argsort(-prediction.probabilities)[:TOP]):
        top, share = round((row + 1.6) * line), float(prediction.probabilities[index])
        right = margin + round((width - 2 * margin) * share)
        cv2.rectangle(box, (margin, top), (max(right, margin + 1), top + round(0.85 * line)), DIM, -1)
        write(f" {info.labels[index]} {100 * share:.0f} %", top + 0.65 * line, (235, 235, 235), 0.6)
    ratio = prediction.macs_regular / prediction.macs if prediction.macs else 1.0
    cost = f"{prediction.mode}, {ratio:.0f} x fewer MACs" if prediction.mode != "regular" else "regular"
    write(cost, (TOP + 2.4) * line, UNNAMED, 0.55)


class _Writer:
    """Encodes pictures and sound at the times they have in the film."""

    def __init__(self, container: OutputContainer, recording: Recording) -> None:
        self._container = container
        rate = Fraction(recording.fps if 0 < recording.fps < 1000 else 25.0).limit_denominator(1001)
        self._video: VideoStream = container.add_stream("libx264", rate=rate)
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = CLOCK
        # Pictures that are coded out of order would be shown late: a film in pieces has no list of edits.
        self._video.options = {"preset": "veryfast", "crf": "21", "bf": "0"}
        self._video.codec_context.gop_size = 30
        self._sound: AudioStream | None = None
        self._rate = 0
        if recording.has_audio:
            # AAC has no rates between these; others are resampled to the next.
            self._rate = next((r for r in (8000, 16000, 22050, 32000, 44100) if r >= recording.rate), 48000)
            self._sound = container.add_stream("aac", rate=self._rate)
            self._sound.layout = "mono"
        self._resampler = av.AudioResampler("fltp", "mono", self._rate) if self._rate else None
        self._size: tuple[int, int] | None = None
        self._last = -1

    def picture(self, image: np.ndarray, time: float) -> None:
        """A picture (h, w, 3) BGR; one of another size is fitted to the first."""
        height, width = image.shape[:2]
        if self._size is None:
            self._size = self._video.width, self._video.height = width, height
        elif (width, height) != self._size:
            image = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = max(self._last + 1, round(time / CLOCK))
        frame.time_base = CLOCK
        self._last = frame.pts
        self._container.mux(self._video.encode(frame))

    def sound(self, block: AudioBlock) -> None:
        """A run of sound."""
        if self._sound is None or self._resampler is None:
            return
        frame = av.AudioFrame.from_ndarray(block.samples[None], format="flt", layout="mono")
        frame.sample_rate = block.rate
        frame.pts = round(block.time * block.rate)
        frame.time_base = Fraction(1, block.rate)
        for resampled in self._resampler.resample(frame):
            self._container.mux(self._sound.encode(resampled))

    def finish(self) -> None:
        """Write what the encoders still hold."""
        if self._resampler is not None and self._sound is not None:
            for resampled in self._resampler.resample(None):
                self._container.mux(self._sound.encode(resampled))
            self._container.mux(self._sound.encode(None))
        if self._size is not None:
            self._container.mux(self._video.encode(None))
