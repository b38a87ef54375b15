"""The common trainer, the metrics and the calibration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from models.training import calibration, metrics
from models.training.train import Batch, fit, learning_rate


class Mean(nn.Module):
    """The mean of a row's real tokens through one matrix, with dropout: enough to train on."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.2)
        self.linear = nn.Linear(4, 3)

    def forward(self, tokens, tick, lengths):
        n = tokens.shape[1]
        real = torch.arange(n) >= n - lengths[:, None]  # (B, n)
        mean = (tokens * real[..., None]).sum(1) / lengths[:, None]  # (B, F)
        return self.linear(self.dropout(mean))


def sample(rng: np.random.Generator) -> Batch:
    """Class c has its c-th feature raised; padding is garbage that must not be read."""
    targets = rng.integers(3, size=16)
    tokens = rng.normal(size=(16, 5, 4)).astype(np.float32)
    tokens[np.arange(16), :, targets] += 2
    lengths = rng.integers(1, 6, size=16)
    for row, length in enumerate(lengths):
        tokens[row, : 5 - length] = 100
    ticks = rng.integers(9, size=16)
    return Batch(*map(torch.from_numpy, (tokens, lengths, ticks, targets)))


def fresh() -> Mean:
    torch.manual_seed(0)
    return Mean()


def score(model: nn.Module) -> dict[str, float]:
    batch = sample(np.random.default_rng(99))
    named = model(batch.tokens, tick=batch.ticks, lengths=batch.lengths).argmax(1)
    return {"score": float((named == batch.targets).float().mean())}


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_fit_learns_and_leaves_the_model_in_evaluation_mode():
    model = fresh()
    history = fit(model, sample, steps=120, lr=0.05, validate=score, every=40, progress=False)
    assert [entry["step"] for entry in history] == [40, 80, 120]
    assert history[-1]["loss"] < history[0]["loss"]
    assert score(model)["score"] == max(entry["score"] for entry in history) > 0.8
    assert not model.training


def test_fit_is_the_same_for_a_seed_and_leaves_the_global_generator_alone():
    a, b, c = fresh(), fresh(), fresh()
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    fit(a, sample, steps=20, seed=1, progress=False)
    assert torch.equal(before, torch.random.get_rng_state())
    fit(b, sample, steps=20, seed=1, progress=False)
    fit(c, sample, steps=20, seed=2, progress=False)
    assert torch.equal(weights(a), weights(b))
    assert not torch.equal(weights(a), weights(c))


def test_a_stopped_run_goes_on_to_the_same_weights(tmp_path):
    class Stop(Exception):
        pass

    calls = 0

    def stopping(rng: np.random.Generator) -> Batch:
        nonlocal calls
        calls += 1
        if calls > 25:
            raise Stop
        return sample(rng)

    recipe = {"steps": 40, "every": 10, "lr": 0.05, "validate": score, "progress": False}
    whole, halted = fresh(), fresh()
    history = fit(whole, sample, **recipe)
    with pytest.raises(Stop):
        fit(halted, stopping, checkpoint=tmp_path / "run.pt", **recipe)
    resumed = fresh()
    assert fit(resumed, sample, checkpoint=tmp_path / "run.pt", **recipe) == history
    assert torch.equal(weights(whole), weights(resumed))
    with pytest.raises(ValueError, match="lr"):
        fit(fresh(), sample, checkpoint=tmp_path / "run.pt", **recipe | {"lr": 0.01})

    def other(rng: np.random.Generator) -> Batch:
        batch = sample(rng)
        return batch._replace(tokens=batch.tokens + 1)

    with pytest.raises(ValueError, match=r"run\.pt is of another recipe \(differs in \['start'\]\)"):
        fit(fresh(), other, checkpoint=tmp_path / "run.pt", **recipe)


def test_fit_keeps_the_best_weights_not_the_last():
    kept = {}
    scores = iter([0.2, 0.9, 0.1])

    def validate(model: nn.Module) -> dict[str, float]:
        value = next(scores)
        kept[value] = weights(model)
        return {"score": value}

    model = fresh()
    fit(model, sample, steps=30, every=10, validate=validate, progress=False)
    assert torch.equal(weights(model), kept[0.9])


