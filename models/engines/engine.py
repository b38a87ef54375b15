"""Engines: ways to run the same step faster than eager PyTorch does, and a choice between them.

A step on one stream reads every weight once and does little else, and PyTorch's matrix-vector product reads
slowly on some machines.  The mathematics stays in :mod:`models.continual.classifier`: every engine is tested
against it.

==========  ===================================================================================
live        numpy at once, numba when it is compiled and faster: see :mod:`models.engines.live`
torch       ``model.step``: any model, any number of streams
numpy       one stream, ready at once: see :mod:`models.engines.numpy_step`
numba       single-output blocks, one stream: compiled, see :mod:`models.engines.numba_step`
onnx        the exported step in ONNX Runtime (``bench`` extra)
numba-int8  the same with weights of 8 bits: a quarter of the bytes, errors of some 1% of the logits
onnx-int8   the same, and activations of 8 bits too: errors of some 2% of the logits
==========  ===================================================================================
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine
from models.engines.numpy_step import NumpyEngine

EXACT = ("torch", "numpy", "numba", "onnx")
NAMES = ("live", *EXACT, "numba-int8", "onnx-int8")


class TorchEngine(Engine):
    """``model.step`` with its state."""

    name = "torch"

    def __init__(self, model: ContinualTransformer, batch: int = 1) -> None:
        super().__init__(model, batch)
        self._state = model.initial_state(batch)

    def state(self) -> StreamState:
        return self._state.clone()

    def _load(self, state: StreamState) -> None:
        self._state = state.clone()

    def _step(self, token: np.ndarray) -> np.ndarray:
        logits = self.model.step(torch.tensor(token).to(self.model.head.weight), self._state)
        return logits.to("cpu", self._like.dtype).numpy()


def make_engine(name: str, model: ContinualTransformer, batch: int = 1, threads: int = 1) -> Engine:
    """Make an engine by name.

    Raises
    ------
    ValueError
        An unknown engine, or one that does not run this model.
    ImportError
        Its library is not installed.
    """
    if name == "torch":
        return TorchEngine(model, batch)
    if name == "numpy":
        return NumpyEngine(model, batch)
    if name == "live":
        from models.engines.live import LiveEngine

        return LiveEngine(model, batch)
    # Imported for who asks for them: it takes a second.
    if name in ("numba", "numba-int8"):
        from models.engines.numba_step import NumbaEngine

        return NumbaEngine(model, batch, threads, int8=name == "numba-int8")
    if name in ("onnx", "onnx-int8"):
        from models.engines.onnx_step import OnnxEngine

        return OnnxEngine(model, batch, threads, int8=name == "onnx-int8")
    raise ValueError(f"engine is {name!r}, expected one of {', '.join(NAMES)}")


def fastest(
    model: ContinualTransformer,
    batch: int = 1,
    threads: int = 1,
    steps: int = 30,
    names: Sequence[str] = EXACT,
) -> Engine:
    """Measure the exact engines that run here and take the fastest; its ``name`` says which it is."""
    engines = []
    for name in names:
        try:
            engines.append(make_engine(name, model, batch, threads))
        except (ImportError, ValueError):
            continue
    times: list[list[float]] = [[] for _ in engines]
    for _ in range(steps):  # in turn, so that whatever else the machine does falls on all
        for engine, taken in zip(engines, times, strict=True):
            token = np.zeros((batch, model.config["input_size"]), engine.dtype)
            start = time.perf_counter()
            engine.step(token)
            taken.append(time.perf_counter() - start)
    best = engines[int(np.argmin([np.median(taken) for taken in times]))]
    best.load(model.initial_state(batch))
    return best
