"""Recording while something runs: what is written, when, and what a full disk or a killed process leaves."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import AudioBlock, Frame, Notice
from app.capture.recording import Recording
from app.pipeline import take as module
from app.pipeline.film_writer import FilmWriter
from app.pipeline.take import Take, new_folder
from app.pipeline.take_clock import TakeClock
from tests.devices import PATIENCE, wait_until
from tests.test_annotate import INFO, events, prediction
from tests.test_output import full_at

RATE = 16_000
BLACK, WHITE = (np.full((120, 160, 3), value, np.uint8) for value in (0, 255))


def block(time: float, seconds: float, level: float = 0.0) -> AudioBlock:
    tone = level * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * RATE)) / RATE)
    return AudioBlock(tone.astype(np.float32), RATE, time, 0.0)


def onsets(path: Path) -> tuple[float, float]:
    """When the first white picture and the first sound come."""
    pictures, sound = events(path)
    flash = next(frame.time for frame in pictures if frame.image[:100].mean() > 128)
    samples = np.concatenate([one.samples for one in sound])
    return flash, sound[0].time + int(np.argmax(np.abs(samples) > 0.05)) / sound[0].rate


def put(take: Take, start: float, seconds: float, flash: float = -1.0) -> None:
    """Pictures, 25 a second, sound and predictions of media time ``start`` on; a flash and a beep at one."""
    for k in range(round(25 * seconds)):
        now = start + k / 25
        loud = abs(now - flash) < 0.07
        take.picture(Frame(WHITE if loud else BLACK, now, 0.0))
        take.sound(block(now, 0.04, 0.5 * loud))
        take.prediction(prediction(now, 0.9), INFO)


@pytest.fixture
def notices() -> list[Notice]:
    return []


def begun(folder: Path, notices: list[Notice], *parts: str) -> Take:
    return Take(folder, parts or module.PARTS, {"actions": INFO}, notices.append)


def rows_of(folder: Path) -> tuple[list[dict], dict]:
    *rows, last = map(json.loads, (folder / "predictions.jsonl").read_text().splitlines())
    return rows, last["summary"]


def test_film_and_tables_agree_and_go_on_over_another_source(tmp_path, notices):
    take = begun(tmp_path / "take", notices)
    put(take, 100.0, 2.0)
    take.turn()  # another source, with a clock of its own
    put(take, 7.0, 2.0, flash=8.0)
    take.finish()
    assert take.join(PATIENCE) and take.state.ended and not take.state.left_out
    pictures, _ = events(tmp_path / "take" / "film.mp4")
    times = np.array([frame.time for frame in pictures])
    np.testing.assert_allclose(times, np.arange(100) / 25, atol=0.025)
    flash, beep = onsets(tmp_path / "take" / "film.mp4")
    assert flash == pytest.approx(2.96, abs=0.03) and abs(beep - flash) <= 0.02  # half a picture
    rows, summary = rows_of(tmp_path / "take")
    np.testing.assert_allclose([row["time"] for row in rows], np.arange(100) / 25, atol=1e-3)
    assert summary["tasks"]["actions"] == {"predictions": 100, "macs": 100_000, "macs_regular": 6_000_000}
    with (tmp_path / "take" / "actions.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [float(row["time"]) for row in table] == [row["time"] for row in rows]
    assert table[0]["label"] == "wave" and float(table[0]["wave"]) == pytest.approx(0.9)
    (told,) = notices
    assert told.level == "info" and str(tmp_path) in told.remedy and "0:04" in told.cause


def test_sound_alone_is_shown_with_a_plain_picture(tmp_path, notices):
    take = begun(tmp_path / "take", notices, "film")
    for k in range(40):
        take.sound(block(k / 10, 0.1, 0.5))
        take.prediction(prediction(k / 10, 0.9), INFO)
    take.finish()
    assert take.join(PATIENCE)
    made = Recording(tmp_path / "take" / "film.mp4")
    assert made.has_video and made.has_audio and made.duration == pytest.approx(4, abs=0.2)
    assert not list((tmp_path / "take").glob("*.csv"))


def test_sound_of_a_clock_that_drifts_or_stops_stays_beside_its_picture(tmp_path):
    writer = FilmWriter(tmp_path / "film.mp4", 25, RATE)
    writer.sound(block(0.0, 0.5))  # before the first picture
    for k in range(100):
        writer.picture(WHITE if k == 75 else BLACK, k / 25)
    for k in range(1, 40):  # 2 % too much of it, and none from 1 to 2 s
        if not 10 <= k < 20:
            writer.sound(block(k / 10, 0.102, 0.5 * (k >= 30)))
    writer.close()
    flash, beep = onsets(tmp_path / "film.mp4")
    assert (
        flash == pytest.approx(3.0 + 1024 / RATE, abs=0.03) and abs(beep - flash) <= 0.02
    )  # see test_annotate


def test_pictures_of_another_size_are_fitted_and_none_leave_no_film(tmp_path):
    writer = FilmWriter(tmp_path / "film.mp4", 25, 0)
    for k in range(50):
        writer.picture(BLACK if k < 25 else np.full((240, 160, 3), 255, np.uint8), k / 25)
    writer.close()
    pictures, _ = events(tmp_path / "film.mp4")
    assert {frame.image.shape for frame in pictures} == {BLACK.shape}
    assert pictures[-1].image[60, 80].min() > 200 > 50 > pictures[-1].image[60, 10].max()
    empty = FilmWriter(tmp_path / "empty.mp4", 25, RATE)
    empty.sound(block(0.0, 1.0))
    empty.close()
    assert not (tmp_path / "empty.mp4").exists()


def test_a_full_disk_stops_what_grows_and_keeps_the_rest(tmp_path, notices):
    noise = np.random.default_rng(0).integers(0, 255, (25, 120, 160, 3), np.uint8)
    take = begun(tmp_path / "take", notices)
    with full_at(300_000):
        for k in range(250):
            take.picture(Frame(noise[k % 25], k / 25, 0.0))
            take.prediction(prediction(k / 25, 0.9), INFO)
        take.finish()
        assert take.join(PATIENCE)
    fault, end = notices
    assert fault.level == "error" and "film stopped" in fault.cause and "File too large" in fault.cause
    assert "the rest goes on" in fault.remedy and end.level == "info"
    pictures, _ = events(tmp_path / "take" / "film.mp4")
    rows, summary = rows_of(tmp_path / "take")
    assert len(pictures) >= 10 and len(rows) == 250 and len(summary["faults"]) == 1


def test_where_nothing_can_be_written_any_more_it_ends_by_itself(tmp_path, notices):
    take = begun(tmp_path / "take", notices, "lines", "csv")
    with full_at(2_000):
        put(take, 0.0, 2.0)
        wait_until(lambda: take.state.ended)
    assert [one.key for one in notices] == ["take-lines", "take-csv", "take"] or len(notices) == 3
    lines = (tmp_path / "take" / "predictions.jsonl").read_text()
    assert lines.endswith("\n") and all(json.loads(line)["task"] == "actions" for line in lines.splitlines())


def test_what_a_killed_process_wrote_plays(tmp_path):
    code = f"""
