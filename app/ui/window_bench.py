"""``python main.py bench --window``: what a minute of use costs the window, on the display there is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer

import app.ui
from app.capture.media import CaptureError
from app.capture.recording import Recording
from app.pipeline.memory import rss as rss
from app.pipeline.session import Session
from app.pipeline.state import Mode, Prediction
from app.pipeline.tasks import DEMO
from app.settings import Settings

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

SIZE = (1280, 800)
_WARM = 0.05  # of the time, before anything is measured


class Script:
    """Use of the window, step by step: both modes, the check, every page; the race is looked at, not run.

    Parameters
    ----------
    path : Path
        The file that plays; at its end it is opened anew, so that its tokens are made anew.
    seconds : float

    Attributes
    ----------
    session : Session
    figures : dict of str to float or None
        What was measured; empty until the end.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self.session = Session(on_prediction=self._predicted)
        self._path = path
        self._seconds = seconds
        self._latencies: list[float] = []
        self._measuring = False
        self.figures: dict[str, float | None] = {}

    def _predicted(self, prediction: Prediction) -> None:
        if self._measuring:
            self._latencies.append(prediction.latency)

    def begin(self, window: MainWindow) -> None:
        """Play, and do one thing after the other."""

        def mode(name: Mode) -> Callable[[], None]:
            return lambda: window.sources.mode_chosen.emit(name)

        def page(index: int) -> Callable[[], None]:
            return lambda: window.pages.open(index)

        steps: tuple[tuple[float, Callable[[], None]], ...] = (
            (_WARM, lambda: self._start(window)),
            (0.15, mode("regular")),
            (0.25, mode("continual")),
            (0.35, page(1)),
            (0.50, mode("both")),
            (0.65, mode("continual")),
            (0.70, page(3)),
            (0.75, page(1)),
            (0.90, page(0)),
            (1.00, lambda: self._end(window)),
        )
        self.session.open_file(self._path)
        for share, step in steps:
            QTimer.singleShot(round(1000 * share * self._seconds), window, step)
        again = QTimer(window)
        again.timeout.connect(self._again)
        again.start(200)

    def _again(self) -> None:
        if self.session.snapshot().ended:
            self.session.open_file(self._path)

    def _start(self, window: MainWindow) -> None:
        window.refresh.tick_times.clear()
        self._measuring = True
        self._rss = rss()
        self._clock, self._cpu = time.perf_counter(), time.process_time()

    def _end(self, window: MainWindow) -> None:
        self._measuring = False
        paints, latencies = 1e3 * np.array(window.refresh.tick_times), 1e3 * np.array(self._latencies)
        cpu = (time.process_time() - self._cpu) / (time.perf_counter() - self._clock)
        self.figures = {
            "paint_p50_ms": _percentile(paints, 50),
            "paint_p99_ms": _percentile(paints, 99),
            "latency_p50_ms": _percentile(latencies, 50),
            "latency_p95_ms": _percentile(latencies, 95),
            "cpu": round(cpu, 2),
            "rss_start_mb": self._rss,
            "rss_end_mb": rss(),
        }
        window.close()


def run(path: Path | None, seconds: float, json: bool) -> int:
    """Use the window for some seconds and print what that cost; returns the exit code.

    Parameters
    ----------
    path : Path, optional
        The file that plays, by default the demo.
    seconds : float
    json : bool
        One JSON object instead of words.
    """
    path = path or DEMO
    try:
        Recording(path)
    except CaptureError as error:
        print(error, file=sys.stderr)
        return 2
    script = Script(path, seconds)
    code = app.ui.run(script.session, settings=Settings(), size=SIZE, begun=script.begin)
    figures = script.figures
    if not figures:
        print("The window was closed before the measurement was through.", file=sys.stderr)
        return code or 1
    if json:
        print(dumps(figures))
        return code
    print(
        f"UI thread, a paint and what leads to it: p50 {figures['paint_p50_ms']} ms, "
        f"p99 {figures['paint_p99_ms']} ms\n"
        f"from capture to prediction: p50 {figures['latency_p50_ms']} ms, "
        f"p95 {figures['latency_p95_ms']} ms\n"
        f"cores in use {figures['cpu']}, memory {figures['rss_start_mb']} MB at the start and "
        f"{figures['rss_end_mb']} MB at the end of {seconds:g} s"
    )
    return code


def _percentile(values: np.ndarray, share: float) -> float | None:
    return round(float(np.percentile(values, share)), 2) if len(values) else None
