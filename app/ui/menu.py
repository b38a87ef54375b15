"""The menu at the right of the top row: appearance, units, models, log, keys."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from app.settings import Settings
from app.ui.faults import log_path

SHORTCUTS = (
    ("Ctrl+O", "open a file"),
    ("Ctrl+D", "demo clip"),
    ("Space", "play or pause"),
    ("Home", "play from the beginning"),
    (", .", "the picture before, the next"),
    ("← →", "5 seconds back, ahead"),
    ("[ ]", "slower, faster"),
    ("L", "begin again at the end"),
    ("S", "the file's sound"),
    ("M", "switch regular / continual"),
    ("C", "check both modes against each other"),
    ("1 2 3 4", "cost, timeline, check, race"),
    ("0", "fold or open the pages"),
    ("R", "race both modes"),
    ("Ctrl+1", "new person"),
    ("Ctrl+2", "new song"),
    ("P", "the stage, for a projector, and back"),
    ("F11", "full screen, and back"),
    ("Ctrl+,", "settings"),
    ("F5", "look for devices again"),
    ("F1", "this list"),
    ("Ctrl+Q", "quit"),
)


class MainMenu(QMenu):
    """Says what is asked for; the window does it.

    Signals
    -------
    scheme_asked(name), flops_asked(on), card_asked(task), weights_asked(task)
    stage_asked, settings_asked, about_asked, tour_asked
    """

    scheme_asked = Signal(str)
    flops_asked = Signal(bool)
    card_asked = Signal(str)
    weights_asked = Signal(str)
    stage_asked = Signal()
    settings_asked = Signal()
    about_asked = Signal()
    tour_asked = Signal()

    def __init__(self, tasks: Iterable[str], settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        tasks = tuple(tasks)
        appearance = QActionGroup(self)
        for name in ("system", "light", "dark"):
            action = QAction(f"{name.capitalize()} appearance", self, checkable=True)
            action.setChecked(settings.theme == name)
            action.triggered.connect(partial(self.scheme_asked.emit, name))
            appearance.addAction(action)
            self.addAction(action)
        self.addSeparator()
        flops = QAction("Count FLOPs, two a multiply-accumulate", self, checkable=True)
        flops.setChecked(settings.unit == "FLOPs")
        flops.triggered.connect(self.flops_asked)
        self.addAction(flops)
        self.addSeparator()
        for task in tasks:
            self.addAction(f"Model card: {task}", partial(self.card_asked.emit, task))
        for task in tasks:
            self.addAction(f"Load weights for {task}…", partial(self.weights_asked.emit, task))
        self.addSeparator()
        self.addAction("Stage, for a projector", self.stage_asked)
        self.addAction("Settings…", self.settings_asked)
        self.addSeparator()
        self.addAction("The log", self._open_log)
        self.addAction("Keyboard shortcuts", self.show_shortcuts)
        self.addAction("The tour once more", self.tour_asked)
        self.addAction("About", self.about_asked)

    def show_shortcuts(self) -> None:
        """Open the list of keys."""
        cell = "<td style='padding:2px 16px 2px 0'>"
        rows = "".join(f"<tr>{cell}<b>{keys}</b></td>{cell}{what}</td></tr>" for keys, what in SHORTCUTS)
        self._say("Keyboard shortcuts", f"<table>{rows}</table>")

    def _open_log(self) -> None:
        path = log_path()
        if not path.exists():
            self._say("The log", f"Nothing was logged yet. It will be in {path}.")
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._say("The log", f"The log is {path}.")

    def _say(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=self.parentWidget())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setModal(False)
        box.show()
