"""`bench --cameras`: cameras that are played by a film join one fleet until one is not kept up with."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest

from app import cli
from app.pipeline import cameras_bench
from app.pipeline.cameras_bench import Count, FilmCamera, read
from app.pipeline.tasks import DEMO
from tests.devices import Recorder, wait_until
from tests.test_ui_widgets import ACTIONS, prediction


def test_it_measures_and_stops_where_the_machine_does_not_keep_up(monkeypatch, capsys):
    before = set(threading.enumerate())
    monkeypatch.setattr(cameras_bench, "SETTLE", 0.1)
    monkeypatch.setattr(cameras_bench, "KEPT", 1.1)  # more than there is: the first number is the last
    assert cli.main(["bench", "--cameras", "--seconds", "0.5", "--json"]) == 0
    row, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert row["cameras"] == 1 and 0 <= row["in_time"] <= 1 and row["cores"] > 0
    assert end["summary"]["kept"] == 0 and end["summary"]["late_ms"] == pytest.approx(133.3)
    wait_until(lambda: set(threading.enumerate()) <= before, what="no thread is left")


def test_its_cameras_send_pictures_at_the_films_pace_and_drop_those_they_are_late_for(monkeypatch):
    monkeypatch.setattr(cameras_bench, "SPAN", 0.5)
    pictures = read(DEMO)
    camera, sink = FilmCamera(pictures, 3), Recorder()
    epoch = time.perf_counter()
    camera.start(sink, epoch)
    wait_until(lambda: len(sink.of("frame")) > 5)
    assert camera.stop()
    frames, end = sink.of("frame"), time.perf_counter() - epoch
    assert all(np.diff([frame.time for frame in frames]) > 0) and frames[-1].time <= end
    assert len(frames) <= end * pictures.rate + 1
    assert frames[0].image.shape[1::-1] == pictures.size


def test_late_answers_and_repeated_pictures_do_not_count(monkeypatch):
    count = Count()
    fresh = prediction(ACTIONS, 0, top=1, latency=0.01)
    late = prediction(ACTIONS, 1, top=1, latency=0.2)
    again = prediction(ACTIONS, 2, top=1, latency=0.01, repeated=True)

    def meanwhile(_: float) -> None:
        for number, answer in ((1, fresh), (1, fresh), (1, late), (2, fresh), (2, again)):
            count(number, answer)

    monkeypatch.setattr(cameras_bench.time, "sleep", meanwhile)
    count(1, fresh)  # before it is asked to count
    worst, latencies = count.during(0.2, [1, 2], 15.0)
    assert worst == pytest.approx(1 / 3)
    assert sorted(latencies) == [0.01, 0.01, 0.01, 0.2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--cameras", "0"], "--cameras is 0, expected 1 to 16"),
        (["--cameras", "17"], "--cameras is 17, expected 1 to 16"),
        (["--cameras", "1", "--seconds", "0"], "--seconds is 0"),
        (["--cameras", "1", "--file", "none.mp4"], "none.mp4"),
    ],
)
def test_what_cannot_be_measured_is_told(arguments, told, capsys):
    assert cli.main(["bench", *arguments]) == 2
    assert told in capsys.readouterr().err
