"""Predictions in one order and in one format."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from app.pipeline.state import Prediction, TaskInfo


class InOrder:
    """Passes on the predictions of several tasks in the order of media time, each as soon as that is settled.

    The tasks' workers run side by side; a prediction is passed on once every other task holds a later one,
    has said that none before it follows, or has ended, so that the same file gives the same sequence.

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
        self._reached = dict.fromkeys(self._waiting, -math.inf)  # no prediction before then follows

    def add(self, prediction: Prediction) -> None:
        """Take a prediction; any thread may."""
        with self._lock:
            self._waiting[prediction.task].append(prediction)
            self._pass_on()

    def reach(self, task: str, time: float) -> None:
        """No prediction of ``task`` before media time ``time`` follows."""
        with self._lock:
            if task in self._reached:
                self._reached[task] = max(self._reached[task], time)
            self._pass_on()

    def end(self, task: str) -> None:
        """No prediction of ``task`` follows."""
        self.reach(task, math.inf)

    def end_all(self) -> None:
        """Pass on whatever waits."""
        with self._lock:
            self._reached = dict.fromkeys(self._reached, math.inf)
            self._pass_on()

    def _pass_on(self) -> None:
        while heads := [(line[0].time, task) for task, line in self._waiting.items() if line]:
            time, task = min(heads)
            others = [other for other, line in self._waiting.items() if not line]
            if any(self._reached[other] <= time for other in others):
                return
            self._emit(self._waiting[task].popleft())


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
        "confidence": round(prediction.confidence, 6),
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
