"""Cameras of one make: both can be had, and the one that was chosen comes back."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from app.capture import devices, portaudio
from app.capture.camera import Camera
from app.capture.devices import CameraInfo, told_apart
from app.capture.media import CaptureError
from app.pipeline.sources import choose_devices


def plug(tree: Path, number: int, port: str, name: str = "HD Webcam") -> None:
    """A camera as the kernel shows it under ``class`` and ``devices``."""
    node, device = tree / "class" / f"video{number}", tree / "devices" / port / f"{port}:1.0"
    node.mkdir(parents=True)
    device.mkdir(parents=True, exist_ok=True)
    (node / "name").write_text(name + "\n")
    (node / "index").write_text("0\n")
    (node / "device").symlink_to(device)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux lists them as files")
def test_two_cameras_of_one_name_are_both_had_and_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(devices, "_V4L", tmp_path / "class")
    monkeypatch.setattr(devices, "microphones", list)
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)  # as if it was not installed
    plug(tmp_path, 0, "3-1")
    plug(tmp_path, 2, "3-2.4")
    plug(tmp_path, 4, "1-6", "Built-in")
    names = [camera.name for camera in devices.cameras()]
    assert names == ["HD Webcam (3-1)", "HD Webcam (3-2.4)", "Built-in"]
    assert [Camera(name).check().index for name in names] == [0, 2, 4]
    chosen = names[1]

    def comes_back() -> int:
        camera = choose_devices(None, None, (chosen, "off"))["camera"]
        return Camera(camera).check().index

    assert comes_back() == 2
    # the next start finds them the other way round
    for number in (0, 2):
        shutil.rmtree(tmp_path / "class" / f"video{number}")
    plug(tmp_path, 2, "3-1")
    plug(tmp_path, 0, "3-2.4")
    assert comes_back() == 0
    # alone it has its plain name, and is found by the one it was chosen by
    shutil.rmtree(tmp_path / "class" / "video2")
    assert [camera.name for camera in devices.cameras()] == ["HD Webcam", "Built-in"]
    assert comes_back() == 0
    # the other one is no substitute that is taken for it without a word
    shutil.rmtree(tmp_path / "class" / "video0")
    plug(tmp_path, 2, "3-1")
    with pytest.raises(CaptureError, match="no camera"):
        Camera(chosen).check()


def test_where_no_port_is_known_they_are_counted():
    same = [CameraInfo("Cam", index, f"\\\\?\\usb#{index}") for index in range(3)]
    assert [camera.name for camera in told_apart(same)] == ["Cam (1)", "Cam (2)", "Cam (3)"]


@pytest.mark.skipif(sys.platform != "linux", reason="names packages of Linux")
def test_packages_of_debian_are_named_on_debian_only(monkeypatch):
    def missing() -> None:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(portaudio, "_silencers", [])
    monkeypatch.setattr(portaudio, "_silence_drivers", missing)
    for found in ("/usr/bin/apt-get", None):
        monkeypatch.setattr(portaudio.shutil, "which", lambda _, found=found: found)
        with pytest.raises(CaptureError) as told:
            portaudio.load()
        assert ("apt" in told.value.remedy) == bool(found) and "PortAudio" in str(told.value)
