"""One stream among many: its picture, its answer, and a strip of what was named in the last half minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.pipeline.fleet_state import StreamShot
from app.pipeline.state import Prediction
from app.ui import icons, theme
from app.ui.cost_bars import milliseconds
from app.ui.cost_panel import Line
from app.ui.painting import painting
from app.ui.prediction_panel import no_answer, spoken
from app.ui.theme import SPACE, Theme
from app.ui.video_view import VideoView
from app.ui.words import tr

STRIP = 30.0  # seconds
_NOBODY = -1  # in the strip: nothing was named


class NamesStrip(QWidget):
    """What was named over the last seconds, a colour a class; empty where it was not sure.

    Parameters
    ----------
    rate : float
        Predictions a second.
    """

    def __init__(self, rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme.current()
        self._named: deque[int] = deque(maxlen=round(STRIP * rate))  # a tick each, oldest first
        self.setFixedHeight(7)
        self.setToolTip(tr("What was named over the last {seconds} s; empty: not sure", seconds=round(STRIP)))
        self.setAccessibleName(tr("Names of the last {seconds} s", seconds=round(STRIP)))

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.update()

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Take new predictions, oldest first."""
        if predictions:
            self._named.extend(one.nearest if one.confident else _NOBODY for one in predictions)
            self.update()

    def runs(self) -> list[tuple[int, int, int]]:
        """What is painted: (class, first tick, ticks), ticks counted from the strip's left end."""
        found: list[tuple[int, int, int]] = []
        offset = (self._named.maxlen or 0) - len(self._named)
        for place, name in enumerate(self._named, offset):
            if found and found[-1][0] == name and sum(found[-1][1:]) == place:
                found[-1] = (name, found[-1][1], found[-1][2] + 1)
            elif name != _NOBODY:
                found.append((name, place, 1))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), self._theme.color("track"))
            tick = self.width() / (self._named.maxlen or 1)
            for name, first, count in self.runs():
                place = QRectF(first * tick, 0, max(1.0, count * tick), self.height())
                painter.fillRect(place, self._theme.class_color(name))


class StreamTile(QFrame):
    """A card for one stream.

    Parameters
    ----------
    number : int
        Of the stream.
    rate : float
        Predictions a second.

    Signals
    -------
    reset_asked(number), remove_asked(number), alone_asked(number)
    shown(number)
        A picture was painted for the first time.
    """

    reset_asked = Signal(int)
    remove_asked = Signal(int)
    alone_asked = Signal(int)
    shown = Signal(int)

    def __init__(self, number: int, rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.number = number
        self._theme = theme.current()
        self.title = Line(tr("Name of the stream"))
        self.title.setFont(theme.font(-1, bold=True))
        self.meter = QLabel("")
        self.meter.setProperty("muted", True)
        self.meter.setFont(theme.font(-2))
        self.meter.setToolTip(tr("Predictions and pictures a second; from capture to prediction, the median"))
        self.meter.setAccessibleName(tr("Rates and latency"))
        self.reset = self._button("refresh", tr("New person: forget what was seen"), str(number))
        self.reset.clicked.connect(lambda: self.reset_asked.emit(number))
        self.remove = self._button("close", tr("End this stream; the others go on"), f"Ctrl+{number}")
        self.remove.clicked.connect(lambda: self.remove_asked.emit(number))
        self.video = VideoView(lambda: self.shown.emit(number))
        self.video.setMinimumSize(120, 68)
        self.video.setToolTip(tr("A double click shows this stream alone, and all again (Esc)"))
        self.notice = Line(tr("What is wrong with the stream"))
        self.notice.hide()
        self.label = Line(tr("Action named now"))
        self.label.setFont(theme.font(4, bold=True))
        self.percent = QLabel("")
        self.percent.setFont(theme.font(2))
        self.percent.setProperty("muted", True)
        self.strip = NamesStrip(rate)
        head, answer, foot = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(self.title, 1)
        head.addWidget(self.reset)
        head.addWidget(self.remove)
        answer.addWidget(self.label, 1)
        answer.addWidget(self.percent)
        foot.setSpacing(SPACE)
        foot.addWidget(self.strip, 1)
        foot.addWidget(self.meter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(head)
        layout.addWidget(self.video, 1)
        layout.addWidget(self.notice)
        layout.addLayout(answer)
        layout.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _button(self, icon: str, tip: str, keys: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setIconSize(QSize(16, 16))
        button.setObjectName(icon)
        if self.number <= 9:
            button.setShortcut(keys)
            tip = f"{tip} ({keys})"
        button.setToolTip(tip)
        button.setAccessibleName(tr("Stream {number}: {what}", number=self.number, what=tip))
        return button

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self.strip.set_theme(new)
        for button in (self.reset, self.remove):
            button.setIcon(icons.icon(button.objectName(), new.muted))
        self.notice.setStyleSheet(f"color: {new.warning}")
        self.label.setStyleSheet("")  # `slow_update` says which

    def show_state(self, shot: StreamShot, new: Sequence[Prediction]) -> None:
        """Take what moves: the newest picture and poses, and the predictions since the last time."""
        snapshot = shot.snapshot
        self.video.show_state(snapshot.frame, snapshot.people, _in_place_of_a_picture(shot))
        self.strip.add(new)

    def slow_update(self, shot: StreamShot) -> None:
        """Write words and numbers; a few times a second."""
        snapshot = shot.snapshot
        _say(self.title, f"{shot.number}  {shot.name}")
        self.title.setToolTip(shot.name)
        self.setAccessibleName(tr("Stream {number}: {what}", number=shot.number, what=shot.name))
        latency = snapshot.costs["actions"].latency[0]
        meter = [f"{shot.ticks:.1f} /s", f"{shot.pictures:.0f} fps", milliseconds(latency)]
        _say(self.meter, " · ".join(meter) if snapshot.frame is not None and not snapshot.ended else "")
        wrong = _wrong(shot) if snapshot.frame is not None else ""  # else it stands in place of the picture
        _say(self.notice, wrong)
        self.notice.setToolTip(wrong)
        self.notice.setVisible(bool(wrong))
        newest = snapshot.latest["actions"]
        if newest is None:
            text, percent, believed = no_answer(snapshot.feeds.get("actions", "none"), "actions"), "", False
        else:
            text, believed = spoken(newest), newest.confident
            percent = "" if newest.status else f"{100 * newest.confidence:.0f} %"
        if snapshot.ended:
            text, percent, believed = tr("ended"), "", False
        _say(self.label, text)
        _say(self.percent, percent)
        style = f"color: {self._theme.text if believed else self._theme.muted}"
        if self.label.styleSheet() != style:
            self.label.setStyleSheet(style)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show this stream alone, or all again."""
        self.alone_asked.emit(self.number)


def _in_place_of_a_picture(shot: StreamShot) -> str:
    if wrong := _wrong(shot):
        return wrong
    if shot.snapshot.video_name or not shot.snapshot.audio_name:
        return tr("Waiting for a picture")
    return tr("Sound only: no picture in this source")


def _wrong(shot: StreamShot) -> str:
    """The newest fault or warning of the stream; "" for none."""
    told = [notice for notice in shot.snapshot.notices if notice.level in ("warning", "error")]
    return f"{told[-1].cause} {told[-1].remedy}".strip() if told else ""


def _say(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
