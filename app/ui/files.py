"""Files that come by a drop or a dialog."""

from __future__ import annotations

import os
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.capture.recording import SUFFIXES
from app.ui.words import tr

_MEDIA = f"Video and sound ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"
_WEIGHTS = "Weights (*.safetensors)"


def take(event: QDropEvent) -> list[QUrl]:
    """The files and addresses of a drag or drop, taken to be read and never to be moved.

    Whoever offers them to be moved deletes his own when that is accepted.
    """
    urls = event.mimeData().urls()
    if not urls or not event.possibleActions() & Qt.DropAction.CopyAction:
        return []
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
    return urls


def path_of(url: QUrl) -> str:
    """The file that a URL names, also where its name holds bytes that are no text."""
    if os.name != "posix":
        return url.toLocalFile()
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return os.fsdecode(unquote_to_bytes(encoded))


def ask_media(parent: QWidget, folder: str) -> str:
    """Ask for a media file, starting in a folder; "" for none."""
    return QFileDialog.getOpenFileName(parent, tr("Open a video or sound file"), folder, _MEDIA)[0]


def ask_weights(parent: QWidget, folder: str, task: str) -> str:
    """Ask for a task's weights, starting in a folder; "" for none."""
    return QFileDialog.getOpenFileName(parent, tr("Load weights for {task}…", task=task), folder, _WEIGHTS)[0]
