"""What a model has to beat: for actions, logistic regression on the same windows."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F


def probe_path(weights: str | Path) -> Path:
    """Where the baseline of these weights lies, if it was kept."""
    weights = Path(weights)
    return weights.with_name(f"{weights.stem}_probe.safetensors")


class Probe(nn.Module):
    """Logistic regression on a window thinned out to ``kept`` tokens, at every tick of a stretch.

    Parameters
    ----------
    input_size, classes, window : int
    kept : int
        Tokens of the window that it sees: the newest, and others at equal distances.
    """

    def __init__(self, input_size: int, classes: int, window: int, kept: int = 8) -> None:
        super().__init__()
        self.ages = [round(i * (window - 1) / (kept - 1)) for i in range(kept)]
        self.linear = nn.Linear(input_size * kept, classes)

    def forward(self, tokens: Tensor, tick: Tensor | int = 0, lengths: Tensor | None = None) -> Tensor:
        """Stretches (B, S, F), zeros taken for what was before -> logits (B · S, C)."""
        length = tokens.shape[1]
        seen = [F.pad(tokens, (0, 0, age, 0))[:, :length] for age in self.ages]  # kept times (B, S, F)
        return self.linear(torch.cat(seen, -1)).flatten(0, 1)  # (B · S, C)


def probe_tensors(weights: str | Path, names: Collection[str]) -> dict[str, Tensor]:
    """What lies beside these weights as their baseline: tensors of these names.

    Raises
    ------
    FileNotFoundError
        There is none.
    ValueError
        It is damaged, or another task's.
    """
    path = probe_path(weights)
    if not path.is_file():
        raise FileNotFoundError(f"no linear probe of {weights}: expected it beside it, {path}")
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is not the linear probe of {weights}: {error}") from error
    if set(tensors) != set(names):
        raise ValueError(
            f"{path} is not the linear probe of {weights}: it holds {', '.join(tensors)}, expected "
            f"{', '.join(names)}"
        )
    return tensors


def load_probe(weights: str | Path, input_size: int, classes: int, window: int) -> Probe:
    """The probe of actions that lies beside these weights.

    Raises
    ------
    FileNotFoundError, ValueError
        As of :func:`probe_tensors`; or it is another model's.
    """
    probe = Probe(input_size, classes, window)
    tensors = probe_tensors(weights, probe.state_dict())
    try:
        probe.load_state_dict(tensors)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise ValueError(f"{probe_path(weights)} is not the linear probe of {weights}: {reason}") from error
    return probe
