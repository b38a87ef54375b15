"""A model that learns from others: what these say of streams, and who must not have trained them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from app.learning import train
from models.checkpoint import CARD_KEYS, load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.extractors.anatomy import MIRROR
from models.extractors.pose import SIZE, vectors
from models.training.actions import learner as learners
from models.training.actions.learner import FOLDS, TAUGHT, Learner
from models.training.actions.reels import show
from models.training.actions.skeletons import Clip, read_mapping
from models.training.actions.streams import UNSAID, Stream, Studio
from models.training.actions.teachers import Teachers
from models.training.calibration import softmax
from models.training.dense import BESIDE, SMOOTHED, TRUST, Stretches, TwoQuestions
from tests.test_acted import clips
from tests.test_actions_training import write_set
from tests.test_recordings import flat

CLASSES = read_mapping()["classes"]
SMALL = {"model_size": 16, "heads": 2, "feedforward": 16, "blocks": 1, "dropout": 0.0}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def weights(path: Path, labels: list[str], seed: int = 0, task: str = "actions", **card: object) -> Path:
    """An untrained model with a card."""
    torch.manual_seed(seed)
    model = ContinualTransformer(input_size=SIZE, classes=len(labels), window=8, **SMALL).eval()
    known: dict[str, object] = dict.fromkeys(CARD_KEYS, "") | {"features": {}}
    known |= {"task": task, "labels": labels, "rate": 15.0, "window": 8, "temperature": 0.5, "threshold": 0.5}
    save_checkpoint(path, model, known | {"split": {"training": ["set/1", "set/2"]}} | card)
    return path


def stream(rng: np.random.Generator, ticks: int = 150) -> Stream:
    labels = rng.integers(0, len(CLASSES), ticks)
    labels[:20] = UNSAID
    return Stream(
        rng.normal(size=(ticks, SIZE)).astype(np.float32),
        labels,
        np.ones((ticks, 13, 6)),
        rng.integers(-1, 3, ticks),
    )


def test_teachers_say_the_mean_of_what_each_says_of_its_own_classes(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    alike = weights(tmp_path / "alike.safetensors", CLASSES)
    more = weights(tmp_path / "more.safetensors", ["sit-up", *reversed(CLASSES)], 1)
    taught, one = Teachers([alike, more], CLASSES), stream(rng)
    one.poses[:] += rng.normal(0, 0.1, one.poses.shape)
    (said,) = taught([one], progress=False)
    turned = one.poses[:, list(MIRROR)] * [-1, 1, 1, -1, 1, 1]
    turned[..., 0] += 2.5  # as wide as the picture may be
    stretches = torch.from_numpy(np.stack([one.tokens, vectors(turned, 15.0)])[:, -8:])
    np.testing.assert_allclose(said.sum(1), 1, atol=3e-3)
    expected = np.zeros((2, len(CLASSES)))
    for k, path in enumerate((alike, more)):
        model, card = load_checkpoint(path)
        with torch.inference_mode():
            newest = model(stretches, len(one.tokens) - 8).numpy()
        for name, share in zip(card["labels"], softmax(newest, 0.5).mean(0), strict=True):
            expected[k, CLASSES.index(name if name in CLASSES else "other")] += share
    np.testing.assert_allclose(said[-1], expected.mean(0), atol=2e-3)
    assert taught.people == {"set/1", "set/2"} and taught.names == ["alike.safetensors", "more.safetensors"]


def test_what_cannot_teach_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"few\.safetensors does not know wave: it cannot teach that"):
        Teachers([weights(tmp_path / "few.safetensors", [c for c in CLASSES if c != "wave"])], CLASSES)
    with pytest.raises(ValueError, match=r"songs\.safetensors is no action model"):
        Teachers([weights(tmp_path / "songs.safetensors", CLASSES, task="genres")], CLASSES)


def test_targets_are_what_teachers_say_and_a_little_what_is_so(rng: np.random.Generator) -> None:
    streams = [stream(rng, 60), stream(rng), stream(rng)]  # the first is too short
    taught = [softmax(rng.normal(size=(len(s.labels), len(CLASSES))), 1.0) for s in streams]
    hard, batch, untaught = (
        Stretches(streams, CLASSES, {}, 8, 100, motions, said)(np.random.default_rng(3))
        for motions, said in ((None, None), (3, taught), (3, None))
    )
    assert torch.equal(batch.tokens, hard.tokens)
    counts = (hard.targets >= 0).numpy()
    said, asked = (part.numpy() for part in batch.targets.tensor_split([len(CLASSES)], 1))
    assert 0 < counts.sum() < len(counts) and not said[~counts].any()
    rows = np.concatenate([s.tokens for s in streams[1:]])
    where = [np.flatnonzero((rows == token).all(1))[0] for token in batch.tokens.flatten(0, 1).numpy()]
    told = np.eye(len(CLASSES))[hard.targets[counts]]
    expected = TRUST * np.concatenate(taught[1:])[where][counts] + (1 - TRUST) * told
    np.testing.assert_allclose(said[counts], expected, atol=1e-6)
    motions = np.concatenate([s.motions for s in streams[1:]])[where]
    assert not asked[motions == UNSAID].any()
    np.testing.assert_array_equal(asked[motions >= 0].argmax(1), motions[motions >= 0])
    np.testing.assert_allclose(asked[motions >= 0].sum(1), BESIDE, rtol=1e-6)
    smoothed = (1 - SMOOTHED) * told + SMOOTHED / len(CLASSES)
    np.testing.assert_allclose(untaught.targets[counts, : len(CLASSES)], smoothed, atol=1e-6)


def test_two_questions_are_two_cross_entropies(rng: np.random.Generator) -> None:
    logits = torch.from_numpy(rng.normal(size=(6, 5)).astype(np.float32)).requires_grad_()
    targets = torch.from_numpy(rng.dirichlet(np.ones(5), 6).astype(np.float32))
    both = TwoQuestions(Given(logits), 3)(logits, logits)
    (whole,) = torch.autograd.grad(cross_entropy(both, targets), logits)
    apart = cross_entropy(logits[:, :3], targets[:, :3]) + cross_entropy(logits[:, 3:], targets[:, 3:])
    np.testing.assert_allclose(whole, torch.autograd.grad(apart, logits)[0], atol=1e-6)


class Given(torch.nn.Module):
    """Answers with what it was given."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, tokens: torch.Tensor, **_: object) -> torch.Tensor:
        return self.logits


