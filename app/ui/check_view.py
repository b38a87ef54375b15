"""The check: how far the two modes' answers on the same tokens lie apart, as a number and over time."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.pipeline.state import Prediction, Snapshot, TaskInfo
from app.ui import theme
from app.ui.cost_panel import NAMES, Line
from app.ui.theme import SPACE, Theme
from app.ui.words import tr

SECONDS = 120.0  # that the plot reaches back
_LOWEST = -9.0  # the plot's bottom, as a power of ten; equality to the last bit is drawn there
_HIGHEST = -3.0


class DeltaPlot(pg.PlotWidget):
    """max |Δ| over time on a logarithmic scale, and the bound of float32 that it must stay under."""

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        size = round(SECONDS * info.rate)
        self._step = 1.0 / info.rate
        self.deltas: deque[float] = deque(maxlen=size)  # as powers of ten; nan where there was no check
        self._bounds: deque[float] = deque(maxlen=size)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 60)
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setRange(xRange=(-SECONDS, 0.0), yRange=(_LOWEST, _HIGHEST), padding=0.0, disableAutoRange=True)
        item = self.getPlotItem()
        powers = [(p, f"1e{p:.0f}".replace("-", "−")) for p in (-9.0, -7.0, -5.0, -3.0)]
        item.getAxis("left").setTicks([powers, []])
        item.getAxis("left").setWidth(44)
        times = [-0.75 * SECONDS, -0.5 * SECONDS, -0.25 * SECONDS, 0.0]
        item.getAxis("bottom").setTicks(
            [[(x, f"{x:.0f} s".replace("-", "−") if x else "now") for x in times], []]
        )
        item.getAxis("bottom").setHeight(22)
        item.getViewBox().setDefaultPadding(0.0)
        item.layout.setContentsMargins(0, 6, 18, 0)
        self._curve = pg.PlotCurveItem(connect="finite")
        self._bound = pg.PlotCurveItem(connect="finite")
        self.addItem(self._bound)
        self.addItem(self._curve)
        self.setAccessibleName(f"Difference of the two modes over time, {info.task}")
        self.setToolTip(
            f"Largest difference of the two modes' logits over the last {SECONDS:.0f} s, on a logarithmic "
            "scale; dashed: 1e−5 · max(1, max |logit|), what float32 is held to"
        )

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.setBackground(new.card)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(new.grid))
            axis.setTextPen(pg.mkPen(new.muted))
            axis.setStyle(tickFont=theme.font(-2), tickLength=0, hideOverlappingLabels=False)
        self._bound.setPen(pg.mkPen(new.warning, width=1, style=Qt.PenStyle.DashLine))
        self._curve.setPen(pg.mkPen(new.accent, width=1))

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Take new predictions; `draw` shows them."""
        for prediction in predictions:
            if prediction.max_delta is None or prediction.delta_bound is None:
                if self.deltas and not math.isnan(self.deltas[-1]):
                    self.deltas.append(math.nan)
                    self._bounds.append(math.nan)
                continue
            self.deltas.append(math.log10(max(prediction.max_delta, 10.0**_LOWEST)))
            self._bounds.append(math.log10(prediction.delta_bound))

    def forget(self) -> None:
        """Forget all differences: another recording."""
        self.deltas.clear()
        self._bounds.clear()

    def draw(self) -> None:
        """Show what was added; a few times a second."""
        x = np.arange(-len(self.deltas) + 1, 1) * self._step
        self._curve.setData(x, np.array(self.deltas))
        self._bound.setData(x, np.array(self._bounds))


class TaskCheck(QFrame):
    """One task's check."""

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._info = info
        title = QLabel(tr("{task} — max |Δ| of the logits", task=tr(NAMES.get(info.task, info.task))))
        title.setProperty("heading", True)
        self.now = QLabel("–")
        self.now.setFont(theme.font(11, bold=True))
        self.now.setAccessibleName(f"{info.task}: largest difference of the two modes now")
        self.verdict = QLabel("off")
        self.verdict.setFont(theme.font(-1))
        self.worst = Line(f"{info.task}: worst difference since the check began")
        self.steps = Line(f"{info.task}: tokens compared")
        self.plot = DeltaPlot(info)
        self._compared = 0
        numbers = QVBoxLayout()
        numbers.setSpacing(2)
        for label in (self.now, self.verdict, self.worst, self.steps):
            numbers.addWidget(label)
        numbers.addStretch(1)
        box = QWidget()
        box.setLayout(numbers)
        numbers.setContentsMargins(0, 0, 0, 0)
        box.setFixedWidth(150)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(box)
        row.addWidget(self.plot, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(5)
        layout.addWidget(title)
        layout.addLayout(row, 1)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.plot.set_theme(new)

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Take new predictions."""
        self._compared += sum(prediction.max_delta is not None for prediction in predictions)
        self.plot.add(predictions)

    def clear(self) -> None:
        """Forget all that was compared: another recording."""
        self._compared = 0
        self.plot.forget()

    def slow_update(self, snapshot: Snapshot) -> None:
        """Write the figures and draw; a few times a second."""
        newest, cost = snapshot.latest.get(self._info.task), snapshot.costs.get(self._info.task)
        color = self._theme.muted
        if snapshot.mode != "both":
            now, verdict = "–", tr("off: C runs both modes")
        elif newest is None or newest.max_delta is None or newest.delta_bound is None:
            now, verdict = "–", tr("waiting for a token")
        else:
            now = f"{newest.max_delta:.1e}"
            within = newest.max_delta <= newest.delta_bound
            bound = f"{newest.delta_bound:.1e}"
            verdict = tr("within float32's {bound}", bound=bound)
            if not within:
                verdict = tr("OVER float32's {bound}", bound=bound)
            color = self._theme.good if within else self._theme.error
        self.now.setText(now)
        self.verdict.setText(verdict)
        if self.verdict.styleSheet() != f"color: {color}":
            self.verdict.setStyleSheet(f"color: {color}")
        worst = cost.max_delta if cost is not None else None
        self.worst.setText(tr("{number} at worst", number=f"{worst:.1e}") if worst is not None else "–")
        self.steps.setText(tr("{count} tokens compared", count=f"{self._compared:,}"))
        if self.isVisible():
            self.plot.draw()


class CheckView(QWidget):
    """The check of each task, side by side."""

    def __init__(self, tasks: Mapping[str, TaskInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.checks = {task: TaskCheck(info) for task, info in tasks.items()}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        for check in self.checks.values():
            layout.addWidget(check, 1)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        for check in self.checks.values():
            check.set_theme(new)

    def add(self, task: str, predictions: Sequence[Prediction]) -> None:
        """Take new predictions of a task."""
        self.checks[task].add(predictions)

    def clear(self, task: str) -> None:
        """Forget what was compared of a task."""
        self.checks[task].clear()

    def slow_update(self, snapshot: Snapshot) -> None:
        """Write the figures; a few times a second."""
        for check in self.checks.values():
            check.slow_update(snapshot)
