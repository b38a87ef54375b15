"""A model repository for NVIDIA's Triton Inference Server: the exported step behind its sequence batcher.

Triton keeps each sequence's state (its implicit state), puts the newest tokens of whatever sequences have one
into a batch, and sets ``start`` for a sequence's first.  What the state's memory holds then is not defined,
and the graph looks at none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from models.continual.classifier import ContinualTransformer
from models.engines.export import export_step
from models.engines.graph import graph_state

BATCH = 64  # streams in one step, at most
STREAMS = 1024  # whose state is kept at once
IDLE = 60  # seconds without a token after which a stream is given up
DELAY = 1000  # microseconds that a token may wait for those of other streams
TYPES = {torch.float32: "TYPE_FP32", torch.int64: "TYPE_INT64"}


def write_repository(
    model: ContinualTransformer, folder: str | Path, name: str, card: Mapping[str, Any] | None = None
) -> Path:
    """Write ``folder/name`` with ``config.pbtxt``, the graph as version 1, and the labels of the card.

    Parameters
    ----------
    model : ContinualTransformer
        As for :func:`models.engines.export.export_step`.
    folder : path
        The repository; made where it is not there.
    name : str
        The model's name in the server.
    card : mapping, optional
        The model's card.

    Returns
    -------
    Path
        Of the model's folder.

    Raises
    ------
    ValueError, ImportError
        As of ``export_step``.
    """
    place = Path(folder) / name
    (place / "1").mkdir(parents=True, exist_ok=True)
    export_step(model, place / "1" / "model.onnx", card)
    labels = list(card["labels"]) if card is not None else []
    if labels:
        (place / "labels.txt").write_text("\n".join(labels) + "\n", "utf-8")
    (place / "config.pbtxt").write_text(configuration(model, name, bool(labels)), "utf-8")
    return place


def configuration(model: ContinualTransformer, name: str, labelled: bool) -> str:
    """The ``config.pbtxt`` of a model whose graph is :class:`models.engines.graph.StepGraph`."""
    states = "\n".join(
        f"""    {{
      input_name: "{state}"
      output_name: "new_{state}"
      data_type: {TYPES[tensor.dtype]}
      dims: {list(tensor.shape[1:])}
    }},"""
        for state, tensor in graph_state(model, 1).items()
    ).removesuffix(",")
    label = ' label_filename: "labels.txt"' if labelled else ""
    size, classes = model.config["input_size"], model.config["classes"]
    return f"""name: "{name}"
backend: "onnxruntime"
max_batch_size: {BATCH}
input [ {{ name: "token" data_type: TYPE_FP32 dims: [ {size} ] }} ]
output [ {{ name: "logits" data_type: TYPE_FP32 dims: [ {classes} ]{label} }} ]
sequence_batching {{
  max_sequence_idle_microseconds: {IDLE * 1_000_000}
  oldest {{
    max_candidate_sequences: {STREAMS}
    max_queue_delay_microseconds: {DELAY}
  }}
  control_input [
    {{
      name: "start"
      control [ {{ kind: CONTROL_SEQUENCE_START bool_false_true: [ false, true ] }} ]
    }}
  ]
  state [
{states}
  ]
}}
"""
