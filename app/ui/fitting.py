"""Fits the window to its screen: its first size, full screen, and pages that fold where there is no room."""

from __future__ import annotations

import base64

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from app.settings import Settings
from app.ui.pages import OPEN_HEIGHT, Pages
from app.ui.placing import place

_LEAST_SIZE = QSize(1000, 500)
_BETWEEN = 36  # pixels of height between and around the window's three parts


class Fitting:
    """Decides which of the window's parts are shown.

    Parameters
    ----------
    window : QMainWindow
    sources, upper : QWidget
        The top row; the picture and the answers below it.
    pages : Pages
        At the bottom.
    settings : Settings
        Where the window was last, and whether the pages were folded.
    """

    def __init__(
        self, window: QMainWindow, sources: QWidget, upper: QWidget, pages: Pages, settings: Settings
    ) -> None:
        self._window, self._sources, self._upper, self._pages = window, sources, upper, pages
        self._settings = settings
        self._had_room = True
        # a screen of full HD at 200 % has less than that
        window.setMinimumSize(_LEAST_SIZE.boundedTo(window.screen().availableGeometry().size()))
        place(window, settings)
        self._show_pages(not settings.folded)
        self.fit()
        pages.fold_asked.connect(self._fold)

    def fit(self) -> None:
        """After the height changed: fold where there is no room, as the user left it where there is."""
        room = self._has_room()
        if room != self._had_room:
            self._had_room = room
            self._show_pages(room and not self._settings.folded)

    def toggle_full_screen(self) -> None:
        """Take the whole screen, or give it back."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def leave_full_screen(self) -> None:
        """Give the screen back, if it was taken."""
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)

    def keep(self) -> None:
        """Write the window's place and size into the settings."""
        self._settings.geometry = base64.b64encode(self._window.saveGeometry().data()).decode()

    def _fold(self, folded: bool) -> None:
        """As asked; a page that is opened where there is no room takes that of picture and answers."""
        if self._has_room():
            self._settings.folded = folded
        self._show_pages(not folded)

    def _show_pages(self, shown: bool) -> None:
        self._pages.fold(not shown)
        self._upper.setVisible(not shown or self._has_room())

    def _has_room(self) -> bool:
        parts = self._sources.sizeHint().height() + self._upper.minimumSizeHint().height() + OPEN_HEIGHT
        return self._window.height() >= parts + _BETWEEN
