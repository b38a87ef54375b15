"""What stands on the stage: an answer in large type, and the counter of what was saved."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pipeline.feed import Feed
from app.pipeline.state import Prediction, Snapshot, TaskInfo
from app.ui import theme
from app.ui.cost_bars import FACTORS, amount, ratio
from app.ui.cost_panel import NAMES
from app.ui.painting import painting
from app.ui.prediction_panel import no_answer, spoken
from app.ui.theme import Theme
from app.ui.words import tr

TOP = 3  # classes under the name
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_LEFT = int(_MIDDLE | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(_MIDDLE | Qt.AlignmentFlag.AlignRight)


def _font(pixels: float, bold: bool = False) -> QFont:
    font = theme.font(bold=bold)
    font.setPixelSize(max(9, int(pixels)))
    return font


def _fitting(text: str, width: float, pixels: float) -> QFont:
    """A bold font of at most this size in which the text has room."""
    font = _font(pixels, bold=True)
    needed = QFontMetricsF(font).horizontalAdvance(text)
    return font if needed <= width else _font(pixels * width / needed, bold=True)


class StageAnswer(QWidget):
    """One task's name in the largest type that fits, and its likeliest classes as bars."""

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self._theme = theme.current()
        self._probabilities: np.ndarray | None = None
        self._order: list[int] = []
        self._painted: tuple[object, ...] = ()
        self._title = tr(NAMES.get(info.task, info.task.capitalize()))
        self.text, self.percent, self.believed = "", "", False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(300, 120)
        self.setToolTip(tr("{task}: what is named now, and the likeliest classes", task=self._title))

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.update()

    def show_answer(self, newest: Prediction | None, feed: Feed) -> None:
        """Show the answer that stands, or why there is none; painted when something changed that is seen."""
        named = newest is not None and not newest.status
        if newest is None:
            self.text, self.believed = no_answer(feed, self.info.task), False
        else:
            self.text, self.believed = spoken(newest), newest.confident
        self._probabilities = newest.probabilities if newest is not None and named else None
        self.percent, self._order = "", []
        if self._probabilities is not None:
            self._order = np.argsort(-self._probabilities, kind="stable")[:TOP].tolist()
            self.percent = f"{100 * self._probabilities[self._order[0]]:.0f} %"
        shares = tuple(round(200 * float(self._probabilities[i])) for i in self._order)  # type: ignore[index]
        seen = (self.text, self.believed, self.percent, tuple(self._order), shares)
        if seen != self._painted:
            self._painted = seen
            self.setAccessibleName(f"{self._title}: {self.text} {self.percent}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colors, width, height = self._theme, float(self.width()), float(self.height())
            painter.setPen(colors.color("muted"))
            painter.setFont(_font(0.10 * height, bold=True))
            painter.drawText(QRectF(0, 0, width, 0.14 * height), _LEFT, self._title)
            number = _font(0.2 * height)
            room = QFontMetricsF(number).horizontalAdvance("100 %") + 8
            painter.setPen(colors.color("text" if self.believed else "muted"))
            painter.setFont(_fitting(self.text, width - room - 8, 0.28 * height))
            name = QRectF(4, 0.14 * height, width - room - 4, 0.36 * height)  # a j begins before its line
            painter.drawText(name, _LEFT, self.text)
            painter.setPen(colors.color("muted"))
            painter.setFont(number)
            painter.drawText(QRectF(width - room, name.y(), room, name.height()), _RIGHT, self.percent)
            self._paint_bars(painter, 0.52 * height, 0.16 * height)

    def _paint_bars(self, painter: QPainter, top: float, row: float) -> None:
        colors, width = self._theme, float(self.width())
        painter.setFont(_font(0.62 * row))
        number = QFontMetricsF(painter.font()).horizontalAdvance("100 %") + 8
        name = 0.42 * width
        bar = QRectF(name, 0, width - name - number - 8, 0.5 * row)
        for place in range(TOP):
            y = top + place * row
            track = bar.translated(0, y + 0.25 * row)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("track"))
            painter.drawRoundedRect(track, 4, 4)
            if place >= len(self._order) or self._probabilities is None:
                continue
            index = self._order[place]
            p = float(self._probabilities[index])
            painter.setBrush(colors.class_color(index) if self.believed else colors.color("muted", 110))
            if p * bar.width() >= 1:
                painter.drawRoundedRect(QRectF(track.x(), track.y(), p * bar.width(), bar.height()), 4, 4)
            painter.setPen(colors.color("text" if self.believed else "muted"))
            metrics = painter.fontMetrics()
            label = metrics.elidedText(self.info.labels[index], Qt.TextElideMode.ElideRight, round(name) - 12)
            painter.drawText(QRectF(0, y, name, row), _LEFT, label)
            painter.drawText(QRectF(width - number, y, number, row), _RIGHT, f"{100 * p:.0f} %")