def test_fit_takes_soft_targets():
    def soft(rng: np.random.Generator) -> Batch:
        batch = sample(rng)
        return batch._replace(targets=nn.functional.one_hot(batch.targets, 3).float())

    hard_model, soft_model = fresh(), fresh()
    fit(hard_model, sample, steps=10, progress=False)
    fit(soft_model, soft, steps=10, progress=False)
    torch.testing.assert_close(weights(hard_model), weights(soft_model))


def test_fit_refuses_nonsense():
    def poisoned(rng: np.random.Generator) -> Batch:
        return sample(rng)._replace(tokens=torch.full((16, 5, 4), math.nan))

    with pytest.raises(ValueError, match="steps"):
        fit(fresh(), sample, steps=0)
    with pytest.raises(ValueError, match="loss nan at step 0"):
        fit(fresh(), poisoned, steps=3, progress=False)


def test_learning_rate_warms_up_then_falls():
    rates = [learning_rate(i, 100, 1.0, 10) for i in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert np.argmax(rates) in (9, 10)
    assert all(a >= b for a, b in itertools.pairwise(rates[10:]))
    assert rates[-1] < 0.02


PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.1, 0.2, 0.7]])
TARGETS = np.array([0, 2, 0, 2])


def test_accuracy_recall_and_confusion():
    assert metrics.accuracy(PROBABILITIES, TARGETS) == 0.5
    assert metrics.top_k(PROBABILITIES, TARGETS, 2) == 1.0
    counts = metrics.confusion(PROBABILITIES, TARGETS)
    assert counts.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 1]]
    np.testing.assert_equal(metrics.recall(counts), [0.5, np.nan, 0.5])


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    sure = np.repeat([[0.8, 0.2]], 10, axis=0)
    assert metrics.expected_calibration_error(sure, np.array([0] * 8 + [1] * 2)) == pytest.approx(0)
    assert metrics.expected_calibration_error(sure, np.array([0] * 5 + [1] * 5)) == pytest.approx(0.3)
    certain = np.array([[1.0, 0.0]])
    assert metrics.expected_calibration_error(certain, np.array([1])) == pytest.approx(1)


def test_selective_counts_only_what_is_accepted():
    assert metrics.selective(PROBABILITIES, TARGETS, 0.6) == (0.5, 1.0)
    assert metrics.selective(PROBABILITIES, TARGETS, 0.0) == (1.0, 0.5)
    coverage, share = metrics.selective(PROBABILITIES, TARGETS, 0.9)
    assert coverage == 0 and math.isnan(share)
    assert metrics.selective(PROBABILITIES, TARGETS, [0.8, 0.5, 0.4]) == (0.75, 1 / 3)  # each class's own


def test_wilson_interval_has_published_values():
    # Newcombe (1998), table I: 81 of 263 and 0 of 20.
    np.testing.assert_allclose(metrics.wilson(81, 263), (0.2553, 0.3662), atol=5e-5)
    np.testing.assert_allclose(metrics.wilson(0, 20), (0.0, 0.1611), atol=5e-5)
    with pytest.raises(ValueError, match="21 of 20"):
        metrics.wilson(21, 20)


LIKELY = {"a": [0.9, 0.05, 0.05], "b": [0.05, 0.9, 0.05], "r": [0.05, 0.05, 0.9], "?": [0.4, 0.35, 0.25]}


