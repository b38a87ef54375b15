"""Multi-head attention as modules: the projections around the functions of :mod:`models.continual.attention`.

All have the same parameters, so that one set of weights serves the regular window and the continual step.
"""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.continual.attention import (
    RetroactiveState,
    SingleOutputState,
    UpdateState,
    retroactive_attention,
    retroactive_update_attention,
    single_output_attention,
)

State = TypeVar("State", SingleOutputState, RetroactiveState)


class MultiheadAttention(nn.Module):
    """Regular multi-head attention: ``qkv`` (d -> 3d in one matrix), attention a head, ``output`` (d -> d).

    Parameters
    ----------
    model_size, heads : int
        d, and h, which divides it.
    bias : bool
        Whether the qkv projection has one.
    dropout : float
        Of attention weights, while training.
    """

    def __init__(self, model_size: int, heads: int, bias: bool = True, dropout: float = 0.0) -> None:
        super().__init__()
        if heads < 1 or model_size % heads:
            raise ValueError(f"heads is {heads}, expected a divisor of model_size {model_size}")
        self.model_size = model_size
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(model_size, 3 * model_size, bias=bias)
        self.output = nn.Linear(model_size, model_size)
        nn.init.xavier_uniform_(self.qkv.weight)
        if bias:
            nn.init.zeros_(self.qkv.bias)
        nn.init.zeros_(self.output.bias)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Outputs of all tokens (B, m, d) -> (B, m, d); ``mask`` is added to the logits (B, h, m, m)."""
        return self.attend(x, x, mask)

    def attend(self, queries: Tensor, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Outputs (B, r, d) of ``queries`` (B, r, d) over ``x`` (B, m, d)."""
        if queries is x:
            q, k, v = self.project(x)  # (B, h, m, e)
        else:
            (q,), (k, v) = self.project(queries, "q"), self.project(x, "kv")
        y = F.scaled_dot_product_attention(
            q, k, v, mask, self.dropout if self.training else 0.0
        )  # (B, h, r, e)
        return self.merge(y)

    def project(self, x: Tensor, which: str = "qkv") -> tuple[Tensor, ...]:
        """Queries, keys, values, or some of them, of tokens (B, m, d), each (B, h, m, e)."""
        first, count = "qkv".index(which), len(which)
        rows = slice(first * self.model_size, (first + count) * self.model_size)
        bias = None if self.qkv.bias is None else self.qkv.bias[rows]
        y = F.linear(x, self.qkv.weight[rows], bias)  # (B, m, count d)
        y = y.unflatten(-1, (count, self.heads, -1))  # (B, m, count, h, e)
        return tuple(part.transpose(1, 2) for part in y.unbind(2))  # (B, h, m, e) each

    def merge(self, y: Tensor) -> Tensor:
        """Project the outputs of the heads (B, h, r, e) to (B, r, d)."""
        return self.output(y.transpose(1, 2).flatten(2))

    def _shape(self, batch: int, window: int) -> tuple[int, int, int, int]:
        return batch, self.heads, window, self.model_size // self.heads  # (B, h, n, e)


