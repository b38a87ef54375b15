"""A film with what was said of it drawn in, and its sound: for a talk, or to look at afterwards."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.capture.media import AudioBlock, Frame
from app.capture.opencv import cv2
from app.capture.recording import Recording
from app.pipeline.film_writer import FilmWriter
from app.pipeline.state import Prediction, TaskInfo

STANDS = 2.0  # seconds
TOP = 3  # classes shown of a task
BAND = 0.22  # of the picture's height, below it, at most
WIDE = 13  # lines that a part is wide: what the longest name needs
NAMED, UNNAMED, DIM, BACK = (120, 200, 90), (150, 150, 150), (95, 95, 95), (24, 24, 24)  # BGR


def annotate(
    path: Path,
    out: Path,
    predictions: Sequence[Prediction],
    tasks: Mapping[str, TaskInfo],
    quiet: bool = False,
) -> None:
    """Write the film ``path`` to ``out`` (MP4), each picture above a band of what was predicted by then.

    Parameters
    ----------
    path, out : Path
    predictions : sequence of Prediction
        Of the whole film, in any order.
    tasks : dict of str to TaskInfo
    quiet : bool
        Show no bar of progress.

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
    silent = quiet or sys.stderr is None
    writer = FilmWriter(out, recording.fps, recording.rate)
    with closing(writer), tqdm(total=round(recording.duration, 1), desc="annotate", disable=silent) as bar:
        for event in recording.events():
            if isinstance(event, Frame):
                now = {}
                for name in tasks:
                    index = bisect_right(times[name], event.time + 1e-6) - 1
                    now[name] = standing(said[name][index] if index >= 0 else None, event.time)
                writer.picture(draw(event.image, now, tasks), event.time)
                bar.update(min(bar.total, round(event.time, 1)) - bar.n)
            elif isinstance(event, AudioBlock):
                writer.sound(event)


def standing(prediction: Prediction | None, time: float) -> Prediction | None:
    """The prediction, unless it was made so long before ``time`` that nothing feeds its task any more."""
    return prediction if prediction is not None and time - prediction.time <= STANDS else None


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
