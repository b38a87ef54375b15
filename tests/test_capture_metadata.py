"""Files whose metadata is odd, or changes on the way: bounded before it is used, and told."""

from __future__ import annotations

import os
import resource
import shutil
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.capture.media import CaptureError
from app.capture.recording import Recording
from app.capture.streams import LARGEST
from tests.devices import ffmpeg
from tests.films import H264, split

SHORT = ("-f", "lavfi", "-i", "testsrc=d=0.4:r=10:s=320x180")
FFV1 = ("-c:v", "ffv1")


# ----------------------------------------------------------------- shape and colour


@pytest.mark.parametrize(
    ("aspect", "size", "told"),
    [
        ("2", (160, 45), ""),
        ("1/2", (80, 90), ""),
        ("64/45", (160, 63), ""),
        ("5", (160, 18), ""),
        ("2000/1", (160, 90), "pixel aspect"),
        ("1/2000", (160, 90), "pixel aspect"),
        ("0/1", (160, 90), ""),
    ],
)
def test_no_aspect_makes_a_picture_larger_than_it_was_filmed(aspect, size, told, files):
    path = files / "aspect.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=0.1:s=160x90", "-vf", f"setsar={aspect}", *FFV1, path)
    recording = Recording(path)
    assert recording.size == size
    assert told in "; ".join(recording.remarks) and bool(told) == bool(recording.remarks)


