"""The menu at the right of the top row: appearance, units, models, log, keys."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from app.settings import Settings
from app.ui.faults import log_path
from app.ui.words import later, tr

SHORTCUTS = (
    ("Ctrl+O", later("open a file")),
    ("Ctrl+Shift+O", later("files opened lately")),
    ("Ctrl+D", later("demo clip")),
    ("F2 F3", later("camera, microphone")),
    ("F4", later("camera and microphone options")),
    ("F5", later("look for devices again")),
    ("F8", later("another picture or sound of a file that has several")),
    ("Space", later("play or pause")),
    ("Home", later("play from the beginning")),
    (", .", later("the picture before, the next")),
    ("← →", later("5 seconds back, ahead")),
    ("[ ]", later("slower, faster")),
    ("L", later("begin again at the end")),
    ("S", later("the file's sound")),
    ("↑ ↓", later("louder, softer")),
    ("Ctrl+R", later("record, and stop")),
    ("Ctrl+Shift+R", later("what is recorded, and where to")),
    ("Ctrl+P", later("picture of the window")),
    ("M", later("switch regular / continual")),
    ("T", later("teach a gesture or a sound")),
    ("C", later("check both modes against each other")),
    ("1 2 3 4", later("cost, timeline, check, race")),
    ("0", later("fold or open the pages")),
    ("R", later("race both modes")),
    ("Alt+1 2 3", later("what races: model, engine, rival")),
    ("Ctrl+1", later("new person")),
    ("Ctrl+2", later("new song")),
    ("Ctrl+3 4", later("weights of the actions, of the genres")),
    ("Ctrl+I", later("model card of the actions")),
    ("Ctrl+Shift+I", later("model card of the genres")),
    ("P", later("the stage, for a projector, and back")),
    ("F11", later("full screen, and back")),
    ("F10", later("the menu")),
    ("Ctrl+,", later("settings")),
    ("Backspace", later("dismiss the newest banner")),
    ("F1", later("this list")),
    ("Ctrl+Q", later("quit")),
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
        names = {
            "system": tr("System appearance"),
            "light": tr("Light appearance"),
            "dark": tr("Dark appearance"),
        }
        for name, words in names.items():
            action = QAction(words, self, checkable=True)
            action.setChecked(settings.theme == name)
            action.triggered.connect(partial(self.scheme_asked.emit, name))
            appearance.addAction(action)
            self.addAction(action)
        self.addSeparator()
        flops = QAction(tr("Count FLOPs, two a multiply-accumulate"), self, checkable=True)
        flops.setChecked(settings.unit == "FLOPs")
        flops.triggered.connect(self.flops_asked)
        self.addAction(flops)
        self.addSeparator()
        for task in tasks:
            self.addAction(tr("Model card: {task}", task=task), partial(self.card_asked.emit, task))
        for task in tasks:
            self.addAction(tr("Load weights for {task}…", task=task), partial(self.weights_asked.emit, task))
        self.addSeparator()
        self.addAction(tr("Stage, for a projector"), self.stage_asked.emit)
        self.addAction(tr("Settings…"), self.settings_asked.emit)
        self.addSeparator()
        self.addAction(tr("The log"), self._open_log)
        self.addAction(tr("Keyboard shortcuts"), self.show_shortcuts)
        self.addAction(tr("The tour once more"), self.tour_asked.emit)
        self.addAction(tr("About"), self.about_asked.emit)

    def show_shortcuts(self) -> None:
        """Open the list of keys."""
        cell = "<td style='padding:2px 16px 2px 0'>"
        rows = "".join(f"<tr>{cell}<b>{keys}</b></td>{cell}{tr(what)}</td></tr>" for keys, what in SHORTCUTS)
        self._say(tr("Keyboard shortcuts"), f"<table>{rows}</table>")

    def _open_log(self) -> None:
        path = log_path()
        if not path.exists():
            self._say(tr("The log"), tr("Nothing was logged yet. It will be in {path}.", path=path))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._say(tr("The log"), tr("The log is {path}.", path=path))

    def _say(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=self.parentWidget())
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.setModal(False)
        box.show()
