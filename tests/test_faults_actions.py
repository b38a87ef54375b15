"""The matrix of faults, what users do: in any order, at any pace, the session stays as good as new."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.capture.media_file import MediaFile
from app.pipeline.session import Session
from tests.devices import PATIENCE, PROMPT, ffmpeg, wait_until

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"


@pytest.fixture(scope="module")
def clip(files) -> Path:
    """Two seconds with a figure and music."""
    path = files / "clip.mp4"
    ffmpeg("-ss", "4", "-i", DEMO, "-t", "2", "-c", "copy", path)
    return path


def seek_storm(session: Session, clip: Path) -> None:
    session.open_file(clip)
    for k in range(50):
        session.seek(2.0 * ((7 * k) % 11) / 11)
        time.sleep(0.004)


def mode_storm(session: Session, clip: Path) -> None:
    session.open_file(clip)
    for k in range(100):  # a second
        session.set_mode(("regular", "both", "continual")[k % 3])
        time.sleep(0.01)
    session.set_mode("continual")


def open_storm(session: Session, clip: Path) -> None:
    for _ in range(5):
        session.open_file(clip)
        session.seek(1.0)
        session.pause()
        session.set_camera(None)
        session.play()


def weights_storm(session: Session, clip: Path) -> None:
    session.open_file(clip)
    for _ in range(5):
        session.load_weights("actions", DEMO.with_name("actions.safetensors"))
        session.load_weights("actions", DEMO)


def nothing_open(session: Session, clip: Path) -> None:
    session.set_camera(None)
    session.set_microphone(None)
    wait_until(lambda: not session.snapshot().is_file, what="nothing is open")
    for do in (session.play, session.pause, session.replay):
        do()
    session.seek(2.0)
    session.step_frame(1)
    session.step_frame(-1)
    session.set_loop(True)
    session.set_loop(False)
    session.reset("actions")


def beyond_the_ends(session: Session, clip: Path) -> None:
    session.open_file(clip)
    wait_until(lambda: session.snapshot().is_file, what="it is open")
    for where in (-1e9, 1e9, math.inf, -math.inf, 1.9999):
        session.seek(where)
    with pytest.raises(ValueError, match="nan"):
        session.seek(math.nan)
    with pytest.raises(ValueError, match="speed is 0"):
        session.set_speed(0)
    with pytest.raises(ValueError, match="mode is 'quick'"):
        session.set_mode("quick")  # type: ignore[arg-type]


def steps_at_both_ends(session: Session, clip: Path) -> None:
    session.open_file(clip)
    wait_until(lambda: session.snapshot().frame is not None, what="a picture")
    for pictures in (-1, -1, -1, 1, 1, -1):
        session.step_frame(pictures)
    session.seek(2.0)
    session.step_frame(1)
    session.play()


def missing_file(session: Session, clip: Path) -> None:
    session.open_file(clip)
    session.open_file(clip.with_name("gone.mp4"))


def missing_devices(session: Session, clip: Path) -> None:
    session.set_microphone("No Such Microphone")
    session.set_camera("No Such Camera")


def no_weights(session: Session, clip: Path) -> None:
    session.load_weights("actions", clip)


def weights_of_the_other(session: Session, clip: Path) -> None:
    session.load_weights("actions", DEMO.with_name("genres.safetensors"))


def resets(session: Session, clip: Path) -> None:
    session.open_file(clip)
    for _ in range(100):
        session.reset("actions")
        session.reset("genres")


def speeds(session: Session, clip: Path) -> None:
    session.open_file(clip)
    for k in range(40):
        session.set_speed((0.25, 4.0, 1.0)[k % 3])
        time.sleep(0.005)
    session.set_speed(1.0)


# What is done -> how, and what is said.
ACTIONS: dict[str, tuple[Callable[[Session, Path], None], str]] = {
    "fifty seeks in a fifth of a second": (seek_storm, ""),
    "the mode changed a hundred times in a second": (mode_storm, ""),
    "a file opened, sought in, held and left five times at once": (open_storm, ""),
    "weights taken and refused ten times at once": (weights_storm, "The old model of actions stays"),
    "a film's buttons without a film": (nothing_open, ""),
    "places and speeds that are none": (beyond_the_ends, ""),
    "single pictures beyond both ends": (steps_at_both_ends, ""),
    "a file that is not there, while one plays": (missing_file, "There is no file"),
    "a camera and a microphone that are not there": (missing_devices, "There is no camera No Such Camera"),
    "a film in place of weights": (no_weights, "is not a readable safetensors file"),
    "the other task's weights": (weights_of_the_other, "is for genres, expected weights for actions"),
    "a hundred fresh starts": (resets, ""),
    "the speed changed forty times": (speeds, ""),
}


@pytest.mark.parametrize("case", ACTIONS)
def test_the_session_stays_whatever_is_done(case, session, clip):
    do, said = ACTIONS[case]
    do(session, clip)
    if said:
        wait_until(
            lambda: any(said in f"{n.cause} {n.remedy}" for n in session.snapshot().notices), what=said
        )
    # It is as good as new: a film gives its answers, from both tasks, to its end.
    film = MediaFile(clip)
    sources = session._sources
    sources.do(lambda: sources.open(film))
    wait_until(lambda: sources.file is film, what="the film is open")
    assert session.wait_ended(PATIENCE)
    shot = session.snapshot()
    assert shot.mode == "continual"
    assert shot.feeds == {"actions": "delivering", "genres": "delivering"}
    assert shot.costs["actions"].steps >= 28 and shot.costs["genres"].steps >= 1


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05])
def test_open_seek_and_close_within_a_moment(pause, clip):
    session = Session()
    session.open_file(clip)
    session.seek(1.5)
    time.sleep(pause)
    began = time.perf_counter()
    assert session.close(PROMPT) and session.close()
    assert time.perf_counter() - began < PROMPT
    session.open_file(clip)  # after the end: nothing, and nothing is raised
    session.seek(0.0)
