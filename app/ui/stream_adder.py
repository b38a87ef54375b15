"""The buttons that add a stream to the grid, and the threads that make and end streams beside the paint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from app.capture import devices
from app.capture.media import Notice
from app.pipeline.fleet import Fleet
from app.settings import Settings
from app.ui import files
from app.ui.address_dialog import AddressDialog
from app.ui.theme import SPACE
from app.ui.words import tr


class StreamAdder(QWidget):
    """Adds files and cameras.

    Parameters
    ----------
    fleet : Fleet
    settings : Settings

    Attributes
    ----------
    menu : QMenu
        Of cameras, opened once they are listed, which may take a second.
    """

    def __init__(self, fleet: Fleet, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fleet, self._settings = fleet, settings
        self._threads: list[threading.Thread] = []
        self._found: Sequence[devices.CameraInfo] | None = None  # by the thread that looks for cameras
        self.menu = QMenu(self)
        self.file = self._button(
            tr("Add a file…"), "Ctrl+O", tr("One stream more: a file, or drop files here")
        )
        self.camera = self._button(
            tr("Add a camera…"), "Ctrl+N", tr("One stream more: a camera, or an address")
        )
        self.file.clicked.connect(self._ask_file)
        self.camera.clicked.connect(self._look_for_cameras)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.file)
        layout.addWidget(self.camera)

    @staticmethod
    def _button(words: str, keys: str, tip: str) -> QPushButton:
        button = QPushButton(words)
        button.setShortcut(keys)
        button.setToolTip(f"{tip} ({keys})")
        button.setAccessibleName(f"{words}: {tip}")
        return button

    def add_files(self, paths: Sequence[str]) -> None:
        """A stream more for each of these files; one that is refused is told, and so are not the rest."""
        self._add([(Path(path).name, partial(self._fleet.add_file, path)) for path in paths])

    def add_camera(self, device: int | str) -> None:
        """A stream more, of a camera by index, name or address."""
        self._add([(tr("The camera"), partial(self._fleet.add_camera, device))])

    def remove(self, number: int) -> None:
        """End a stream."""
        self._beside(partial(self._fleet.remove, number))

    def poll(self) -> None:
        """Open the menu when the cameras have been listed; a few times a second."""
        found, self._found = self._found, None
        if found is None:
            return
        self.menu.clear()
        for info in found:
            self.menu.addAction(info.name, partial(self.add_camera, info.name))
        if not found:
            self.menu.addAction(tr("No camera was found")).setEnabled(False)
        self.menu.addSeparator()
        self.menu.addAction(tr("Camera URL…"), self._ask_address)
        self.menu.popup(self.camera.mapToGlobal(QPoint(0, self.camera.height())))

    def join(self, timeout: float) -> None:
        """Wait for the threads, so long each."""
        for thread in self._threads:
            thread.join(timeout)

    def _add(self, streams: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Make streams on another thread: each has a tracker, which takes a moment."""

        def add() -> None:
            for name, make in streams:
                try:
                    make()
                except Exception as error:
                    self._fleet.notify(Notice("add", f"{name} is not added: {error}."))
                    return

        self._beside(add)

    def _beside(self, work: Callable[[], object]) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=work, name="grid", daemon=True))
        self._threads[-1].start()

    def _look_for_cameras(self) -> None:
        def look() -> None:
            try:
                self._found = devices.cameras()
            except Exception as error:
                self._fleet.notify(Notice("add", f"Cameras cannot be listed: {error}."))

        self._beside(look)

    def _ask_file(self) -> None:
        if path := files.ask_media(self, self._settings.folder):
            self._settings.opened(path)
            self.add_files([path])

    def _ask_address(self) -> None:
        dialog = AddressDialog(self._settings.camera_url, parent=self.window())
        dialog.keep_box.hide()  # the grid keeps none
        if dialog.exec():
            self.add_camera(dialog.url)
