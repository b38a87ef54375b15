"""The microphone, on a real sound server of our own, and its clock by calculation."""

# ruff: noqa: F811 (a test's argument is the fixture of that name)

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from app.capture.clocks import WINDOW, SampleClock
from app.capture.devices import listing, microphones, report
from app.capture.media import CaptureError
from app.capture.microphone import Microphone
from tests.devices import PROMPT, Recorder, SoundServer, ffmpeg, sound_server, wait_until  # noqa: F401


@pytest.fixture
def sink():
    return Recorder()


@pytest.fixture
def started(sink):
    """Start a microphone on the sink; all are stopped at the end, and none may leave a thread."""
    running = []

    def start(device=SoundServer.MICROPHONE, channel: int | None = None) -> Microphone:
        microphone = Microphone(device, channel)
        running.append(microphone)
        microphone.start(sink, time.monotonic())
        return microphone

    yield start
    for microphone in running:
        assert microphone.stop(PROMPT)
    assert not any(t.name == "microphone" for t in threading.enumerate())


def newest(sink: Recorder, seconds: float) -> tuple[np.ndarray, int]:
    blocks = sink.since_gap("audio")
    rate = blocks[-1].rate
    samples = np.concatenate([b.samples for b in blocks])
    return samples[-round(seconds * rate) :], rate


def hears(sink: Recorder, frequency: float) -> bool:
    """Whether the newest half second is whole, and a tone of that frequency."""
    if len(sink.since_gap("audio")) < 30:
        return False
    samples, rate = newest(sink, 0.5)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return samples.std() > 0.01 and abs(np.argmax(spectrum) * rate / len(samples) - frequency) < 4.0


def test_a_tone_is_heard_at_the_devices_rate(sound_server, sink, started):
    sound_server.tone(440.0)
    microphone = started()
    wait_until(lambda: hears(sink, 440.0), what="440 Hz")
    blocks = sink.since_gap("audio")
    info = next(m for m in microphones(rescan=False) if m.name == microphone.name == "pulse")
    assert {b.rate for b in blocks} == {info.rate}
    assert all(b.samples.dtype == np.float32 and b.samples.ndim == 1 for b in blocks)
    ends = [b.time + len(b.samples) / b.rate for b in blocks]
    seams = [b.time - end for b, end in zip(blocks[1:], ends, strict=False)]
    assert max(map(abs, seams)) < 0.001  # no more than the slow correction
    assert not sink.of("notice")


@pytest.mark.parametrize(("channel", "frequency"), [(1, 440.0), (2, 1000.0)])
def test_one_channel_is_heard_alone(channel, frequency, sound_server, sink, started, tmp_path):
    stereo = tmp_path / "stereo.wav"
    ffmpeg("-f", "lavfi", "-t", "20", "-i", "aevalsrc=sin(440*2*PI*t)/2|sin(1000*2*PI*t)/2:c=stereo", stereo)
    sound_server.stream("-stream_loop", "-1", "-i", str(stereo))
    started(channel=channel)

    def alone() -> bool:
        samples, rate = newest(sink, 0.5)
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
        return spectrum[round((1440.0 - frequency) * len(samples) / rate)] < spectrum.max() / 1000

    # Half a second without a hole: a sound server that is held up leaves some, and a hole has all tones.
    wait_until(lambda: hears(sink, frequency) and alone(), what=f"{frequency} Hz alone")


def test_a_channel_that_is_not_there_is_told_and_the_mean_is_heard(sound_server, sink, started):
    sound_server.tone(440.0)
    started(channel=99)
    wait_until(lambda: hears(sink, 440.0), what="440 Hz")
    (notice,) = sink.of("notice")
    assert "no channel 99" in notice.cause and notice.level == "info"
    with pytest.raises(ValueError, match="channel is 0"):
        Microphone("pulse", 0)


def test_the_sound_server_dies_and_comes_back(sound_server, sink, started):
    sound_server.tone(440.0)
    started()
    wait_until(lambda: hears(sink, 440.0), what="440 Hz")
    before = sink.of("audio")[-1].time
    sound_server.kill()
    wait_until(lambda: sink.of("gap"), what="the dead server is noticed")
    kind, at, reason = sink.of("gap")[0]
    assert kind == "audio" and at >= before
    assert "stopped delivering" in reason  # before silence alone would tell
    wait_until(lambda: sink.levels())
    assert sink.levels()[0] == "error" and sink.of("notice")[0].key == "microphone"
    assert "pulse" not in [m.name for m in microphones()]
    sound_server.start()
    sound_server.tone(880.0)
    wait_until(lambda: sink.levels()[-1] == "resolved", what="it is taken up again")
    wait_until(lambda: hears(sink, 880.0), what="880 Hz")
    assert sum("stopped delivering" in reason for _, _, reason in sink.of("gap")) == 1
    times = [b.time for b in sink.of("audio")]
    assert times == sorted(times)


