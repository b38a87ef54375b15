"""Media files: played, held and sought in."""

from __future__ import annotations

import os
import threading
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from app.capture import media_file
from app.capture.clocks import MEASURED
from app.capture.media import AudioBlock, CaptureError, Frame
from app.capture.media_file import MediaFile
from app.capture.recording import Recording
from tests.devices import PROMPT, Recorder, ffmpeg, wait_until
from tests.films import H264, PICTURE, SOUND, digest, split


def test_two_runs_are_equal_and_the_thread_delivers_what_is_pulled(whole):
    assert digest(Recording(whole)) == digest(Recording(whole))
    sink = Recorder()
    media = MediaFile(whole)
    media.start(sink)
    wait_until(lambda: sink.of("ended"), what="the end")
    assert media.stop()
    pulled = [(type(e).__name__, e.time) for e in Recording(whole).events()]
    played = [(type(e).__name__, e.time) for name, e in sink.log if name in ("frame", "audio")]
    assert played == pulled


def test_paced_playing_keeps_the_wall_clock(whole):
    sink = Recorder()
    media = MediaFile(whole, paced=True)
    began = time.monotonic()
    media.start(sink)
    wait_until(lambda: sink.of("ended"), what="the end")
    assert time.monotonic() - began > 1.9
    frames = sink.of("frame")
    assert min(f.captured - began - f.time for f in frames) > -0.05  # how late says nothing of the pacing
    assert media.stop()


def test_pause_holds_and_resume_goes_on_without_a_rush(whole):
    sink = Recorder()
    media = MediaFile(whole, paced=True)
    media.start(sink)
    wait_until(lambda: len(sink.of("frame")) > 10)
    media.pause()
    paused = sink.of("frame")[-1].time
    assert media.paused
    time.sleep(0.5)  # in which twelve pictures would come; the one on its way may
    assert sink.of("frame")[-1].time < paused + 0.2
    wait_until(lambda: still(sink), what="nothing comes")
    media.resume()
    resumed = time.monotonic()
    left = 2.0 - sink.of("frame")[-1].time
    wait_until(lambda: sink.of("ended"), what="the end")
    assert time.monotonic() - resumed > left - 0.2
    assert len(sink.of("frame")) == 50
    assert media.stop()


def still(sink: Recorder) -> bool:
    """Whether nothing came for a while."""
    had = len(sink.log)
    time.sleep(0.2)
    return len(sink.log) == had


class StumblingSink(Recorder):
    """A consumer that takes 0.6 s over its tenth picture."""

    def frame(self, frame: Frame) -> None:
        super().frame(frame)
        if len(self.of("frame")) == 10:
            time.sleep(0.6)


def test_a_sink_that_blocks_holds_playback_back_and_loses_nothing(whole):
    sink = StumblingSink()
    media = MediaFile(whole, paced=True)
    began = time.monotonic()
    media.start(sink)
    wait_until(lambda: sink.of("ended"), what="the end")
    assert time.monotonic() - began > 2.4
    frames = sink.of("frame")
    assert [f.time for f in frames] == [pytest.approx(n / 25) for n in range(50)]
    assert frames[30].captured - frames[10].captured > 20 * 0.04 - 0.1  # no rush to make up for it
    assert not sink.of("gap")
    assert media.stop()


# --------------------------------------------------------------------- seeking

SEEKABLE = {
    "b_frames.mp4": (*PICTURE, *SOUND, "-c:v", "libx264", "-bf", "3", "-g", "20", "-c:a", "aac"),
    "open_gop.ts": (*PICTURE, *H264, "-x264-params", "open-gop=1:keyint=15", "-output_ts_offset", "7"),
    "vfr.mp4": (
        *(*PICTURE, "-vf", "select='lt(t,0.8)+not(mod(n,3))'", "-fps_mode", "vfr"),
        *("-c:v", "libx264", "-bf", "2", "-g", "12"),
    ),
    "mpeg2.mpg": (*PICTURE, "-c:v", "mpeg2video", "-bf", "2", "-g", "12"),
    "index.avi": (*PICTURE, *SOUND, "-c:v", "mpeg4", "-bf", "2", "-c:a", "mp3"),
    "raw.h264": (*PICTURE, *H264),  # no times in it at all: nothing to seek by
}


@pytest.mark.parametrize("form", SEEKABLE)
def test_decoding_from_a_time_gives_the_very_same_pictures(form, files):
    path = files / f"seek.{form}"
    ffmpeg(*SEEKABLE[form], path)
    recording = Recording(path)
    frames, blocks, _ = split(recording)
    known = [frame.time for frame in frames]
    halfway = [(a + b) / 2 for a, b in zip(known[::7], known[1::7], strict=False)]
    for start in (0.0, *known[::5], *halfway, known[-1] + 1.0):
        expected = max((k for k, at in enumerate(known) if at <= start), default=0)
        events = recording.events_from(start, known)
        found = list(islice((event for event in events if isinstance(event, Frame)), 3))
        assert [f.time for f in found] == known[expected : expected + 3], start
        for one, other in zip(found, frames[expected:], strict=False):
            assert np.array_equal(one.image, other.image), start
        events.close()
    if blocks:
        first = next(e for e in recording.events_from(1.0, known) if isinstance(e, AudioBlock))
        assert first.time <= 1.0 < first.end


class Place(Recorder):
    """Where a file is: the pictures since the last seek, and whether they were new."""

    def sought(self, time: float) -> None:
        self.log.append(("sought", time))

    def resumed(self) -> None:
        self.log.append(("resumed", None))

    def since_sought(self) -> list[tuple[float, bool]]:
        log = list(self.log)
        last = max((k for k, (what, _) in enumerate(log) if what == "sought"), default=0)
        return [(f.time, f.again) for what, f in log[last:] if what == "frame"]  # type: ignore[union-attr]


