"""The stage, the settings, about, the tour: what opens in place of the window or beside it."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.capture.media import Notice
from app.pipeline.state import Cost
from app.ui import about, theme
from app.ui.main_window import MainWindow
from tests.test_ui_widgets import ACTIONS, GENRES, picture, prediction, session, window  # noqa: F401


@pytest.fixture
def active(qtbot, window) -> MainWindow:
    with qtbot.waitActive(window, timeout=3000):
        window.activateWindow()
    return window


def test_one_key_shows_the_stage_and_its_numbers_and_takes_it_away(qtbot, active, session):
    window = active
    parts = {"computed": {"qkv": 10}, "regular": {"qkv": 640}}
    session.predict(prediction(ACTIONS, 0, 1), prediction(GENRES, 0, 1, p=0.35))
    session.change(
        frame=picture(),
        video_name="a",
        feeds={"actions": "delivering", "genres": "delivering"},
        notices=(Notice("x", "Something."),),
        costs={"actions": Cost(10_000, 640_000, 10, parts=parts), "genres": Cost(2_000, 100_000, 1)},
    )
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert window.stage is not None and window.stage.isVisible() and not window.video.isVisible()
    stage = window.stage
    qtbot.waitUntil(lambda: stage.answers["actions"].text == "clap", timeout=3000)
    assert stage.answers["actions"].percent == "90 %" and stage.answers["actions"].believed
    assert stage.answers["genres"].text == "not sure" and not stage.answers["genres"].believed
    qtbot.waitUntil(lambda: bool(stage.counter.rows), timeout=3000)
    transformer, pipeline = stage.counter.rows
    assert transformer[1] == "98.4 %" and "728 k of 740 k MACs (61.7×)" in transformer[2]
    everything = 740_000 + 10 * ACTIONS.macs_apart + GENRES.macs_apart
    assert pipeline[3] == pytest.approx(728_000 / everything)  # beside it, in the same type
    assert len(stage.banners.banners()) == 1  # a fault is told here, too
    qtbot.waitUntil(lambda: session.shown == 1, timeout=3000)
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert window.video.isVisible() and not stage.isVisible()
    window.sources.stage.click()
    assert stage.isVisible()
    stage.leave.click()
    assert not stage.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_P)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not stage.isVisible()
    qtbot.waitUntil(lambda: window.panels["actions"].label.text() == "clap", timeout=3000)


def test_nothing_on_the_stage_is_cut_off_whatever_its_size(qtbot, active, session):
    window = active
    long = "a class with a name that is far longer than any line on a stage has room for"
    session.predict(prediction(ACTIONS, 0, 1, label=long))
    session.change(feeds={"actions": "delivering"})
    window.toggle_stage()
    for size in ((1000, 500), (1280, 720), (1500, 900)):
        window.resize(*size)
        qtbot.waitUntil(lambda: window.stage.answers["actions"].text == long, timeout=3000)
        answer = window.stage.answers["actions"]
        image = answer.grab().toImage()
        scale = image.devicePixelRatio()
        background = image.pixelColor(image.width() - 1, 0)
        column = round(scale * (answer.width() - 0.2 * answer.height() * 3))
        rows = range(round(0.2 * image.height()), round(0.45 * image.height()))
        lit = [y for y in rows if image.pixelColor(column // 2, y) != background]
        assert lit, f"no name at {size}"
        for part in (window.stage.video, window.stage.counter, *window.stage.answers.values()):
            place = QRect(part.mapTo(window, part.rect().topLeft()), part.size())
            assert window.rect().contains(place)


def test_the_settings_work_at_once_by_the_windows_own_controls(qtbot, active, session, monkeypatch):
    window = active
    qtbot.waitUntil(lambda: window.sources.camera.findText("Back camera") > 0, timeout=3000)
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = (one for one in window.dialogs.opened().values())

    def choose(picker, words: str) -> None:
        index = picker.findText(words)
        assert index >= 0, [picker.itemText(i) for i in range(picker.count())]
        picker.setCurrentIndex(index)
        picker.activated.emit(index)

    choose(dialog.theme, "Light")
    assert window.settings.theme == "light" and theme.current() is theme.LIGHT
    choose(dialog.camera, "Back camera")
    assert session.told[-1] == ("set_camera", "Back camera")
    assert window.sources.camera.currentText() == "Back camera"
    choose(dialog.resolution, "1280 × 720")
    assert session.told[-1][0] == "set_options" and session.told[-1][1].size == (1280, 720)
    dialog.mirror.click()
    assert session.told[-1][1].mirror and window.settings.mirror
    choose(dialog.channel, "Channel 2")
    assert window.settings.channel == 2
    choose(dialog.mode, "Regular")
    assert session.state.mode == "regular"
    choose(dialog.unit, "FLOPs, two of each")
    assert window.pages.cost.unit == "FLOPs"
    dialog.loop.click()
    assert session.told[-1] == ("set_loop", True) and window.settings.loop
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/a/folder")
    dialog.recordings.click()
    assert window.settings.record_folder == "/a/folder" == dialog.recordings.text()
    choose(dialog.language, "Deutsch")
    assert window.settings.language == "de" and dialog._spoken.isVisible()
    window.dialogs.settings()
    assert len(window.dialogs.opened()) == 1  # raised, not opened twice
    dialog.close()
    qtbot.waitUntil(lambda: not window.dialogs.opened(), timeout=3000)


def test_about_names_versions_licences_cards_and_the_log(qtbot, window, tmp_path, monkeypatch):
    log = tmp_path / "the.log"
    log.write_text("first\n" + "line\n" * 300 + "the last line\n")
    monkeypatch.setattr(about, "log_path", lambda: log)
    window.dialogs.about()
    (shown,) = window.dialogs.opened().values()
    text = shown.versions.toPlainText()
    for name in ("Python", "Qt", "torch", "mediapipe", "numpy"):
        assert f"{name}\n{about.versions()[name]}" in text
    assert "not installed" not in text
    assert "Apache" in shown.licences.toPlainText() and "MusiCNN" in shown.licences.toPlainText()
    assert "UTD-MHAD" in shown.cards.toPlainText()
    kept = shown.log.toPlainText()
    assert str(log) in kept and kept.endswith("the last line") and "first" not in kept
    copy = next(one for one in shown.findChildren(type(window.sources.open)) if "Copy" in one.text())
    copy.click()
    assert "mediapipe" in QGuiApplication.clipboard().text()
    shown.close()


def test_the_tour_has_four_bubbles_by_their_places_and_is_remembered(qtbot, active, session):
    window = active
    window.dialogs.start_tour()
    tour = window.dialogs.tour
    assert tour is not None
    seen = []
    qtbot.keyClick(tour, Qt.Key.Key_M)  # the window's keys wait
    assert session.state.mode == "continual"
    for at in range(4):
        assert tour.at == at
        seen.append(tour.title.text())
        place, bubble = tour._stops[at].place(), tour.bubble.geometry()
        assert window.rect().contains(place) and not place.isEmpty()
        assert window.rect().contains(bubble)
        assert tour.text.height() >= tour.text.heightForWidth(tour.text.width()), "a line is cut off"
        if at == 1:
            qtbot.keyClick(tour, Qt.Key.Key_Left)
            assert tour.at == 0
            tour.forward.click()
        assert not window.settings.toured
        qtbot.keyClick(tour, Qt.Key.Key_Return)
    assert len(set(seen)) == 4 and window.settings.toured and window.dialogs.tour is None
    window.dialogs.start_tour()  # from the menu, once more
    again = window.dialogs.tour
    assert again is not None
    window.resize(1100, 720)
    qtbot.waitUntil(lambda: again.size() == window.size(), timeout=3000)
    again.skip.click()
    assert window.dialogs.tour is None
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert session.state.mode == "regular"
