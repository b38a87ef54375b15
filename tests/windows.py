"""The real window on a real session, for the tests that drive it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent

from app.logins import Logins
from app.pipeline.session import Session
from app.settings import Settings
from app.ui.main_window import MainWindow
from tests.devices import PROMPT, wait_until

OURS = (
    "worker",
    "control",
    "camera",
    "microphone",
    "media-file",
    "take",
    "list devices",
    "listener",
    "portaudio",
    "race",
    "teach",
)


def our_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(OURS)]


def open_media() -> list[str]:
    """The media files that this process holds open."""
    links = (f"/proc/self/fd/{one}" for one in os.listdir("/proc/self/fd"))
    paths = [os.readlink(link) for link in links if os.path.islink(link)]
    return [path for path in paths if Path(path).suffix in (".mp4", ".avi", ".mkv", ".wav", ".flac")]


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def window(qtbot, settings, tmp_path_factory):
    """The window on a session without a source; closing leaves no thread, no timer and no open file."""
    assert not our_threads()
    shown = MainWindow(Session(), settings, Logins(tmp_path_factory.mktemp("logins") / "logins.json"))
    qtbot.addWidget(shown)
    shown.show()
    with qtbot.waitActive(shown, timeout=5_000):  # keys reach an active window only
        shown.activateWindow()
    yield shown
    start = time.monotonic()
    shown.close()
    assert time.monotonic() - start < PROMPT
    wait_until(lambda: not our_threads() and not open_media(), what="no thread and no open file")
    assert not [timer for timer in shown.findChildren(QTimer) if timer.isActive()]


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    none = Qt.KeyboardModifier.NoModifier
    window.dropEvent(
        QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none)
    )


def choose(picker, text: str) -> None:
    index = picker.findText(text, Qt.MatchFlag.MatchContains)
    assert index >= 0, [picker.itemText(i) for i in range(picker.count())]
    picker.setCurrentIndex(index)
    picker.activated.emit(index)


class Eyes:
    """What the window has shown since the last look."""

    def __init__(self, window: MainWindow) -> None:
        self.session = window.session
        self.serials = dict.fromkeys(self.session.tasks, 0)
        self.look()

    def look(self) -> dict[str, list]:
        seen = {}
        for task in self.serials:
            seen[task], self.serials[task] = self.session.predictions(task, self.serials[task])
        return seen

    def sees(self, *tasks: str) -> bool:
        """Whether each task has predicted since the last look; tasks need not do so at the same moment."""
        seen = all(self.session.predictions(task, self.serials[task])[0] for task in tasks)
        if seen:
            self.look()
        return seen

    def banners(self) -> set[str]:
        return {notice.key for notice in self.session.snapshot().notices}
