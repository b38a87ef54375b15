"""What else one would train on a task's tokens, beside the Continual Transformer: one table of them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.engines.bench import BUDGET, interleaved
from models.rivals.base import Rival
from models.rivals.catalogue import RIVALS, beside
from models.rivals.strided import StridedWindow
from models.training.baselines import Probe
from models.training.streaming import continual_logits

STRIDE = 8  # tokens from one recomputation of the plain window to the next
STRIDED, PROBE = "strided", "probe"
#: b1, hidden (b1 whose tokens pass a hidden layer), b2 and streaming (two blocks, too) are ours; strided is
#: b1's window, recomputed every STRIDE tokens.
MODELS = ("b1", "hidden", "b2", "streaming", *RIVALS, STRIDED, PROBE)

Contender = ContinualTransformer | Rival | Probe


def build(name: str, config: Mapping[str, Any]) -> Contender:
    """An untrained model, as wide as a Continual Transformer of this configuration.

    Parameters
    ----------
    name : str
        One of MODELS.
    config : mapping
        As the arguments of ContinualTransformer.

    Raises
    ------
    ValueError
        There is no such model.
    """
    if name in RIVALS:
        return beside(name, {**config, "blocks": 2})
    if name == PROBE:
        return Probe(config["input_size"], config["classes"], config["window"])
    kinds: dict[str, dict[str, Any]] = {
        "b1": {"blocks": 1},
        "hidden": {"blocks": 1, "token_hidden": 2 * config["model_size"]},
        STRIDED: {"blocks": 1},
        "b2": {"blocks": 2},
        "streaming": {"blocks": 2, "deep": "streaming"},
    }
    if name not in kinds:
        raise ValueError(f"model is {name!r}, expected one of {', '.join(MODELS)}")
    return ContinualTransformer(**{**config, **kinds[name]})


@torch.inference_mode()
def answers(name: str, model: Contender, streams: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Logits (K, C) of each stream (K, F), token by token; nothing is known before the first answer."""
    if not isinstance(model, ContinualTransformer):
        return [model(torch.from_numpy(tokens)[None]).flatten(0, -2).numpy() for tokens in streams]
    rows = continual_logits(model, streams)
    return [_held(row) for row in rows] if name == STRIDED else rows


def _held(logits: np.ndarray) -> np.ndarray:
    """Logits (K, C) of every STRIDE-th tick, each held until the next."""
    newest = (np.arange(len(logits)) + 1) // STRIDE * STRIDE - 1  # -1: none yet
    return np.where(newest[:, None] >= 0, logits[newest], 0)


def price(models: Mapping[str, Contender], budget: float = BUDGET) -> dict[str, dict[str, float]]:
    """Multiply-accumulates a token, and the median microseconds a step in PyTorch, timed in turn; by name.

    It takes some ``budget`` seconds.  The strided window steps in the time of a window, over the stride.
    """
    rows, calls = {}, {}
    for name, model in models.items():
        model.eval()
        macs, calls[name] = _step(name, model)
        rows[name] = {"macs": float(macs)}
    with torch.inference_mode():
        times = interleaved(calls, budget)
    for name, seconds in times.items():
        rows[name]["step_us"] = 1e6 * seconds / (STRIDE if name == STRIDED else 1)
    return rows


def _step(name: str, model: Contender) -> tuple[int, Callable[[], Any]]:
    if isinstance(model, Probe):
        window = torch.randn(1, model.ages[-1] + 1, model.linear.in_features // len(model.ages))
        newest = torch.cat([window[:, -1 - age] for age in model.ages], -1)
        return model.linear.weight.numel(), partial(model.linear, newest)
    token = torch.randn(1, model.config["input_size"])
    if name == STRIDED and isinstance(model, ContinualTransformer):
        window = torch.randn(1, model.window, model.config["input_size"])
        return StridedWindow(model, STRIDE).macs(), partial(model, window, all_outputs=True)
    state = model.initial_state(1)
    if isinstance(model, Rival):
        return model.macs(), partial(model.step, token, state)  # type: ignore[arg-type]
    return sum(model.macs("continual").values()), partial(model.step, token, state)  # type: ignore[arg-type]


def in_words(table: Mapping[str, Mapping[str, float]], columns: Mapping[str, str]) -> str:
    """The table as Markdown: ``columns`` from a figure's name to its heading, MACs and times after them."""
    heads = ["", *columns.values(), "MACs a token", "a step"]
    lines = [heads, ["---"] * len(heads)]
    for name, row in table.items():
        shares = ["none" if row[key] is None else f"{row[key]:.3f}" for key in columns]
        lines.append([name, *shares, f"{row['macs'] / 1e6:.3f} M", f"{row['step_us'] / 1e3:.3f} ms"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