@pytest.mark.parametrize(
    ("said", "span", "named", "misnamed", "seconds"),
    [
        ("?aab", (0.0, 9.0), 1.0, 0.0, 1.0),  # at its third tick: the mean of two is sure
        ("rraab", (0.7, 9.0), 1.0, 0.0, 0.8),  # counted from where it begins, between two ticks
        ("bbaa", (0.0, 9.0), 0.0, 1.0, None),  # something else first
        ("bbaa", (1.0, 9.0), 1.0, 0.0, 0.5),  # which stood before it began
        ("abab", (0.0, 9.0), 0.0, 0.0, None),  # nothing stands
        ("rrrr", (0.0, 9.0), 0.0, 0.0, None),  # rest is no name
        ("??aa", (0.0, 1.2), 0.0, 0.0, None),  # it was over by then
        ("aaaa", (1.0, 9.0), 1.0, 0.0, 0.0),  # its name was there already
    ],
)
def test_an_action_is_named_when_an_answer_has_stood(said, span, named, misnamed, seconds):
    rows = np.array([LIKELY[answer] for answer in said])
    figures = metrics.decisions([rows], [0], [span], threshold=0.7, hold=2, rate=2.0, rest=[2])
    assert figures["n"] == 1 and figures["named"] == named and figures["misnamed"] == misnamed
    assert figures["median_s"] == (None if seconds is None else pytest.approx(seconds))
    assert figures["p90_s"] == figures["median_s"]
    assert figures["within_1_2_s"] == named
    wary = metrics.decisions([rows], [0], [span], threshold=[0.95, 0.7, 0.7], hold=2, rate=2.0, rest=[2])
    assert wary["named"] == 0.0 and wary["misnamed"] == misnamed  # for its own threshold is higher
    unsure = metrics.decisions([rows], [0], [span], threshold=0.95, hold=1, rate=2.0)
    assert unsure["named"] == unsure["misnamed"] == unsure["within_1_2_s"] == 0.0
    assert metrics.decisions([], [], [], threshold=0.7, hold=2, rate=2.0)["named"] is None


def test_a_name_stays_a_little_while_it_is_a_little_less_sure():
    """By the threshold .8: .85 is a name, a mean of .75 lets one stay, one of .7 or a tick of .5 ends it."""

    def name(confidences: list[float], hold: int, there: list[bool] | None = None, top: str = "") -> str:
        rows = np.array([[c, 1 - c, 0.0] for c in confidences])
        for tick, other in enumerate(top):
            rows[tick] = rows[tick] if other != "b" else rows[tick][::-1]
        said = metrics.named(rows, 0.8, hold, None if there is None else np.array(there))
        return "".join("abc?"[k] for k in said)

    assert name([0.75, 0.85, 0.75, 0.75, 0.75], 1) == "?a???"  # the newest alone is named: nothing stays
    assert name([0.75] * 3 + [0.95] * 3 + [0.73] * 6, 3) == "???aaaaa????"  # sure until the 6th tick
    assert name([0.85] * 3 + [0.3] + [0.79] * 3 + [0.85] * 3, 3) == "??a????aaa"  # it comes anew
    assert name([0.85] * 2 + [0.75] * 2, 2, [True, True, False, True]) == "?a??"  # who left is not who came
    assert name([0.85] * 3 + [0.75] * 3, 1, top="aaabbb") == "aaa???"  # nor is it another name
    assert name([0.85, 0.86, 0.75, 0.75, 0.75, 0.83], 2) == "?aa???"  # for one tick only, of two

    assert name([0.99] * 4 + [0.56], 4) == "???aa"  # one less sure tick of four is forgiven
    assert name([0.99] * 4 + [0.54, 0.9], 4) == "???a?a"  # but not one in which it looks ended
    assert name([0.5, 0.94, 0.94, 0.79], 3) == "????"  # nor does a name begin while it ends
    assert name([0.5, 0.94, 0.94, 0.8], 3) == "???a"


def test_the_recall_of_people_is_as_sure_as_there_are_people():
    """A person who is never right and one who always is: each clip counts, but two people say little."""
    people = np.repeat(["p", "q"], 100)
    right, targets = people == "p", np.tile([0, 1], 100)
    assert metrics.bootstrap_recall(right, targets, people) == (0.0, 1.0)
    low, high = metrics.bootstrap_recall(right, targets, np.arange(200))
    assert 0.4 < low < 0.5 < high < 0.6
    few = metrics.bootstrap_recall(np.array([True, False]), np.array([0, 1]), np.array(["p", "q"]))
    assert few == (0.0, 1.0)  # a draw that lacks a class is judged by the others


def test_bootstrap_counts_groups_not_rows():
    rng = np.random.default_rng(0)
    per_group = rng.integers(2, size=30)
    values = np.repeat(per_group, 100)  # all rows of a group agree: 30 trials, not 3000
    low, high = metrics.bootstrap(values, np.repeat(np.arange(30), 100))
    wilson_low, wilson_high = metrics.wilson(int(per_group.sum()), 30)
    assert low == pytest.approx(wilson_low, abs=0.06)
    assert high == pytest.approx(wilson_high, abs=0.06)


