"""The demo clip: it is what its script makes, the labels hold, and the extractor really sees the person."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest

from app.capture.media import Frame
from app.features.pose import PoseTokens

ROOT = Path(__file__).resolve().parents[1]
LATE = 56.0  # seconds


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The committed script that builds the clip."""
    sys.path.insert(0, str(ROOT / "assets"))
    try:
        import build_demo
    finally:
        sys.path.pop(0)
    return build_demo


@pytest.fixture(scope="module")
def labels(assets: Path) -> dict:
    return json.loads((assets / "demo.json").read_text())


@pytest.fixture(scope="module")
def pictures(assets: Path) -> dict[float, np.ndarray]:
    """Time → picture: 15 a second of the last third, in which the person comes and goes; before, five."""
    with av.open(str(assets / "demo.mp4")) as clip:
        return {
            f.time: f.to_ndarray(format="bgr24")
            for k, f in enumerate(clip.decode(video=0))
            if k % (2 if f.time >= LATE else 340) == 0
        }


def label_at(spans: list[dict], time: float) -> str:
    return next(span["label"] for span in spans if time < span["end"] + 1e-6)


def test_labels_cover_the_clip(assets: Path, labels: dict, script: ModuleType) -> None:
    for spans in (labels["actions"], labels["genres"]):
        assert spans[0]["start"] == 0
        assert [s["end"] for s in spans[:-1]] == [s["start"] for s in spans[1:]]
        assert spans[-1]["end"] == pytest.approx(labels["duration"])
    assert labels["actions"] == script.timeline()
    with av.open(str(assets / "demo.mp4")) as clip:
        assert clip.duration / 1e6 == pytest.approx(labels["duration"], abs=0.1)
        picture, sound = clip.streams.video[0], clip.streams.audio[0]
        assert (picture.codec.name, picture.width, picture.height) == ("h264", 640, 480)
        assert (sound.codec.name, sound.rate) == ("aac", 44_100)
    assert (assets / "demo.mp4").stat().st_size < 6e6


def test_the_committed_script_made_it(pictures: dict[float, np.ndarray], script: ModuleType) -> None:
    """Drawing some of its pictures again gives the clip's, but for what the encoder lost."""
    room = script.figure.draw_room()
    for time in [time for time in pictures if time < LATE]:
        posture = script.posture_at(time)
        drawn = script.figure.render(room, script.motion.joints(posture) if posture is not None else None)
        difference = np.abs(drawn.astype(int) - pictures[time])
        assert difference.mean() < 4 and np.percentile(difference, 99.9) < 60, f"at {time:.2f} s"


def test_the_person_is_found(pictures: dict[float, np.ndarray], labels: dict, script: ModuleType) -> None:
    """A pose in 95 % of the pictures with the person, none without, and the hand where it was drawn."""
    tokens = PoseTokens()
    found: dict[bool, list[bool]] = {True: [], False: []}
    errors = []
    before = LATE  # a picture is analysed when the next one shows that it was its tick's newest
    for time, picture in pictures.items():
        if time < LATE:
            continue
        tokens.frame(Frame(picture, time, 0.0))
        analysed, before = before, time
        posture = script.posture_at(analysed)
        if posture is not None and abs(posture.place[0]) > 1.3:
            continue  # on his way out of the picture: either is right
        found[posture is not None].append(bool(tokens.people))
        if label_at(labels["actions"], analysed) == "wave" and tokens.people:
            drawn, _ = script.figure.project(script.motion.joints(posture)["right_wrist"])
            seen = tokens.people[0].landmarks[16] * (640, 480)
            errors.append(np.hypot(*(seen - drawn / script.figure.SCALE)))
    assert np.mean(found[True]) >= 0.95
    assert np.mean(found[False]) <= 0.25  # the tracker lets go some pictures late
    assert np.median(errors) < 12  # pixels


def test_music_and_silence_are_where_the_labels_say(assets: Path, labels: dict) -> None:
    with av.open(str(assets / "demo.mp4")) as clip:
        sound = np.concatenate([f.to_ndarray()[0] for f in clip.decode(audio=0)])
    for span in labels["genres"]:
        inside = sound[int((span["start"] + 0.2) * 44_100) : int((span["end"] - 0.5) * 44_100)]
        loudness = np.sqrt(np.mean(inside**2))
        assert (loudness < 1e-3) if span["label"] == "no music" else (0.05 < loudness < 0.3), span
