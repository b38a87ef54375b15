"""The matrix of faults, devices: what is not there, goes away or hangs is told once, and taken up again."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from app.capture.camera import Camera
from app.capture.media import CaptureError
from app.capture.microphone import Microphone
from tests.devices import Recorder, SoundServer, sound_server, wait_until  # noqa: F401

# What is asked for -> how, and what is said.
ASKED: dict[str, tuple[Callable[[], object], str]] = {
    "a camera of a number that is not there": (lambda: Camera(77).check(), "There is no camera 77"),
    "a camera of a name that is not there": (lambda: Camera("Nobody").check(), "There is no camera Nobody"),
    "a camera at a file": (
        lambda: Camera("file:///etc/passwd"),
        "the URL of a camera must begin with one of",
    ),
    "a camera without a name": (lambda: Camera(""), "must be"),
    "a camera below 0": (lambda: Camera(-1), "must be"),
    "a camera that is half a number": (lambda: Camera(1.5), "must be an index, a name or a URL"),  # type: ignore[arg-type]
    "a picture of no height": (lambda: Camera(0, size=(640, 0)), "expected a width and a height in pixels"),
    "a microphone without a name": (lambda: Microphone(""), "must be"),
    "a microphone's channel 0": (lambda: Microphone("pulse", 0), "channel is 0"),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_cannot_be_had_says_so_before_the_start(case):
    ask, said = ASKED[case]
    with pytest.raises((CaptureError, ValueError, TypeError)) as caught:
        ask()
    assert said in str(caught.value) and "\n" not in str(caught.value)


# What becomes of the sound server while it is heard -> what is done to it, what is said.
WHILE_HEARD: dict[str, tuple[Callable[[SoundServer], None], str]] = {
    "the sound server dies": (SoundServer.kill, "stopped|is gone|no microphone"),
    "the sound server hangs": (SoundServer.freeze, "has sent no sound|silent|no sound"),
}


@pytest.mark.parametrize("case", WHILE_HEARD)
def test_a_microphone_that_is_lost_is_a_gap_that_is_told(case, sound_server):
    harm, said = WHILE_HEARD[case]
    sink = Recorder()
    microphone = Microphone(SoundServer.MICROPHONE)
    microphone.start(sink, time.perf_counter())
    try:
        wait_until(lambda: len(sink.of("audio")) > 5, what="sound")
        harm(sound_server)
        wait_until(lambda: "error" in sink.levels(), what="it is told")
        notice = next(n for n in sink.of("notice") if n.level == "error")
        assert re.search(said, notice.cause), notice.cause
        assert notice.remedy and len(sink.of("gap")) == 1
    finally:
        if "hangs" in case:
            sound_server.thaw()
        wait_until(lambda: microphone.stop(0.5), what="the thread ends")


def test_a_microphone_that_is_not_there_is_told(sound_server):
    sink = Recorder()
    microphone = Microphone("No Such Microphone")
    microphone.start(sink, time.perf_counter())
    wait_until(lambda: sink.of("notice"), what="it is told")
    assert "There is no microphone No Such Microphone" in sink.of("notice")[0].cause
    assert microphone.stop()
