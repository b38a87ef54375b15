"""Time stamps of every kind that files have: time goes on from where it was, and it is told."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.capture.media import Frame
from app.capture.recording import Recording
from app.capture.stamps import LEAP, LEAP_OF_STREAMS, Timeline
from tests.devices import ffmpeg
from tests.films import H264, split

SECOND = ("-f", "lavfi", "-i", "testsrc=d=1:r=25:s=64x48", "-f", "lavfi", "-i", "sine=440:d=1:r=44100")
MPEG = ("-c:v", "mpeg2video", "-bf", "0", "-c:a", "mp2")


@pytest.fixture(scope="module")
def plain(files) -> Path:
    """A second of picture and sound."""
    path = files / "plain.mkv"
    ffmpeg(*SECOND, "-c:v", "mpeg4", "-bf", "0", "-c:a", "pcm_s16le", path)
    return path


def stamped(plain: Path, path: Path, picture: str, sound: str = "PTS") -> Path:
    """The film with other time stamps, in the expressions of ffmpeg's setts."""
    ffmpeg(
        *("-i", plain, "-c", "copy", "-copyts", "-avoid_negative_ts", "disabled"),
        *("-bsf:v", f"setts=pts='{picture}':dts='{picture}'", "-bsf:a", f"setts=ts='{sound}'", path),
    )
    return path


# What is done to the stamps (ms) of a second of picture, and of sound -> what is said of it.
ODD = {
    "as they were": ("PTS", "PTS", ""),
    "ten days late from the second on": ("if(eq(N,0),0,PTS+864000000)", "PTS", "ahead by 864,000"),
    "a leap of an hour in both": ("PTS+3600000*gte(N,12)", "PTS+3600000*gte(PTS,480)", "ahead by 3,600"),
    "one picture of next year": ("PTS+31536000000*eq(N,9)", "PTS", "ahead by 31,536,000"),
    "all alike": ("0", "PTS", "stand still and are taken by the rate"),
    "far below 0": ("PTS-90000000", "PTS-90000000", ""),
    "near the largest number": ("PTS+4611686018427387", "PTS+4611686018427387", ""),
}


@pytest.mark.parametrize("case", ODD)
def test_any_time_stamps_end_in_a_finite_time(case, plain, files):
    picture, sound, said = ODD[case]
    path = stamped(plain, files / f"{case}.mkv", picture, sound)
    recording = Recording(path)
    frames, blocks, _ = split(recording)
    assert len(frames) == 25 and sum(len(block.samples) for block in blocks) == 44100
    assert recording.duration < 2.5 and 0.8 < frames[-1].time < 2.2 and 0.8 < blocks[-1].end < 2.2
    told = "; ".join(recording.remarks)
    assert said in told and bool(said) == bool(told), told


@pytest.fixture(scope="module")
def broadcast(files) -> tuple[bytes, bytes]:
    """A second of a broadcast, and the same ten hours later."""
    ffmpeg(*SECOND, *MPEG, files / "one.ts")
    ffmpeg("-i", files / "one.ts", "-c", "copy", "-output_ts_offset", "36000", files / "later.ts")
    return (files / "one.ts").read_bytes(), (files / "later.ts").read_bytes()


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ((0, 1), "ahead by 35,999.0 s at 1.0 s"),
        ((1, 0), "ahead by 59,442"),  # FFmpeg takes a fall for a wrap of the 33 bits
        ((0, 0, 0), "back by 1.0 s at 1.0 s, and 1 times more"),
        ((0, 1, 0, 1), "ahead by 35,999.0 s at 1.0 s, and 2 times more"),
    ],
)
def test_where_a_clock_breaks_off_picture_and_sound_start_anew_together(order, said, broadcast, files):
    path = files / "joined.ts"
    path.write_bytes(b"".join(broadcast[part] for part in order))
    recording = Recording(path)
    length = float(len(order))
    assert recording.duration == pytest.approx(length, abs=0.15 * length)
    frames, blocks, gaps = split(recording)
    assert len(frames) == 25 * len(order) and frames[-1].time == pytest.approx(length, abs=0.1 * length)
    assert blocks[-1].end == pytest.approx(frames[-1].time, abs=1 / 15)  # within a tick
    assert [gap.kind for gap in gaps].count("video") == len(order) - 1
    (remark,) = recording.remarks
    assert remark.startswith(f"time stamps jump {said}") and not recording.truncated