def test_ticks_know_their_motion_wherever_what_was_recorded_is_shown(rng: np.random.Generator) -> None:
    """Of two motions of one class and one of another; drawn movement and rest are none of them."""
    names = ("set/swipe", "set/knock", "set/wave")
    labels = ("other", "other", "wave")
    made = [replace(one, motion=m, label=c) for one, m, c in zip(clips(3), names, labels, strict=True)]
    studio = Studio(made, CLASSES, 15.0)
    assert studio.motions == sorted(names)
    whose = np.array([CLASSES.index(dict(zip(names, labels, strict=True))[name]) for name in studio.motions])
    seen = set()
    for number in range(40):
        shown = studio.stream(np.random.default_rng(number), 30.0)
        known = shown.motions != UNSAID
        np.testing.assert_array_equal(shown.labels[known], whose[shown.motions[known]])
        assert not known[shown.labels == CLASSES.index("idle")].any()
        assert shown.labels.max() < len(CLASSES)
        seen |= set(shown.motions[known])
    assert seen == {0, 1, 2}
    _, said = studio.movement(rng, 30.0)
    assert said.max() < len(CLASSES)
    marked = replace(flat("squat", looped=True, seen=False), motion="set/deep")
    _, codes = show(rng, marked, CLASSES, 15.0, codes={"set/deep": 99})
    _, plain = show(rng, marked, CLASSES, 15.0)
    assert set(codes) - {UNSAID, CLASSES.index("idle")} == {99}
    assert set(plain) - {UNSAID, CLASSES.index("idle")} == {CLASSES.index("squat")}


def people() -> list[Clip]:
    return [replace(clip, person=f"set/{k + 1}") for k, clip in enumerate(clips(FOLDS))]


