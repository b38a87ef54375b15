"""What plays and how far it has come, from many threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app.capture.media import AudioBlock, Frame
from app.pipeline.playing import LAG, Playing

HERE, GONE = threading.Event(), threading.Event()
GONE.set()


def frame(time: float) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), time, 0.0)


def block(time: float, seconds: float = 0.1) -> AudioBlock:
    return AudioBlock(np.zeros(round(seconds * 1000), np.float32), 1000, time, 0.0)


def test_the_position_is_that_of_the_pictures_as_long_as_they_come():
    playing = Playing()
    playing.start_live({"video"})
    playing.start_live({"audio"})
    playing.show(frame(10.0), HERE)
    playing.hear(block(10.3), HERE)
    assert playing.position == 10.0
    for time in (10.0 + LAG, 10.7, 10.9):  # the camera is silent: the microphone goes on, and so does time
        playing.hear(block(time), HERE)
        assert playing.position == time
    playing.show(frame(11.0), HERE)
    playing.hear(block(11.1), HERE)
    assert playing.position == 11.0
    playing.lose("video")
    playing.hear(block(11.2), HERE)
    assert playing.position == 11.2 and playing.frame is None


def test_a_microphone_that_joins_does_not_turn_time_back():
    playing = Playing()
    playing.start_live({"video"})
    playing.show(frame(50.0), HERE)
    playing.start_live({"audio"})
    assert playing.position == 50.0
    playing.start_file({"video"}, 0.0, ["source"])
    assert playing.position == 0.0


def test_late_media_of_a_source_that_is_gone_change_nothing():
    playing = Playing()
    playing.show(frame(3.0), GONE)
    playing.hear(block(4.0), GONE)
    assert playing.frame is None and playing.position == 0.0


def test_what_a_file_lacks_is_said_now_and_then():
    playing = Playing()
    playing.start_file({"video", "audio"}, 0.0, ["source"])
    said = []
    for k in range(80):  # ten seconds of pictures, sound from 2 s to 4 s
        if 16 <= k < 32:
            playing.hear(block(k / 8, 1 / 8), HERE)
        if playing.absent("audio", k / 8):
            said.append(k)
    assert said == [5, 10, 15, *range(37, 80, 5)]
    playing.start_file({"video", "audio"}, 5.0, ["source"])  # sought
    assert not playing.absent("audio", 5.2) and playing.absent("audio", 5.6)


@pytest.mark.parametrize("parts", [3, 40])
def test_of_ends_from_many_threads_exactly_one_is_the_last(parts):
    playing = Playing()
    for _ in range(20):
        names = [str(k) for k in range(parts)]
        playing.start_file(set(), 0.0, names)
        run = playing.run
        found: list[tuple[bool, bool]] = []
        go = threading.Barrier(parts)

        def end(name: str, run: int = run, go: threading.Barrier = go, found: list = found) -> None:
            go.wait()
            found.append(playing.end(name, run))

        threads = [threading.Thread(target=end, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(counts for counts, _ in found) and sum(over for _, over in found) == 1
        assert playing.over


def test_the_end_of_an_earlier_run_does_not_count():
    playing = Playing()
    playing.start_file(set(), 0.0, ["source"])
    run = playing.run
    playing.start_file(set(), 2.0, ["source", "actions"])
    assert playing.end("source", run) == (False, False) and not playing.over
    assert playing.end("source", playing.run) == (True, False)
    assert playing.end("actions", playing.run) == (True, True) and playing.wait(0)
