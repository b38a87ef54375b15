"""Seeking in real files: wherever one goes, the predictions are those of a run without a seek."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from app.capture.media_file import MediaFile
from app.pipeline.session import Session
from app.pipeline.state import Prediction
from tests.devices import PATIENCE, ffmpeg, wait_until

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    """Nine seconds of the demo, cut where a figure moves and music plays; made once for all modules."""
    path = tmp_path_factory.getbasetemp() / "seek.mp4"
    if not path.exists():
        film = ("-c:v", "libx264", "-bf", "2", "-g", "60", "-c:a", "aac")
        ffmpeg("-ss", "4", "-i", DEMO, "-t", "9", *film, path)
    return path


@pytest.fixture(scope="module")
def straight(clip) -> dict[str, dict[int, Prediction]]:
    """By tick, what a run from beginning to end predicts."""
    return run_straight(clip)


@cache
def run_straight(path: Path) -> dict[str, dict[int, Prediction]]:
    headless = Session()
    try:
        headless.open_source(MediaFile(path))
        assert headless.wait_ended(120)
        return {task: {p.tick: p for p in headless.predictions(task, 0)[0]} for task in headless.tasks}
    finally:
        assert headless.close()


class Seen:
    """The predictions of a session from now on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.serials = {task: session.predictions(task, 0)[1] for task in session.tasks}

    def fresh(self) -> dict[str, list[Prediction]]:
        found = {}
        for task in self.serials:
            found[task], self.serials[task] = self.session.predictions(task, self.serials[task])
        return found


def check(seen: dict[str, list[Prediction]], straight: dict[str, dict[int, Prediction]]) -> None:
    for task, predictions in seen.items():
        for one in predictions:
            other = straight[task][one.tick]
            assert (one.label, one.status, one.filled) == (other.label, other.status, other.filled), one
            assert np.abs(one.probabilities - other.probabilities).max() < 1e-5, (task, one.tick)


def steady(session: Session, task: str, at: float) -> Prediction:
    """Wait until the answer shown is that of the last tick of ``at`` or before."""
    tick = int(at * session.tasks[task].rate + 1e-6)
    wait_until(lambda: (p := session.snapshot().latest[task]) and p.tick == tick, what=f"{task} at {at}")
    latest = session.snapshot().latest[task]
    assert latest is not None
    return latest


def test_back_and_forth_gives_the_predictions_of_a_run_without_seeks(session, clip, straight):
    file = MediaFile(clip, paced=True)
    seen = Seen(session)
    session.set_speed(4.0)
    session.open_source(file)
    wait_until(lambda: session.snapshot().position > 4.0)
    session.pause()
    everything: dict[str, list[Prediction]] = {"actions": [], "genres": []}

    def look() -> dict[str, list[Prediction]]:
        fresh = seen.fresh()
        check(fresh, straight)
        for task, predictions in fresh.items():
            everything[task] += predictions
        return fresh

    for target in (1.0, 3.5, 2.27):  # back, and about in what is known; paused, its answer and picture come
        session.seek(target)
        steady(session, "actions", target)
        if target >= 1.0:
            steady(session, "genres", target)
        wait_until(lambda at=target: at - 0.04 < session.snapshot().frame.time <= at + 1e-6, what=target)
        assert not session.snapshot().playing
        look()
    session.seek(8.0)  # ahead of what is known: run up to there first, then hold
    wait_until(lambda: session.snapshot().playback.catching_up == 8.0, what="catching up")
    wait_until(lambda: np.isnan(session.snapshot().playback.catching_up), what="caught up")
    steady(session, "actions", 7.95)  # that of 8.0 itself waits for the picture after it
    look()
    session.seek(0.5)  # and from near the beginning to the end, over what is known and what is not
    session.play()
    assert session.wait_ended(PATIENCE)
    look()
    ticks = {task: {p.tick for p in predictions} for task, predictions in everything.items()}
    assert ticks == {task: set(predictions) for task, predictions in straight.items()}
    assert len(everything["actions"]) > len(straight["actions"]) + 40  # some were shown twice
    session.set_speed(1.0)


def test_seeks_in_a_real_film(session, data):
    """A phone's film with music, held upright: about in what is known, faster than it plays."""
    path = data / "video" / "office_jazz.mp4"
    straight = run_straight(path)
    seen = Seen(session)
    session.set_speed(4.0)
    session.open_source(MediaFile(path, paced=True))
    for reached, target in ((5.0, 2.0), (9.0, 0.3), (11.0, 7.7), (12.0, 14.0)):
        wait_until(lambda at=reached: session.snapshot().position > at, what=f"{reached} s")
        session.seek(target)
        wait_until(lambda at=target: session.snapshot().position >= at - 0.1, what=f"{target} s")
    assert session.wait_ended(PATIENCE)
    fresh = seen.fresh()
    check(fresh, straight)
    assert len(fresh["actions"]) > len(straight["actions"]) and len(fresh["genres"]) > 30
    assert fresh["actions"][-1].tick == max(straight["actions"])
    session.set_speed(1.0)


def test_a_storm_of_seeks_and_switches_leaves_the_predictions_right(session, clip, straight):
    seen = Seen(session)
    session.open_source(MediaFile(clip, paced=True))
    choose = np.random.default_rng(5)
    for k in range(80):
        session.seek(float(choose.uniform(0, 9.0 if k > 40 else 1.5)))
        if k % 5 == 0:
            session.set_mode("regular" if k % 2 else "continual")
        if k % 7 == 0:
            session.step_frame(-1 if k % 2 else 1)
        time.sleep(0.02)
    session.set_mode("continual")
    session.seek(0.0)
    session.play()
    session.set_speed(4.0)
    assert session.wait_ended(PATIENCE)
    fresh = seen.fresh()
    check(fresh, straight)
    for task, predictions in fresh.items():  # the last run, from the beginning to the end
        last = [p.tick for p in predictions][-len(straight[task]) :]
        assert last == sorted(straight[task])
    session.set_speed(1.0)
