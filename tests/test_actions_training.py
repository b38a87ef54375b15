"""From skeletons to an action model: recordings, drawn motion, camera, streams, training, scoring."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from app import evaluation
from models.checkpoint import load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.extractors.anatomy import JOINTS
from models.extractors.pose import SIZE
from models.training.actions import held_out, scoring
from models.training.actions import learn as actions
from models.training.actions import people as people_module
from models.training.actions.body import standing_rest
from models.training.actions.camera import draw_view, mirror, observe, one_euro, project
from models.training.actions.filmed import LEAST, MOST, UNNAMED, Footage, Said, thresholds, watched
from models.training.actions.gestures import leg_aside
from models.training.actions.labelled import Film, Span
from models.training.actions.learner import MODEL, Learner, learn
from models.training.actions.motions import MOTIONS
from models.training.actions.people import People
from models.training.actions.recordings import load_recordings
from models.training.actions.reels import LEFT_OFF
from models.training.actions.skeletons import (
    STANDARD,
    Clip,
    load_clips,
    read_mapping,
    retarget,
)
from models.training.actions.streams import UNSAID, Stream, Studio
from models.training.calibration import Calibration, softmax
from models.training.dense import EveryTick, Standardised, StretchDropout, Stretches
from models.training.streaming import continual_logits

CLASSES = read_mapping()["classes"]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the command line sets it: sums in one order, and no waiting for a busy second core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def recording(frames: int = 40, seed: int = 0) -> np.ndarray:
    """A plausible skeleton of UTD-MHAD's form, (frames, 20, 3): somebody who lifts the right hand."""
    rng = np.random.default_rng(seed)
    movement = MOTIONS["wave"][0](rng, frames).joints() * np.array([-1.0, 1.0, -1.0]) + np.array([0, 0, 3.0])
    array = np.zeros((frames, 20, 3))
    array[:, read_mapping()["sets"]["utd_mhad"]["joints"]] = movement
    return array


def write_set(path: Path, people: int = 5) -> Path:
    """A small set with one take of three actions by each person."""
    arrays = {
        f"a{action}_s{person}_t1": recording(seed=10 * action + person)
        for action in (3, 4, 13)
        for person in range(1, people + 1)
    }
    np.savez(path, **arrays)
    return path


# --- recordings -----------------------------------------------------------------------------------------


def test_the_mapping_covers_every_action_with_known_classes() -> None:
    mapping = read_mapping()
    for known, count in (("msr_action3d", 20), ("utd_mhad", 27)):
        rows = mapping["sets"][known]["actions"]
        assert [row["number"] for row in rows] == list(range(1, count + 1))
        assert {row["class"] for row in rows} <= {*CLASSES, None}
        assert len(mapping["sets"][known]["joints"]) == len(JOINTS)
    assert set(MOTIONS) == set(CLASSES)


def test_recordings_have_left_and_right_and_face_the_camera(data: Path) -> None:
    """Proved by what people did: both sets tell them to use the right arm."""
    for path, key in (("msr_action3d/subjects_01_08.npz", "a01_"), ("utd_mhad/subjects_1_6.npz", "a3_")):
        clips = [clip for clip in load_clips([data / path]) if f"/{key}" in clip.name]
        travel = np.array([np.ptp(clip.joints[:, 5:7], axis=0).sum(-1) for clip in clips])  # (clips, 2)
        assert (travel[:, 1] > travel[:, 0]).mean() > 0.8
        assert (
            np.mean([clip.joints[0, 1, 0] > clip.joints[0, 2, 0] for clip in clips]) > 0.9
        )  # left is at right
        for clip in clips:
            assert clip.joints[0, 0, 1] > clip.joints[0, 7, 1] > clip.joints[0, 11, 1]  # upright
            assert 0 <= clip.start < clip.stop <= len(clip.joints)


def test_every_body_has_the_bones_it_should_and_moves_the_same() -> None:
    movement = MOTIONS["squat"][0](np.random.default_rng(1), 60).joints()
    again = retarget(movement * 1.3, STANDARD)
    for child, parent, length in ((3, 1, STANDARD.upper_arm), (12, 10, STANDARD.shin)):
        bones = np.linalg.norm(again[:, child] - again[:, parent], axis=-1)
        np.testing.assert_allclose(bones, length, rtol=1e-6)
    dip = again[:, 0, 1].max() - again[:, 0, 1].min()
    assert dip == pytest.approx(np.ptp(movement[:, 0, 1]), rel=0.15)


