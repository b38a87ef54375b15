"""The likeliest classes of one answer, as bars."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pipeline.state import Prediction
from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme
from app.ui.words import tr

TOP = 5  # classes
_Row = tuple[int, int, str, bool]  # class, length of the bar in pixels, number, whether it is believed


class Bars(QWidget):
    """The likeliest classes, each a bar in its class's colour; grey while the answer is not sure.

    Empty where there is nothing to name.  A row is painted again when something in it changed that is seen.
    """

    def __init__(self, labels: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._theme = theme.current()
        self._probabilities = np.zeros(len(labels))
        self._written = self._probabilities  # what the numbers say
        self._believed = False
        self.order: list[int] = []
        self._number = QFontMetrics(theme.font()).horizontalAdvance("100 %") + 4  # pixels
        self._rows: list[_Row | None] = [None] * TOP  # as painted, or about to be
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(220, TOP * 17)
        self.setToolTip(tr("The likeliest classes with their calibrated probabilities"))
        self.setAccessibleName(tr("Likeliest classes"))

    def sizeHint(self) -> QSize:
        return QSize(250, TOP * 24)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_prediction(self, prediction: Prediction) -> None:
        self._probabilities = prediction.probabilities
        self._believed = prediction.confident
        if self.order:
            self._show()
        else:
            self.sort()

    def sort(self) -> None:
        """Put the likeliest first and write the numbers; a few times a second, so that nothing flickers."""
        self._written = self._probabilities
        self.order = np.argsort(-self._probabilities, kind="stable")[:TOP].tolist()
        self.setAccessibleDescription(
            ", ".join(f"{self._labels[i]} {100 * self._probabilities[i]:.0f} %" for i in self.order)
        )
        self._show()

    def clear(self) -> None:
        self.order = []
        self.setAccessibleDescription("")
        self._show()

    def _show(self) -> None:
        """Paint the rows that look otherwise by now."""
        width = self._track(0).width()
        for place, before in enumerate(self._rows):
            row = None
            if place < len(self.order):
                index = self.order[place]
                percent = f"{100 * self._written[index]:.0f} %"
                row = index, round(float(self._probabilities[index]) * width), percent, self._believed
            if row != before:
                self._rows[place] = row
                self.update(self._row(place))

    def _row(self, place: int) -> QRect:
        height = min(self.height() / TOP, 44.0)
        top = round(place * height)
        return QRect(0, top, self.width(), round((place + 1) * height) - top)

    def _track(self, place: int) -> QRect:
        """Where a row's bar lies; names take the same share in every panel, so that the bars are in line."""
        row, name = self._row(place), round(self.width() * 0.4)
        bar = min(14, round(row.height() * 0.55))
        length = self.width() - name - self._number - 6
        return QRect(name, row.y() + (row.height() - bar) // 2, length, bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The bars have another length."""
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            # A pixel more on each side: where the screen's scale is 125 %, the edges lie within its pixels.
            painter.fillRect(event.rect().adjusted(-1, -1, 1, 1), self._theme.color("card"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font())
            for place, row in enumerate(self._rows):
                if self._row(place).intersects(event.rect()):
                    self._paint_row(painter, place, row)

    def _paint_row(self, painter: QPainter, place: int, row: _Row | None) -> None:
        colors, box, track = self._theme, self._row(place), self._track(place)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("track"))
        painter.drawRoundedRect(track, 3, 3)
        if row is None:
            return
        index, length, percent, believed = row
        if length:
            painter.setBrush(colors.class_color(index) if believed else colors.color("muted", 110))
            painter.drawRoundedRect(QRect(track.x(), track.y(), length, track.height()), 3, 3)
        painter.setPen(colors.color("text" if believed else "muted"))
        room = track.x() - 8
        label = painter.fontMetrics().elidedText(self._labels[index], Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), label)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), percent)
