"""Media files: every way in which one can be broken."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from av.container import InputContainer

from app.capture import layout
from app.capture.layout import open_media
from app.capture.media import AudioBlock, CaptureError
from app.capture.media_file import MediaFile
from app.capture.recording import Gap, Recording
from tests.devices import Recorder, ffmpeg, wait_until
from tests.films import H264, PICTURE, SOUND, digest
from tests.sounds import read_audio


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


@pytest.mark.parametrize("late", [False, True])
def test_a_file_that_goes_while_it_is_looked_into(late, whole, tmp_path, monkeypatch):
    path = Path(shutil.copy(whole, tmp_path / "film.mp4"))

    def removed(path: Path) -> InputContainer:
        if late:  # it is open already
            container = open_media(path)
            path.unlink()
            return container
        path.unlink()
        return open_media(path)

    monkeypatch.setattr(layout, "open_media", removed)
    refuse(path, "There is no file", "film.mp4")


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