class SingleOutputMultiheadAttention(MultiheadAttention):
    """Single-output attention (CoSiAtt): one token's output a step.

    Parameters
    ----------
    window : int
        n.
    query_index : int
        Whose output: −1 the newest token's; −1 − a (or n − 1 − a) that of the token a steps back, which has
        then seen a tokens of its future.
    """

    def __init__(
        self,
        model_size: int,
        heads: int,
        window: int,
        query_index: int = -1,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(model_size, heads, bias, dropout)
        _check_window(window)
        if not -window <= query_index < window:
            raise ValueError(f"query_index is {query_index}, expected {-window} to {window - 1}")
        self.window = window
        self.ahead = (-1 - query_index) % window

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Output (B, 1, d) of the queried token of a window (B, m, d) of more than ``ahead`` tokens."""
        last = x.shape[1] - self.ahead
        if last < 1:
            raise ValueError(f"{x.shape[1]} tokens, expected at least {self.ahead + 1} for this look-ahead")
        return self.attend(x[:, last - 1 : last], x, mask)

    def initial_state(self, batch: int) -> SingleOutputState:
        """State of ``batch`` streams that have seen nothing."""
        return SingleOutputState.empty(self._shape(batch, self.window), self.qkv.weight, self.ahead)

    def step(self, x: Tensor, state: SingleOutputState) -> Tensor | None:
        """Newest token (B, d) -> output (B, 1, d); None or NaN rows while the look-ahead waits for tokens."""
        q, k, v = (part[:, :, 0] for part in self.project(x[:, None]))  # (B, h, e)
        y = single_output_attention(q, k, v, state)  # (B, h, e)
        return None if y is None else self.merge(y[:, :, None])

    def prefill(self, x: Tensor, lengths: Tensor) -> SingleOutputState:
        """State after the last ``lengths`` (B,) of at most n tokens (B, m, d)."""
        return _fill(self.initial_state(len(x)), self.project(x), lengths)


class RetroactiveMultiheadAttention(MultiheadAttention):
    """Retroactive attention (CoReAtt): the outputs of all tokens of the window, every step.

    Parameters
    ----------
    window : int
        n.
    method : {"refresh", "update"}
        Exact refresh, stable for any finite input, or the paper's subtract-and-add update, for small logits
        only: see :func:`models.continual.attention.retroactive_update_attention`.
    """

    def __init__(
        self,
        model_size: int,
        heads: int,
        window: int,
        method: str = "refresh",
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(model_size, heads, bias, dropout)
        _check_window(window)
        if method not in ("refresh", "update"):
            raise ValueError(f"method is {method!r}, expected 'refresh' or 'update'")
        self.window = window
        self.method = method

    def initial_state(self, batch: int) -> RetroactiveState:
        """State of ``batch`` streams that have seen nothing."""
        kind = UpdateState if self.method == "update" else RetroactiveState
        return kind.empty(self._shape(batch, self.window), self.qkv.weight)

    def step(self, x: Tensor, state: RetroactiveState) -> Tensor:
        """Newest token (B, d) -> outputs (B, m, d) of the ``m = ring.used`` slots, in the ring's order."""
        q, k, v = (part[:, :, 0] for part in self.project(x[:, None]))  # (B, h, e)
        if isinstance(state, UpdateState):
            return self.merge(retroactive_update_attention(q, k, v, state))
        return self.merge(retroactive_attention(q, k, v, state))

    def prefill(self, x: Tensor, lengths: Tensor) -> RetroactiveState:
        """State after the last ``lengths`` (B,) of at most n tokens (B, m, d)."""
        state = _fill(self.initial_state(len(x)), self.project(x), lengths)
        if isinstance(state, UpdateState):
            state.q *= state.q.shape[-1] ** -0.5
            logits = state.q @ state.k.mT + state.ring.bias[:, None, None]  # (B, h, n, n)
            state.a = logits.exp()
            state.d = state.a.sum(-1)  # (B, h, n)
            state.av = state.a @ state.v  # (B, h, n, e)
        return state


def _fill(state: State, projected: tuple[Tensor, ...], lengths: Tensor) -> State:
    """Write queries, keys and values, each (B, h, m, e), into an empty state."""
    columns = projected[0].shape[2]
    state.ring.extend(lengths, columns)
    real = state.ring.bias[:, None, :columns, None] == 0  # (B, 1, m, 1)
    for kept, new in zip((state.q, state.k, state.v), projected, strict=True):
        if kept is not None:
            kept[:, :, :columns] = torch.where(real, new, 0)  # padding may be anything, NaN too
    return state


def _check_window(window: int) -> None:
    if window < 1:
        raise ValueError(f"window is {window}, expected at least 1 token")
