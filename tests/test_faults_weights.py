"""The matrix of faults, weights: whatever a file of weights holds, one line says what is wrong with it."""

from __future__ import annotations

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.checkpoint import CARD_KEYS, ENTRY, load_checkpoint, read_card, save_checkpoint
from models.continual.classifier import ContinualTransformer


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    """Weights that load."""
    sizes = {"model_size": 16, "heads": 4, "feedforward": 24, "blocks": 1}
    model = ContinualTransformer(input_size=5, classes=2, window=6, **sizes)
    card = dict.fromkeys(CARD_KEYS, "…") | {"labels": ["a", "b"], "window": 6, "features": {}}
    card |= {"rate": 15.0, "temperature": 1.0, "threshold": 0.5}
    path = tmp_path_factory.mktemp("weights") / "good.safetensors"
    save_checkpoint(path, model, card)
    load_checkpoint(path)
    return path


Damage = Callable[[Path, Path], object]


def as_bytes(change: Callable[[bytes], bytes]) -> Damage:
    return lambda good, bad: bad.write_bytes(change(good.read_bytes()))


def with_header(change: Callable[[dict[str, Any]], object]) -> Damage:
    """With another header over the same numbers."""

    def damage(good: Path, bad: Path) -> None:
        content = good.read_bytes()
        (length,) = struct.unpack("<Q", content[:8])
        header = json.loads(content[8 : 8 + length])
        change(header)
        text = json.dumps(header).encode()
        bad.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])

    return damage


def with_tensors(change: Callable[[dict[str, torch.Tensor]], object]) -> Damage:
    def damage(good: Path, bad: Path) -> None:
        tensors = load_file(good)
        change(tensors)
        config, card = read_card(good)
        save_file(tensors, bad, metadata={ENTRY: json.dumps({"config": config, "card": card})})

    return damage


def with_stored(**changes: dict[str, Any]) -> Damage:
    """With other entries in the configuration or the card."""

    def damage(good: Path, bad: Path) -> None:
        config, card = read_card(good)
        stored = {"config": config | changes.get("config", {}), "card": card | changes.get("card", {})}
        save_file(load_file(good), bad, metadata={ENTRY: json.dumps(stored)})

    return damage


def metadata(text: str) -> Damage:
    return lambda good, bad: save_file(load_file(good), bad, metadata={ENTRY: text})


NO_FILE = "is not a readable safetensors file"
NO_CHECKPOINT = "is not a Continual Transformer's checkpoint"
DEEP = '{"config": ' + "[" * 100_000

