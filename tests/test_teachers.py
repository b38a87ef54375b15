"""A model that learns from others: what these say of streams, and who must not have trained them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.learning import train
from models.checkpoint import CARD_KEYS, load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.extractors.pose import SIZE
from models.training.actions.learner import FOLDS, TAUGHT, Learner
from models.training.actions.skeletons import Clip, read_mapping
from models.training.actions.streams import UNSAID, Stream
from models.training.actions.teachers import Teachers
from models.training.calibration import softmax
from models.training.dense import TRUST, Stretches
from tests.test_acted import clips
from tests.test_actions_training import write_set

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
    return Stream(rng.normal(size=(ticks, SIZE)).astype(np.float32), labels, np.ones((ticks, 13, 6)))


def test_teachers_say_the_mean_of_what_each_says_of_its_own_classes(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    alike = weights(tmp_path / "alike.safetensors", CLASSES)
    more = weights(tmp_path / "more.safetensors", ["sit-up", *reversed(CLASSES)], 1)
    taught, one = Teachers([alike, more], CLASSES), stream(rng)
    (said,) = taught([one], progress=False)
    np.testing.assert_allclose(said.sum(1), 1, atol=3e-3)
    expected = np.zeros((2, len(CLASSES)))
    for k, path in enumerate((alike, more)):
        model, card = load_checkpoint(path)
        with torch.inference_mode():
            newest = model(torch.from_numpy(one.tokens[-8:])[None], len(one.tokens) - 8).numpy()
        for name, share in zip(card["labels"], softmax(newest, 0.5)[0], strict=True):
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
    batch = Stretches(streams, CLASSES, {}, batch=8, length=100, taught=taught)(np.random.default_rng(3))
    hard = Stretches(streams, CLASSES, {}, batch=8, length=100)(np.random.default_rng(3))
    assert torch.equal(batch.tokens, hard.tokens)
    counts = hard.targets >= 0
    assert 0 < counts.sum() < len(counts) and not batch.targets[~counts].any()
    soft = batch.targets[counts]
    np.testing.assert_allclose(soft.sum(1), 1, atol=1e-6)
    rows = np.concatenate([s.tokens for s in streams[1:]])
    said = np.concatenate(taught[1:])
    where = [
        np.flatnonzero((rows == token).all(1))[0] for token in batch.tokens.flatten(0, 1)[counts].numpy()
    ]
    expected = TRUST * said[where] + (1 - TRUST) * np.eye(len(CLASSES))[hard.targets[counts]]
    np.testing.assert_allclose(soft, expected, atol=1e-6)


def people() -> list[Clip]:
    return [replace(clip, person=f"set/{k + 1}") for k, clip in enumerate(clips(FOLDS))]


def test_who_is_held_out_trained_no_teacher(tmp_path: Path) -> None:
    teacher = weights(tmp_path / "teacher.safetensors", CLASSES)
    learner = Learner(people(), [], CLASSES, SMALL, 1, 2, 0, None, "x", False, teachers=[teacher])
    assert len(learner.made(FOLDS - 1)) == TAUGHT
    learner(FOLDS - 1)
    for known in (0, 1):
        with pytest.raises(ValueError, match=rf"set/{known + 1} trained a teacher \(teacher\.safetensors\)"):
            learner(known)


def test_a_student_learns_what_its_teacher_says(tmp_path: Path) -> None:
    teacher = weights(tmp_path / "teacher.safetensors", CLASSES)
    model, card = load_checkpoint(teacher)
    with torch.no_grad():
        model.head.bias[CLASSES.index("lunge")] += 20  # a teacher of one idea
    save_checkpoint(teacher, model, card)
    learner = Learner(people(), [], CLASSES, SMALL, 2, 200, 0, None, "x", False)
    taught = replace(learner, teachers=[teacher])
    streams = learner.made(FOLDS - 1)
    shares = []
    for one in (learner, taught):
        network, _ = one(FOLDS - 1)
        with torch.inference_mode():
            logits = network(torch.from_numpy(streams[0].tokens[None, 100:164]))
        shares.append(float(logits.softmax(-1)[0, CLASSES.index("lunge")]))
    assert shares[0] < 0.1 and shares[1] > 0.3


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
