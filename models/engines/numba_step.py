"""The single-output step of one stream, compiled by Numba: the same mathematics, at the speed of the memory.

A step on one stream is a handful of matrix-vector products, and those take as long as it takes to read their
matrices.  Eight rows at once are read faster than one after the other, all matrices lie in large pages, and
one compiled function has no overhead between the products.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numba
import numpy as np
from numba import njit, prange

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState

Array = np.ndarray

EPS = 1e-5  # of nn.LayerNorm
FASTMATH = {"reassoc", "contract", "nsz"}  # sums in any order, which is what lets them use vectors
ROWS = 8  # of a matrix, read at once
SHARED = 1 << 19  # weights of a matrix that threads share the rows of: a smaller one is done before they wake


class Matrix(NamedTuple):
    """``scale * (weight @ x) + bias``, by rows."""

    weight: Array  # (rows, columns), of the model's type or int8
    scale: Array  # (rows,)
    bias: Array  # (rows,)


class Norm(NamedTuple):
    weight: Array  # (d,)
    bias: Array  # (d,)


class Block(NamedTuple):
    qkv: Matrix  # d -> 3d
    output: Matrix  # d -> d
    norm1: Norm
    linear1: Matrix  # d -> f
    linear2: Matrix  # f -> d
    norm2: Norm


class NumbaEngine:
    """Steps one stream through a model whose blocks are all single-output.

    Parameters
    ----------
    model : ContinualTransformer
        One block, or streaming-deep.
    batch : int
        1.
    threads : int
        That share the rows of a matrix.
    int8 : bool
        Whether the weights of all large matrices are rounded to 8 bits, row by row; activations are not.

    Raises
    ------
    ValueError
        Another model, or more than one stream.
    """

    def __init__(
        self, model: ContinualTransformer, batch: int = 1, threads: int = 1, int8: bool = False
    ) -> None:
        if batch != 1 or not (model.streaming or len(model.blocks) == 1):
            raise ValueError("the numba engine runs one stream through single-output blocks only")
        self.name = "numba-int8" if int8 else "numba"
        self.window = model.window
        self.threads = min(threads, numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
        self.pre_norm = model.config["norm"] == "pre"
        self.gelu = model.config["activation"] == "gelu"
        self.weights = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
        self.dtype = self.weights["head.weight"].dtype
        self.memory = large_pages(sum(value.nbytes for value in self.weights.values()))  # (bytes,)
        self.embedding = self._matrix("embedding", int8)
        self.table = self.weights["positional.table"].copy()  # (T, d)
        self.blocks = [self._block(f"blocks.{i}.", int8) for i in range(len(model.blocks))]
        self.norm = self._norm("norm")
        self.head = self._matrix("head", False)
        del self.weights, self.memory
        self.kernels = compiled(self.threads > 1)
        self.load(model.initial_state(1))
        self.step(np.zeros((1, model.config["input_size"]), self.dtype))  # compiles, which takes seconds
        self.load(model.initial_state(1))

    def _matrix(self, name: str, int8: bool) -> Matrix:
        weight = self.weights[f"{name}.weight"]  # (rows, columns)
        scale = np.ones(len(weight), self.dtype)
        bias = self.weights.get(f"{name}.bias", np.zeros_like(scale)).copy()
        if int8:
            scale = np.maximum(np.abs(weight).max(1), np.finfo(self.dtype).tiny) / 127
            weight = np.rint(weight / scale[:, None]).astype(np.int8)
        place, self.memory = np.split(self.memory, [weight.nbytes])
        placed = place.view(weight.dtype).reshape(weight.shape)
        placed[:] = weight
        return Matrix(placed, scale, bias)

    def _norm(self, name: str) -> Norm:
        return Norm(self.weights[f"{name}.weight"].copy(), self.weights[f"{name}.bias"].copy())

    def _block(self, prefix: str, int8: bool) -> Block:
        return Block(
            self._matrix(f"{prefix}attention.qkv", int8),
            self._matrix(f"{prefix}attention.output", int8),
            self._norm(f"{prefix}norm1"),
            self._matrix(f"{prefix}linear1", int8),
            self._matrix(f"{prefix}linear2", int8),
            self._norm(f"{prefix}norm2"),
        )

    def load(self, state: StreamState) -> None:
        """Go on from a state of one stream."""
        if len(state.tick) != 1:
            raise ValueError(f"a state of {len(state.tick)} streams, expected 1")
        self.tick = int(state.tick[0])
        # Slots before the stream's first token are left out by starting the ring at it.
        self.filled, newest = int(state.filled[0]), state.ring.newest
        order = [(newest - age) % self.window for age in reversed(range(self.filled))]
        self.slot = self.filled % self.window
        self.rings = []
        for attention in state.attention:
            heads, _, width = attention.k.shape[1:]
            kv = np.zeros((2, heads, width, self.window), self.dtype)  # (2, h, e, n)
            for ring, kept in zip(kv, (attention.k, attention.v), strict=True):
                ring[:, :, : self.filled] = kept[0][:, order].mT.numpy()
            self.rings.append(kv)

    def step(self, token: Array) -> Array:
        """The stream's next token (1, F) -> logits (1, C)."""
        if self.threads > 1:
            numba.set_num_threads(self.threads)
        self.filled = max(self.filled, self.slot + 1)
        position = self.table[self.tick % len(self.table)]  # (d,)
        x = self.kernels.embed(np.ascontiguousarray(token[0]), self.embedding, position)  # (d,)
        for block, ring in zip(self.blocks, self.rings, strict=True):
            x = self.kernels.step(x, block, ring, self.slot, self.filled, self.pre_norm, self.gelu)  # (d,)
        self.slot = (self.slot + 1) % self.window
        self.tick += 1
        return self.kernels.classify(x, self.norm, self.head)[None]


