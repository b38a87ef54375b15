"""The column of classes: nothing first, then those of the user's own, and how many takes each has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.keyboard import keyed
from app.ui.words import tr
from models.training.teach import Take

_WIDTH = 190  # pixels


class TeachClasses(QWidget):
    """One class is chosen.

    Signals
    -------
    chosen
    delete_asked(label)
    said(text, bad)
        Something to be read.

    Parameters
    ----------
    fault_of : callable
        Why a class cannot be called so, "" where it can.
    """

    chosen = Signal()
    delete_asked = Signal(str)
    said = Signal(str, bool)

    def __init__(self, fault_of: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fault_of = fault_of
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Classes"))
        self.list.setSpacing(3)
        self.list.currentRowChanged.connect(self._choose)
        self.name = QLineEdit(placeholderText=tr("Name of a new class"))
        self.name.setAccessibleName(tr("Name of a new class"))
        self.name.returnPressed.connect(self._add)
        self.add = QPushButton(tr("Add"))
        keyed(self.add, "Enter", tr("Add a class of this name"), connect=False)
        self.add.clicked.connect(self._add)
        self.delete = QPushButton(tr("Delete"))
        keyed(self.delete, "Ctrl+Del", tr("Forget the chosen class and its takes"))
        self.delete.clicked.connect(lambda: self.delete_asked.emit(self.label))
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.name)
        layout.addLayout(row)
        self.setFixedWidth(_WIDTH)

    @property
    def label(self) -> str:
        """The class that is chosen, "" for nothing."""
        item = self.list.currentItem()
        return "" if item is None else item.data(Qt.ItemDataRole.UserRole)

    def labels(self) -> list[str]:
        """All of them, nothing first."""
        every = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in every]

    def show_labels(self, labels: Sequence[str]) -> None:
        """Show nothing and these, and choose the last."""
        self.list.blockSignals(True)  # half of it is not to be shown
        self.list.clear()
        for label in ("", *labels):
            self._append(label)
        self.list.blockSignals(False)
        self._choose()

    def show_takes(self, takes: Sequence[Take]) -> None:
        """Write how many each has; a class of a take that is not there comes back."""
        for label in dict.fromkeys(take.label for take in takes):
            if label not in self.labels():
                self._append(label)
        for row, label in enumerate(self.labels()):
            count = sum(take.label == label for take in takes)
            self.list.item(row).setText(f"{label or tr('Nothing')}   {takes_of(count)}")

    def remove(self, label: str) -> None:
        """Take a class out of the list."""
        self.list.takeItem(self.labels().index(label))

    def _append(self, label: str) -> None:
        item = QListWidgetItem(label)
        item.setData(Qt.ItemDataRole.UserRole, label)
        self.list.addItem(item)
        self.list.setCurrentItem(item)

    def _choose(self) -> None:
        self.delete.setEnabled(bool(self.label))
        self.chosen.emit()

    def _add(self) -> None:
        name = self.name.text().strip()
        same = [known for known in self.labels() if known and known.casefold() == name.casefold()]
        fault = self._fault_of(name)
        if same:
            fault = tr(
                "There is a class {name} already: record into it, or choose another name.", name=same[0]
            )
        self.said.emit(fault, True)
        if not fault:
            self.name.clear()
            self._append(name)
            self.chosen.emit()


def takes_of(count: int) -> str:
    """So many takes."""
    return tr("no take") if not count else tr("1 take") if count == 1 else tr("{count} takes", count=count)
