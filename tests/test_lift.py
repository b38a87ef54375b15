"""Tests of the depth that joints marked in a picture are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.training.actions import learner as learner_module
from models.training.actions import lift as lifting
from models.training.actions.camera import draw_view, observe, project
from models.training.actions.errors import misplaced
from models.training.actions.learner import Learner
from models.training.actions.lift import lift, lifter
from models.training.actions.motions import MOTIONS
from models.training.actions.recordings import Flat
from models.training.actions.reels import show
from models.training.actions.skeletons import LIMBS, STANDARD
from models.training.actions.streams import Studio

CLASSES = ("idle", "squat", "jumping jack", "other")


def squat(seed: int = 1, frames: int = 60) -> np.ndarray:
    return MOTIONS["squat"][0](np.random.default_rng(seed), frames).joints()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> lifting.nn.Module:
    """A short training of it, kept and read again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifting, "STEPS", 400)
        cache = tmp_path_factory.mktemp("cache")
        made = lifter(cache, progress=False)
        (kept,) = cache.iterdir()
        before = kept.stat().st_mtime_ns
        again = lifter(cache, progress=False)
    assert kept.stat().st_mtime_ns == before
    for a, b in zip(made.parameters(), again.parameters(), strict=True):
        np.testing.assert_array_equal(a.detach(), b.detach())
    return again


def test_depth_is_found_from_the_front_the_side_and_behind(network: lifting.nn.Module) -> None:
    view = replace(draw_view(np.random.default_rng(0), "full"), pitch=0.0, roll=0.0, mirrored=False)
    child, parent = np.array(LIMBS).T
    for yaw in (0.0, 1.2, -1.2, 2.8):
        alike = []  # of one squat from the front depth can hardly be told, of most it can
        for seed in range(40):
            xy, _, space = project(squat(seed), replace(view, yaw=yaw))
            found = lift(network, xy)
            alike.append(np.corrcoef(found[..., 2].ravel(), space[..., 2].ravel())[0, 1])
            lengths = np.linalg.norm(found[:, child] - found[:, parent], axis=-1).sum(1)
            assert np.median(lengths) == pytest.approx(STANDARD.limbs.sum())
        assert np.median(alike) > (0.4 if yaw == 0 else 0.55), yaw


def test_nobody_has_no_depth(network: lifting.nn.Module) -> None:
    xy = project(squat(), draw_view(np.random.default_rng(0), "full"))[0]
    xy[20:30] = 0
    assert not lift(network, xy)[20:30].any() and lift(network, xy)[:20].any((1, 2)).all()
    assert not lift(network, 0 * xy).any()


@pytest.mark.parametrize("seen", [False, True])
def test_flat_recordings_are_shown_with_their_depth_or_without_any(seen: bool) -> None:
    poses = np.concatenate([0.5 + squat()[..., :2] * np.array([0.3, -0.3]), np.ones((60, 13, 1))], -1)
    space = (squat() - squat()[:, 7:9].mean(1, keepdims=True)) * np.array([1, -1, -1])
    flat = Flat("set/1", "set/1", np.full(60, "squat"), poses, seen, True, space)
    deep = []
    for seed in range(40):
        shown, _ = show(np.random.default_rng(seed), flat, CLASSES, 15.0)
        known = shown[shown.any((1, 2))][..., 3:].any((1, 2))
        assert known.all() or not known.any()
        deep.append(known.all())
        if known.all():  # the head is above the hips, whichever way the picture is mirrored
            assert (shown[:, 0, 4] < -0.2).mean() > 0.9
    assert 0.4 < np.mean(deep) < 0.9
    plain, _ = show(np.random.default_rng(0), flat, CLASSES, 15.0, plain=True)
    assert not plain[..., 3:].any()


def test_a_studio_gives_its_streams_depth(network: lifting.nn.Module) -> None:
    poses = np.concatenate([0.5 + squat()[..., :2] * np.array([0.3, -0.3]), np.ones((60, 13, 1))], -1)
    flat = Flat("set/1", "set/1", np.full(60, "squat"), poses, False, True)

    def known(studio: Studio) -> bool:
        return any(studio.stream(np.random.default_rng(k), 10.0).poses[..., 3:].any() for k in range(4))

    assert not known(Studio([flat], CLASSES, 15.0))
    assert known(Studio([flat], CLASSES, 15.0, deepen=network))


def test_who_learns_from_no_depth_gives_none(
    network: lifting.nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    monkeypatch.setattr(learner_module, "lifter", lambda *_: made.append(1) or network)
    poses = np.concatenate([0.5 + squat()[..., :2] * np.array([0.3, -0.3]), np.ones((60, 13, 1))], -1)
    flat = Flat("set/1", "set/1", np.full(60, "squat"), poses, False, True)
    learner = Learner([flat], [], CLASSES, {}, 4, 1, 0, None, "x", False)
    for depth in (False, True):
        streams = replace(learner, depth=depth).made(1)
        assert any(stream.poses[..., 3:].any() for stream in streams) == bool(made) == depth


def test_what_a_camera_sees_agrees_with_where_it_is_in_space() -> None:
    view = replace(draw_view(np.random.default_rng(4), "full"), error=0.0, trouble=0.0, rate=30.0)
    view = replace(view, yaw=0.5, pitch=0.1, roll=0.05)
    poses, _ = observe(np.random.default_rng(0), squat(), view, 15.0)
    flat = poses[..., :2] - poses[:, 7:9, :2].mean(1, keepdims=True)
    space = poses[..., 3:5]
    assert np.corrcoef(flat[..., 0].ravel(), space[..., 0].ravel())[0, 1] > 0.9
    assert np.corrcoef(flat[..., 1].ravel(), space[..., 1].ravel())[0, 1] > 0.97


def test_depth_is_off_by_more_than_the_picture_and_hands_by_more_than_shoulders() -> None:
    space = (squat() - squat()[:, 7:9].mean(1, keepdims=True)) * np.array([1, -1, -1])
    rng = np.random.default_rng(0)
    wrong = np.stack([misplaced(rng, space, np.zeros((60, 13, 2))) - space for _ in range(60)])
    spread = np.sqrt((wrong**2).mean((0, 1)))  # (13, 3)
    assert (spread[3:7, 2] > spread[3:7, 0]).all()
    hand, elbow = (wrong[..., joint, :] - wrong[..., 1, :] for joint in (5, 3))
    assert hand[..., 2].std() > 1.2 * elbow[..., 2].std()
