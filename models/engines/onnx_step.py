"""The exported step in ONNX Runtime, as an engine."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine, state_from
from models.engines.export import export_step
from models.engines.graph import ring_names


class OnnxEngine(Engine):
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
    ValueError
        A model that is not exported, see :func:`models.engines.export.export_step`.
    ImportError
        The ``bench`` extra (onnxruntime, onnx, onnxscript) is not installed.
    """

    def __init__(
        self, model: ContinualTransformer, batch: int = 1, threads: int = 1, int8: bool = False
    ) -> None:
        super().__init__(model, batch)
        self.name = "onnx-int8" if int8 else "onnx"
        with tempfile.TemporaryDirectory() as folder:
            path = export_step(model, Path(folder) / "step.onnx")
            if int8:
                path = quantize(path)
            self.session = onnx_session(path, threads)
        self.names = ring_names(model)
        self._load(model.initial_state(batch))

    def _load(self, state: StreamState) -> None:
        from onnxruntime import OrtValue

        saved, n = state.state_dict(), self.model.window
        tick, filled = (saved[name][:, None].cpu() for name in ("tick", "filled"))  # (B, 1)
        age = (tick - 1 - torch.arange(n)) % n  # (B, n), of the token in each slot
        self.tick, self.filled = tick.numpy(), filled.numpy()
        columns = int(filled.max()) - 1 - age  # (B, n), of the state dict
        self.kept = {
            name: _take(saved[long].cpu(), columns, age < filled).numpy() for name, long in self.names.items()
        }
        self.logits = np.zeros((self.batch, self.model.config["classes"]), self.dtype)
        # ONNX Runtime works on the memory of these arrays.
        arrays = {
            "token": np.zeros(self._shape, self.dtype),
            "start": np.zeros((self.batch, 1), bool),
            "tick": self.tick,
            "filled": self.filled,
            **self.kept,
        }
        self.values = {name: OrtValue.ortvalue_from_numpy(array) for name, array in arrays.items()}
        self.output = OrtValue.ortvalue_from_numpy(self.logits)
        self.binding = self.session.io_binding()
        for name, value in self.values.items():
            self.binding.bind_ortvalue_input(name, value)
        self.binding.bind_ortvalue_output("logits", self.output)
        for name in self.kept:
            # The rings are read only to be rewritten, so their outputs may be the same memory.  The counts
            # are read throughout the graph: they are counted here.
            self.binding.bind_ortvalue_output(f"new_{name}", self.values[name])

    def state(self) -> StreamState:
        tick, filled = torch.from_numpy(self.tick), torch.from_numpy(self.filled)  # (B, 1)
        columns = int(filled.max())
        age = torch.arange(columns - 1, -1, -1)  # (m,), oldest first
        slots = (tick - 1 - age) % self.model.window  # (B, m)
        saved = {
            long: _take(torch.from_numpy(self.kept[name]), slots, age < filled)
            for name, long in self.names.items()
        }
        return state_from(self.model, saved | {"tick": tick[:, 0], "filled": filled[:, 0]})

    def _step(self, token: np.ndarray) -> np.ndarray:
        self.values["token"].update_inplace(np.ascontiguousarray(token))
        self.session.run_with_iobinding(self.binding)
        self.tick = self.tick + 1
        self.filled = np.minimum(self.filled + 1, self.model.window)
        self.values["tick"].update_inplace(self.tick)
        self.values["filled"].update_inplace(self.filled)
        return self.output.numpy().copy()


def _take(ring: Tensor, slots: Tensor, real: Tensor) -> Tensor:
    """``slots`` (B, m) of a ring (B, …, n, e), zero where not ``real`` (B, m), whatever stands there."""
    shape = (len(ring), *[1] * (ring.ndim - 3), slots.shape[1], 1)  # (B, …, m, 1)
    if not ring.shape[-2]:
        return ring.new_zeros(*ring.shape[:-2], slots.shape[1], ring.shape[-1])
    index = torch.where(real, slots, 0).view(shape)
    return torch.where(real.view(shape), ring.take_along_dim(index, -2), 0)


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
