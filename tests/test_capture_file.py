"""Media files: every kind that users have, and every way in which one can be broken."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
import time
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from devices import Recorder, ffmpeg, need, wait_until
from sounds import read_audio

from app.capture.media import AudioBlock, CaptureError, Frame
from app.capture.media_file import MediaFile
from app.capture.recording import Gap, Recording

pytestmark = pytest.mark.timeout(60)

PICTURE = ("-f", "lavfi", "-i", "testsrc=d=2:r=25:s=160x90")
SOUND = ("-f", "lavfi", "-i", "sine=440:d=2:r=44100")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    need("ffmpeg")
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def whole(files) -> Path:
    """Two seconds, 25 pictures a second, B-frames, AAC at 44.1 kHz, the index at the end."""
    path = files / "whole.mp4"
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libx264", "-bf", "2", "-g", "25", "-c:a", "aac", path)
    return path


def split(recording: Recording) -> tuple[list[Frame], list[AudioBlock], list[Gap]]:
    events = list(recording.events())
    times = [event.time for event in events]
    assert times == sorted(times)
    kinds = (Frame, AudioBlock, Gap)
    frames, blocks, gaps = ([e for e in events if isinstance(e, kind)] for kind in kinds)
    assert all(f.image.dtype == np.uint8 and f.image.flags.c_contiguous for f in frames)
    assert all(b.samples.dtype == np.float32 and b.samples.ndim == 1 for b in blocks)
    return frames, blocks, gaps


def pitch(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


# ------------------------------------------------------------------ whole files


def test_an_mp4_as_it_is_announced(whole):
    recording = Recording(whole)
    assert recording.kinds == {"video", "audio"}
    assert recording.duration == pytest.approx(2.0, abs=0.05)
    assert recording.fps == pytest.approx(25.0)
    assert (recording.size, recording.rate) == ((160, 90), 44100)
    frames, blocks, gaps = split(recording)
    assert [f.time for f in frames] == [pytest.approx(n / 25) for n in range(50)]
    assert frames[0].image.shape == (90, 160, 3)
    assert blocks[0].time == 0.0
    assert sum(len(b.samples) for b in blocks) / 44100 == pytest.approx(2.0, abs=0.05)
    assert not gaps and recording.truncated == ""


def test_the_pictures_are_ffmpegs_in_bgr(whole, files):
    """Bit-exact would tie us to one version of ffmpeg: a grey level on average is near enough."""
    raw = files / "frames.raw"
    ffmpeg("-i", whole, "-frames:v", "3", "-pix_fmt", "bgr24", "-f", "rawvideo", raw)
    expected = np.fromfile(raw, np.uint8).reshape(3, 90, 160, 3)
    frames, _, _ = split(Recording(whole))
    for frame, image in zip(frames, expected, strict=False):
        assert np.abs(frame.image.astype(int) - image).mean() < 1.0


FORMATS = {
    "webm": (*PICTURE, *SOUND, "-c:v", "libvpx", "-c:a", "libopus"),
    "mkv": (*PICTURE, *SOUND, *H264, "-c:a", "flac"),
    "mov": (*PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le"),
    "avi": (*PICTURE, *SOUND, "-c:v", "mpeg4", "-bf", "2", "-c:a", "mp3"),
    "ts": (*PICTURE, *SOUND, *H264, "-c:a", "aac", "-output_ts_offset", "7"),
    "negative.mkv": (
        *(*PICTURE, *SOUND, *H264, "-c:a", "aac"),
        *("-output_ts_offset", "-5", "-avoid_negative_ts", "disabled"),
    ),
    "ten_bits.mkv": (
        *PICTURE,
        *SOUND,
        "-c:v",
        "ffv1",
        "-pix_fmt",
        "yuv420p10le",
        "-c:a",
        "libvorbis",
    ),
    "fragmented.mp4": (*PICTURE, *SOUND, *H264, "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_picture_and_sound_of_every_format(form, files):
    path = files / f"Prüfung – 映像.{form}"
    ffmpeg(*FORMATS[form], path)
    recording = Recording(path)
    frames, blocks, gaps = split(recording)
    assert recording.kinds == {"video", "audio"}
    assert len(frames) == 50
    assert 0.0 <= frames[0].time < 0.1 and -0.03 < blocks[0].time < 0.1
    steps = np.diff([f.time for f in frames])
    assert np.abs(steps[1:] - 0.04).max() < 0.0011  # Matroska counts ms, ffmpeg's fragments begin 23 ms early
    sound = np.concatenate([b.samples for b in blocks])
    assert pitch(sound, recording.rate) == pytest.approx(440.0, abs=1.0)
    assert not gaps and recording.truncated == ""


SOUNDS = {"flac": 44100, "ogg": 44100, "mp3": 44100, "wav": 44100, "m4a": 44100}


@pytest.mark.parametrize("form", SOUNDS)
def test_sound_alone_with_a_cover_where_it_can_have_one(form, files):
    path = files / f"sound.{form}"
    cover = ("-f", "lavfi", "-i", "testsrc=d=0.04", "-map", "0", "-map", "1", "-c:v", "mjpeg")
    attached = (*cover, "-disposition:v", "attached_pic") if form in ("flac", "mp3", "m4a") else ()
    ffmpeg(*SOUND, *attached, path)
    recording = Recording(path)
    assert recording.kinds == {"audio"} and recording.size == (0, 0)
    frames, blocks, _ = split(recording)
    assert not frames
    assert sum(len(b.samples) for b in blocks) == pytest.approx(88200, abs=1024)
    assert recording.truncated == ""


@pytest.mark.parametrize(
    ("codec", "rate", "channels"),
    [
        ("pcm_u8", 8000, 1),
        ("pcm_s16le", 48000, 2),
        ("pcm_s24le", 96000, 8),
        ("pcm_f32le", 44100, 2),
        ("pcm_f64le", 8000, 8),
    ],
)
def test_sound_is_the_mean_of_its_channels_at_its_own_rate(codec, rate, channels, files):
    path = files / f"{rate}_{channels}_{codec}.wav"
    loud = "|".join(["0.5*sin(440*2*PI*t)"] + ["0"] * (channels - 1))
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={loud}:s={rate}:d=1", "-c:a", codec, path)
    samples, own = read_audio(path)
    assert own == rate and len(samples) == rate
    expected = 0.5 / channels * np.sin(2 * np.pi * 440.0 * np.arange(rate) / rate)
    assert np.abs(samples - expected).max() < (0.02 if codec == "pcm_u8" else 2e-4)


def test_odd_sizes_and_pixels_that_are_not_square(files):
    odd, wide = files / "odd.mkv", files / "wide.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=0.2:s=161x91", "-c:v", "ffv1", "-pix_fmt", "bgr0", odd)
    assert split(Recording(odd))[0][0].image.shape == (91, 161, 3)
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=0.2:s=160x90", "-vf", "setsar=2", "-c:v", "ffv1", wide)
    assert split(Recording(wide))[0][0].image.shape == (45, 160, 3)  # never larger than it was filmed


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_phones_recording_stands_upright(degrees, whole, files):
    path = files / f"turned{degrees}.mp4"
    # The option was renamed in ffmpeg 6, and the old one removed in 7.
    options = subprocess.run(["ffmpeg", "-h", "long"], capture_output=True, text=True, timeout=20).stdout
    before = ["-display_rotation", degrees] if "-display_rotation" in options else []
    after = [] if before else ["-metadata:s:v", f"rotate={degrees}"]
    ffmpeg(*before, "-i", whole, "-c", "copy", *after, path)
    raw = files / "turned.raw"
    ffmpeg("-i", path, "-frames:v", "1", "-pix_fmt", "bgr24", "-f", "rawvideo", raw)  # it turns by itself
    recording = Recording(path)
    frame = split(recording)[0][0]
    assert recording.size == ((160, 90) if degrees == 180 else (90, 160))
    assert frame.image.shape[:2] == recording.size[::-1]
    expected = np.fromfile(raw, np.uint8).reshape(frame.image.shape)
    assert np.abs(frame.image.astype(int) - expected).mean() < 1.0


def test_variable_rate_by_timestamps(files):
    """25 pictures a second, then every third: OpenCV would play this at 13.5 throughout."""
    path = files / "vfr.mp4"
    ffmpeg(*PICTURE, "-vf", "select='lt(t,1)+not(mod(n,3))'", "-fps_mode", "vfr", *H264, path)
    times = [f.time for f in split(Recording(path))[0]]
    assert times == [pytest.approx(n / 25) for n in range(50) if n < 25 or n % 3 == 0]


def test_a_picture_that_begins_after_the_sound(files):
    path = files / "later.mkv"
    ffmpeg("-itsoffset", "0.5", *PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le", path)
    frames, blocks, _ = split(Recording(path))
    assert blocks[0].time == 0.0 and frames[0].time == pytest.approx(0.5, abs=0.03)


def test_flash_and_beep_fall_together(files):
    """A white picture and a beep at each full second: found within half a picture of each other."""
    path = files / "flash.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=4,geq=lum='255*lt(mod(T,1),0.079)':cb=128:cr=128"),
        *("-f", "lavfi", "-i", "aevalsrc='sin(880*2*PI*t)*lt(mod(t,1),0.08)':s=44100:d=4"),
        *(*H264, "-c:a", "aac", path),
    )
    frames, blocks, _ = split(Recording(path))
    light = np.array([f.image.mean() > 128 for f in frames])
    flashes = [frames[n].time for n in np.flatnonzero(light & ~np.r_[False, light[:-1]])]
    sound = np.abs(np.concatenate([b.samples for b in blocks]))
    envelope = sound[: len(sound) // 441 * 441].reshape(-1, 441).max(axis=1) > 0.3  # of 10 ms
    beeps = blocks[0].time + np.flatnonzero(envelope & ~np.r_[False, envelope[:-1]]) * 0.01
    assert len(flashes) == len(beeps) == 4
    assert np.abs(np.array(flashes) - beeps).max() <= 0.02


def test_a_badly_interleaved_file_is_in_order_all_the_same(files):
    """All pictures before all sound: two demuxers need no memory for that."""
    path = files / "separate.mov"
    ffmpeg(*PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le", "-max_interleave_delta", "0", path)
    frames, blocks, _ = split(Recording(path))
    assert len(frames) == 50 and sum(len(b.samples) for b in blocks) == 88200


def test_two_recordings_joined_are_one_although_their_timestamps_fall_back(files):
    one, joined = files / "one.ts", files / "joined.ts"
    ffmpeg(*PICTURE, *SOUND, *H264, "-c:a", "aac", one)
    joined.write_bytes(2 * one.read_bytes())
    frames, blocks, _ = split(Recording(joined))
    assert len(frames) == 100 and frames[-1].time == pytest.approx(3.98, abs=0.1)
    assert blocks[-1].time == pytest.approx(4.0, abs=0.15)


# ----------------------------------------------------------------- broken files


def refuse(path: Path, *words: str) -> None:
    with pytest.raises(CaptureError) as caught:
        MediaFile(path)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert caught.value.cause and caught.value.remedy


def test_what_is_no_recording_is_refused_with_cause_and_remedy(whole, tmp_path):
    refuse(tmp_path / "absent.mp4", "no file", "absent.mp4")
    refuse(tmp_path, "folder")
    (tmp_path / "empty.mp4").touch()
    refuse(tmp_path / "empty.mp4", "empty")
    for name in ("text.txt", "text.mp4", "song.mp3"):
        (tmp_path / name).write_text("Not a film, only words.\n" * 100)
        refuse(tmp_path / name, name, "MP4")
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:20000])
    refuse(tmp_path / "cut.mp4", "Invalid data", "moov")
    ffmpeg(*PICTURE, "-frames:v", "1", tmp_path / "photo.png")
    refuse(tmp_path / "photo.png", "photo.png")
    (tmp_path / "list.m3u8").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n"
    )
    refuse(tmp_path / "list.m3u8", "playlist")
    os.mkfifo(tmp_path / "pipe.mp4")
    refuse(tmp_path / "pipe.mp4", "not a regular file")


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no user ids here")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "secret.mp4"
    path.write_bytes(b"x" * 100)
    path.chmod(0)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)  # root may read everything
    try:
        refuse(path, "may not be read")
    finally:
        os.seteuid(me)


CUTS = {
    "faststart.mp4": (*PICTURE, *SOUND, *H264, "-c:a", "aac", "-movflags", "+faststart"),
    "cut.mkv": (*PICTURE, *SOUND, *H264, "-c:a", "aac"),
    "cut.avi": (*PICTURE, *SOUND, "-c:v", "mpeg4", "-c:a", "mp3"),
    "cut.wav": SOUND,
    "cut.flac": SOUND,
    "cut.mp3": SOUND,
}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_file_is_used_as_far_as_it_goes_and_says_so(name, files):
    path = files / name
    ffmpeg(*CUTS[name], path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sink = Recorder()
    media = MediaFile(path)
    media.start(sink)
    wait_until(lambda: sink.of("ended"), what="the end")
    assert media.stop()
    assert media.truncated
    assert 0.2 < sink.of("ended")[0] < 1.7
    assert sink.levels() == ["warning"] and sink.of("notice")[0].key == "file"
    assert sink.log[-1][0] == "ended"


def test_noise_in_the_middle_is_survived_and_told_the_same_each_time(whole, files):
    path = files / "noise.mkv"
    ffmpeg("-i", whole, "-c", "copy", "-bsf:v", "noise=amount=200", path)
    first, second = Recording(path), Recording(path)
    assert digest(first) == digest(second)
    assert first.truncated == second.truncated != ""


def test_missing_sound_is_a_gap(files):
    path = files / "gap.mkv"
    ffmpeg(
        *PICTURE,
        *SOUND,
        "-af",
        "aselect='not(between(t,0.5,1.2))'",
        "-c:v",
        "ffv1",
        "-c:a",
        "pcm_s16le",
        path,
    )
    recording = Recording(path)
    events = list(recording.events())
    gaps = [event for event in events if isinstance(event, Gap)]
    assert len(gaps) == 1 and gaps[0].kind == "audio"
    assert gaps[0].time == pytest.approx(0.5, abs=0.05)
    after = next(e for e in events[events.index(gaps[0]) :] if isinstance(e, AudioBlock))
    assert after.time == pytest.approx(1.2, abs=0.05)
    samples, rate = read_audio(path)
    assert len(samples) == pytest.approx(88200, abs=2048)
    assert not samples[round(0.6 * rate) : round(1.1 * rate)].any()  # the gap is silence


# --------------------------------------------------------------------- playing


def digest(recording: Recording) -> str:
    sha = hashlib.sha256()
    for event in recording.events():
        sha.update(f"{type(event).__name__} {event.time!r}".encode())
        if isinstance(event, Frame):
            sha.update(event.image)
        elif isinstance(event, AudioBlock):
            sha.update(event.samples)
    return sha.hexdigest()


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
    assert 1.9 < time.monotonic() - began < 2.6
    late = [f.captured - began - f.time for f in sink.of("frame")]
    assert max(late) - min(late) < 0.2
    assert media.stop()


def test_pause_holds_and_resume_goes_on_without_a_rush(whole):
    sink = Recorder()
    media = MediaFile(whole, paced=True)
    media.start(sink)
    wait_until(lambda: len(sink.of("frame")) > 10)
    media.pause()
    time.sleep(0.1)
    held = len(sink.log)
    time.sleep(0.5)
    assert len(sink.log) == held and media.paused
    media.resume()
    resumed = time.monotonic()
    left = 2.0 - sink.of("frame")[-1].time
    wait_until(lambda: sink.of("ended"), what="the end")
    assert time.monotonic() - resumed > left - 0.2
    assert len(sink.of("frame")) == 50
    assert media.stop()


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


@pytest.mark.parametrize("speed", [0.5, 2.0])
def test_speed_is_kept_and_measured(speed, whole):
    sink = Recorder()
    media = MediaFile(whole, paced=True)
    media.set_speed(speed)
    media.start(sink)
    wait_until(lambda: sink.of("frame") and sink.of("frame")[-1].time > 1.6, what="most of it")
    first, *_, last = sink.of("frame")
    assert (last.time - first.time) / (last.captured - first.captured) == pytest.approx(speed, rel=0.1)
    assert media.playback.real_speed == pytest.approx(speed, rel=0.15) and media.playback.speed == speed
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
    assert time.monotonic() - began < 0.5
    assert not [t for t in threading.enumerate() if t.name == "media-file" and t.is_alive()]
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors


def test_real_recordings(data):
    path = data / "video" / "office_jazz.mp4"
    recording = Recording(path)
    frames, blocks, gaps = split(recording)
    assert recording.size == (480, 848)  # a phone held upright
    assert len(frames) == 469 and not gaps and recording.truncated == ""
    assert frames[-1].time < recording.duration
    assert blocks[-1].time == pytest.approx(15.74, abs=0.1)
