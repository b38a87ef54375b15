"""One task's answer: its name in large letters, the top classes as bars, and their history."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.pipeline.feed import Feed
from app.pipeline.state import Prediction, TaskInfo
from app.pipeline.tasks import Choice
from app.ui import theme
from app.ui.cost_panel import NAMES
from app.ui.history_plot import HistoryPlot
from app.ui.painting import painting
from app.ui.picker import Picker
from app.ui.theme import SPACE, Theme

TOP = 5
RESETS = {
    "actions": ("New person", "Ctrl+1", "Forget what was seen and start with an empty window"),
    "genres": ("New song", "Ctrl+2", "Forget what was heard and start with an empty window"),
}
HISTORY = {"actions": 30.0, "genres": 60.0}  # seconds
# What stands in place of an answer, by what feeds the task.
NO_ANSWER: dict[Feed, dict[str, str]] = {
    "none": {"actions": "no picture", "genres": "no sound"},
    "waiting": {"actions": "waiting for a picture", "genres": "waiting for sound"},
    "delivering": {"actions": "waiting for a picture", "genres": "waiting for sound"},
    "lost": {"actions": "no picture any more", "genres": "no sound any more"},
}


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


class Legend(QWidget):
    """Every class with its colour, in as many rows as the width asks for; unavailable ones are struck out."""

    def __init__(self, labels: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._unavailable: tuple[str, ...] = ()
        self._theme = theme.current()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend: " + ", ".join(labels))

    def set_unavailable(self, names: tuple[str, ...]) -> None:
        """Strike out the classes that cannot be told now."""
        if names != self._unavailable:
            self._unavailable = names
            reason = f"Out of the picture is what these are done with: {', '.join(names)}" if names else ""
            self.setToolTip(reason)
            self.setAccessibleDescription(reason)
            self.update()

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, int(self._places(self.width())[-1].bottom()) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many rows as this width asks for."""
        if self.sizeHint().height() != self.height():
            self.updateGeometry()

    def _places(self, width: int) -> list[QRectF]:
        metrics = QFontMetrics(theme.font(-1))
        places, x, y, height = [], 0.0, 0.0, metrics.height() + 1.0
        for label in self._labels:
            need = metrics.horizontalAdvance(label) + 28.0
            if x > 0 and x + need - 12 > width:
                x, y = 0.0, y + height
            places.append(QRectF(x, y, need, height))
            x += need
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            plain, struck = theme.font(-1), theme.font(-1)
            struck.setStrikeOut(True)
            for index, place in enumerate(self._places(self.width())):
                barred = self._labels[index] in self._unavailable
                swatch = self._theme.color("track") if barred else self._theme.class_color(index)
                painter.fillRect(QRectF(place.x(), place.center().y() - 2, 11, 4), swatch)
                painter.setFont(struck if barred else plain)
                painter.setPen(self._theme.color("muted"))
                painter.drawText(
                    place.adjusted(16, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), self._labels[index]
                )


class Fill(QWidget):
    """How much of the window has been seen: "4.3 s window", and a gauge until it is full."""

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self._filled = 0
        self._theme = theme.current()
        seconds = info.window / info.rate
        self._text = f"window {seconds:.0f} s" if seconds >= 10 else f"window {seconds:.1f} s"
        self.setFixedSize(self.sizeHint())
        self.setToolTip(
            f"The Transformer looks back over {info.window} tokens, {info.rate:g} a second: {seconds:.1f} s"
        )

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(-1))
        return QSize(metrics.horizontalAdvance(self._text) + 4, metrics.height() + 8)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def set_filled(self, filled: int) -> None:
        if filled != self._filled:
            self._filled = filled
            self.setAccessibleName(f"{self._text}, {filled} of {self._info.window} tokens")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setFont(theme.font(-1))
            painter.setPen(self._theme.color("muted"))
            painter.drawText(self.rect().adjusted(0, 0, 0, -6), int(Qt.AlignmentFlag.AlignCenter), self._text)
            track = QRectF(0, self.height() - 5, self.width(), 3)
            painter.fillRect(track, self._theme.color("track"))
            share = min(1.0, self._filled / self._info.window)
            color = self._theme.color("muted" if share == 1 else "accent")
            painter.fillRect(QRectF(track.x(), track.y(), track.width() * share, track.height()), color)


