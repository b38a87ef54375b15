"""The single-output step of one stream in NumPy: the same mathematics, without a framework's overhead."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import erf

from models.classifier import ContinualTransformer
from models.state import StreamState

Array = np.ndarray


class _Block(NamedTuple):
    qkv: Array  # (3d, d), the queries' rows scaled by 1 / sqrt e
    qkv_bias: Array  # (3d,)
    output: Array  # (d, d)
    output_bias: Array  # (d,)
    norm1: tuple[Array, Array]  # weight and bias, (d,)
    linear1: Array  # (f, d)
    bias1: Array  # (f,)
    linear2: Array  # (d, f)
    bias2: Array  # (d,)
    norm2: tuple[Array, Array]


class NumpyEngine:
    """Steps one stream through a model whose blocks are all single-output.

    Parameters
    ----------
    model : ContinualTransformer
        One block, or streaming-deep.

    Raises
    ------
    ValueError
        Another model, or more than one stream.
    """

    name = "numpy"

    def __init__(self, model: ContinualTransformer, batch: int = 1) -> None:
        if batch != 1 or not (model.streaming or len(model.blocks) == 1):
            raise ValueError("the numpy engine runs one stream through single-output blocks only")
        self.window = model.window
        self.heads = model.config["heads"]
        self.pre_norm = model.config["norm"] == "pre"
        self.gelu = model.config["activation"] == "gelu"
        weights = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
        self.embedding = weights["embedding.weight"]  # (d, F)
        self.table = weights["positional.table"] + weights["embedding.bias"]  # (T, d)
        self.blocks = [self._block(weights, f"blocks.{i}.") for i in range(len(model.blocks))]
        self.norm = (weights["norm.weight"], weights["norm.bias"])
        self.head, self.head_bias = weights["head.weight"], weights["head.bias"]  # (C, d), (C,)
        self.load(model.initial_state(1))

    def _block(self, weights: dict[str, Array], prefix: str) -> _Block:
        def get(name: str) -> Array:
            return weights[prefix + name]

        size = len(get("norm1.weight"))
        scale = np.ones(3 * size, self.embedding.dtype)  # (3d,)
        scale[:size] = (size // self.heads) ** -0.5
        bias = weights.get(f"{prefix}attention.qkv.bias", np.zeros_like(scale))
        return _Block(
            get("attention.qkv.weight") * scale[:, None],
            bias * scale,
            get("attention.output.weight"),
            get("attention.output.bias"),
            (get("norm1.weight"), get("norm1.bias")),
            get("linear1.weight"),
            get("linear1.bias"),
            get("linear2.weight"),
            get("linear2.bias"),
            (get("norm2.weight"), get("norm2.bias")),
        )

    def load(self, state: StreamState) -> None:
        """Go on from a state of one stream."""
        if len(state.tick) != 1:
            raise ValueError(f"a state of {len(state.tick)} streams, expected 1")
        self.tick = int(state.tick[0])
        # Slots before the stream's first token are left out by starting the ring at it.
        filled, newest = int(state.filled[0]), state.ring.newest
        order = [(newest - age) % self.window for age in reversed(range(filled))]
        self.filled, self.slot = filled, filled % self.window
        self.rings = []
        for attention in state.attention:
            kv = np.zeros((2, *attention.k.shape[1:]), self.embedding.dtype)  # (2, h, n, e)
            for ring, kept in zip(kv, (attention.k, attention.v), strict=True):
                ring[:, :filled] = kept[0][:, order].numpy()
            self.rings.append(kv)

    def step(self, token: Array) -> Array:
        """The stream's next token (1, F) -> logits (1, C)."""
        x = self.embedding @ token[0] + self.table[self.tick % len(self.table)]  # (d,)
        slot = self.slot
        self.filled = max(self.filled, slot + 1)
        for block, ring in zip(self.blocks, self.rings, strict=True):
            y = _norm(x, block.norm1) if self.pre_norm else x
            x = x + self._attend(y, block, ring)  # (d,)
            if self.pre_norm:
                x = x + self._feedforward(_norm(x, block.norm2), block)
            else:
                x = _norm(x, block.norm1)
                x = _norm(x + self._feedforward(x, block), block.norm2)
        self.slot = (slot + 1) % self.window
        self.tick += 1
        return (self.head @ _norm(x, self.norm) + self.head_bias)[None]

    def _attend(self, x: Array, block: _Block, ring: Array) -> Array:
        """Single-output attention of the newest token (d,), with its projections: (d,)."""
        qkv = (block.qkv @ x + block.qkv_bias).reshape(3, self.heads, -1)  # (3, h, e)
        ring[:, :, self.slot] = qkv[1:]
        k, v = ring[:, :, : self.filled]  # (h, m, e)
        weights = np.matmul(k, qkv[0][:, :, None])[:, :, 0]  # (h, m)
        weights -= weights.max(1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(1, keepdims=True)
        attended = np.matmul(weights[:, None], v).reshape(-1)  # (d,)
        return block.output @ attended + block.output_bias

    def _feedforward(self, x: Array, block: _Block) -> Array:
        hidden = block.linear1 @ x + block.bias1  # (f,)
        if self.gelu:
            hidden *= 0.5 + 0.5 * erf(hidden * math.sqrt(0.5))
        else:
            np.maximum(hidden, 0, out=hidden)
        return block.linear2 @ hidden + block.bias2


def _norm(x: Array, parameters: tuple[Array, Array]) -> Array:
    """LayerNorm of a vector (d,)."""
    weight, bias = parameters
    centred = x - np.add.reduce(x) / len(x)
    deviation = math.sqrt(float(centred @ centred) / len(x) + 1e-5)
    return centred * (weight * x.dtype.type(1 / deviation)) + bias
