"""One task's stream of tokens: either mode, any toggle, the same answer."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from app.features.tokens import Token
from app.pipeline.stream import HOLD, TaskStream
from models.continual.classifier import ContinualTransformer
from models.training.metrics import named

CARD = {
    "task": "actions",
    "labels": ["idle", "wave", "other"],
    "rate": 15.0,
    "temperature": 2.0,
    "threshold": 0.34,
}
FEATURES = 6


def make_stream(blocks: int = 1, window: int = 8) -> TaskStream:
    torch.manual_seed(3)
    model = ContinualTransformer(
        input_size=FEATURES, classes=3, window=window, model_size=16, heads=2, feedforward=16, blocks=blocks
    )
    return TaskStream(model.eval(), CARD, {"landmarks": 7})


def tokens(count: int, status: str = "") -> list[Token]:
    rng = np.random.default_rng(0)
    return [
        Token(k, k / 15, rng.normal(size=FEATURES).astype(np.float32), time.monotonic(), status)
        for k in range(count)
    ]


@pytest.mark.parametrize("blocks", [1, 2])
def test_toggling_at_any_moment_changes_nothing_but_the_cost(blocks):
    still, toggled = make_stream(blocks), make_stream(blocks)
    rng = np.random.default_rng(1)
    for token in tokens(60):
        toggled.mode = str(rng.choice(["regular", "continual", "both"]))  # type: ignore[assignment]
        a, b = still.step(token), toggled.step(token)
        np.testing.assert_allclose(a.probabilities, b.probabilities, atol=2e-6)
        assert a.macs_regular == b.macs_regular
        assert b.macs == (a.macs_regular if b.mode == "regular" else a.macs)
        if b.mode == "both":
            assert b.max_delta is not None and b.max_delta < 1e-5 and b.seconds_regular


def test_a_class_whose_joints_are_out_of_the_picture_is_never_named():
    stream = make_stream()
    same = [replace(token, vector=np.ones(FEATURES, np.float32)) for token in tokens(20)]
    free = [stream.step(token) for token in same]
    assert any(p.confident for p in free)
    named = {p.label for p in free if p.confident}
    stream.reset()
    barred = [stream.step(replace(token, unavailable=(*named, "juggling"))) for token in same]
    assert not any(p.label in named for p in barred)
    assert {p.unavailable for p in barred} == {tuple(label for label in CARD["labels"] if label in named)}
    np.testing.assert_array_equal([p.probabilities for p in free], [p.probabilities for p in barred])


def test_reset_forgets():
    stream = make_stream()
    first = [stream.step(token).probabilities for token in tokens(20)]
    stream.reset()
    again = [stream.step(token).probabilities for token in tokens(20)]
    np.testing.assert_array_equal(first, again)


def test_the_window_fills_and_macs_follow():
    stream = make_stream()
    predictions = [stream.step(token) for token in tokens(12)]
    assert [p.filled for p in predictions] == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8]
    for p in predictions:
        assert p.macs == sum(stream.model.macs("continual", filled=p.filled).values())
        assert p.macs_regular == sum(stream.model.macs("regular", filled=p.filled).values())


def test_calibration_and_rejection():
    stream = make_stream()
    hold = round(HOLD * CARD["rate"])
    assert hold == 6
    predictions = []
    fresh = tokens(200)
    for k, token in enumerate(fresh):  # each held for a second, and once there is nobody
        status = "no person" if 90 <= k < 95 else ""
        p = stream.step(replace(token, vector=fresh[k - k % 15].vector, status=status))
        assert p.probabilities.sum() == pytest.approx(1, abs=1e-5)
        predictions.append(p)
    rows, there = np.stack([p.probabilities for p in predictions]), [not p.status for p in predictions]
    said = named(rows, CARD["threshold"], hold, np.array(there))
    assert 0 < (said >= 0).sum() < 200 and (said[:5] == -1).all() and (said[90:100] == -1).all()
    for p, best in zip(predictions, said, strict=True):
        assert p.confident == (best >= 0)
        assert p.label == (p.status or (CARD["labels"][best] if best >= 0 else "not sure"))


def test_a_name_stays_as_it_is_scored_and_is_the_same_after_a_seek():
    first, given = make_stream(), tokens(400)
    middle = np.quantile([first.step(token).confidence for token in given], 0.6)
    stream = TaskStream(first.model, CARD | {"threshold": float(middle)}, {})
    played = [stream.step(token) for token in given]
    least = stream.info.threshold
    said = named(np.stack([p.probabilities for p in played]), least, round(HOLD * CARD["rate"]))
    assert [p.confident for p in played] == list(said >= 0)
    assert sum(p.confident and p.confidence < least for p in played) > 20
    for k in range(60, 400):
        stream.restore(given[max(0, k - stream.memory) : k], k)
        assert stream.step(given[k]).confident == played[k].confident, k


def test_a_label_may_have_a_threshold_of_its_own():
    same = [replace(token, vector=np.ones(FEATURES, np.float32)) for token in tokens(20)]
    plain = make_stream()
    top = CARD["labels"][int(plain.step(same[0]).probabilities.argmax())]
    for own, is_named in (({top: 0.99}, False), ({top: 0.3}, True), ({"none such": 0.99}, True)):
        stream = TaskStream(plain.model, CARD | {"thresholds": own}, {})
        assert any(stream.step(token).label == top for token in same) is is_named


def test_nobody_is_no_action():
    p = make_stream().step(tokens(1, status="no person")[0])
    assert (p.label, p.confident, p.status) == ("no person", False, "no person")


def test_a_wrong_mode_is_named():
    with pytest.raises(ValueError, match=r"'fast'.*regular, continual, both"):
        make_stream().mode = "fast"  # type: ignore[assignment]
