"""Sets of recordings with a JSON of their own: clips with depth and without, and the reels made of those."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.extractors.anatomy import LEGS, MIRROR
from models.training.actions import reels
from models.training.actions.learner import fold
from models.training.actions.motions import MOTIONS
from models.training.actions.recordings import SETS, Flat, load_recordings, taught
from models.training.actions.reels import UNSAID, reel, show
from models.training.actions.skeletons import Clip, read_mapping
from models.training.actions.streams import Studio

MAPPING = read_mapping()
CLASSES = MAPPING["classes"]
EXERCISES = ["push-up", "sit-up", "jump rope"]
KINECT = json.loads((SETS / "utkinect.json").read_text())["joints"]
FLAT = json.loads((SETS / "penn_action.json").read_text())["joints"]
NAMES = ("kinder_gator", "utkinect", "precog2016", "kinect_daily10", "penn_action", "mediapipe_webcam_upper")


def kinect(frames: int = 60, motion: str = "wave") -> np.ndarray:
    """A Kinect's skeleton (T, 20, 3); ours are its first thirteen joints."""
    joints = MOTIONS[motion][0](np.random.default_rng(0), frames).joints() * np.array([-1.0, 1.0, -1.0])
    return np.concatenate([joints, np.zeros((frames, 7, 3))], 1).astype(np.float16)


def marked(frames: int = 30) -> np.ndarray:
    """Joints marked in a picture, (T, 13, 3): x, y in pixels, visible."""
    joints = MOTIONS["squat"][0](np.random.default_rng(0), frames).joints()
    xy = 200 + joints[..., :2] * np.array([100.0, -100.0])
    return np.concatenate([xy, np.ones((frames, 13, 1))], -1).astype(np.float16)


def write(path: Path, arrays: dict[str, np.ndarray], items: dict[str, Any], joints: list[str]) -> Path:
    np.savez(path, **arrays)
    path.with_suffix(".json").write_text(json.dumps({"joints": joints, "items": items}))
    return path


def by_name(found: list[Clip | Flat]) -> dict[str, Clip | Flat]:
    return {one.name: one for one in found}


def test_every_mapping_has_classes_that_are_known() -> None:
    assert sorted(path.stem for path in SETS.glob("*.json")) == sorted(NAMES)
    for path in SETS.glob("*.json"):
        known = json.loads(path.read_text())
        assert {*known["classes"].values(), known["default"]} <= {*CLASSES, None}, path.name


def test_uneven_frames_are_put_where_their_numbers_say(tmp_path: Path) -> None:
    items = {
        "a": {"person": "s03", "motion": "waveHands", "frame_idx": [10 + 4 * k for k in range(60)]},
        "b": {"person": "s04", "motion": "walk", "frame_idx": list(range(60))},
    }
    path = write(tmp_path / "utkinect.npz", {key: kinect() for key in items}, items, KINECT)
    found = by_name(load_recordings([path], MAPPING))
    slow, quick = found["utkinect/a/0"], found["utkinect/b/0"]
    assert (slow.label, slow.person, quick.label) == ("two-hand wave", "utkinect/3", "other")
    assert slow.frames == pytest.approx(4 * quick.frames, abs=4) and quick.frames == 60
    assert isinstance(slow, Clip) and slow.joints[0, 1, 0] > slow.joints[0, 2, 0]  # the left is at the right


def test_segments_and_active_spans_are_clips_of_their_own(tmp_path: Path) -> None:
    items: dict[str, Any] = {
        "seq1_s02": {"person": "s02", "segments": [[0, 20, 0], [20, 50, 2], [50, 53, 3], [53, 60, 8]]}
    }
    path = write(tmp_path / "precog2016.npz", {"seq1_s02": kinect()}, items, KINECT)
    (punch,) = load_recordings([path], MAPPING)  # the guard is left out, and what lasts three frames
    assert punch.label == "punch" and punch.frames == pytest.approx(34, abs=1)
    items = {
        "p": {"person": "565", "motion": "Punch", "active": [30, 50], "arms_down_at": 25},
        "l": {"person": "565", "motion": "Make-the-letter-X", "active": [30, 50]},
    }
    path = write(tmp_path / "kinder_gator.npz", {key: kinect() for key in items}, items, KINECT)
    (punch,) = load_recordings([path], MAPPING)  # from where the arms are down
    assert punch.label == "punch" and punch.frames == pytest.approx(35 * 30 / 31, abs=1.5)


