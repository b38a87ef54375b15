"""The window on small screens, what is dropped on it, and when it looks for devices."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from app import settings as store
from app.capture.clocks import Playback
from app.capture.streams import StreamInfo
from app.ui import placing, refresh, source_bar
from app.ui.main_window import MainWindow
from tests.test_ui_widgets import Held, session, window  # noqa: F401

COPY, MOVE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction


@pytest.mark.parametrize("screen", [(1366, 728), (1280, 680), (1600, 1000)])
def test_the_first_window_fits_the_screen(qtbot, monkeypatch, session, screen):
    """A laptop's 1366 × 768, and full HD at 150 %, each less a panel."""

    class Screen:
        def availableGeometry(self):
            return self

        def size(self):
            return QSize(*screen)

    monkeypatch.setattr(MainWindow, "screen", lambda _: Screen())
    window = MainWindow(session, store.Settings(theme="dark"))  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(50)
    framed = window.size() + placing._FRAME
    assert framed.width() <= screen[0] and framed.height() <= screen[1]
    assert window.video.isVisible() and window.pages.tabs.isVisible()
    window.close()


def test_pages_fold_by_key_and_tab_and_come_back_so(qtbot, window):
    with qtbot.waitActive(window, timeout=3000):
        window.activateWindow()
    window.resize(1200, 760)
    height = window.video.height()
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert window.pages.folded and window.settings.folded and not window.pages.cost.isVisible()
    qtbot.waitUntil(lambda: window.video.height() > height + 100, timeout=2000)
    window.resize(1200, 520)  # for lack of room it is not folded by the user's hand
    window.resize(1200, 760)
    assert window.pages.folded
    qtbot.keyClick(window, Qt.Key.Key_2)
    assert window.pages.timeline.isVisible() and not window.settings.folded
    rect = window.pages.tabs.tabRect(1)
    qtbot.mouseClick(window.pages.tabs, Qt.MouseButton.LeftButton, pos=rect.center())
    assert window.pages.folded
    qtbot.mouseClick(window.pages.tabs, Qt.MouseButton.LeftButton, pos=window.pages.tabs.tabRect(2).center())
    assert window.pages.check.isVisible()
    window.resize(1200, 520)
    assert window.pages.folded and not window.settings.folded
    window.resize(1200, 760)
    assert window.pages.check.isVisible()


def test_f11_takes_the_whole_screen_and_gives_it_back(qtbot, window):
    with qtbot.waitActive(window, timeout=3000):
        window.activateWindow()
    f11, escape = Qt.Key.Key_F11, Qt.Key.Key_Escape
    for key, full in ((escape, False), (f11, True), (f11, False), (f11, True), (escape, False)):
        qtbot.keyClick(window, key)
        qtbot.waitUntil(lambda full=full: window.isFullScreen() == full, timeout=2000)


