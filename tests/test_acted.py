"""Rendered people who act: the body follows the skeleton, and the pose network sees it where it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app import acted, learning
from app.acted import PEOPLE, act, film
from app.capture.media import CaptureError
from app.rendering import Renderer
from models.extractors.anatomy import MIRROR
from models.extractors.pose import IN_SPACE, SIZE
from models.training.actions.acted import Acted, acted_streams
from models.training.actions.camera import View, draw_view, project
from models.training.actions.learner import FOLDS, Learner
from models.training.actions.motions import MOTIONS
from models.training.actions.puppet import FLOATS, Puppet
from models.training.actions.recordings import Flat
from models.training.actions.skeletons import Clip, clip_of, read_mapping, unit
from models.training.actions.streams import UNSAID, Studio

pytest.importorskip("moderngl", reason="moderngl is not installed: pip install -e '.[train]'")
CLASSES = read_mapping()["classes"]
#: From which joint to which a bone goes: models.extractors.anatomy.JOINTS.
POINTED = {"upperarm": (1, 3), "lowerarm": (3, 5), "thigh": (7, 9), "calf": (9, 11)}
NEXT = {"upperarm": "lowerarm", "lowerarm": "hand", "thigh": "calf", "calf": "foot"}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(4)


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    one = Renderer()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def no_renderer_is_left() -> Iterator[None]:
    yield
    acted.renderer.cache_clear()


def seen_whole(rng: np.random.Generator, **changes: object) -> View:
    """A camera that sees all of somebody from before."""
    plain = {"yaw": 0.0, "pitch": 0.05, "roll": 0.0, "scale": 0.42, "aspect": 4 / 3, "place": (2 / 3, 0.5)}
    return replace(draw_view(rng, "full"), rate=15.0, mirrored=False, **(plain | changes))


def clips(count: int) -> list[Clip]:
    """Somebody of each fold who squats."""
    rng, times = np.random.default_rng(0), np.arange(60) / 30
    return [
        clip_of(f"set/{k}", f"set/{k + 1}", "squat", MOTIONS["squat"][0](rng, 60).joints(), times)
        for k in range(count)
    ]


@pytest.mark.parametrize("name", ["squat", "lunge", "jumping jack", "punch", "bend", "kick"])
def test_a_puppets_limbs_point_where_the_skeletons_do(name: str, rng: np.random.Generator) -> None:
    person = Puppet(rng, PEOPLE)
    joints = MOTIONS[name][0](rng, 60).joints()
    moved = person.moved(joints, np.zeros((60, 2)))
    turns = moved[..., :3]
    straight = np.broadcast_to(np.eye(3), turns.shape)
    np.testing.assert_allclose(turns @ np.swapaxes(turns, -1, -2), straight, atol=2e-4)
    assert (np.linalg.det(turns) > 0.99).all()
    for bone, (start, end) in POINTED.items():
        for side, letter in enumerate("lr"):
            row = moved[:, person.bones.index(f"{bone}_{letter}")]  # (T, 3, 4)
            own = person.heads[f"{NEXT[bone]}_{letter}"] - person.heads[f"{bone}_{letter}"]
            pointed = unit(row[..., :3] @ own)
            wanted = unit(joints[:, end + side] - joints[:, start + side])
            assert (pointed * wanted).sum(-1).min() > 0.999, bone
            following = moved[:, person.bones.index(f"{NEXT[bone]}_{letter}")]
            joint = np.append(person.heads[f"{NEXT[bone]}_{letter}"], 1.0)
            np.testing.assert_allclose(row @ joint, following @ joint, atol=1e-4)  # nothing comes apart


def test_puppets_differ_and_are_the_same_by_the_same_chance() -> None:
    first, again, other = (Puppet(np.random.default_rng(seed), PEOPLE) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.vertices, again.vertices)
    assert first.vertices.shape[1] == FLOATS and first.triangles.max() == len(first.vertices) - 1
    assert np.abs(first.heads["hand_l"] - other.heads["hand_l"]).max() > 0.001
    colours = first.vertices[:, 6:9]
    assert colours.min() >= 0 and colours.max() <= 1.1


@pytest.mark.parametrize("yaw", [0.0, 1.2, 3.0])
def test_a_rendered_person_is_where_the_camera_projects_them(
    yaw: float, renderer: Renderer, rng: np.random.Generator
) -> None:
    joints = MOTIONS["arms raised"][0](rng, 30).joints()
    view = seen_whole(rng, yaw=yaw, pitch=0.3, roll=0.1)
    person = Puppet(rng, PEOPLE)
    moved = person.moved(joints, np.zeros((30, 2)))[15:16]
    focus = float(np.median(joints[:, 0, 1])) - 0.65
    chance = rng.bit_generator.state
    (picture,) = renderer.pictures(rng, person, moved, view, focus, 360)
    rng.bit_generator.state = chance
    elsewhere = replace(view, place=(-9.0, 0.5))
    (empty,) = renderer.pictures(rng, person, moved, elsewhere, focus, 360)
    assert picture.shape == (360, 480, 3) and picture.dtype == np.uint8
    covered = np.abs(picture.astype(int) - empty.astype(int)).max(-1) > 25
    names = [
        f"{bone}_{side}"
        for bone in ("upperarm", "lowerarm", "hand", "thigh", "calf", "foot")
        for side in "lr"
    ]
    own = joints.copy()  # the puppet's own: its bones are not as long as the skeleton's
    own[15, 1:] = [moved[0, person.bones.index(name)] @ np.append(person.heads[name], 1.0) for name in names]
    columns, rows = (project(own, view)[0][15, 1:] * 360).round().astype(int).T
    assert covered[rows, columns].mean() > 0.9 and 0.02 < covered.mean() < 0.3


def test_the_pose_network_sees_a_rendered_person(rng: np.random.Generator) -> None:
    movement = MOTIONS["jumping jack"][0](rng, 120).joints()
    view = seen_whole(rng)
    poses, frames = film(rng, movement, view, 360)
    assert poses.shape == (len(frames), 13, 6) and 50 <= len(frames) <= 61
    somebody = poses.any((1, 2))
    assert somebody[8:].mean() > 0.9
    xy, _, _ = project(movement, view)
    # heights of the picture
    off = np.linalg.norm(poses[..., :2] - xy[frames], axis=-1)[somebody][5:]  # (K, 13)
    assert np.median(off) < 0.06  # the puppet's bones have lengths of their own
    raised = xy[frames][somebody][5:, 5:7, 1].mean(1)  # hands
    seen = poses[somebody][5:, 5:7, 1].mean(1)
    assert np.corrcoef(raised, seen)[0, 1] > 0.8
    assert (poses[somebody][5:, 1, 0] > poses[somebody][5:, 2, 0]).mean() > 0.9  # left is at right


def test_acted_streams_are_of_one_fold_each_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acted, "SECONDS", 4.0)
    made = act(clips(FOLDS), CLASSES, 2, cache=tmp_path, progress=False)
    assert [one.fold for one in made] == [0, 1]
    assert all(one.poses.shape == (len(one.labels), 13, 6) for one in made)
    assert {int(label) for one in made for label in one.labels} <= {UNSAID, *range(len(CLASSES))}
    assert len(list(tmp_path.glob("acted-*.npz"))) == 2
    monkeypatch.setattr(acted, "film", None)  # would be called
    more = ["something", *CLASSES]
    again = act(clips(FOLDS), more, 2, cache=tmp_path, progress=False)
    for one, other in zip(made, again, strict=True):
        np.testing.assert_array_equal(one.poses, other.poses)
        spoken = one.labels != UNSAID
        np.testing.assert_array_equal(one.labels[spoken] + 1, other.labels[spoken])
    with pytest.raises(TypeError, match="not callable"):  # other people, another stream
        act(clips(FOLDS - 1) + clips(1), CLASSES, 1, cache=tmp_path, progress=False)
    filmed: list[float] = []

    def nobody(
        _rng: np.random.Generator, _movement: np.ndarray, view: View, _height: int
    ) -> tuple[np.ndarray, np.ndarray]:
        filmed.append(view.yaw)
        return np.zeros((3, 13, 6), np.float32), np.arange(3)

    monkeypatch.setattr(acted, "film", nobody)
    act(clips(FOLDS), CLASSES, FOLDS + 2, cache=tmp_path, progress=False)
    assert len(set(filmed)) == FOLDS  # two are kept, and no two are alike


def test_who_is_held_out_acts_in_no_training(tmp_path: Path) -> None:
    poses = np.ones((200, 13, 6), np.float32)
    shown = [Acted(k, 1.0 + k, np.zeros(200, np.int64), poses) for k in range(FOLDS)]
    learner = Learner(clips(FOLDS), [], CLASSES, {}, 1, 1, 0, None, "x", False, shown)
    assert len(learner.made(None)) == 1 + 2 * FOLDS
    assert len(learner.made(2)) == 1 + 2 * (FOLDS - 1)
    mirrored = [stream.poses[0, 0, 0] for stream in learner.made(2)[1:]][1::2]
    assert mirrored == [0.0, 1.0, 3.0, 4.0]  # its aspect less 1, but for fold 2


def test_without_depth_the_body_in_space_says_nothing(rng: np.random.Generator) -> None:
    poses = rng.normal(size=(200, 13, 6)).astype(np.float32)
    poses[..., 2] = 1
    shown = [Acted(0, 1.0, np.zeros(200, np.int64), poses)]
    small = {"model_size": 16, "heads": 2, "feedforward": 16, "blocks": 1}
    learner = Learner(clips(FOLDS), [], CLASSES, small, 1, 3, 0, None, "x", False, shown)
    blind = replace(learner, depth=False)
    seeing, unseeing = learner.made(None), blind.made(None)
    for one, other in zip(seeing, unseeing, strict=True):
        assert not other.tokens[:, IN_SPACE].any()
        outside = np.delete(np.arange(SIZE), IN_SPACE)
        np.testing.assert_array_equal(one.tokens[:, outside], other.tokens[:, outside])
    assert any(stream.tokens[:, IN_SPACE].any() for stream in seeing)
    (tokens,) = (torch.from_numpy(stream.tokens[None, :64]) for stream in seeing[1:2])
    assert tokens[..., IN_SPACE].any()
    flat = tokens.clone()
    flat[..., IN_SPACE] = 0
    for model, same in ((blind(None), True), (learner(None), False)):
        for part in model:
            with torch.inference_mode():
                deep, shallow = part(tokens), part(flat)
            assert torch.equal(deep, shallow) == same


def test_a_mirror_swaps_sides_and_nobody_stays_nobody(rng: np.random.Generator) -> None:
    poses = rng.normal(size=(40, 13, 6)).astype(np.float32)
    poses[..., 2] = 1
    poses[10:20] = 0
    one = Acted(0, 1.5, np.full(40, CLASSES.index("wave")), poses)
    for seed in range(4):
        plain, mirrored = acted_streams([one], Studio([], CLASSES, 15.0), seed)
        assert not plain.poses[10:20].any() and not mirrored.poses[10:20].any()
        assert (plain.labels[10:20] == UNSAID).all() and (mirrored.labels[10:20] == UNSAID).all()
        np.testing.assert_allclose(mirrored.poses[0, :, 0], 1.5 - plain.poses[0, list(MIRROR), 0], rtol=1e-6)
        np.testing.assert_array_equal(mirrored.poses[0, :, 1], plain.poses[0, list(MIRROR), 1])
    assert one.poses[0, 0, 3] != 0  # what is flattened is a copy


def test_without_opengl_training_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="-1 streams of rendered people"):
        act([], CLASSES, -1)
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(CaptureError, match="pip install moderngl"):
        Renderer()
    flat = Flat("a/1", "a/1", np.full(30, "squat"), np.ones((30, 13, 3)), True, False)
    assert act([flat], CLASSES, 0) == []
    from tests.test_actions_training import write_set

    data = write_set(tmp_path / "subjects_1_6.npz")
    out = tmp_path / "out.safetensors"
    assert learning.train("actions", [data], out, acted=1, cache=tmp_path / "cache") == 2
    assert "pip install moderngl" in capsys.readouterr().err and not out.exists()
