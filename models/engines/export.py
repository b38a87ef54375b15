"""The continual step as an ONNX graph: state in, state out, to run without PyTorch.

Inputs and outputs have the same names, the outputs with ``new_`` before them: feed each output back as the
next step's input.  To start a stream afresh, set its row of ``bias`` to -inf and its ``tick`` to 0.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.checkpoint import load_checkpoint
from models.continual.attention import RetroactiveState, UpdateState
from models.continual.classifier import ContinualTransformer
from models.continual.multihead import MultiheadAttention
from models.continual.state import StreamState


class StepGraph(nn.Module):
    """``model.step`` without side effects, for tracing: the same modules, rings written by scatter.

    All n slots are computed from the first step on; ``bias`` hides the empty ones.
    """

    def __init__(self, model: ContinualTransformer) -> None:
        super().__init__()
        if model.config["retroactive"] == "update" and model.config["blocks"] > 1 and not model.streaming:
            raise ValueError("the paper's update is not exported: build the model with retroactive='refresh'")
        self.model = model

    def forward(
        self, token: Tensor, tick: Tensor, slot: Tensor, bias: Tensor, *rings: Tensor
    ) -> tuple[Tensor, ...]:
        """One step.

        Parameters
        ----------
        token : Tensor of shape (B, F)
        tick : Tensor of shape (B,), int64
        slot : Tensor of shape (1,), int64
            Where the ring is written next.
        bias : Tensor of shape (B, n)
            0 for a token, -inf for an empty slot.
        *rings : Tensor
            As :func:`state_tensors` gives them.

        Returns
        -------
        tuple of Tensor
            Logits (B, C), then the new ``tick``, ``slot``, ``bias`` and rings.
        """
        model, window = self.model, self.model.window
        bias = torch.where(torch.arange(window) == slot, 0.0, bias)  # (B, n)
        mask = bias[:, None, None]  # (B, 1, 1, n)
        x = model._embed(token[:, None], tick[:, None])  # (B, 1, d)
        kept: list[Tensor] = []
        if len(model.blocks) == 1 or model.streaming:
            for block, k, v in zip(model.blocks, rings[::2], rings[1::2], strict=True):
                q_new, k_new, v_new = block.attention.project(block.attention_input(x))  # (B, h, 1, e)
                k, v = _write(k, k_new, slot), _write(v, v_new, slot)  # (B, h, n, e)
                x = block.after_attention(x, _attend(block.attention, q_new, k, v, mask))  # (B, 1, d)
                kept += [k, v]
        else:
            first, last = model.blocks[0], model.blocks[-1]
            projected = first.attention.project(first.attention_input(x))  # 3 of (B, h, 1, e)
            q, k, v = (_write(ring, new, slot) for ring, new in zip(rings[:3], projected, strict=True))
            tokens = _write(rings[3][:, None], x[:, None], slot)[:, 0]  # (B, n, d)
            x = first.after_attention(tokens, _attend(first.attention, q, k, v, mask))  # (B, n, d)
            for block in model.blocks[1:-1]:
                x = block.after_attention(x, self._regular(block, x, x, mask))  # (B, n, d)
            newest = x.index_select(1, slot)  # (B, 1, d)
            x = last.after_attention(newest, self._regular(last, newest, x, mask))  # (B, 1, d)
            kept = [q, k, v, tokens]
        return model._classify(x[:, 0]), tick + 1, (slot + 1) % window, bias, *kept

    @staticmethod
    def _regular(block: Any, queries: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        (q,) = block.attention.project(block.attention_input(queries), "q")  # (B, h, r, e)
        k, v = block.attention.project(block.attention_input(x), "kv")  # (B, h, n, e)
        return _attend(block.attention, q, k, v, mask)


def _attend(attention: MultiheadAttention, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    logits = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2) + mask  # (B, h, r, n)
    return attention.merge(logits.softmax(-1) @ v)  # (B, r, d)


def _write(ring: Tensor, new: Tensor, slot: Tensor) -> Tensor:
    """Put ``new`` (B, h, 1, e) into a slot of ``ring`` (B, h, n, e): a scatter can be done in place."""
    batch, heads, _, size = ring.shape
    rows = torch.arange(batch * heads)  # (B h,)
    return ring.index_put((rows // heads, rows % heads, slot.expand(batch * heads)), new.reshape(-1, size))


def state_tensors(state: StreamState) -> dict[str, Tensor]:
    """The tensors of a state, by the names that the graph gives them."""
    ring = state.ring
    tensors = {"tick": state.tick, "slot": torch.tensor([ring.slot]), "bias": ring.bias}
    tensors.update(_rings(state))
    return tensors


def _rings(state: StreamState) -> Iterator[tuple[str, Tensor]]:
    for number, attention in enumerate(state.attention):
        if isinstance(attention, UpdateState):
            raise ValueError("the paper's update is not exported")
        if isinstance(attention, RetroactiveState):
            yield f"q{number}", attention.q
        yield f"k{number}", attention.k
        yield f"v{number}", attention.v
    if state.tokens is not None:
        yield "tokens", state.tokens


def export_step(model: ContinualTransformer, path: str | Path, batch: int = 1) -> Path:
    """Write the step of ``batch`` streams as an ONNX graph.

    Parameters
    ----------
    model : ContinualTransformer
        In evaluation mode.
    path : path
        Ends in ``.onnx``.
    batch : int

    Returns
    -------
    Path

    Raises
    ------
    ImportError
        The ``bench`` extra (onnx, onnxscript) is not installed.
    """
    path = Path(path)
    if model.training:
        raise ValueError("the model is in training mode: call model.eval() before exporting it")
    weight = model.head.weight
    state = state_tensors(model.initial_state(batch))
    token = weight.new_zeros(batch, model.config["input_size"])
    outputs = ["logits", *(f"new_{name}" for name in state)]
    trace(StepGraph(model), {"token": token, **state}, outputs, path, dumps(model.config))
    return path


def trace(
    graph: nn.Module, inputs: dict[str, Tensor], outputs: list[str], path: Path, configuration: str
) -> None:
    """Write ``graph`` with these example inputs as ONNX, the model's configuration in its metadata."""
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                graph.eval(),
                tuple(inputs.values()),
                input_names=list(inputs),
                output_names=outputs,
                dynamo=True,
                verbose=False,
            )
    except ImportError as error:
        raise ImportError(
            f"exporting needs onnx and onnxscript: pip install -e '.[bench]' ({error})"
        ) from error
    assert program is not None
    program.model.metadata_props["continual_transformer"] = configuration
    program.save(str(path), external_data=False)


def run(weights: Path, target: Path, batch: int = 1) -> int:
    """Export a checkpoint for ``batch`` streams; returns the exit code."""
    try:
        model, card = load_checkpoint(weights)
        export_step(model, target, batch)
    except (OSError, ValueError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{target}: one step of {card['task']}, {batch} stream{'s' if batch > 1 else ''}, state in and out")
    return 0
