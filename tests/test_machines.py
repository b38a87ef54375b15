"""What other machines do to a running program."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.capture.microphone import Microphone
from tests.devices import (  # noqa: F401
    PATIENCE,
    CameraServer,
    Recorder,
    SoundServer,
    camera_server,
    ffmpeg,
    sound_server,
    wait_until,
)

ROOT = Path(__file__).resolve().parents[1]


def pactl(server: SoundServer, *arguments: str) -> str:
    done = subprocess.run(
        ["pactl", "-s", server.address, *arguments], capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout


def test_a_default_device_that_drops_to_eight_kilohertz_mono_is_heard_on(sound_server):
    """As a headset does that begins to talk: the sound server moves who listens to another device."""
    heard, microphone = Recorder(), Microphone(SoundServer.MICROPHONE)

    def level() -> float:
        return max((float(np.abs(block.samples).max()) for block in heard.of("audio")[-5:]), default=0.0)

    sound_server.tone(440)
    microphone.start(heard, 0.0)
    try:
        wait_until(lambda: level() > 0.02, what="the first device is heard")
        modules = pactl(sound_server, "list", "short", "modules").splitlines()
        (old,) = [line.split()[0] for line in modules if "null-sink" in line]
        pactl(sound_server, "load-module", "module-null-sink", "sink_name=headset", "rate=8000", "channels=1")
        pactl(sound_server, "set-default-source", "headset.monitor")
        pactl(sound_server, "unload-module", old)
        sound_server.silence()
        wait_until(lambda: level() == 0.0, what="the second device is silent")
        sound_server.stream("-f", "lavfi", "-i", "sine=440:r=8000", sink="headset")
        wait_until(lambda: level() > 0.02, what="the second device is heard")
    finally:
        assert microphone.stop()
    told = heard.levels()
    assert told.count("error") == told.count("resolved")
    times = [block.time for block in heard.of("audio")]
    assert times == sorted(set(times))


SLEEPER = """
import json, sys, time
from app.capture.camera import Camera
from app.capture.media_file import MediaFile
from app.capture.microphone import Microphone
film, camera, microphone, out = sys.argv[1:]
log = []


class Sink:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, what):
        def told(*given):
            of = given[0] if what in ("frame", "audio") else None
            log.append((self.name, what, time.monotonic(), of.time if of is not None else 0.0))

        return told


epoch = time.monotonic()
sources = {"film": MediaFile(film, paced=True), "camera": Camera(camera)}
sources["microphone"] = Microphone(microphone)
for name, source in sources.items():
    source.start(Sink(name), epoch)
print("up", flush=True)
sys.stdin.readline()
for source in sources.values():
    source.stop()
with open(out, "w") as file:
    json.dump({"epoch": epoch, "log": log}, file)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="stops a program as Unix does")
def test_a_program_that_slept_goes_on_without_a_rush(tmp_path, sound_server, camera_server):
    film, out = tmp_path / "film.mp4", tmp_path / "log.json"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=160x120:r=25:d=60", "-c:v", "mpeg4", film)
    sound_server.tone(440)
    command = [sys.executable, "-c", SLEEPER, film, camera_server.url, SoundServer.MICROPHONE, out]
    child = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline() == "up\n"
        time.sleep(2.0)
        slept = time.monotonic()
        child.send_signal(signal.SIGSTOP)
        time.sleep(3.5)
        child.send_signal(signal.SIGCONT)
        woke = time.monotonic()
        time.sleep(3.5)
        child.communicate("\n", timeout=PATIENCE)
    finally:
        child.kill()
    told = json.loads(out.read_text())
    log = [tuple(entry) for entry in told["log"]]
    media = {
        name: [(at, when) for source, what, at, when in log if source == name and what in ("frame", "audio")]
        for name in ("film", "camera", "microphone")
    }
    for name, seen in media.items():
        times = [when for _, when in seen]
        assert times == sorted(times), name
        before, after = ([entry for entry in seen if (entry[0] > woke) == late] for late in (False, True))
        assert before and len(after) > 5, name
        assert not [at for at, _ in seen if slept + 0.2 < at < woke - 0.2], name
        # what it missed is not made up for: media time goes no faster than the clock from then on, but for
        # sound that the sound server has kept meanwhile
        kept = woke - slept if name == "microphone" else 0.0
        gained = after[-1][1] - after[0][1]
        assert gained < after[-1][0] - after[0][0] + kept + 1.0, name
    at, when = media["microphone"][-1]
    assert at - told["epoch"] - when < 1.5  # and live is live
    at, when = media["film"][-1]
    assert at - told["epoch"] - when > 2.0  # the film stood still meanwhile