COLOURS = {
    "full range.mp4": ("-c:v", "libx264", "-pix_fmt", "yuvj420p"),
    "10 bits.mp4": ("-c:v", "libx264", "-pix_fmt", "yuv420p10le"),
    "bt2020.mp4": (
        *("-vf", "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le", "-c:v", "libx264"),
        *("-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "bt2020-10"),
    ),
    "bt709.mp4": (
        *("-vf", "scale=out_color_matrix=bt709,format=yuv420p", "-colorspace", "bt709", "-c:v", "libx264"),
    ),
    "alpha.webm": ("-pix_fmt", "yuva420p", "-c:v", "libvpx-vp9", "-deadline", "realtime"),
    "alpha.mov": ("-pix_fmt", "rgba", "-c:v", "png"),
    "grey.mkv": ("-pix_fmt", "gray16le", *FFV1),
    "4:4:4.mp4": ("-pix_fmt", "yuv444p", "-c:v", "libx264"),
    "palette.avi": ("-pix_fmt", "pal8", "-c:v", "rawvideo"),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_ffmpegs(name, files):
    path, raw = files / name, files / "raw"
    ffmpeg(*SHORT, *COLOURS[name], path)
    ffmpeg("-i", path, "-pix_fmt", "bgr24", "-f", "rawvideo", raw)
    expected = np.fromfile(raw, np.uint8).reshape(-1, 180, 320, 3)
    frames, _, _ = split(Recording(path))
    assert len(frames) == len(expected) == 4
    for frame, image in zip(frames, expected, strict=True):
        assert np.abs(frame.image.astype(int) - image).mean() < 3.0


def big_png(width: int, height: int) -> bytes:
    """A PNG that claims this size, and holds a few bytes of it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 16))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def big_film(path: Path, codec: str, content: bytes, stated: tuple[int, int]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        (stream.width, stream.height), stream.pix_fmt = stated, "rgb24"
        for k in range(3):
            packet = av.Packet(content)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 25), True
            packet.pts = packet.dts = k
            container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("name", "codec", "content", "stated"),
    [
        ("stated.avi", "rawvideo", bytes(1000), (12000, 12000)),
        ("liar.mov", "png", big_png(12000, 12000), (160, 90)),
    ],
)
def test_a_picture_beyond_the_limit_is_refused_before_it_is_made(name, codec, content, stated, files):
    """Whether the file states its size, or only the picture itself does."""
    path = big_film(files / name, codec, content, stated)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CaptureError, match=f"none decodes, or it has more than {LARGEST // 10**6} million"):
        Recording(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10  # KB; one is 432 MB


# ------------------------------------------------------------------------- sound


@pytest.mark.parametrize("rate", [1, 3999, 768_001])
def test_a_rate_that_no_sound_has_is_one_clear_line(rate, files):
    path = files / f"{rate}.wav"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:d=0.2", path)
    content = bytearray(path.read_bytes())
    content[24:28] = struct.pack("<I", rate)
    path.write_bytes(content)
    with pytest.raises(
        CaptureError, match=rf"sound of {rate:,} samples a second is outside 4 kHz to 768 kHz"
    ):
        Recording(path)


def test_sound_of_no_use_beside_a_picture_is_told(files):
    path = files / "hiss.avi"
    ffmpeg(*SHORT, "-f", "lavfi", "-i", "anullsrc=r=8000:d=0.4", *FFV1, "-c:a", "pcm_s16le", path)
    content = path.read_bytes().replace(struct.pack("<II", 8000, 32000), struct.pack("<II", 100, 400))
    path.write_bytes(content)
    recording = Recording(path)
    assert recording.kinds == {"video"} and "sound of 100 samples a second" in recording.remarks[0]


def test_sixteen_channels_are_one_and_numbers_that_are_none_are_silence(files):
    path = files / "sixteen.wav"
    ffmpeg(*("-f", "lavfi", "-i", "aevalsrc=0.5:d=0.1:s=16000", "-ac", "16", "-c:a", "pcm_f32le", path))
    samples = bytearray(path.read_bytes())
    data = samples.index(b"data") + 8
    samples[data : data + 64] = struct.pack("<16f", *[np.nan, np.inf] * 8)
    path.write_bytes(samples)
    recording = Recording(path)
    _, blocks, _ = split(recording)
    sound = np.concatenate([block.samples for block in blocks])
    assert len(sound) == 1600 and sound[0] == 0.0 and "damaged" in recording.truncated


def test_more_channels_than_pyav_reads_safely_are_one(files):
    """Nine planes and more: it reads on behind the last of them."""
    path = files / "opus.mkv"
    tone = ("-f", "lavfi", "-i", "aevalsrc=0.5*sin(440*2*PI*t):d=0.3:s=48000", "-af", "pan=16c|c3=c0")
    ffmpeg(*tone, "-c:a", "libopus", "-mapping_family", "255", path)
    _, blocks, gaps = split(Recording(path))
    sound = np.concatenate([block.samples for block in blocks])
    assert len(sound) == pytest.approx(14400, abs=700) and not gaps
    assert np.abs(sound[4000:-4000]).mean() == pytest.approx(0.5 * 2 / np.pi / 16, rel=0.1)


def test_a_title_that_is_no_text_and_a_picture_that_does_not_decode(files):
    """The sound is played, and what is lost is told."""
    path = files / "title.mkv"
    ffmpeg(*SHORT, "-f", "lavfi", "-i", "sine=d=0.4", "-metadata", "title=TITLE", *H264, "-c:a", "flac", path)
    content = path.read_bytes().replace(b"TITLE", b"\xff\xfeTLE")
    recording = Recording(path)
    assert recording.kinds == {"video", "audio"}
    for head in (b"\x00\x00\x01\x65", b"\x65\x88"):
        content = content.replace(head, bytes(len(head)))
    path.write_bytes(content)
    recording = Recording(path)
    assert recording.kinds == {"audio"} and recording.remarks == ["no picture of it decodes"]


# ----------------------------------------------------------- what changes on the way


def test_size_and_rate_and_pixels_that_change_go_on(files):
    parts = []
    for k, (size, pixels, rate) in enumerate((("160x90", "yuv420p", 44100), ("240x180", "yuv444p", 48000))):
        part = files / f"part{k}.ts"
        picture = ("-f", "lavfi", "-i", f"testsrc=d=1:r=25:s={size}")
        sound = ("-f", "lavfi", "-i", f"sine=440:d=1:r={rate}")
        ffmpeg(*picture, *sound, *H264[:-1], pixels, "-c:a", "mp2", "-output_ts_offset", k, part)
        parts.append(part.read_bytes())
    path = files / "change.ts"
    path.write_bytes(b"".join(parts))
    frames, blocks, gaps = split(Recording(path))
    assert [frame.image.shape for frame in frames] == [(90, 160, 3)] * 25 + [(180, 240, 3)] * 25
    assert {block.rate for block in blocks} == {44100, 48000}
    assert [gap.reason for gap in gaps] == ["The sample rate changes from 44100 to 48000 Hz"]


def test_sound_alone_whose_rate_changes_is_one_gap(files):
    """Such a stream's stamps are counted by its first rate: the samples are the better clock."""
    for rate in (44100, 22050):
        ffmpeg("-f", "lavfi", "-i", f"sine=440:d=1:r={rate}", "-f", "adts", files / f"{rate}.aac")
    path = files / "rate.aac"
    path.write_bytes((files / "44100.aac").read_bytes() + (files / "22050.aac").read_bytes())
    _, blocks, gaps = split(Recording(path))
    assert len(gaps) == 1 and blocks[-1].end == pytest.approx(2.1, abs=0.1)


FLASH = (
    *("-f", "lavfi", "-i", "color=black:s=64x64:r=25:d=4,geq=lum='255*lt(mod(T,1),0.079)':cb=128:cr=128"),
    *("-f", "lavfi", "-i", "aevalsrc='sin(880*2*PI*t)*lt(mod(t,1),0.08)':s=44100:d=4"),
    *("-c:v", "libx264", "-bf", "2", "-g", "10", "-c:a", "aac"),
)


def rises(loud: np.ndarray) -> np.ndarray:
    return np.flatnonzero(loud & ~np.r_[False, loud[:-1]])


@pytest.mark.parametrize(("cut", "delay"), [((), 0.0), (("-ss", "0.72"), 0.0), ((), 0.5)])
def test_edit_lists_keep_flash_and_beep_together(cut, delay, files):
    """Cut without coding anew, and a picture that begins later: both are edit lists in an MP4."""
    source, path = files / "flash.mp4", files / f"edit{delay}{len(cut)}.mp4"
    if not source.exists():
        ffmpeg(*FLASH, source)
    late = ("-itsoffset", delay, "-i", source, "-i", source, "-map", "0:v", "-map", "1:a")
    ffmpeg(*(late if delay else (*cut, "-i", source)), "-c", "copy", path)
    frames, blocks, _ = split(Recording(path))
    light = np.array([frame.image.mean() > 128 for frame in frames])
    flashes = np.array([frames[n].time for n in rises(light)])
    sound = np.abs(np.concatenate([block.samples for block in blocks]))
    beeps = blocks[0].time + rises(sound[: len(sound) // 441 * 441].reshape(-1, 441).max(axis=1) > 0.3) * 0.01
    assert len(flashes) >= 3
    assert np.abs(flashes - delay - beeps[: len(flashes)]).max() <= 1 / 15  # a tick


# --------------------------------------------------------------- streams and names


def test_the_stream_marked_default_is_played_else_the_largest(files):
    small = ("-f", "lavfi", "-i", "color=red:s=80x60:r=5:d=0.4")
    for marked in (True, False):
        path = files / f"preview{marked}.mkv"
        marks = ("-disposition:v:0", "0", "-disposition:v:1", "default" if marked else "0")
        ffmpeg(*small, *SHORT, "-map", "0:v", "-map", "1:v", "-c:v", "mjpeg", *marks, path)
        assert Recording(path).size == (320, 180)
    path = files / "thumb.mkv"
    marks = ("-disposition:v:0", "default", "-disposition:v:1", "0")
    ffmpeg(*small, *SHORT, "-map", "0:v", "-map", "1:v", "-c:v", "mjpeg", *marks, path)
    assert Recording(path).size == (80, 60)


@pytest.mark.parametrize(
    "name", [b"caf\xe9.mkv", b"two\nlines.mkv", "映像 🎬.mkv".encode(), b"'; x $(y).mkv"]
)
def test_any_file_name_is_played_and_can_be_printed(name, files):
    source = files / "source.mkv"
    ffmpeg(*SHORT, *FFV1, source)
    path = Path(os.fsdecode(bytes(files) + b"/" + name))
    shutil.copy(source, path)
    recording = Recording(path)
    assert len(split(recording)[0]) == 4
    assert recording.name.encode("utf-8").decode() and "\n" not in recording.name
    gone = Path(str(path) + "x")
    with pytest.raises(CaptureError, match="There is no file") as caught:
        Recording(gone)
    str(caught.value).encode("utf-8")


# ----------------------------------------------------- files that change while they are read


@pytest.fixture
def growing(files, tmp_path) -> tuple[Path, bytes]:
    source = files / "grow.ts"
    if not source.exists():
        ffmpeg("-f", "lavfi", "-i", "testsrc=d=2:r=25:s=160x90", "-c:v", "mpeg2video", source)
    return tmp_path / "grow.ts", source.read_bytes()


def test_a_file_that_still_grows_ends_cleanly_and_says_where(growing):
    path, content = growing
    path.write_bytes(content[: len(content) // 2])
    recording = Recording(path)
    events = recording.events()
    first = next(events)
    with path.open("ab") as file:
        file.write(content[len(content) // 2 : len(content) * 3 // 4])
    last = [first, *events][-1]
    assert recording.remarks == [f"is still being written; read up to {recording.decoded:.1f} s"]
    assert recording.decoded == pytest.approx(last.time, abs=0.1)


def test_a_file_that_is_deleted_while_it_is_read_says_so(growing):
    path, content = growing
    path.write_bytes(content)
    recording = Recording(path)
    events = recording.events()
    next(events)
    path.unlink()
    assert len(list(events)) == 49 and "is gone" in recording.truncated
    assert list(recording.events()) == [] and "No such file" in recording.truncated
