"""The products, norms and attention of one stream's step, compiled by Numba and kept compiled on disk.

Loops, not expressions of arrays: those take Numba seconds to compile.  All are functions of this module, for
only those can be kept: a later process loads them within a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit, prange
from numba.extending import overload

Array = np.ndarray

EPS = 1e-5  # of nn.LayerNorm
FASTMATH = {"reassoc", "contract", "nsz"}  # sums in any order, which is what lets them use vectors
ROWS = 8  # of a matrix, read at once


class Matrix(NamedTuple):
    """``scale * (weight @ x) + bias``, by rows."""

    weight: Array  # (rows, columns), of the model's type or int8
    scale: Array  # (rows,)
    bias: Array  # (rows,)


class SharedMatrix(NamedTuple):
    """The same, its rows shared by threads."""

    weight: Array
    scale: Array
    bias: Array


class Norm(NamedTuple):
    weight: Array  # (d,)
    bias: Array  # (d,)


class Block(NamedTuple):
    qkv: Matrix | SharedMatrix  # d -> 3d
    output: Matrix | SharedMatrix  # d -> d
    norm1: Norm
    linear1: Matrix | SharedMatrix  # d -> f
    linear2: Matrix | SharedMatrix  # f -> d
    norm2: Norm


def _compiled(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            return njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:  # no folder to keep it in can be written
            return njit(nogil=True, **options)(function)

    return decorate


def _product(matrix: Matrix, x: Array) -> Array:
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


# Not kept by themselves: one function compiled in two ways would be kept under one name.
_alone = njit(fastmath=FASTMATH, nogil=True)(_product)
_shared = njit(fastmath=FASTMATH, nogil=True, parallel=True)(_product)


def _times(matrix: Matrix | SharedMatrix, x: Array) -> Array:
    raise NotImplementedError("what Numba compiles in its place is chosen below")


@overload(_times)
def _times_of(matrix, x):  # without types, for Numba compares its arguments with the lambdas'
    if matrix.instance_class is SharedMatrix:
        return lambda matrix, x: _shared(matrix, x)
    return lambda matrix, x: _alone(matrix, x)


@_compiled()
def times(matrix: Matrix | SharedMatrix, x: Array) -> Array:
    """Vector (columns,) -> (rows,)."""
    return _times(matrix, x)


@_compiled(fastmath=FASTMATH)
def add(x: Array, y: Array) -> Array:
    out = np.empty_like(x)
    for i in range(len(x)):
        out[i] = x[i] + y[i]
    return out


@_compiled(fastmath=FASTMATH)
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


@_compiled(fastmath=FASTMATH)
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


@_compiled(fastmath=FASTMATH)
def activate(hidden: Array, gelu: bool) -> Array:
    """GELU or ReLU of a hidden layer (f,), in place."""
    for i in range(len(hidden)):
        y = hidden[i]
        if gelu:
            hidden[i] = y * hidden.dtype.type(0.5 + 0.5 * math.erf(y * math.sqrt(0.5)))
        else:
            hidden[i] = max(y, hidden.dtype.type(0))
    return hidden


@_compiled()
def feedforward(x: Array, block: Block, gelu: bool) -> Array:
    return times(block.linear2, activate(times(block.linear1, x), gelu))


@_compiled()
def embed(token: Array, embedding: Matrix, position: Array) -> Array:
    """Token (F,), matrix, position (d,) -> (d,)."""
    return add(times(embedding, token), position)


@_compiled()
def step(x: Array, block: Block, ring: Array, slot: int, filled: int, pre_norm: bool, gelu: bool) -> Array:
    """``x`` (d,), block, ring (2, h, e, n), slot, tokens in the ring, pre-norm, GELU -> (d,)."""
    y = normalize(x, block.norm1) if pre_norm else x
    qkv = times(block.qkv, y).reshape(3, ring.shape[1], ring.shape[2])  # (3, h, e)
    x = add(x, times(block.output, attend(qkv, ring, slot, filled)))  # (d,)
    if pre_norm:
        return add(x, feedforward(normalize(x, block.norm2), block, gelu))
    x = normalize(x, block.norm1)
    return normalize(add(x, feedforward(x, block, gelu)), block.norm2)


@_compiled()
def classify(x: Array, norm: Norm, normed: bool, head: Matrix) -> Array:
    """``x`` (d,), norm, whether there is one, matrix -> logits (C,)."""
    return times(head, normalize(x, norm) if normed else x)
