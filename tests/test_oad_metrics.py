"""Average precision, plain and calibrated, against scikit-learn and the definition, on THUMOS14's labels."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from models.training.oad.check import check
from models.training.oad.data import Dataset, Video, read_info, read_labels
from models.training.oad.metrics import (
    average_precision,
    detection_report,
    probabilities,
    scored_frames,
)


@pytest.fixture(scope="module")
def thumos(data: Path) -> tuple[Dataset, list[Video]]:
    """The dataset and the test videos, labels only."""
    folder = data / "thumos14"
    dataset = read_info(folder / "data_info.json", "THUMOS")
    found = check(dataset, read_labels([folder / "anno_thumos.zip"]), None, splits=["test"], progress=False)
    assert not found.faults
    return dataset, found.videos["test"]


def by_definition(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """The two sums, frame by frame, for scores without ties."""
    w = (len(positive) - positive.sum()) / positive.sum()
    hits, plain, calibrated = 0, 0.0, 0.0
    for rank, frame in enumerate(np.argsort(-scores), 1):
        if positive[frame]:
            hits += 1
            plain += hits / rank
            calibrated += w * hits / (w * hits + rank - hits)
    return plain / positive.sum(), calibrated / positive.sum()


def test_all_classes_of_real_labels_against_scikit_learn_and_the_definition(thumos) -> None:
    dataset, videos = thumos
    targets = np.concatenate([video.targets for video in videos[:40]])
    rng = np.random.default_rng(0)
    scores = rng.random(targets.shape) + 0.3 * targets
    scores /= scores.sum(1, keepdims=True)
    report = detection_report(scores[:, :21], targets, dataset.classes)
    seen = 0
    for k in range(1, 21):
        name, positive = dataset.classes[k], targets[:, k] == 1
        if not positive.any():
            assert report["AP"][name] is None and report["cAP"][name] is None
            continue
        seen += 1
        ap, cap = by_definition(scores[:, k], positive)
        assert report["AP"][name] == pytest.approx(ap, abs=1e-12)
        assert report["cAP"][name] == pytest.approx(cap, abs=1e-12)
        reference = average_precision_score(positive, scores[:, k])
        assert report["AP"][name] == pytest.approx(reference, abs=1e-12)
    assert 10 < seen < 20  # so few videos lack some class, which no mean counts
    present = [value for value in report["AP"].values() if value is not None]
    assert report["mAP"] == pytest.approx(np.mean(present), abs=1e-12)


def test_ties_are_as_in_scikit_learn_and_do_not_depend_on_the_order_of_frames() -> None:
    rng = np.random.default_rng(1)
    for levels in (1, 2, 7, 50):
        scores = rng.integers(levels, size=400) / levels
        positive = rng.random(400) < 0.2 + 0.3 * scores
        mixed = rng.permutation(400)
        found = average_precision(scores, positive)
        assert found[0] == pytest.approx(average_precision_score(positive, scores), abs=1e-12)
        assert found == average_precision(scores[mixed], positive[mixed])


def test_the_perfect_score_gives_one_and_a_shuffled_one_the_prior(thumos) -> None:
    dataset, videos = thumos
    targets = np.concatenate([v.targets[scored_frames(v.targets, 21, False)] for v in videos])
    perfect = detection_report(targets[:, :21], targets, dataset.classes)
    assert perfect["mAP"] == perfect["mcAP"] == 1.0 and perfect["frames"] == 221588
    noise = detection_report(np.random.default_rng(2).random((len(targets), 21)), targets, dataset.classes)
    prior = (targets[:, 1:21] == 1).mean(0)
    assert list(noise["AP"].values()) == pytest.approx(prior, rel=0.2)
    assert noise["mcAP"] == pytest.approx(0.5, abs=0.01)  # calibrated: as if half the frames were positives


def test_nothing_to_find_and_nothing_else_to_find() -> None:
    assert all(math.isnan(value) for value in average_precision(np.ones(3), np.zeros(3, bool)))
    assert average_precision(np.array([0.1, 0.9]), np.ones(2, bool)) == (1.0, 1.0)
    background = np.eye(3)[np.zeros(5, int)]
    report = detection_report(np.full((5, 3), 1 / 3), background, ["background", "a", "b"])
    assert report["mAP"] is None and report["mcAP"] is None and report["AP"] == {"a": None, "b": None}
    with pytest.raises(ValueError, match="nan"):
        average_precision(np.array([0.1, np.nan]), np.array([True, False]))
    with pytest.raises(ValueError, match=r"\(3,\) and \(2,\)"):
        average_precision(np.ones(3), np.ones(2, bool))


def test_the_frames_that_count_are_those_of_the_authors(thumos) -> None:
    """Their logs count 206,375 test windows: no first 63 and last 9 frames of a video, no ambiguous ones."""
    dataset, videos = thumos
    assert dataset.ambiguous == 21
    counts = [int(scored_frames(video.targets, 21, True).sum()) for video in videos]
    assert sum(counts) == 206375
    targets = videos[0].targets
    mask = scored_frames(targets, None, True)
    assert not mask[:63].any() and mask[63:-9].all() and not mask[-9:].any()
    assert not scored_frames(targets[:72], None, True).any()


def test_the_scored_classes() -> None:
    logits = np.random.default_rng(3).normal(size=(4, 31)).astype(np.float32)
    assert probabilities(logits, None, False).shape == (4, 31)
    assert probabilities(logits, None, True).shape == (4, 21)  # of TVSeries the first 20 actions
    thumos = probabilities(logits[:, :22], 21, False)
    assert thumos.shape == (4, 21) and thumos.sum(1) == pytest.approx(1)
    assert np.array_equal(thumos, probabilities(logits[:, :22], 21, True))
    assert thumos[0] == pytest.approx(np.exp(logits[0, :21]) / np.exp(logits[0, :21]).sum(), rel=1e-6)
