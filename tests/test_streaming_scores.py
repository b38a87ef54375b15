"""Scores of a stream's answers: counted by hand, and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.streaming_scores import NONE, Answers, out_at, streaming_scores

CLASSES = ["rest", "a", "b"]
OF = {".": 0, "a": 1, "b": 2, "-": NONE}


def answers(said: str, truth: str, sure: str | None = None, rate: float = 1.0) -> Answers:
    """One sign a tick: an action, ``.`` rest, ``-`` nothing said or not scored; ``!``: for certain."""
    flags = [sign == "!" for sign in sure] if sure else [sign in "ab" for sign in said]
    of = [np.array([OF[sign] for sign in signs]) for signs in (said, truth)]
    return Answers(np.arange(len(said)) / rate, 1 / rate, *of, np.array(flags))


@pytest.mark.parametrize(
    ("said", "truth", "point", "segments", "found", "delay", "wrong"),
    [
        ("..aaa...", "..aaa...", 1.0, {"0.5": 1.0}, 1.0, 0.0, 0.0),
        ("...aa...", "..aaa...", 0.8, {"0.5": 1.0}, 1.0, 1.0, 0.0),
        ("..bbb...", "..aaa...", 0.0, {"0.1": 0.0}, 0.0, None, 3 / 8),
        ("-----", "..aaa", 0.0, {"0.1": 0.0}, 0.0, None, 0.0),
        ("aaaaa", ".....", 0.0, {"0.1": 0.0}, None, None, 1.0),  # rest that is called an action
        ("a.a.a.", "aaaaaa", 2 / 3, {"0.1": 0.5, "0.25": 0.0}, 1.0, 0.0, 0.0),  # one is found once
        ("aaaabbbb", "aabb--bb", 2 / 3, {"0.1": 2 * 2 / 5, "0.5": 2 * 2 / 5}, 2 / 3, 0.0, 2 / 6),
        ("aaaabbbb", "bbbbaaaa", 0.0, {"0.1": 0.0}, 0.0, None, 1.0),
        ("........", "........", None, {"0.1": None}, None, None, 0.0),
    ],
)
def test_by_hand(said, truth, point, segments, found, delay, wrong) -> None:
    figures = streaming_scores([answers(said, truth)], CLASSES, {0})
    assert figures["point_f1"] == (None if point is None else pytest.approx(point))
    for least, value in segments.items():
        assert figures["segment_f1"][least] == (None if value is None else pytest.approx(value)), least
    assert figures["delay"]["found"] == (None if found is None else pytest.approx(found))
    assert figures["delay"]["median_s"] == delay
    assert figures["wrong_and_sure"] == pytest.approx(wrong)


def test_only_what_is_said_for_certain_annoys_and_classes_are_told_apart() -> None:
    figures = streaming_scores([answers("aabb", "bbbb", "!---"), answers("..", "aa")], CLASSES, {0})
    assert figures["wrong_and_sure"] == pytest.approx(1 / 6)
    assert figures["point_f1_by_class"] == {"a": 0.0, "b": pytest.approx(2 / 3)}
    assert figures["point_f1_mean"] == pytest.approx(1 / 3)
    assert figures["delay"] == {"n": 2, "found": 0.5, "median_s": 2.0, "p90_s": 2.0}


def test_an_answer_counts_when_it_is_out() -> None:
    """Half a tick late: half a tick of each action is missed, and half a tick after it is a false alarm."""
    stream = answers("..aaaa..", "..aaaa..", rate=2.0)
    for share in (0.0, 0.25, 0.5, 1.0):
        late = out_at(stream.times, np.full(8, share / 2))
        figures = streaming_scores([stream], CLASSES, {0}, [late])
        assert figures["point_f1"] == pytest.approx((4 - share) / 4)
        assert figures["delay"]["median_s"] == pytest.approx(share / 2)
    # Slower than the tokens come: a state falls behind for good, a window leaves tokens out.
    times = np.arange(6.0)
    slow = np.full(6, 2.5)
    np.testing.assert_allclose(out_at(times, slow), [2.5, 5.0, 7.5, 10.0, 12.5, 15.0])
    np.testing.assert_allclose(out_at(times, slow, skips=True), [2.5, np.inf, 5.0, np.inf, np.inf, 7.5])
    assert streaming_scores([answers("a", "a")], CLASSES, {0})["point_f1"] == 1.0
    with pytest.raises(ValueError, match="no tick"):
        streaming_scores([answers("", "")], CLASSES, {0})


def test_points_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    said, truth = rng.integers(0, 3, (2, 400))
    stream = Answers(np.arange(400) / 15, 1 / 15, said, truth, np.ones(400, bool))
    figures = streaming_scores([stream], CLASSES, {0})
    assert figures["point_f1"] == pytest.approx(f1_score(truth, said, labels=[1, 2], average="micro"))
    assert figures["point_f1_mean"] == pytest.approx(f1_score(truth, said, labels=[1, 2], average="macro"))
