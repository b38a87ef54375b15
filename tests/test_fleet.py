"""Many streams: their answers are those of single sessions, whoever joins late, drops out or comes back."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import Frame, Kind, Sink
from app.capture.media_file import MediaFile
from app.pipeline import fleet as fleet_module
from app.pipeline.fleet import Fleet
from app.pipeline.session import Session
from app.pipeline.state import Prediction
from tests.devices import CameraServer, ffmpeg, need, wait_until

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"


class Heard:
    """All predictions of a fleet, by stream."""

    def __init__(self) -> None:
        self.of: dict[int, list[Prediction]] = {}
        self._lock = threading.Lock()

    def __call__(self, number: int, prediction: Prediction) -> None:
        with self._lock:
            self.of.setdefault(number, []).append(prediction)

    def count(self, number: int) -> int:
        return len(self.of.get(number, []))

    def wait(self, number: int, predictions: int) -> None:
        wait_until(lambda: self.count(number) >= predictions, what=f"stream {number}")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def fleet(heard):
    before = set(threading.enumerate())
    made = Fleet(on_prediction=heard)
    yield made
    assert made.close() and made.close()
    wait_until(lambda: set(threading.enumerate()) <= before, what="no thread is left")


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> list[Path]:
    """Three different parts of the demo clip, two seconds each."""
    need("ffmpeg")
    folder = tmp_path_factory.mktemp("clips")
    paths = [folder / f"from {start} s.mp4" for start in (0, 4, 8)]
    for path, start in zip(paths, (0, 4, 8), strict=True):
        ffmpeg("-ss", str(start), "-i", DEMO, "-t", "2", "-an", path)
    return paths


@pytest.fixture(scope="module")
def alone(clips) -> list[list[Prediction]]:
    """What a session of its own predicts of each of the clips."""
    found = []
    session = Session(tasks=("actions",))
    for path in clips:
        _, serial = session.predictions("actions", 0)
        session.open_source(MediaFile(path))
        assert session.wait_ended(120)
        found.append(session.predictions("actions", serial)[0])
    session.close()
    return found


def same(many: list[Prediction], single: list[Prediction]) -> bool:
    return [(one.tick, one.label, one.filled, one.macs) for one in many] == [
        (one.tick, one.label, one.filled, one.macs) for one in single
    ] and all(
        np.abs(a.probabilities - b.probabilities).max() <= 1e-6 for a, b in zip(many, single, strict=True)
    )


def test_streams_answer_as_if_alone_and_join_late(fleet, heard, clips, alone):
    first = fleet.add_source(MediaFile(clips[0]))
    second = fleet.add_source(MediaFile(clips[1]))
    heard.wait(first, 6)
    third = fleet.add_source(MediaFile(clips[2]))
    for number, expected in zip((first, second, third), alone, strict=True):
        heard.wait(number, len(expected))
        assert same(heard.of[number], expected)
    shot = fleet.snapshot()
    assert [stream.number for stream in shot.streams] == [1, 2, 3]
    assert shot.totals.steps == sum(map(len, alone))
    assert shot.totals.spent == sum(one.macs for run in alone for one in run)
    assert shot.totals.regular == sum(one.macs_regular for run in alone for one in run)
    assert shot.totals.apart > shot.totals.regular  # the pose network is most of it, and is not hidden
    rows = sum(step.streams for step in fleet._shared.engine.steps())
    assert rows == shot.totals.steps + 3  # all by the one engine, and one each to warm up


def test_a_stream_that_is_removed_leaves_the_others_as_they_were(fleet, heard, clips, alone):
    going = fleet.add_source(MediaFile(clips[0]))
    staying = fleet.add_source(MediaFile(clips[1]))
    heard.wait(going, 3)
    fleet.remove(going)
    fleet.remove(going)
    spent = sum(one.macs for one in heard.of[going])
    heard.wait(staying, len(alone[1]))
    assert same(heard.of[staying], alone[1])
    shot = fleet.snapshot()
    assert [stream.number for stream in shot.streams] == [staying]
    assert shot.totals.spent == spent + sum(one.macs for one in alone[1])  # what it cost stays counted


def test_one_that_is_not_there_and_one_that_is_no_film_among_three(fleet, heard, clips, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    missing, wrong = fleet.add_camera("no such camera"), fleet.add_file(broken)
    good = fleet.add_file(clips[0])
    heard.wait(good, 6)

    def told(number: int) -> list[str]:
        (shot,) = [one for one in fleet.snapshot().streams if one.number == number]
        return [notice.cause for notice in shot.snapshot.notices if notice.level == "error"]

    wait_until(lambda: told(missing) and told(wrong))
    assert "There is no camera no such camera" in told(missing)[0] and "broken.mp4" in told(wrong)[0]
    assert not told(good) and not heard.count(missing) and not heard.count(wrong)


class Still:
    """A live source of one picture, as often as it is told."""

    name = "still"
    kinds: frozenset[Kind] = frozenset({"video"})
    live = True

    def start(self, sink: Sink, epoch: float) -> None:
        self._sink, self.epoch = sink, epoch

    def stop(self, timeout: float = 2.0) -> bool:
        return True

    def show(self) -> None:
        now = time.perf_counter()
        self._sink.frame(Frame(np.zeros((48, 64, 3), np.uint8), now - self.epoch, now))


def test_all_live_streams_count_their_ticks_by_one_clock(fleet, heard):
    first, second = Still(), Still()
    numbers = fleet.add_source(first), fleet.add_source(second)
    assert first.epoch == second.epoch

    def both_answer() -> bool:
        first.show()
        second.show()
        return all(heard.count(number) > 8 for number in numbers)

    wait_until(both_answer)
    a, b = ({one.tick for one in heard.of[number]} for number in numbers)
    assert a & b


@pytest.mark.timeout(200)
def test_a_camera_that_drops_out_comes_back(fleet, heard):
    need("ffmpeg")
    cameras = [CameraServer(), CameraServer("testsrc2=s=320x240:r=15")]
    for camera in cameras:
        camera.start()
    try:
        numbers = [fleet.add_camera(camera.url) for camera in cameras]
        wait_until(lambda: all(heard.count(number) > 3 for number in numbers))
        cameras[1].kill()

        def lost() -> bool:
            shot = fleet.snapshot().streams[1].snapshot
            return shot.feeds["actions"] == "lost" and any(one.level == "error" for one in shot.notices)

        wait_until(lost)
        before, gone = heard.count(numbers[0]), heard.count(numbers[1])
        heard.wait(numbers[0], before + 6)  # the other goes on meanwhile
        assert heard.count(numbers[1]) == gone
        cameras[1].start()
        heard.wait(numbers[1], gone + 4)
        back = heard.of[numbers[1]][gone:]
        assert [one.filled for one in back[:3]] == [1, 2, 3]  # it starts anew
        told = fleet.snapshot().streams[1].snapshot.notices
        assert not [notice for notice in told if notice.level == "error"]
    finally:
        for camera in cameras:
            camera.close()


def test_no_more_streams_than_there_may_be(fleet, monkeypatch):
    monkeypatch.setattr(fleet_module, "MOST", 1)
    fleet.add_source(Still())
    with pytest.raises(ValueError, match="there are 1 streams, and no more"):
        fleet.add_source(Still())
    assert fleet.close()
    with pytest.raises(ValueError, match="closed"):
        fleet.add_source(Still())


def test_the_mode_is_that_of_all(fleet, heard, clips, alone):
    with pytest.raises(ValueError, match="mode is 'fast'"):
        fleet.set_mode("fast")  # type: ignore[arg-type]
    fleet.set_mode("regular")
    number = fleet.add_source(MediaFile(clips[0]))
    heard.wait(number, len(alone[0]))
    assert {one.mode for one in heard.of[number]} == {"regular"}
    totals = fleet.snapshot().totals
    assert totals.spent == totals.regular