def test_what_cannot_be_used_is_named_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, lost = recording(), recording()
    lost[10:30] = 0
    np.savez(
        tmp_path / "set.npz",
        a3_s1_t1=good,
        a3_s1_t2=lost,
        a3_s2_t1=np.zeros((40, 25, 3)),
        a99_s1_t1=good,
        nonsense=good,
        a21_s1_t1=good,  # the mapping leaves it out on purpose
    )
    mapping = read_mapping()
    rows = mapping["sets"]["utd_mhad"]["actions"]
    rows[20] = {"number": 21, "action": "something", "class": None}
    clips = load_clips([tmp_path / "set.npz"], mapping)
    assert [clip.name for clip in clips] == ["utd_mhad/a3_s1_t1"]
    said = caplog.text
    for name, reason in (
        ("a3_s1_t2", "lost"),
        ("a3_s2_t1", "(40, 25, 3)"),
        ("a99", "mapping"),
        ("nonsense", "key"),
    ):
        assert name in said and reason in said
    assert "a21_s1_t1" not in said
    (tmp_path / "text.npz").write_text("no")
    with pytest.raises(ValueError, match=r"text\.npz"):
        load_clips([tmp_path / "text.npz"])


def test_picking_up_and_throwing_is_a_bend_until_one_stands_upright(data: Path) -> None:
    for path, key in (("msr_action3d/subjects_01_08.npz", "a20_"), ("utd_mhad/subjects_1_6.npz", "a21_")):
        clips = [clip for clip in load_clips([data / path]) if f"/{key}" in clip.name]
        assert len(clips) >= 16
        for clip in clips:
            assert clip.label == "bend" and 0.8 < len(clip.joints) / 30 < 2.6, clip.name
            trunk = clip.joints[:, 1:3].mean(1) - clip.joints[:, 7:9].mean(1)  # (T, 3)
            lean = np.degrees(np.arctan2(np.hypot(trunk[:, 0], trunk[:, 2]), trunk[:, 1]))
            assert lean[0] < 20 and lean[-1] < 25 < lean.max(), clip.name


# --- drawn motion ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MOTIONS))
def test_drawn_bodies_hold_together(name: str) -> None:
    motion, (low, high) = MOTIONS[name]
    for seed in range(8):
        rng = np.random.default_rng(seed)
        joints = motion(rng, int(rng.uniform(low, high) * 30)).joints()
        assert np.isfinite(joints).all()
        arm = np.linalg.norm(joints[:, 5] - joints[:, 3], axis=-1)
        np.testing.assert_allclose(arm, STANDARD.forearm, rtol=0.02)
        assert np.abs(np.diff(joints, axis=0)).max() < 0.5  # metres a frame: nothing jumps


def test_drawn_motion_is_what_it_says() -> None:
    def drawn(name: str, seed: int) -> np.ndarray:
        return MOTIONS[name][0](np.random.default_rng(seed), 90).joints()

    for seed in range(5):
        raised = drawn("arms raised", seed)[35:55]
        assert (raised[:, 5:7, 1] > raised[:, 1:3, 1]).all()
        jack = drawn("jumping jack", seed)
        apart = jack[:, 11, 0] - jack[:, 12, 0]
        height = jack[:, 5, 1]
        assert np.corrcoef(apart, height)[0, 1] > 0.5  # arms go up as the feet go apart
        assert np.ptp(drawn("idle", seed)[:, 5:7], axis=0).max() < 0.4
        assert drawn("squat", seed)[:, 7, 1].min() < 0.6 < drawn("squat", seed)[0, 7, 1]


def test_knees_come_up_to_the_hips_in_some_walks() -> None:
    high = 0
    for seed in range(60):
        joints = MOTIONS["walk"][0](np.random.default_rng(seed), 150).joints()
        knees, hips = joints[30:120, 9:11], joints[30:120, 7:9]
        up = (knees[..., 1] - hips[..., 1]).max(0)  # of both legs
        ahead = (knees[..., 2] - hips[..., 2]).max(0)
        high += bool((up > -0.1).all() and (ahead > 0.3).all())
    assert 3 <= high <= 30


@pytest.mark.parametrize("name", ["squat", "lunge"])
def test_between_two_times_people_may_stand_and_that_is_rest(name: str) -> None:
    people = People([], CLASSES, [], {})
    idle, breaks = CLASSES.index("idle"), 0
    for seed in range(80):
        movement, labels = people._segment(np.random.default_rng(seed), name, {})
        rest = labels == idle
        edges = np.flatnonzero(np.diff(rest.astype(int), prepend=0, append=0)).reshape(-1, 2)
        for begin, end in edges:
            breaks += 1
            hips = movement[begin:end, 7:9].mean(1)
            assert np.ptp(hips[:, 1]) < 0.06  # metres: nobody goes down in a break
            assert hips[:, 1].min() > movement[:, 7:9, 1].mean(1).max() - 0.1  # who stands in it
            assert (labels[begin - int(LEFT_OFF * 30) : begin] == UNSAID).all()
            if end < len(labels):
                assert labels[end] == UNSAID
        assert CLASSES.index(name) in labels
    assert breaks > 10


