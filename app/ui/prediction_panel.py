"""One task's answer: its name in large letters, the top classes as bars, and their history."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
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
from app.pipeline.stream import HOLD
from app.pipeline.tasks import Choice
from app.ui import icons, theme
from app.ui.answer_bars import Bars
from app.ui.cost_panel import NAMES
from app.ui.history_plot import HistoryPlot
from app.ui.keyboard import keyed
from app.ui.legend import Fill, Legend
from app.ui.picker import Picker
from app.ui.theme import SPACE, Theme
from app.ui.words import later, tr

RESETS = {
    "actions": (
        later("New person"),
        "Ctrl+1",
        later("Forget what was seen and start with an empty window"),
    ),
    "genres": (later("New song"), "Ctrl+2", later("Forget what was heard and start with an empty window")),
}
MODELS = {"actions": "Ctrl+3", "genres": "Ctrl+4"}  # keys
CARDS = {"actions": "Ctrl+I", "genres": "Ctrl+Shift+I"}
# What a prediction says where it names no class: see `Prediction.label`.
_UNNAMED = (later("not sure"), later("no person"), later("too far away"), later("no music"))
HISTORY = {"actions": 30.0, "genres": 60.0}  # seconds
# What stands in place of an answer, by what feeds the task.
NO_ANSWER: dict[Feed, dict[str, str]] = {
    "none": {"actions": later("no picture"), "genres": later("no sound")},
    "waiting": {"actions": later("waiting for a picture"), "genres": later("waiting for sound")},
    "delivering": {"actions": later("waiting for a picture"), "genres": later("waiting for sound")},
    "lost": {"actions": later("no picture any more"), "genres": later("no sound any more")},
}


def no_answer(feed: Feed, task: str) -> str:
    """What stands in place of an answer, in the user's language."""
    return tr(NO_ANSWER[feed].get(task, later("waiting")))


def spoken(prediction: Prediction) -> str:
    """What a prediction names: a class by its own name, and in the user's language that there is none."""
    return prediction.label if prediction.confident else tr(prediction.label)


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
        name = tr(NAMES.get(info.task, info.task.capitalize()))
        title = QLabel(name)
        title.setProperty("heading", True)
        self.fill = Fill(info)
        self.models = Picker()
        tip = tr("Weights that name these classes: how deep, and what their window spans")
        keyed(self.models, MODELS.get(info.task, ""), tip, tr("Model of {task}", task=name))
        self.models.setFixedWidth(160)
        self.models.activated.connect(
            lambda index: self.weights_chosen.emit(info.task, self.models.itemData(index))
        )
        self.models.hide()
        text, keys, tip = RESETS.get(info.task, (later("Reset"), "", later("Start with an empty window")))
        self.reset = QPushButton(tr(text))
        keyed(self.reset, keys, tr(tip), f"{tr(text)}: {name}")
        self.reset.clicked.connect(lambda: self.reset_asked.emit(info.task))
        self.about = QToolButton()
        self.about.setProperty("flat", True)
        tip = tr("The model card: data, scores, limits, licence")
        keyed(self.about, CARDS.get(info.task, ""), tip, tr("Model card: {task}", task=name))
        self.about.clicked.connect(lambda: self.card_asked.emit(info.task))
        self.label = QLabel("—")
        self.label.setFont(theme.font(11, bold=True))
        self.label.setAccessibleName(tr("{task} named now", task=name))
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.percent = QLabel("")
        self.percent.setToolTip(
            tr("How sure it is, on the mean of the last {seconds} s", seconds=f"{HOLD:g}")
        )
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
        self.about.setIcon(icons.icon("info", new.muted))
        for part in (self.bars, self.history, self.legend, self.fill):
            part.set_theme(new)
        self._theme = new
        self._say(self._newest)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Let the user choose among these weights; where there are no others, nothing is shown."""
        self.models.clear()
        for choice in choices:
            same = sum(other.name == choice.name for other in choices) > 1
            self.models.addItem(choice.path.stem.replace("_", " ") if same else choice.name, choice.path)
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
            text, percent, believed = no_answer(self._feed, self.info.task), "", False
        else:
            text, believed = spoken(newest), newest.confident
            percent = "" if newest.status else f"{100 * newest.confidence:.0f} %"
        colors = getattr(self, "_theme", theme.current())
        if self.label.text() != text:
            self.label.setText(text)
        if self.percent.text() != percent:
            self.percent.setText(percent)
        style = f"color: {colors.text if believed else colors.muted}"
        if self.label.styleSheet() != style:
            self.label.setStyleSheet(style)
