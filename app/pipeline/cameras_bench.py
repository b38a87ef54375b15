"""``python main.py bench --cameras``: how many cameras this machine keeps up with, without a window.

A camera is played by a film: each has a thread that decodes JPEG pictures as a USB camera's must be, at the
film's own pace, and drops what it is late for.  One camera after another joins the same fleet.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path

import numpy as np

from app.capture.media import CaptureError, Frame, Kind, Sink
from app.capture.opencv import cv2
from app.capture.recording import Recording
from app.pipeline.fleet import MOST, Fleet
from app.pipeline.memory import rss
from app.pipeline.state import Prediction
from app.pipeline.tasks import DEMO

SPAN = 6.0  # seconds of the film that are played over and over
SETTLE = 2.0  # seconds that a camera is there before anything is counted
LATE = 2.0  # ticks from capture to prediction, beyond which an answer is late
KEPT = 0.95  # of a stream's ticks that must be answered in time, from a new picture


@dataclass(frozen=True, slots=True)
class Pictures:
    """JPEG pictures of one size, and their number a second."""

    jpegs: tuple[np.ndarray, ...]
    rate: float
    size: tuple[int, int]


def read(path: Path) -> Pictures:
    """The first seconds of a film.

    Raises
    ------
    CaptureError
        If it cannot be read, or has fewer than two pictures.
    """
    frames: list[Frame] = []
    for event in Recording(path).events():
        if isinstance(event, Frame):
            if event.time >= SPAN:
                break
            frames.append(event)
    if len(frames) < 2:
        raise CaptureError(f"{path} has {len(frames)} pictures, expected a film.")
    rate = (len(frames) - 1) / (frames[-1].time - frames[0].time)
    height, width = frames[0].image.shape[:2]
    quality = [cv2.IMWRITE_JPEG_QUALITY, 90]
    jpegs = tuple(cv2.imencode(".jpg", frame.image, quality)[1] for frame in frames)
    return Pictures(jpegs, rate, (width, height))


class FilmCamera:
    """A live source of these pictures, from one of them on.

    Parameters
    ----------
    pictures : Pictures
    first : int
    """

    kinds: frozenset[Kind] = frozenset({"video"})
    live = True

    def __init__(self, pictures: Pictures, first: int) -> None:
        self.name = f"film from picture {first}"
        self._pictures, self._first = pictures, first
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, sink: Sink, epoch: float) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, args=(sink, epoch), name="camera-film", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop and join the thread; True when it ended within ``timeout`` seconds."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def _run(self, sink: Sink, epoch: float) -> None:
        jpegs, rate = self._pictures.jpegs, self._pictures.rate
        began, taken = time.perf_counter(), -1
        while True:
            number = max(taken + 1, int((time.perf_counter() - began) * rate))  # what it is late for is lost
            if self._stopped.wait(max(0.0, began + number / rate - time.perf_counter())):
                return
            at, taken = time.perf_counter(), number
            image = cv2.imdecode(jpegs[(self._first + number) % len(jpegs)], cv2.IMREAD_COLOR)
            assert image is not None  # they are our own
            sink.frame(Frame(image, at - epoch, at))


class Count:
    """Counts what is answered in time, by stream, while it is told to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counting = False
        self._late = 0.0
        self._latencies: list[float] = []
        self._in_time: dict[int, int] = {}

    def __call__(self, number: int, prediction: Prediction) -> None:
        with self._lock:
            if self._counting and not prediction.repeated:
                self._latencies.append(prediction.latency)
                self._in_time[number] = self._in_time.get(number, 0) + (prediction.latency <= self._late)

    def during(self, seconds: float, numbers: Sequence[int], rate: float) -> tuple[float, np.ndarray]:
        """The share of ticks answered in time in the worst of these streams, and all latencies (s)."""
        with self._lock:
            self._latencies, self._in_time = [], dict.fromkeys(numbers, 0)
            self._late, self._counting = LATE / rate, True
        time.sleep(seconds)
        with self._lock:
            self._counting = False
            worst = min(self._in_time[number] for number in numbers)
            return min(1.0, worst / (seconds * rate)), np.array(self._latencies or [np.nan])


def run(path: Path | None, seconds: float, up_to: int, json: bool) -> int:
    """Add camera after camera until one is not kept up with; returns the exit code.

    Parameters
    ----------
    path : path, optional
        The film that plays, by default the demo.
    seconds : float
        Counted for each number of cameras.
    up_to : int
        Cameras at most.
    json : bool
        An object a line instead of a table.
    """
    if not 1 <= up_to <= MOST:
        print(f"--cameras is {up_to}, expected 1 to {MOST}.", file=sys.stderr)
        return 2
    path = path or DEMO
    try:
        pictures = read(path)
    except CaptureError as error:
        print(error, file=sys.stderr)
        return 2
    if not json:
        print(
            f"{path.name}, {pictures.size[0]}×{pictures.size[1]} at {pictures.rate:.0f} pictures a second, "
            f"decoded by each camera; {seconds:g} s each\n"
            "cameras  in time  latency p50      p95  one step  for  cores  CPU a tick  memory"
        )
    kept, count = 0, Count()
    fleet = Fleet(on_prediction=count)
    try:
        for cameras in range(1, up_to + 1):
            row = _measure(fleet, count, pictures, cameras, seconds)
            print(dumps(row) if json else _line(row), flush=True)
            if row["in_time"] < KEPT:
                break
            kept = cameras
    finally:
        fleet.close()
    rate = _rate(fleet)
    late = round(1e3 * LATE / rate, 1)
    words = (
        f"{kept} camera{'' if kept == 1 else 's'} at {rate:g} ticks a second: "
        f"{100 * KEPT:.0f} % of the ticks of each answered within {late:.0f} ms of a new picture"
    )
    print(dumps({"summary": {"kept": kept, "share": KEPT, "late_ms": late}}) if json else words)
    return 0


def _rate(fleet: Fleet) -> float:
    return float(fleet.card["rate"])


def _measure(
    fleet: Fleet, count: Count, pictures: Pictures, cameras: int, seconds: float
) -> dict[str, float]:
    first = cameras * len(pictures.jpegs) // MOST  # no two show the same at the same time
    fleet.add_source(FilmCamera(pictures, first))
    time.sleep(SETTLE)
    clock, cpu = time.perf_counter(), time.process_time()
    numbers = [stream.number for stream in fleet.snapshot().streams]
    in_time, latencies = count.during(seconds, numbers, _rate(fleet))
    spent = time.process_time() - cpu
    cores = spent / (time.perf_counter() - clock)
    shot = fleet.snapshot()
    p50, p95 = (1e3 * np.percentile(latencies, (50, 95))).tolist()
    return {
        "cameras": cameras,
        "in_time": round(in_time, 3),
        "latency_p50_ms": round(p50, 1),
        "latency_p95_ms": round(p95, 1),
        "step_ms": round(1e3 * shot.step_seconds, 3),
        "step_streams": round(shot.step_streams, 2),
        "cores": round(cores, 2),
        "cpu_ms": round(1e3 * spent / len(latencies), 1),
        "rss_mb": rss() or 0.0,
    }


def _line(row: dict[str, float]) -> str:
    return (
        f"{row['cameras']:7d}  {100 * row['in_time']:5.1f} %  {row['latency_p50_ms']:8.1f} ms"
        f"  {row['latency_p95_ms']:4.0f} ms  {row['step_ms']:5.2f} ms  {row['step_streams']:3.1f}"
        f"  {row['cores']:5.2f}  {row['cpu_ms']:7.1f} ms  {row['rss_mb']:.0f} MB"
    )
