"""MiniROAD (An et al., ICCV 2023): one GRU layer, the strongest streaming model on THUMOS14 for its size.

An embedding with LayerNorm and ReLU, the GRU, ReLU, a linear head.  The paper's own point is how it is
trained: only the last ticks of a stretch count, so that the state of a long stream is what is learnt; that is
the sampler's matter, not the model's.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from models.rivals.base import Rival, State


class GRU(Rival):
    """MiniROAD; MACs: F·h + 6·h² + h·C, with h = ``model_size``."""

    name = "GRU"

    def __init__(
        self, *, input_size: int, classes: int, model_size: int = 1024, dropout: float = 0.1
    ) -> None:
        super().__init__(input_size=input_size, classes=classes, model_size=model_size, dropout=dropout)
        self.norm = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)
        self.gru = nn.GRU(model_size, model_size, batch_first=True)

    def initial_state(self, batch: int) -> State:
        like = self.head.weight
        return State({"hidden": like.new_zeros(batch, like.shape[1])})

    def _run(self, tokens: Tensor, state: State) -> Tensor:
        x = self.dropout(F.relu(self.norm(self.embedding(tokens))))  # (B, S, d)
        x, hidden = self.gru(x, state["hidden"][None].contiguous())  # (B, S, d), (1, B, d)
        state["hidden"] = hidden[0]
        return self.head(F.relu(x))

    def macs(self) -> int:
        d = self.config["model_size"]
        return self.config["input_size"] * d + 6 * d * d + d * self.config["classes"]
