"""The shipped action model on real video, against what a person sees in it.

Labelled by eye: ``office.mp4``, a man alone, see OFFICE; before and after it a desk, a chest or a sleeve fill
the picture, and nobody can be made out.  ``exercise.avi``, three gymnasts: see EXERCISE for the woman in the
middle, whom the pose network follows.
"""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from app.capture.media import Frame
from app.capture.media_file import MediaFile
from app.capture.opencv import cv2
from app.cli import main
from app.features.pose import PoseTokens
from app.features.tokens import Token
from app.pipeline.session import Session
from app.pipeline.state import Prediction
from app.pipeline.stream import HOLD
from models.checkpoint import label_thresholds, load_checkpoint
from models.training.actions.labelled import NO_ACTION
from models.training.calibration import softmax
from models.training.metrics import named, taken
from models.training.streaming import continual_logits

# The pose network's answer to a picture differs with the light and, in its last bits, with the processor, and
# its tracker drifts apart from either: what holds by chance in one run does not hold in all of these.  Light,
# size of the picture, pictures left out at the beginning.
CHANGES = [
    (0.96, 1.0, 0),
    *(
        pytest.param(change, marks=pytest.mark.slow)
        for change in (
            (1.0, 1.0, 0),
            (1.02, 0.85, 1),
            *((light, 1.0, 0) for light in (0.8, 0.85, 0.9, 0.93, 0.98, 1.04, 1.07, 1.1)),
            *((1.0, scale, 0) for scale in (0.6, 0.75, 0.85, 0.95)),
            *((1.0, 1.0, late) for late in (1, 2, 3, 5)),
            (0.93, 0.75, 3),
        )
    ),
]
RAISED = ((5.5, 6.3), (11.9, 12.4))
UP = {"arms raised", "two-hand wave", "jumping jack"}  # what raised arms may be called
MAY_BE_UP = ((5.0, 7.0), (7.8, 9.0), (11.6, 13.3))  # on the way up and down too


def shown(tokens: list[Token], probabilities: np.ndarray, card: dict) -> list[str]:
    """What the window would name at each tick; "" for nothing."""
    there = np.array([not token.status for token in tokens])
    said = named(probabilities, label_thresholds(card), round(HOLD * card["rate"]), there)
    return [card["labels"][best] if best >= 0 else "" for best in said]


def within(time: float, spans: tuple[tuple[float, float], ...]) -> bool:
    return any(low <= time <= high for low, high in spans)


@pytest.fixture(scope="module", params=CHANGES, ids=str)
def office(data: Path, assets: Path, request: pytest.FixtureRequest) -> tuple[list[Token], np.ndarray, dict]:
    """Tokens of office.mp4 a little changed, the model's probabilities (K, C), and its card."""
    light, scale, late = request.param
    torch.set_num_threads(1)
    model, card = load_checkpoint(assets / "actions.safetensors")
    extractor, tokens, time = PoseTokens(rate=card["rate"]), [], 0.0
    with av.open(str(data / "video" / "office.mp4")) as container:
        for picture in islice(container.decode(video=0), late, None):
            assert picture.pts is not None and picture.time_base is not None
            time = float(picture.pts * picture.time_base)
            image = np.rot90(picture.to_ndarray(format="bgr24"), -1)  # stored on its side
            image = (image * light).clip(0, 255).astype(np.uint8, order="C")
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            tokens += extractor.frame(Frame(image, time, 0.0))
    tokens += extractor.flush(time + 0.03)
    extractor.close()
    (logits,) = continual_logits(model, [np.stack([token.vector for token in tokens])])
    return tokens, softmax(logits, card["temperature"]), card


def test_a_desk_and_a_sleeve_are_nobody(office: tuple[list[Token], np.ndarray, dict]) -> None:
    tokens, _, _ = office
    early = [token.status for token in tokens if token.time < 2.2]
    late = [token.status for token in tokens if 3.0 < token.time < 14.0]
    assert np.mean([status == "no person" for status in early]) > 0.9
    assert not any(late)


def test_raised_arms_are_recognised_where_they_are_raised(
    office: tuple[list[Token], np.ndarray, dict],
) -> None:
    tokens, probabilities, card = office
    tops = [card["labels"][i] for i in probabilities.argmax(1)]
    sure = taken(probabilities, label_thresholds(card))
    for span in RAISED:
        ticks = [k for k, token in enumerate(tokens) if within(token.time, (span,))]
        assert np.mean([tops[k] in UP for k in ticks]) > 0.8, span
    raised = [k for k, token in enumerate(tokens) if within(token.time, RAISED)]
    assert any(sure[k] and tops[k] in UP for k in raised)


def test_raised_arms_are_not_named_elsewhere(office: tuple[list[Token], np.ndarray, dict]) -> None:
    for token, name in zip(office[0], shown(*office), strict=True):
        assert name not in UP or within(token.time, MAY_BE_UP), f"at {token.time:.1f} s"


def test_a_lifted_knee_is_no_kick(office: tuple[list[Token], np.ndarray, dict]) -> None:
    """At 7.3 s a knee comes up to the side, its shin hanging; later both come up in turn."""
    for token, name in zip(office[0], shown(*office), strict=True):
        assert name != "kick" or not within(token.time, ((7.0, 11.5),)), f"at {token.time:.1f} s"


def test_steps_in_place_are_a_walk(office: tuple[list[Token], np.ndarray, dict]) -> None:
    """From 8.8 to 11.5 s the knees come up in turn."""
    tokens, probabilities, card = office
    top = [card["labels"][k] for k in probabilities.argmax(1)]
    steps = [name for token, name in zip(tokens, top, strict=True) if 9.8 < token.time < 11.5]
    assert steps.count("walk") > 0.8 * len(steps)


