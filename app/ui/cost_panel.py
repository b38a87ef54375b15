"""What each answer costs, beside what a regular Transformer would spend on the same window."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.pipeline.state import Cost, Mode, Prediction, Snapshot, TaskInfo
from app.ui import theme
from app.ui.theme import SPACE, Theme

MACS = "multiply-accumulates (MACs)"
NAMES = {"actions": "Action", "genres": "Music genre"}
_COUNTED = (
    "Matrix products only, as in the paper: no bias, norm or softmax; two FLOPs each. "
    "While the window fills, only the tokens in it are counted."
)


def amount(value: float) -> str:
    """A count in three digits: 950, 12.3 k, 4.56 M, 1.20 G."""
    if not math.isfinite(value):
        return "–"
    for limit, unit in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit * 0.9995:
            scaled = value / limit
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            return f"{scaled:.{digits}f} {unit}"
    return f"{value:.0f}"


def milliseconds(seconds: float) -> str:
    """A duration in milliseconds, three digits; "–" for nan."""
    if not math.isfinite(seconds):
        return "–"
    ms = 1e3 * seconds
    return f"{ms:.2f} ms" if ms < 10 else f"{ms:.1f} ms" if ms < 100 else f"{ms:.0f} ms"


def percentiles(p50: float, p95: float) -> str:
    """Two durations with one unit."""
    return f"p50 {milliseconds(p50).removesuffix(' ms')} · p95 {milliseconds(p95)}"


def ratio(regular: float, spent: float) -> str:
    """How many times the regular cost is; "–" before there is any."""
    if not spent:
        return "–"
    value = regular / spent
    return f"{value:.1f}×" if value < 99.95 else f"{value:.0f}×"


class Line(QLabel):
    """One line in small type that is elided where it has no room; its changes move nothing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("–", parent)
        self.setFont(theme.font(-1))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), text)


class CostBars(QWidget):
    """Three lengths on one scale: as computed, regular for the last output only, regular for all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme.current()
        self.rows: list[tuple[str, int, str]] = []  # words, MACs, colour
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(f"{MACS.capitalize()} of this step. {_COUNTED}")

    def sizeHint(self) -> QSize:
        return QSize(260, 3 * 19)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_cost(self, cost: Cost, mode: Mode) -> None:
        name = {"continual": "continual", "regular": "regular, as run", "both": "continual, checked"}[mode]
        rows = [
            (name, cost.macs_step, "accent"),
            ("regular, last output", cost.macs_step_regular_last, "muted"),
            ("regular, all outputs", cost.macs_step_regular, "muted"),
        ]
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleName("; ".join(f"{words}: {macs:,} MACs" for words, macs, _ in rows))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(-1))
        metrics = painter.fontMetrics()
        words_width = metrics.horizontalAdvance("regular, last output") + 10
        number_width = metrics.horizontalAdvance("999,999,999") + 2
        width = self.width() - words_width - number_width - 8
        scale = max([macs for _, macs, _ in self.rows] + [1])
        row = self.height() / 3
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, (words, macs, color) in enumerate(self.rows):
            y = place * row
            painter.setPen(self._theme.color("text" if place == 0 else "muted"))
            painter.drawText(QRectF(0, y, words_width, row), int(middle | Qt.AlignmentFlag.AlignLeft), words)
            number = QRectF(self.width() - number_width, y, number_width, row)
            painter.drawText(number, int(middle | Qt.AlignmentFlag.AlignRight), f"{macs:,}" if macs else "–")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(color, 255 if place == 0 else 150))
            length = max(2.0, width * macs / scale) if macs else 0.0
            painter.drawRoundedRect(QRectF(words_width, y + row / 2 - 4, length, 8), 2, 2)


def _table(rows: Sequence[tuple[str, QLabel]], spacing: int) -> tuple[QGridLayout, list[QLabel]]:
    """Values under one another, each behind its muted name; the layout and the names."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(SPACE)
    grid.setVerticalSpacing(spacing)
    names = []
    for row, (words, value) in enumerate(rows):
        name = QLabel(words)
        name.setProperty("muted", True)
        name.setFont(theme.font(-1))
        grid.addWidget(name, row, 0)
        grid.addWidget(value, row, 1)
        names.append(name)
    grid.setColumnStretch(1, 1)
    return grid, names


