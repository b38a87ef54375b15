"""What is kept between starts: whatever stands in the files the window opens, and no password is in view."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import settings as store
from app.capture.addresses import has_login, shown, with_login
from app.capture.camera import Camera
from app.logins import Logins
from app.pipeline.sources import DeviceOptions
from app.ui.address_dialog import AddressDialog
from app.ui.main_window import MainWindow
from tests.test_ui_widgets import Held
from tests.windows import choose


def test_settings_of_every_type_come_back_and_wrong_ones_do_not(tmp_path):
    file = tmp_path / "settings.json"
    chosen = store.Settings(recent=["/a.mp4"], volume=0.25, loop=True)
    chosen.device_options = DeviceOptions((1280, 720), True, 2)
    chosen.opened("/b/c.mp4")
    store.save(chosen, file)
    again = store.load(file)
    assert again == chosen and again.recent == ["/b/c.mp4", "/a.mp4"] and again.folder == "/b"
    assert again.device_options == DeviceOptions((1280, 720), True, 2)
    file.write_text('{"recent": [1, "/a.mp4"], "volume": "loud", "loop": 1, "resolution": "much"}')
    again = store.load(file)
    assert (again.recent, again.volume, again.loop) == (["/a.mp4"], 0.8, False)
    assert again.device_options == DeviceOptions()
    for name in map(str, range(20)):
        again.opened(name)
    assert len(again.recent) == store.RECENT


def test_settings_come_back_and_a_broken_file_does_not_matter(tmp_path: Path):
    file = tmp_path / "deep" / "settings.json"
    assert store.load(file) == store.Settings()
    store.save(store.Settings(camera="Caméra", mode="regular"), file)
    assert store.load(file) == store.Settings(camera="Caméra", mode="regular")
    file.write_text('{"mode": 3, "unknown": 1, "theme": "dark"}')
    assert store.load(file) == store.Settings(theme="dark")
    for broken in ("", "[1]", "{"):
        file.write_text(broken)
        assert store.load(file) == store.Settings()
    store.save(store.Settings(), tmp_path / "deep" / "settings.json" / "below a file.json")


WRONG = {
    "geometry": ["abc", "é", base64.b64encode(b"no geometry of Qt").decode(), "QUJD\n", 7, "A" * 9000],
    "volume": [float("nan"), float("inf"), 1e6, -0.1, True, "0.5", None, 10**400],
    "resolution": ["²x²", "0x0", "1280x", "x", "1280x720x3", "99999x99999", "1280X720", None],
    "channel": [-1, 65, True, 1.5, 10**30],
    "mirror": [1, "yes", None],
    "loop": ["on"],
    "listen": [[]],
    "mode": ["both", "", 3, ["regular"], {}],
    "theme": ["blue", None],
    "unit": ["macs", 1],
    "camera": [3, "a\nb", "x" * 5000, "\ud800"],
    "microphone": [["pulse"], "\x00"],
    "camera_url": [5],
    "folder": ["\x00", 3],
    "logins": ["http://x", {}],
    "recent": ["/a.mp4", {"a": 1}, 3],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_setting_that_cannot_be_keeps_its_default_and_the_others_stay(tmp_path, name, value):
    file = tmp_path / "settings.json"
    other = "theme" if name != "theme" else "unit"
    file.write_text(json.dumps({name: value, other: "dark" if other == "theme" else "FLOPs"}))
    loaded = store.load(file)
    if name == "geometry" and isinstance(value, str) and loaded.geometry:  # Qt itself looks into it
        base64.b64decode(loaded.geometry, validate=True)
    else:
        assert getattr(loaded, name) == getattr(store.Settings(), name)
    assert getattr(loaded, other) in ("dark", "FLOPs")
    assert loaded.device_options == DeviceOptions()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe{", b"[" * 100_000, b"null", b'{"volume": NaN}', b"{}" * 9]
)
def test_a_file_of_settings_that_is_none_is_passed_over(tmp_path, content):
    file = tmp_path / "settings.json"
    file.write_bytes(content)
    assert store.load(file) == store.Settings()
    assert store.load(tmp_path) == store.Settings()  # a folder in its place


def test_the_window_opens_with_a_geometry_of_nothing(qtbot):
    for geometry in ("QUJD", base64.b64encode(b"no geometry of Qt").decode(), ""):
        window = MainWindow(Held(), store.Settings(geometry=geometry))  # type: ignore[arg-type]
        qtbot.addWidget(window)
        window.show()
        assert window.width() > 400
        window.close()


def test_settings_are_for_their_owner_alone_and_wanted_by_nobody_without_a_home(tmp_path, monkeypatch):
    file = tmp_path / "settings.json"
    file.touch(mode=0o644)
    store.save(store.Settings(), file)
    assert file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(store.platformdirs, "user_config_dir", lambda *_, **__: "~/.config/continual-live")
    monkeypatch.chdir(tmp_path)
    store.save(store.Settings())
    assert store.load() == store.Settings() and not (tmp_path / "~").exists()
    assert Logins().add("http://me:secret@cam/", keep=True) == "http://cam/"


# ---- logins -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("http://me:secret@cam:8080/video", "http://cam:8080/video"),
        ("rtsp://me:se@cret@cam/live", "rtsp://cam/live"),
        ("rtsp://me:se/cret?#@cam/live", "rtsp://cam/live"),
        ("http://secret@cam", "http://cam"),
        ("http://cam:8080/at@home", "http://cam:8080/at@home"),
        ("http://cam/video.cgi?user=secret&PWD=secret&rate=5", "http://cam/video.cgi?user=…&PWD=…&rate=5"),
        ("http://[::1/secret", "http://[::1/secret"),
        ("http://cam/monkey=1?keyframe=2", "http://cam/monkey=1?keyframe=2"),
    ],
)
def test_what_is_shown_of_an_address(url, seen):
    assert shown(url) == seen and shown(seen) == seen
    assert has_login(url) == (url != seen)


def test_a_login_is_put_into_an_address():
    assert with_login("http://cam/x", "me", "p/@:?") == "http://me:p%2F%40%3A%3F@cam/x"
    assert with_login("http://old:one@cam/x", "me", "") == "http://me@cam/x"
    assert with_login("http://old:one@cam/x", "", "") == "http://old:one@cam/x"
    assert Camera(with_login("http://cam/x", "me", "secret")).name == "http://cam/x"


def type_into_dialog(**typed) -> None:
    """Fill in the dialog that opens next, and accept it; without a word, cancel it."""

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AddressDialog)
        for name in ("address", "user", "password"):
            if name in typed:
                getattr(dialog, name).setText(typed[name])
        dialog.keep_box.setChecked(typed.get("keep", False))
        dialog.accept() if typed else dialog.reject()

    QTimer.singleShot(0, fill)


@pytest.mark.parametrize("keep", [False, True])
def test_a_password_is_never_in_view_and_kept_only_when_asked_for(qtbot, tmp_path, keep):
    def start(settings: store.Settings):
        session = Held()
        made = MainWindow(session, settings, Logins(tmp_path / "logins.json"))  # type: ignore[arg-type]
        qtbot.addWidget(made)
        made.show()
        return session, made, made.sources.camera

    session, window, picker = start(store.Settings())
    type_into_dialog(address="http://cam/video", user="me", password="secret", keep=keep)
    choose(picker, "Camera URL")
    assert ("set_camera", "http://me:secret@cam/video") in session.told
    assert picker.currentText() == "http://cam/video"
    choose(picker, "No camera")
    choose(picker, "http://cam/video")  # again, in the same run: its login is known
    assert session.told[-1] == ("set_camera", "http://me:secret@cam/video")
    window.close()
    store.save(window.settings, tmp_path / "settings.json")
    kept = {file.name: file for file in tmp_path.iterdir() if "secret" in file.read_text()}
    assert set(kept) == ({"logins.json"} if keep else set())
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in kept.values())

    # the next start: a login that was not kept is asked for
    session, window, picker = start(store.load(tmp_path / "settings.json"))
    if not keep:
        type_into_dialog()
        choose(picker, "http://cam/video")
        assert not [told for told in session.told if told[0] == "set_camera"]
        type_into_dialog(user="me", password="secret")
    choose(picker, "http://cam/video")
    assert session.told[-1] == ("set_camera", "http://me:secret@cam/video")
    window.close()


def test_what_is_no_address_is_refused_in_the_dialog(qtbot):
    dialog = AddressDialog("")
    qtbot.addWidget(dialog)
    for address in ("", "cam", "ftp://cam/x", "http://", "http://[::1", "http://cam/?pwd=…"):
        dialog.address.setText(address)
        dialog.accept()
        assert not dialog.url and dialog._fault.text(), address
    dialog.address.setText(" http://cam/?pwd=secret ")
    dialog.keep_box.setChecked(True)
    dialog.accept()
    assert (dialog.url, dialog.keep) == ("http://cam/?pwd=secret", True)


def test_an_earlier_version_s_password_is_taken_out(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"camera": "http://cam/x", "camera_url": "http://me:secret@cam/x"}))
    assert store.load(file).camera_url == "http://cam/x"