def test_a_recorded_squat_done_again_after_a_break_is_rest_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "BREAKS", 1.0)
    joints = MOTIONS["squat"][0](np.random.default_rng(0), 60).joints()
    people = People([], CLASSES, [], {})
    found = 0
    for name in ("squat", "jumping jack"):
        clip = Clip(f"set/{name}", "set/1", name, joints, 5, 55)
        for seed in range(6):
            movement, labels = people._repeated(np.random.default_rng(seed), clip)
            rest = labels == CLASSES.index("idle")
            assert rest.any() == (name == "squat") and len(movement) == len(labels)
            assert np.abs(np.diff(movement[rest], axis=0)).max(initial=0) < 0.25
            assert np.abs(np.diff(movement, axis=0)).max() < 0.5  # metres a frame: nothing jumps
            found += rest.any()
    assert found == 6


# --- the camera -----------------------------------------------------------------------------------------


def test_nearer_is_larger_and_left_is_right() -> None:
    body = MOTIONS["idle"][0](np.random.default_rng(0), 30).joints()
    view = draw_view(np.random.default_rng(5), "full")
    near, _, _ = project(body + np.array([0, 0, 0.5]), view)
    far, depth, space = project(body - np.array([0, 0, 0.5]), view)
    assert np.ptp(near[..., 1]) > np.ptp(far[..., 1])
    assert (depth > 0).all()
    moved = depth - depth[:, 7:9].mean(1, keepdims=True)
    np.testing.assert_allclose(space[..., 2], moved)  # away from the camera
    assert near[0, 0, 1] < near[0, 11, 1]  # y goes down
    assert near[0, 1, 0] > near[0, 2, 0]
    np.testing.assert_allclose(mirror(mirror(body)), body)


def test_observation_is_on_the_grid_repeats_and_cuts() -> None:
    body = MOTIONS["idle"][0](np.random.default_rng(0), 300).joints()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        view = draw_view(rng, "bust")
        poses, frames = observe(rng, body, view, 15.0)
        assert abs(len(poses) - 150) <= 3 and (np.diff(frames) >= 0).all()
        somebody = poses.any((1, 2))
        assert not poses[somebody][:, 11:, 2].any()  # no ankles in a head-and-shoulders picture
        if view.rate <= 10:
            assert (np.diff(frames) == 0).mean() > 0.2  # a slow camera repeats itself


def test_the_filter_calms_what_rests_and_follows_what_moves() -> None:
    rng = np.random.default_rng(0)
    times = np.arange(90) / 30
    resting = rng.normal(0, 0.003, (90, 2))
    assert one_euro(resting, times, 1.0)[30:].std() < 0.6 * resting[30:].std()
    moving = np.stack([times, 2 * times], 1)
    assert np.abs(one_euro(moving, times, 1.0) - moving)[30:].max() < 0.03


# --- streams and training -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def streams() -> list[Stream]:
    studio = Studio([], CLASSES, 15.0)
    return [studio.stream(np.random.default_rng(seed), 20.0) for seed in range(36)]


def test_streams_have_all_classes_silence_and_the_same_bytes_each_time(streams: list[Stream]) -> None:
    labels = np.concatenate([stream.labels for stream in streams])
    assert set(np.unique(labels)) >= {UNSAID, CLASSES.index("idle"), CLASSES.index("other")}
    assert len(np.unique(labels)) >= 12
    for stream in streams:
        assert stream.tokens.shape == (len(stream.labels), SIZE) and np.isfinite(stream.tokens).all()
        nobody = ~stream.poses.any((1, 2))
        assert (stream.labels[nobody] == UNSAID).all()
        assert np.abs(stream.tokens).max() <= 6.0
    again = Studio([], CLASSES, 15.0).stream(np.random.default_rng(0), 20.0)
    assert again.tokens.tobytes() == streams[0].tokens.tobytes()


def test_legwork_without_legs_is_other() -> None:
    studio = Studio([], CLASSES, 15.0)
    rng = np.random.default_rng(0)
    movement = MOTIONS["kick"][0](rng, 60).joints()
    labels = np.full(60, CLASSES.index("kick"))
    seen = studio.see(rng, movement, labels, draw_view(rng, "full"), lost=False)
    cut = studio.see(rng, movement, labels, draw_view(rng, "bust"), lost=False)
    assert CLASSES.index("kick") in seen.labels and CLASSES.index("kick") not in cut.labels