def test_a_frozen_sound_server_is_noticed_and_stop_does_not_hang(sound_server, sink):
    sound_server.tone(440.0)
    microphone = Microphone(sound_server.MICROPHONE)
    microphone.start(sink, time.monotonic())
    wait_until(lambda: len(sink.of("audio")) > 20)
    sound_server.freeze()
    wait_until(lambda: sink.of("gap"), what="silence is noticed")
    began = time.monotonic()
    microphone.stop(1.0)
    assert time.monotonic() - began < PROMPT
    had = len(sink.log)
    sound_server.thaw()
    wait_until(lambda: microphone.stop(0.1), what="the thread ends when the driver lets go")
    assert len(sink.log) == had


def test_devices_are_listed_by_name(sound_server):
    found = microphones()
    assert sum(m.default for m in found) == 1 and found[0].default
    assert Microphone().check() == found[0]
    assert all(m.name and m.rate >= 8000 and m.channels >= 1 for m in found)
    plain = listing()
    assert [m["name"] for m in plain["microphones"]] == [m.name for m in found]
    assert all(m.name in report() for m in found)
    assert Microphone(found[0].name).check() == found[0] == Microphone(found[0].index).check()


def test_an_unknown_microphone_is_told_once(sound_server, sink, started):
    started("No Such Microphone")
    wait_until(lambda: sink.of("notice"))
    time.sleep(1.0)  # two attempts
    (notice,) = sink.of("notice")
    assert "no microphone No Such Microphone" in notice.cause and notice.remedy
    with pytest.raises(CaptureError, match="There is no microphone No Such Microphone"):
        Microphone("No Such Microphone").check()


@pytest.mark.parametrize(("device", "error"), [(-1, ValueError), ("", ValueError), (1.5, TypeError)])
def test_a_wrong_argument_names_itself(device, error):
    with pytest.raises(error, match="must be"):
        Microphone(device)


def test_without_portaudio_the_remedy_is_named():
    """In a process that finds no PortAudio library."""
    code = (
        "import ctypes.util; ctypes.util.find_library = lambda name: None\n"
        "from app.capture.devices import report; print(report())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    if sys.platform == "linux":
        assert "install" in done.stdout and "libportaudio2" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------ the clock

RATE, FRAMES = 44100, 882


def run(clock: SampleClock, arrivals: list[float]) -> tuple[list[float], list[int]]:
    """Times of the blocks that arrive then, and which of them began anew."""
    times, fresh = [], []
    for n, arrived in enumerate(arrivals):
        if clock.place(FRAMES, arrived):
            fresh.append(n)
        times.append(clock.time)
    assert np.all(np.diff(times) > 0)
    return times, fresh


@pytest.mark.parametrize("drift", [-1e-3, 0.0, 1e-3])
def test_the_clock_follows_a_device_that_runs_fast_or_slow(drift):
    random = np.random.default_rng(0)
    count = 30_000  # ten minutes
    true = 100.0 + (1.0 + drift) * 0.02 * np.arange(count)
    arrivals = true + 0.02 + random.exponential(0.005, count)
    times, fresh = run(SampleClock(RATE), arrivals.tolist())
    assert not fresh
    assert np.abs(np.array(times) - true)[WINDOW:].max() < 0.02


def test_a_start_with_old_sound_settles():
    """PulseAudio's first blocks are 0.6 s old, and the backlog drains."""
    true = 100.0 + 0.02 * np.arange(3000)
    late = np.maximum(0.6 - 0.02 * np.arange(3000), 0.0)
    times, fresh = run(SampleClock(RATE), (true + 0.02 + late).tolist())
    assert not fresh
    assert abs(times[-1] - true[-1]) < 0.01


def test_lost_samples_begin_anew_and_a_late_moment_does_not():
    true = 100.0 + 0.02 * np.arange(2000)
    hiccup = true + 0.02
    hiccup[500:550] = np.maximum(hiccup[500:550], hiccup[550])  # a second late, nothing lost
    _, fresh = run(SampleClock(RATE), hiccup.tolist())
    assert not fresh
    lost = true + 0.02
    lost[500:] += 1.0
    times, fresh = run(SampleClock(RATE), lost.tolist())
    assert len(fresh) == 1 and 500 < fresh[0] < 500 + 2 * WINDOW
    assert times[-1] == pytest.approx(lost[-1] - 0.02, abs=0.01)
