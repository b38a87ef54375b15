"""One stream, its products by NumPy: several times faster than PyTorch, and ready at once.

A step multiplies matrices by one row, and PyTorch's product of that kind is slow on some machines; what is
left of its time is overhead of modules.  So the products are NumPy's here; norms, softmax and the error
function are PyTorch's on the same memory, which are faster than NumPy's and need no other library.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from models.continual.block import EncoderBlock
from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine, rings_of_one, state_of_one

Array = np.ndarray


class Linear(NamedTuple):
    weight: Array  # (columns, rows)
    bias: Array  # (rows,)


class Norm(NamedTuple):
    weight: torch.Tensor  # (d,)
    bias: torch.Tensor  # (d,)
    eps: float


class Block(NamedTuple):
    """An encoder block on rows (r, d); only its attention looks at more than one."""

    heads: int
    pre_norm: bool
    activation: Callable[[Array], Array]
    q: Linear
    kv: Linear
    qkv: Linear
    output: Linear
    norm1: Norm
    linear1: Linear
    linear2: Linear
    norm2: Norm

    def attention_input(self, x: Array) -> Array:
        return normalize(x, self.norm1) if self.pre_norm else x

    def project(self, x: Array, which: Linear) -> Array:
        """(r, d) -> queries, keys, values, or some of them (parts, h, r, e)."""
        y = linear(x, which)
        return y.reshape(len(x), y.shape[1] // x.shape[1], self.heads, -1).transpose(1, 2, 0, 3)

    def after_attention(self, x: Array, attended: Array) -> Array:
        """(r, d) and its attention (h, r, e) -> output (r, d)."""
        y = linear(attended.transpose(1, 0, 2).reshape(x.shape), self.output)
        y += x
        if not self.pre_norm:
            y = normalize(y, self.norm1)
        hidden = linear(normalize(y, self.norm2) if self.pre_norm else y, self.linear1)  # (r, f)
        hidden = linear(self.activation(hidden), self.linear2)  # (r, d)
        hidden += y
        return hidden if self.pre_norm else normalize(hidden, self.norm2)

    def regular(self, x: Array, rows: slice) -> Array:
        """A window (m, d) -> the outputs of some rows (r, d)."""
        y = self.attention_input(x)
        (q,), (k, v) = self.project(y[rows], self.q), self.project(y, self.kv)
        return self.after_attention(x[rows], attend(q, k, v))


class Weights:
    """A model's weights, copied, and what is done with them outside the blocks.

    Raises
    ------
    ValueError
        Weights that are neither float32 nor float64, or a model that steps by the paper's update.
    """

    def __init__(self, model: ContinualTransformer) -> None:
        kind = model.head.weight.dtype
        if kind not in (torch.float32, torch.float64):
            raise ValueError(f"the weights are {kind}, NumPy multiplies float32 or float64")
        if model.config["retroactive"] == "update" and not (model.streaming or len(model.blocks) == 1):
            raise ValueError("the paper's update runs in PyTorch only: build with retroactive='refresh'")
        self.inner = None if model.inner is None else _linear(model.inner)
        self.activation = gelu if model.config["activation"] == "gelu" else relu
        self.embedding = _linear(model.embedding)
        self.table = _copy(model.positional.table).numpy()  # (T, d)
        self.blocks = [_block(block, self.activation) for block in model.blocks]
        self.norm = _norm(model.norm) if isinstance(model.norm, nn.LayerNorm) else None
        self.head = _linear(model.head)

    def embed(self, tokens: Array, tick: int) -> Array:
        """Tokens (m, F), the oldest of this tick -> (m, d)."""
        if self.inner is not None:
            tokens = self.activation(linear(tokens, self.inner))  # (m, hidden)
        x = linear(tokens, self.embedding)
        if len(tokens) == 1:
            x += self.table[tick % len(self.table)]
        else:
            x += self.table[np.arange(tick, tick + len(tokens)) % len(self.table)]
        return x

    def classify(self, x: Array) -> Array:
        """The newest token's output (1, d) -> logits (1, C)."""
        return linear(x if self.norm is None else normalize(x, self.norm), self.head)


