"""What a task has cost: multiply-accumulates, time a step, and how the two modes compare."""

from __future__ import annotations

from collections import deque

import numpy as np

from app.pipeline.state import Cost, Prediction

_NEWEST = 512  # steps the percentiles are taken over: half a minute of actions, four of genres


class Meter:
    """Adds up the predictions of one task.

    Written by the task's worker, read by any thread: ``cost`` is replaced, never changed.
    """

    def __init__(self) -> None:
        self.cost = Cost()
        self._kind: tuple[str, str] | None = None  # the mode, and what computes it
        self._times: deque[tuple[float, float]] = deque(maxlen=_NEWEST)  # of the step, and from capture on

    def add(self, prediction: Prediction, parts: dict[str, dict[str, int]]) -> None:
        """Account for one prediction.

        Parameters
        ----------
        prediction : Prediction
        parts : dict
            Its multiply-accumulates, as in `Cost`.
        """
        kind = prediction.mode, prediction.engine
        if kind != self._kind:  # times of two kinds are not one distribution
            self._kind = kind
            self._times.clear()
        self._times.append((prediction.seconds, prediction.latency))
        seconds, latency = np.percentile(np.array(self._times), (50, 95, 99), axis=0).T.tolist()
        old = self.cost
        delta = old.max_delta
        if prediction.max_delta is not None:
            delta = max(prediction.max_delta, delta or 0.0)
        self.cost = Cost(
            macs_spent=old.macs_spent + prediction.macs,
            macs_regular=old.macs_regular + prediction.macs_regular,
            steps=old.steps + 1,
            seconds=tuple(seconds),
            latency=tuple(latency),
            max_delta=delta,
            parts=parts,
            engine=prediction.engine,
        )

    def reset(self) -> None:
        """Start the account anew, as after a change of source."""
        self.cost = Cost()
        self._times.clear()
