"""Everybody can use the window: without a mouse, without all cones, with another language."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QTabBar,
    QWidget,
)

from app import settings as store
from app.capture.media import Notice
from app.ui import theme, words
from app.ui.languages import build
from app.ui.main_window import MainWindow
from app.ui.menu import SHORTCUTS
from tests.colours import EYES, apart, contrast
from tests.test_ui_widgets import ACTIONS, Held, prediction, session, window  # noqa: F401

APART = 10.0  # ΔE: about four just noticeable differences, and seen at a glance side by side
LINE = 3.0  # WCAG's contrast of what is drawn and not written
TEXT = 4.5


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_class_colours_are_told_apart_by_eyes_of_every_kind(colors, eye):
    classes = list(colors.classes)
    distances = apart(classes, eye)
    close = {
        (classes[i], classes[j]): round(float(distances[i, j]), 1)
        for i, j in itertools.combinations(range(len(classes)), 2)
        if distances[i, j] < APART
    }
    assert not close, f"too close for {eye}"


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_good_and_bad_and_the_modes_are_told_apart(colors, eye):
    for one, other in (("good", "error"), ("good", "warning"), ("accent", "muted"), ("accent", "warning")):
        assert apart([getattr(colors, one), getattr(colors, other)], eye)[0, 1] >= APART, (one, other)


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_what_is_written_and_drawn_stands_out(colors):
    for ground in (colors.card, colors.window):
        for name in ("text", "muted", "good", "warning", "error", "accent"):
            assert contrast(getattr(colors, name), ground) >= TEXT, (name, ground)
    assert contrast(colors.on_accent, colors.accent) >= TEXT
    for one in colors.classes:
        assert contrast(one, colors.card) >= LINE, one


def controls(parent: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QComboBox, QAbstractSlider, QTabBar)
    found = [one for kind in kinds for one in parent.findChildren(kind)]
    inner = ("qt_", "ScrollLeftButton", "ScrollRightButton")  # Qt's own parts of a control
    return [
        one
        for one in found
        if (isinstance(one, QTabBar) or not one.objectName().startswith(inner))
        and not isinstance(one.parent(), QComboBox | QTabBar)
        and "Scroll" not in type(one).__name__
        and not any("Scroll" in type(above).__name__ for above in ancestors(one))
    ]


def ancestors(widget: QWidget) -> list[QWidget]:
    above = []
    while (widget := widget.parentWidget()) is not None:
        above.append(widget)
    return above


def keys_of(window: MainWindow) -> set[str]:
    """Every key that does something in the window, as a user reads it."""
    keys = {one.key().toString() for one in window.findChildren(QShortcut)}
    keys |= {one.shortcut().toString() for one in window.findChildren(QAbstractButton)}
    return keys | {"←", "→", "↑", "↓"}  # the window's own keyPressEvent, tested with it


def test_every_control_has_a_key_a_tip_and_a_name(qtbot, window, session):
    session.change(is_file=True, video_name="a.mp4", audio_name="a.mp4", duration=9.0)
    session.change(notices=(Notice("x", "Something."),))
    qtbot.waitUntil(lambda: bool(window.banners.banners()), timeout=3000)
    window.toggle_stage()
    found = [one for one in controls(window) if one.window() is window]
    assert len(found) > 30
    known = keys_of(window)
    for control in found:
        name = control.accessibleName() or getattr(control, "text", str)()
        assert name, f"{type(control).__name__} with the tip {control.toolTip()!r} has no name"
        if isinstance(control, QTabBar):
            tips = [control.tabToolTip(i) for i in range(control.count())]
        else:
            tips = [control.toolTip()]
        for tip in tips:
            assert tip, f"{name} has no tip"
            assert tip.endswith(")") and "(" in tip, f"{name} does not tell its key: {tip}"
            for key in tip.rpartition("(")[2].rstrip(")").split():
                assert key in known, f"{name}: {key} does nothing"


def test_no_key_is_given_twice(window):
    keys = [one.key() for one in window.findChildren(QShortcut)]
    keys += [one.shortcut() for one in window.findChildren(QAbstractButton)]
    texts = [key.toString() for key in keys if not key.isEmpty()]
    twice = {text for text in texts if texts.count(text) > 1} - {
        "Backspace"
    }  # of banners, here and on the stage
    assert not twice
    for keys_told, _ in SHORTCUTS:  # and the list of them is of keys that Qt knows
        for key in keys_told.split():
            assert key in "←→↑↓" or not QKeySequence(key).isEmpty()


@pytest.mark.parametrize("opens", ["settings", "about"])
def test_what_opens_beside_the_window_has_names_and_tips_too(qtbot, window, opens):
    getattr(window.dialogs, opens)()
    (dialog,) = window.dialogs.opened().values()
    found = [one for one in controls(dialog) if one.isVisible()]
    assert len(found) >= 2  # tabs are one of Qt's own parts
    for control in found:
        assert control.accessibleName() or getattr(control, "text", str)(), control
        tabs = isinstance(control, QTabBar)
        assert tabs or control.toolTip(), f"{control.accessibleName()} has no tip"
    dialog.close()


def test_pickers_and_menus_open_by_their_keys(qtbot, window):
    with qtbot.waitActive(window, timeout=3000):
        window.activateWindow()
    qtbot.waitUntil(lambda: window.sources.camera.count() > 2, timeout=3000)
    for control, key in ((window.sources.camera, "F2"), (window.sources.microphone, "F3")):
        (shortcut,) = [one for one in control.findChildren(QShortcut) if one.key().toString() == key]
        shortcut.activated.emit()
        qtbot.waitUntil(control.view().isVisible, timeout=3000)
        control.hidePopup()


# ---- languages ----------------------------------------------------------------------------------------


def test_the_template_and_the_languages_are_those_of_the_code():
    gathered = list(build.texts())
    stale = "python -m app.ui.languages.build brings it up to date"
    assert list(build.read(words.FOLDER / "template.ts")) == gathered, stale
    for code in set(words.LANGUAGES) - {"en"}:
        said = build.read(words.FOLDER / f"{code}.ts")
        assert list(said) == gathered, stale
        assert np.mean([bool(one) for one in said.values()]) > 0.9, f"{code} is hardly translated"
        for text, translation in said.items():
            if translation:
                assert build.placeholders(translation) == build.placeholders(text), text


@pytest.fixture
def german():
    assert words.install("de") == "de"
    yield
    words.install("en")


def test_the_window_speaks_german(qtbot, german):
    session = Held()
    window = MainWindow(session, store.Settings(theme="light"))  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    assert window.sources.open.text() == "Datei öffnen…"
    assert window.sources.continual.toolTip().endswith("dieselbe Antwort (M)")
    assert window.pages.tabs.tabText(0) == "Kosten"
    session.predict(prediction(ACTIONS, 0, 1, label="clap"))
    session.change(feeds={"actions": "delivering", "genres": "none"})
    panels = window.panels
    qtbot.waitUntil(lambda: panels["actions"].label.text() == "clap", timeout=3000)  # the model's own
    qtbot.waitUntil(lambda: panels["genres"].label.text() == "kein Ton", timeout=3000)
    session.predict(prediction(ACTIONS, 1, 1, p=0.3))
    qtbot.waitUntil(lambda: panels["actions"].label.text() == "unsicher", timeout=3000)
    assert panels["actions"].fill._text == "Fenster 4.3 s"
    window.close()


def test_an_unknown_language_is_english(qtbot, caplog, monkeypatch, tmp_path):
    assert words.install("en") == "en" and words.tr("Demo clip") == "Demo clip"
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    assert words.install("de") == "en"
    assert "cannot be read" in caplog.text
    assert words.tr("Channel {number}", number=3) == "Channel 3"


# ---- sizes --------------------------------------------------------------------------------------------


def test_a_button_gives_its_words_for_room_and_keeps_its_key(qtbot, window):
    bar = window.sources
    full = bar.minimumSizeHint().width()
    for width, worded in ((full, True), (full - 40, False), (full, True)):
        bar.resize(width, bar.height())
        assert bool(bar.open.text()) == worded
        bar.layout().activate()
        assert bar.minimumSizeHint().width() <= width
        assert bar.open.shortcut().toString() == "Ctrl+O" and bar.open.accessibleName()


@pytest.mark.parametrize("size", [(1280, 720), (1024, 576)], ids=["1280x720", "full HD at 187 %"])
def test_no_button_is_narrower_than_its_words(qtbot, window, size):
    window.resize(*size)
    QApplication.processEvents()
    for control in controls(window):
        if isinstance(control, QAbstractButton) and control.isVisible() and control.text():
            needed = control.fontMetrics().horizontalAdvance(control.text())
            assert control.width() >= needed, f"{control.text()!r} is cut off at {size}"
