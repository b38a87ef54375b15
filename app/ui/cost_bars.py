"""Amounts of work, in words and as bars: multiply-accumulates by part of the Transformer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pipeline.state import Cost, Mode
from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme
from app.ui.words import later, tr

UNITS = {"MACs": later("multiply-accumulates (MACs)"), "FLOPs": later("FLOPs, two a multiply-accumulate")}
FACTORS = {"MACs": 1, "FLOPs": 2}
# The parts that are told apart, and what each holds of the model's account.
PARTS = {
    "embedding": ("embedding",),
    "attention": ("qkv", "attention", "output"),
    "feed-forward": ("feedforward",),
    "head": ("head",),
}
COUNTED = later(
    "Multiply-accumulates of matrix products, as in the paper: no bias, norm or softmax; two FLOPs each. "
    "Attention includes its projections. While the window fills, only the tokens in it are counted."
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


def percentiles(values: Sequence[float], named: bool = True) -> str:
    """p50, p95 and p99 of a duration, with one unit; "–" before there are any."""
    if not math.isfinite(values[0]):
        return "–"
    numbers = [milliseconds(seconds).removesuffix(" ms") for seconds in values]
    if named:
        numbers = [f"{name} {number}" for name, number in zip(("p50", "p95", "p99"), numbers, strict=True)]
    return f"{' · '.join(numbers)} ms"


def ratio(regular: float, spent: float) -> str:
    """How many times the regular cost is; "–" before there is any."""
    if not spent:
        return "–"
    value = regular / spent
    if value < 1.995:
        return f"{value:.2f}×"
    return f"{value:.1f}×" if value < 99.95 else f"{value:.0f}×"


def saved(spent: float, regular: float) -> str:
    """What was saved of what the regular mode takes, and the ratio of the two."""
    return f"{amount(regular - spent)} of {amount(regular)} ({ratio(regular, spent)})"


def part_color(colors: Theme, place: int) -> QColor:
    """The colour of one of `PARTS`."""
    return colors.class_color((0, 1, 2, 5)[place])


class CostBars(QWidget):
    """Three lengths on one scale, made of their parts: as computed, regular for the last output, for all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme.current()
        self.rows: list[tuple[str, list[int]]] = []  # words, and an amount for each of `PARTS`
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr(COUNTED))

    def sizeHint(self) -> QSize:
        return QSize(260, 3 * 17)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_cost(self, cost: Cost, mode: Mode, unit: str) -> None:
        names: dict[Mode, str] = {
            "continual": tr("continual"),
            "regular": tr("regular, as run"),
            "both": tr("continual, checked"),
        }
        rows = [
            (names[mode], by_part(cost, "computed", unit)),
            (tr("regular, last"), by_part(cost, "regular_last", unit)),
            (tr("regular, all"), by_part(cost, "regular", unit)),
        ]
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleName("; ".join(f"{words}: {sum(parts):,} {unit}" for words, parts in rows))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(theme.font(-1))
            metrics = painter.fontMetrics()
            words_width = (
                max(metrics.horizontalAdvance(words) for words, _ in self.rows) + 10 if self.rows else 0
            )
            number_width = metrics.horizontalAdvance("999,999,999") + 2
            width = self.width() - words_width - number_width - 8
            scale = max([sum(parts) for _, parts in self.rows] + [1])
            row = self.height() / 3
            middle = Qt.AlignmentFlag.AlignVCenter
            for place, (words, parts) in enumerate(self.rows):
                y = place * row
                painter.setPen(self._theme.color("text" if place == 0 else "muted"))
                painter.drawText(
                    QRectF(0, y, words_width, row), int(middle | Qt.AlignmentFlag.AlignLeft), words
                )
                number = QRectF(self.width() - number_width, y, number_width, row)
                total = sum(parts)
                painter.drawText(
                    number, int(middle | Qt.AlignmentFlag.AlignRight), f"{total:,}" if total else "–"
                )
                x = float(words_width)
                for part, value in enumerate(parts):
                    length = width * value / scale
                    painter.fillRect(QRectF(x, y + row / 2 - 4, length, 8), part_color(self._theme, part))
                    x += length
                if total and x - words_width < 2:  # too little to be seen otherwise
                    painter.fillRect(QRectF(words_width, y + row / 2 - 4, 2, 8), self._theme.color("accent"))


class PartsLine(QWidget):
    """What this prediction cost, by part; the squares are the legend of `CostBars`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme.current()
        self.values = [0] * len(PARTS)
        self.setFont(theme.font(-1))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip(tr(COUNTED))

    def sizeHint(self) -> QSize:
        return QSize(200, 2 * self.fontMetrics().height() + 2)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_parts(self, values: list[int]) -> None:
        if values != self.values:
            self.values = values
            told = ", ".join(f"{name} {value:,}" for name, value in zip(PARTS, values, strict=True))
            self.setAccessibleName(f"This prediction by part: {told}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            row = self.height() / 2
            for place, (name, value) in enumerate(zip(PARTS, self.values, strict=True)):
                x, y = place % 2 * self.width() / 2, place // 2 * row
                painter.fillRect(QRectF(x, y + row / 2 - 4, 8, 8), part_color(self._theme, place))
                painter.setPen(self._theme.color("text"))
                text = QRectF(x + 13, y, self.width() / 2 - 13, row)
                painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), f"{name} {amount(value)}")


def by_part(cost: Cost, which: str, unit: str) -> list[int]:
    """This prediction's amount for each of `PARTS`, in MACs or FLOPs."""
    parts, factor = cost.parts.get(which, {}), FACTORS[unit]
    return [factor * sum(parts.get(name, 0) for name in names) for names in PARTS.values()]