def test_report_has_the_keys_of_evaluate():
    report = metrics.report(PROBABILITIES, TARGETS, ["b", "a", "b", "a"], ["x", "y", "z"], 0.6)
    assert report["n"] == 2 and report["n_ticks"] == 4
    assert report["clip_accuracy"] == 1.0  # a: mean (.1 .35 .55), b: mean (.5 .25 .25)
    assert report["tick_accuracy"] == 0.5
    assert report["top3"] == 1.0
    assert report["per_class"] == {"x": 1.0, "z": 1.0}
    assert report["coverage"] == 0.5 and report["selective_accuracy"] == 1.0
    for key in ("tick_accuracy", "clip_accuracy", "top3", "selective_accuracy"):
        low, high = report[f"{key}_ci"]
        assert 0 <= low <= report[key] <= high <= 1
    assert (
        metrics.report(PROBABILITIES, TARGETS, list("abcd"), list("xyz"), 0.9)["selective_accuracy"] is None
    )


def test_a_report_by_people_is_less_sure_than_one_by_clips():
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(6), 40)
    right = people % 2 == 0  # three people are always right, three never
    probabilities = np.where(right[:, None], [0.8, 0.2], [0.3, 0.7]) + rng.uniform(0, 1e-3, (240, 1))
    given = [probabilities, np.zeros(240, int), np.arange(240), ["x", "y"], 0.5]
    by_clip, by_people = metrics.report(*given), metrics.report(*given, people)
    assert by_clip["clip_accuracy"] == by_people["clip_accuracy"] == 0.5
    for name in ("tick_accuracy", "clip_accuracy", "selective_accuracy"):
        assert by_clip[f"{name}_ci"][0] > 0.4 and by_people[f"{name}_ci"][0] < 0.25, name


def test_metrics_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="more than one target"):
        metrics.by_clip(PROBABILITIES, TARGETS, ["a", "a", "b", "b"])
    with pytest.raises(ValueError, match="probabilities"):
        metrics.accuracy(PROBABILITIES, TARGETS[:3])


def test_temperature_recovers_what_overconfidence_was_added():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20000, 5)) * 2
    drawn = calibration.softmax(logits).cumsum(1) > rng.random((20000, 1))
    targets = drawn.argmax(1)  # labels drawn from the logits' own probabilities
    assert calibration.fit_temperature(logits * 3, targets) == pytest.approx(3, rel=0.05)
    assert calibration.fit_temperature(logits / 2, targets) == pytest.approx(0.5, rel=0.05)
    calibrated = calibration.softmax(logits * 3, calibration.fit_temperature(logits * 3, targets))
    assert metrics.expected_calibration_error(calibrated, targets) < 0.02
    with pytest.raises(ValueError, match="logits"):
        calibration.fit_temperature(logits, targets[:-1])


def test_threshold_reaches_the_target_with_the_widest_coverage():
    rng = np.random.default_rng(0)
    top = rng.uniform(0.5, 1, size=5000)
    probabilities = np.stack([top, 1 - top], axis=1)
    targets = (rng.random(5000) > top).astype(int)  # right with probability = confidence
    threshold = calibration.choose_threshold(probabilities, targets, accuracy=0.9)
    coverage, share = metrics.selective(probabilities, targets, threshold)
    assert share >= 0.9
    assert coverage == pytest.approx(0.4, abs=0.05)  # confidences above .8 are right in .9 of the cases


def test_threshold_at_its_ends():
    sure = np.array([[0.9, 0.1]] * 10)
    assert calibration.choose_threshold(sure, np.zeros(10, int)) == 0.0
    never = calibration.choose_threshold(sure, np.ones(10, int))
    assert never == 0.9  # one run of equal confidences cannot be split
    rows = np.array([[0.9, 0.1]] * 5 + [[0.6, 0.4]] * 5)
    assert calibration.choose_threshold(rows, np.array([0] * 5 + [-1] * 5)) == 0.9