def kick(frames: int = 60) -> Clip:
    """Somebody who kicks to the side with the left leg, as a recording."""
    joints = MOTIONS["idle"][0](np.random.default_rng(0), frames).joints()
    swing = np.sin(np.linspace(0, np.pi, frames)) ** 2 * 1.3  # radians
    way = np.stack([np.sin(swing), -np.cos(swing), np.zeros(frames)], 1)
    joints[:, 9] = joints[:, 7] + way * STANDARD.thigh
    joints[:, 11] = joints[:, 9] + way * STANDARD.shin
    return Clip("utd_mhad/kick", "utd_mhad/1", "kick", joints, 5, frames - 5)


def test_a_kick_whose_shin_hangs_is_a_lifted_knee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "LIFTED", 1.0)
    people = People([kick()], CLASSES, [], {})
    for seed in range(8):
        movement, labels = people._segment(
            np.random.default_rng(seed), "other", {"kick": [kick()], "idle": []}
        )
        shin = movement[:, 11] - movement[:, 9]
        assert (shin[:, 1] < -0.8 * STANDARD.shin).all()  # it hangs
        np.testing.assert_allclose(np.linalg.norm(shin, axis=-1), STANDARD.shin, rtol=1e-2)
        assert movement[:, 9, 1].max() > movement[0, 9, 1] + 0.2  # and the knee comes up
        assert CLASSES.index("other") in labels and CLASSES.index("kick") not in labels


def test_nobody_rests_in_the_last_pose_of_what_is_still_going_on() -> None:
    whole = kick()
    cut = Clip(whole.name, whole.person, "kick", whole.joints[:30], 5, 30)  # the leg is up when it ends
    people = People([cut], CLASSES, [], {})
    for seed in range(20):
        rest, _ = people._recorded_rest(np.random.default_rng(seed), {"kick": [cut]})
        assert rest[:, 11, 1].max() < 0.3


@pytest.mark.parametrize("deep", [{"blocks": 1}, {"blocks": 2, "deep": "streaming"}])
def test_every_tick_equals_the_continual_step(deep: dict, streams: list[Stream]) -> None:
    torch.manual_seed(0)
    model = ContinualTransformer(
        input_size=SIZE, classes=len(CLASSES), window=16, model_size=24, heads=2, feedforward=32, **deep
    ).eval()
    tokens = [stream.tokens[:90] for stream in streams[:2]]
    with torch.inference_mode():
        dense = EveryTick(model)(torch.from_numpy(np.stack(tokens)), torch.zeros(2, dtype=torch.int64))
    stepped = continual_logits(model, tokens)
    np.testing.assert_allclose(dense.view(2, 90, -1).numpy(), np.stack(stepped), atol=1e-5)
    if deep["blocks"] == 1:  # a stretch that begins at another phase
        with torch.inference_mode():
            part = EveryTick(model)(torch.from_numpy(tokens[0][None, 40:]), torch.tensor([40]))
        np.testing.assert_allclose(part[20:].numpy(), stepped[0][60:], atol=1e-5)


def test_every_tick_refuses_windows_that_share_nothing() -> None:
    model = ContinualTransformer(
        input_size=4, classes=3, window=8, model_size=8, heads=2, feedforward=8, blocks=2
    )
    with pytest.raises(ValueError, match="2 blocks"):
        EveryTick(model)


def test_a_standardised_model_takes_tokens_as_they_are_once_it_has_settled() -> None:
    torch.manual_seed(0)
    model = ContinualTransformer(input_size=5, classes=3, window=4, model_size=8, heads=2, feedforward=8)
    tokens = np.random.default_rng(0).normal([0, 1, -9, 0.2, 5], [1, 0.2, 4, 0.05, 0.0], (40, 5))
    stretch, tick = torch.from_numpy(tokens[None]).float(), torch.zeros(1, dtype=torch.int64)
    model.eval()
    raw = EveryTick(model)(stretch, tick)
    standardised = Standardised(EveryTick(model), model.embedding, tokens)
    learnt = standardised(stretch, tick)
    assert not torch.allclose(learnt, raw, atol=1e-2)
    standardised.settle()
    torch.testing.assert_close(EveryTick(model)(stretch, tick), learnt, rtol=1e-4, atol=1e-4)
    assert len(list(standardised.parameters())) == len(list(model.parameters()))


