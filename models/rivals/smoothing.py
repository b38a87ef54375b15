"""TeSTra (Zhao and Krähenbühl, ECCV 2022): attention over all of the past by exponential smoothing.

Queries that are learnt, not made of the newest token, ask all of the past, whose weight fades by λ a tick
(the Laplace kernel).  Numerator and denominator of the softmax are then sums that can be carried on:

    φ_t = λ φ_{t−1} + e^{q k_t / √d_h} v_t,   ψ_t = λ ψ_{t−1} + e^{q k_t / √d_h},   answer φ_t / ψ_t.

The newest token then asks these summaries, in place of the paper's short memory of some tokens.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.continual.multihead import MultiheadAttention
from models.rivals.base import Rival, State, feed_forward


class Smoothing(Rival):
    """TeSTra's stream encoder and one decoder block.

    MACs: F·d + 2·d² (k, v) + 2·q·d (sums) + q·d² (output) + 2·q·d² (k, v of the summaries) + 2·d² + 2·q·d
    + 2·d·f + d·C.
    """

    name = "smoothing"

    def __init__(
        self,
        *,
        input_size: int,
        classes: int,
        model_size: int = 512,
        heads: int = 8,
        feedforward: int = 1024,
        queries: int = 16,
        halving: int = 64,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(
            input_size=input_size,
            classes=classes,
            model_size=model_size,
            heads=heads,
            feedforward=feedforward,
            queries=queries,
            halving=halving,
            dropout=dropout,
        )
        if model_size % heads:
            raise ValueError(f"model_size is {model_size}, expected a multiple of the {heads} heads")
        d = model_size
        self.fade = 0.5 ** (1 / halving)  # λ: a token counts half after ``halving`` ticks
        self.queries = nn.Parameter(torch.randn(heads, queries, d // heads) / math.sqrt(d // heads))
        self.key, self.value, self.output = (nn.Linear(d, d) for _ in range(3))
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(d) for _ in range(3))
        self.cross = MultiheadAttention(d, heads, True, dropout)
        self.feedforward = feed_forward(d, feedforward, dropout)
        self.dropout = nn.Dropout(dropout)

    def initial_state(self, batch: int) -> State:
        h, q, size = self.queries.shape
        like = self.head.weight
        return State(
            {
                "sum": like.new_zeros(batch, h, q, size),
                "weight": like.new_zeros(batch, h, q),
                "largest": like.new_full((batch, h, q), -1e30),
            }
        )

    def _run(self, tokens: Tensor, state: State) -> Tensor:
        x = self.dropout(self.embedding(tokens))  # (B, S, d)
        batch, ticks, d = x.shape
        h, q, size = self.queries.shape
        k, v = (part(x).view(batch, ticks, h, size) for part in (self.key, self.value))
        logits = torch.einsum("hqe,bshe->bshq", self.queries, k) / math.sqrt(size)  # (B, S, h, q)
        total, weight, largest = state["sum"], state["weight"], state["largest"]
        rows = []
        for t in range(ticks):
            top = torch.maximum(largest, logits[:, t])  # taken out, so that no exponential overflows
            old, new = self.fade * torch.exp(largest - top), torch.exp(logits[:, t] - top)
            total = old[..., None] * total + new[..., None] * v[:, t, :, None]  # (B, h, q, e)
            weight, largest = old * weight + new, top
            rows.append(total / weight[..., None])
        state.update({"sum": total, "weight": weight, "largest": largest})
        memory = torch.stack(rows, 1).transpose(2, 3).reshape(batch * ticks, q, d)
        memory = self.norm1(self.output(memory))  # (B · S, q, d)
        y = x.reshape(batch * ticks, 1, d)
        y = self.norm2(y + self.dropout(self.cross.attend(y, memory)))  # (B · S, 1, d)
        y = self.norm3(y + self.dropout(self.feedforward(y)))
        return self.head(y.view(batch, ticks, d))

    def macs(self) -> int:
        c = self.config
        d, q = c["model_size"], c["queries"]
        return (
            c["input_size"] * d
            + 2 * d * d
            + 2 * q * d
            + 3 * q * d * d
            + 2 * d * d
            + 2 * q * d
            + 2 * d * c["feedforward"]
            + d * c["classes"]
        )
