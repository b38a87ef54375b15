"""Checks of what callers hand to a model: wrong arguments are named, with what was expected."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import torch
from torch import Tensor

SIZES = ("input_size", "classes", "window", "model_size", "heads", "feedforward", "blocks", "token_hidden")
CHOICES = {"deep": ("retroactive", "streaming"), "retroactive": ("refresh", "update")}


def check_tokens(tokens: Tensor, weight: Tensor, shape: str) -> None:
    """Tokens (B, F) or (B, m, F) must fit the embedding's ``weight`` (d, F) in size, dtype and device."""
    size = weight.shape[1]
    if tokens.ndim != shape.count(",") + 1 or tokens.shape[-1] != size or 0 in tokens.shape:
        raise ValueError(f"tokens have shape {tuple(tokens.shape)}, expected ({shape}) with F = {size}")
    if tokens.dtype != weight.dtype:
        raise TypeError(f"tokens are {tokens.dtype}, expected the weights' {weight.dtype}")
    if tokens.device != weight.device:
        raise ValueError(f"tokens are on {tokens.device}, expected the weights' {weight.device}")


def check_ticks(tick: int | Tensor, tokens: Tensor) -> Tensor:
    """One tick, or one a row, as int64 (B,)."""
    ticks = torch.as_tensor(tick, device=tokens.device)
    if ticks.is_floating_point() or ticks.shape not in ((), tokens.shape[:1]):
        raise ValueError(f"tick is {tick}, expected a whole number or {len(tokens)} of them")
    return ticks.long().expand(len(tokens))  # (B,)


def check_lengths(lengths: Tensor | None, tokens: Tensor) -> Tensor | None:
    """Lengths (B,) from 1 to m as int64; None when all tokens are real, for then no mask is needed."""
    if lengths is None:
        return None
    batch, columns = tokens.shape[:2]
    lengths = torch.as_tensor(lengths, device=tokens.device)
    if lengths.is_floating_point() or lengths.shape != (batch,):
        raise ValueError(f"lengths is {lengths}, expected {batch} whole numbers")
    if not 1 <= int(lengths.min()) <= int(lengths.max()) <= columns:
        raise ValueError(f"lengths is {lengths.tolist()}, expected 1 to {columns}")
    return None if int(lengths.min()) == columns else lengths.long()


def check_size(name: str, size: int) -> int:
    """A size must be a whole number of at least 1, a NumPy integer too; gives it as a plain one."""
    try:
        plain = operator.index(size)
    except TypeError:
        plain = 0
    if isinstance(size, bool | np.bool_) or plain < 1:
        raise ValueError(f"{name} is {size!r}, expected a whole number of at least 1")
    return plain


def check_config(config: dict[str, Any]) -> dict[str, Any]:
    """A model's configuration, its sizes made plain numbers; names a value that is not allowed."""
    for name in SIZES:
        if name in config:
            config[name] = check_size(name, config[name])
    for name, allowed in CHOICES.items():
        if config[name] not in allowed:
            raise ValueError(f"{name} is {config[name]!r}, expected {' or '.join(map(repr, allowed))}")
    return config
