"""Weights on disk: what is saved comes back, and what is not a checkpoint is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.checkpoint import CARD_KEYS, load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer


def model_and_card() -> tuple[ContinualTransformer, dict]:
    torch.manual_seed(0)
    model = ContinualTransformer(
        input_size=5,
        classes=2,
        window=6,
        model_size=16,
        heads=4,
        feedforward=24,
        blocks=2,
        positional="cyclic",
    )
    card = dict.fromkeys(CARD_KEYS, "…") | {"labels": ["a", "b"], "window": 6, "scores": {"accuracy": 0.5}}
    card |= {"rate": 15.0, "temperature": 1.0, "threshold": 0.5, "features": {}}
    return model, card


def test_a_model_comes_back_with_its_card(tmp_path: Path) -> None:
    model, card = model_and_card()
    save_checkpoint(tmp_path / "a.safetensors", model, card)
    loaded, same = load_checkpoint(tmp_path / "a.safetensors")
    assert same == card and loaded.config == model.config and not loaded.training
    tokens = torch.randn(2, 6, 5)
    assert torch.equal(loaded(tokens, tick=9), model.eval()(tokens, tick=9))
    save_checkpoint(tmp_path / "b.safetensors", loaded, card)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "b.safetensors"]


def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    model, card = model_and_card()
    good = tmp_path / "good.safetensors"
    save_checkpoint(good, model, card)
    whole = good.read_bytes()
    bad = tmp_path / "bad.safetensors"
    with pytest.raises(FileNotFoundError, match=r"bad\.safetensors"):
        load_checkpoint(bad)
    for content in (b"", b"hello", whole[: len(whole) // 2], whole[:-1], b"\xff" * 64):
        bad.write_bytes(content)
        with pytest.raises(ValueError, match=r"bad\.safetensors is not a readable safetensors file"):
            load_checkpoint(bad)
    tensors = load_file(good)
    save_file(tensors, bad)
    with pytest.raises(ValueError, match=r"bad\.safetensors is not a Continual Transformer's checkpoint"):
        load_checkpoint(bad)
    del model.head
    model.head = torch.nn.Linear(16, 3)  # a state that does not fit its configuration
    save_checkpoint(bad, model, card)
    with pytest.raises(ValueError, match=r"bad\.safetensors is not"):
        load_checkpoint(bad)


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    model, card = model_and_card()
    with torch.no_grad():
        model.head.bias[0] = torch.nan
    save_checkpoint(tmp_path / "nan.safetensors", model, card)
    with pytest.raises(ValueError, match=r"nan.safetensors has weights that are not finite: head.bias"):
        load_checkpoint(tmp_path / "nan.safetensors")


def test_a_card_that_lacks_or_contradicts_is_refused(tmp_path: Path) -> None:
    model, card = model_and_card()
    for change, message in (
        ({"labels": ["a"]}, "1 labels for 2 classes"),
        ({"window": 7}, "card's window is 7, the model's 6"),
    ):
        with pytest.raises(ValueError, match=message):
            save_checkpoint(tmp_path / "c.safetensors", model, card | change)
    del card["licence"]
    with pytest.raises(ValueError, match="lacks licence"):
        save_checkpoint(tmp_path / "c.safetensors", model, card)
    assert not list(tmp_path.iterdir())
