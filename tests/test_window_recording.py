"""The window records: by button and key, what the user chose, and into the folder that is told."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.pipeline.recorder import as_row
from app.settings import Settings, load, save
from tests.test_annotate import events, film  # noqa: F401
from tests.test_take import onsets, rows_of
from tests.windows import drop, window  # noqa: F401

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(record_folder=str(tmp_path / "recordings"))


def notice(window, key: str):
    return next((one for one in window.session.snapshot().notices if one.key == key), None)


def begin(qtbot, window, film):
    """Play a film, and record it by key as soon as there is a picture."""
    drop(window, film)
    qtbot.waitUntil(lambda: window.session.snapshot().frame is not None)
    QTest.keyClick(window, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: window.session.snapshot().take is not None)
    return window.session.snapshot().take.folder


def test_what_was_shown_is_in_the_folder_that_is_told(qtbot, window, film, tmp_path):
    session, record = window.session, window.sources.record
    folder = begin(qtbot, window, film)
    assert folder.parent == tmp_path / "recordings"
    qtbot.waitUntil(lambda: ":" in record.button.text() and "MB" in record.button.text())
    assert record.button.isChecked() and str(folder) in record.button.toolTip()
    qtbot.waitUntil(lambda: session.snapshot().ended)
    QTest.mouseClick(record.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.snapshot().take.ended and notice(window, "take") is not None)
    qtbot.waitUntil(lambda: not record.button.isChecked() and not record.button.text())
    told = notice(window, "take")
    assert told.level == "info" and str(folder) in told.remedy
    names = ["actions.csv", "film.mp4", "genres.csv", "predictions.jsonl", "window.png"]
    assert sorted(file.name for file in folder.iterdir()) == names and ", ".join(names) in told.cause

    pictures, _ = events(folder / "film.mp4")
    height, width = pictures[0].image.shape[:2]
    assert len(pictures) > 50 and width == 320 and height > 180
    flash, beep = onsets(folder / "film.mp4")
    assert abs(beep - flash) <= 0.02  # half a picture
    rows, summary = rows_of(folder)
    shown = {(p.task, p.tick): p for task in session.tasks for p in session.predictions(task, 0)[0]}
    assert len(rows) > 30 and summary["pictures_left_out"] == 0
    for row in rows:
        prediction = shown[row["task"], row["tick"]]
        expected = as_row(prediction, session.tasks[row["task"]])
        assert row | {"time": 0} == expected | {"time": 0}
    assert QImage(str(folder / "window.png")).width() == round(window.width() * window.devicePixelRatio())


def test_what_is_chosen_is_recorded_and_comes_back(qtbot, window, film, tmp_path):
    record = window.sources.record
    for part in ("film", "picture", "csv"):
        record.parts[part].trigger()
    folder = begin(qtbot, window, film)
    qtbot.waitUntil(lambda: window.session.snapshot().take.nbytes > 0)
    QTest.keyClick(window, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: window.session.snapshot().take.ended)
    assert [file.name for file in folder.iterdir()] == ["predictions.jsonl"]
    save(window.settings, tmp_path / "settings.json")
    assert load(tmp_path / "settings.json").record == ["lines"]
    record.parts["lines"].trigger()  # nothing is left
    QTest.keyClick(window, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: "Neither film" in getattr(notice(window, "take"), "cause", ""))
    assert not record.button.isChecked()


def test_what_cannot_be_recorded_is_told_and_a_picture_needs_no_recording(qtbot, window, film, tmp_path):
    record = window.sources.record
    QTest.keyClick(window, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: notice(window, "take") is not None)  # Qt shows a button pressed before it tells
    assert "nothing to record yet" in notice(window, "take").cause and not record.button.isChecked()
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL)
    (picture,) = (tmp_path / "recordings").iterdir()
    assert picture.suffix == ".png" and not QImage(str(picture)).isNull()
    assert str(tmp_path / "recordings") in notice(window, "picture").remedy
    window.settings.record_folder = str(film)  # no folder
    drop(window, film)
    qtbot.waitUntil(lambda: window.session.snapshot().frame is not None)
    for key, told in ((Qt.Key.Key_R, "take"), (Qt.Key.Key_P, "picture")):
        window.session.dismiss(told)
        QTest.keyClick(window, key, CONTROL)
        qtbot.waitUntil(lambda told=told: notice(window, told) is not None)
        assert "another folder" in notice(window, told).remedy and str(film) in notice(window, told).cause
    assert not record.button.isChecked() and window.session.snapshot().take is None


def test_a_window_that_is_closed_leaves_a_recording_that_plays(qtbot, window, film):
    folder = begin(qtbot, window, film)
    qtbot.waitUntil(lambda: window.session.snapshot().position > 1)
    window.close()
    pictures, sound = events(folder / "film.mp4")
    assert pictures and sound and rows_of(folder)[1]["tasks"]["actions"]["predictions"] > 5
