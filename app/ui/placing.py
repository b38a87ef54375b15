"""Where the window stands: as last time, and never larger than its screen."""

from __future__ import annotations

import base64

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtWidgets import QWidget

from app.settings import Settings

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(8, 40)  # what a window's frame takes of a screen


def place(window: QWidget, settings: Settings) -> None:
    """Give a window its size and place before it is shown."""
    room = window.screen().availableGeometry().size() - _FRAME
    window.resize(_FIRST_SIZE.boundedTo(room))
    if settings.geometry:
        window.restoreGeometry(QByteArray(base64.b64decode(settings.geometry)))
        window.resize(window.size().boundedTo(room))
