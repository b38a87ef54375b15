"""The continual step as a function of its state, for tracing: state in, state out, any number of streams."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from models.continual.attention_state import RetroactiveState, UpdateState
from models.continual.classifier import ContinualTransformer
from models.continual.multihead import MultiheadAttention


class StepGraph(nn.Module):
    """``model.step`` without side effects: the same modules, rings written by scatter.

    Each stream has a slot of its own, so that streams may start at different times.  All n slots are computed
    from the first step on; those that a stream has not filled are hidden, whatever stands there.

    Raises
    ------
    ValueError
        A model that steps by the paper's update.
    """

    def __init__(self, model: ContinualTransformer) -> None:
        super().__init__()
        ring_names(model)  # refuses what is not exported
        self.model = model

    def forward(
        self, token: Tensor, start: Tensor, tick: Tensor, filled: Tensor, rings: list[Tensor]
    ) -> tuple[Tensor, ...]:
        """One step.

        Parameters
        ----------
        token : Tensor of shape (B, F)
        start : Tensor of shape (B, 1), bool
            Whether a stream starts with this token: then nothing of its state is looked at.
        tick, filled : Tensor of shape (B, 1), int64
            Absolute index of the token, and tokens in the window before it.
        rings : list of Tensor
            As :func:`graph_state` gives them.

        Returns
        -------
        tuple of Tensor
            Logits (B, C), then the new ``tick``, ``filled`` and rings.
        """
        model, n = self.model, self.model.window
        tick, filled = torch.where(start, 0, tick), torch.where(start, 0, filled)  # (B, 1)
        slot = tick % n  # (B, 1)
        filled = torch.clamp(filled + 1, max=n)  # (B, 1)
        present = (slot - torch.arange(n)) % n < filled  # (B, n): by age
        x = model._embed(token[:, None], tick)  # (B, 1, d)
        kept: list[Tensor] = []
        if len(model.blocks) == 1 or model.streaming:
            for block, k, v in zip(model.blocks, rings[::2], rings[1::2], strict=True):
                q, *new = block.attention.project(block.attention_input(x))  # (B, h, 1, e) each
                k, v = (_write(ring, part, slot) for ring, part in zip((k, v), new, strict=True))
                x = block.after_attention(x, _attend(block.attention, q, k, v, present))  # (B, 1, d)
                kept += [k, v]
        else:
            first, last = model.blocks[0], model.blocks[-1]
            new = first.attention.project(first.attention_input(x))  # 3 of (B, h, 1, e)
            q, k, v = (_write(ring, part, slot) for ring, part in zip(rings[:3], new, strict=True))
            tokens = _write(rings[3][:, None], x[:, None], slot)[:, 0]  # (B, n, d)
            x = first.after_attention(tokens, _attend(first.attention, q, k, v, present))  # (B, n, d)
            for block in model.blocks[1:-1]:
                x = self._regular(block, x, x, present)  # (B, n, d)
            newest = x.gather(1, slot[..., None].expand(-1, 1, x.shape[2]))  # (B, 1, d)
            x = self._regular(last, newest, x, present)  # (B, 1, d)
            kept = [q, k, v, tokens]
        return model._classify(x[:, 0]), tick + 1, filled, *kept

    @staticmethod
    def _regular(block: Any, queries: Tensor, x: Tensor, present: Tensor) -> Tensor:
        """Outputs (B, r, d) of some rows of a window (B, n, d)."""
        (q,) = block.attention.project(block.attention_input(queries), "q")  # (B, h, r, e)
        k, v = block.attention.project(block.attention_input(x), "kv")  # (B, h, n, e)
        return block.after_attention(queries, _attend(block.attention, q, k, v, present))


def _attend(attention: MultiheadAttention, q: Tensor, k: Tensor, v: Tensor, present: Tensor) -> Tensor:
    """Attention over the slots that are ``present`` (B, n): what stands in the others may be NaN."""
    logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)  # (B, h, r, n)
    weights = torch.where(present[:, None, None], logits, -torch.inf).softmax(-1)
    return attention.merge(weights @ torch.where(present[:, None, :, None], v, 0.0))  # (B, r, d)


def _write(ring: Tensor, new: Tensor, slot: Tensor) -> Tensor:
    """Put ``new`` (B, h, 1, e) into each stream's slot (B, 1) of ``ring`` (B, h, n, e)."""
    return ring.scatter(2, slot[:, :, None, None].expand(-1, new.shape[1], 1, new.shape[3]), new)


def ring_names(model: ContinualTransformer) -> dict[str, str]:
    """The rings of the graph, ``q0, k0, v0, k1, …, tokens``, and how a state dict of the model calls them.

    Raises
    ------
    ValueError
        A model that steps by the paper's update.
    """
    state = model.initial_state(1)
    if any(isinstance(attention, UpdateState) for attention in state.attention):
        raise ValueError("the paper's update is not exported: build the model with retroactive='refresh'")
    names = {
        f"{part}{number}": f"attention.{number}.{part}"
        for number, attention in enumerate(state.attention)
        for part in ("qkv" if isinstance(attention, RetroactiveState) else "kv")
    }
    return names if state.tokens is None else names | {"tokens": "tokens"}


def graph_state(model: ContinualTransformer, batch: int) -> dict[str, Tensor]:
    """The state of ``batch`` streams that have seen nothing, all zeros, by the names the graph gives it."""
    heads, window = model.config["heads"], model.window
    size, like = model.config["model_size"], model.head.weight
    shapes = {"tokens": (batch, window, size)}
    shape = (batch, heads, window, size // heads)
    state = {
        name: torch.zeros(batch, 1, dtype=torch.int64, device=like.device) for name in ("tick", "filled")
    }
    return state | {name: like.new_zeros(shapes.get(name, shape)) for name in ring_names(model)}
