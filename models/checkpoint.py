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

from models.continual.classifier import ContinualTransformer
from models.paper.oadtr import OadTR
from models.rivals.base import Rival

Model = TypeVar("Model", ContinualTransformer, ContinualTransformer | OadTR | Rival)

# One metadata entry, so that the same model gives the same bytes: safetensors does not order several.
ENTRY = "continual_transformer"

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
        ``command``, ``seed``, ``date``.

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
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no weights at {path}: expected a .safetensors file")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is not a readable safetensors file: {error}") from error
    try:
        stored = json.loads(metadata[ENTRY])
        config, card = stored["config"], stored["card"]
        model = build(config)
        model.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path} is not a Continual Transformer's checkpoint: {error}") from error
    _check_card(str(path), model, card)
    wrong = [name for name, value in tensors.items() if not value.isfinite().all()]
    if wrong:
        raise ValueError(f"{path} has weights that are not finite: {', '.join(wrong)}")
    return model.to(device).eval(), card


def read_card(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration and the card of a checkpoint, without its weights.

    Raises
    ------
    ValueError
        The file is not a checkpoint of ours.
    """
    try:
        with safe_open(Path(path), framework="pt") as file:
            stored = json.loads((file.metadata() or {})[ENTRY])
        return stored["config"], stored["card"]
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a Continual Transformer's checkpoint: {error}") from error


def _check_card(path: str, model: ContinualTransformer | OadTR | Rival, card: Mapping[str, Any]) -> None:
    missing = [key for key in CARD_KEYS if key not in card]
    if missing:
        raise ValueError(f"{path}: the model card lacks {', '.join(missing)}")
    if len(card["labels"]) != model.config["classes"]:
        raise ValueError(f"{path}: {len(card['labels'])} labels for {model.config['classes']} classes")
    if card["window"] != model.window:
        raise ValueError(f"{path}: the card's window is {card['window']}, the model's {model.window}")
