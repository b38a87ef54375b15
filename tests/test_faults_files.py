"""The matrix of faults, files: what is no recording is refused in one line, what is damaged says so."""

from __future__ import annotations

import os
import random
import socket
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.capture.media import CaptureError
from app.capture.media_file import MediaFile
from app.capture.recording import Recording
from tests.devices import Recorder, ffmpeg, wait_until
from tests.films import H264

SECOND = ("-f", "lavfi", "-i", "testsrc=d=1:r=25:s=160x90", "-f", "lavfi", "-i", "sine=440:d=1:r=44100")
GOOD = {
    "mp4": (*SECOND, *H264, "-c:a", "aac"),
    "front.mp4": (*SECOND, *H264, "-c:a", "aac", "-movflags", "+faststart"),
    "mkv": (*SECOND, "-c:v", "mpeg4", "-g", "5", "-c:a", "flac"),
    "avi": (*SECOND, "-c:v", "mpeg4", "-g", "5", "-c:a", "mp3"),
    "ts": (*SECOND, "-c:v", "mpeg2video", "-g", "5", "-c:a", "mp2"),
    "wav": SECOND[4:],
    "flac": SECOND[4:],
    "mp3": SECOND[4:],
    "png": (*SECOND[:4], "-frames:v", "1"),
}


