"""The real window on real sources: a file, a microphone, a network camera, and all of them failing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.pipeline.session import Session
from tests.devices import PATIENCE, CameraServer, need, sound_server  # noqa: F401
from tests.windows import Eyes, choose, drop, settings, window  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "assets" / "demo.mp4"


@pytest.mark.timeout(600)
def test_a_tour(qtbot, window, sound_server):  # noqa: F811
    need("ffmpeg")
    eyes = Eyes(window)
    session = window.session

    # a file, by drag and drop: picture, sound, both tasks
    drop(window, DEMO)
    qtbot.waitUntil(lambda: eyes.sees("actions", "genres"), timeout=20_000)
    shot = session.snapshot()
    assert shot.is_file and shot.playing and shot.frame is not None and shot.counters.captured > 0
    assert window.transport.play.isVisible()

    # the switch, by key: the same answers at another price
    QTest.keyClick(window, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: any(p.mode == "regular" for p in eyes.look()["actions"]), timeout=5_000)
    regular = session.snapshot().latest["actions"]
    assert regular.macs == regular.macs_regular
    QTest.keyClick(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: any(p.mode == "both" for p in eyes.look()["actions"]), timeout=5_000)
    assert session.snapshot().costs["actions"].max_delta < 1e-5
    QTest.keyClick(window, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: any(p.mode == "continual" for p in eyes.look()["actions"]), timeout=5_000)
    continual = session.snapshot().latest["actions"]
    assert continual.macs < continual.macs_regular

    # pause holds, play goes on
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not session.snapshot().playing, timeout=3_000)
    qtbot.wait(300)
    held = session.snapshot().position
    qtbot.wait(500)
    assert session.snapshot().position == held
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.snapshot().position > held, timeout=3_000)

    # a microphone: the file goes, the genres are the microphone's
    sound_server.play(DEMO)
    window.sources.list_devices()
    qtbot.waitUntil(lambda: window.sources.microphone.count() > 1, timeout=10_000)
    choose(window.sources.microphone, "pulse")
    qtbot.waitUntil(lambda: not session.snapshot().is_file, timeout=5_000)
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("genres"), timeout=20_000)
    qtbot.waitUntil(lambda: session.snapshot().level > -60, timeout=10_000)

    # a camera by its address, beside it
    camera = CameraServer(str(DEMO))
    camera.start()
    try:
        window.sources.camera.add_url(camera.url)
        choose(window.sources.camera, camera.url)
        qtbot.waitUntil(lambda: session.snapshot().frame is not None, timeout=20_000)
        eyes.look()
        qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=20_000)
        assert session.snapshot().audio_name and session.snapshot().video_name

        # the camera dies: a banner, the music goes on; it comes back: the banner goes, actions go on
        camera.kill()
        qtbot.waitUntil(lambda: "camera" in eyes.banners(), timeout=10_000)
        qtbot.waitUntil(window.banners.isVisible, timeout=2_000)
        eyes.look()
        sound_server.play(DEMO)
        qtbot.waitUntil(lambda: eyes.sees("genres"), timeout=10_000)
        camera.start()
        qtbot.waitUntil(lambda: "camera" not in eyes.banners(), timeout=20_000)
        qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=10_000)

        # the sound server dies and comes back
        sound_server.kill()
        qtbot.waitUntil(lambda: "microphone" in eyes.banners(), timeout=10_000)
        eyes.look()
        qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=10_000)
        sound_server.start()
        sound_server.play(DEMO)
        qtbot.waitUntil(lambda: "microphone" not in eyes.banners(), timeout=30_000)
        qtbot.waitUntil(lambda: eyes.sees("genres"), timeout=20_000)
    finally:
        camera.close()


def test_a_bad_file_is_a_banner(qtbot, window, tmp_path):  # noqa: F811
    bad = tmp_path / "no film.mp4"
    bad.write_text("words")
    drop(window, bad)
    qtbot.waitUntil(lambda: bool(window.session.snapshot().notices), timeout=5_000)
    (notice,) = window.session.snapshot().notices
    assert "no film.mp4" in notice.cause and notice.remedy
    qtbot.waitUntil(window.banners.isVisible, timeout=2_000)
    drop(window, DEMO)  # and the window goes on
    qtbot.waitUntil(lambda: window.session.snapshot().frame is not None, timeout=10_000)
    assert not window.session.snapshot().notices


def test_without_devices_the_demo_plays_and_says_so(qtbot, window, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    window.session.open_devices()
    qtbot.waitUntil(lambda: window.session.snapshot().is_demo, timeout=10_000)
    qtbot.waitUntil(window.banners.isVisible, timeout=5_000)
    assert any("demo" in notice.cause for notice in window.session.snapshot().notices)


def test_the_window_gives_the_predictions_of_the_headless_run(qtbot, window, tmp_path):  # noqa: F811
    from app.capture.media_file import MediaFile
    from tests.devices import ffmpeg

    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "5", "-c", "copy", short)
    eyes = Eyes(window)
    drop(window, short)
    qtbot.waitUntil(lambda: window.session.snapshot().ended, timeout=30_000)
    shown = eyes.look()
    headless = Session()
    try:
        headless.open_source(MediaFile(short))
        assert headless.wait_ended(PATIENCE)
        for task in headless.tasks:
            ran, _ = headless.predictions(task, 0)
            assert [p.tick for p in ran] == [p.tick for p in shown[task]]
            for a, b in zip(ran, shown[task], strict=True):
                assert a.probabilities.tolist() == b.probabilities.tolist() and a.label == b.label
    finally:
        assert headless.close()
