"""The button that records, with what goes into a recording behind the arrow beside it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from app.pipeline.state import TakeState
from app.pipeline.take import clock
from app.ui import icons, theme
from app.ui.keyboard import keyed
from app.ui.theme import Theme
from app.ui.words import later, tr

KEY = "Ctrl+R"
ROOM = 1150  # pixels of the window's width, below which the size is left out
PARTS = {
    "film": later("Film with the predictions below, and sound"),
    "csv": later("Predictions as CSV, a file for each task"),
    "lines": later("Predictions as JSON lines"),
    "picture": later("Picture of the window at the end"),
}


class RecordButton(QWidget):
    """Says what is asked for, and shows how far it is.

    Signals
    -------
    asked, picture_asked, folder_asked, open_asked
    parts_chosen(list of str)
        Of the `PARTS`, those to be recorded.
    """

    asked = Signal()
    picture_asked = Signal()
    folder_asked = Signal()
    open_asked = Signal()
    parts_chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.setProperty("segment", "left")
        self.button.setProperty("record", True)
        self.button.clicked.connect(self.asked)
        self.button.setFont(theme.font())
        self.arrow = QToolButton()
        self.arrow.setProperty("segment", "right")
        self.arrow.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        keyed(self.arrow, "Ctrl+Shift+R", tr("What is recorded, and where to"), tr("Recording options"))
        menu = QMenu(self)
        self.parts: dict[str, QAction] = {}
        for part, name in PARTS.items():
            action = self.parts[part] = QAction(tr(name), menu, checkable=True)
            action.triggered.connect(self._choose)
            menu.addAction(action)
        menu.addSeparator()
        self.picture = QAction(tr("Picture of the window now"), menu)
        self.picture.setShortcut("Ctrl+P")
        self.picture.triggered.connect(partial(self.picture_asked.emit))
        self.folder = QAction("", menu)
        self.folder.triggered.connect(partial(self.folder_asked.emit))
        self.open = QAction(tr("Open the folder"), menu)
        self.open.triggered.connect(partial(self.open_asked.emit))
        for action in (self.picture, self.folder, self.open):
            menu.addAction(action)
        self.addAction(self.picture)  # its key is the window's
        self.arrow.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.button)
        layout.addWidget(self.arrow)
        self.show_take(None)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.button.setIcon(icons.icon("record", new.error))
        self.arrow.setIcon(icons.icon("down", new.text, 14))

    def show_chosen(self, parts: Collection[str], folder: str) -> None:
        """Show what is chosen."""
        for part, action in self.parts.items():
            action.setChecked(part in parts)
        self.folder.setText(tr("Folder: {folder}…", folder=folder).replace("&", "&&"))

    def show_take(self, take: TakeState | None) -> None:
        """Show how far a recording is; None where there is none."""
        runs = take is not None and not take.ended
        self.button.setChecked(runs)
        text = ""
        if take is not None and runs:
            size = f" · {take.nbytes / 1e6:.1f} MB" if self.window().width() >= ROOM else ""
            text = f"{clock(take.seconds)}{size}"
        if text != self.button.text() or self.button.shortcut().isEmpty():
            self.button.setText(text)
            self.button.setShortcut(KEY)  # Qt forgets it with the text
        name = tr("Stop recording") if runs else tr("Record")
        if self.button.accessibleName() != name:
            tip = tr("Record what is seen, heard and predicted")
            if take is not None and runs:
                tip = tr("Stop recording into {folder}", folder=take.folder)
            keyed(self.button, KEY, tip, name)

    def _choose(self) -> None:
        self.parts_chosen.emit([part for part, action in self.parts.items() if action.isChecked()])
