"""The real window on files: going about in them, and other weights while they play."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.ui.position import clock
from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from tests.devices import ffmpeg
from tests.test_seek import check, clip, run_straight  # noqa: F401
from tests.windows import Eyes, drop, settings, window  # noqa: F401


def test_going_about_in_a_file(qtbot, window, settings, clip):
    straight = run_straight(clip)
    eyes = Eyes(window)
    session, transport = window.session, window.transport

    def shown() -> float:
        frame = session.snapshot().frame
        return -1.0 if frame is None else frame.time

    def is_at(seconds: float) -> None:
        """The picture of that time stands, and the answer of its tick."""
        tick = int(seconds * 15 + 1e-6)
        qtbot.waitUntil(lambda: shown() == pytest.approx(seconds, abs=1e-6), timeout=5_000)
        qtbot.waitUntil(lambda: session.snapshot().latest["actions"].tick in (tick - 1, tick), timeout=5_000)

    def press(share: float, drag_to: float | None = None) -> None:
        slider = transport.position
        places = [QPoint(round(6 + s * (slider.width() - 12)), 10) for s in (share, drag_to or share)]
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=places[0])
        QTest.mouseMove(slider, places[1])
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=places[1])

    drop(window, clip)
    qtbot.waitUntil(lambda: session.snapshot().position > 3.0, timeout=20_000)
    assert settings.recent == [str(clip)] and window.sources.recent.menu().actions()
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not session.snapshot().playing, timeout=3_000)

    # by press and by drag, exact by PTS: the newest picture of that time or before (30 a second)
    press(2 / 9)
    seconds = transport.position.value() / 1000
    assert seconds == pytest.approx(2.0, abs=0.05)
    is_at(math.floor(seconds * 30 + 1e-6) / 30)
    press(0.1, drag_to=1.6 / 9)
    seconds = transport.position.value() / 1000
    assert seconds == pytest.approx(1.6, abs=0.05)
    is_at(math.floor(seconds * 30 + 1e-6) / 30)

    # picture by picture
    start = shown()
    QTest.keyClick(window, Qt.Key.Key_Period)
    is_at(start + 1 / 30)
    QTest.keyClick(window, Qt.Key.Key_Comma)
    is_at(start)
    QTest.keyClick(window, Qt.Key.Key_Comma)
    is_at(start - 1 / 30)

    # ahead of what is known: it says that it catches up, and holds there
    QTest.keyClick(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: transport.name.text() == f"Catching up to {clock(start + 5)}", timeout=3_000)
    qtbot.waitUntil(lambda: session.snapshot().position > start + 4.9, timeout=20_000)
    qtbot.waitUntil(lambda: transport.name.text() == "seek.mp4", timeout=3_000)
    assert not session.snapshot().playing

    # four times as fast, over again: the button says what the machine makes of it
    for key in (Qt.Key.Key_BracketRight, Qt.Key.Key_BracketRight, Qt.Key.Key_L, Qt.Key.Key_Space):
        QTest.keyClick(window, key)
        qtbot.wait(300)
    qtbot.waitUntil(lambda: transport.speed.text().endswith("4×"), timeout=3_000)
    qtbot.waitUntil(lambda: session.snapshot().playback.reached > 8.9, timeout=20_000)
    qtbot.waitUntil(lambda: 0 < session.snapshot().position < 3, timeout=10_000)
    assert settings.loop and not session.snapshot().ended

    seen = eyes.look()
    check(seen, straight)
    assert len(seen["actions"]) > 90 and max(p.tick for p in seen["actions"]) == max(straight["actions"])


def test_a_film_without_sound_shows_nothing_of_the_one_before(qtbot, window, clip, tmp_path):
    mute = tmp_path / "mute.mp4"
    ffmpeg("-i", clip, "-t", "4", "-an", "-c", "copy", mute)
    session, panel, eyes = window.session, window.panels["genres"], Eyes(window)
    drop(window, clip)
    qtbot.waitUntil(lambda: eyes.sees("genres"), timeout=30_000)
    qtbot.waitUntil(lambda: bool(panel.bars.order) and len(panel.history.points()[0]) > 0, timeout=5_000)
    drop(window, mute)
    qtbot.waitUntil(lambda: session.snapshot().feeds["genres"] == "none", timeout=10_000)
    qtbot.waitUntil(lambda: panel.label.text() == "no sound", timeout=5_000)
    # Words and curves are refreshed in turn: the curves may follow a tick after.
    qtbot.waitUntil(lambda: not len(panel.history.points()[0]), timeout=5_000)
    assert not panel.bars.order and not panel.percent.text()
    assert not window.pages.timeline.maps["genres"].describe(QPoint(200, 40)).count("%")
    qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=30_000)
    for _ in range(40):  # and the switch, faster than anybody presses it
        QTest.keyClick(window, Qt.Key.Key_M)
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=30_000)
    assert session.snapshot().mode == session.snapshot().latest["actions"].mode == "continual"
    assert window.sources.continual.isChecked()


def test_other_weights_while_it_plays(qtbot, window, clip, tmp_path, assets):
    session = window.session
    eyes = Eyes(window)
    drop(window, clip)
    qtbot.waitUntil(lambda: session.snapshot().position > 2.0 and eyes.sees("actions"), timeout=20_000)
    old = session.tasks["actions"]

    # what is no model for the task is told, and the old one stays
    bad = tmp_path / "words.safetensors"
    bad.write_text("words")
    for path, why in (
        (assets / "genres.safetensors", "is for genres"),
        (bad, "not a readable safetensors file"),
        (tmp_path / "nothing.safetensors", "no weights at"),
    ):
        session.load_weights("actions", path)
        qtbot.waitUntil(lambda: "weights-actions" in eyes.banners(), timeout=5_000)
        (notice,) = [n for n in session.snapshot().notices if n.key == "weights-actions"]
        assert why in notice.cause and path.name in notice.cause and notice.remedy
        assert session.tasks["actions"] is old
        session.dismiss("weights-actions")
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=5_000)

    # another model, of other classes and another window: its answers, its card, no banner
    torso, card = load_checkpoint(assets / "actions.safetensors")
    config = torso.config | {"classes": 3, "window": 32}
    labels = ["one", "two", "three"]
    new = tmp_path / "new.safetensors"
    save_checkpoint(new, ContinualTransformer(**config).eval(), card | {"labels": labels, "window": 32})
    session.load_weights("actions", new)
    qtbot.waitUntil(lambda: window.panels["actions"].info.labels == tuple(labels), timeout=5_000)
    panel = window.panels["actions"]
    qtbot.waitUntil(
        lambda: bool(panel.bars.order) and panel.label.text() != "waiting for a picture", timeout=10_000
    )
    fresh = eyes.look()["actions"][-1]
    assert len(fresh.probabilities) == 3 and fresh.filled <= 32
    assert panel.isVisible() and window.pages.timeline.maps["actions"] is not None and not eyes.banners()
    session.seek(1.0)  # what was seen before is seen with the new eyes
    qtbot.waitUntil(lambda: 15 <= session.snapshot().latest["actions"].tick < 30, timeout=5_000)
    latest = session.snapshot().latest["actions"]
    assert latest.filled == latest.tick + 1 and len(latest.probabilities) == 3
    assert not eyes.banners()
