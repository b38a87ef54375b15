"""The history behind the timeline: everything that was predicted, in little memory."""

from __future__ import annotations

import numpy as np
import pytest

from app.pipeline.history import CAPACITY, GAP, RESET, SEEN, SILENT, History
from tests.test_ui_widgets import ACTIONS, prediction


def test_what_was_predicted_is_read_again():
    history = History()
    for tick in range(100):
        history.add(prediction(ACTIONS, tick, tick // 50, 0.8))
    means, flags = history.read(np.array([0, 10, 50, 60, 60, 100, 200]))
    assert means.shape == (6, 6)
    assert means[:5].argmax(1).tolist() == [0, 0, 1, 1, 1]
    np.testing.assert_allclose(means[:5].max(1), 0.8, atol=0.003)
    assert np.isnan(means[5]).all()
    assert flags.tolist() == [SEEN] * 5 + [0]
    half, _ = history.read(np.array([25, 75]))
    np.testing.assert_allclose(half[0, :2], (0.8 + 0.04) / 2, atol=0.004)


def test_a_tick_predicted_again_is_written_over():
    history = History()
    for tick in [*range(20), *range(5, 10)]:
        history.add(prediction(ACTIONS, tick, 3 if tick >= 5 else 0, filled=8))
    for tick in range(5, 10):
        history.add(prediction(ACTIONS, tick, 2, filled=8))
    tops = history.read(np.arange(21))[0].argmax(1)
    assert tops.tolist() == [0] * 5 + [2] * 5 + [3] * 10


def test_gaps_resets_and_silence_are_marked():
    history = History()
    for tick in range(10):
        history.add(prediction(ACTIONS, tick, 1))
    history.add(prediction(ACTIONS, 10, 1, filled=1))  # a new person
    history.add(
        prediction(ACTIONS, 12, 1, filled=1)
    )  # another, and the camera's picture of a tick went with it
    history.add(prediction(ACTIONS, 20, 1, filled=1))  # the camera was away
    history.add(prediction(ACTIONS, 21, 1, filled=1, status="no person"))
    history.add(prediction(ACTIONS, 22, 1, filled=1))  # a song begins after silence: seen without a mark
    history.add(prediction(ACTIONS, 5, 1, filled=30))  # a seek
    history.add(prediction(ACTIONS, 40, 1, filled=30))
    means, flags = history.read(np.arange(42))
    assert {tick: int(flag) for tick, flag in enumerate(flags) if flag not in (0, SEEN)} == {
        10: SEEN | RESET,
        12: SEEN | RESET,
        20: SEEN | GAP,
        21: SILENT,
    }
    assert np.isnan(means[21]).all() and np.isnan(means[15]).all() and not flags[15]


@pytest.mark.parametrize("hours", [1, 6])
def test_hours_are_bounded_in_memory_and_keep_their_shape(hours):
    history = History()
    ticks = hours * 3600 * 15
    minute = 60 * 15
    one = {top: prediction(ACTIONS, 0, top, 0.9) for top in range(6)}
    for tick in range(ticks):
        top = one[tick // minute % 6]
        object.__setattr__(top, "tick", tick)
        object.__setattr__(top, "filled", min(tick + 1, 64))
        history.add(top)
    assert history.nbytes <= CAPACITY * 7
    assert history.span == {1: 1, 6: 8}[hours]
    edges = np.arange(0, ticks + 1, minute)
    means, _ = history.read(edges)
    assert means.argmax(1).tolist() == [m % 6 for m in range(hours * 60)]
    np.testing.assert_allclose(means.max(1), 0.9, atol=0.02)


def test_forgetting_is_told():
    history = History()
    history.add(prediction(ACTIONS, 3, 1))
    before = history.generation
    history.clear()
    assert history.generation > before
    assert np.isnan(history.read(np.arange(5))[0]).all()
