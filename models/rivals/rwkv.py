"""TLS-RWKV (Zhu et al., 2024): RWKV blocks as a streaming action detector; RWKV-4 is arXiv 2305.13048.

Attention without queries: each channel keeps a sum of values, weighted by the exponential of their keys, that
fades by a learnt rate w a tick, the newest token having a bonus u of its own:

    wkv_t = (Σ_{i<t} e^{−(t−1−i)w + k_i} v_i + e^{u + k_t} v_t) / (Σ_{i<t} e^{−(t−1−i)w + k_i} + e^{u + k_t})

carried on with the largest exponent taken out, so that no exponential overflows.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.rivals.base import Rival, State


class RWKV(Rival):
    """RWKV-4 blocks; MACs of a block: 4·d² (r, k, v, output) + d² + 2·d·f (r; k and v of the channel mix)."""

    name = "RWKV"

    def __init__(
        self,
        *,
        input_size: int,
        classes: int,
        model_size: int = 512,
        feedforward: int = 1024,
        blocks: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(
            input_size=input_size,
            classes=classes,
            model_size=model_size,
            feedforward=feedforward,
            blocks=blocks,
            dropout=dropout,
        )
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(model_size, feedforward) for _ in range(blocks))
        self.norm = nn.LayerNorm(model_size)

    def initial_state(self, batch: int) -> State:
        like, blocks = self.head.weight, self.config["blocks"]
        zeros = like.new_zeros(batch, blocks, like.shape[1])
        return State(
            {
                "mixed": zeros,  # the token before, as the time mix saw it
                "forwarded": zeros,  # and as the channel mix did
                "sum": zeros,
                "weight": zeros,
                "largest": zeros - 1e30,
            }
        )

    def _run(self, tokens: Tensor, state: State) -> Tensor:
        x = self.dropout(self.embedding(tokens))  # (B, S, d)
        after = []
        for number, block in enumerate(self.blocks):
            own = {name: value[:, number] for name, value in state.items()}  # (B, d) each
            x = block(x, own)  # (B, S, d)
            after.append(own)
        state.update({name: torch.stack([own[name] for own in after], 1) for name in state})
        return self.head(self.norm(x))

    def macs(self) -> int:
        d, f = self.config["model_size"], self.config["feedforward"]
        block = 5 * d * d + 2 * d * f
        return self.config["input_size"] * d + self.config["blocks"] * block + d * self.config["classes"]


class Block(nn.Module):
    """Time mix, then channel mix, each behind a LayerNorm and beside a residual."""

    def __init__(self, model_size: int, feedforward: int) -> None:
        super().__init__()
        d = model_size
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.mix = nn.Parameter(torch.full((5, d), 0.5))  # of r, k, v; r, k of the channel mix
        self.decay = nn.Parameter(torch.linspace(-5, 1, d))  # log w: from slow to fast channels
        self.bonus = nn.Parameter(torch.zeros(d))  # u
        self.receptance, self.key, self.value = (nn.Linear(d, d, bias=False) for _ in range(3))
        self.output = nn.Linear(d, d, bias=False)
        self.receptance2 = nn.Linear(d, d, bias=False)
        self.key2 = nn.Linear(d, feedforward, bias=False)
        self.value2 = nn.Linear(feedforward, d, bias=False)

    def forward(self, x: Tensor, state: dict[str, Tensor]) -> Tensor:
        """(B, S, d), going on from ``state``, which is updated -> (B, S, d)."""
        y = self.norm1(x)
        r, k, v = self._shifted(y, state, "mixed", self.mix[:3])  # each (B, S, d)
        r, k, v = torch.sigmoid(self.receptance(r)), self.key(k), self.value(v)
        x = x + self.output(r * self._wkv(k, v, state))
        y = self.norm2(x)
        r, k = self._shifted(y, state, "forwarded", self.mix[3:])
        return x + torch.sigmoid(self.receptance2(r)) * self.value2(torch.relu(self.key2(k)).square())

    def _shifted(self, y: Tensor, state: dict[str, Tensor], name: str, mix: Tensor) -> list[Tensor]:
        """Each token mixed with the one before, by the shares ``mix`` (m, d) -> m of (B, S, d)."""
        before = torch.cat([state[name][:, None], y[:, :-1]], 1)  # (B, S, d)
        state[name] = y[:, -1]
        return [share * y + (1 - share) * before for share in mix]

    def _wkv(self, k: Tensor, v: Tensor, state: dict[str, Tensor]) -> Tensor:
        total, weight, largest = state["sum"], state["weight"], state["largest"]  # (B, d)
        fade = torch.exp(self.decay)  # w, (d,)
        rows = []
        for t in range(k.shape[1]):
            now = self.bonus + k[:, t]
            top = torch.maximum(largest, now)
            old, new = torch.exp(largest - top), torch.exp(now - top)
            rows.append((old * total + new * v[:, t]) / (old * weight + new))
            top = torch.maximum(largest - fade, k[:, t])
            old, new = torch.exp(largest - fade - top), torch.exp(k[:, t] - top)
            total, weight, largest = old * total + new * v[:, t], old * weight + new, top
        state.update({"sum": total, "weight": weight, "largest": largest})
        return torch.stack(rows, 1)  # (B, S, d)
