"""Predictions in one order and in one format, readable whenever the writing stops."""

from __future__ import annotations

import json
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from app.pipeline.state import Prediction, TaskInfo


class InOrder:
    """Passes on the predictions of several tasks in the order of media time, each as soon as that is settled.

    The tasks' workers run side by side; a prediction is passed on once every task that has not ended holds a
    later one, so that the same file gives the same sequence.

    Parameters
    ----------
    tasks : iterable of str
        All tasks whose predictions, or whose end, will come.
    emit : callable
        Called with each prediction, one at a time.
    """

    def __init__(self, tasks: Iterable[str], emit: Callable[[Prediction], None]) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Prediction]] = {task: deque() for task in tasks}
        self._open = set(self._waiting)

    def add(self, prediction: Prediction) -> None:
        """Take a prediction; any thread may."""
        with self._lock:
            self._waiting[prediction.task].append(prediction)
            self._pass_on()

    def end(self, task: str) -> None:
        """No prediction of ``task`` follows."""
        with self._lock:
            self._open.discard(task)
            self._pass_on()

    def end_all(self) -> None:
        """Pass on whatever waits."""
        with self._lock:
            self._open.clear()
            self._pass_on()

    def _pass_on(self) -> None:
        while all(self._waiting[task] for task in self._open):
            heads = [(line[0].time, task) for task, line in self._waiting.items() if line]
            if not heads:
                return
            self._emit(self._waiting[min(heads)[1]].popleft())


class JsonLines:
    """Writes predictions as JSON, an object a line.

    Parameters
    ----------
    out : text file
    tasks : dict of str to TaskInfo

    Attributes
    ----------
    error : OSError or None
        Why writing failed; nothing is written after that, and what was written stays readable.
    """

    def __init__(self, out: TextIO, tasks: dict[str, TaskInfo]) -> None:
        self._out = out
        self._tasks = tasks
        self.error: OSError | None = None

    def prediction(self, prediction: Prediction) -> None:
        """Write a prediction."""
        self._line(as_row(prediction, self._tasks[prediction.task]))

    def summary(self, summary: dict[str, Any]) -> None:
        """Write the last line."""
        self._line({"summary": summary})

    def _line(self, row: dict[str, Any]) -> None:
        if self.error is None:
            try:  # whole lines, at once: a reader never meets half an object
                self._out.write(json.dumps(_finite(row), ensure_ascii=False, allow_nan=False) + "\n")
                self._out.flush()
            except OSError as error:
                self.error = error


def as_row(prediction: Prediction, info: TaskInfo) -> dict[str, Any]:
    """One prediction as the object that is written.

    ``top`` lists every class, the most probable first; of two equal ones the first label stands first.
    """
    ranked = sorted(
        zip(info.labels, prediction.probabilities.tolist(), strict=True), key=lambda pair: -pair[1]
    )
    row: dict[str, Any] = {
        "task": prediction.task,
        "tick": prediction.tick,
        "time": round(prediction.time, 6),
        "mode": prediction.mode,
        "label": prediction.label,
        "top": [[label, round(probability, 6)] for label, probability in ranked],
        "confident": prediction.confident,
        "status": prediction.status,
        "unavailable": list(prediction.unavailable),
        "filled": prediction.filled,
        "macs": prediction.macs,
        "macs_regular": prediction.macs_regular,
        "seconds": prediction.seconds,
    }
    if prediction.mode == "both":
        row["seconds_regular"] = prediction.seconds_regular
        row["max_delta"] = prediction.max_delta
    return row


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