def test_steady_dropout_leaves_out_the_same_at_every_tick() -> None:
    torch.manual_seed(0)
    dropout = StretchDropout(0.5)
    x = dropout(torch.ones(3, 20, 50))
    assert (x == x[:, :1]).all() and set(x.unique().tolist()) == {0.0, 2.0}
    assert not (x[0] == x[1]).all()
    torch.testing.assert_close(dropout.eval()(torch.ones(1, 2, 3)), torch.ones(1, 2, 3))
    model = ContinualTransformer(input_size=5, classes=3, window=4, model_size=8, heads=2, feedforward=8)
    kinds = {type(part) for part in EveryTick(model, steady=True).modules() if isinstance(part, nn.Dropout)}
    assert kinds == {StretchDropout} and model.blocks[0].attention.dropout == 0


def test_stretches_balance_classes_and_leave_out_what_is_unsaid(streams: list[Stream]) -> None:
    sample = Stretches(streams, CLASSES, {"other": 3.0}, batch=64, length=96)
    batch = sample(np.random.default_rng(0))
    assert batch.tokens.shape == (64, 96, SIZE) and batch.targets.shape == (64 * 96,)
    counts = np.bincount(batch.targets[batch.targets >= 0].numpy(), minlength=len(CLASSES))
    raw = np.bincount(np.concatenate([s.labels[s.labels >= 0] for s in streams]), minlength=len(CLASSES))
    assert counts[0] / counts.sum() < raw[0] / raw.sum()  # idle is thinned out
    assert set(np.unique(batch.targets[batch.targets < 0])) == {-100}


def test_train_and_evaluate_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A few steps on a tiny set: the card is whole, people are apart, and evaluate repeats train's scores."""
    monkeypatch.setattr(scoring, "DRAWN", 2)  # clips of each class without a recording
    skeletons = write_set(tmp_path / "set.npz")
    out = tmp_path / "actions.safetensors"
    small = {"model_size": 16, "heads": 2, "feedforward": 16}
    recipe = {"streams": 6, "steps": 3, "model": small, "hold": 0.6, "progress": False}
    card = actions.train([skeletons], out, cache=tmp_path / "cache", **recipe)
    split = card["split"]
    assert split["held out"] == ["utd_mhad/5"] and len(split["training"]) == 4
    model, stored = load_checkpoint(out)
    assert stored["labels"] == CLASSES and stored["rate"] == 15.0 and model.window == stored["window"] == 64
    scores = actions.evaluate([skeletons], out)
    wanted = (
        "mean_recall",
        "tick_accuracy",
        "clip_accuracy",
        "top3",
        "ece",
        "coverage",
        "selective_accuracy",
        "per_class",
        "n",
    )
    for key in wanted:
        assert scores[key] == pytest.approx(card["scores"]["held_out"][key]), key
    assert "clip_accuracy_ci" in scores and "labels" not in card["scores"]["held_out"]
    assert scores["labels"] == CLASSES and np.sum(scores["confusion"]) == scores["n"]
    assert scores["n"] == 3 and scores["people"] == 1 and scores["rest"]["n"] == 3 and scores["drawn"] is None
    assert scores["baseline"]["n"] == scores["n"]
    whole = actions.evaluate([skeletons], out, drawn=True)
    assert set(whole["drawn"]["per_class"]) == set(CLASSES) - {"idle", "wave", "clap", "punch"}
    for key in wanted:
        assert whole[key] == pytest.approx(scores[key]), key
    text = tmp_path / "text.npz"
    text.write_text("no")
    assert evaluation.evaluate("actions", [text, skeletons], out, drawn=True) == 0  # the rest goes on
    told, error = capsys.readouterr()
    assert error.startswith(f"Skipped: {text} cannot be read")
    assert evaluation.evaluate("actions", [text], out) == 2
    assert capsys.readouterr().err.startswith(f"{text} cannot be read")
    assert told.startswith("3 recorded clips of 1 people") and "of the actions" in told and "drawn" in told
    assert scores["baseline"]["ece"] == pytest.approx(card["scores"]["held_out"]["baseline"]["ece"])
    by_numba = actions.evaluate([skeletons], out, engine="numba", hold=0.6)
    assert by_numba["decision"]["n"] == 3 and "decision" not in scores
    assert by_numba["decision"] == card["scores"]["held_out"]["decision"]
    shares = by_numba["decision"]["named_by_class"]  # of one clip each
    assert set(shares) == {"wave", "clap", "punch"}
    assert np.mean(list(shares.values())) == pytest.approx(by_numba["decision"]["named"])
    assert by_numba["per_class"] == scores["per_class"] and by_numba["ece"] == pytest.approx(scores["ece"])
    with pytest.raises(ValueError, match="engine is 'abacus'"):
        actions.evaluate([skeletons], out, engine="abacus")
    first = out.read_bytes()
    actions.train([skeletons], out, cache=None, **recipe)
    assert out.read_bytes() == first  # the same seed, the same weights


