"""Attention over a window of n tokens: recomputed, or carried on from step to step.

Notation, as in the paper: ``n`` window, ``d`` model size, ``h`` heads, ``e = d / h``; ``B`` independent streams.
Tensors are (B, h, n, e).  The regular attention (Eq. 1) is::

    Att(Q, K, V) = D^-1 A V,   A = exp(Q K^T / sqrt e),   D = diag(A 1)

Softmax does not care about the order of the keys, so the tokens of a window live in a ring: the newest is written
over the oldest, and nothing is rolled or copied.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(eq=False)
class Ring:
    """Which slots of a ring of n hold tokens, for B streams that may have started at different times.

    All streams write the same slot; a stream that started later only has more empty slots.

    Attributes
    ----------
    slot : int
        Where the next token goes.
    used : int
        Slots written so far by any stream: 0 to n.
    missing : int
        Steps until the window of every stream is full.
    filled : Tensor of shape (B,), int64
        Tokens in each stream's window.
    bias : Tensor of shape (B, n)
        0 where a stream has a token, -inf where it has none: what is added to the logits.
    """

    slot: int
    used: int
    missing: int
    filled: Tensor
    bias: Tensor

    @classmethod
    def empty(cls, batch: int, window: int, like: Tensor) -> Ring:
        """A ring without tokens, with the dtype and on the device of ``like``."""
        filled = torch.zeros(batch, dtype=torch.int64, device=like.device)  # (B,)
        return cls(0, 0, window, filled, like.new_full((batch, window), -torch.inf))

    @property
    def window(self) -> int:
        return self.bias.shape[1]

    def advance(self) -> int:
        """Give the slot of the next token and count it as filled."""
        slot = self.slot
        self.slot = (slot + 1) % self.window
        self.used = max(self.used, slot + 1)
        if self.missing:
            self.bias[:, slot] = 0
            self.filled.add_(1).clamp_(max=self.window)  # (B,)
            self.missing -= 1
        return slot

    def extend(self, lengths: Tensor, columns: int) -> None:
        """Fill an empty ring with the last ``lengths`` (B,) of ``columns`` <= n tokens, newest last."""
        self.slot = columns % self.window
        self.used = columns
        self.missing = self.window - int(lengths.min())
        self.filled.copy_(lengths)
        self.bias[:, :columns] = padding_bias(lengths, columns, self.bias)  # (B, m)

    def reset(self, rows: Tensor) -> None:
        """Empty the windows of the streams ``rows`` (indices or a mask)."""
        self.filled[rows] = 0
        self.bias[rows] = -torch.inf
        self.missing = self.window

    def mask(self) -> Tensor | None:
        """(B, 1, 1, used), to be added to the logits; None when every used slot of every stream is filled."""
        if self.missing == self.window - self.used:
            return None
        return self.bias[:, None, None, : self.used]


def padding_bias(lengths: Tensor, columns: int, like: Tensor) -> Tensor:
    """(B, columns): -inf on all but the last ``lengths`` (B,) columns, with the dtype of ``like``."""
    age = torch.arange(columns - 1, -1, -1, device=lengths.device)  # (m,), 0 for the newest
    return like.new_zeros(len(lengths), columns).masked_fill_(age >= lengths[:, None], -torch.inf)  # (B, m)


@dataclass(eq=False)
class SingleOutputState:
    """What single-output attention remembers: a ring of keys and one of values, both (B, h, n, e)."""

    ring: Ring
    k: Tensor
    v: Tensor


@dataclass(eq=False)
class RetroactiveState:
    """What retroactive attention remembers: rings of queries, keys and values, all (B, h, n, e)."""

    ring: Ring
    q: Tensor
    k: Tensor
    v: Tensor


def single_output_attention(q: Tensor, k: Tensor, v: Tensor, state: SingleOutputState) -> Tensor:
    """Continual Single-Output attention (CoSiAtt): the newest token's output, from cached keys and values.

    Parameters
    ----------
    q, k, v : Tensor of shape (B, h, e)
        Of the newest token.
    state : SingleOutputState
        Updated in place.

    Returns
    -------
    Tensor of shape (B, h, e)
    """
    ring = state.ring
    slot = ring.advance()
    state.k[:, :, slot] = k
    state.v[:, :, slot] = v
    keys, values = state.k[:, :, : ring.used], state.v[:, :, : ring.used]  # (B, h, m, e)
    return F.scaled_dot_product_attention(q[:, :, None], keys, values, ring.mask())[:, :, 0]  # (B, h, e)


def retroactive_attention(q: Tensor, k: Tensor, v: Tensor, state: RetroactiveState) -> Tensor:
    """Continual Retroactive attention (CoReAtt), exact refresh: the outputs of all tokens of the window.

    The queries, keys and values of the window are cached, the (cheap) attention over them is computed anew with a
    softmax that subtracts the maximum: stable for any finite input.

    Parameters
    ----------
    q, k, v : Tensor of shape (B, h, e)
        Of the newest token.
    state : RetroactiveState
        Updated in place.

    Returns
    -------
    Tensor of shape (B, h, used, e)
        In the order of the ring; ``used`` <= n slots.
    """
    ring = state.ring
    slot = ring.advance()
    state.q[:, :, slot] = q
    state.k[:, :, slot] = k
    state.v[:, :, slot] = v
    queries, keys, values = (x[:, :, : ring.used] for x in (state.q, state.k, state.v))  # (B, h, m, e)
    return F.scaled_dot_product_attention(queries, keys, values, ring.mask())  # (B, h, m, e)


class MultiheadAttention(nn.Module):
    """The projections around an attention: ``qkv`` (d -> 3d, in one matrix) and ``output`` (d -> d).

    Parameters
    ----------
    model_size : int
        d.
    heads : int
        h, divides d.
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

    def project(self, x: Tensor, first: int = 0, last: int = 3) -> tuple[Tensor, ...]:
        """Project (B, m, d) to some of queries (0), keys (1), values (2), each (B, h, m, e)."""
        rows = slice(first * self.model_size, last * self.model_size)
        bias = None if self.qkv.bias is None else self.qkv.bias[rows]
        y = F.linear(x, self.qkv.weight[rows], bias)  # (B, m, (last - first) d)
        y = y.unflatten(-1, (last - first, self.heads, -1))  # (B, m, last - first, h, e)
        return tuple(part.transpose(1, 2) for part in y.unbind(2))  # (B, h, m, e) each

    def forward(self, queries: Tensor, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Regular attention (Eq. 1) of ``queries`` (B, r, d) over ``x`` (B, m, d): (B, r, d).

        ``mask`` is added to the logits: broadcast to (B, h, r, m).
        """
        if queries is x:
            q, k, v = self.project(x)  # (B, h, m, e)
        else:
            (q,), (k, v) = self.project(queries, 0, 1), self.project(x, 1, 3)
        y = F.scaled_dot_product_attention(
            q, k, v, mask, self.dropout if self.training else 0.0
        )  # (B, h, r, e)
        return self.output(y.transpose(1, 2).flatten(2))  # (B, r, d)

    def initial_state(
        self, batch: int, window: int, retroactive: bool
    ) -> SingleOutputState | RetroactiveState:
        """Empty rings for ``batch`` streams."""
        like = self.qkv.weight
        ring = Ring.empty(batch, window, like)
        shape = (batch, self.heads, window, self.model_size // self.heads)
        rings = [like.new_zeros(shape) for _ in range(3 if retroactive else 2)]
        return RetroactiveState(ring, *rings) if retroactive else SingleOutputState(ring, *rings)

    def step(self, x: Tensor, state: SingleOutputState | RetroactiveState) -> Tensor:
        """Take the newest token (B, d); give its output (B, 1, d), or with a retroactive state all (B, used, d)."""
        q, k, v = (part[:, :, 0] for part in self.project(x[:, None]))  # (B, h, e)
        if isinstance(state, RetroactiveState):
            y = retroactive_attention(q, k, v, state)  # (B, h, m, e)
        else:
            y = single_output_attention(q, k, v, state)[:, :, None]  # (B, h, 1, e)
        return self.output(y.transpose(1, 2).flatten(2))  # (B, m or 1, d)
