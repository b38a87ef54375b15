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

    Dimension i is ``sin(2π/P |z mod 2P − P| + φ)`` (cosine for odd i) of ``z = t/T · P ⌈T/P⌉``: a sine that
    runs back and forth, so that position T − 1 is as near to 0 as 1 is.  As in the authors' code it is
    averaged over five neighbours, which blurs what is too short to sample, and its mean is taken off.

    Returns
    -------
    Tensor of shape (period, size), float32
    """
    half = max(1, size // 2)
    t = torch.arange(period, dtype=torch.float64)[:, None]  # (T, 1)
    i = torch.arange(size)  # (d,)
    waves = torch.linspace(period ** (1 / half), period, half, dtype=torch.float64).floor()  # (d / 2,)
    wave = waves[(i // 3 * 3 + 1).clamp(max=half - 1)]  # (d,), P
    phase = 2 * math.pi * (half - i).clamp(max=0) / half  # (d,), φ
    z = t / period * wave * (period / wave).ceil()  # (T, d)
    angle = 2 * math.pi / wave * (z % (2 * wave) - wave).abs() + phase  # (T, d)
    table = torch.where(i % 2 == 1, angle.cos(), angle.sin())  # (T, d)
    smooth = torch.stack([table.roll(shift, 0) for shift in range(-2, 3)]).mean(0)  # (T, d)
    return (smooth - smooth.mean(0)).float()


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
            if not self.table.is_meta:  # else PyTorch loads its compiler to do nothing, for 1.6 s
                nn.init.normal_(self.table, std=0.02)
        elif kind == "cyclic":
            self.register_buffer("table", cyclic_table(period, size))  # (T, d)
        else:
            raise ValueError(f"positional is {kind!r}, expected 'learned' or 'cyclic'")

    def forward(self, tick: Tensor) -> Tensor:
        """Encodings (..., d) of absolute ticks (...), int64."""
        return self.table[tick % self.period]
