"""What a batch of streams remembers between the steps of a Continual Transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.continual.attention import RetroactiveState, SingleOutputState
from models.continual.ring import Ring


@dataclass(eq=False)
class StreamState:
    """State of B streams; made by a model, for that model, and updated in place by its ``step``.

    Attributes
    ----------
    model : int
        Serial number of the model it belongs to.
    tick : Tensor of shape (B,), int64
        Absolute index of each stream's next token: its positional phase.
    attention : list of SingleOutputState, or of one RetroactiveState
        Of the blocks that remember.
    tokens : Tensor of shape (B, n, d), or None
        Retroactive first block: the embedded tokens of the window, for its residual.
    """

    model: int
    tick: Tensor
    attention: Sequence[SingleOutputState | RetroactiveState]
    tokens: Tensor | None

    @property
    def ring(self) -> Ring:
        return self.attention[0].ring

    @property
    def filled(self) -> Tensor:
        """Tokens in each stream's window, (B,) int64."""
        return self.ring.filled

    @torch.inference_mode()
    def reset(self, rows: Tensor | Sequence[int] | int | None = None) -> None:
        """Start streams afresh, from tick 0: the ``rows`` given as indices or as a mask (B,), or all."""
        batch = len(self.tick)
        chosen = torch.arange(batch) if rows is None else torch.atleast_1d(torch.as_tensor(rows))
        if chosen.is_floating_point() or chosen.ndim != 1:
            raise ValueError(f"rows is {rows}, expected indices of streams or a mask of them")
        if chosen.dtype == torch.bool:
            if len(chosen) != batch:
                raise ValueError(f"rows is a mask of {len(chosen)} streams, expected {batch}")
        elif len(chosen) and not 0 <= int(chosen.min()) <= int(chosen.max()) < batch:
            raise ValueError(f"rows is {rows}, expected indices from 0 to {batch - 1}")
        chosen = chosen.to(self.tick.device)
        self.tick[chosen] = 0
        for state in self.attention:
            state.reset(chosen)
        if self.tokens is not None:
            self.tokens[chosen] = 0
