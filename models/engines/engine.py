"""Engines: ways to run the same step faster than eager PyTorch does, and a choice between them.

A step on one stream reads every weight once and does little else, and PyTorch's matrix-vector product reads
slowly on some machines.  The mathematics stays in :mod:`models.continual.classifier`: every engine is tested
against it.

==========  ===================================================================================
torch       ``model.step``: any model, any number of streams
numba       single-output blocks, one stream: compiled, see :mod:`models.engines.numba_step`
onnx        the exported step in ONNX Runtime (``bench`` extra)
numba-int8  the same with weights of 8 bits: a quarter of the bytes, errors of some 1% of the logits
onnx-int8   the same, and activations of 8 bits too: errors of some 2% of the logits
==========  ===================================================================================
"""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.export import export_step, state_tensors

EXACT = ("torch", "numba", "onnx")
NAMES = (*EXACT, "numba-int8", "onnx-int8")


class Engine(Protocol):
    """Runs the step of B streams and keeps their state."""

    name: str

    def step(self, token: np.ndarray) -> np.ndarray:
        """Each stream's next token (B, F) -> logits (B, C)."""

    def load(self, state: StreamState) -> None:
        """Go on from a state of the model: after a prefill, or fresh from ``initial_state``."""


class TorchEngine:
    """``model.step`` with its state."""

    name = "torch"

    def __init__(self, model: ContinualTransformer, batch: int = 1) -> None:
        self.model = model
        self.state = model.initial_state(batch)

    def load(self, state: StreamState) -> None:
        self.state = state

    def step(self, token: np.ndarray) -> np.ndarray:
        return self.model.step(torch.from_numpy(token), self.state).numpy()


class OnnxEngine:
    """The exported step in ONNX Runtime, its rings written in place.

    Parameters
    ----------
    model : ContinualTransformer
    batch : int
    threads : int
    int8 : bool
        Whether weights are rounded to 8 bits, and activations at run time.

    Raises
    ------
    ImportError
        The ``bench`` extra (onnxruntime, onnx, onnxscript) is not installed.
    """

    def __init__(
        self, model: ContinualTransformer, batch: int = 1, threads: int = 1, int8: bool = False
    ) -> None:
        self.name = "onnx-int8" if int8 else "onnx"
        self.model = model
        with tempfile.TemporaryDirectory() as folder:
            path = export_step(model, Path(folder) / "step.onnx", batch)
            if int8:
                path = quantize(path)
            self.session = onnx_session(path, threads)
        self.load(model.initial_state(batch))

    def load(self, state: StreamState) -> None:
        from onnxruntime import OrtValue

        self.state = {name: tensor.numpy().copy() for name, tensor in state_tensors(state).items()}
        self.slot, self.tick = self.state["slot"], self.state["tick"]
        batch = len(self.tick)
        self.token = np.zeros((batch, self.model.config["input_size"]), self.state["bias"].dtype)
        self.logits = np.zeros((batch, self.model.config["classes"]), self.token.dtype)
        # ONNX Runtime works on the memory of these arrays.
        values = {"token": self.token, **self.state}
        self.values = {name: OrtValue.ortvalue_from_numpy(array) for name, array in values.items()}
        self.output = OrtValue.ortvalue_from_numpy(self.logits)
        self.binding = self.session.io_binding()
        for name, value in self.values.items():
            self.binding.bind_ortvalue_input(name, value)
        self.binding.bind_ortvalue_output("logits", self.output)
        for name, value in self.values.items():
            # The rings and the bias are read only to be rewritten, so their outputs may be the same memory.
            # Slot and tick are read throughout the graph: they are counted here.
            if name not in ("token", "slot", "tick"):
                self.binding.bind_ortvalue_output(f"new_{name}", value)

    def step(self, token: np.ndarray) -> np.ndarray:
        self.values["token"].update_inplace(np.ascontiguousarray(token))
        self.session.run_with_iobinding(self.binding)
        self.slot = (self.slot + 1) % self.model.window
        self.tick = self.tick + 1
        self.values["slot"].update_inplace(self.slot)
        self.values["tick"].update_inplace(self.tick)
        return self.output.numpy().copy()


def onnx_session(path: Path, threads: int) -> Any:
    """An ONNX Runtime session on the CPU with this many threads."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError("onnxruntime is not installed: pip install -e '.[bench]'") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])


def quantize(path: Path) -> Path:
    """Round the weights of an ONNX graph to 8 bits: those of its large products, not the head."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target = path.with_suffix(".int8.onnx")
    was = logging.root.level
    logging.root.setLevel(logging.ERROR)  # it warns of a pre-processing that this graph does not need
    try:
        quantize_dynamic(
            path,
            target,
            op_types_to_quantize=["MatMul"],
            # Signed weights saturate in the 16-bit sums of processors without VNNI: errors of 40% were seen.
            weight_type=QuantType.QUInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    finally:
        logging.root.setLevel(was)
    return target


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
    if name in ("numba", "numba-int8"):
        from models.engines.numba_step import (
            NumbaEngine,  # importing and compiling take seconds: for who asks for it
        )

        return NumbaEngine(model, batch, threads, int8=name == "numba-int8")
    if name in ("onnx", "onnx-int8"):
        return OnnxEngine(model, batch, threads, int8=name == "onnx-int8")
    raise ValueError(f"engine is {name!r}, expected one of {', '.join(NAMES)}")


def fastest(model: ContinualTransformer, batch: int = 1, threads: int = 1, steps: int = 30) -> Engine:
    """Measure the exact engines that run here and take the fastest; its ``name`` says which it is."""
    token = np.zeros((batch, model.config["input_size"]), np.dtype(str(model.head.weight.dtype)[6:]))
    best, best_time = None, np.inf
    for name in EXACT:
        try:
            engine = make_engine(name, model, batch, threads)
        except (ImportError, ValueError):
            continue
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            engine.step(token)
            times.append(time.perf_counter() - start)
        if np.median(times) < best_time:
            best, best_time = engine, float(np.median(times))
    assert best is not None
    best.load(model.initial_state(batch))
    return best
