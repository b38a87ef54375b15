"""What becomes of the takes: a training that can be stopped, its score, and the use of what was taught."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.pipeline.tasks import ASSETS
from app.pipeline.teaching import Errand, Taught, in_words
from app.ui.keyboard import keyed
from app.ui.theme import SPACE
from app.ui.words import tr

if TYPE_CHECKING:
    from app.pipeline.session import Session

PLACE = Path(platformdirs.user_data_dir("continual-live", appauthor=False))  # of what was taught last


class TeachFooter(QWidget):
    """One errand at a time, and for each task what was taught.

    Signals
    -------
    train_asked
    said(text, bad)
        Something to be read.
    settled(outcome, fault)
        The errand is over: what it brought, None for nothing, and what went wrong.

    Parameters
    ----------
    session : Session
    folder : str
        Where a file is suggested.
    """

    train_asked = Signal()
    said = Signal(str, bool)
    settled = Signal(object, str)

    def __init__(self, session: Session, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._folder, self._task = session, folder, ""
        self._errand: Errand | None = None
        self._taught: dict[str, Taught] = {}
        self.train = QPushButton(tr("Train"))
        keyed(self.train, "Ctrl+T", tr("Learn the classes from their takes; nothing leaves this machine"))
        self.train.clicked.connect(self._train_or_stop)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setMaximum(1000)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(tr("Progress"))
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        self.score = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.score.setAccessibleName(tr("Score"))
        self.use, self.save, self.back = (
            QPushButton(text) for text in (tr("Use it"), tr("Save as…"), tr("Back to the shipped"))
        )
        keyed(self.use, "Ctrl+U", tr("Name these classes live from now on, beside the shipped ones"))
        keyed(self.save, "Ctrl+S", tr("Save the model with its card: for --actions, run and export"))
        keyed(self.back, "Ctrl+B", tr("Let the shipped model answer again"))
        for button, slot in ((self.use, self._use), (self.save, self._save), (self.back, self._back)):
            button.clicked.connect(slot)
        row = QHBoxLayout()
        row.addWidget(self.train)
        row.addStretch(1)
        for button in (self.use, self.save, self.back):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.progress)
        layout.addWidget(self.score)
        layout.addLayout(row)

    @property
    def busy(self) -> bool:
        return self._errand is not None

    def show_task(self, task: str) -> None:
        """Show what of a task was taught."""
        self._task = task
        taught = self._taught.get(task)
        self.score.setText("" if taught is None else "\n".join(in_words(taught.scores)))
        for button in (self.use, self.save):
            button.setVisible(taught is not None)
        self.back.setVisible("taught" in self._session.tasks[task].card)

    def start(self, do: Callable[[Callable[[float], None]], Any]) -> None:
        """Begin an errand; see `Errand`."""
        self._errand = Errand(do)
        self.progress.show()
        self.train.setText(tr("Stop"))
        self.train.setEnabled(True)

    def keep(self, taught: Taught | None) -> None:
        """What was taught of the task that is shown; None: nothing any more."""
        if taught is None:
            self._taught.pop(self._task, None)
        else:
            self._taught[self._task] = taught
        self.show_task(self._task)

    def poll(self) -> None:
        """A few times a second: how far the errand is, and whether it is over."""
        if self._errand is None:
            return
        self.progress.setValue(round(1000 * self._errand.share))
        if self._errand.over:
            (outcome, fault), self._errand = self._errand.outcome(), None
            self.train.setText(tr("Train"))
            self.progress.hide()
            self.settled.emit(outcome, fault)

    def stop(self, timeout: float) -> None:
        """End the errand."""
        if self._errand is not None:
            self._errand.stop(timeout)

    def _train_or_stop(self) -> None:
        if self.busy:
            self.stop(0.0)
        else:
            self.train_asked.emit()

    def _use(self) -> None:
        path = PLACE / f"taught-{self._task}.safetensors"
        if self._write(path):
            self._session.load_weights(self._task, path)
            self.back.setVisible(True)
            names = ", ".join(self._taught[self._task].card["taught"]["classes"])
            said = tr("{names}: named from now on. The model lies in {path}.", names=names, path=path)
            self.said.emit(said, False)

    def _save(self) -> None:
        suggested = str(Path(self._folder) / f"my-{self._task}.safetensors")
        chosen = QFileDialog.getSaveFileName(
            self, tr("Save the model"), suggested, tr("Weights (*.safetensors)")
        )[0]
        if chosen and self._write(Path(chosen)):
            self.said.emit(tr("Saved: {path}", path=chosen), False)

    def _write(self, path: Path) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._taught[self._task].save(path)
        except Exception as error:  # a full disk is an error of whoever writes: safetensors has its own
            self.said.emit(tr("{path} cannot be written: {error}", path=path, error=error), True)
            return False
        return True

    def _back(self) -> None:
        self._session.load_weights(self._task, ASSETS / f"{self._task}.safetensors")
        self.back.setVisible(False)
        self.said.emit(tr("The shipped model answers again."), False)
