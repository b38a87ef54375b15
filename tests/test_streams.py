"""Several pictures and sounds in a file: which are played, and which can be; and slow seeks are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import Frame
from app.capture.media_file import MediaFile
from app.capture.recording import Recording
from tests.devices import Recorder, ffmpeg, wait_until
from tests.films import split

PICTURES = [
    word
    for grey, size in (("0x202020", "160x120"), ("0xC0C0C0", "320x240"))  # a dark one, and a light one
    for word in ("-f", "lavfi", "-i", f"color={grey}:s={size}:r=25:d=2")
]
SOUNDS = [word for hertz in (300, 900) for word in ("-f", "lavfi", "-i", f"sine={hertz}:d=2:r=16000")]
ALL = [word for number in range(4) for word in ("-map", str(number))]


@pytest.fixture(scope="module")
def several(files) -> Path:
    """Two pictures and two sounds; the first of each is marked."""
    path = files / "several.mkv"
    told = ("-metadata:s:v:1", "title=From above", "-metadata:s:a:0", "language=deu")
    marks = ("-disposition:v:0", "default", "-disposition:v:1", "0", "-disposition:a:0", "default")
    ffmpeg(*PICTURES, *SOUNDS, *ALL, *told, *marks, "-c:v", "mjpeg", path)
    return path


def is_light(frame: Frame) -> bool:
    return bool(frame.image.mean() > 128)


def pitch(recording: Recording) -> float:
    blocks = split(recording)[1]
    sound = np.concatenate([block.samples for block in blocks])
    return float(np.abs(np.fft.rfft(sound)).argmax() * blocks[0].rate / len(sound))


def test_the_streams_are_told_and_those_wanted_are_used(several):
    recording = Recording(several)
    assert [(one.kind, one.index, one.words) for one in recording.streams] == [
        ("video", 0, "160 × 120"),
        ("video", 1, "From above, 320 × 240"),
        ("audio", 2, "deu, mono"),
        ("audio", 3, "mono"),
    ]
    assert recording.chosen == {"video": 0, "audio": 2}
    assert not is_light(split(recording)[0][0]) and pitch(recording) == pytest.approx(300, abs=2)
    other = Recording(several, {"video": 1, "audio": 3})
    assert other.size == (320, 240) and is_light(split(other)[0][0])
    assert pitch(other) == pytest.approx(900, abs=2)
    assert Recording(several, {"video": 7}).chosen == recording.chosen  # another file by now


def test_the_sound_is_that_of_the_pictures_programme(files):
    """A broadcast: the larger picture is the second programme's."""
    path = files / "broadcast.ts"
    programmes = ("-program", "title=A:st=0:st=2", "-program", "title=B:st=1:st=3")
    codecs = ("-c:v", "mpeg2video", "-c:a", "mp2", "-ar", "32000")
    ffmpeg(*PICTURES, *SOUNDS, *ALL, *codecs, *programmes, path)
    assert pitch(Recording(path)) == pytest.approx(900, abs=2)
    (first, _) = (one.index for one in Recording(path).streams if one.kind == "video")
    assert pitch(Recording(path, {"video": first})) == pytest.approx(300, abs=2)


def test_another_stream_of_a_file_that_plays(session, several):
    session.open_file(several)
    wait_until(lambda: (shot := session.snapshot()).frame is not None and not is_light(shot.frame))
    assert len(session.snapshot().streams) == 4
    session.choose_stream("video", 1)
    wait_until(lambda: (shot := session.snapshot()).frame is not None and is_light(shot.frame), what="light")
    session.choose_stream("audio", 3)  # the picture that was chosen stays
    wait_until(lambda: session.snapshot().chosen == {"video": 1, "audio": 3}, what="the sound")
    assert session.snapshot().path == str(several)


# -------------------------------------------------------------------------------------- slow seeks


class Held(Recorder):
    """A sink that takes a picture when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.let.set()

    def frame(self, frame: Frame) -> None:
        super().frame(frame)
        self.let.wait()

    def sought(self, time: float) -> None:
        """Nothing: only what comes counts."""

    resumed = sought


@pytest.fixture
def held_sink() -> Iterator[Held]:
    sink = Held()
    yield sink
    sink.let.set()


def test_a_seek_that_takes_long_is_told_until_its_picture_is_there(whole, held_sink):
    media = MediaFile(whole, paced=True)
    media.start(held_sink)
    wait_until(lambda: len(held_sink.of("frame")) > 20, what="some pictures")
    held_sink.let.clear()
    count = len(held_sink.of("frame"))
    wait_until(lambda: len(held_sink.of("frame")) > count, what="a picture that is held")
    media.seek(0.5)
    wait_until(lambda: media.playback.seeking == 0.5, what="seeking")
    held_sink.let.set()
    wait_until(lambda: np.isnan(media.playback.seeking), what="found")
    assert media.stop()