class NumpyEngine(Engine):
    """Steps one stream.

    Raises
    ------
    ValueError
        More than one stream, or as of :class:`Weights`.
    """

    name = "numpy"

    def __init__(self, model: ContinualTransformer, batch: int = 1) -> None:
        if batch != 1:
            raise ValueError(f"the numpy engine steps one stream, not {batch}")
        super().__init__(model, batch)
        self._weights = Weights(model)
        self._window = model.window
        self._retroactive = len(model.blocks) > 1 and not model.streaming
        self._load(model.initial_state(1))

    def _load(self, state: StreamState) -> None:
        self._tick, self._filled = int(state.tick[0]), int(state.filled[0])
        self._slot = self._filled % self._window
        self._rings = rings_of_one(state, self._window)

    def state(self) -> StreamState:
        return state_of_one(self.model, self._tick, self._filled, self._slot, self._rings)

    @torch.inference_mode()
    def _step(self, token: Array) -> Array:
        weights, slot = self._weights, self._slot
        filled = self._filled = max(self._filled, slot + 1)
        x = weights.embed(token, self._tick)  # (1, d)
        if self._retroactive:
            x = self._retroactive_step(x, slot, filled)
        else:
            for number, block in enumerate(weights.blocks):
                y = block.attention_input(x)
                q, k, v = self._remember(block, number, y, slot)  # each (h, n, e), but q (h, 1, e)
                x = block.after_attention(x, attend(q, k[:, :filled], v[:, :filled]))  # (1, d)
        self._slot = (slot + 1) % self._window
        self._tick += 1
        return weights.classify(x)

    def _remember(self, block: Block, number: int, y: Array, slot: int) -> tuple[Array, Array, Array]:
        """Project a token (1, d), write its key and value; the query, and all keys and values."""
        new = block.project(y, block.qkv)  # (3, h, 1, e)
        k, v = (self._rings[f"attention.{number}.{part}"] for part in "kv")
        k[:, slot], v[:, slot] = new[1, :, 0], new[2, :, 0]
        return new[0], k, v

    def _retroactive_step(self, x: Array, slot: int, filled: int) -> Array:
        """The newest embedded token (1, d) -> its output (1, d), by way of all refreshed ones."""
        first, *middle, last = self._weights.blocks
        new, k, v = self._remember(first, 0, first.attention_input(x), slot)
        q, tokens = self._rings["attention.0.q"], self._rings["tokens"]
        q[:, slot], tokens[slot] = new[:, 0], x[0]
        x = first.after_attention(
            tokens[:filled], attend(q[:, :filled], k[:, :filled], v[:, :filled])
        )  # (m, d), in ring order
        for block in middle:
            x = block.regular(x, slice(None))
        return last.regular(x, slice(slot, slot + 1))


class NumpyWindow:
    """The regular model over a window: ``model(tokens, tick, all_outputs=True)`` of one stream.

    Raises
    ------
    ValueError
        A streaming-deep model, whose window has a band; or as of :class:`Weights`.
    """

    name = "numpy"

    def __init__(self, model: ContinualTransformer) -> None:
        if model.streaming and len(model.blocks) > 1:
            raise ValueError("a streaming-deep model has no regular window of all outputs")
        self._weights = Weights(model)

    @torch.inference_mode()
    def __call__(self, tokens: Array, tick: int = 0) -> Array:
        """Tokens (m, F), the oldest of this tick -> logits (C,)."""
        x = self._weights.embed(tokens, tick)
        for block in self._weights.blocks:
            x = block.regular(x, slice(None))
        return self._weights.classify(x[-1:])[0]


def linear(x: Array, part: Linear) -> Array:
    y = x @ part.weight
    y += part.bias
    return y


def normalize(x: Array, norm: Norm) -> Array:
    weight, bias, eps = norm
    return torch.layer_norm(torch.from_numpy(x), weight.shape, weight, bias, eps, False).numpy()


def attend(q: Array, k: Array, v: Array) -> Array:
    """Attention of queries (h, r, e) over keys and values (h, m, e) -> (h, r, e)."""
    logits = (q * q.shape[-1] ** -0.5) @ k.mT  # (h, r, m)
    return torch.softmax(torch.from_numpy(logits), -1).numpy() @ v


def gelu(x: Array) -> Array:
    y = x * math.sqrt(0.5)
    torch.from_numpy(y).erf_()  # its own GELU sets oneDNN up at each call, twice as long as this takes
    y += 1
    y *= x
    y *= 0.5
    return y


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def _copy(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().cpu().clone()


def _linear(part: nn.Linear) -> Linear:
    weight = _copy(part.weight)
    bias = weight.new_zeros(len(weight)) if part.bias is None else _copy(part.bias)
    return Linear(weight.numpy().T, bias.numpy())


def _norm(part: nn.LayerNorm) -> Norm:
    return Norm(_copy(part.weight), _copy(part.bias), part.eps)


def _block(block: EncoderBlock[Any], activation: Callable[[Array], Array]) -> Block:
    attention = block.attention
    size, heads = attention.model_size, attention.heads
    qkv = _linear(attention.qkv)
    return Block(
        heads,
        block.pre_norm,
        activation,
        Linear(qkv.weight[:, :size], qkv.bias[:size]),
        Linear(qkv.weight[:, size:], qkv.bias[size:]),
        qkv,
        _linear(attention.output),
        _norm(block.norm1),
        _linear(block.linear1),
        _linear(block.linear2),
        _norm(block.norm2),
    )