def test_a_seek_behind_a_jump_gives_the_very_same_pictures(plain, files):
    path = stamped(plain, files / "seek.mkv", *ODD["a leap of an hour in both"][:2])
    recording = Recording(path)
    frames, _, _ = split(recording)
    known = [frame.time for frame in frames]
    for wanted in (0.2, 0.5, 0.9):
        found = next(e for e in recording.events_from(wanted, known) if isinstance(e, Frame))
        expected = max((f for f in frames if f.time <= wanted), key=lambda f: f.time)
        assert found.time == expected.time and np.array_equal(found.image, expected.image)


def test_a_wrap_of_33_bits_goes_on(files):
    path = files / "wrap.ts"
    ffmpeg(*SECOND, *MPEG, "-output_ts_offset", str(2**33 / 90000 - 0.5), "-muxdelay", "0", path)
    frames, blocks, gaps = split(Recording(path))
    assert len(frames) == 25 and frames[-1].time == pytest.approx(0.96, abs=0.1)
    assert blocks[-1].end == pytest.approx(1.0, abs=0.1) and not gaps


def test_pictures_without_any_time_are_timed_by_their_rate(files):
    path = files / "bare.h264"
    ffmpeg(*SECOND, "-map", "0", *H264, path)
    recording = Recording(path)
    assert recording.duration == pytest.approx(1.0)
    assert recording.remarks == ["its pictures have no time stamps and are taken as 25 a second"]
    assert [f.time for f in split(recording)[0]] == [pytest.approx(n / 25) for n in range(25)]


def test_a_hole_in_the_sound_alone_is_no_jump(plain, files):
    """Eleven minutes of pictures, one a minute, with sound at both ends only."""
    path = stamped(plain, files / "hole.mkv", "N*60000", "PTS+1430000*gte(PTS,480)")
    recording = Recording(path)
    frames, blocks, gaps = split(recording)
    assert frames[-1].time == pytest.approx(1440.0) and recording.remarks == []
    assert blocks[-1].time == pytest.approx(1430.9, abs=0.2)
    assert len(gaps) == 1 and "are missing" in gaps[0].reason


# ----------------------------------------------------------------- the timeline alone


@pytest.fixture(scope="module")
def packet(plain) -> Callable[..., av.Packet]:
    """Makes packets of one stream with these stamps, ms."""
    with av.open(str(plain)) as container:
        one = next(container.demux(video=0))

    def stamp(dts: int, pts: int | None = None) -> av.Packet:
        one.time_base, one.dts, one.pts, one.duration = (
            Fraction(1, 1000),
            dts,
            dts if pts is None else pts,
            40,
        )
        return one

    return stamp


@pytest.mark.parametrize("longest", [LEAP, LEAP_OF_STREAMS])
def test_the_longest_hole_stays_and_one_more_is_a_jump(longest, packet):
    step = round(1000 * longest)
    line = Timeline(Fraction(0), longest)
    assert line.place(packet(0)) is None and line.place(packet(step)) is None
    beyond = packet(2 * step + 1000)
    assert line.place(beyond).by == pytest.approx(longest + 1.0)
    assert beyond.pts == step + 40  # it goes on behind the last
    again = packet(2 * step + 1040)
    assert line.place(again) is None and again.pts == step + 80


@pytest.mark.parametrize("seed", range(4))
def test_whatever_stamps_say_time_ends(seed, packet):
    """A thousand packets of random stamps: no more than the longest hole each, and no number too large."""
    chance = np.random.default_rng(seed)
    line = Timeline(Fraction(0), LEAP_OF_STREAMS)
    for dts, pts in chance.integers(-(2**62), 2**62, (1000, 2)).tolist():
        moved = packet(dts, pts)
        line.place(moved)
        assert moved.dts <= 1000 * 1000 * LEAP_OF_STREAMS
