"""What each answer costs, beside what a regular Transformer would spend on the same window."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.pipeline.state import Cost, Mode, Snapshot, TaskInfo
from app.ui import theme
from app.ui.cost_bars import (
    COUNTED,
    FACTORS,
    UNITS,
    CostBars,
    PartsLine,
    amount,
    by_part,
    percentiles,
    ratio,
    saved,
)
from app.ui.painting import painting
from app.ui.theme import SPACE, Theme
from app.ui.words import later, tr

_SHORT = {"actions": later("action"), "genres": later("music")}
NAMES = {"actions": later("Action"), "genres": later("Music genre")}


class Line(QLabel):
    """One line in small type that is elided where it has no room; its changes move nothing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("–", parent)
        self.setFont(theme.font(-1))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), text)


def _table(rows: Sequence[tuple[str, QWidget]], spacing: int) -> tuple[QGridLayout, list[QLabel]]:
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
        self._info = info
        self.title = QLabel()
        self.title.setProperty("heading", True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.title.setToolTip(tr(COUNTED))
        name = tr(NAMES.get(info.task, info.task))
        self.ratio, self.fewer = QLabel("–"), QLabel("")
        self.ratio.setAccessibleName(tr("{task}: regular over computed, this prediction", task=name))
        self.whole_ratio, self.of_all = QLabel("–"), QLabel(tr("whole pipeline"))
        tip = tr("The same of everything that is computed for this answer, the networks before it included")
        self.whole_ratio.setToolTip(tip)
        self.of_all.setToolTip(tip)
        self.whole_ratio.setAccessibleName(tr("{task}: the same of the whole pipeline", task=name))
        self.bars = CostBars()
        self.parts = PartsLine()
        self.total = Line(tr("{task}: saved in total, the Transformer alone", task=name))
        self.whole = Line(tr("{task}: the whole pipeline, extractors included", task=name))
        self.apart = Line(tr("{task}: extractors", task=name))
        self.apart.setToolTip(
            tr(
                "One run of each feature extractor. Those of music are continual in both modes; "
                "a detector that runs now and then is listed, not summed."
            )
        )
        # The two in the same type: the pipeline's is the smaller, and what a computer's owner gets.
        big_box = QWidget()
        big_box.setFixedWidth(150)
        big = QGridLayout(big_box)
        big.setContentsMargins(0, 0, 0, 0)
        big.setHorizontalSpacing(SPACE)
        big.setVerticalSpacing(0)
        for row, (number, words) in enumerate(((self.ratio, self.fewer), (self.whole_ratio, self.of_all))):
            number.setFont(theme.font(5, bold=True))
            words.setProperty("muted", True)
            words.setFont(theme.font(-1))
            big.addWidget(number, row, 0, Qt.AlignmentFlag.AlignRight)
            big.addWidget(words, row, 1)
        big.setColumnStretch(1, 1)
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(big_box)
        top.addWidget(self.bars, 1)
        grid, _ = _table(
            (
                (tr("by part"), self.parts),
                (tr("saved in total"), self.total),
                (tr("whole pipeline"), self.whole),
                (tr("extractors, apart"), self.apart),
            ),
            spacing=2,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(5)
        layout.addWidget(self.title)
        layout.addLayout(top)
        layout.addLayout(grid)
        layout.addStretch(1)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.bars.set_theme(new)
        self.parts.set_theme(new)

    def show_cost(self, cost: Cost, mode: Mode, unit: str) -> None:
        """Write the account; a few times a second."""
        info, factor = self._info, FACTORS[unit]
        _say(self.title, f"{tr(NAMES.get(info.task, info.task))} — {tr(UNITS[unit])}")
        self.bars.show_cost(cost, mode, unit)
        self.parts.show_parts(by_part(cost, "computed", unit))
        _say(self.ratio, ratio(cost.macs_step("regular"), cost.macs_step()))
        _say(self.fewer, tr("as regular") if mode == "regular" else tr("fewer {unit}", unit=unit))
        # Before the first answer nothing was computed.
        apart, windows = (info.macs_apart, info.macs_apart_regular) if cost.parts else (0, 0)
        _say(self.whole_ratio, ratio(cost.macs_step("regular") + windows, cost.macs_step() + apart))
        each = [f"{name} {amount(factor * macs)}" for name, macs in info.extractor_macs.items()]
        _say(self.apart, " · ".join(each) or "–")
        if not cost.steps:
            _say(self.total, "–")
            _say(self.whole, "–")
            return
        spent, regular = factor * cost.macs_spent, factor * cost.macs_regular
        whole = spent + factor * cost.steps * info.macs_apart
        whole_regular = regular + factor * cost.steps * info.macs_apart_regular
        _say(
            self.total,
            tr("{saved}, {count} predictions", saved=saved(spent, regular), count=f"{cost.steps:,}"),
        )
        _say(self.whole, saved(whole, whole_regular))
        self.total.setToolTip(f"{regular - spent:,} of {regular:,} {unit}, since the source was chosen")
        self.whole.setToolTip(
            f"{whole_regular - whole:,} of {whole_regular:,} {unit}, extractors included: "
            f"{factor * info.macs_apart:,} a prediction, {factor * info.macs_apart_regular:,} did they "
            "recompute their windows"
        )


class FlowPanel(QFrame):
    """Pictures had, skipped and painted, and how long predictions take."""

    def __init__(self, tasks: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        title = QLabel(tr("Flow"))
        title.setProperty("heading", True)
        self.captured = Line(tr("Pictures captured"))
        self.skipped = Line(tr("Pictures skipped"))
        self.shown = Line(tr("Pictures shown"))
        self.latency = {task: Line(f"{task}: latency") for task in tasks}
        self.step = {task: Line(f"{task}: time per step") for task in tasks}
        rows = [
            (tr("captured"), self.captured, tr("Pictures that the source delivered")),
            (
                tr("skipped"),
                self.skipped,
                tr("Pictures that were not analysed: a newer one came before their turn"),
            ),
            (tr("shown"), self.shown, tr("Pictures that this window painted")),
        ]
        heading = Line(tr("Percentiles"))
        heading.setText("p50 · p95 · p99")
        heading.setProperty("muted", True)
        rows.append(("", heading, tr("Half, nineteen of twenty and ninety-nine of a hundred are faster")))
        for name, lines, tip in (
            (tr("latency"), self.latency, tr("From capture to prediction, of the newest 512")),
            (
                tr("step"),
                self.step,
                tr("Time of the Transformer alone in the current mode, of the newest 512; what computes it"),
            ),
        ):
            rows += [(f"{name}, {_short(task)}", line, tip) for task, line in lines.items()]
        grid, names = _table([(words, value) for words, value, _ in rows], spacing=2)
        for label, (_, value, tip) in zip(names, rows, strict=True):
            label.setToolTip(tip)
            value.setToolTip(tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(5)
        layout.addWidget(title)
        layout.addLayout(grid)
        layout.addStretch(1)

    def show_state(self, snapshot: Snapshot) -> None:
        """Write the figures; a few times a second."""
        counters = snapshot.counters
        _say(self.captured, f"{counters.captured:,}")
        _say(self.skipped, f"{counters.skipped:,}")
        _say(self.shown, f"{counters.shown:,}")
        for task, cost in snapshot.costs.items():
            if task in self.latency:
                _say(self.latency[task], percentiles(cost.latency, named=False))
                by = f", {cost.engine}" if cost.engine else ""
                _say(self.step[task], percentiles(cost.seconds, named=False) + by)


def _short(task: str) -> str:
    return tr(_SHORT.get(task, task))


class CostPanel(QWidget):
    """An account for each task, and the flow.

    Attributes
    ----------
    unit : {"MACs", "FLOPs"}
        What is counted in; `slow_update` shows it.
    """

    def __init__(self, tasks: dict[str, TaskInfo], unit: str = "MACs", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit = unit if unit in UNITS else "MACs"
        self.accounts = {task: TaskCost(info) for task, info in tasks.items()}
        self.flow = FlowPanel(list(tasks))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        for account in self.accounts.values():
            layout.addWidget(account, 9)
        layout.addWidget(self.flow, 6)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        for account in self.accounts.values():
            account.set_theme(new)

    def slow_update(self, snapshot: Snapshot) -> None:
        """Write everything; a few times a second."""
        for task, account in self.accounts.items():
            account.show_cost(snapshot.costs.get(task, Cost()), snapshot.mode, self.unit)
        self.flow.show_state(snapshot)


def _say(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
