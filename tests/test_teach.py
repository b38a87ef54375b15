"""Teaching without a window: what is refused, what is learnt, what is kept, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from app import cli
from app.features.tokens import Token
from app.pipeline.tasks import load_actions
from app.pipeline.teach_takes import take_of
from app.pipeline.teaching import Teaching
from models.checkpoint import load_checkpoint, read_card, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.extractors.anatomy import JOINTS
from models.training import teach_actions, teach_school
from models.training.calibration import softmax
from models.training.metrics import named
from models.training.streaming import continual_logits
from models.training.teach import Take, sort_out, teach
from models.training.teach_actions import Gestures, varied
from models.training.teach_school import CALM, TEACHER, UNSAID, Lesson, Pace, sustained
from tests.devices import ffmpeg, need

RATE = 15.0


def body(ticks: int, hand: np.ndarray | None = None) -> np.ndarray:
    """Somebody at a desk (T, 13, 6), whose left hand goes about ``hand`` (T, 2)."""
    pose = np.zeros((len(JOINTS), 6))
    pose[:9, :2] = [
        (0.6, 0.2), (0.75, 0.4), (0.45, 0.4), (0.8, 0.6), (0.4, 0.6), (0.8, 0.8), (0.4, 0.8),
        (0.7, 0.9), (0.5, 0.9),
    ]  # fmt: skip
    pose[:9, 2] = 1
    pose[:9, 3:5] = (pose[:9, :2] - (0.6, 0.9)) / 0.45 * 0.5  # a flat body, of a torso of 0.5 m
    poses = np.repeat(pose[None], ticks, 0)
    if hand is not None:
        poses[:, 5, :2] += hand
        poses[:, 5, 3:5] += hand / 0.45 * 0.5
    return poses.astype(np.float32)


def swing(ticks: int = 45, size: float = 0.3, across: bool = True, begun: float = 0.0) -> np.ndarray:
    way = size * np.sin(2 * np.pi * (np.arange(ticks) / 15 + begun))
    return body(ticks, np.stack([way, 0 * way] if across else [0 * way, way - 0.2], 1))


def tokens(poses: np.ndarray, status: str = "") -> list[Token]:
    one = np.zeros(1, np.float32)
    return [Token(k, k / RATE, one, 0.0, status, pose=pose) for k, pose in enumerate(poses)]


# ---- what is no take, and what is no class ----


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "there is no person seen in it"),
        (tokens(body(45), "no person"), "there is no person seen in it"),
        (tokens(body(45), "too far away"), "the person is too far away"),
        (tokens(body(9)), "0.6 s with a person seen, expected at least 1 s"),
        (
            [*tokens(body(12)), *tokens(body(30), "no person"), *tokens(body(12))],
            "a person seen in 44% of it, expected 60% at least",
        ),
    ],
)
def test_what_is_no_take_is_told(given, why):
    with pytest.raises(ValueError, match=why) as told:
        take_of("actions", "thumbs", given, RATE, "a.mp4")
    assert str(told.value).startswith("a.mp4 is no take: ") and "\n" not in str(told.value)


def test_a_take_is_from_where_somebody_comes_to_where_they_go():
    there = tokens(swing(45))
    take = take_of(
        "actions", "rest", [*tokens(body(5), "no person"), *there, *tokens(body(9), "no person")], RATE, ""
    )
    assert take.label == "" and take.data.shape == (45, 13, 6)
    np.testing.assert_array_equal(take.data, swing(45))
    assert len(take_of("actions", "long", tokens(body(900)), RATE, "").data) == 450  # half a minute of it


def test_what_cannot_be_learnt_is_told_and_the_rest_goes_on():
    rng = np.random.default_rng(0)

    def take(label: str, data: np.ndarray | None = None) -> Take:
        return Take(label, rng.normal(size=(5, 3)) if data is None else data, f"{label}.mp4")

    good = [take("thumbs"), take("thumbs"), take("", None), take("dance"), take("dance")]
    twice = take("dance", good[3].data)
    shared = [take("twin", good[0].data), take("twin", good[1].data)]
    kept, faults = sort_out(
        [*good, take("Wave"), take("Wave"), take("lonely"), twice, *shared], ["wave", "other"]
    )
    assert kept == good
    assert faults == [
        "dance has the same take more than once: it counts once.",
        "Wave is not learnt: the model has a class wave already.",
        "lonely is not learnt: it has 1 take of its own, expected at least 2, better three.",
        "twin.mp4 is a take of both thumbs and twin: it stays with thumbs.",
        "twin is not learnt: it has 0 takes of its own, expected at least 2, better three.",
    ]


def test_a_name_is_refused_before_anything_is_recorded():
    teaching = Teaching("actions")
    assert teaching.name_fault("thumbs up") == ""
    assert "has a class WAVE already" in teaching.name_fault("WAVE")
    assert "Type a name" in teaching.name_fault("  ") and "nothing is done" in teaching.name_fault("Rest")
    with pytest.raises(ValueError, match="no class has two takes"):
        teaching.train()


def test_takes_are_replaced_removed_and_had_back():
    teaching = Teaching("actions")
    one, two, other = (Take("a", np.full((4, 1), k, float), "") for k in range(3))
    teaching.add(one)
    teaching.add(two)
    teaching.add(other, in_place_of=one)
    assert teaching.takes == [other, two]
    teaching.remove(two)
    assert teaching.takes == [other]
    assert teaching.undo() and teaching.undo() and teaching.takes == [one, two]
    assert teaching.undo() and teaching.undo() and not teaching.undo() and teaching.takes == []


# ---- what is learnt and what is kept ----


class Toys:
    """Material of another kind: tokens of eight numbers, a class is where one of them is large."""

    rate = 15.0

    def __init__(self) -> None:
        rng = np.random.default_rng(5)
        self.others = [self._noise(rng, 200) for _ in range(20)]

    @staticmethod
    def _noise(rng: np.random.Generator, ticks: int) -> np.ndarray:
        tokens = rng.normal(0, 0.3, (ticks, 8)).astype(np.float32)
        tokens[:, int(rng.integers(2))] += 2  # one of the two that the base knows
        return tokens

    def prepared(self, take: np.ndarray) -> np.ndarray:
        return take

    def plain(self, take: np.ndarray) -> np.ndarray:
        return take

    def exam(self, rng, take, nothing) -> Lesson:
        parts = [self._noise(rng, 20), take, self._noise(rng, 20)]
        return Lesson(np.concatenate(parts), np.repeat([UNSAID, 0, UNSAID], [20, len(take), 20]))

    def stream(self, rng, takes, nothing, first) -> Lesson:
        which = int(rng.integers(len(takes)))
        take = takes[which][int(rng.integers(len(takes[which])))]
        calm = nothing[0] if nothing else take[:0]
        parts = [self._noise(rng, 40), take, self._noise(rng, 30), calm]
        marks = [TEACHER, first + which, TEACHER, CALM]
        return Lesson(np.concatenate(parts), np.repeat(marks, [len(p) for p in parts]))


@pytest.fixture(scope="module")
def toy() -> tuple[ContinualTransformer, dict]:
    """A base that knows two classes by the first two of its eight numbers."""
    torch.manual_seed(0)
    base = ContinualTransformer(
        input_size=8, classes=3, window=16, model_size=16, heads=2, feedforward=32, dropout=0.0
    )
    optimizer = torch.optim.Adam(base.parameters(), 3e-3)
    rng = np.random.default_rng(1)
    for _ in range(120):
        which = rng.integers(0, 2, 64)
        tokens = rng.normal(0, 0.3, (64, 16, 8)).astype(np.float32)
        tokens[np.arange(64), :, which] += 2
        loss = torch.nn.functional.cross_entropy(base(torch.from_numpy(tokens)), torch.from_numpy(which))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    card: dict = dict.fromkeys(("data", "split", "scores", "licence", "limits", "command", "date"), "")
    card |= {"task": "toys", "labels": ["a", "b", "other"], "rate": 15.0, "window": 16, "temperature": 1.0}
    card |= {"threshold": 0.6, "features": {}, "seed": 0}
    return base.eval(), card


def toy_takes() -> list[Take]:
    rng = np.random.default_rng(3)
    takes = []
    for column, label in ((4, "up"), (4, "up"), (4, "up"), (6, "down"), (6, "down"), (None, ""), (None, "")):
        tokens = rng.normal(0, 0.3, (30, 8)).astype(np.float32)
        if column is not None:
            tokens[:, column] += 2
        takes.append(Take(label, tokens, "toy"))
    return takes


def test_new_classes_are_learnt_and_the_old_ones_kept(toy, tmp_path):
    base, card = toy
    shares: list[float] = []
    pace = Pace(steps=40, batch=12, length=48, lr=6e-3)
    takes = toy_takes()
    model, taught = teach(base, card, takes, Toys(), hold=0.4, pace=pace, progress=shares.append)
    assert taught["labels"] == ["a", "b", "other", "up", "down"]
    assert shares == sorted(shares) and shares[-1] == 1.0
    scores = taught["taught"]["leave_one_take_out"]
    assert scores["right"] == 1.0 and scores["takes"] == 5, scores
    assert scores["by_class"] == {"up": "3 of 3", "down": "2 of 2"} and scores["wrong_names_a_minute"] == 0

    # what was taught is named, what was known still is: in the stream, by the window's rule
    new, old = takes[0].data, Toys().others[0]
    thresholds = np.array([taught["thresholds"][name] for name in taught["labels"]])
    said = named(softmax(continual_logits(model, [new])[0]), thresholds, 6)
    assert (said[12:] == 3).all()
    before, after = (continual_logits(one, [old])[0] for one in (base, model))
    assert (before[20:].argmax(1) == after[20:, :].argmax(1)).mean() > 0.98
    assert taught["thresholds"]["a"] == card["threshold"]

    # and it is a checkpoint as any other
    save_checkpoint(tmp_path / "toys.safetensors", model, taught)
    again, known = load_checkpoint(tmp_path / "toys.safetensors")
    assert known == json.loads(json.dumps(taught))
    np.testing.assert_array_equal(continual_logits(again, [new])[0], continual_logits(model, [new])[0])


def test_a_class_would_be_named_up_to_its_sustained_probability():
    rng = np.random.default_rng(0)
    for _ in range(20):
        logits = np.cumsum(rng.normal(size=(60, 3)), 0)
        most = sustained(logits, 1, 5)
        for threshold, expected in ((most - 1e-6, most > 0), (most + 1e-6, False)):
            said = named(softmax(logits), np.array([0.0, threshold, 0.0]), 5)
            assert (said == 1).any() == expected
    assert sustained(np.zeros((3, 3)), 1, 5) == 0


def test_a_training_ends_when_it_is_told_to(toy):
    class Enough(Exception):
        pass

    def enough(share: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        teach(*toy, toy_takes(), Toys(), hold=0.4, progress=enough)


def test_a_model_that_is_too_deep_is_refused(toy):
    deep = ContinualTransformer(
        input_size=8, classes=3, window=16, model_size=16, heads=2, feedforward=32, blocks=2
    )
    with pytest.raises(ValueError, match="2 blocks, expected 1"):
        teach(deep, toy[1], toy_takes(), Toys(), hold=0.4)


# ---- gestures ----


@pytest.fixture(scope="module")
def gestures():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teach_actions, "DRAWN", 3)
        yield Gestures(Teaching("actions").labels, RATE)


def test_streams_tell_what_is_known_of_each_tick(gestures):
    takes = [[swing(40), swing(40, begun=0.3)], [swing(40, across=False)]]
    rng = np.random.default_rng(0)
    lessons = [gestures.stream(rng, takes, [body(60)], 13) for _ in range(12)]
    labels = np.concatenate([lesson.labels for lesson in lessons])
    assert set(labels) == {UNSAID, TEACHER, CALM, 13, 14}
    assert all(len(lesson.tokens) == len(lesson.labels) >= 150 for lesson in lessons)
    share = np.isin(labels, (13, 14)).mean()
    assert 0.3 < share < 0.8
    exam = gestures.exam(np.random.default_rng(0), takes[0][0], [])
    assert (exam.labels == 0).sum() == 40 and exam.labels[0] == exam.labels[-1] == UNSAID


def test_a_take_is_varied_but_its_sides_stay(gestures):
    take = swing(45)
    for seed in range(20):
        other = varied(np.random.default_rng(seed), take)
        assert 25 < len(other) < 80
        moved = np.ptp(other[..., :2], axis=0).max(-1)
        assert moved[5] > 2.5 * moved[6]  # the left hand moves, and not the right
        assert (other[:, 1, 0] > other[:, 2, 0]).all()


def test_rest_about_a_movement_is_cut_and_a_held_pose_is_not(gestures):
    still = np.repeat(swing(1), 20, 0)
    part = gestures.prepared(np.concatenate([still, swing(45), still]))
    assert 45 <= len(part) <= 60  # of 85: the movement, a margin and half of the smoothing on either side
    assert len(gestures.prepared(still)) == 20


# ---- the command ----


@pytest.fixture(scope="module")
def taught_films(tmp_path_factory, assets) -> Path:
    """Films of the drawn figure of the demo, a folder a class; one of nobody, one that is none, one alone."""
    need("ffmpeg")
    folder = tmp_path_factory.mktemp("takes")
    parts = {"reach": (4, 10), "sway": (20, 26), "nothing": (0.5,), "wave": (30, 33), "once": (40,)}
    for name, begins in parts.items():
        (folder / name).mkdir()
        for k, begin in enumerate(begins):
            cut = ("-ss", str(begin), "-t", "1.6", "-i", assets / "demo.mp4", "-vf", "fps=15", "-an")
            ffmpeg(*cut, "-c:v", "libx264", "-preset", "ultrafast", folder / name / f"{k}.mp4")
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc=d=1:r=15:s=160x90", "-c:v", "libx264", folder / "reach" / "nobody.mp4"
    )
    (folder / "reach" / "words.mp4").write_text("words")
    return folder


def test_the_command_teaches_and_what_it_writes_is_used(taught_films, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(teach_actions, "DRAWN", 4)
    monkeypatch.setattr(teach_school, "STREAMS", 6)
    monkeypatch.setattr("app.pipeline.teaching.CACHE", tmp_path)
    out = tmp_path / "mine.safetensors"
    code = cli.main(["teach", "actions", "--from", str(taught_films), "--out", str(out), "--steps", "4"])
    told = capsys.readouterr()
    assert code == 0, told.err
    assert "of 4 takes named rightly by a training that had not seen them" in told.out
    for line in (
        "reach: nobody.mp4 is no take: there is no person seen in it.",
        "wave is not learnt: the model has a class wave already.",
        "once is not learnt: it has 1 take of its own",
    ):
        assert line in told.err, told.err
    assert "reach: words.mp4" in told.err
    card = read_card(out)[1]
    assert card["labels"][-2:] == ["reach", "sway"]
    assert list(card["taught"]["classes"]) == ["reach", "sway"]
    assert all(told.startswith("2 takes") for told in card["taught"]["classes"].values())
    assert card["taught"]["on"].startswith("actions.safetensors (")
    extractor, stream = load_actions(out)
    extractor.close()
    assert stream.info.labels[-1] == "sway"
    assert cli.main(["export", str(out), str(tmp_path / "mine.onnx")]) == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--from", "nowhere", "--out", "x.safetensors"), "nowhere is no folder"),
        (("--from", ".", "--out", "x.safetensors"), "has no folder in it"),
        (("--from", ".", "--out", "no/where/x.safetensors"), "cannot be written"),
        (("--from", ".", "--out", "x.safetensors", "--steps", "0"), "steps is 0, expected at least 1"),
        (("--from", ".", "--out", "x.safetensors", "--on", "x"), "no weights at x"),
    ],
)
def test_wrong_arguments_are_told_in_a_line(arguments, why, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["teach", "actions", *arguments]) == 2
    assert why in capsys.readouterr().err


def test_sounds_are_taught_too(tmp_path, capsys):
    need("ffmpeg")
    makes = {
        "beep": ("sine=880:d=4", "sine=840:d=4"),
        "hiss": ("anoisesrc=d=4:c=white:a=0.4:seed=1", "anoisesrc=d=4:c=white:a=0.3:seed=2"),
        "nothing": ("anoisesrc=d=4:c=brown:a=0.05:seed=3",),
    }
    for name, sources in makes.items():
        (tmp_path / name).mkdir()
        for k, source in enumerate(sources):
            ffmpeg("-f", "lavfi", "-i", source, tmp_path / name / f"{k}.wav")
    ffmpeg("-f", "lavfi", "-i", "anullsrc=d=2", "-t", "2", tmp_path / "beep" / "silent.wav")
    out = tmp_path / "sounds.safetensors"
    assert cli.main(["teach", "genres", "--from", str(tmp_path), "--out", str(out), "--steps", "40"]) == 0
    told = capsys.readouterr()
    assert "silent.wav is no take: there is no sound heard in it" in told.err
    card = read_card(out)[1]
    assert card["labels"][-2:] == ["beep", "hiss"]
    assert card["taught"]["leave_one_take_out"]["right"] >= 0.75, card["taught"]
