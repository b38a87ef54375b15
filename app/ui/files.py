"""Files that come by a drop or a dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

_MEDIA = (
    "Video and sound (*.mp4 *.mov *.mkv *.avi *.webm *.m4v *.mpg *.wav *.mp3 *.flac *.ogg *.m4a *.aac *.opus)"
    ";;All files (*)"
)
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


def ask_media(parent: QWidget, folder: str) -> str:
    """Ask for a media file, starting in a folder; "" for none."""
    return QFileDialog.getOpenFileName(parent, "Open a video or sound file", folder, _MEDIA)[0]


def ask_weights(parent: QWidget, folder: str, task: str) -> str:
    """Ask for a task's weights, starting in a folder; "" for none."""
    return QFileDialog.getOpenFileName(parent, f"Load weights for {task}", folder, _WEIGHTS)[0]
