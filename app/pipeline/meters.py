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
        self._mode: str | None = None
        self._seconds: deque[float] = deque(maxlen=_NEWEST)

    def add(self, prediction: Prediction, parts: dict[str, int], macs_regular_last: int) -> None:
        """Account for one prediction.

        Parameters
        ----------
        prediction : Prediction
        parts : dict of str to int
            Its multiply-accumulates by part of the Transformer.
        macs_regular_last : int
            What a regular encoder that computes only the last output spends on the same window.
        """
        if prediction.mode != self._mode:  # times of two modes are not one distribution
            self._mode = prediction.mode
            self._seconds.clear()
        self._seconds.append(prediction.seconds)
        p50, p95 = np.percentile(np.fromiter(self._seconds, float), (50, 95))
        old = self.cost
        delta = old.max_delta
        if prediction.max_delta is not None:
            delta = max(prediction.max_delta, delta or 0.0)
        self.cost = Cost(
            macs_step=prediction.macs,
            macs_step_regular=prediction.macs_regular,
            macs_step_regular_last=macs_regular_last,
            macs_spent=old.macs_spent + prediction.macs,
            macs_regular=old.macs_regular + prediction.macs_regular,
            steps=old.steps + 1,
            p50=float(p50),
            p95=float(p95),
            max_delta=delta,
            parts=parts,
        )

    def reset(self) -> None:
        """Start the account anew, as after a change of source."""
        self.cost = Cost()
        self._seconds.clear()