# What is done from when to when, and what it may be called; between two spans both are right.
STANDS, LUNGES, MARCHES, SPREADS = {"idle"}, {"lunge"}, {"walk", "other"}, {"other"}
LUNGES_ARM_UP = {"lunge", "other"}
OFFICE = (
    (0.0, 2.6, set()),
    (2.6, 4.8, {"walk", "other"}),  # steps back
    (4.9, 5.2, STANDS),
    (5.3, 6.4, UP),
    (6.5, 7.0, STANDS | {"other"}),  # arms come down
    (7.0, 7.7, {"other", "walk"}),  # a knee is lifted
    (7.9, 8.7, UP | {"other"}),  # arms spread, and swung up
    (8.8, 11.5, STANDS | {"walk"}),  # lifts the knees in turn
    (11.7, 12.4, UP),
    (12.4, 13.3, UP | {"other"}),  # arms held out sideways, then down
    (13.3, 14.6, {"walk", "other"}),  # up to the camera
    (14.6, 15.8, set()),
)
EXERCISE = (
    (0.0, 0.3, STANDS),
    (0.4, 1.1, LUNGES),
    (1.2, 1.5, STANDS),
    (1.6, 2.3, LUNGES_ARM_UP),
    (2.4, 2.6, STANDS | {"other"}),  # hands on the hips
    (2.7, 3.4, LUNGES_ARM_UP),
    (3.5, 3.8, STANDS),
    (3.9, 6.2, MARCHES),  # arms before the chest and aside in turn
    (6.4, 7.4, SPREADS),
    (7.6, 8.6, STANDS),
    (8.7, 9.4, LUNGES),
    (9.5, 9.7, STANDS),
    (9.8, 10.6, LUNGES),
    (10.7, 11.0, STANDS | {"other"}),
    (11.1, 11.8, LUNGES_ARM_UP),
    (11.9, 12.2, STANDS | {"other"}),
    (12.3, 13.0, LUNGES_ARM_UP),
    (13.1, 13.3, STANDS),
    (13.4, 15.8, MARCHES),
    (15.9, 17.0, SPREADS),
    (17.2, 18.2, STANDS),
    (18.3, 19.0, LUNGES),
    (19.1, 19.3, STANDS),
    (19.4, 20.2, LUNGES),
    (20.3, 20.6, STANDS | {"other"}),
    (20.7, 21.4, LUNGES_ARM_UP),
    (21.5, 21.8, STANDS | {"other"}),
    (21.9, 22.6, LUNGES_ARM_UP),
    (22.7, 22.9, STANDS),
    (23.0, 25.4, MARCHES),
    (25.5, 26.4, SPREADS),
    (26.6, 27.5, STANDS),
    (27.6, 28.3, LUNGES),
    (28.4, 29.0, STANDS),
    (29.1, 29.7, LUNGES),
    (29.8, 30.2, STANDS | {"other"}),
    (30.3, 30.9, LUNGES_ARM_UP),
    (31.0, 31.3, STANDS | {"other"}),
    (31.4, 31.9, LUNGES_ARM_UP),
    (32.0, 32.3, STANDS),
    (32.4, 34.9, MARCHES),
    (35.0, 36.0, SPREADS),
    (36.2, 37.0, STANDS),
    (37.1, 37.4, {"jumping jack", "squat", "other"}),  # a jump into a wide stance
    (37.5, 39.3, {"squat"}),
)
LATE = 0.8  # seconds for which an answer may still speak of what has just ended


def wrong_moments(film: Path, done: tuple[tuple[float, float, set[str]], ...]) -> list[str]:
    """Each time something is named in a film that is not done then, nor was just before."""
    predictions: list[Prediction] = []
    session = Session(on_prediction=predictions.append)  # of the genres too, in no fixed order among them
    session.open_source(MediaFile(film))
    assert session.wait_ended(120)
    session.close()
    wrong: list[str] = []
    before = ""
    for p in (p for p in predictions if p.task == "actions"):
        right = {n for low, high, names in done if low - 0.3 <= p.time <= high + LATE for n in names}
        claimed = p.confident and p.label not in NO_ACTION  # "other" of an action is a name withheld
        name = p.label if claimed and p.label not in right else ""
        if name and name != before:
            wrong.append(f"{film.name}: {p.label} at {p.time:.1f} s")
        before = name
    return wrong


def test_at_most_one_confidently_wrong_action_a_minute(data: Path) -> None:
    wrong = wrong_moments(data / "video" / "office.mp4", OFFICE)  # 16 s
    wrong += wrong_moments(data / "video" / "exercise.avi", EXERCISE)  # 39 s
    assert len(wrong) <= 1, wrong


def test_push_ups_have_a_name_by_the_weights_for_exercises(data: Path, assets: Path, tmp_path: Path) -> None:
    """A man beside whom no weights were trained; those of thirteen actions say "other"."""
    film = "d14_pup.mp4"
    listed = json.loads((data / "film" / "film.json").read_text())["films"]
    chosen = {"films": [row for row in listed if row["file"] == film]}
    (tmp_path / "film.json").write_text(json.dumps(chosen))
    (tmp_path / film).symlink_to(data / "film" / film)
    for name, label in (("actions", "other"), ("actions_exercises", "push-up")):
        weights, out = str(assets / f"{name}.safetensors"), str(tmp_path / f"{name}.json")
        arguments = ["--film", str(tmp_path / "film.json"), "--weights", weights, "--json", out]
        assert main(["evaluate", "actions", *arguments]) == 0
        (span,) = json.loads(Path(out).read_text())["films"][0]["spans"]
        assert span["label"] == label and span["right"] > 0.5 and span["wrong"] == 0
