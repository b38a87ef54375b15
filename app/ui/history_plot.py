"""The probabilities of the last half minute or minute, one curve a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pipeline.state import Prediction, TaskInfo
from app.ui import theme
from app.ui.theme import Theme

_BREAK = 2.0  # seconds without a prediction, or a step back in time, that break the curves


class HistoryPlot(pg.PlotWidget):
    """Curves over fixed axes: seconds before now, and per cent.

    The ranges never change, the curves are made once, and a rolling array holds what they show, so that an
    update costs a copy and a repaint.  Where there is nothing to name (nobody, no music) and where the media
    time jumps, the curves are broken.

    Parameters
    ----------
    info : TaskInfo
    seconds : float
        How far back the plot reaches.
    """

    def __init__(self, info: TaskInfo, seconds: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        size = round(seconds * info.rate) + 2
        self._seconds = seconds
        self._step = 1.0 / info.rate
        self._clock = np.full(size, -np.inf)  # running seconds of each row; never steps back
        self._rows = np.full((size, len(info.labels)), np.nan)  # (rows, classes), newest last
        self._last: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 80)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setRange(xRange=(-seconds, 0.0), yRange=(0.0, 1.0), padding=0.0, disableAutoRange=True)
        item = self.getPlotItem()
        item.getAxis("left").setTicks([[(0, "0"), (0.5, "50"), (1, "100 %")], []])
        item.getAxis("left").setWidth(44)
        thirds = [-seconds, -2 * seconds / 3, -seconds / 3, 0.0]
        item.getAxis("bottom").setTicks(
            [[(x, f"{x:.0f} s".replace("-", "−") if x else "now") for x in thirds], []]
        )
        item.getAxis("bottom").setHeight(24)
        item.getViewBox().setDefaultPadding(0.0)
        item.layout.setContentsMargins(0, 7, 18, 0)
        self._threshold = pg.InfiniteLine(pos=info.threshold, angle=0, movable=False)
        self.addItem(self._threshold)
        self.curves = [pg.PlotCurveItem(connect="finite", antialias=True) for _ in info.labels]
        for curve in self.curves:
            self.addItem(curve)
        self._top = -1
        self.setAccessibleName(f"History of the {info.task} probabilities")
        self.setToolTip(
            f"Probability of every class over the last {seconds:.0f} s; below the dashed line: “not sure”"
        )
        self.set_theme(theme.current())

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.setBackground(new.card)
        for name, offset in (("left", 4), ("bottom", 7)):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(new.grid))
            axis.setTextPen(pg.mkPen(new.muted))
            axis.setStyle(
                tickFont=theme.font(-2), tickLength=0, tickTextOffset=offset, hideOverlappingLabels=False
            )
        self._threshold.setPen(pg.mkPen(new.muted, width=1, style=Qt.PenStyle.DashLine))
        for index, curve in enumerate(self.curves):
            curve.setPen(pg.mkPen(new.class_color(index), width=1))
        self._top = -1

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Scroll in predictions, oldest first."""
        if not predictions:
            return
        for prediction in predictions[-len(self._rows) :]:
            self._push(prediction)
        x = self._clock - self._clock[-1]
        first = int(np.searchsorted(x, -self._seconds))
        x = x[first:]
        for index, curve in enumerate(self.curves):
            curve.setData(x, self._rows[first:, index])
        self._lift(predictions[-1])

    def _push(self, prediction: Prediction) -> None:
        step = self._step if self._last is None else prediction.time - self._last
        self._last = prediction.time
        if not 0 < step <= _BREAK:
            self._append(self._clock[-1] + self._step, None)
            step = self._step
        now = self._clock[-1] + step if np.isfinite(self._clock[-1]) else 0.0
        self._append(now, None if prediction.status else prediction.probabilities)

    def _append(self, now: float, row: np.ndarray | None) -> None:
        self._clock[:-1] = self._clock[1:]
        self._rows[:-1] = self._rows[1:]
        self._clock[-1] = now
        self._rows[-1] = np.nan if row is None else row

    def _lift(self, newest: Prediction) -> None:
        """Draw the class on top thicker and above the others."""
        top = -1 if newest.status else int(np.argmax(newest.probabilities))
        if top == self._top:
            return
        for index in {top, self._top} - {-1}:
            self.curves[index].setPen(
                pg.mkPen(self._theme.class_color(index), width=2 if index == top else 1)
            )
            self.curves[index].setZValue(1 if index == top else 0)
        self._top = top
