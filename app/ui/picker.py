"""A combo box with our own arrow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox

from app.ui import theme
from app.ui.painting import painting


class Picker(QComboBox):
    """The style sheet takes the arrow away (it would need a picture file); this draws one."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.current().muted), 1.6, c=Qt.PenCapStyle.RoundCap))
            x, y = self.width() - 15.0, self.height() / 2 + 0.5
            painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])
