"""The shipped action model on real video, against what a person sees in it.

``office.mp4``, labelled by eye: 0.0–2.6 a desk, a sleeve, a chest (nobody to be made out); 2.6–4.6 the man
steps back; 5.3–6.4 both arms up; 6.4–7.0 down; 7.0–7.7 a knee up; 7.9–8.7 arms spread and swung up;
8.8–11.4 stands, lifts his knees in turn; 11.7–12.8 both arms up and apart; 12.8–13.3 down; 13.3–14.6 walks
up to the camera; from 14.6 a sleeve.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch

from app.capture.media import Frame
from app.features.pose import PoseTokens
from app.features.tokens import Token
from models.checkpoint import load_checkpoint
from models.training.calibration import softmax
from models.training.scoring import continual_logits

RAISED = ((5.5, 6.3), (11.9, 12.7))
UP = {"arms raised", "two-hand wave", "jumping jack"}  # what raised arms may be called
MAY_BE_UP = ((5.0, 7.0), (7.8, 9.0), (11.6, 13.3))  # on the way up and down too


def within(time: float, spans: tuple[tuple[float, float], ...]) -> bool:
    return any(low <= time <= high for low, high in spans)


@pytest.fixture(scope="module")
def office(data: Path, assets: Path) -> tuple[list[Token], np.ndarray, dict]:
    """Tokens of office.mp4, the model's probabilities (K, C), and its card."""
    torch.set_num_threads(1)
    model, card = load_checkpoint(assets / "actions.safetensors")
    extractor, tokens, time = PoseTokens(rate=card["rate"]), [], 0.0
    with av.open(str(data / "video" / "office.mp4")) as container:
        for picture in container.decode(video=0):
            assert picture.pts is not None and picture.time_base is not None
            time = float(picture.pts * picture.time_base)
            image = np.ascontiguousarray(
                np.rot90(picture.to_ndarray(format="bgr24"), -1)
            )  # stored on its side
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
    named = [card["labels"][i] for i in probabilities.argmax(1)]
    sure = probabilities.max(1) >= card["threshold"]
    for span in RAISED:
        ticks = [k for k, token in enumerate(tokens) if within(token.time, (span,))]
        assert np.mean([named[k] in UP for k in ticks]) > 0.8, span
        assert any(sure[k] and named[k] in UP for k in ticks), span


def test_raised_arms_are_not_seen_elsewhere(office: tuple[list[Token], np.ndarray, dict]) -> None:
    tokens, probabilities, card = office
    for token, row in zip(tokens, probabilities, strict=True):
        if token.status or row.max() < card["threshold"] or within(token.time, MAY_BE_UP):
            continue
        assert card["labels"][row.argmax()] not in UP, f"at {token.time:.1f} s"