class TaskCost(QFrame):
    """One task's account."""

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.title = title = QLabel(f"{NAMES.get(info.task, info.task)} — {MACS} per step")
        title.setProperty("heading", True)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        title.setToolTip(_COUNTED)
        self.ratio = QLabel("–")
        self.ratio.setFont(theme.font(11, bold=True))
        self.ratio.setAccessibleName(f"{info.task}: regular over computed MACs, this step")
        self.fewer = QLabel("")
        self.fewer.setProperty("muted", True)
        self.fewer.setFont(theme.font(-1))
        self.bars = CostBars()
        self.total = Line(f"{info.task}: saved in total")
        self.time = Line(f"{info.task}: time per step")
        self.apart = Line(f"{info.task}: extractors")
        self.apart.setText(
            " · ".join(f"{name} {amount(macs)}" for name, macs in info.extractor_macs.items()) or "–"
        )
        self.apart.setToolTip(
            "MACs of one run of each feature extractor, not part of the figures above. "
            "A detector that runs now and then is listed, not summed.\n"
            + "\n".join(f"{name}: {macs:,}" for name, macs in info.extractor_macs.items())
        )
        big = QVBoxLayout()
        big.setSpacing(0)
        big.addWidget(self.ratio, 0, Qt.AlignmentFlag.AlignHCenter)
        big.addWidget(self.fewer, 0, Qt.AlignmentFlag.AlignHCenter)
        big_box = QWidget()
        big_box.setLayout(big)
        big_box.setFixedWidth(104)
        big.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(big_box)
        top.addWidget(self.bars, 1)
        grid, _ = _table(
            (("saved in total", self.total), ("time per step", self.time), ("extractors, apart", self.apart)),
            spacing=1,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(5)
        layout.addWidget(title)
        layout.addLayout(top)
        layout.addLayout(grid)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.bars.set_theme(new)

    def show_cost(self, cost: Cost, mode: Mode) -> None:
        """Write the account; a few times a second."""
        self.bars.show_cost(cost, mode)
        _say(self.ratio, ratio(cost.macs_step_regular, cost.macs_step))
        _say(self.fewer, "as regular" if mode == "regular" else "fewer this step")
        total = "–"
        if cost.steps:
            share = f"{amount(cost.macs_saved)} of {amount(cost.macs_regular)}"
            total = f"{share} ({ratio(cost.macs_regular, cost.macs_spent)}), {cost.steps:,} steps"
        _say(self.total, total)
        self.total.setToolTip(
            f"{cost.macs_saved:,} of {cost.macs_regular:,} MACs, since the source was chosen\n"
            + "\n".join(f"{part}: {macs:,} this step" for part, macs in cost.parts.items())
        )
        _say(self.time, percentiles(cost.p50, cost.p95))


class FlowPanel(QFrame):
    """Pictures had, skipped and painted; latency; and the check of the two modes against each other."""

    def __init__(self, tasks: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        title = QLabel("Flow and check")
        title.setProperty("heading", True)
        self.captured = Line("Pictures captured")
        self.skipped = Line("Pictures skipped")
        self.shown = Line("Pictures shown")
        self.latency = {task: Line(f"{task}: latency") for task in tasks}
        self.delta = {task: Line(f"{task}: max |Δ|") for task in tasks}
        self._latencies: dict[str, deque[float]] = {task: deque(maxlen=512) for task in tasks}
        self._worst: dict[str, float | None] = dict.fromkeys(tasks)
        rows = [
            ("captured", self.captured, "Pictures that the source delivered"),
            ("skipped", self.skipped, "Pictures that were not analysed: a newer one came before their turn"),
            ("shown", self.shown, "Pictures that this window painted"),
        ]
        rows += [
            (
                f"latency, {NAMES.get(task, task).split()[0].lower()}",
                value,
                "From capture to prediction, p50 and p95 of the newest 512",
            )
            for task, value in self.latency.items()
        ]
        rows += [
            (
                f"max |Δ|, {NAMES.get(task, task).split()[0].lower()}",
                value,
                "Largest difference of the two modes' logits; worst since the check began",
            )
            for task, value in self.delta.items()
        ]
        grid, names = _table([(words, value) for words, value, _ in rows], spacing=2)
        for name, (_, value, tip) in zip(names, rows, strict=True):
            name.setToolTip(tip)
            value.setToolTip(tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(5)
        layout.addWidget(title)
        layout.addLayout(grid)
        layout.addStretch(1)

    def add(self, task: str, predictions: Sequence[Prediction]) -> None:
        """Take new predictions."""
        self._latencies[task].extend(prediction.latency for prediction in predictions)

    def show_state(self, snapshot: Snapshot) -> None:
        """Write the figures; a few times a second."""
        counters = snapshot.counters
        _say(self.captured, f"{counters.captured:,}")
        _say(self.skipped, f"{counters.skipped:,}")
        _say(self.shown, f"{counters.shown:,}")
        for task, value in self.latency.items():
            latencies = self._latencies[task]
            if latencies:
                _say(value, percentiles(*np.percentile(latencies, (50, 95))))
        for task, value in self.delta.items():
            cost, newest = snapshot.costs.get(task), snapshot.latest.get(task)
            if snapshot.mode != "both":
                _say(value, "off (C)")
            elif cost is None or cost.max_delta is None or newest is None or newest.max_delta is None:
                _say(value, "–")
            else:
                _say(value, f"{newest.max_delta:.1e} now · {cost.max_delta:.1e} worst")


class CostPanel(QWidget):
    """The lowest row of the window: an account for each task, and the flow."""

    def __init__(self, tasks: dict[str, TaskInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.accounts = {task: TaskCost(info) for task, info in tasks.items()}
        self.flow = FlowPanel(list(tasks))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        for account in self.accounts.values():
            layout.addWidget(account, 9)
        layout.addWidget(self.flow, 6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        for account in self.accounts.values():
            account.set_theme(new)

    def add(self, task: str, predictions: Sequence[Prediction]) -> None:
        """Take new predictions of a task."""
        self.flow.add(task, predictions)

    def slow_update(self, snapshot: Snapshot) -> None:
        """Write everything; a few times a second."""
        for task, account in self.accounts.items():
            account.show_cost(snapshot.costs.get(task, Cost()), snapshot.mode)
        self.flow.show_state(snapshot)


def _say(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
