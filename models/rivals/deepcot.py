"""DeepCoT (arXiv 2511.17693): a deep stack of single-output layers, each with a memory of its own.

Its receptive field grows with depth to L(n − 1) + 1, so it equals no encoder over a window and is trained as
what it is.  Its kernel is SOFT's, a Gaussian in place of the softmax, not normalised:
exp(−|q − k|² / (2 √d_h)).  (The same stack with a softmax is ``ContinualTransformer(deep="streaming")``.)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.continual.multihead import MultiheadAttention
from models.continual.positional import RecyclingPositionalEncoding
from models.rivals.base import Rival, State, feed_forward


class DeepCoT(Rival):
    """L blocks over n tokens each; MACs of a block: 4·d² + 2·n·d + 2·d·f."""

    name = "DeepCoT"

    def __init__(
        self,
        *,
        input_size: int,
        classes: int,
        model_size: int = 512,
        heads: int = 8,
        feedforward: int = 1024,
        blocks: int = 3,
        window: int = 64,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(
            input_size=input_size,
            classes=classes,
            model_size=model_size,
            heads=heads,
            feedforward=feedforward,
            blocks=blocks,
            window=window,
            dropout=dropout,
        )
        self.window = window
        self.receptive_field = blocks * (window - 1) + 1
        self.positional = RecyclingPositionalEncoding(2 * window - 1, model_size, "cyclic")
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(model_size, heads, feedforward, window, dropout) for _ in range(blocks)
        )

    def initial_state(self, batch: int) -> State:
        like, c = self.head.weight, self.config
        empty = like.new_zeros(batch, c["blocks"], self.window - 1, like.shape[1])
        tick = torch.zeros(batch, dtype=torch.int64, device=like.device)
        return State({"keys": empty, "values": empty, "tick": tick})

    def _run(self, tokens: Tensor, state: State) -> Tensor:
        ticks = torch.arange(tokens.shape[1], device=tokens.device)  # (S,)
        tick = state["tick"][:, None] + ticks  # (B, S)
        # Columns are the cached tokens, then the new ones; to be seen is what is of the last n and was there.
        column = torch.arange(self.window - 1 + len(ticks), device=tokens.device) - (self.window - 1)
        age = ticks[:, None] - column  # (S, n − 1 + S)
        seen = (age >= 0) & (age < self.window) & (column >= -state["tick"][:, None, None])  # (B, S, …)
        x = self.dropout(self.embedding(tokens) + self.positional(tick))  # (B, S, d)
        keys, values = [], []
        for number, block in enumerate(self.blocks):
            x, k, v = block(x, state["keys"][:, number], state["values"][:, number], seen[:, None])
            keys.append(k)
            values.append(v)
        state["keys"], state["values"] = torch.stack(keys, 1), torch.stack(values, 1)
        state["tick"] = state["tick"] + len(ticks)
        return self.head(x)

    def macs(self) -> int:
        c = self.config
        d = c["model_size"]
        block = 4 * d * d + 2 * self.window * d + 2 * d * c["feedforward"]
        return c["input_size"] * d + c["blocks"] * block + d * c["classes"]


class Block(nn.Module):
    """SOFT attention to the last n tokens and a feed-forward part, post-norm."""

    def __init__(self, model_size: int, heads: int, feedforward: int, window: int, dropout: float) -> None:
        super().__init__()
        self.window = window
        self.attention = MultiheadAttention(model_size, heads, True, dropout)
        self.feedforward = feed_forward(model_size, feedforward, dropout)
        self.norm1, self.norm2 = nn.LayerNorm(model_size), nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """New tokens (B, S, d) behind caches of keys and values (B, n − 1, d) -> (B, S, d), new caches."""
        q, k, v = self.attention.project(x)  # each (B, h, S, e)
        heads = q.shape[1]
        k, v = (
            torch.cat([cached.unflatten(-1, (heads, -1)).transpose(1, 2), new], 2)  # (B, h, n − 1 + S, e)
            for cached, new in ((keys, k), (values, v))
        )
        far = q.square().sum(-1)[..., None] + k.square().sum(-1)[..., None, :] - 2 * q @ k.mT  # |q − k|²
        weights = torch.exp(-far / (2 * math.sqrt(q.shape[-1]))) * seen  # (B, h, S, n − 1 + S)
        x = self.norm1(x + self.dropout(self.attention.merge(weights @ v)))
        x = self.norm2(x + self.dropout(self.feedforward(x)))
        kept = slice(k.shape[2] - (self.window - 1), None)
        k, v = (part[:, :, kept].transpose(1, 2).flatten(2) for part in (k, v))  # (B, n − 1, d)
        return x, k, v
