"""A file's sound through a real sound server's speaker, recorded from the monitor of that speaker."""

from __future__ import annotations

import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import correlate

from app.capture.listener import Listener
from app.capture.media import AudioBlock, Notice
from app.capture.media_file import MediaFile
from app.capture.microphone import Microphone
from tests.devices import Recorder, SoundServer, ffmpeg, sound_server, wait_until  # noqa: F401
from tests.sounds import read_audio

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"


class Player(Recorder):
    def sought(self, time: float) -> None:
        pass

    def resumed(self) -> None:
        pass


@pytest.fixture
def clip(tmp_path) -> Path:
    path = tmp_path / "clip.mp4"
    ffmpeg("-ss", "4", "-i", DEMO, "-t", "10", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", path)
    return path


def heard_late(blocks: list[AudioBlock], sound: np.ndarray, rate: int, media: float, at: float) -> float:
    """Seconds after monotonic ``at`` at which the recording has the 1.5 s of ``sound`` from ``media`` on.

    nan where it has them not, or not whole.
    """
    part = sound[round(media * rate) :][: round(1.5 * rate)]
    near = [block for block in blocks if at - 0.5 < block.time < at + 2.0]
    recorded = np.concatenate([block.samples for block in near])
    match = correlate(recorded, part, "valid")
    place = int(match.argmax())
    energy = np.sqrt((part**2).sum() * (recorded[place : place + len(part)] ** 2).sum())
    return near[0].time + place / rate - at if match[place] > 0.95 * energy else np.nan


def test_what_is_heard_lines_up_with_the_picture(sound_server, clip):  # noqa: F811
    late: list[float] = []
    for _ in range(5):  # where others have the machine, sound breaks up at times
        late = lateness(clip)
        if (np.abs(late) < 0.05).all():  # nan is not
            return
    pytest.fail(f"s late in the last of five plays: {late}")


def lateness(clip: Path) -> list[float]:
    """How late the sound is after the picture, s: as it plays, after a seek, in the pause (0: none)."""
    recording, playing = Recorder(), Player()
    microphone = Microphone(SoundServer.MICROPHONE)
    microphone.start(recording, 0.0)
    file = MediaFile(clip, paced=True)
    notices: list[Notice] = []
    listener = Listener(file, 1.0, notices.append)
    listener.start()
    wait_until(lambda: recording.of("audio") and listener._held is not None, what="sound")
    time.sleep(1.5)
    file.start(playing)
    wait_until(lambda: (f := playing.of("frame")) and f[-1].time > 3.2, what="three seconds")
    file.seek(1.0)
    wait_until(lambda: (f := playing.of("frame")) and f[-1].again and f[-1].time > 3.0, what="from 1 s again")
    file.pause()
    time.sleep(0.6)
    quiet = time.monotonic()
    time.sleep(0.4)
    assert file.stop() and listener.stop() and microphone.stop() and not notices
    sound, rate = read_audio(clip)
    blocks = recording.of("audio")
    assert blocks[0].rate == rate
    late = []
    for media, again in ((1.0, False), (1.4, True)):
        picture = next(f for f in playing.of("frame") if f.again == again and f.time >= media)
        late.append(heard_late(blocks, sound, rate, picture.time, picture.captured))
    after = np.concatenate([block.samples for block in blocks if block.time > quiet])
    return [*late, np.nan if after.any() else 0.0]


def test_volume_and_speed(sound_server, clip):  # noqa: F811
    recording = Recorder()
    microphone = Microphone(SoundServer.MICROPHONE)
    microphone.start(recording, 0.0)
    file = MediaFile(clip, paced=True)
    listener = Listener(file, 1.0, lambda notice: None)
    listener.start()
    file.start(Player())

    def level() -> float:
        begin = time.monotonic()
        time.sleep(0.8)
        blocks = [block.samples for block in recording.of("audio") if block.time > begin]
        return float(np.abs(np.concatenate(blocks)).max()) if blocks else 0.0

    wait_until(lambda: level() > 0.01, what="sound")
    loud = level()
    listener.volume = 0.1
    time.sleep(0.3)
    assert 0 < level() < loud / 10
    listener.volume = 1.0
    file.set_speed(2.0)
    time.sleep(0.3)
    assert level() == 0.0, "it plays at its own speed only"
    assert file.stop() and listener.stop() and microphone.stop()


def test_without_a_speaker_it_says_so_and_takes_it_when_it_comes(sound_server, clip):  # noqa: F811
    sound_server.kill()
    notices: list[Notice] = []
    file, playing = MediaFile(clip, paced=True), Player()
    listener = Listener(file, 1.0, notices.append)
    listener.start()
    file.start(playing)
    wait_until(lambda: bool(notices), what="a notice")
    assert notices[0].key == "speaker" and "no speaker" in notices[0].cause and notices[0].remedy
    wait_until(lambda: (f := playing.of("frame")) and f[-1].time > 0.5, what="the picture goes on")
    sound_server.start()
    wait_until(lambda: notices[-1].level == "resolved", what="the speaker is taken")
    assert [notice.level for notice in notices] == ["warning", "resolved"]
    sound_server.kill()  # and lost again
    wait_until(lambda: len(notices) > 2, what="the speaker is lost")
    assert notices[-1].level == "warning"
    assert file.stop() and listener.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("listener", "media"))]


def test_half_an_hour_without_sound_takes_no_more_than_the_ring():
    listener = Listener(MediaFile(DEMO, paced=True), 1.0, lambda notice: None)
    rate = 8000
    listener._open_ring(rate)
    ones = np.ones(rate // 10, np.float32)
    listener._put(AudioBlock(ones, rate, 0.0, 0.0), None)
    tracemalloc.start()
    listener._put(AudioBlock(ones, rate, 1800.0, 0.0), None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    start, end = listener._held
    assert peak < 1_000_000 and end == 1800 * rate + len(ones) and end - start == len(listener._ring)
    held = listener._ring[np.arange(start, end) % len(listener._ring)]
    assert not held[: -len(ones)].any() and (held[-len(ones) :] == 1.0).all()