def large_pages(size: int) -> Array:
    """Zeros (size,) uint8 in pages of 2 MiB where the system has them: fewer to look up while reading."""
    memory = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.uint8)


class Kernels(NamedTuple):
    """What a step is made of; each is compiled at its first call for a type.

    Attributes
    ----------
    times : callable
        Matrix, vector (columns,) -> (rows,).
    embed : callable
        Token (F,), matrix, position (d,) -> (d,).
    step : callable
        ``x`` (d,), block, ring (2, h, e, n), slot, tokens in the ring, pre-norm, GELU -> (d,).
    classify : callable
        ``x`` (d,), norm, matrix -> logits (C,).
    """

    times: Callable[..., Array]
    embed: Callable[..., Array]
    step: Callable[..., Array]
    classify: Callable[..., Array]


@cache
def compiled(parallel: bool) -> Kernels:
    """The kernels, on one thread or on as many as Numba is told."""

    def product(matrix: Matrix, x: Array) -> Array:
        w, scale, bias = matrix
        kind = x.dtype.type
        out = np.empty(len(w), x.dtype)
        for tile in prange(len(w) // ROWS):
            i = tile * ROWS
            a = b = c = d = e = f = g = h = kind(0)
            for j in range(len(x)):
                v = x[j]
                a += kind(w[i, j]) * v
                b += kind(w[i + 1, j]) * v
                c += kind(w[i + 2, j]) * v
                d += kind(w[i + 3, j]) * v
                e += kind(w[i + 4, j]) * v
                f += kind(w[i + 5, j]) * v
                g += kind(w[i + 6, j]) * v
                h += kind(w[i + 7, j]) * v
            out[i], out[i + 1], out[i + 2], out[i + 3] = a, b, c, d
            out[i + 4], out[i + 5], out[i + 6], out[i + 7] = e, f, g, h
        for i in range(len(w) // ROWS * ROWS, len(w)):
            a = kind(0)
            for j in range(len(x)):
                a += kind(w[i, j]) * x[j]
            out[i] = a
        for i in range(len(w)):
            out[i] = out[i] * scale[i] + bias[i]
        return out

    alone = njit(fastmath=FASTMATH, nogil=True)(product)
    shared = njit(fastmath=FASTMATH, nogil=True, parallel=True)(product) if parallel else alone

    @njit(nogil=True)
    def times(matrix: Matrix, x: Array) -> Array:
        return shared(matrix, x) if matrix.weight.size >= SHARED else alone(matrix, x)

    # Loops, not expressions of arrays: those take Numba seconds to compile.

    @njit(fastmath=FASTMATH, nogil=True)
    def add(x: Array, y: Array) -> Array:
        out = np.empty_like(x)
        for i in range(len(x)):
            out[i] = x[i] + y[i]
        return out

    @njit(fastmath=FASTMATH, nogil=True)
    def normalize(x: Array, norm: Norm) -> Array:
        weight, bias = norm
        size = x.dtype.type(len(x))
        mean = variance = x.dtype.type(0)
        for i in range(len(x)):
            mean += x[i] / size
        for i in range(len(x)):
            variance += (x[i] - mean) ** 2 / size
        scale = x.dtype.type(1 / math.sqrt(variance + EPS))
        out = np.empty_like(x)
        for i in range(len(x)):
            out[i] = (x[i] - mean) * scale * weight[i] + bias[i]
        return out

    @njit(fastmath=FASTMATH, nogil=True)
    def attend(qkv: Array, ring: Array, slot: int, filled: int) -> Array:
        _, heads, width, window = ring.shape
        scale = qkv.dtype.type(width**-0.5)
        weights = np.empty(window, qkv.dtype)
        out = np.empty(heads * width, qkv.dtype)
        for h in range(heads):
            q, k, v = qkv[0, h], ring[0, h], ring[1, h]  # (e,), (e, n), (e, n)
            for j in range(width):
                k[j, slot], v[j, slot] = qkv[1, h, j], qkv[2, h, j]
            for m in range(filled):
                weights[m] = 0
            for j in range(width):
                for m in range(filled):
                    weights[m] += q[j] * k[j, m]  # logits as yet
            top = weights[0]
            for m in range(filled):
                top = max(top, weights[m])
            total = qkv.dtype.type(0)
            for m in range(filled):
                weights[m] = math.exp((weights[m] - top) * scale)
                total += weights[m]
            for j in range(width):
                a = qkv.dtype.type(0)
                for m in range(filled):
                    a += weights[m] * v[j, m]
                out[h * width + j] = a / total
        return out

    @njit(fastmath=FASTMATH, nogil=True)
    def feedforward(x: Array, block: Block, gelu: bool) -> Array:
        hidden = times(block.linear1, x)  # (f,)
        for i in range(len(hidden)):
            y = hidden[i]
            if gelu:
                hidden[i] = y * x.dtype.type(0.5 + 0.5 * math.erf(y * math.sqrt(0.5)))
            else:
                hidden[i] = max(y, x.dtype.type(0))
        return times(block.linear2, hidden)

    @njit(nogil=True)
    def embed(token: Array, embedding: Matrix, position: Array) -> Array:
        return add(times(embedding, token), position)

    @njit(nogil=True)
    def step(
        x: Array, block: Block, ring: Array, slot: int, filled: int, pre_norm: bool, gelu: bool
    ) -> Array:
        y = normalize(x, block.norm1) if pre_norm else x
        qkv = times(block.qkv, y).reshape(3, ring.shape[1], ring.shape[2])  # (3, h, e)
        x = add(x, times(block.output, attend(qkv, ring, slot, filled)))  # (d,)
        if pre_norm:
            return add(x, feedforward(normalize(x, block.norm2), block, gelu))
        x = normalize(x, block.norm1)
        return normalize(add(x, feedforward(x, block, gelu)), block.norm2)

    @njit(nogil=True)
    def classify(x: Array, norm: Norm, head: Matrix) -> Array:
        return times(head, normalize(x, norm))

    return Kernels(times, embed, step, classify)
