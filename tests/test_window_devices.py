"""The real window as devices come, go and fail, and as parts of the program do."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from PySide6.QtGui import QAction

from app import settings as store
from app.capture.microphone import Microphone
from app.pipeline.sources import OFF, choose_devices
from tests.devices import CameraServer, Recorder, SoundServer, need, sound_server  # noqa: F401
from tests.windows import Eyes, choose, drop, settings, window  # noqa: F401

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"


def offered(picker) -> list[str]:
    return [picker.itemText(index) for index in range(picker.count())]


def pick(button, text: str) -> None:
    """Choose from a button's menu, as it is when it opens."""
    button.menu().aboutToShow.emit()
    (action,) = [a for a in button.menu().actions() if isinstance(a, QAction) and a.text() == text]
    assert action.isEnabled(), text
    action.trigger()


def test_a_microphone_that_comes_or_goes_is_listed_by_itself(qtbot, sound_server, window):
    picker = window.sources.microphone
    qtbot.waitUntil(lambda: "pulse" in offered(picker), timeout=10_000)
    sound_server.kill()
    qtbot.waitUntil(lambda: "pulse" not in offered(picker), timeout=15_000)
    sound_server.start()
    qtbot.waitUntil(lambda: "pulse" in offered(picker), timeout=15_000)
    # one that is in use and lost stays named, for it is taken up again
    choose(picker, "pulse")
    qtbot.waitUntil(lambda: picker.currentText() == "pulse", timeout=10_000)
    sound_server.kill()
    eyes = Eyes(window)
    qtbot.waitUntil(lambda: "microphone" in eyes.banners(), timeout=15_000)
    qtbot.wait(3_000)
    assert picker.currentText() == "pulse"


def test_what_was_chosen_is_kept_by_name(qtbot, sound_server, window, settings, tmp_path):
    qtbot.waitUntil(lambda: "pulse" in offered(window.sources.microphone), timeout=10_000)
    choose(window.sources.microphone, "pulse")
    choose(window.sources.camera, "No camera")
    qtbot.waitUntil(lambda: window.sources.options._channels > 1, timeout=10_000)
    pick(window.sources.options, "Channel 2")
    pick(window.sources.options, "Mirror the picture")
    pick(window.sources.options, "1280 × 720")
    window.transport.volume.setValue(30)
    window.transport.sound.click()
    window.transport.volume.setValue(40)
    store.save(settings, tmp_path / "settings.json")
    kept = store.load(tmp_path / "settings.json")
    assert (kept.microphone, kept.camera, kept.channel, kept.mirror) == ("pulse", OFF, 2, True)
    assert (kept.device_options.size, kept.listen, kept.volume) == ((1280, 720), True, 0.4)
    assert choose_devices(None, None, (kept.camera, kept.microphone)) == {
        "camera": None,
        "microphone": "pulse",
    }


def test_a_mirrored_camera_and_its_options(qtbot, window):
    need("ffmpeg")
    camera = CameraServer(str(DEMO))
    camera.start()
    session, options = window.session, window.sources.options
    try:
        window.sources.camera.add_url(camera.url)
        choose(window.sources.camera, camera.url)
        qtbot.waitUntil(lambda: session.snapshot().frame is not None, timeout=20_000)
        qtbot.waitUntil(lambda: options._size == "640 × 480", timeout=5_000)
        before = session.snapshot().frame.image
        pick(options, "Mirror the picture")
        qtbot.waitUntil(lambda: abs(session.snapshot().frame.image[:, ::-1] - before.astype(int)).mean() < 9)
        options.menu().aboutToShow.emit()
        sizes = [a for a in options.menu().actions() if "×" in a.text() and a.isCheckable()]
        assert len(sizes) == 3 and not any(action.isEnabled() for action in sizes)  # it has its own
    finally:
        camera.close()


def test_a_fault_of_the_program_is_one_banner_and_the_rest_goes_on(
    qtbot, window, monkeypatch, caplog, tmp_path
):
    film = Path(shutil.copy(DEMO, tmp_path / "film.mp4"))
    eyes, session = Eyes(window), window.session
    drop(window, DEMO)
    qtbot.waitUntil(lambda: eyes.sees("actions", "genres"), timeout=20_000)

    # an extractor that fails at every picture: one banner, one line in the log, the music goes on
    pose = session._workers["actions"].extractor

    def broken(*_):
        raise RuntimeError("no pose today")

    with caplog.at_level(logging.ERROR), monkeypatch.context() as patch:
        patch.setattr(pose, "frame", broken)
        qtbot.waitUntil(lambda: "actions" in eyes.banners(), timeout=5_000)
        eyes.look()
        qtbot.waitUntil(lambda: eyes.sees("genres"), timeout=10_000)
        qtbot.wait(500)
        assert [n.key for n in session.snapshot().notices] == ["actions"]
        assert len(window.banners.banners()) == 1
        assert sum("worker-actions" in record.message for record in caplog.records) == 1
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=10_000)  # and it works again
    session.dismiss("actions")

    # a file that is gone when it is sought in: told, over, and the next one plays
    drop(window, film)
    qtbot.waitUntil(lambda: session.snapshot().path == str(film))  # till then the clip plays on
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions", "genres"), timeout=20_000)
    film.unlink()
    session.seek(0.2)
    qtbot.waitUntil(lambda: "file" in eyes.banners(), timeout=5_000)
    notice = session.snapshot().notices[-1]
    assert film.name in notice.cause and notice.remedy
    drop(window, DEMO)
    qtbot.waitUntil(lambda: "file" not in eyes.banners(), timeout=5_000)
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions", "genres"), timeout=20_000)


def test_sound_of_a_film_without_a_speaker_and_with_one(qtbot, sound_server, window):
    sound_server.kill()
    eyes = Eyes(window)
    drop(window, DEMO)
    qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=20_000)
    window.transport.sound.click()
    qtbot.waitUntil(lambda: "speaker" in eyes.banners(), timeout=10_000)
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions", "genres"), timeout=10_000)  # the film goes on
    sound_server.start()
    qtbot.waitUntil(lambda: "speaker" not in eyes.banners(), timeout=20_000)
    heard = Recorder()
    microphone = Microphone(SoundServer.MICROPHONE)
    microphone.start(heard, 0.0)

    def level() -> float:
        return max((float(abs(block.samples).max()) for block in heard.of("audio")[-10:]), default=0.0)

    qtbot.waitUntil(lambda: level() > 0.01, timeout=10_000)
    window.transport.sound.click()
    qtbot.waitUntil(lambda: level() == 0.0, timeout=5_000)
    assert microphone.stop()