def test_who_is_held_out_trained_no_teacher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learners, "BATCH", 4)
    teacher = weights(tmp_path / "teacher.safetensors", CLASSES)
    learner = Learner(people(), [], CLASSES, SMALL, 1, 2, 0, None, "x", False, teachers=[teacher])
    assert len(learner.made(FOLDS - 1)) == TAUGHT
    learner(FOLDS - 1)
    for known in (0, 1):
        with pytest.raises(ValueError, match=rf"set/{known + 1} trained a teacher \(teacher\.safetensors\)"):
            learner(known)


def test_training_goes_on_from_other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learners, "BATCH", 4)
    monkeypatch.setattr(learners, "PROBED", 1)
    monkeypatch.setattr(learners, "WINDOW", 8)
    start = weights(tmp_path / "start.safetensors", CLASSES)
    learner = Learner(people(), [], CLASSES, SMALL, 1, 1, 0, None, "x", False, start=start)
    network, _ = learner(FOLDS - 1)
    tokens = torch.from_numpy(learner.made(FOLDS - 1)[0].tokens[None, 100:108])
    with torch.inference_mode():
        ours, theirs = network(tokens), load_checkpoint(start)[0](tokens)
    assert float((ours - theirs).abs().max()) < 0.1 < float((ours - ours.mean()).abs().max())

    with pytest.raises(ValueError, match=r"set/1 trained start\.safetensors, the start, and would be held"):
        learner(0)
    wider = SMALL | {"feedforward": 32}
    with pytest.raises(ValueError, match=r"'feedforward': 16.*expected .*'feedforward': 32"):
        replace(learner, shape=wider)(FOLDS - 1)
    other = weights(tmp_path / "other.safetensors", CLASSES[::-1])
    with pytest.raises(ValueError, match="has the classes other"):
        replace(learner, start=other)(FOLDS - 1)
    monkeypatch.setattr(learners, "WINDOW", 6)  # whose table of positions would be a part of the start's
    with pytest.raises(ValueError, match=r"'window': 8.*expected .*'window': 6"):
        learner(FOLDS - 1)


def test_a_student_learns_what_its_teacher_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learners, "BATCH", 4)  # and few steps of the probe: this is not about how well
    monkeypatch.setattr(learners, "PROBED", 1)
    teacher = weights(tmp_path / "teacher.safetensors", CLASSES)
    model, card = load_checkpoint(teacher)
    with torch.no_grad():
        model.head.bias[CLASSES.index("lunge")] += 20  # a teacher of one idea
    save_checkpoint(teacher, model, card)
    learner = Learner(people(), [], CLASSES, SMALL, 1, 200, 0, None, "x", False, teachers=[teacher])
    (stream, *_) = learner.made(FOLDS - 1)
    assert (stream.labels[100:164] != CLASSES.index("lunge")).all()
    network, _ = learner(FOLDS - 1)
    with torch.inference_mode():
        logits = network(torch.from_numpy(stream.tokens[None, 100:164]))
    assert float(logits.softmax(-1)[0, CLASSES.index("lunge")]) > 0.3


def test_other_is_taken_for_rarer_than_training_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learners, "BATCH", 4)
    biases = []
    for nats in (0.0, 1.5):
        monkeypatch.setattr(learners, "RARER", nats)
        learner = Learner(people(), [], CLASSES, SMALL, 1, 1, 0, None, "x", False)
        network, _ = learner(FOLDS - 1)
        biases.append(network.head.bias.detach().numpy())
    moved = np.zeros(len(CLASSES))
    moved[CLASSES.index("other")] = 1.5
    np.testing.assert_allclose(biases[0] - biases[1], moved, atol=1e-6)


def test_the_card_names_the_teachers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, out = write_set(tmp_path / "set.npz"), tmp_path / "out.safetensors"
    teacher = weights(tmp_path / "teacher.safetensors", CLASSES)
    from models.training.actions import learn

    whole = learn.train
    monkeypatch.setattr(learn, "train", lambda *a, **k: whole(*a, **k, streams=2, steps=1, progress=False))
    assert train("actions", [data], out, cache=tmp_path, teachers=[teacher], shape=SMALL) == 0
    _, card = load_checkpoint(out)
    assert card["data"]["teachers"] == ["teacher.safetensors"]
    assert train("actions", [data], out, cache=tmp_path, teachers=[tmp_path / "none.safetensors"]) == 2
