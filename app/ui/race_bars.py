"""The race's pictures: a battery of what was saved, and a bar of how fast a lane is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme

_SLOWEST = 0.02  # of the bar, for the slower lane


class Battery(QWidget):
    """What the continual mode has saved of what the regular one would have spent, as a charge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share = 0.0
        self._theme = theme.current()
        self.setFixedSize(132, 44)
        self.setAccessibleName("Saved")

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_share(self, share: float) -> None:
        """Show 0 to 1."""
        if share != self.share:
            self.share = share
            self.setAccessibleDescription(f"{100 * share:.1f} % of the multiply-accumulates saved")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colors = self._theme
            body = QRectF(1, 1, self.width() - 9, self.height() - 2)
            painter.setPen(QPen(colors.color("muted"), 2))
            painter.setBrush(colors.color("track"))
            painter.drawRoundedRect(body, 6, 6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("muted"))
            painter.drawRoundedRect(QRectF(body.right() + 2, self.height() / 2 - 8, 5, 16), 2, 2)
            inside = body.adjusted(4, 4, -4, -4)
            painter.setBrush(colors.color("good", 200))
            painter.drawRoundedRect(
                QRectF(inside.x(), inside.y(), inside.width() * self.share, inside.height()), 3, 3
            )
            painter.setPen(colors.color("on_accent" if self.share > 0.6 else "text"))
            painter.setFont(theme.font(2, bold=True))
            text = f"{100 * self.share:.1f} %" if self.share else "–"
            painter.drawText(body, int(Qt.AlignmentFlag.AlignCenter), text)


class SpeedBar(QWidget):
    """How fast a lane is, beside the faster one."""

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self._share = 0.0
        self._theme = theme.current()
        self.setMinimumWidth(80)

    def sizeHint(self) -> QSize:
        return QSize(160, 12)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def show_share(self, share: float) -> None:
        if share != self._share:
            self._share = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(0, self.height() / 2 - 6, self.width(), 12)
            painter.setBrush(self._theme.color("track"))
            painter.drawRoundedRect(track, 3, 3)
            if self._share:
                painter.setBrush(self._theme.color(self._color))
                width = max(_SLOWEST, self._share) * track.width()
                painter.drawRoundedRect(QRectF(track.x(), track.y(), width, 12), 3, 3)
