"""Which picture and which sound of a file are played, behind one button, where it has several."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.capture.media import Kind
from app.capture.streams import StreamInfo
from app.pipeline.state import Snapshot
from app.ui.keyboard import keyed
from app.ui.words import later, tr

HEADS: dict[Kind, str] = {"video": later("Picture"), "audio": later("Sound")}


class StreamButton(QToolButton):
    """A menu of the streams of a file; hidden where there is nothing to choose.

    Signals
    -------
    chosen(kind, index)
    """

    chosen = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[tuple[StreamInfo, ...], Mapping[Kind, int]] = ((), {})
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tip = tr("This file has several pictures or sounds: the one chosen plays from the beginning")
        keyed(self, "F8", tip, tr("Pictures and sounds of the file"))
        self.setMenu(QMenu(self))
        self.hide()

    def poll(self, snapshot: Snapshot) -> None:
        """A few times a second: see what the file has."""
        if (snapshot.streams, snapshot.chosen) != self._shown:
            self._shown = snapshot.streams, snapshot.chosen
            self._fill()

    def _fill(self) -> None:
        streams, chosen = self._shown
        menu = self.menu()
        menu.clear()
        for kind, head in HEADS.items():
            several = [stream for stream in streams if stream.kind == kind]
            if len(several) < 2:
                continue
            if not menu.isEmpty():
                menu.addSeparator()
            group = QActionGroup(menu)
            for number, stream in enumerate(several, 1):
                words = f"{tr(head)} {number}" + (f": {stream.words}" if stream.words else "")
                action = QAction(words.replace("&", "&&"), menu, checkable=True)
                action.setChecked(chosen.get(kind) == stream.index)
                action.triggered.connect(partial(self.chosen.emit, kind, stream.index))
                group.addAction(action)
                menu.addAction(action)
        self.setVisible(not menu.isEmpty())