def test_each_fifth_is_held_out_once_and_then_everybody_trains(
    tmp_path: Path,
) -> None:
    """The card tells of the folds; nobody is left who could judge the weights, but strangers can."""
    skeletons = write_set(tmp_path / "set.npz")
    out = tmp_path / "actions.safetensors"
    small = {"model_size": 16, "heads": 2, "feedforward": 16}
    recipe = {"folds": True, "streams": 2, "steps": 1, "model": small, "progress": False}
    card = actions.train([skeletons], out, cache=tmp_path, **recipe)
    everybody = [f"utd_mhad/{person}" for person in range(1, 6)]
    folds = card["scores"]["folds"]
    assert sorted(person for line in folds for person in line["people"]) == everybody
    assert card["split"]["training"] == everybody
    assert set(folds[0]) == {
        "people",
        "mean_recall",
        "other_recall",
        "clip_accuracy",
        "ece",
        "per_class",
    }
    pooled = card["scores"]["held_out"]
    with pytest.raises(ValueError, match="everybody in this data trained"):
        actions.evaluate([skeletons], out)
    assert pooled["n"] == actions.evaluate([skeletons], out, everybody=True)["n"] == 15
    assert pooled["people"] == 5
    new = write_set(tmp_path / "new.npz", people=7)  # two of them are strangers
    seen, unseen = (actions.evaluate([new], out, everybody=who)["n"] for who in (True, False))
    assert 0 < unseen < seen


def test_a_leg_lifted_to_the_side_may_go_above_the_hip() -> None:
    rng, highest = np.random.default_rng(0), []
    for number in range(40):
        motion = standing_rest(rng, 150)
        leg_aside(rng, motion, np.ones(150), number % 2)
        joints = motion.joints()
        highest.append(float((joints[:, 11:13, 1] - joints[:, 7:9, 1]).max()))
    assert -0.8 < min(highest) < -0.3 and 0.1 < max(highest) < 0.8  # metres


def test_two_trainings_at_once_give_the_same_and_need_no_shared_memory(tmp_path: Path) -> None:
    """A container may have 1 MB of it: tensors sent through it end the training at its end."""
    clips = load_recordings([write_set(tmp_path / "set.npz")], read_mapping())
    small = MODEL | {"model_size": 16, "heads": 2, "feedforward": 16}
    learner = Learner(clips, [], CLASSES, small, 2, 1, 0, None, "two", progress=False)
    for alone, beside in zip(*(learn(learner, (3, 4), jobs) for jobs in (1, 2)), strict=True):
        for one, same in zip(alone, beside, strict=True):
            for p, q in zip(one.parameters(), same.parameters(), strict=True):
                assert torch.equal(p, q) and not q.is_shared()


def test_a_clip_counts_from_where_the_movement_begins(data: Path) -> None:
    """Its first labelled tick is a quarter of a second later, and a picture or a blend at most."""
    clips = load_clips([data / "utd_mhad/subjects_1_6.npz"])
    clips = [clip for clip in clips if clip.person == "utd_mhad/1" and clip.label != "walk"][::8]
    late = []
    for case in scoring.cases(Studio(clips, CLASSES, 15.0), clips):
        begin, end = case.span
        if not case.labels.max() > CLASSES.index("idle"):  # nobody was found in the picture
            continue
        active = np.flatnonzero((case.labels != UNSAID) & (case.labels != CLASSES.index("idle"))) / 15.0
        assert begin < active[0] <= end and active[-1] <= end + 1 / 15
        late.append(active[0] - begin)
    assert len(late) > 6 and 0.23 < np.median(late) < 0.4 and max(late) < 0.7


def test_rest_alone_is_nothing_to_judge() -> None:
    rest = scoring.Case("a", "p", False, np.zeros((4, SIZE)), np.zeros(4, int), (0.0, 1.0))
    with pytest.raises(ValueError, match="expected recordings of actions"):
        scoring.judge([np.zeros((4, len(CLASSES)))], [rest], CLASSES, 1.0, 0.5)


