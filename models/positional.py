"""Recycling positional encoding: ``p_t = E[t mod T]``, where t counts on along the stream.

A token keeps its encoding while it slides through the window, so that cached keys and values stay right.
With T ≥ 2n − 1 any two tokens of a window have an unambiguous cyclic offset.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def cyclic_table(period: int, size: int) -> Tensor:
    """Static cyclic encoding (Ma et al., arXiv 2110.02544): sines of many wavelengths, each closed over T.

    Dimension i is ``sin(2π/P |z mod 2P − P| + φ)`` (cosine for odd i) of ``z = t/T · P ⌈T/P⌉``, less its
    mean: a sine that runs back and forth, so that position T − 1 is as near to 0 as 1 is.

    Returns
    -------
    Tensor of shape (period, size), float32
    """
    half = max(1, size // 2)
    shortest = period ** (1 / half)
    t = torch.arange(period, dtype=torch.float64)  # (T,)
    columns = []
    for i in range(size):
        rank = min(i // 3 * 3 + 1, half - 1)
        wave = max(1, int(shortest + (period - shortest) * rank / max(1, half - 1)))  # P, whole tokens
        phase = 0.0 if i <= half else 2 * math.pi * (half - i) / half
        z = t / period * wave * math.ceil(period / wave)  # (T,)
        angle = 2 * math.pi / wave * (z % (2 * wave) - wave).abs() + phase  # (T,)
        columns.append(angle.cos() if i % 2 else angle.sin())
    table = torch.stack(columns, dim=1)  # (T, d)
    return (table - table.mean(0)).float()


class RecyclingPositionalEncoding(nn.Module):
    """``E[t mod T]`` for absolute ticks t, with E learned or the static cyclic table.

    Parameters
    ----------
    period : int
        T.
    size : int
        d.
    kind : {"learned", "cyclic"}
    """

    table: Tensor

    def __init__(self, period: int, size: int, kind: str = "learned") -> None:
        super().__init__()
        if period < 1:
            raise ValueError(f"period is {period}, expected at least 1")
        self.period = period
        if kind == "learned":
            self.table = nn.Parameter(torch.empty(period, size))  # (T, d)
            nn.init.normal_(self.table, std=0.02)
        elif kind == "cyclic":
            self.register_buffer("table", cyclic_table(period, size))  # (T, d)
        else:
            raise ValueError(f"positional is {kind!r}, expected 'learned' or 'cyclic'")

    def forward(self, tick: Tensor) -> Tensor:
        """Encodings (..., d) of absolute ticks (...), int64."""
        return self.table[tick % self.period]