def test_every_picture_is_new_once_wherever_one_goes(whole):
    sink = Place()
    media = MediaFile(whole, paced=True)
    media.set_speed(4.0)
    media.start(sink)
    wait_until(lambda: len(sink.of("frame")) > 20, what="some pictures")
    media.pause()
    for target in (0.5, 0.0, 0.41):
        media.seek(target)
        shown = float(int(target * 25 + 1e-9) / 25)
        wait_until(lambda shown=shown: sink.since_sought() == [(pytest.approx(shown), True)], what=target)
    media.step(1)
    wait_until(lambda: len(sink.since_sought()) == 2, what="the next picture")
    assert sink.since_sought()[-1] == (pytest.approx(0.44), True)
    for back in (0.40, 0.36):
        media.step(-1)
        wait_until(lambda back=back: sink.since_sought() == [(pytest.approx(back), True)], what=back)
    media.seek(1.5)  # not reached yet: all up to there is new
    wait_until(lambda: media.playback.catching_up != media.playback.catching_up, what="caught up")
    wait_until(lambda: (times := sink.since_sought()) and times[-1] == (pytest.approx(1.48), False))
    time.sleep(0.2)
    assert media.paused and sink.since_sought()[-1][0] < 1.53
    media.seek(0.2)
    media.resume()
    wait_until(lambda: sink.of("ended"), what="the end")
    new = [frame.time for frame in sink.of("frame") if not frame.again]
    assert new == [pytest.approx(n / 25) for n in range(50)]
    blocks = [block.time for block in sink.of("audio") if not block.again]
    assert blocks == sorted(set(blocks)) and len(blocks) == len(split(Recording(whole))[1])
    media.seek(1.0)  # it goes on from the end, too
    wait_until(lambda: len(sink.of("ended")) == 2, what="the end again")
    assert sink.since_sought() == [(pytest.approx(n / 25), True) for n in range(25, 50)]
    assert media.stop()


@pytest.fixture(scope="module")
def one_key_frame(files) -> Path:
    """A film whose only key frame is its first: each seek decodes it from there."""
    path = files / "one key frame.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=20:r=25:s=64x48", "-c:v", "mpeg4", "-g", "9999", path)
    return path


def test_a_seek_in_a_long_film_is_given_up_at_the_next_packet(one_key_frame):
    recording = Recording(one_key_frame)
    known = [n / 25 for n in range(500)]
    asked = []

    def given_up() -> bool:
        asked.append(len(asked))
        return len(asked) > 9

    assert list(recording.events_from(19.0, known, given_up)) == []
    assert len(asked) < 15  # of 475 packets on the way


def test_a_newer_seek_and_a_stop_overtake_one_that_takes_long(one_key_frame, monkeypatch):
    """Once it has taken its time: else nothing would be shown while the slider moves."""
    asked = []
    decode = Recording.events_from

    def watched(self, start, known, given_up):
        asked.append((start, given_up))
        return decode(self, start, known, given_up)

    monkeypatch.setattr(Recording, "events_from", watched)
    monkeypatch.setattr(media_file, "PATIENCE", 0.0)
    media = MediaFile(one_key_frame, paced=True)
    media.set_speed(4.0)
    sink = Place()
    media.start(sink)
    wait_until(lambda: sink.of("frame"), what="a picture")
    media.pause()
    media.seek(0.0)
    wait_until(lambda: asked and sink.since_sought(), what="it is sought in")
    (_, given_up), *_ = asked
    assert not given_up()
    with media._change:  # so that it stays asked for
        media._asked = 0.0
        assert given_up()
        media._asked = None
    assert media.stop() and given_up()


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_speed_is_kept_and_measured(speed, whole):
    sink = Recorder()
    media = MediaFile(whole, paced=True)
    media.set_speed(speed)
    media.start(sink)
    wait_until(lambda: sink.of("frame") and sink.of("frame")[-1].time > 1.6, what="most of it")
    measured = media.playback.real_speed
    *_, last = frames = sink.of("frame")
    first = next(frame for frame in frames if last.captured - frame.captured <= MEASURED)
    seen = (last.time - first.time) / (last.captured - first.captured)  # less on a machine that is slower
    assert seen < 1.1 * speed and media.playback.speed == speed
    assert measured == pytest.approx(seen, rel=0.15)
    assert media.stop()


def test_what_cannot_be_played_so_is_refused(whole):
    media = MediaFile(whole, paced=True)
    with pytest.raises(ValueError, match=r"speed is 5\.0, expected 0\.25 to 4"):
        media.set_speed(5.0)
    with pytest.raises(ValueError, match="nan"):
        media.seek(float("nan"))


@pytest.mark.parametrize("state", ["playing", "paused", "not started"])
def test_stop_is_prompt_and_leaves_nothing(state, whole):
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    sink = Recorder()
    media = MediaFile(whole, paced=True)
    if state != "not started":
        media.start(sink)
        wait_until(lambda: len(sink.log) > 5)
    if state == "paused":
        media.pause()
    began = time.monotonic()
    assert media.stop() and media.stop()
    assert time.monotonic() - began < PROMPT
    assert not [t for t in threading.enumerate() if t.name == "media-file" and t.is_alive()]
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_seek_in_a_file_that_is_gone_is_an_error(tmp_path):
    """Not silence: the film would play on from where it is, as if nobody had asked."""
    path = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=2", path)
    recording = Recording(path)
    path.unlink()
    with pytest.raises(CaptureError, match=r"film\.mp4 cannot be read any more"):
        list(recording.events_from(1.0, [0.0, 1.0]))
