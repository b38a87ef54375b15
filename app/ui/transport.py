"""What runs: play, pause and replay of a file with its position, or the names of the live sources."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.pipeline.state import Snapshot
from app.ui import theme
from app.ui.theme import SPACE, Theme

_NAME = 240  # pixels at most for the name of what runs


def clock(seconds: float) -> str:
    """Seconds as ``m:ss``, or ``h:mm:ss`` from an hour on; "–:––" for nan."""
    if not math.isfinite(seconds):
        return "–:––"
    whole = int(max(0.0, seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Progress(QWidget):
    """How far a file has come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self._theme = theme.current()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Position in the file")

    def sizeHint(self) -> QSize:
        return QSize(200, 16)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def set_share(self, share: float) -> None:
        """Show a share of 0 to 1; repaints when a pixel changes."""
        share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
        if round(share * self.width()) != round(self._share * self.width()):
            self.update()
        self._share = share

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, self.height() / 2 - 2, self.width(), 4)
        painter.setBrush(self._theme.color("track"))
        painter.drawRoundedRect(track, 2, 2)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(QRectF(track.x(), track.y(), track.width() * self._share, 4), 2, 2)


class Transport(QWidget):
    """One row under the picture; its height never changes.

    Signals
    -------
    play_asked, pause_asked, replay_asked
    """

    play_asked = Signal()
    pause_asked = Signal()
    replay_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._ended = False
        self._theme = theme.current()
        self.play = QToolButton()
        self.play.clicked.connect(self._toggle)
        self.replay = QToolButton()
        self.replay.setShortcut("Home")
        self.replay.setToolTip("Play from the beginning (Home)")
        self.replay.setAccessibleName("Play from the beginning")
        self.replay.clicked.connect(self.replay_asked)
        self.live = QLabel("● LIVE")
        self.progress = Progress()
        self.time = QLabel("")
        self.time.setFont(theme.font())
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.time.setAccessibleName("Position and duration")
        self.name = QLabel("")
        self.name.setProperty("muted", True)
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.play)
        layout.addWidget(self.replay)
        layout.addWidget(self.live)
        layout.addWidget(self.progress, 1)
        layout.addWidget(self.time)
        layout.addSpacing(SPACE)
        layout.addWidget(self.name)
        layout.addStretch(0)
        self.setFixedHeight(32)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.progress.set_theme(new)
        self.replay.setIcon(theme.icon("replay", new.text))
        self.live.setStyleSheet(f"color: {new.error}; font-weight: 600")
        self._show_button()

    def show_state(self, snapshot: Snapshot) -> None:
        """Thirty times a second: only the position moves."""
        if snapshot.is_file:
            self.progress.set_share(snapshot.position / snapshot.duration if snapshot.duration > 0 else 0.0)

    def slow_update(self, snapshot: Snapshot) -> None:
        """A few times a second: buttons, words and numbers."""
        live = not snapshot.is_file and bool(snapshot.video_name or snapshot.audio_name)
        for widget, visible in (
            (self.play, snapshot.is_file),
            (self.replay, snapshot.is_file),
            (self.progress, snapshot.is_file),
            (self.live, live),
        ):
            if widget.isHidden() == visible:
                widget.setVisible(visible)
        names = [name for name in dict.fromkeys((snapshot.video_name, snapshot.audio_name)) if name]
        name = "Demo clip" if snapshot.is_demo else " · ".join(names)
        if name != self.name.toolTip() or live == self.live.isHidden():
            room = 2 * _NAME if live else _NAME  # live, there is no progress bar beside it
            self.name.setText(self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room))
            self.name.setToolTip(name)
        time = ""
        if snapshot.is_file:
            time = f"{clock(snapshot.position)} / {clock(snapshot.duration)}"
        elif live:
            time = clock(snapshot.position)
        if time != self.time.text():
            if len(time) != len(self.time.text()):  # room for these digits, whichever they are
                digits = "".join("0" if sign.isdigit() else sign for sign in time)
                self.time.setFixedWidth(QFontMetrics(self.time.font()).horizontalAdvance(digits) + 2)
            self.time.setText(time)
        if (snapshot.playing, snapshot.ended) != (self._playing, self._ended):
            self._playing, self._ended = snapshot.playing, snapshot.ended
            self._show_button()

    def _toggle(self) -> None:
        if self._ended:
            self.replay_asked.emit()
        elif self._playing:
            self.pause_asked.emit()
        else:
            self.play_asked.emit()

    def _show_button(self) -> None:
        name, text = ("pause", "Pause") if self._playing and not self._ended else ("play", "Play")
        self.play.setIcon(theme.icon(name, self._theme.text))
        self.play.setToolTip(f"{text} (Space)")
        self.play.setAccessibleName(text)
