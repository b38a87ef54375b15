"""The camera, on a real network camera over loopback, and the reasons why there may be none."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from app.capture import devices, diagnosis
from app.capture.camera import Camera
from app.capture.media import CaptureError
from tests.devices import PROMPT, CameraServer, Recorder, camera_server, need, wait_until  # noqa: F401


@pytest.fixture
def sink():
    return Recorder()


@pytest.fixture
def started(sink):
    """Start a camera on the sink; all are stopped at the end, and none may leave a thread."""
    cameras = []

    def start(device, **options) -> Camera:
        camera = Camera(device, **options)
        cameras.append(camera)
        camera.start(sink, time.monotonic())
        return camera

    yield start
    for camera in cameras:
        assert camera.stop(PROMPT)
    wait_until(lambda: not any(t.name.startswith("camera") for t in threading.enumerate()), what="no thread")


def test_pictures_are_stamped_when_they_come_not_by_a_property(camera_server, sink, started):
    """15 pictures a second, of which OpenCV's own figures say 25."""
    began = time.monotonic()
    started(camera_server.url)
    wait_until(lambda: len(sink.of("frame")) >= 40)
    frames = sink.of("frame")[10:40]
    assert frames[0].image.shape == (240, 320, 3) and frames[0].image.dtype == np.uint8
    rate = (len(frames) - 1) / (frames[-1].time - frames[0].time)
    assert rate < 19.0  # less where others have the machine
    assert np.all(np.diff([f.time for f in frames]) > 0)
    lag = [f.captured - f.time for f in frames]  # media time is the clock's from the start
    assert max(lag) - min(lag) < 1e-6 and began <= min(lag) <= frames[0].captured
    assert not sink.of("gap") and not sink.of("notice")


def test_a_mirror_turns_left_to_right_with_a_gap(sink, started):
    need("ffmpeg")
    halves = "nullsrc=s=320x240:r=15,geq=lum='if(lt(X,160),200,random(1)*40)':cb=128:cr=128"
    server = CameraServer(halves)  # bright on the left, noise on the right: a picture that changes
    server.start()
    try:
        camera = started(server.url, mirror=False)

        def bright(side: slice) -> bool:
            frames = sink.of("frame")
            return bool(frames) and frames[-1].image[:, side].mean() > 150

        wait_until(lambda: bright(slice(0, 140)), what="as it is")
        camera.mirror = True
        wait_until(lambda: bright(slice(180, 320)), what="as in a mirror")
        assert [(kind, why) for kind, _, why in sink.of("gap")] == [
            ("video", "The picture is turned left to right")
        ]
        assert all(frame.image.flags.c_contiguous for frame in sink.of("frame"))
    finally:
        server.close()


def test_a_driver_that_throws_what_nobody_foresaw_is_tried_again(camera_server, sink, started, monkeypatch):
    faults = iter([RuntimeError("the driver lost its mind")])
    grab = Camera._watch

    def watch(self, grabber) -> None:
        if (fault := next(faults, None)) is not None:
            raise fault
        grab(self, grabber)

    monkeypatch.setattr(Camera, "_watch", watch)
    started(camera_server.url)
    wait_until(lambda: sink.levels()[1:] and sink.levels()[-1] == "resolved", what="told, and taken up again")
    assert "lost its mind" in sink.of("notice")[0].cause
    assert sink.of("frame")


def test_frozen_then_unplugged_then_back(camera_server, sink, started):
    started(camera_server.url)
    wait_until(lambda: len(sink.of("frame")) > 5)

    camera_server.freeze()
    wait_until(lambda: sink.of("gap"), what="the frozen camera is noticed")
    assert sink.of("gap")[0][1] - sink.of("frame")[-1].time > 1.9
    assert sink.of("gap")[0][0] == "video"
    wait_until(lambda: sink.levels() == ["error"])
    assert sink.of("notice")[0].key == "camera" and sink.of("notice")[0].remedy
    camera_server.thaw()
    wait_until(lambda: sink.levels()[-1] == "resolved", what="pictures again after the thaw")

    sink.log.clear()
    camera_server.kill()
    wait_until(lambda: sink.of("gap"), what="the unplugged camera is noticed")
    wait_until(lambda: any("refused" in n.cause for n in sink.of("notice")), what="the reason is found")
    camera_server.start()
    wait_until(lambda: sink.levels()[-1] == "resolved", what="it is taken up again")
    had = len(sink.of("frame"))
    wait_until(lambda: len(sink.of("frame")) > had + 5, what="pictures flow")
    assert len(sink.of("gap")) == 1


