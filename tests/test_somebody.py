"""Who counts as somebody, on poses made up."""

from __future__ import annotations

import numpy as np
import pytest

from app.features.somebody import LOST, STEADY_TICKS, Somebody
from models.extractors.pose import MEMORY

BODY = np.stack(
    [
        [0.5, 0.6, 0.4, 0.65, 0.35, 0.65, 0.35, 0.57, 0.43, 0.57, 0.43, 0.57, 0.43],
        [0.2, 0.3, 0.3, 0.45, 0.45, 0.6, 0.6, 0.6, 0.6, 0.8, 0.8, 0.97, 0.97],
    ],
    -1,
)
TORSO = 0.3  # of BODY, in heights of the picture


def pose(shift: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """A body so many torsos to the right, and so large."""
    xy = (BODY + np.array([shift * TORSO, 0.0]) - 0.5) * scale + 0.5
    return np.concatenate([xy, np.ones((13, 1)), np.zeros((13, 3))], 1).astype(np.float32)


NOBODY = np.zeros((13, 6), np.float32)


def counts(poses: list[np.ndarray], pictures: int = 1) -> list[bool]:
    """Whether each tick is somebody's, with a new picture every so many ticks."""
    somebody = Somebody(MEMORY)
    return [somebody.take(pose, tick % pictures > 0) for tick, pose in enumerate(poses)]


@pytest.mark.parametrize("step", [0.0, 0.05, 0.2])
def test_a_body_that_stays_or_walks_counts_after_a_moment(step):
    said = counts([pose(step * tick) for tick in range(12)])
    assert said == [False] * (STEADY_TICKS - 1) + [True] * (13 - STEADY_TICKS)


def test_a_slow_camera_is_waited_for_and_its_larger_steps_are_allowed():
    said = counts([pose(0.2 * (tick // 4 * 4)) for tick in range(20)], pictures=4)  # fewer than 4 a second
    assert said.index(True) == 8 and all(said[8:])  # the third picture


@pytest.mark.parametrize("wild", [0.4, 1.5])
def test_a_body_that_leaps_about_is_nobody(wild):
    assert not any(counts([pose(wild * (tick % 2)) for tick in range(40)]))


def test_a_body_that_swells_and_shrinks_is_nobody():
    assert not any(counts([pose(scale=(1.0, 1.7)[tick % 2]) for tick in range(40)]))


def test_who_counts_may_be_quick_or_gone_for_a_moment_but_not_be_another():
    steady = [pose()] * 6
    assert all(counts([*steady, *(pose(0.5 * (tick % 2)) for tick in range(9))])[6:])
    assert counts([*steady, *[NOBODY] * LOST, pose(0.3)])[6:] == [False] * LOST + [True]
    assert not any(counts([*steady, *[NOBODY] * (LOST + 1), pose(0.3)])[6:])
    assert not any(counts([*steady, *[NOBODY] * 2, pose(2.0)])[6:])


def test_poses_of_what_was_before_are_not_this_bodys():
    somebody = Somebody(MEMORY)
    for shift in (0.0, 3.0, -2.0, 1.0, *[0.0] * 5):
        counted = somebody.take(pose(shift), False)
    assert counted and somebody.poses.any((1, 2)).tolist() == [False] * 4 + [True] * 5
