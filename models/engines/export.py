"""The continual step as an ONNX file: state in, state out, any number of streams, to run without PyTorch.

Inputs and outputs of the state have the same names, the outputs with ``new_`` before them: feed each output
back as the next step's input.  New streams begin with zeros, or with anything and ``start`` set: see
:mod:`models.engines.graph`.  The file's metadata hold the model's configuration (``continual_transformer``)
and what its answers mean: :data:`CARD`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from copy import deepcopy
from json import dumps
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map

from models.checkpoint import load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.engines.graph import StepGraph, graph_state

# Of the card, in the metadata as JSON.
CARD = ("task", "labels", "rate", "temperature", "threshold", "thresholds")


def export_step(model: ContinualTransformer, path: str | Path, card: Mapping[str, Any] | None = None) -> Path:
    """Write the step as an ONNX graph.

    Parameters
    ----------
    model : ContinualTransformer
        In evaluation mode, float32.
    path : path
        Ends in ``.onnx``.
    card : mapping, optional
        The model's card: :data:`CARD` of it goes into the metadata.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        A model in training mode, of another dtype, or one that steps by the paper's update.
    ImportError
        The ``bench`` extra (onnx, onnxscript) is not installed.
    """
    path = Path(path)
    if model.training:
        raise ValueError("the model is in training mode: call model.eval() before exporting it")
    if model.head.weight.dtype != torch.float32:
        raise ValueError(
            f"the weights are {model.head.weight.dtype}, a graph is written in float32: export model.float()"
        )
    state = {name: tensor.cpu() for name, tensor in graph_state(model, 2).items()}
    tick, filled, *kept = state.values()
    token, start = torch.zeros(2, model.config["input_size"]), torch.ones(2, 1, dtype=torch.bool)
    inputs = ["token", "start", *state]
    outputs = ["logits", *(f"new_{name}" for name in state)]
    metadata = {"continual_transformer": dumps(model.config)}
    metadata |= {key: dumps(card[key]) for key in CARD if card is not None and key in card}
    graph = StepGraph(deepcopy(model).cpu())
    trace(graph, (token, start, tick, filled, kept), inputs, outputs, path, metadata)
    return path


def trace(
    graph: nn.Module,
    arguments: tuple[Any, ...],
    inputs: list[str],
    outputs: list[str],
    path: Path,
    metadata: Mapping[str, str] | None = None,
    any_batch: bool = True,
) -> None:
    """Write ``graph`` as ONNX by example ``arguments``.

    Their number of streams is left open, and must then be two or more; or it is the graph's.
    """
    shape = {0: torch.export.Dim("batch", min=1)} if any_batch else None
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                graph.eval(),
                arguments,
                input_names=inputs,
                output_names=outputs,
                dynamic_shapes=tree_map(lambda _: shape, arguments),
                dynamo=True,
                verbose=False,
            )
    except ImportError as error:
        raise ImportError(
            f"exporting needs onnx and onnxscript: pip install -e '.[bench]' ({error})"
        ) from error
    assert program is not None
    _forget_sources(program.model)
    program.model.metadata_props.update(metadata or {})
    program.save(str(path), external_data=False)


def _forget_sources(model: Any) -> None:
    """Take away what the exporter notes of each node: the lines, with their paths, that it came from."""
    for graph in (model.graph, *model.functions.values()):
        graph.metadata_props.clear()
        for node in graph:
            node.metadata_props.clear()
            node.doc_string = None
            for value in node.outputs:
                value.metadata_props.clear()
        for value in graph.inputs:
            value.metadata_props.clear()


def run(weights: Path, target: Path | None, triton: Path | None = None) -> int:
    """Export a checkpoint as a file, or into a model repository of Triton's; returns the exit code."""
    from models.engines.triton import write_repository

    if target is None and triton is None:
        print("Nothing to write: name OUT.onnx, or a folder with --triton.", file=sys.stderr)
        return 2
    try:
        model, card = load_checkpoint(weights)
        places = []
        if target is not None:
            places.append(export_step(model, target, card))
        if triton is not None:
            places.append(write_repository(model, triton, weights.stem, card))
    except (OSError, ValueError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    for place in places:
        print(f"{place}: one step of {card['task']}, any number of streams, state in and out")
    return 0
