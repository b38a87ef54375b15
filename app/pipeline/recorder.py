"""Predictions as JSON lines: one order, one format, readable whenever the writing stops."""

from __future__ import annotations

import json
import math
import threading
from collections import deque
from typing import Any, TextIO

from app.pipeline.state import Prediction, TaskInfo


def as_row(prediction: Prediction, info: TaskInfo) -> dict[str, Any]:
    """One prediction as the object that is written.

    ``top`` lists every class, the most probable first; of two equal ones the first label stands first.
    """
    ranked = sorted(zip(info.labels, prediction.probabilities.tolist(), strict=True), key=lambda pair: -pair[1])
    row: dict[str, Any] = {
        "task": prediction.task,
        "tick": prediction.tick,
        "time": round(prediction.time, 6),
        "mode": prediction.mode,
        "label": prediction.label,
        "top": [[label, round(probability, 6)] for label, probability in ranked],
        "confident": prediction.confident,
        "status": prediction.status,
        "filled": prediction.filled,
        "macs": prediction.macs,
        "macs_regular": prediction.macs_regular,
        "seconds": prediction.seconds,
    }
    if prediction.mode == "both":
        row["seconds_regular"] = prediction.seconds_regular
        row["max_delta"] = prediction.max_delta
    return row


class Recorder:
    """Writes the predictions of several tasks in the order of media time, each as soon as that is settled.

    The tasks' workers run side by side; a prediction is written once every task that has not ended holds a
    later one, so that the same file gives the same lines.

    Parameters
    ----------
    out : text file
    tasks : dict of str to TaskInfo
        All tasks whose predictions, or whose end, will come.

    Attributes
    ----------
    error : OSError or None
        Why writing failed; nothing is written after that, and what was written stays readable.
    """

    def __init__(self, out: TextIO, tasks: dict[str, TaskInfo]) -> None:
        self._out = out
        self._tasks = tasks
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Prediction]] = {task: deque() for task in tasks}
        self._open = set(tasks)
        self.error: OSError | None = None

    def add(self, prediction: Prediction) -> None:
        """Take a prediction; any thread may."""
        with self._lock:
            self._waiting[prediction.task].append(prediction)
            self._write()

    def end(self, task: str) -> None:
        """No prediction of ``task`` follows."""
        with self._lock:
            self._open.discard(task)
            self._write()

    def finish(self, summary: dict[str, Any]) -> None:
        """Write what still waits, and the last line."""
        with self._lock:
            self._open.clear()
            self._write()
            self._line({"summary": summary})

    def _write(self) -> None:
        while not any(not self._waiting[task] for task in self._open):
            heads = [(line[0].time, task) for task, line in self._waiting.items() if line]
            if not heads:
                return
            task = min(heads)[1]
            self._line(as_row(self._waiting[task].popleft(), self._tasks[task]))

    def _line(self, row: dict[str, Any]) -> None:
        if self.error is None:
            try:  # whole lines only: a reader never meets half an object
                self._out.write(json.dumps(_finite(row), ensure_ascii=False, allow_nan=False) + "\n")
                self._out.flush()
            except OSError as error:
                self.error = error


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