def test_joints_that_were_never_marked_lie_with_their_counterparts(tmp_path: Path) -> None:
    array = marked()
    array[:, FLAT.index("r_knee")] = np.nan
    array[5:9, FLAT.index("l_wrist"), :2] = np.nan
    unusable = marked()
    unusable[:, [FLAT.index("l_hip"), FLAT.index("r_hip")]] = np.nan
    items = {"0045": {"action": "squat"}, "0046": {"action": "squat"}, "0047": {"action": "pullup"}}
    arrays = {"0045": array, "0046": unusable, "0047": marked()}
    path = write(tmp_path / "penn_action.npz", arrays, items, FLAT)
    (squat,) = load_recordings([path], MAPPING)
    assert isinstance(squat, Flat) and squat.looped and squat.label == "squat"
    np.testing.assert_allclose(squat.poses[:, 10, :2], squat.poses[:, 9, :2])
    assert not squat.poses[:, 10, 2].any() and squat.poses[:, 9, 2].all()
    assert np.abs(np.diff(squat.poses[4:10, 5, 0])).max() < 0.05  # over a hole there is a line


def test_what_cannot_be_used_is_told_once_for_each_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    item = {"person": "s01", "motion": "walk", "frame_idx": list(range(60))}
    arrays = {"a": kinect(), "b": kinect()[:, :15], "c": kinect()[:, :15], "d": kinect()}
    path = write(tmp_path / "utkinect.npz", arrays, {"a": item, "b": item, "c": item}, KINECT)
    assert len(load_recordings([path], MAPPING)) == 1
    assert "b and 1 others left out: its shape is (60, 15, 3)" in caplog.text and "'d'" in caplog.text
    path.with_suffix(".json").write_text('{"items": []}')
    with pytest.raises(ValueError, match=r"utkinect\.json does not tell of utkinect\.npz"):
        load_recordings([path], MAPPING)
    write(path, {"a": kinect()[:, :15]}, {"a": item}, KINECT)
    with pytest.raises(ValueError, match="no recording in"):
        load_recordings([path], MAPPING)


def test_people_with_names_belong_to_a_fold() -> None:
    assert [fold(name) for name in ("set/1", "set/6", "film/dp2", "film/dp10")] == [0, 0, 1, 4]
    assert fold("film/anna") == fold("film/anna") and 0 <= fold("film/anna") < 5


def flat(label: str, looped: bool, seen: bool, frames: int = 40, person: str = "p") -> Flat:
    joints = MOTIONS["squat"][0](np.random.default_rng(1), frames).joints()
    poses = np.concatenate([0.5 + joints[..., :2] * np.array([0.3, -0.3]), np.ones((frames, 13, 1))], -1)
    return Flat(f"set/{label}", person, np.full(frames, label), poses, seen, looped)


def test_what_loops_goes_on_and_what_does_not_is_shown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reels, "BREAKS", 0.0)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        poses, labels = show(rng, flat("squat", looped=True, seen=False), CLASSES, 15.0)
        assert 2.5 * 15 - 4 < len(labels) < 8 * 15 + 4 and poses.shape == (len(labels), 13, 6)
        assert set(labels) == {UNSAID, CLASSES.index("squat")}
        poses, _ = show(rng, flat("squat", looped=False, seen=True), CLASSES, 15.0)
        assert 39 / 30 / 1.25 * 15 - 2 < len(poses) < 39 / 30 / 0.8 * 15 + 2


def test_who_squats_again_after_a_break_stands_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reels, "BREAKS", 1.0)
    idle, breaks = CLASSES.index("idle"), 0
    whole = flat("squat", looped=True, seen=False)
    for seed in range(12):
        poses, labels = show(np.random.default_rng(seed), whole, CLASSES, 15.0)
        rest = labels == idle
        breaks += rest.any()
        hips, feet = (poses[:, joints, 1].mean(1) for joints in (slice(7, 9), slice(11, 13)))
        if rest.any():
            tall = feet - hips
            assert np.median(tall[rest]) > 0.85 * np.quantile(tall, 0.9)
            assert np.median(tall[labels == CLASSES.index("squat")]) < np.median(tall[rest])
        _, plain = show(np.random.default_rng(seed), whole, CLASSES, 15.0, plain=True)
        assert idle not in plain
    assert breaks > 6
    crouched = replace(whole, poses=np.roll(whole.poses, 20, 0))  # a loop that begins deep down
    for seed in range(12):
        assert idle not in show(np.random.default_rng(seed), crouched, CLASSES, 15.0)[1]


def test_shown_plainly_it_is_as_it_was_seen() -> None:
    one = flat("squat", looped=False, seen=True)
    poses, _ = show(np.random.default_rng(0), one, CLASSES, 15.0, plain=True)
    np.testing.assert_allclose(poses[..., :3], one.poses[: 2 * len(poses) : 2], atol=0.015)
    assert not poses[..., 3:].any()
    nobody = Flat(one.name, one.person, one.labels, one.poses * 0, one.seen, one.looped)
    assert not show(np.random.default_rng(0), nobody, CLASSES, 15.0)[0].any()


