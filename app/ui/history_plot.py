"""The probabilities of the last half minute or minute, one curve a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from app.pipeline.state import Prediction, TaskInfo
from app.ui.strip import Strip, dashed

_BREAK = 2.0  # seconds without a prediction, or a step back in time, that break the curves


class HistoryPlot(Strip):
    """Probability of every class; the class on top at the time is drawn thicker and above the others.

    Where there is nothing to name (nobody, no music) and where the media time jumps, the curves are broken.

    Parameters
    ----------
    info : TaskInfo
    seconds : float
        How far back the plot reaches.
    """

    def __init__(self, info: TaskInfo, seconds: float, parent: QWidget | None = None) -> None:
        marks = ((0.0, "0"), (0.5, "50"), (1.0, "100 %"))
        super().__init__(len(info.labels), seconds, info.rate, marks, parent)
        self._step = 1.0 / info.rate
        self._threshold, self._thresholds = info.threshold, info.thresholds
        self._last: float | None = None
        self._top = self._nearest = -1
        self.setAccessibleName(f"History of the {info.task} probabilities")
        self.setToolTip(
            f"Probability of every class over the last {seconds:.0f} s; "
            "what is on top and stays below the dashed line has no name: “not sure”"
        )

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Scroll in predictions, oldest first."""
        if not predictions:
            return
        for prediction in predictions[-len(self._rows) :]:
            step = self._step if self._last is None else prediction.time - self._last
            self._last = prediction.time
            if not 0 < step <= _BREAK:
                self.push(self._step, None)
                step = self._step
            self.push(step, None if prediction.status else prediction.probabilities)
        newest = predictions[-1]
        self._top = -1 if newest.status else int(np.argmax(newest.probabilities))
        self._nearest = -1 if newest.status else newest.nearest
        self.show_new()

    def clear(self) -> None:
        """Forget all predictions: another recording."""
        self._last = None
        self._top = self._nearest = -1
        super().clear()

    def order(self) -> list[tuple[int, QColor, float]]:
        """The class on top comes last."""
        curves = [i for i in range(self._rows.shape[1]) if i != self._top]
        thin = [(i, self._theme.class_color(i), 1.0) for i in curves]
        return thin if self._top < 0 else [*thin, (self._top, self._theme.class_color(self._top), 2.0)]

    def paint_over(self, painter: QPainter, plot: QRect) -> None:
        """The threshold of rejection, of the class nearest to a name.

        That of another which is on top just now would tell that there should be one.
        """
        threshold = self._threshold if self._nearest < 0 else self._thresholds[self._nearest]
        dashed(painter, plot, threshold, self._theme.color("muted"))
