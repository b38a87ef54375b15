"""The session on real files: silence, resets and changes of source."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from app.capture.media_file import MediaFile
from app.pipeline.session import Session
from tests.devices import PATIENCE, ffmpeg, need

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"


def test_silence_ends_a_song(session, tmp_path):
    need("ffmpeg")
    sound = tmp_path / "song, silence, song.wav"
    silence = ["-f", "lavfi", "-t", "5", "-i", "anullsrc=r=44100:cl=mono"]
    join = "[0:a]aresample=44100,pan=mono|c0=c0,asplit[a][b];[a][1:a][b]concat=n=3:v=0:a=1"
    ffmpeg("-t", "8", "-i", DEMO, *silence, "-filter_complex", join, sound)
    session.open_source(MediaFile(sound))
    assert session.wait_ended(PATIENCE)
    predictions, _ = session.predictions("genres", 0)
    quiet = [p for p in predictions if p.status == "no music"]
    assert quiet and all(p.filled == 1 for p in quiet[1:]) and not any(p.confident for p in quiet)
    after = [p for p in predictions if p.time > quiet[-1].time]
    assert [p.filled for p in after] == list(range(1, len(after) + 1)) and len(after) > 10


def test_a_file_replaces_another(session, tmp_path):
    need("ffmpeg")
    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "3", "-c", "copy", short)
    session.open_source(MediaFile(DEMO))
    assert not session.wait_ended(1.0)
    _, serial = session.predictions("actions", 0)
    session.open_source(MediaFile(short))
    assert session.wait_ended(PATIENCE)
    predictions, _ = session.predictions("actions", serial)
    ticks = [p.tick for p in predictions]  # those before the last 0 are the first file's
    mine = predictions[len(ticks) - 1 - ticks[::-1].index(0) :]
    assert [p.tick for p in mine] == list(range(len(mine))) and len(mine) == pytest.approx(45, abs=2)
    assert [p.filled for p in mine][:5] == [1, 2, 3, 4, 5]
    assert session.cost("actions").steps == len(mine)


def test_a_film_without_sound_shows_nothing_of_the_one_before(session, tmp_path):
    need("ffmpeg")
    loud, mute = tmp_path / "loud.mp4", tmp_path / "mute.mp4"
    ffmpeg("-i", DEMO, "-t", "3", "-c", "copy", loud)
    ffmpeg("-i", DEMO, "-t", "2", "-an", "-c", "copy", mute)
    session.open_source(MediaFile(loud))
    assert session.wait_ended(PATIENCE)
    before = session.snapshot()
    assert before.latest["genres"] is not None and before.feeds["genres"] == "delivering"
    session.open_source(MediaFile(mute))
    assert session.wait_ended(PATIENCE)
    shot, history = session.snapshot(), session.history("genres")
    assert shot.feeds == {"actions": "delivering", "genres": "none"}
    assert shot.latest["genres"] is None and shot.level == float("-inf")
    assert not shot.costs["genres"].steps and np.isnan(history.read(np.arange(6))[0]).all()
    assert shot.latest["actions"] is not None and not session.predictions("genres", 0)[0]


def test_a_film_whose_sound_ends_early_says_so(session, tmp_path):
    need("ffmpeg")
    film = tmp_path / "film.mkv"
    ffmpeg("-i", DEMO, "-t", "6", "-c:v", "copy", "-af", "atrim=end=2.4", film)
    session.open_source(MediaFile(film))
    assert session.wait_ended(PATIENCE)
    shot = session.snapshot()
    assert shot.feeds["genres"] == "lost" and shot.latest["genres"] is None
    assert session.predictions("genres", 0)[0][-1].tick == 4


def test_the_window_shows_the_mode_that_answers(session, tmp_path):
    need("ffmpeg")
    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "2", "-c", "copy", short)
    for chosen in ("regular", "continual"):
        for _ in range(30):
            session.set_mode("both")
            session.set_mode(chosen)
        assert session.snapshot().mode == chosen, "where nothing answers yet it is the mode that was chosen"
        session.open_source(MediaFile(short))
        assert session.wait_ended(PATIENCE)
        answers = [one for task in session.tasks for one in session.predictions(task, 0)[0]]
        assert {one.mode for one in answers} == {chosen} == {session.snapshot().mode}


def test_closing_in_the_middle_leaves_nothing():
    before = set(threading.enumerate())
    made = Session()
    made.open_source(MediaFile(DEMO))
    assert not made.wait_ended(0.5)
    assert made.close(3.0) and made.close(3.0)
    assert set(threading.enumerate()) <= before
