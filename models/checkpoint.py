"""Weights on disk: safetensors, with the model's configuration and its card as JSON in the metadata."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from models.continual.classifier import ContinualTransformer
from models.paper.oadtr import OadTR
from models.rivals.base import Rival

Model = TypeVar("Model", ContinualTransformer, ContinualTransformer | OadTR | Rival)

# One metadata entry, so that the same model gives the same bytes: safetensors does not order several.
ENTRY = "continual_transformer"

LARGEST = 100_000  # of a configuration's sizes
LINE = 300  # signs of a library's message
# What the numbers of a card may be.
NUMBERS = {"rate": (0.01, 1000.0), "temperature": (0.001, 1000.0), "threshold": (0.0, 1.0)}

CARD_KEYS = (
    "task",
    "labels",
    "rate",
    "window",
    "temperature",
    "threshold",
    "features",
    "data",
    "split",
    "scores",
    "licence",
    "limits",
    "command",
    "seed",
    "date",
)


def save_checkpoint(
    path: str | Path, model: ContinualTransformer | OadTR | Rival, card: Mapping[str, Any]
) -> None:
    """Write ``model`` and ``card`` to ``path``, whole or not at all.

    Parameters
    ----------
    path : path
    model : ContinualTransformer or OadTR
    card : dict
        ``task``, ``labels``, ``rate`` (ticks/s), ``window`` (n), ``temperature`` (logits are divided by it),
        ``threshold`` (of rejection), ``features``, ``data``, ``split``, ``scores``, ``licence``, ``limits``,
        ``command``, ``seed``, ``date``; ``thresholds`` of single labels may be there too.

    Raises
    ------
    ValueError
        The card lacks a key, or contradicts the model.
    """
    _check_card(str(path), model, card)
    tensors = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    path = Path(path)
    part = path.with_name(path.name + ".part")
    save_file(tensors, part, metadata={ENTRY: json.dumps({"config": model.config, "card": dict(card)})})
    os.replace(part, path)


def load_checkpoint(
    path: str | Path, device: str | torch.device = "cpu"
) -> tuple[ContinualTransformer, dict[str, Any]]:
    """Read a model, in evaluation mode, and its card.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is not a checkpoint of a Continual Transformer, or is damaged; names it.
    """
    return load_model(path, lambda config: ContinualTransformer(**config), device)


def load_model(
    path: str | Path, build: Callable[[dict[str, Any]], Model], device: str | torch.device = "cpu"
) -> tuple[Model, dict[str, Any]]:
    """As `load_checkpoint`, of the model that ``build`` makes of the stored configuration."""
    path, name = Path(path), _shown(path)
    if not path.is_file():
        raise FileNotFoundError(f"no weights at {name}: expected a .safetensors file")
    metadata, tensors = _read(path, weights=True)
    config, card = _stored(path, metadata)
    try:
        _check_config(config, len(tensors))
        with torch.device("meta"):  # nothing is allocated by what a configuration claims
            shell = build(config)
        _check_tensors(shell.state_dict(), tensors)
        model = build(config)
        model.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{name} is not a Continual Transformer's checkpoint: {_line(error)}") from error
    _check_card(name, model, card)
    wrong = [key for key, value in tensors.items() if not value.isfinite().all()]
    if wrong:
        raise ValueError(f"{name} has weights that are not finite: {', '.join(wrong)}")
    return model.to(device).eval(), card


def read_card(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration and the card of a checkpoint, without its weights.

    Raises
    ------
    ValueError
        The file is not a checkpoint of ours.
    """
    return _stored(Path(path), _read(Path(path), weights=False)[0])


def label_thresholds(card: Mapping[str, Any]) -> list[float]:
    """The rejection threshold of each label of a card: its own where it has one, else the card's."""
    own = card.get("thresholds", {})
    return [float(own.get(name, card["threshold"])) for name in card["labels"]]


def _read(path: Path, weights: bool) -> tuple[dict[str, str], dict[str, Tensor]]:
    """The metadata of a safetensors file, and its tensors where they are wanted."""
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys() if weights else []
            return file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError, RuntimeError, KeyError) as error:
        message = f"{_shown(path)} is not a readable safetensors file: {_line(error)}"
        raise ValueError(message) from error


def _stored(path: Path, metadata: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration and the card in a file's metadata."""
    try:
        stored = json.loads(metadata[ENTRY])
        config, card = stored["config"], stored["card"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        message = f"{_shown(path)} is not a Continual Transformer's checkpoint: {_line(error)}"
        raise ValueError(message) from error
    if not isinstance(config, dict) or not isinstance(card, dict):
        raise ValueError(f"{_shown(path)}: its configuration and its card are no tables")
    return config, card


def _shown(path: str | Path) -> str:
    """A path as it can be printed, whatever bytes its name has."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _line(error: Exception) -> str:
    """What is wrong in one line: libraries tell of every tensor."""
    text = " ".join(str(error).split())
    return text if len(text) <= LINE else f"{text[:LINE]} …"


def _check_config(config: Mapping[str, Any], tensors: int) -> None:
    """Refuse sizes that no model has, before anything is made of them."""
    for key, value in config.items():
        most = tensors if key in ("blocks", "decoder_layers") else LARGEST
        if isinstance(value, int) and not 0 <= value <= most:
            raise ValueError(f"{key} is {value}, expected at most {most}")


def _check_tensors(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    for key, value in expected.items():
        if key not in tensors:
            raise ValueError(f"{key} is missing")
        found = tensors[key]
        if found.shape != value.shape or found.dtype != value.dtype:
            raise ValueError(
                f"{key} is {found.dtype} {tuple(found.shape)}, expected {value.dtype} {tuple(value.shape)}"
            )


def _check_card(path: str, model: ContinualTransformer | OadTR | Rival, card: Mapping[str, Any]) -> None:
    missing = [key for key in CARD_KEYS if key not in card]
    if missing:
        raise ValueError(f"{path}: the model card lacks {', '.join(missing)}")
    labels = card["labels"]
    if not isinstance(labels, list | tuple) or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"{path}: labels are {labels!r:.80}, expected a list of names")
    for key, (least, most) in NUMBERS.items():
        value = card[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{path}: {key} is {value!r:.80}, expected a number from {least} to {most}")
    if not isinstance(card["task"], str) or not isinstance(card["features"], dict):
        raise ValueError(f"{path}: the card's task is no name, or its features are no table")
    if len(labels) != model.config["classes"]:
        raise ValueError(f"{path}: {len(labels)} labels for {model.config['classes']} classes")
    if card["window"] != model.window:
        raise ValueError(f"{path}: the card's window is {card['window']}, the model's {model.window}")
