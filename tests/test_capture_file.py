"""Media files: every kind that users have."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from app.capture.recording import Recording
from tests.devices import ffmpeg
from tests.films import H264, PICTURE, SOUND, split
from tests.sounds import read_audio


def pitch(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


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


def test_real_recordings(data):
    path = data / "video" / "office_jazz.mp4"
    recording = Recording(path)
    frames, blocks, gaps = split(recording)
    assert recording.size == (480, 848)  # a phone held upright
    assert len(frames) == 469 and not gaps and recording.truncated == ""
    assert frames[-1].time < recording.duration
    assert blocks[-1].time == pytest.approx(15.74, abs=0.1)