def test_real_films_judge_the_model_and_set_its_thresholds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "DRAWN", 1)
    skeletons = write_set(tmp_path / "set.npz")
    poses = np.full((120, 13, 3), 0.5)
    poses[..., :2] = MOTIONS["squat"][0](np.random.default_rng(0), 120).joints()[..., :2] * (0.3, -0.3) + 0.6
    spans = (Span(0.0, 4.0, "squat", ""), Span(4.5, 7.9, "other", ""))
    times = np.arange(120) / 15
    films = [
        Footage(Film(tmp_path / f"{k}.mp4", f"p{k}", False, spans), times, poses.astype(np.float32))
        for k in (1, 2)
    ]
    recipe = {"streams": 3, "steps": 1, "cache": None, "progress": False}
    recipe["model"] = {"model_size": 16, "heads": 2, "feedforward": 16}
    plain = actions.train([skeletons], tmp_path / "plain.safetensors", **recipe)
    card = actions.train([skeletons], tmp_path / "judged.safetensors", films=films, **recipe)
    assert not plain["thresholds"] and "film" not in plain["scores"]
    assert sorted(card["thresholds"]) == sorted(CLASSES)
    film = card["scores"]["film"]
    assert "hard" not in film and set(film["clean"]["by_class"]) == {"squat", "other"}
    assert 2 * 90 < film["clean"]["ticks"] < 2 * 112  # the first half second is not scored
    a, b = (load_checkpoint(tmp_path / f"{name}.safetensors")[0] for name in ("plain", "judged"))
    assert all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def test_what_is_untaught_is_judged_and_not_learnt_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights are those of recordings without it, to the bit; the score counts it."""
    monkeypatch.setattr(scoring, "DRAWN", 1)
    whole = write_set(tmp_path / "whole.npz")
    with np.load(whole) as arrays:
        np.savez(tmp_path / "less.npz", **{key: a for key, a in arrays.items() if not key.startswith("a13_")})
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(read_mapping() | {"untaught": ["utd_mhad/boxing"]}))
    recipe = {"streams": 3, "steps": 1, "cache": None, "progress": False}
    recipe["model"] = {"model_size": 16, "heads": 2, "feedforward": 16}
    less = actions.train([tmp_path / "less.npz"], tmp_path / "less.safetensors", **recipe)
    card = actions.train([whole], tmp_path / "untaught.safetensors", mapping=mapping, **recipe)
    a, b = (load_checkpoint(tmp_path / f"{name}.safetensors")[0] for name in ("less", "untaught"))
    assert all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))
    assert card["temperature"] == less["temperature"] and card["data"]["untaught"] == 5
    assert set(card["scores"]["held_out"]["per_class"]) - set(less["scores"]["held_out"]["per_class"]) == {
        "punch"
    }


def filmed(tmp_path: Path, label: str, ticks: int = 60) -> Footage:
    """A film in which somebody does one thing, and nobody is there in the first two ticks."""
    poses = np.ones((ticks, 13, 3), np.float32)
    poses[:2] = 0
    spans = (Span(0.0, ticks / 15, label, ""),)
    return Footage(Film(tmp_path / "a.mp4", "p1", False, spans), np.arange(ticks) / 15, poses)


def logits_of(name: str, probability: np.ndarray | float, ticks: int = 60) -> np.ndarray:
    """Logits (K, C) of which softmax makes this probability of one class; the others are alike."""
    odds = np.log(probability / (1 - np.broadcast_to(probability, ticks)) * (len(CLASSES) - 1))
    return odds[:, None] * (np.arange(len(CLASSES)) == CLASSES.index(name))


def test_a_label_must_be_surer_than_strangers_and_strange_films_were_taken_for_it(tmp_path: Path) -> None:
    rising = np.linspace(0.3, 0.96, 150)
    done = np.where(rising > 0.8, CLASSES.index("clap"), CLASSES.index("punch"))
    said = Said(softmax(logits_of("clap", rising, 150)), done[:, None] == np.arange(len(CLASSES)))
    plain = Calibration(1.0, 0.7)
    chosen = thresholds(said, [], [], CLASSES, plain, 1)
    assert LEAST < chosen["clap"] < 0.81  # of 37 ticks none may be wrong, of 67 one
    assert chosen["other"] == chosen["idle"] == UNNAMED and chosen["kick"] == MOST  # nothing is known of it
    strange = [filmed(tmp_path, "other")]
    surer = thresholds(said, strange, [logits_of("clap", np.linspace(0.3, 0.9, 60))], CLASSES, plain, 1)
    assert surer["clap"] == pytest.approx(0.9, abs=1e-3) and surer["punch"] == MOST
    known = thresholds(said, [filmed(tmp_path, "clap")], [logits_of("clap", 0.9)], CLASSES, plain, 1)
    assert known == chosen
    elsewhere = np.tile(np.arange(len(CLASSES)) == CLASSES.index("clap"), (2000, 1))
    rarely = Said(
        np.concatenate([said.means, softmax(logits_of("idle", 0.9, 2000))]),
        np.concatenate([said.may_be, elsewhere]),
    )
    assert thresholds(rarely, [], [], CLASSES, plain, 1)["clap"] == MOST  # of 2067 claps it would name 66

    poses, times = np.ones((60, 13, 3), np.float32), np.arange(60) / 15
    spans = (Span(0.0, 1.0, "clap", ""), Span(1.1, 4.0, "other", ""))
    both = Footage(Film(tmp_path / "b.mp4", "p1", False, spans), times, poses)
    for until, raised in ((1.9, False), (2.2, True)):  # a name that stays is no confusion, for a second
        stays = logits_of("clap", np.where(times < until, 0.9, 0.01))
        assert (thresholds(said, [both], [stays], CLASSES, plain, 1) != chosen) == raised


def test_gestures_of_the_arms_may_be_a_little_less_sure() -> None:
    """Of a hundred ticks the three least sure are wrong: too many for a clap, and few enough for a wave."""
    rising = np.linspace(0.8, 0.95, 100)
    chosen = {}
    for name in ("wave", "clap"):
        done = np.where(np.arange(100) > 2, CLASSES.index(name), CLASSES.index("other"))
        said = Said(softmax(logits_of(name, rising, 100)), done[:, None] == np.arange(len(CLASSES)))
        chosen[name] = thresholds(said, [], [], CLASSES, Calibration(1.0, 0.7), 1)[name]
    assert chosen["wave"] == pytest.approx(rising[0]) and chosen["clap"] == pytest.approx(rising[2])


def test_of_strangers_too_a_name_may_still_speak_of_what_has_just_ended() -> None:
    idle, squat = CLASSES.index("idle"), CLASSES.index("squat")
    labels = np.full(100, idle)
    labels[30:50], labels[50:59] = squat, UNSAID
    stream = held_out.Watched(np.zeros((100, len(CLASSES))), labels, np.ones(100, bool))
    said = held_out.HeldOut([], [], [], [], [stream]).said(1.0, hold=1)
    ticks = np.flatnonzero(labels != UNSAID)
    assert said.means.shape == said.may_be.shape == (len(ticks), len(CLASSES))
    # 0.7 s before, as long after, and the 0.3 s at an end that have no label
    assert list(ticks[said.may_be[:, squat]]) == [*range(20, 50), *range(59, 65)]
    assert said.may_be[ticks < 30, idle].all() and not said.may_be[:, CLASSES.index("kick")].any()


def test_what_stands_long_enough_is_what_a_film_is_named(tmp_path: Path) -> None:
    likely = np.full((60, len(CLASSES)), 0.02)
    likely[:30, CLASSES.index("kick")] = 0.9
    likely[20, CLASSES.index("kick")] = 0.5  # a tick that is less sure: the mean of five goes on being sure
    seen = watched(filmed(tmp_path, "kick"), likely, CLASSES, [0.7] * len(CLASSES), hold=5)
    # from when five ticks have somebody, over the one, until it ends
    assert seen.names == ["not sure"] * 6 + ["kick"] * 24 + ["not sure"] * 30
    assert seen.confident.sum() == 24 and seen.times[-1] == 59 / 15


def test_too_few_people_is_an_error(tmp_path: Path) -> None:
    skeletons = write_set(tmp_path / "set.npz", people=1)
    with pytest.raises(ValueError, match="too few people"):
        actions.train(
            [skeletons], tmp_path / "out.safetensors", streams=1, steps=1, cache=None, progress=False
        )


def test_no_jobs_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="jobs is 0, expected at least 1"):
        actions.train([write_set(tmp_path / "set.npz")], tmp_path / "out.safetensors", jobs=0, progress=False)


def test_evaluate_refuses_weights_of_another_task(tmp_path: Path, assets: Path) -> None:
    skeletons = write_set(tmp_path / "set.npz")
    with pytest.raises(ValueError, match="not an action model"):
        actions.evaluate([skeletons], assets / "genres.safetensors")


# --- the shipped weights --------------------------------------------------------------------------------


def test_the_shipped_weights_know_the_actions(data: Path, assets: Path, tmp_path: Path) -> None:
    """On some clips of people they were trained on: a floor that broken tokens or weights fall through."""
    with np.load(data / "utd_mhad" / "subjects_1_6.npz") as whole:
        np.savez(tmp_path / "some.npz", **{key: whole[key] for key in whole.files if key.endswith("_t2")})
    scores = actions.evaluate([tmp_path / "some.npz"], assets / "actions.safetensors", everybody=True)
    _, card = load_checkpoint(assets / "actions.safetensors")
    assert not set(card["split"]["training"]) & set(card["split"]["held out"])
    assert len(card["split"]["training"]) > 90 and len(card["split"]["held out"]) > 20
    assert scores["mean_recall"] > card["scores"]["held_out"]["mean_recall"]
    assert scores["mean_recall"] > scores["baseline"]["mean_recall"] + 0.1
    assert scores["ece"] < 0.3  # sure of too many one-handed gestures
