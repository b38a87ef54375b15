"""The single-output step of one stream, compiled by Numba: the same mathematics, at the speed of the memory.

A step on one stream is a handful of matrix-vector products, and those take as long as it takes to read their
matrices.  Eight rows at once are read faster than one after the other, all matrices lie in large pages, and
compiled functions have no overhead between the products.
"""

from __future__ import annotations

import mmap

import numba
import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine, rings_of_one, state_of_one
from models.engines.numba_kernels import (
    Array,
    Block,
    Matrix,
    Norm,
    SharedMatrix,
    activate,
    classify,
    embed,
    step,
    times,
)

SHARED = 1 << 19  # weights of a matrix that threads share the rows of: a smaller one is done before they wake


class NumbaEngine(Engine):
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
        Another model, weights that are neither float32 nor float64, or more than one stream.
    """

    def __init__(
        self, model: ContinualTransformer, batch: int = 1, threads: int = 1, int8: bool = False
    ) -> None:
        if batch != 1 or not (model.streaming or len(model.blocks) == 1):
            raise ValueError("the numba engine runs one stream through single-output blocks only")
        if model.head.weight.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"the weights are {model.head.weight.dtype}, Numba compiles float32 or float64")
        super().__init__(model, batch)
        self.name = "numba-int8" if int8 else "numba"
        self.threads = min(threads, numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
        self.pre_norm = model.config["norm"] == "pre"
        self.gelu = model.config["activation"] == "gelu"
        self.weights = {name: value.detach().cpu().numpy() for name, value in model.state_dict().items()}
        self.memory = large_pages(sum(value.nbytes for value in self.weights.values()))  # (bytes,)
        self.inner = self._matrix("inner", int8) if "inner.weight" in self.weights else None
        self.embedding = self._matrix("embedding", int8)
        self.table = self.weights["positional.table"].copy()  # (T, d)
        self.blocks = [self._block(f"blocks.{i}.", int8) for i in range(len(model.blocks))]
        self.normed = model.config["final_norm"]
        self.norm = self._norm("norm" if self.normed else "blocks.0.norm1")  # there for the compiler
        self.head = self._matrix("head", False)
        del self.weights, self.memory
        self._load(model.initial_state(1))
        self.step(np.zeros(self._shape, self.dtype))  # compiles, which takes seconds the first time
        self._load(model.initial_state(1))

    def _matrix(self, name: str, int8: bool) -> Matrix | SharedMatrix:
        weight = self.weights[f"{name}.weight"]  # (rows, columns)
        scale = np.ones(len(weight), self.dtype)
        bias = self.weights.get(f"{name}.bias", np.zeros_like(scale)).copy()
        if int8:
            scale = np.maximum(np.abs(weight).max(1), np.finfo(self.dtype).tiny) / 127
            weight = np.rint(weight / scale[:, None]).astype(np.int8)
        place, self.memory = np.split(self.memory, [weight.nbytes])
        placed = place.view(weight.dtype).reshape(weight.shape)
        placed[:] = weight
        kind = SharedMatrix if self.threads > 1 and weight.size >= SHARED else Matrix
        return kind(placed, scale, bias)

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

    def _load(self, state: StreamState) -> None:
        self.tick, self.filled = int(state.tick[0]), int(state.filled[0])
        self.slot = self.filled % self.model.window
        kept = rings_of_one(state, self.model.window)
        self.rings = [
            np.stack([kept[f"attention.{number}.{part}"].swapaxes(-1, -2) for part in "kv"])
            for number in range(len(self.blocks))
        ]  # each (2, h, e, n)

    def state(self) -> StreamState:
        kept = {
            f"attention.{number}.{part}": ring.swapaxes(-1, -2)  # (h, n, e)
            for number, pair in enumerate(self.rings)
            for part, ring in zip("kv", pair, strict=True)
        }
        return state_of_one(self.model, self.tick, self.filled, self.slot, kept)

    def _step(self, token: Array) -> Array:
        if self.threads > 1:
            numba.set_num_threads(self.threads)
        self.filled = max(self.filled, self.slot + 1)
        position = self.table[self.tick % len(self.table)]  # (d,)
        # A copy, for Numba would compile anew for an array that is read-only or strided.
        x = token[0].copy()  # (F,)
        if self.inner is not None:
            x = activate(times(self.inner, x), self.gelu)  # (hidden,)
        x = embed(x, self.embedding, position)  # (d,)
        for block, ring in zip(self.blocks, self.rings, strict=True):
            x = step(x, block, ring, self.slot, self.filled, self.pre_norm, self.gelu)  # (d,)
        self.slot = (self.slot + 1) % self.model.window
        self.tick += 1
        return classify(x, self.norm, self.normed, self.head)[None]


def large_pages(size: int) -> Array:
    """Zeros (size,) uint8 in pages of 2 MiB where the system has them: fewer to look up while reading."""
    memory = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, np.uint8)
