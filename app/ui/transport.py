"""What plays: a file with its position, speed and sound, or the names of the live sources."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.capture.clocks import Playback
from app.pipeline.state import Snapshot
from app.ui import icons, theme
from app.ui.keyboard import keyed
from app.ui.position import Position, clock
from app.ui.theme import SPACE, Theme
from app.ui.words import tr

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
SKIP = 5.0  # seconds that an arrow key goes
SLOWER = 0.9  # of the speed that was asked: below it the real one is shown


class Transport(QWidget):
    """Two rows under the picture; their height never changes.

    Signals
    -------
    play_asked, pause_asked, replay_asked
    seek_asked(seconds), step_asked(pictures), speed_asked(speed), loop_asked(on)
    volume_asked(volume)
        0 to 1, or None for no sound.
    """

    play_asked = Signal()
    pause_asked = Signal()
    replay_asked = Signal()
    seek_asked = Signal(float)
    step_asked = Signal(int)
    speed_asked = Signal(float)
    loop_asked = Signal(bool)
    volume_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._ended = False
        self._at = 0.0  # where the file is, seconds
        self._theme = theme.current()
        self.position = Position()
        self.position.asked.connect(self.seek_asked)
        self.time = QLabel("")
        self.time.setFont(theme.font())
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.time.setAccessibleName(tr("Position and duration"))
        self.play = self._button(tr("Play"), "Space", connect=False)
        self.play.clicked.connect(self._toggle)
        self.replay = self._button(tr("Play from the beginning"), "Home")
        self.replay.clicked.connect(self.replay_asked)
        self.back = self._button(tr("The picture before"), ",")
        self.back.clicked.connect(partial(self.step_asked.emit, -1))
        self.forward = self._button(tr("The next picture"), ".")
        self.forward.clicked.connect(partial(self.step_asked.emit, 1))
        self.loop = self._button(tr("Begin again at the end"), "L")
        self.loop.setCheckable(True)
        self.loop.clicked.connect(self.loop_asked)
        self.loop.toggled.connect(self._show_loop)
        self.speed = self._button(tr("Speed"), "[ ]", connect=False)
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        widest = QFontMetrics(self.speed.font()).horizontalAdvance("0.25× of 0.5×")
        self.speed.setStyleSheet(f"min-width: {widest}px")  # nothing beside it moves when it changes
        self._speeds = QActionGroup(self)
        menu = QMenu(self)
        for speed in SPEEDS:
            action = QAction(f"{speed:g}×", menu, checkable=True)
            action.setData(speed)
            action.triggered.connect(partial(self.speed_asked.emit, speed))
            self._speeds.addAction(action)
            menu.addAction(action)
        self.speed.setMenu(menu)
        self.sound = self._button(tr("Play the file's sound through the speakers"), "S")
        self.sound.setCheckable(True)
        self.sound.clicked.connect(self._ask_volume)
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(72)
        self.volume.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keyed(self.volume, "↑ ↓", tr("Volume of the file's sound"), tr("Volume"), connect=False)
        self.volume.valueChanged.connect(self._ask_volume)
        self.live = QLabel("● LIVE")
        self.name = QLabel("")
        self.name.setProperty("muted", True)
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._of_files = (self.play, self.replay, self.back, self.forward, self.loop, self.speed)
        upper = QHBoxLayout()
        upper.setSpacing(SPACE)
        upper.addWidget(self.position, 1)
        upper.addWidget(self.time)
        lower = QHBoxLayout()
        lower.setSpacing(SPACE // 2)
        lower.addWidget(self.live)
        for button in (*self._of_files, self.sound):
            lower.addWidget(button)
        lower.addWidget(self.volume)
        lower.addSpacing(SPACE)
        lower.addWidget(self.name, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(upper)
        layout.addLayout(lower)
        self.setFixedHeight(20 + SPACE // 2 + 32)

    @staticmethod
    def _button(name: str, keys: str, connect: bool = True) -> QToolButton:
        button = QToolButton()
        keyed(button, keys, name, name, connect)
        return button

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.position.set_theme(new)
        for button, name in (
            (self.replay, "replay"),
            (self.back, "step back"),
            (self.forward, "step forward"),
        ):
            button.setIcon(icons.icon(name, new.text))
        self.live.setStyleSheet(f"color: {new.error}; font-weight: 600")
        self._show_button()
        self._show_loop()
        self._show_sound()

    def set_volume(self, volume: float, on: bool) -> None:
        """Show last time's volume, 0 to 1, and whether it was on."""
        for widget in (self.sound, self.volume):
            widget.blockSignals(True)
        self.sound.setChecked(on)
        self.volume.setValue(round(100 * volume))
        for widget in (self.sound, self.volume):
            widget.blockSignals(False)
        self._show_sound()

    def skip(self, seconds: float) -> None:
        """Ask for a time so much later."""
        self.seek_asked.emit(max(0.0, self._at + seconds))

    def change_speed(self, steps: int) -> None:
        """Ask for the next faster (1) or slower (-1) speed."""
        chosen = self._speeds.checkedAction()
        at = SPEEDS.index(chosen.data()) if chosen is not None else SPEEDS.index(1.0)
        asked = min(len(SPEEDS) - 1, max(0, at + steps))
        self._speeds.actions()[asked].setChecked(
            True
        )  # at once: the next press may come before the next look
        self.speed_asked.emit(SPEEDS[asked])

    def show_state(self, snapshot: Snapshot) -> None:
        """Thirty times a second: only the position moves."""
        self._at = snapshot.position
        if snapshot.playback is not None:
            self.position.show_position(snapshot.position, snapshot.duration, snapshot.playback)

    def slow_update(self, snapshot: Snapshot) -> None:
        """A few times a second: buttons, words and numbers."""
        live = not snapshot.is_file and bool(snapshot.video_name or snapshot.audio_name)
        heard = snapshot.is_file and bool(snapshot.audio_name)
        for widget, visible in (
            *((button, snapshot.is_file) for button in self._of_files),
            (self.position, snapshot.is_file),
            (self.sound, heard),
            (self.volume, heard),
            (self.live, live),
        ):
            if widget.isHidden() == visible:
                widget.setVisible(visible)
        for button in (self.back, self.forward):
            button.setEnabled(bool(snapshot.video_name))
        if self.loop.isChecked() != snapshot.loop:
            self.loop.setChecked(snapshot.loop)
        self._show_words(snapshot)
        self._show_time(snapshot, live)
        if (snapshot.playing, snapshot.ended) != (self._playing, self._ended):
            self._playing, self._ended = snapshot.playing, snapshot.ended
            self._show_button()

    def _show_words(self, snapshot: Snapshot) -> None:
        """The name of what runs, or what there is to say about how it plays."""
        names = [name for name in dict.fromkeys((snapshot.video_name, snapshot.audio_name)) if name]
        words = tr("Demo clip") if snapshot.is_demo else " · ".join(names)
        tip = words
        if (playback := snapshot.playback) is not None:
            self._show_speed(playback)
            if math.isfinite(playback.seeking):
                words = tr("Seeking {time}", time=clock(playback.seeking))
                tip = tr("What is there is being looked for in the file")
            elif math.isfinite(playback.catching_up):
                words = tr("Catching up to {time}", time=clock(playback.catching_up))
                tip = tr("What comes after rests on all that comes before: that is computed first")
            elif playback.speed != 1.0 and self.sound.isChecked() and snapshot.audio_name:
                words, tip = tr("Silent but at 1×"), tr("The file's sound is heard at its own speed only")
        text = self.name.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, self.name.width())
        if text != self.name.text():
            self.name.setText(text)
        if tip != self.name.toolTip():
            self.name.setToolTip(tip)

    def _show_speed(self, playback: Playback) -> None:
        text = f"{playback.speed:g}×"
        if playback.real_speed < SLOWER * playback.speed and not math.isfinite(playback.catching_up):
            text = f"{playback.real_speed:.2g}× of {text}"
        if text != self.speed.text():
            self.speed.setText(text)
            tip = tr("Speed")
            if "of" in text:
                tip = tr("Speed; the machine comes no nearer to it")
            self.speed.setToolTip(f"{tip} ([ ])")
        for action in self._speeds.actions():
            if action.data() == playback.speed and not action.isChecked():
                action.setChecked(True)

    def _show_time(self, snapshot: Snapshot, live: bool) -> None:
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

    def _toggle(self) -> None:
        if self._ended:
            self.replay_asked.emit()
        elif self._playing:
            self.pause_asked.emit()
        else:
            self.play_asked.emit()

    def _ask_volume(self) -> None:
        self._show_sound()
        self.volume_asked.emit(self.volume.value() / 100 if self.sound.isChecked() else None)

    def _show_button(self) -> None:
        name, text = ("pause", tr("Pause")) if self._playing and not self._ended else ("play", tr("Play"))
        self.play.setIcon(icons.icon(name, self._theme.text))
        self.play.setToolTip(f"{text} (Space)")
        self.play.setAccessibleName(text)

    def _show_loop(self) -> None:
        self.loop.setIcon(icons.icon("loop", self._tint(self.loop)))

    def _show_sound(self) -> None:
        name = "speaker" if self.sound.isChecked() else "muted"
        self.sound.setIcon(icons.icon(name, self._tint(self.sound)))
        self.volume.setEnabled(self.sound.isChecked())

    def _tint(self, button: QToolButton) -> str:
        return self._theme.accent if button.isChecked() else self._theme.text