def dropped(kind, paths, actions) -> QDropEvent:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = QPointF(9, 9) if kind is QDropEvent else QPointF(9, 9).toPoint()
    event = kind(place, actions, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    event.mime = mime  # Qt does not hold it
    return event


def test_a_drop_is_a_copy_and_what_is_not_played_is_told(window, session, tmp_path):
    films = [tmp_path / name for name in ("a ä.mp4", "b.mp4", "c.mp4")]
    enter = dropped(QDragEnterEvent, films, COPY | MOVE)
    window.dragEnterEvent(enter)
    event = dropped(QDropEvent, films, COPY | MOVE)
    event.setDropAction(MOVE)  # as a file manager proposes on the same disk
    window.dropEvent(event)
    for one in (enter, event):
        assert one.isAccepted() and one.dropAction() == COPY
    assert [told for told in session.told if told[0] == "open_file"] == [("open_file", str(films[0]))]
    (notice,) = [one for one in session.notices if one.key == "drop"]
    assert "3 things" in notice.cause and "a ä.mp4" in notice.cause
    refused = dropped(QDropEvent, films, MOVE)
    refused.ignore()
    window.dropEvent(refused)
    assert not refused.isAccepted()


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on Unix")
def test_a_file_whose_name_is_no_text_is_opened_and_comes_back(qtbot, window, session, tmp_path):
    film = os.fsdecode(os.fsencode(tmp_path) + b"/fi lm\xff%.mp4")
    Path(film).touch()
    event = dropped(QDropEvent, [], COPY)
    event.mime.setUrls([QUrl.fromEncoded(f"file://{tmp_path}/fi%20lm%FF%25.mp4".encode())])
    window.dropEvent(event)
    assert session.told[-1] == ("open_file", film) and Path(film).exists()
    session.change(is_file=True, path=film)
    qtbot.waitUntil(lambda: window.settings.recent == [film], timeout=3000)
    (action,) = window.sources.recent.menu().actions()
    assert (
        "fi lm" in action.text()
        and action.text().endswith("%.mp4")
        and len(action.text()) >= len("fi lm?%.mp4")
    )
    store.save(window.settings, tmp_path / "settings.json")
    session.told.clear()
    window.sources.show_recent(store.load(tmp_path / "settings.json").recent)
    window.sources.recent.menu().actions()[0].trigger()
    assert session.told == [("open_file", film)]


def test_a_dropped_address_is_a_banner_and_not_silence(window, session):
    event = dropped(QDropEvent, [], COPY)
    event.mime.setUrls([QUrl("https://me:secret@example.org/film.mp4")])
    window.dropEvent(event)
    assert not [told for told in session.told if told[0] == "open_file"]
    (notice,) = [one for one in session.notices if one.key == "drop"]
    assert "https://example.org/film.mp4 is not on this computer" in notice.cause and notice.remedy


def test_a_file_is_remembered_once_it_is_open(qtbot, window, session, tmp_path):
    window.dropEvent(dropped(QDropEvent, [tmp_path], COPY))  # a folder: it will not open
    assert session.told[-1] == ("open_file", str(tmp_path))
    qtbot.wait(400)
    assert window.settings.recent == [] and window.settings.folder == ""
    film = str(tmp_path / "film.mp4")
    session.change(is_file=True, path=film)
    qtbot.waitUntil(lambda: window.settings.recent == [film], timeout=3000)
    assert window.settings.folder == str(tmp_path) and window.sources.recent.isEnabled()
    session.change(path=str(tmp_path / "demo.mp4"), is_demo=True)
    qtbot.wait(400)
    assert window.settings.recent == [film]


@pytest.mark.parametrize("often", [False, True])
def test_devices_are_looked_for_again_and_again_only_where_that_costs_nothing(qtbot, monkeypatch, often):
    asked = []

    class Asked(Held):
        def cameras(self):
            asked.append(1)
            return super().cameras()[: len(asked)]

    monkeypatch.setattr(source_bar, "signs", object if often else lambda: None)
    monkeypatch.setattr(source_bar, "LOOK_MS", 20)
    window = MainWindow(Asked(), store.Settings())  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    picker = window.sources.camera
    qtbot.waitUntil(lambda: picker.findText("Front camera") > 0, timeout=3000)
    qtbot.wait(300)
    assert (len(asked) > 1) == often
    if not often:  # as on macOS and Windows: when somebody wants to choose
        picker.showPopup()
        assert len(asked) == 2 and picker.findText("Back camera") > 0
        picker.hidePopup()
    window.close()


class Ring:
    """What refers to itself: only the collector of cycles frees it."""

    def __init__(self) -> None:
        self.me = self


def test_what_refers_to_itself_alone_is_freed_however_old(qtbot, window, monkeypatch):
    gc.disable()  # as while the window runs
    try:
        old = weakref.ref(ring := Ring())
        gc.collect(1)  # it has lived for a while
        del ring
        monkeypatch.setattr(refresh, "COLLECT_ALL", 0.1)
        qtbot.waitUntil(lambda: old() is None)
    finally:
        gc.enable()


STREAMS = (
    StreamInfo("video", 0, "160 × 120"),
    StreamInfo("video", 1, "Cats & dogs, 320 × 240"),
    StreamInfo("audio", 2, ""),
    StreamInfo("audio", 3, "deu, mono"),
)


def test_streams_of_a_file_are_offered_only_where_there_are_several(qtbot, window, session):
    button = window.sources.streams
    session.change(is_file=True, streams=STREAMS, chosen={"video": 0, "audio": 2})
    qtbot.waitUntil(button.isVisible)
    offered = [action for action in button.menu().actions() if action.isCheckable()]
    words = ["Picture 1: 160 × 120", "Picture 2: Cats && dogs, 320 × 240", "Sound 1", "Sound 2: deu, mono"]
    assert [action.text() for action in offered] == words
    assert [action.isChecked() for action in offered] == [True, False, True, False]
    offered[3].trigger()
    assert session.told[-1] == ("choose_stream", "audio", 3)
    session.change(streams=STREAMS[1:3])
    qtbot.waitUntil(button.isHidden)


def test_a_slow_seek_is_told(qtbot, window, session):
    session.change(is_file=True, video_name="film.mp4", duration=90.0, playback=Playback(seeking=65.0))
    qtbot.waitUntil(lambda: window.transport.name.text() == "Seeking 1:05")
    session.change(playback=Playback())
    qtbot.waitUntil(lambda: window.transport.name.text() == "film.mp4")