class PredictionPanel(QFrame):
    """A card for one task.

    Signals
    -------
    reset_asked(task), card_asked(task)
    weights_chosen(task, path)
    """

    reset_asked = Signal(str)
    card_asked = Signal(str)
    weights_chosen = Signal(str, object)

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.info = info
        self._newest: Prediction | None = None
        self._feed: Feed = "waiting"
        title = QLabel(NAMES.get(info.task, info.task.capitalize()))
        title.setProperty("heading", True)
        self.fill = Fill(info)
        self.models = Picker()
        self.models.setToolTip("Weights that name these classes: how deep, and what their window spans")
        self.models.setAccessibleName(f"Model of {info.task}")
        self.models.setFixedWidth(160)
        self.models.activated.connect(
            lambda index: self.weights_chosen.emit(info.task, self.models.itemData(index))
        )
        self.models.hide()
        text, shortcut, tip = RESETS.get(info.task, ("Reset", "", "Start with an empty window"))
        self.reset = QPushButton(text)
        self.reset.setShortcut(shortcut)
        self.reset.setToolTip(f"{tip} ({shortcut})")
        self.reset.setAccessibleName(f"{text}: reset {info.task}")
        self.reset.clicked.connect(lambda: self.reset_asked.emit(info.task))
        self.about = QToolButton()
        self.about.setProperty("flat", True)
        self.about.setToolTip("The model card: data, scores, limits, licence")
        self.about.setAccessibleName(f"Model card of {info.task}")
        self.about.clicked.connect(lambda: self.card_asked.emit(info.task))
        self.label = QLabel("—")
        self.label.setFont(theme.font(11, bold=True))
        self.label.setAccessibleName(f"{title.text()} named now")
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.percent = QLabel("")
        self.percent.setFont(theme.font(11))
        self.percent.setProperty("muted", True)
        self.percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.percent.setFixedWidth(QFontMetrics(self.percent.font()).horizontalAdvance("100 %") + 4)
        self.bars = Bars(info.labels)
        self.history = HistoryPlot(info, HISTORY.get(info.task, 60.0))
        self.legend = Legend(info.labels)

        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(title)
        head.addSpacing(SPACE)
        head.addWidget(self.models)
        head.addStretch(1)
        head.addWidget(self.fill)
        head.addSpacing(SPACE)
        head.addWidget(self.reset)
        head.addWidget(self.about)
        answer = QHBoxLayout()
        answer.addWidget(self.label, 1)
        answer.addWidget(self.percent)
        middle = QHBoxLayout()
        middle.setSpacing(2 * SPACE)
        middle.addWidget(self.bars, 9)
        middle.addWidget(self.history, 11)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(answer)
        layout.addLayout(middle, 1)
        layout.addWidget(self.legend)
        self._say(None)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.about.setIcon(theme.icon("info", new.muted))
        for part in (self.bars, self.history, self.legend, self.fill):
            part.set_theme(new)
        self._theme = new
        self._say(self._newest)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Let the user choose among these weights; where there are no others, nothing is shown."""
        self.models.clear()
        for choice in choices:
            same = sum(other.name == choice.name for other in choices) > 1
            self.models.addItem(choice.path.stem if same else choice.name, choice.path)
            self.models.setItemData(self.models.count() - 1, choice.path.name, Qt.ItemDataRole.ToolTipRole)
            if choice.card == self.info.card:
                self.models.setCurrentIndex(self.models.count() - 1)
        self.models.setVisible(len(choices) > 1)

    def add(self, predictions: Sequence[Prediction]) -> None:
        """Take new predictions, oldest first; each is drawn at once, words follow in `slow_update`."""
        if predictions:
            self.history.add(predictions)
            if not predictions[-1].status:
                self.bars.show_prediction(predictions[-1])
            self.fill.set_filled(predictions[-1].filled)

    def clear(self) -> None:
        """Forget what was predicted: another recording."""
        self.history.clear()
        self.bars.clear()
        self.fill.set_filled(0)

    def slow_update(self, newest: Prediction | None, feed: Feed = "waiting") -> None:
        """Refresh the words and the order of the bars, a few times a second.

        Parameters
        ----------
        newest : Prediction or None
            The answer that stands.
        feed : Feed
            Says why there is none.
        """
        if newest is self._newest and feed == self._feed:
            return
        self._newest, self._feed = newest, feed
        self.legend.set_unavailable(newest.unavailable if newest is not None else ())
        if newest is None:
            self.fill.set_filled(0)
        if newest is None or newest.status:  # what the model says of nobody means nothing
            self.bars.clear()
        else:
            self.bars.sort()
        self._say(newest)

    def _say(self, newest: Prediction | None) -> None:
        if newest is None:
            text, percent, believed = NO_ANSWER[self._feed].get(self.info.task, "waiting"), "", False
        else:
            text, believed = newest.label, newest.confident
            percent = "" if newest.status else f"{100 * float(newest.probabilities.max()):.0f} %"
        colors = getattr(self, "_theme", theme.current())
        if self.label.text() != text:
            self.label.setText(text)
        if self.percent.text() != percent:
            self.percent.setText(percent)
        style = f"color: {colors.text if believed else colors.muted}"
        if self.label.styleSheet() != style:
            self.label.setStyleSheet(style)
