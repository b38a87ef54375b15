"""What an action model has to beat: a linear probe and a small GRU on the same windows."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Probe(nn.Module):
    """Logistic regression on a window thinned out to ``kept`` tokens."""

    def __init__(self, input_size: int, classes: int, window: int, kept: int = 8) -> None:
        super().__init__()
        self.register_buffer("columns", torch.linspace(window - 1, 0, kept + 1)[:-1].round().long())
        self.columns: Tensor
        self.linear = nn.Linear(input_size * kept, classes)

    def forward(self, tokens: Tensor, tick: Tensor | int = 0, lengths: Tensor | None = None) -> Tensor:
        """Tokens (B, n, F), zero where padded -> logits (B, C)."""
        return self.linear(tokens[:, self.columns].flatten(1))


class EveryWindow(nn.Module):
    """A baseline at every tick of a stretch, as :class:`models.training.dense.EveryTick` does for ours."""

    def __init__(self, model: nn.Module, window: int) -> None:
        super().__init__()
        self.model = model
        self.window = window

    def forward(self, tokens: Tensor, tick: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Stretches (B, S, F) -> logits (B · S, C) of the window that ends at each tick, zeros before."""
        padded = nn.functional.pad(tokens, (0, 0, self.window - 1, 0))  # (B, n - 1 + S, F)
        windows = padded.unfold(1, self.window, 1).transpose(2, 3)  # (B, S, n, F)
        return self.model(windows.flatten(0, 1))


class Recurrent(nn.Module):
    """A one-layer GRU over the window."""

    def __init__(self, input_size: int, classes: int, size: int = 96) -> None:
        super().__init__()
        self.gru = nn.GRU(input_size, size, batch_first=True)
        self.head = nn.Linear(size, classes)

    def forward(self, tokens: Tensor, tick: Tensor | int = 0, lengths: Tensor | None = None) -> Tensor:
        """Tokens (B, n, F), zero where padded -> logits (B, C)."""
        outputs, _ = self.gru(tokens)  # (B, n, size)
        return self.head(outputs[:, -1])
