"""Continual attention as plain functions on (q, k, v, state): the heart of the paper.

Notation: ``n`` window, ``d`` model size, ``h`` heads, ``e = d / h`` size of a head, ``B`` streams.  Regular
scaled dot-product attention over a window is, as in the paper::

    Att(Q, K, V) = D^-1 A V,    A = exp(Q K^T / sqrt e),    D = diag(A 1)                  (1)

When the window slides by one token, all but one row and column of A stay as they were.  Two uses of that::

    CoSiAtt = softmax(q_new K^T / sqrt e) V            the newest token's row alone         (2)

    CoReAtt = AV / d                                   all n rows; those that stay with     (3)
        d  <- d  - exp(Q k_old) + exp(Q k_new)
        AV <- AV - exp(Q k_old) v_old^T + exp(Q k_new) v_new^T

(The numbers are this package's.)  Each function takes the newest token's q, k, v, each (B, h, e), and updates
its state in place.  A window that is not full yet is simply shorter.  Work under ``torch.inference_mode()``
or ``no_grad``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from models.continual.ring import Ring


@dataclass(eq=False)
class SingleOutputState:
    """What single-output attention remembers.

    Attributes
    ----------
    ring : Ring
    k, v : Tensor of shape (B, h, n, e)
        Keys and values of the window.
    q : Tensor of shape (B, h, n, e), or None
        Queries of the window, kept only for a look-ahead.
    ahead : int
        Tokens that must follow a token before its output is given: 0 for none.
    """

    ring: Ring
    k: Tensor
    v: Tensor
    q: Tensor | None
    ahead: int

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int], like: Tensor, ahead: int = 0) -> SingleOutputState:
        """State of new streams: ``shape`` is (B, h, n, e), dtype and device are those of ``like``."""
        if not 0 <= ahead < shape[2]:
            raise ValueError(f"ahead is {ahead}, expected 0 to {shape[2] - 1} (the window less one)")
        ring = Ring.empty(shape[0], shape[2], like)
        q = like.new_zeros(shape) if ahead else None
        return cls(ring, like.new_zeros(shape), like.new_zeros(shape), q, ahead)

    @property
    def waiting(self) -> Tensor:
        """How many more tokens each stream needs before it has an output, (B,); 0: it has one."""
        return (self.ahead + 1 - self.ring.filled).clamp(min=0)

    def reset(self, rows: Tensor) -> None:
        """Forget the streams ``rows`` (indices or a mask)."""
        self.ring.reset(rows)
        for kept in (self.k, self.v, self.q):  # zeroed, for a NaN would shine through the mask
            if kept is not None:
                kept[rows] = 0


@dataclass(eq=False)
class RetroactiveState:
    """What retroactive attention by exact refresh remembers: q, k, v of the window, each (B, h, n, e)."""

    ring: Ring
    q: Tensor
    k: Tensor
    v: Tensor

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int], like: Tensor) -> RetroactiveState:
        """State of new streams: ``shape`` is (B, h, n, e), dtype and device are those of ``like``."""
        return cls(Ring.empty(shape[0], shape[2], like), *(like.new_zeros(shape) for _ in range(3)))

    def reset(self, rows: Tensor) -> None:
        """Forget the streams ``rows`` (indices or a mask)."""
        self.ring.reset(rows)
        for kept in (self.q, self.k, self.v):
            kept[rows] = 0


@dataclass(eq=False)
class UpdateState(RetroactiveState):
    """What the paper's update remembers besides: A (B, h, n, n), d = A 1 (B, h, n), and AV (B, h, n, e)."""

    a: Tensor
    d: Tensor
    av: Tensor

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int], like: Tensor) -> UpdateState:
        batch, heads, window, _ = shape
        ring = Ring.empty(batch, window, like)
        q, k, v, av = (like.new_zeros(shape) for _ in range(4))
        a = like.new_zeros(batch, heads, window, window)
        return cls(ring, q, k, v, a, like.new_zeros(shape[:3]), av)

    def reset(self, rows: Tensor) -> None:
        """Forget the streams ``rows`` (indices or a mask)."""
        super().reset(rows)
        for kept in (self.a, self.d, self.av):
            kept[rows] = 0


