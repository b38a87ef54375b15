"""The matrix of faults, network cameras: whatever one answers, it is told once, why, and stops at once."""

from __future__ import annotations

import re
import threading
import time

import pytest

from app.capture import camera, diagnosis
from app.capture.camera import Camera
from app.capture.media import Frame
from tests.cameras import MOVING, Answer, camera_that, drip, film, flood, jpeg, part, says, silence, until
from tests.devices import PROMPT, Recorder, wait_until

SEEN = threading.Event()  # a picture has come
OK = b"HTTP/1.0 200 OK\r\n"
EMPTY = b"Content-Length: 0\r\n\r\n"


def huge_jpeg() -> bytes:
    """A JPEG that claims 65,535 × 65,535 pixels."""
    picture = jpeg(shape=(16, 16))
    at = picture.index(b"\xff\xc0") + 5
    return picture[:at] + b"\xff" * 4 + picture[at + 4 :]


# What the camera does -> what is said, one thing or the other.
CAMERAS: dict[str, tuple[Answer, str]] = {
    "says nothing": (says(then=silence), "takes the call and says nothing"),
    "hangs up": (says(), "takes the call and says nothing"),
    "sends a byte now and then": (drip, "does not speak HTTP"),
    "sends noise": (says(bytes(range(256)) * 200), "does not speak HTTP"),
    "sends a header without an end": (says(OK + b"X: ", then=flood), "answers but gives no picture"),
    "has no such page": (says(b"HTTP/1.0 404 Not Found\r\n" + EMPTY), "answers 404 Not Found"),
    "wants a password": (says(b"HTTP/1.0 401 Unauthorized\r\n" + EMPTY), "answers 401 Unauthorized"),
    "is out of order": (says(b"HTTP/1.0 503 Busy\r\n" + EMPTY), "answers 503 Busy"),
    "leads in a circle": (
        says(b"HTTP/1.0 302 Found\r\nLocation: /camera\r\n" + EMPTY),
        "leads on to /camera, and no picture comes from there",
    ),
    "leads to a file of this machine": (
        says(b"HTTP/1.0 302 Found\r\nLocation: file:///etc/passwd\r\n" + EMPTY),
        "leads on to file:///etc/passwd, and no picture comes from there",
    ),
    "sends a page": (says(OK + b"Content-Type: text/html\r\n\r\n<html>", b"hello " * 99), "sends text/html"),
    "sends half a picture": (says(MOVING, part(jpeg()[:300], 999), then=silence), "gives no picture"),
    "sends a picture without an end": (
        says(MOVING, part(jpeg(), 1 << 40), then=flood),
        "answers but gives no picture",
    ),
    "sends pictures that are none": (
        says(MOVING, part(b"\xff\xd8junk") * 20, then=silence),
        "gives no picture",
    ),
    "sends pictures of 4 billion pixels": (
        says(MOVING, part(huge_jpeg()) * 5, then=silence),
        "gives no picture",
    ),
    "hangs up in the middle": (
        says(MOVING, then=until(SEEN, film, lambda client, ended: None)),
        "stopped sending pictures",
    ),
    "falls silent in the middle": (
        says(MOVING, then=until(SEEN, film, silence)),
        "stopped sending pictures|has sent no picture for 2 s|has sent the same picture for 2 s",
    ),
}


class Watcher(Recorder):
    def frame(self, frame: Frame) -> None:
        super().frame(frame)
        SEEN.set()


@pytest.fixture
def quick(monkeypatch):
    """Less patience than the program has with what sends nothing: what is said does not depend on it."""
    SEEN.clear()
    monkeypatch.setattr(camera, "ANSWERS", 1.0)
    monkeypatch.setattr(camera, "OPENING", {True: 20.0, False: 20.0})
    monkeypatch.setattr(diagnosis, "LIMIT", 1.0)


@pytest.mark.parametrize("case", CAMERAS)
def test_a_camera_that_misbehaves_is_told_once_with_its_reason(case, quick, monkeypatch):
    answer, said = CAMERAS[case]
    if "in the middle" in case:
        monkeypatch.setattr(camera, "ANSWERS", 10.0)
    sink = Watcher()
    with camera_that(answer) as url:
        watched = Camera(url)
        watched.start(sink, time.perf_counter())
        try:
            wait_until(lambda: "error" in sink.levels(), what="it is told")
            notice = sink.of("notice")[0]
            assert re.search(said, notice.cause) and notice.remedy and "\n" not in notice.cause
            assert bool(sink.of("gap")) == bool(sink.of("frame"))  # what was lost is told as a gap
        finally:
            began = time.perf_counter()
            assert watched.stop(PROMPT)
            assert time.perf_counter() - began < PROMPT
    wait_until(
        lambda: not any(t.name == "camera-grabber" for t in threading.enumerate()), what="no thread left"
    )


def test_a_camera_that_comes_to_its_senses_is_taken_up_again(quick, monkeypatch):
    monkeypatch.setattr(camera, "ANSWERS", 10.0)
    calls = []

    def at_first_busy(client, ended) -> None:
        calls.append(client)
        (says(b"HTTP/1.0 503 Busy\r\n" + EMPTY) if len(calls) < 3 else says(MOVING, then=film))(client, ended)

    sink = Recorder()
    with camera_that(at_first_busy) as url:
        watched = Camera(url)
        watched.start(sink, time.perf_counter())
        wait_until(lambda: sink.levels() == ["error", "resolved"], what="told, and taken up again")
        wait_until(lambda: len(sink.of("frame")) > 3, what="pictures")
        assert watched.stop()