def test_a_picture_that_never_changes_is_told_but_goes_on(sink, started):
    """After unplugging, some drivers repeat the last picture for ever; a test card does the same by right."""
    need("ffmpeg")
    server = CameraServer("color=red:s=64x64:r=15")
    server.start()
    try:
        started(server.url)
        wait_until(lambda: "error" in sink.levels(), what="it is taken for lost")
        assert "same picture" in sink.of("notice")[-1].cause and len(sink.of("gap")) == 1
        wait_until(lambda: "warning" in sink.levels(), what="and after connecting anew for still")
        had = len(sink.of("frame"))
        wait_until(lambda: len(sink.of("frame")) > had + 20, what="pictures go on")
        assert sink.levels()[-1] == "warning" and len(sink.of("gap")) == 1
    finally:
        server.close()


def test_stop_is_prompt_even_from_a_frozen_camera(camera_server, sink):
    camera = Camera(camera_server.url)
    camera.start(sink, time.monotonic())
    wait_until(lambda: len(sink.of("frame")) > 5)
    camera_server.freeze()
    time.sleep(0.3)
    began = time.monotonic()
    assert camera.stop() and camera.stop()
    assert time.monotonic() - began < PROMPT
    had = len(sink.log)
    camera_server.thaw()
    time.sleep(0.5)
    assert len(sink.log) == had  # what the abandoned thread still gets is nobody's


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (7, "no camera 7"),
        ("No Such Camera", "no camera No Such Camera"),
        ("http://127.0.0.1:9/x", "Connection refused"),
        ("rtsp://nobody.invalid/x", "nobody.invalid is not known"),
    ],
)
def test_no_camera_is_told_once_with_its_reason(device, words, sink, started):
    if isinstance(device, int) and os.path.exists(f"/dev/video{device}"):
        pytest.skip("this machine has that camera")
    started(device)
    wait_until(lambda: sink.of("notice"))
    time.sleep(1.0)  # two attempts
    (notice,) = sink.of("notice")
    assert words in notice.cause and notice.remedy and notice.level == "error"
    assert not sink.of("gap")


def test_a_wrong_size_names_itself():
    with pytest.raises(ValueError, match=r"size is \(0, 480\), expected a width and a height"):
        Camera(0, size=(0, 480))


@pytest.mark.parametrize("device", [-1, "", "file:///etc/passwd", "concat://a"])
def test_a_wrong_argument_names_itself(device):
    with pytest.raises(ValueError, match="must be"):
        Camera(device)


@pytest.mark.parametrize("device", [None, 1.5, True])
def test_a_wrong_type_names_itself(device):
    with pytest.raises(TypeError, match=repr(device)):
        Camera(device)


def test_a_password_in_an_address_is_not_shown():
    assert Camera("rtsp://user:secret@10.0.0.9:554/live").name == "rtsp://10.0.0.9:554/live"


def test_check_finds_what_is_not_there_before_the_start():
    with pytest.raises(CaptureError, match="There is no camera Nobody"):
        Camera("Nobody").check()
    assert Camera("http://127.0.0.1:9/x").check() is None


@pytest.mark.skipif(sys.platform != "linux", reason="device nodes")
def test_busy_and_forbidden_devices_are_told_apart(tmp_path):
    node = tmp_path / "video0"
    assert "There is no" in diagnosis.no_local_camera(str(node), "camera 0").cause
    node.write_bytes(b"")
    assert "gives no picture" in diagnosis.no_local_camera(str(node), "camera 0").cause
    with subprocess.Popen(["sleep", "30"], stdin=node.open("rb")) as holder:
        busy = diagnosis.no_local_camera(str(node), "camera 0")
        holder.kill()
    assert "in use by sleep" in busy.cause and "Close" in busy.remedy
    node.chmod(0o600)
    me = os.getuid()
    if me == 0:
        os.setresuid(65534, -1, -1)  # root may open everything
    else:
        node.chmod(0)
    try:
        told = diagnosis.no_local_camera(str(node), "camera 0")
    finally:
        os.setresuid(me, -1, -1)
    assert "may not be opened" in told.cause and "group" in told.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="Linux lists them as files")
def test_cameras_are_named_without_the_enumerator(tmp_path, monkeypatch):
    """A tree as the kernel lays it out: a camera has a second node, for its metadata."""
    for node, index, name in (
        ("video2", 0, "HD Webcam"),
        ("video3", 1, "HD Webcam"),
        ("video0", 0, "Built-in"),
    ):
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(name + "\n")
        (tmp_path / node / "index").write_text(f"{index}\n")
    monkeypatch.setattr(devices, "_V4L", tmp_path)
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)  # as if it was not installed
    assert [(c.index, c.name) for c in devices.cameras()] == [(0, "Built-in"), (2, "HD Webcam")]
    assert Camera("Webcam").check().index == 2
    assert "2  HD Webcam" in devices.report()


def test_opencv_leaves_qts_plugins_alone():
    code = (
        "import os; from app.capture.opencv import cv2; "
        "print(sorted(k for k in os.environ if k.startswith('QT_QPA')), cv2.getNumThreads())"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QT_QPA")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout.split() == ["[]", "1"]