def single_output_attention(q: Tensor, k: Tensor, v: Tensor, state: SingleOutputState) -> Tensor | None:
    """Continual Single-Output attention, (2): one token's output over the cached keys and values.

    Parameters
    ----------
    q, k, v : Tensor of shape (B, h, e)
        Of the newest token.
    state : SingleOutputState
        With ``state.ahead = a`` the output is that of the token a steps back, which has then seen a tokens of
        its future.

    Returns
    -------
    Tensor of shape (B, h, e), or None
        None while no stream has the ``a + 1`` tokens it needs; the rows of streams that still wait
        (``state.waiting``) are NaN.
    """
    ring = state.ring
    slot = ring.advance()
    state.k[:, :, slot] = k
    state.v[:, :, slot] = v
    if state.q is not None:
        state.q[:, :, slot] = q
        q = state.q[:, :, (slot - state.ahead) % ring.window]  # (B, h, e)
    keys, values = state.k[:, :, : ring.used], state.v[:, :, : ring.used]  # (B, h, m, e)
    out = F.scaled_dot_product_attention(q[:, :, None], keys, values, ring.mask())[:, :, 0]  # (B, h, e)
    if state.q is None:
        return out
    waits = state.waiting > 0  # (B,)
    return None if bool(waits.all()) else out.masked_fill(waits[:, None, None], torch.nan)


def retroactive_attention(q: Tensor, k: Tensor, v: Tensor, state: RetroactiveState) -> Tensor:
    """Continual Retroactive attention by exact refresh: the outputs of all tokens of the window.

    Queries, keys and values are projected once a token and cached; the attention (1) over them, a small part
    of a block's work (2% in the two-block THUMOS14 model), is computed anew.  Its softmax subtracts the
    maximum, so that any finite input gives a finite output, and nothing accumulates.

    Parameters
    ----------
    q, k, v : Tensor of shape (B, h, e)
        Of the newest token.
    state : RetroactiveState

    Returns
    -------
    Tensor of shape (B, h, m, e)
        Of the ``m = ring.used`` slots, in the ring's order: the newest is at ``ring.newest``.
    """
    ring = state.ring
    slot = ring.advance()
    for kept, new in ((state.q, q), (state.k, k), (state.v, v)):
        kept[:, :, slot] = new
    queries, keys, values = (kept[:, :, : ring.used] for kept in (state.q, state.k, state.v))  # (B, h, m, e)
    return F.scaled_dot_product_attention(queries, keys, values, ring.mask())  # (B, h, m, e)


def retroactive_update_attention(q: Tensor, k: Tensor, v: Tensor, state: UpdateState) -> Tensor:
    """Continual Retroactive attention by the paper's update, (3): subtract the oldest token, add the newest.

    The newest token's row of AV and d is computed afresh.  All in all 5nd multiply-accumulates, not 2n²d.

    Its limits: nothing here subtracts a maximum.  In float32 the difference cancels once the logits of a row
    span about 16, when a dominant key leaves (errors of 1e-2 and far beyond).  Above 88.7 the exponential
    overflows, and the NaN of ``inf - inf`` stays in every row that it touched until that row leaves: one
    outlier spoils up to 2n steps.  There is no long-run drift: each row is born fresh and lives n steps.  Use
    :func:`retroactive_attention` unless the logits are known to be small.

    Parameters
    ----------
    q, k, v : Tensor of shape (B, h, e)
        Of the newest token.
    state : UpdateState
        ``exp(Q k_old)`` is kept from when it was added, not computed twice.

    Returns
    -------
    Tensor of shape (B, h, m, e)
        As :func:`retroactive_attention`.
    """
    ring = state.ring
    slot = ring.advance()
    v_old = state.v[:, :, slot].clone()  # (B, h, e)
    q = q * q.shape[-1] ** -0.5
    for kept, new in ((state.q, q), (state.k, k), (state.v, v)):
        kept[:, :, slot] = new
    a_old = state.a[..., slot].clone()  # (B, h, n); 0 where there was no token
    a_new = (state.q @ k[..., None])[..., 0].exp()  # (B, h, n)
    state.a[..., slot] = a_new
    state.d += a_new - a_old
    state.av += a_new[..., None] * v[:, :, None] - a_old[..., None] * v_old[:, :, None]  # (B, h, n, e)
    present = ring.bias.exp()[:, None]  # (B, 1, n), 1 for a token and 0 for none
    bottom = (state.k @ q[..., None])[..., 0].exp() * present  # (B, h, n)
    state.a[:, :, slot] = bottom
    state.d[:, :, slot] = bottom.sum(-1)
    state.av[:, :, slot] = (bottom[:, :, None] @ state.v)[:, :, 0]  # (B, h, e)
    return state.av[:, :, : ring.used] / state.d[:, :, : ring.used, None]  # (B, h, m, e)
