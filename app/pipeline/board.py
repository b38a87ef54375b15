"""The board that many threads write on and the window reads: notices, counters, predictions, costs."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from app.capture.media import Notice
from app.pipeline.history import History
from app.pipeline.meters import Meter
from app.pipeline.state import Cost, Counters, Mode, Prediction

KEPT = 8192  # predictions kept a task: nine minutes of actions; the history has all, in less detail
INFO_SECONDS = 8.0  # a banner that only informs goes by itself, unless it says that this is the demo


class Board:
    """All methods may be called from any thread; what they return is never changed afterwards.

    Parameters
    ----------
    tasks : iterable of str

    Attributes
    ----------
    histories : dict of str to History
        All predictions of the recording, a task.
    """

    def __init__(self, tasks: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._notices: dict[str, tuple[Notice, float]] = {}
        self._counters = Counters()
        tasks = tuple(tasks)
        self._meters = {task: Meter() for task in tasks}
        self._newest: dict[str, deque[Prediction]] = {task: deque(maxlen=KEPT) for task in tasks}
        self._latest: dict[str, Prediction | None] = dict.fromkeys(tasks)
        self._said: tuple[float, Mode] | None = None  # when any task predicted last, and in which mode
        self._serials = dict.fromkeys(tasks, 0)
        self.histories = {task: History() for task in tasks}

    def notify(self, notice: Notice) -> None:
        """Put a banner up in place of the one with the same key."""
        with self._lock:
            self._notices.pop(notice.key, None)
            if notice.level != "resolved":
                self._notices[notice.key] = (notice, time.perf_counter())

    def dismiss(self, key: str) -> None:
        """Take a banner away."""
        with self._lock:
            self._notices.pop(key, None)

    def notices(self) -> tuple[Notice, ...]:
        """The banners that stand, newest last."""
        with self._lock:
            now = time.perf_counter()
            for key, (notice, since) in list(self._notices.items()):
                if notice.level == "info" and key != "demo" and now - since > INFO_SECONDS:
                    del self._notices[key]
            return tuple(notice for notice, _ in self._notices.values())

    def count(self, **fresh: int) -> None:
        """Add to the counters by name."""
        with self._lock:
            totals = {name: getattr(self._counters, name) + number for name, number in fresh.items()}
            self._counters = replace(self._counters, **totals)

    def counters(self) -> Counters:
        """The counters as they stand."""
        return self._counters

    def reset_counters(self) -> None:
        """Count from zero, for another picture source."""
        with self._lock:
            self._counters = Counters()

    def add(self, prediction: Prediction, parts: dict[str, dict[str, int]]) -> None:
        """Add a prediction and what it cost, see `Meter.add`."""
        task = prediction.task
        self._meters[task].add(prediction, parts)
        self.histories[task].add(prediction)
        with self._lock:
            self._newest[task].append(prediction)
            self._latest[task] = prediction
            self._serials[task] += 1
            self._said = time.perf_counter(), prediction.mode

    def silence(self, task: str) -> None:
        """Nothing feeds the task any more: its answer does not stand."""
        with self._lock:
            self._latest[task] = None

    def forget(self, task: str) -> None:
        """Another recording or model: forget all that was predicted, and start the account anew."""
        self._meters[task].reset()
        self.histories[task].clear()
        with self._lock:
            self._latest[task] = None
            self._newest[task].clear()

    def costs(self) -> dict[str, Cost]:
        """The account of each task."""
        return {task: meter.cost for task, meter in self._meters.items()}

    def predictions(self, task: str, since: int) -> tuple[list[Prediction], int]:
        """Predictions of ``task`` after serial ``since``, and the serial to pass the next time."""
        with self._lock:
            newest, serial = self._newest[task], self._serials[task]
            fresh = min(serial - since, len(newest))
            return [newest[i] for i in range(-fresh, 0)], serial

    def latest(self) -> dict[str, Prediction | None]:
        """The answer of each task that stands."""
        with self._lock:
            return dict(self._latest)

    def mode_since(self, moment: float) -> Mode | None:
        """The mode of the newest prediction; None if none was made since a monotonic moment."""
        with self._lock:
            return self._said[1] if self._said is not None and self._said[0] > moment else None
