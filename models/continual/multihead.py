"""Multi-head attention as modules: the projections around the functions of :mod:`models.continual.attention`.

All have the same parameters, so that one set of weights serves the regular window and the continual step.
"""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.continual.attention import (
    retroactive_attention,
    retroactive_update_attention,
    single_output_attention,
)
from models.continual.attention_state import RetroactiveState, SingleOutputState, UpdateState
from models.continual.ring import padding_bias

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

    def steps(self, x: Tensor, state: SingleOutputState) -> Tensor:
        """What :meth:`step` gives for each of the next tokens (B, c, d), at once -> (B, c, d); no look-ahead.

        Attention in a band of n, over the tokens of the state and these.
        """
        if self.ahead:
            raise ValueError(f"query_index looks {self.ahead} tokens ahead: take these tokens step by step")
        q, k, v = self.project(x)  # (B, h, c, e)
        past = state.in_time()  # (B, h, p, e) each; the oldest leaves, if the window is full
        past = {name: kept[:, :, max(0, kept.shape[2] + 1 - self.window) :] for name, kept in past.items()}
        keys, values = torch.cat([past["k"], k], 2), torch.cat([past["v"], v], 2)  # (B, h, p + c, e)
        if not bool(keys.isfinite().all() and values.isfinite().all()):
            # A mask hides no NaN: what is out of the band would shine through it.
            return torch.cat([self._stepped(token, state) for token in x.unbind(1)], 1)
        columns, new = keys.shape[2], x.shape[1]
        column = torch.arange(columns, device=x.device)  # (p + c,)
        age = column[columns - new :, None] - column  # (c, p + c), of a key as its query sees it
        mask = x.new_zeros(age.shape).masked_fill_((age < 0) | (age >= self.window), -torch.inf)
        held = state.ring.filled.clamp(max=columns - new) + new  # (B,)
        mask = mask + padding_bias(held, columns, x)[:, None, None]  # (B, 1, c, p + c)
        y = self.merge(F.scaled_dot_product_attention(q, keys, values, mask))  # (B, c, d)
        copies = {"k": keys[:, :, -self.window :], "v": values[:, :, -self.window :]}
        state.refill((state.ring.filled + new).clamp(max=self.window), copies)
        return y

    def _stepped(self, x: Tensor, state: SingleOutputState) -> Tensor:
        y = self.step(x, state)
        assert y is not None  # there is no look-ahead
        return y

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
        """Newest token (B, d) -> outputs (B, m, d) of the longest window, its newest token last.

        Of a stream whose window is shorter, the last ``ring.filled`` are those of tokens.
        """
        y = self.refresh(x, state)  # (B, used, d)
        return y.index_select(1, state.ring.order())  # (B, m, d)

    def refresh(self, x: Tensor, state: RetroactiveState) -> Tensor:
        """As :meth:`step`, of all ``ring.used`` slots in the ring's order: nothing is copied."""
        q, k, v = (part[:, :, 0] for part in self.project(x[:, None]))  # (B, h, e)
        if isinstance(state, UpdateState):
            return self.merge(retroactive_update_attention(q, k, v, state))
        return self.merge(retroactive_attention(q, k, v, state))

    def steps(self, x: Tensor, state: RetroactiveState) -> Tensor:
        """The outputs of the windows that end at each of the next tokens (B, c, d), at once -> (B · c, n, d).

        The newest token of a window is last; what stands before its ``filled`` tokens is none's.  Exact
        refresh only.
        """
        past = state.in_time()  # (B, h, p, e) each
        joined = {
            name: torch.cat([past[name], new], 2) for name, new in zip("qkv", self.project(x), strict=True)
        }  # (B, h, p + c, e)
        q, k, v = (
            windows(part, x.shape[1], self.window).transpose(1, 2).flatten(0, 1) for part in joined.values()
        )
        lengths = window_lengths(state.ring.filled, x.shape[1], self.window)  # (B · c,)
        mask = padding_bias(lengths, self.window, x)[:, None, None]  # (B · c, 1, 1, n)
        y = self.merge(F.scaled_dot_product_attention(q, k, v, mask))  # (B · c, n, d)
        filled = (state.ring.filled + x.shape[1]).clamp(max=self.window)
        state.refill(filled, {name: part[:, :, -self.window :] for name, part in joined.items()})
        return y

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


def windows(x: Tensor, count: int, window: int) -> Tensor:
    """The windows that end at each of the last ``count`` tokens of (..., m, e) -> (..., count, n, e).

    Zeros stand for the tokens that a window lacks.
    """
    x = F.pad(x[..., -(count + window - 1) :, :], (0, 0, max(0, count + window - 1 - x.shape[-2]), 0))
    return x.unfold(-2, window, 1).transpose(-1, -2)


def window_lengths(filled: Tensor, count: int, window: int) -> Tensor:
    """Tokens in the windows that end at each of ``count`` tokens to come, (B,) -> (B · count,)."""
    return (filled[:, None] + 1 + torch.arange(count, device=filled.device)).clamp(max=window).flatten()


def _fill(state: State, projected: tuple[Tensor, ...], lengths: Tensor) -> State:
    """Write queries, keys and values, each (B, h, m, e), into an empty state."""
    real = padding_bias(lengths, projected[0].shape[2], projected[0])[:, None, :, None] == 0  # (B, 1, m, 1)
    # Padding may be anything, NaN too.
    state.refill(
        lengths, {name: torch.where(real, part, 0) for name, part in zip("qkv", projected, strict=True)}
    )
    return state


def _check_window(window: int) -> None:
    if window < 1:
        raise ValueError(f"window is {window}, expected at least 1 token")
