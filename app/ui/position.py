"""Where a file is, as a slider: a press or a drag seeks."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from app.capture.clocks import Playback
from app.ui import theme
from app.ui.keyboard import keyed
from app.ui.painting import painting
from app.ui.theme import Theme
from app.ui.words import tr

_TRACK, _HANDLE = 4.0, 6.0  # pixels: height of the track, radius of the handle


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``, or ``h:mm:ss`` from an hour on; "–:––" for nan."""
    if not math.isfinite(seconds):
        return "–:––"
    whole = int(max(0.0, seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _milliseconds(seconds: float) -> int:
    """What a slider of Qt can hold: 0 for nan, 24 days at most."""
    return round(min(1000 * seconds, 2**31 - 1)) if seconds > 0 else 0


class Position(QSlider):
    """Where a file is, how far its tokens are known, and by press or drag where it is to go.

    Its value is in milliseconds.

    Signals
    -------
    asked(seconds)
    """

    asked = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme.current()
        self._reached = 0.0
        self._target = math.nan
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)  # live, the time beside it stays where it is
        self.setSizePolicy(policy)
        tip = tr("Drag, or press, to go anywhere in the file; the keys go five seconds")
        keyed(self, "← →", tip, tr("Position in the file"), connect=False)

    def sizeHint(self) -> QSize:
        return QSize(200, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 20)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.update()

    def show_position(self, position: float, duration: float, playback: Playback) -> None:
        """Show where a file is, in seconds; while the mouse holds the handle, that stands."""
        if self.maximum() != (end := max(1, _milliseconds(duration))):
            self.setRange(0, end)
        if not self.isSliderDown():
            self.setValue(_milliseconds(position))
        target = playback.catching_up if math.isnan(playback.seeking) else playback.seeking
        known = playback.reached, target
        if known != (self._reached, self._target):
            self._reached, self._target = known
            self.update()

    def seconds_at(self, x: float) -> float:
        """The media time under a point."""
        share = (x - _HANDLE) / max(1.0, self.width() - 2 * _HANDLE)
        return min(1.0, max(0.0, share)) * self.maximum() / 1000

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            colors, middle = self._theme, self.height() / 2
            at = self._x(self.value() / 1000)
            for end, color in (
                (self.width() - _HANDLE, colors.color("track")),
                (self._x(self._reached), colors.color("muted", 110)),
                (at, colors.color("accent")),
            ):
                painter.setBrush(color)
                box = QRectF(_HANDLE, middle - _TRACK / 2, max(0.0, end - _HANDLE), _TRACK)
                painter.drawRoundedRect(box, _TRACK / 2, _TRACK / 2)
            if math.isfinite(self._target):
                painter.setBrush(colors.color("warning"))
                painter.drawRect(QRectF(self._x(self._target) - 1, middle - 6, 2, 12))
            if self.hasFocus():
                painter.setBrush(colors.color("accent", 80))
                painter.drawEllipse(QPointF(at, middle), _HANDLE + 3, _HANDLE + 3)
            painter.setBrush(colors.color("accent"))
            painter.drawEllipse(QPointF(at, middle), _HANDLE, _HANDLE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go(event)
        text = clock(self.seconds_at(event.position().x()))
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The window's keys hold here, too."""
        event.ignore()

    def _x(self, seconds: float) -> float:
        return _HANDLE + (self.width() - 2 * _HANDLE) * min(1.0, 1000 * seconds / max(1, self.maximum()))

    def _go(self, event: QMouseEvent) -> None:
        seconds = self.seconds_at(event.position().x())
        self.setValue(_milliseconds(seconds))
        self.asked.emit(seconds)