class Good:
    """The bytes of good films, each made when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, form: str) -> bytes:
        path = self._folder / f"good.{form}"
        if not path.exists():
            ffmpeg(*GOOD[form], path)
        return path.read_bytes()


@pytest.fixture(scope="module")
def good(files) -> Good:
    return Good(files)


Make = Callable[[Good, Path], object]


def content(form: str, change: Callable[[bytes], bytes] = lambda b: b) -> Make:
    return lambda good, path: path.write_bytes(change(good[form]))


def text(words: str) -> Make:
    return lambda good, path: path.write_text(words * 50)


def at_share(share: float, length: int, noise: bool = False) -> Callable[[bytes], bytes]:
    """Zeros, or noise, of this length over a part of the file."""

    def change(content: bytes) -> bytes:
        at = round(share * len(content))
        wrong = random.Random(5).randbytes(length) if noise else bytes(length)
        return content[:at] + wrong + content[at + length :]

    return change


def patched(place: int, number: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content[:place] + number + content[place + len(number) :]


def archive(good: Good, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("film.mp4", good["mp4"])


def listening(good: Good, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))


# What is wrong -> the name, how it is made, what is said of it.
REFUSED: dict[str, tuple[str, Make, str]] = {
    "no such file": ("gone.mp4", lambda g, p: None, "There is no file"),
    "a folder": ("folder.mp4", lambda g, p: p.mkdir(), "is a folder, not a file"),
    "an empty file": ("empty.mp4", lambda g, p: p.touch(), "is empty (0 bytes)"),
    "a pipe": ("pipe.mp4", lambda g, p: os.mkfifo(p), "is not a regular file"),
    "a socket": ("socket.mp4", listening, "is not a regular file"),
    "a link to nothing": ("link.mp4", lambda g, p: p.symlink_to("nowhere"), "There is no file"),
    "a name of a thousand letters": ("x" * 1000, lambda g, p: None, "cannot be read"),
    "a text": ("words.txt", text("Not a film, only words.\n"), "Choose a video or sound file"),
    "a text called a film": ("words.mp4", text("Not a film, only words.\n"), "Choose a video or sound file"),
    "a page called a film": ("page.mp4", text("<!DOCTYPE html><p>404</p>\n"), "Choose a video or sound file"),
    "subtitles": (
        "film.srt",
        text("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n"),
        "neither picture nor sound",
    ),
    "a list of films": ("list.m3u8", text("#EXTM3U\nhttp://127.0.0.1:9/a.ts\n"), "is a playlist"),
    "a script of films": ("list.txt", text("ffconcat version 1.0\nfile a.mp4\n"), "is a playlist"),
    "a session's description": ("call.sdp", text("v=0\nm=video 9 RTP/AVP 96\n"), "is a playlist"),
    "a manifest": ("film.mpd", text('<?xml version="1.0"?><MPD></MPD>\n'), "is a playlist"),
    "a photograph": ("photo.png", content("png"), "is no recording"),
    "a photograph called a film": ("photo.mp4", content("png"), "is no recording"),
    "an archive called a film": ("film.mp4", archive, "Choose a video or sound file"),
    "noise": ("noise.mp4", content("mp4", lambda b: random.Random(1).randbytes(9999)), "cannot be read as"),
    "an MP4 cut before its index": (
        "cut.mp4",
        content("mp4", lambda b: b[:-3000]),
        "before its index (moov)",
    ),
    "the first 32 bytes of an MP4": ("head.mp4", content("mp4", lambda b: b[:32]), "cannot be read as"),
    "the header of a WAV": ("head.wav", content("wav", lambda b: b[: b.index(b"data") + 8]), "head.wav"),
    "sound of 1 sample a second": (
        "one.wav",
        content("wav", patched(24, struct.pack("<I", 1))),
        "sound of 1 samples a second is outside 4 kHz to 768 kHz",
    ),
    "sound of no channel": ("none.wav", content("wav", patched(22, bytes(2))), "none.wav"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_recording_is_refused_in_one_line(case, good, tmp_path):
    name, make, said = REFUSED[case]
    make(good, tmp_path / name)
    with pytest.raises(CaptureError) as caught:
        MediaFile(tmp_path / name)
    message = str(caught.value)
    assert said in message and "\n" not in message
    assert caught.value.cause and caught.value.remedy


def joined(good: Good, path: Path) -> None:
    path.write_bytes(2 * good["ts"])


def nan_samples(good: Good, path: Path) -> None:
    ffmpeg(*SECOND[4:], "-c:a", "pcm_f32le", path)
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 8
    content[at : at + 64] = struct.pack("<16f", *[float("nan")] * 16)
    path.write_bytes(content)


# What is wrong -> the name, how it is made, what is said at its end, and the seconds that are used of it.
USED: dict[str, tuple[str, Make, str, tuple[float, float]]] = {
    "an MKV cut in the middle": (
        "cut.mkv",
        content("mkv", lambda b: b[: len(b) // 2]),
        "ends at",
        (0.2, 0.8),
    ),
    "an AVI cut in the middle": (
        "cut.avi",
        content("avi", lambda b: b[: len(b) // 2]),
        "header says",
        (0.2, 0.8),
    ),
    "an MP4 cut in the middle": (
        "cut.mp4",
        content("front.mp4", lambda b: b[: len(b) // 2]),
        "cut short or damaged",
        (0.2, 0.8),
    ),
    "a WAV cut in the middle": (
        "cut.wav",
        content("wav", lambda b: b[: len(b) // 2]),
        "header says",
        (0.4, 0.6),
    ),
    "a FLAC cut in the middle": (
        "cut.flac",
        content("flac", lambda b: b[: 3 * len(b) // 4]),
        "ends at",
        (0.1, 0.9),
    ),
    "an MP3 cut in the middle": (
        "cut.mp3",
        content("mp3", lambda b: b[: len(b) // 3]),
        "ends at",
        (0.1, 0.5),
    ),
    "zeros in the middle of an MKV": ("zero.mkv", content("mkv", at_share(0.5, 4000)), "damage", (0.4, 1.1)),
    "noise in the middle of a broadcast": (
        "noise.ts",
        content("ts", at_share(0.5, 9000, noise=True)),
        "damaged packet",
        (0.4, 1.2),
    ),
    "noise in the middle of a FLAC": (
        "n.flac",
        content("flac", at_share(0.5, 999, noise=True)),
        "damage",
        (0.4, 1.1),
    ),
    "a broadcast that begins with noise": (
        "late.ts",
        content("ts", lambda b: random.Random(2).randbytes(5000) + b),
        "",
        (0.8, 1.2),
    ),
    "an MP4 with more behind its end": (
        "more.mp4",
        content("mp4", lambda b: b + bytes(9999)),
        "",
        (0.9, 1.2),
    ),
    "another format than its name says": ("really.mp3", content("mkv"), "", (0.9, 1.2)),
    "a WAV whose recorder died": (
        "died.wav",
        content("wav", lambda b: patched(4, bytes(4))(patched(b.index(b"data") + 4, b"\xff" * 4)(b))),
        "",
        (0.9, 1.1),
    ),
    "two recordings joined": ("joined.ts", joined, "time stamps jump back by", (1.8, 2.2)),
    "samples that are no numbers": ("nan.wav", nan_samples, "damaged packet", (0.9, 1.1)),
}


@pytest.mark.parametrize("case", USED)
def test_what_is_damaged_is_used_as_far_as_it_goes_and_says_so(case, good, tmp_path):
    name, make, said, (least, most) = USED[case]
    make(good, tmp_path / name)
    sink = Recorder()
    file = MediaFile(tmp_path / name)
    file.start(sink)
    wait_until(lambda: sink.of("ended"), what="the end")
    assert file.stop()
    assert least <= sink.of("ended")[0] <= most
    notices = [notice.cause for notice in sink.of("notice")]
    assert said in "".join(notices[-1:]) and bool(said) == bool(notices), notices
    assert "error" not in sink.levels()


def grow(path: Path, content: bytes) -> None:
    path.write_bytes(content + content[: len(content) // 2])


# What happens to a broadcast while it is read -> what is said at its end.
MEANWHILE: dict[str, tuple[Callable[[Path, bytes], object], str]] = {
    "it grows": (grow, "is still being written; read up to"),
    "it is deleted": (lambda path, content: path.unlink(), "is gone or cannot be read any more"),
    "it is cut": (lambda path, content: path.write_bytes(content[:20_000]), "was cut while it was read"),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_a_file_that_changes_while_it_is_read(case, good, tmp_path):
    change, said = MEANWHILE[case]
    path = tmp_path / "film.ts"
    path.write_bytes(good["ts"])
    recording = Recording(path)
    events = recording.events()
    next(events)
    change(path, good["ts"])
    assert len(list(events)) > 3
    assert said in "; ".join([recording.truncated, *recording.remarks])
