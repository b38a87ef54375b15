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
its state in place.  A window that is not full yet is simply shorter.  Work under ``torch.no_grad()``.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from models.continual.attention_state import RetroactiveState, SingleOutputState, UpdateState


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
        Of the ``m = ring.used`` slots, in the ring's order, not in that of time: the newest is at
        ``ring.newest``.
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
