"""The mean of trained weights: what it is of, and what has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from app.learning import train
from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.extractors.pose import SIZE
from models.training.actions import learn
from models.training.actions import learner as learners
from models.training.actions.learner import FOLDS, Learner
from models.training.actions.soup import Soup
from models.training.baselines import Probe, probe_path
from tests.test_actions_training import write_set
from tests.test_teachers import CLASSES, SMALL, people, weights


def with_probe(path: Path, seed: int, labels: list[str] = CLASSES) -> Path:
    torch.manual_seed(seed + 100)
    save_file(Probe(SIZE, len(labels), 8).state_dict(), probe_path(path))
    return weights(path, labels, seed)


def test_a_soup_is_the_mean_of_all_weights_and_of_their_probes(tmp_path: Path) -> None:
    a, b = (with_probe(tmp_path / f"{k}.safetensors", k) for k in (1, 2))
    first, second = (load_checkpoint(path)[0].state_dict() for path in (a, b))
    both = Soup([a, a, b], CLASSES, 8)
    model, probe = both()
    assert both.names == ["1.safetensors", "1.safetensors", "2.safetensors"]
    assert both.people == {"set/1", "set/2"} and not model.training
    for name, part in model.state_dict().items():
        torch.testing.assert_close(part, (2 * first[name] + second[name]) / 3)
    one, other = (load_file(probe_path(path))["linear.weight"] for path in (a, b))
    torch.testing.assert_close(probe.linear.weight.detach(), (2 * one + other) / 3)


def test_what_has_no_mean_is_refused(tmp_path: Path) -> None:
    good = with_probe(tmp_path / "good.safetensors", 0)
    turned = with_probe(tmp_path / "turned.safetensors", 0, CLASSES[::-1])
    with pytest.raises(ValueError, match=r"turned\.safetensors is for actions and has the classes other, "):
        Soup([good, turned], CLASSES, 8)
    with pytest.raises(ValueError, match=r"good\.safetensors has a window of 8 tokens: expected 64"):
        Soup([good], CLASSES, 64)
    torch.manual_seed(1)
    model, card = load_checkpoint(good)
    wider = ContinualTransformer(**model.config | {"feedforward": 32}).eval()
    save_checkpoint(tmp_path / "wider.safetensors", wider, card)
    with pytest.raises(ValueError, match=r"wider\.safetensors has the shape .*'feedforward': 32.*: 16"):
        Soup([good, tmp_path / "wider.safetensors"], CLASSES, 8)
    alone = weights(tmp_path / "alone.safetensors", CLASSES)
    with pytest.raises(FileNotFoundError, match=r"alone_probe\.safetensors"):
        Soup([good, alone], CLASSES, 8)
    save_file(Probe(SIZE, 3, 8).state_dict(), probe_path(alone))
    with pytest.raises(ValueError, match=r"alone_probe\.safetensors is not the linear probe .*size mismatch"):
        Soup([good, alone], CLASSES, 8)
    probe_path(alone).write_bytes(b"no tensors")
    with pytest.raises(ValueError, match=r"alone_probe\.safetensors is not the linear probe of"):
        Soup([good, alone], CLASSES, 8)


def test_who_is_held_out_trained_no_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learners, "WINDOW", 8)
    part = with_probe(tmp_path / "part.safetensors", 0)
    learner = Learner(people(), [], CLASSES, SMALL, 1, 1, 0, None, "x", False, soup=[part])
    network, _ = learner(FOLDS - 1)
    expected = load_checkpoint(part)[0].state_dict()
    assert all(torch.equal(own, expected[name]) for name, own in network.state_dict().items())
    rarer, _ = replace(learner, rarer=0.25)(FOLDS - 1)
    lower = expected["head.bias"] - rarer.head.bias
    torch.testing.assert_close(lower, 0.25 * torch.tensor([float(name == "other") for name in CLASSES]))
    with pytest.raises(ValueError, match=r"set/1 trained a part of the soup \(part\.safetensors\)"):
        learner(0)


def test_a_soup_has_a_card_and_learns_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(learners, "WINDOW", 8)
    monkeypatch.setattr(learn, "WINDOW", 8)
    whole = learn.train
    monkeypatch.setattr(learn, "train", lambda *a, **k: whole(*a, **k, streams=2, progress=False))
    data, out = write_set(tmp_path / "set.npz"), tmp_path / "out.safetensors"
    parts = [with_probe(tmp_path / f"{name}.safetensors", k) for k, name in enumerate("ab")]
    assert train("actions", [data], out, cache=tmp_path, soup=parts) == 0
    _, card = load_checkpoint(out)
    assert card["data"]["soup"] == ["a.safetensors", "b.safetensors"]
    assert card["scores"]["held_out"]["people"] and probe_path(out).is_file()
    capsys.readouterr()
    assert train("actions", [data], out, cache=tmp_path, soup=parts, teachers=parts) == 2
    assert "expected nothing more to learn from beside it" in capsys.readouterr().err
    assert train("actions", [data], out, cache=tmp_path, soup=parts, rarer=float("nan")) == 2
    assert "rarer is nan nats, expected a finite number" in capsys.readouterr().err
