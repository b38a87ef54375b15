"""A tour of four bubbles for who sees the window for the first time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import SPACE
from app.ui.words import tr

_WIDTH = 360  # of a bubble
_MARGIN = 16  # in it
_GAP = 14  # between it and what it tells of


@dataclass(frozen=True)
class Stop:
    """One bubble: what it tells of, and what it tells."""

    place: Callable[[], QRect]  # in the window
    title: str
    text: str


class Tour(QWidget):
    """Lies over the window, dims all but what a bubble tells of, and takes the keys until it ends.

    Enter and → go on, ← goes back, Esc ends it.

    Parameters
    ----------
    stops : sequence of Stop
    window : QWidget

    Signals
    -------
    ended
        Seen to the end or skipped.

    Attributes
    ----------
    at : int
        The stop that is shown.
    """

    ended = Signal()

    def __init__(self, stops: tuple[Stop, ...], window: QWidget) -> None:
        super().__init__(window)
        self._stops = stops
        self.at = 0
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.bubble = QFrame(self)
        self.bubble.setObjectName("bubble")
        self.bubble.setFixedWidth(_WIDTH)
        self.title, self.text, self.count = QLabel(), QLabel(), QLabel()
        self.title.setFont(theme.font(2, bold=True))
        self.text.setWordWrap(True)
        self.count.setProperty("muted", True)
        self.skip, self.forward = QPushButton(tr("Skip")), QPushButton()
        self.skip.setToolTip(tr("End the tour; the menu has it again (Esc)"))
        self.forward.setToolTip(tr("Go on (Enter)"))
        self.skip.clicked.connect(self.end)
        self.forward.clicked.connect(self.next)
        for button in (self.skip, self.forward):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout()
        row.addWidget(self.count, 1)
        row.addWidget(self.skip)
        row.addWidget(self.forward)
        layout = QVBoxLayout(self.bubble)
        layout.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        layout.setSpacing(SPACE)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addLayout(row)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self._show_stop()
        self.show()
        self.raise_()
        self.setFocus()

    def next(self) -> None:
        """Go to the next bubble; after the last, end."""
        if self.at + 1 < len(self._stops):
            self.at += 1
            self._show_stop()
        else:
            self.end()

    def back(self) -> None:
        """Go to the bubble before."""
        self.at = max(0, self.at - 1)
        self._show_stop()

    def end(self) -> None:
        """Take the tour away."""
        self._window.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        self.ended.emit()

    def _show_stop(self) -> None:
        stop, last = self._stops[self.at], self.at + 1 == len(self._stops)
        colors = theme.current()
        self.bubble.setStyleSheet(
            f"QFrame#bubble {{ background: {colors.card}; border: 1px solid {colors.accent};"
            " border-radius: 10px; }"
        )
        self.title.setText(stop.title)
        self.text.setText(stop.text)
        self.count.setText(tr("{number} of {all}", number=self.at + 1, all=len(self._stops)))
        self.skip.setVisible(not last)
        self.forward.setText(tr("Begin") if last else tr("Next"))
        self.setAccessibleName(f"{stop.title}. {stop.text}")
        room = _WIDTH - 2 * (_MARGIN + 1)  # within the frame
        self.text.setFixedHeight(self.text.heightForWidth(room))
        self.bubble.adjustSize()
        self.bubble.move(self._corner())
        self.update()

    def _corner(self) -> QPoint:
        """Where the bubble stands: on that side of its place which has the most room."""
        place, size = self._stops[self.at].place(), self.bubble.size()
        room = {
            "below": self.height() - place.bottom() - size.height(),
            "above": place.top() - size.height(),
            "right": self.width() - place.right() - size.width(),
            "left": place.left() - size.width(),
        }
        side = max(room, key=lambda name: room[name])
        middle = place.center()
        x, y = middle.x() - size.width() // 2, middle.y() - size.height() // 2
        if side == "below":
            y = place.bottom() + _GAP
        elif side == "above":
            y = place.top() - _GAP - size.height()
        elif side == "right":
            x = place.right() + _GAP
        else:
            x = place.left() - _GAP - size.width()
        return QPoint(
            max(SPACE, min(x, self.width() - size.width() - SPACE)),
            max(SPACE, min(y, self.height() - size.height() - SPACE)),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window in its new size."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self._show_stop()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            place = QRectF(self._stops[self.at].place()).adjusted(-4, -4, 4, 4)
            path = QPainterPath()
            path.setFillRule(Qt.FillRule.OddEvenFill)
            path.addRect(QRectF(self.rect()))
            path.addRoundedRect(place, 8, 8)
            painter.fillPath(path, QColor(0, 0, 0, 140))
            painter.setPen(QPen(theme.current().color("accent"), 2))
            painter.drawRoundedRect(place, 8, 8)

    def event(self, event: QEvent) -> bool:
        """The window's own keys wait until the tour has ended."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, → and Space go on, ← goes back, Esc ends."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.end()
            case Qt.Key.Key_Left:
                self.back()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Right | Qt.Key.Key_Space:
                self.next()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press beside the bubble goes on, too."""
        self.next()
