"""The dialog in which the program is taught: a class, a few takes of it, a training, its score, its use."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.features.tokens import Token
from app.pipeline.teach_takes import Reader, take_of
from app.pipeline.teaching import Teaching
from app.ui import files, theme
from app.ui.keyboard import keyed
from app.ui.teach_classes import TeachClasses, takes_of
from app.ui.teach_footer import TeachFooter
from app.ui.teach_recording import POLL_MS, TakeRecording
from app.ui.teach_takes import TakeStrip
from app.ui.theme import SPACE
from app.ui.words import later, tr
from models.training.teach import Take

if TYPE_CHECKING:
    from app.pipeline.session import Session

NOTHING = "nothing"
# Of each task: what to do for nothing, what for a class, and whether there is anything now.
_REST = {
    "actions": later(
        "You at rest, and what you do anyhow: sit, drink, scratch yourself. Two takes or three."
    ),
    "genres": later("What is to be heard anyhow: the room, talk. Two takes or three."),
}
_DO = {
    "actions": later("Do it as you will do it later, for three seconds. Three takes, each a little other."),
    "genres": later("Let it be heard for three seconds and more. Three takes, each a little other."),
}
_SEEN = {
    "actions": (later("You are seen"), later("Nobody is seen")),
    "genres": (later("Sound is heard"), later("It is quiet")),
}


class TeachDialog(QDialog):
    """Beside the window, which goes on; closed it keeps its takes.

    Parameters
    ----------
    session : Session
        Its camera and microphone give the takes, and it uses what was taught.
    folder : str
        Where files are looked for.
    """

    def __init__(self, session: Session, folder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Teach"))
        self.setAcceptDrops(True)
        self._session, self._folder = session, folder
        self._lessons: dict[str, Teaching] = {}
        self._reads = False  # whether the errand reads files
        self._retaken: Take | None = None
        self._make_widgets()
        self._lay_out()
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self).activated.connect(self._undo)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.resize(760, 560)
        self._choose_task("actions" if "actions" in session.tasks else "genres")

    # ---- building ---------------------------------------------------------------------------------------

    def _make_widgets(self) -> None:
        self.tasks = {
            name: QPushButton(text) for name, text in (("actions", tr("Actions")), ("genres", tr("Sounds")))
        }
        group = QButtonGroup(self)
        ways = (("left", "Alt+A", tr("Teach actions")), ("right", "Alt+S", tr("Teach sounds")))
        for (task, button), (side, key, tip) in zip(self.tasks.items(), ways, strict=True):
            button.setCheckable(True)
            button.setProperty("segment", side)
            button.setEnabled(task in self._session.tasks)
            keyed(button, key, tip)
            button.clicked.connect(partial(self._choose_task, task))
            group.addButton(button)
        self.seen = QLabel()
        self.seen.setAccessibleName(tr("What is seen or heard now"))
        self.classes = TeachClasses(lambda name: self.lesson.name_fault(name))
        self.classes.chosen.connect(self._show_takes)
        self.classes.said.connect(self._say)
        self.classes.delete_asked.connect(self._delete_class)
        self.heading, self.hint = QLabel(), QLabel(wordWrap=True)
        self.heading.setFont(theme.font(4, bold=True))
        self.hint.setProperty("muted", True)
        self.recording = TakeRecording(lambda: not self.footer.busy)
        self.recording.began.connect(lambda: self._say(""))
        self.recording.taken.connect(self._take)
        self.files = QPushButton(tr("Files…"))
        self.files.setMinimumHeight(40)
        keyed(self.files, "Ctrl+O", tr("Films or sounds, each a take; dropping them here does the same"))
        self.files.clicked.connect(self._ask_files)
        self.strip = TakeStrip()
        self._idle: tuple[QWidget, ...] = (self.classes, self.strip, self.recording, self.files)
        self.strip.dropped.connect(self._delete)
        self.strip.again.connect(self._retake)
        self.message = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.message.setAccessibleName(tr("What happened"))
        self.footer = TeachFooter(self._session, self._folder)
        self.footer.train_asked.connect(self._train)
        self.footer.said.connect(self._say)
        self.footer.settled.connect(self._settle)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(0)
        for button in self.tasks.values():
            top.addWidget(button)
        top.addStretch(1)
        top.addWidget(self.seen)
        right = QVBoxLayout()
        right.setSpacing(SPACE)
        right.addWidget(self.heading)
        right.addWidget(self.hint)
        row = QHBoxLayout()
        row.addWidget(self.recording, 4)
        row.addWidget(self.files, 1)
        right.addLayout(row)
        right.addWidget(self.strip, 1)
        right.addWidget(self.message)
        middle = QHBoxLayout()
        middle.setSpacing(2 * SPACE)
        middle.addWidget(self.classes)
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE)
        layout.addLayout(top)
        layout.addLayout(middle, 1)
        layout.addWidget(self.footer)
        # Enter belongs to the name: no button is pressed by it.
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)

    # ---- classes and takes --------------------------------------------------------------------------------

    @property
    def lesson(self) -> Teaching:
        return self._lessons[self._task]

    def _choose_task(self, task: str) -> None:
        self._task = task
        self.tasks[task].setChecked(True)
        for other in self.tasks:
            self._session.watch_tokens(
                other, self.recording.recorder if other == task and self.isVisible() else None
            )
        self.recording.recorder.newest = None
        if task not in self._lessons:
            self._lessons[task] = Teaching(task)
        self.classes.show_labels(list(dict.fromkeys(take.label for take in self.lesson.takes if take.label)))
        self._say("")
        self.footer.show_task(task)

    def _delete_class(self, label: str) -> None:
        self.lesson.remove(*(take for take in self.lesson.takes if take.label == label))
        self.classes.remove(label)

    def _delete(self, take: Take) -> None:
        self.lesson.remove(take)
        self._show_takes()

    def _retake(self, take: Take) -> None:
        self._retaken = take
        self.recording.count_down()

    def _undo(self) -> None:
        self._say("" if self.lesson.undo() else tr("There is nothing to undo."))
        self._show_takes()

    def _show_takes(self) -> None:
        label, takes = self.classes.label, self.lesson.takes
        self.classes.show_takes(takes)
        self.heading.setText(label or tr("Nothing"))
        self.hint.setText(tr((_DO if label else _REST)[self._task]))
        own = [take for take in takes if take.label == label]
        self.strip.show_takes(own, self.lesson.rate, tr("No take yet: record one, or drop files here"))
        self.footer.train.setEnabled(self.footer.busy or any(take.label for take in takes))

    def _take(self, tokens: list[Token]) -> None:
        name = self.classes.label or NOTHING
        try:
            take = take_of(self._task, name, tokens, self.lesson.rate, "This")
        except ValueError as error:
            self._say(str(error), bad=True)
        else:
            self.lesson.add(take, self._retaken)
            seconds = f"{len(take.data) / self.lesson.rate:.1f}"
            self._say(tr("A take of {name}: {seconds} s.", name=name, seconds=seconds))
        self._retaken = None
        self._show_takes()

    def _poll(self) -> None:
        """Ten times a second: who is seen, and how far the errand is."""
        newest = self.recording.recorder.newest
        there = newest is not None and not newest.status
        colors = theme.current()
        color, words = (colors.good, 0) if there else (colors.muted, 1)
        self.seen.setText(f"<font color='{color}'>●</font> {tr(_SEEN[self._task][words])}")
        self.footer.poll()

    # ---- files --------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        files.take(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take each file as a take of the class that is chosen."""
        if dropped := files.take(event):
            self.read([Path(files.path_of(url)) for url in dropped if url.isLocalFile()])

    def _ask_files(self) -> None:
        chosen = QFileDialog.getOpenFileNames(self, tr("Films or sounds, each a take"), self._folder)[0]
        if chosen:
            self.read([Path(path) for path in chosen])

    def read(self, paths: list[Path]) -> None:
        """Take files as takes of the class that is chosen."""
        if self.footer.busy or not paths:
            return
        task, label = self._task, self.classes.label or NOTHING

        def do(told: Any) -> tuple[list[Take], list[str]]:
            reader, takes, faults = Reader(task), [], []
            try:
                for number, path in enumerate(paths):
                    told(number / len(paths))
                    try:
                        takes.append(reader.take(label, path))
                    except Exception as error:  # one bad file of some: the others count
                        faults.append(" ".join(str(error).split()))
            finally:
                reader.close()
            return takes, faults

        self._start(do, reads=True)
        self._say(tr("Reading …"))

    # ---- training -----------------------------------------------------------------------------------------

    def _train(self) -> None:
        self.footer.keep(None)
        self._start(self.lesson.train, reads=False)

    def _start(self, do: Any, reads: bool) -> None:
        self._reads = reads
        self.footer.start(do)
        for widget in (*self.tasks.values(), *self._idle):
            widget.setEnabled(False)

    def _settle(self, outcome: Any, fault: str) -> None:
        """The errand is over: show what it brought."""
        for widget in self._idle:
            widget.setEnabled(True)
        for task, button in self.tasks.items():
            button.setEnabled(task in self._session.tasks)
        if outcome is None:
            self._say(fault or tr("Stopped."), bad=bool(fault))
        elif self._reads:
            takes, faults = outcome
            for take in takes:
                self.lesson.add(take)
            more = tr("More: {takes}.", takes=takes_of(len(takes)))
            self._say("\n".join([*faults, more]), bad=bool(faults))
        else:
            taught, faults = outcome
            self.footer.keep(taught)
            self._say("\n".join(faults), bad=True)
        self._show_takes()

    def _say(self, text: str, bad: bool = False) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {theme.current().warning}" if bad and text else "")

    def showEvent(self, event: QShowEvent) -> None:
        """Listen to the session."""
        super().showEvent(event)
        self._timer.start()
        self._session.watch_tokens(self._task, self.recording.recorder)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs."""
        self._timer.stop()
        self.recording.stop()
        for task in self.tasks:
            self._session.watch_tokens(task, None)
        self.footer.stop(3.0)
        super().closeEvent(event)
