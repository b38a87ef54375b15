"""The real window is taught: takes from what plays, from dropped files, a training, its use, and back."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui import teach_footer
from models.checkpoint import read_card
from models.training import teach_actions, teach_school
from models.training.teach_school import Pace
from tests.devices import ffmpeg, need
from tests.windows import settings, window  # noqa: F401


@pytest.fixture
def dialog(qtbot, window, monkeypatch, tmp_path):
    """Open by its key, with little drawn movement, a short training, and a place of its own."""
    monkeypatch.setattr(teach_actions, "DRAWN", 3)
    monkeypatch.setattr(teach_school, "STREAMS", 6)
    monkeypatch.setattr("app.pipeline.teaching.CACHE", tmp_path)
    monkeypatch.setattr(teach_footer, "PLACE", tmp_path)
    QTest.keyClick(window, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: window._teaching is not None and window._teaching.isVisible(), timeout=5_000)
    opened = window._teaching
    opened.lesson.pace = Pace(steps=2, batch=4, length=32)
    opened.activateWindow()
    # Not waitActive: to it a dialog is active as soon as its window is, and there the keys go still.
    qtbot.waitUntil(lambda: QApplication.activeWindow() is opened, timeout=5_000)
    return opened


def add(dialog, name: str) -> None:
    dialog.classes.name.setFocus()
    QTest.keyClicks(dialog.classes.name, name)
    QTest.keyClick(dialog.classes.name, Qt.Key.Key_Return)


def drop(dialog, *paths) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    none = Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    dialog.dropEvent(QDropEvent(QPointF(9, 9), copy, mime, Qt.MouseButton.LeftButton, none))


def test_names_and_takes_that_cannot_be_are_told(qtbot, dialog):
    say = dialog.message.text
    add(dialog, "wave")
    assert say() == "The model has a class wave already: choose another name."
    dialog.classes.name.clear()
    add(dialog, "hello")
    assert say() == "" and dialog.classes.label == "hello" and dialog.heading.text() == "hello"
    add(dialog, "Hello")
    assert say().startswith("There is a class hello already")
    assert "no take" in dialog.classes.list.currentItem().text() and not dialog.footer.train.isEnabled()
    QTest.mousePress(dialog.recording.hold, Qt.MouseButton.LeftButton)  # nothing plays: nobody is seen
    assert dialog.recording.hold.text() == "●  Recording"
    QTest.mouseRelease(dialog.recording.hold, Qt.MouseButton.LeftButton)
    assert say() == "This is no take: there is no person seen in it."
    assert not dialog.strip.cards and not dialog.lesson.takes
    QTest.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: say() == "There is nothing to undo.", timeout=5_000)
    qtbot.mouseClick(dialog.classes.delete, Qt.MouseButton.LeftButton)
    assert dialog.classes.labels() == [""] and not dialog.classes.delete.isEnabled()


def test_the_window_is_taught(qtbot, window, dialog, tmp_path, assets):
    need("ffmpeg")
    for k, begin in enumerate((4, 8)):
        cut = ("-ss", str(begin), "-t", "1.6", "-i", assets / "demo.mp4", "-vf", "fps=15", "-an")
        ffmpeg(*cut, "-c:v", "libx264", "-preset", "ultrafast", tmp_path / f"{k}.mp4")
    (tmp_path / "words.mp4").write_text("words")
    lesson, footer = dialog.lesson, dialog.footer

    # takes from files: what is none is told, the others count
    add(dialog, "hello")
    drop(dialog, tmp_path / "0.mp4", tmp_path / "words.mp4", tmp_path / "1.mp4")
    assert footer.busy and not dialog.recording.hold.isEnabled()
    qtbot.waitUntil(lambda: not footer.busy, timeout=60_000)
    assert [take.label for take in lesson.takes] == ["hello", "hello"]
    assert dialog.message.text().startswith("words.mp4") and dialog.message.text().endswith("More: 2 takes.")
    assert len(dialog.strip.cards) == 2 and "2 takes" in dialog.classes.list.currentItem().text()

    # and one of what plays, while a key is held; one is deleted, and comes back
    window.session.open_demo()
    qtbot.waitUntil(lambda: dialog.seen.text().endswith("You are seen"), timeout=60_000)
    QTest.keyClick(dialog, Qt.Key.Key_F8)
    held = dialog.recording.recorder
    qtbot.waitUntil(lambda: len(held._tokens or ()) > 20, timeout=60_000)
    QTest.keyClick(dialog, Qt.Key.Key_F8)
    assert dialog.message.text().startswith("A take of hello: "), dialog.message.text()
    assert len(lesson.takes) == 3 and lesson.takes[2].data.shape[1:] == (13, 6)
    qtbot.mouseClick(dialog.strip.cards[0].delete, Qt.MouseButton.LeftButton)
    assert len(lesson.takes) == 2 == len(dialog.strip.cards)
    QTest.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(lesson.takes) == 3 == len(dialog.strip.cards), timeout=5_000)

    # learnt, scored, used at once
    window.session.pause()
    qtbot.mouseClick(footer.train, Qt.MouseButton.LeftButton)
    assert footer.train.text() == "Stop"
    qtbot.waitUntil(lambda: not footer.busy, timeout=60_000)
    assert "of 3 takes named rightly by a training that had not seen them" in footer.score.text()
    assert "There is no take of nothing" in dialog.message.text()
    qtbot.mouseClick(footer.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "hello" in window.session.tasks["actions"].labels, timeout=20_000)
    qtbot.waitUntil(lambda: window.panels["actions"].info.labels[-1] == "hello", timeout=20_000)
    assert read_card(tmp_path / "taught-actions.safetensors")[1]["taught"]["classes"].keys() == {"hello"}
    assert "leave_one_take_out" in window.panels["actions"].info.card["taught"]

    # and back; closed and opened again, the takes are still there
    qtbot.mouseClick(footer.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "hello" not in window.session.tasks["actions"].labels, timeout=20_000)
    dialog.close()
    assert not window.session._dispatch.watchers
    window.activateWindow()
    window.show_teaching()
    assert dialog.isVisible() and len(dialog.strip.cards) == 3


def test_a_training_can_be_stopped_and_ends_with_the_window(qtbot, window, dialog):
    from models.training.teach import Take
    from tests.test_teach import swing

    for k in range(2):
        dialog.lesson.add(Take("hello", swing(30, begun=k / 7), "made"))
    dialog._show_takes()
    dialog.lesson.pace = Pace(steps=100_000)
    qtbot.mouseClick(dialog.footer.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: dialog.footer.progress.value() > 0 or dialog.footer._errand.share >= 0, timeout=9_000
    )
    qtbot.mouseClick(dialog.footer.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.footer.busy, timeout=60_000)
    assert dialog.message.text() == "Stopped." and not dialog.footer.use.isVisible()
    qtbot.mouseClick(dialog.footer.train, Qt.MouseButton.LeftButton)  # the fixture sees: no thread is left