import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from tests.test_take import *
take = begun(Path({str(tmp_path)!r}) / "take", [])
put(take, 0.0, 8.0)
wait_until(lambda: take.state.seconds > 7 and len(take._heap) < 100)
print("written", flush=True)
signal.pause()
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "written\n"
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    pictures, sound = events(tmp_path / "take" / "film.mp4")
    assert pictures[-1].time > 4 and sound[-1].end > 4
    lines = (tmp_path / "take" / "predictions.jsonl").read_text()
    assert lines.endswith("\n") and len(lines.splitlines()) > 100


def test_pictures_that_the_machine_is_too_slow_for_are_counted_and_told(tmp_path, notices, monkeypatch):
    monkeypatch.setattr(module, "WAITING", 10 * BLACK.nbytes)
    take = begun(tmp_path / "take", notices)
    put(take, 0.0, 4.0)
    take.finish()
    assert take.join(PATIENCE) and take.state.left_out > 0
    assert f"{take.state.left_out} pictures are missing" in notices[-1].cause
    rows, summary = rows_of(tmp_path / "take")
    assert len(rows) == 100 and summary["pictures_left_out"] == take.state.left_out


def test_time_goes_on_over_pauses_seeks_and_sources():
    clock = TakeClock()
    assert clock.answer(5.0) is None
    assert clock.media(50.0, 0.1) == 0.0 and clock.answer(50.0) == 0.0
    assert clock.media(49.95, 0.1) == 0.0  # of the same source, had before it
    clock.turn()  # a seek back
    assert clock.answer(50.0) is None
    assert clock.media(10.0, 0.1) == pytest.approx(0.1)
    assert clock.answer(9.9) == pytest.approx(0.1)  # the answer that stands there
    assert clock.answer(50.0) is None  # one that was on its way
    assert clock.media(10.1, 0.1) == pytest.approx(0.2)
    assert clock.media(500.0, 0.1) == pytest.approx(0.3)  # a leap is another clock, told or not


def test_two_of_one_second_have_folders_of_their_own(tmp_path):
    first = new_folder(tmp_path)
    first.mkdir()
    deadline = time.monotonic() + PATIENCE
    while (second := new_folder(tmp_path)).name[:19] != first.name[:19] and time.monotonic() < deadline:
        first = second
        first.mkdir()
    assert second != first and not second.exists()