# What is wrong -> what is done to good weights, and what is said of them.
WEIGHTS: dict[str, tuple[Damage, str]] = {
    "no such file": (lambda good, bad: None, "no weights at"),
    "a folder": (lambda good, bad: bad.mkdir(), "no weights at"),
    "an empty file": (as_bytes(lambda b: b""), NO_FILE),
    "cut in the middle": (as_bytes(lambda b: b[: len(b) // 2]), NO_FILE),
    "one byte short": (as_bytes(lambda b: b[:-1]), NO_FILE),
    "cut within its header": (as_bytes(lambda b: b[:20]), NO_FILE),
    "bytes behind its end": (as_bytes(lambda b: b + b"more"), NO_FILE),
    "a text with that name": (as_bytes(lambda b: b"These are no weights.\n" * 50), NO_FILE),
    "a pickle with that name": (as_bytes(lambda b: pickle.dumps({"head.bias": [0.0]})), NO_FILE),
    "a zip of torch.save with that name": (lambda good, bad: torch.save(load_file(good), bad), NO_FILE),
    "a header of 2⁶⁰ bytes": (as_bytes(lambda b: struct.pack("<Q", 1 << 60) + b[8:]), NO_FILE),
    "a header that is no JSON": (as_bytes(lambda b: b[:8] + b"\xff" * 40 + b[48:]), NO_FILE),
    "a tensor behind the end": (
        with_header(lambda h: h["head.bias"].update(data_offsets=[0, 1 << 40])),
        NO_FILE,
    ),
    "a tensor of a size below 0": (with_header(lambda h: h["head.bias"].update(shape=[-2])), NO_FILE),
    "a tensor of no known type": (with_header(lambda h: h["head.bias"].update(dtype="F99")), NO_FILE),
    "weights without a card": (lambda good, bad: save_file(load_file(good), bad), NO_CHECKPOINT),
    "a card that is no JSON": (metadata("{"), NO_CHECKPOINT),
    "a card a hundred thousand brackets deep": (metadata(DEEP), NO_CHECKPOINT),
    "a card that is a list": (metadata("[1, 2]"), NO_CHECKPOINT),
    "a configuration that is a number": (metadata('{"config": 1, "card": {}}'), "are no tables"),
    "a million blocks": (with_stored(config={"blocks": 10**6}), "blocks is 1000000, expected at most"),
    "a model of 10¹² numbers": (with_stored(config={"model_size": 10**12}), "expected at most 100000"),
    "a window below 0": (with_stored(config={"window": -6}), "window is -6, expected at most"),
    "a setting that nobody knows": (with_stored(config={"magic": 1}), NO_CHECKPOINT),
    "a wider model than its weights": (with_stored(config={"model_size": 32}), "expected torch.float32 (32"),
    "a tensor missing": (with_tensors(lambda t: t.pop("head.bias")), "head.bias is missing"),
    "a tensor too many": (with_tensors(lambda t: t.update(more=torch.ones(1))), "Unexpected key"),
    "a tensor of another shape": (
        with_tensors(lambda t: t.update({"head.bias": torch.ones(3)})),
        "head.bias is torch.float32 (3,), expected torch.float32 (2,)",
    ),
    "a tensor of another type": (
        with_tensors(lambda t: t.update({"head.bias": t["head.bias"].double()})),
        "head.bias is torch.float64 (2,), expected torch.float32 (2,)",
    ),
    "a weight that is no number": (
        with_tensors(lambda t: t["head.bias"].fill_(torch.nan)),
        "has weights that are not finite: head.bias",
    ),
    "a card without a key": (
        lambda good, bad: metadata(json.dumps({"config": read_card(good)[0], "card": {}}))(good, bad),
        "the model card lacks",
    ),
    "a label too few": (with_stored(card={"labels": ["a"]}), "1 labels for 2 classes"),
    "labels that are numbers": (with_stored(card={"labels": [1, 2]}), "expected a list of names"),
    "labels that are none": (with_stored(card={"labels": None}), "expected a list of names"),
    "a rate that is no number": (with_stored(card={"rate": float("nan")}), "rate is nan, expected a number"),
    "a rate of a million": (with_stored(card={"rate": 1e6}), "rate is 1000000.0, expected a number"),
    "a temperature of 0": (with_stored(card={"temperature": 0}), "temperature is 0, expected a number"),
    "a threshold of 2": (with_stored(card={"threshold": 2}), "threshold is 2, expected a number"),
    "a card of another window": (with_stored(card={"window": 7}), "card's window is 7, the model's 6"),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_bad_weights_are_one_clear_line(case, good, tmp_path):
    damage, said = WEIGHTS[case]
    bad = tmp_path / "bad.safetensors"
    damage(good, bad)
    with pytest.raises((ValueError, FileNotFoundError)) as caught:
        load_checkpoint(bad)
    message = str(caught.value)
    assert said in message and "bad.safetensors" in message
    assert "\n" not in message and len(message) < 600


def test_a_name_that_is_no_text_is_printed(good, tmp_path):
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.safetensors"))
    with pytest.raises(FileNotFoundError, match=r"caf\?\.safetensors"):
        load_checkpoint(odd)
    odd.write_bytes(good.read_bytes())
    try:
        load_checkpoint(odd)
    except ValueError as error:  # safetensors itself may take only names that are text
        str(error).encode("utf-8")
