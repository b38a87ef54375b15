"""The likeliest classes of one answer, as bars."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pipeline.state import Prediction
from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme

TOP = 5  # classes


class Bars(QWidget):
    """The likeliest classes, each a bar in its class's colour; grey while the answer is not sure.

    Empty where there is nothing to name.
    """

    def __init__(self, labels: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._theme = theme.current()
        self._probabilities = np.zeros(len(labels))
        self._written = self._probabilities  # what the numbers say
        self._believed = False
        self.order: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, TOP * 17)
        self.setToolTip(f"The {TOP} likeliest classes with their calibrated probabilities")
        self.setAccessibleName("Likeliest classes")

    def sizeHint(self) -> QSize:
        return QSize(250, TOP * 24)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_prediction(self, prediction: Prediction) -> None:
        self._probabilities = prediction.probabilities
        self._believed = prediction.confident
        if not self.order:
            self.sort()
        self.update()

    def sort(self) -> None:
        """Put the likeliest first and write the numbers; a few times a second, so that nothing flickers."""
        self._written = self._probabilities
        self.order = np.argsort(-self._probabilities, kind="stable")[:TOP].tolist()
        self.setAccessibleDescription(
            ", ".join(f"{self._labels[i]} {100 * self._probabilities[i]:.0f} %" for i in self.order)
        )
        self.update()

    def clear(self) -> None:
        self.order = []
        self.setAccessibleDescription("")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font())
            metrics = painter.fontMetrics()
            number = metrics.horizontalAdvance("100 %") + 4
            name = round(self.width() * 0.4)  # the same in every panel, so that their bars are in line
            row = min(self.height() / TOP, 44.0)
            bar = min(14.0, row * 0.55)
            width = self.width() - name - number - 6
            left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place in range(TOP):
                y = place * row
                track = QRectF(name, y + (row - bar) / 2, width, bar)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.color("track"))
                painter.drawRoundedRect(track, 3, 3)
                if place >= len(self.order):
                    continue
                index = self.order[place]
                p = float(self._probabilities[index])
                painter.setBrush(
                    self._theme.class_color(index) if self._believed else self._theme.color("muted", 110)
                )
                if p * width >= 1:
                    painter.drawRoundedRect(QRectF(track.x(), track.y(), p * width, bar), 3, 3)
                painter.setPen(self._theme.color("text" if self._believed else "muted"))
                label = metrics.elidedText(self._labels[index], Qt.TextElideMode.ElideRight, name - 8)
                painter.drawText(QRectF(0, y, name, row), left, label)
                painter.drawText(
                    QRectF(self.width() - number, y, number, row),
                    right,
                    f"{100 * self._written[index]:.0f} %",
                )