def test_a_mirror_changes_the_sides_with_the_picture() -> None:
    one = flat("squat", looped=False, seen=True)
    one.poses[:, 5, 2] = 0.25  # the left wrist is badly seen
    sides = {
        int(show(np.random.default_rng(seed), one, CLASSES, 15.0)[0][0, :7, 2].argmin()) for seed in range(9)
    }
    assert sides == {5, MIRROR[5]}


def test_reels_and_streams_have_flat_recordings_and_no_legwork_without_legs() -> None:
    squats, others = flat("squat", True, False, person="a"), flat("other", False, True, person="b")
    rng = np.random.default_rng(3)
    poses, labels = reel(rng, {"squat": [squats], "other": [others]}, CLASSES, 15.0, 60.0)
    assert len(labels) >= 900 and {CLASSES.index("squat"), CLASSES.index("other"), UNSAID} <= set(labels)
    assert (~poses.any((1, 2))).any()  # nobody between two of them
    stream = Studio([squats, others], CLASSES, 15.0).stream(rng, 60.0)
    legless = (stream.poses[:, list(LEGS), 2].mean(1) < 0.3) & stream.poses.any((1, 2))
    assert legless.any() and CLASSES.index("squat") not in stream.labels[legless]
    assert np.isfinite(stream.tokens).all()


def test_the_sets_are_what_their_mappings_take_them_for(data: Path) -> None:
    """Left and right proved by what people did: most raise the right hand first, then the other."""
    clips = load_recordings([data / "poses" / "kinder_gator.npz"], MAPPING)
    assert len({clip.person for clip in clips}) == 12 and len(clips) > 600
    for motion, side in (("Raise-your-hand/", 1), ("Raise-your-other-hand/", 0)):
        own = [clip for clip in clips if motion in clip.name and isinstance(clip, Clip)]
        travel = np.array([np.ptp(clip.joints[:, 5:7, 1], axis=0) for clip in own])  # (clips, left and right)
        assert (travel.argmax(1) == side).mean() > 0.7
    flats = load_recordings([data / "poses" / "penn_action.npz"], MAPPING)
    assert sum(one.label == "jumping jack" for one in flats) > 50
    assert all(isinstance(one, Flat) and np.isfinite(one.poses).all() for one in flats)


def test_the_mapping_of_exercises_says_only_what_differs(data: Path) -> None:
    """Penn's push-ups, sit-ups and jump ropes have classes of their own by it, and nothing else changes."""
    more = read_mapping(SETS.parent / "exercise_mapping.json")
    plain = read_mapping()
    assert [name for name in more["classes"] if name not in plain["classes"]] == EXERCISES
    assert set(plain["stills"]) - set(more["stills"]) == {"Plank", "PushUp_Low"}
    assert more["sets"] == plain["sets"]
    penn = data / "poses" / "penn_action.npz"
    before, after = (load_recordings([penn], mapping) for mapping in (plain, more))
    changed = [one.label for was, one in zip(before, after, strict=True) if one.label != was.label]
    assert set(changed) == set(EXERCISES) and len(changed) > 150
    assert all(was.label == "other" for was, one in zip(before, after, strict=True) if one.label != was.label)


def test_what_is_untaught_is_other_and_there(data: Path) -> None:
    """A name that is misspelt would silently be learnt."""
    folders = ("poses", "msr_action3d", "utd_mhad")
    paths = [path for folder in folders for path in (data / folder).glob("*.npz")]
    clips = load_recordings(paths, MAPPING)
    kept = taught(clips, MAPPING)
    apart = [clip for clip in clips if clip.motion in MAPPING["untaught"]]
    assert {clip.motion for clip in apart} == set(MAPPING["untaught"])
    assert {clip.label for clip in apart} == {"other"} and len(apart) + len(kept) == len(clips)


def test_actions_that_are_known_flat_only_come_in_reels_alone() -> None:
    flat = Flat(
        "a/1", "a/1", np.full(60, "push-up"), np.random.default_rng(0).random((60, 13, 3)), False, True
    )
    classes = read_mapping(SETS.parent / "exercise_mapping.json")["classes"]
    studio = Studio([flat], classes, 15.0)
    labels = np.concatenate([studio.stream(np.random.default_rng(i), 20.0).labels for i in range(4)])
    assert (labels == classes.index("push-up")).mean() > 0.3
    drawn = Studio([], classes, 15.0)
    labels = np.concatenate([drawn.stream(np.random.default_rng(i), 40.0).labels for i in range(4)])
    assert not np.isin(labels, [classes.index(name) for name in EXERCISES]).any()