class StageCounter(QWidget):
    """What all tasks together saved of the multiply-accumulates: of the Transformers, and of everything.

    The two stand under one another in the same type: the pipeline's saving is the smaller, and the one that a
    computer's owner gets.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme.current()
        self.rows: list[tuple[str, str, str, float]] = []  # name, share saved, words, the share
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(
            tr(
                "Saved beside regular Transformers that recompute the window, since the source was chosen; "
                "below, of the whole pipeline: with the networks that make the tokens"
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(800, 120)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.update()

    def show_state(self, snapshot: Snapshot, unit: str) -> None:
        """Write both lines; a few times a second."""
        spent = regular = apart = windows = 0
        for task, cost in snapshot.costs.items():
            spent, regular = spent + cost.macs_spent, regular + cost.macs_regular
            apart += cost.steps * snapshot.tasks[task].macs_apart
            windows += cost.steps * snapshot.tasks[task].macs_apart_regular
        rows = [
            _saving(tr("Transformer"), spent, regular, unit),
            _saving(tr("Whole pipeline"), spent + apart, regular + windows, unit),
        ]
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleName("; ".join(f"{name}: {share} {words}" for name, share, words, _ in rows))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colors, width = self._theme, float(self.width())
            row = self.height() / max(1, len(self.rows))
            plain, large = _font(0.36 * row), _font(0.56 * row, bold=True)
            metrics = QFontMetricsF(plain)
            name = max([metrics.horizontalAdvance(text) for text, *_ in self.rows] + [0.0]) + 24
            number = QFontMetricsF(large).horizontalAdvance("99.9 %") + 24
            words = min(0.44 * width, metrics.horizontalAdvance("saved: 999 G of 9.99 T MACs (99.9×)") + 24)
            bar = QRectF(name + number, 0, width - name - number - words, 0.34 * row)
            for place, (text, share, said, part) in enumerate(self.rows):
                y = place * row
                painter.setFont(plain)
                painter.setPen(colors.color("muted"))
                painter.drawText(QRectF(0, y, name, row), _LEFT, text)
                painter.setFont(large)
                painter.setPen(colors.color("text"))
                painter.drawText(QRectF(name, y, number, row), _LEFT, share)
                track = bar.translated(0, y + 0.33 * row)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colors.color("track"))
                painter.drawRoundedRect(track, 4, 4)
                if part * bar.width() >= 1:
                    painter.setBrush(colors.color("good"))
                    painter.drawRoundedRect(
                        QRectF(track.x(), track.y(), part * bar.width(), bar.height()), 4, 4
                    )
                painter.setFont(_shrunk(said, words - 24, plain))
                painter.setPen(colors.color("text"))
                painter.drawText(QRectF(width - words + 24, y, words - 24, row), _LEFT, said)


def _saving(name: str, spent: int, regular: int, unit: str) -> tuple[str, str, str, float]:
    if not regular:
        return name, "–", tr("nothing computed yet"), 0.0
    part = 1 - spent / regular
    factor = FACTORS[unit]
    words = tr(
        "saved: {saved} of {all} {unit}",
        saved=amount(factor * (regular - spent)),
        all=amount(factor * regular),
        unit=unit,
    )
    times = f" ({ratio(regular, spent)})" if part > 0 else ""
    return name, f"{100 * part:.1f} %", words + times, part


def _shrunk(text: str, width: float, font: QFont) -> QFont:
    """The font, smaller where the text has no room."""
    needed = QFontMetricsF(font).horizontalAdvance(text)
    return font if needed <= width else _font(font.pixelSize() * width / needed)
