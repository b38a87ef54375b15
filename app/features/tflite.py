"""What a TensorFlow Lite network costs, read from its graph."""

from __future__ import annotations

import math

from app.features.pyplot import put_off_pyplot


def macs(network: bytes) -> int:
    """Multiply-accumulates of one run: its convolutions and dense layers, as for our own networks.

    Parameters
    ----------
    network : bytes
        A ``.tflite`` file with fixed shapes.

    Raises
    ------
    ImportError
        Without MediaPipe, which carries the format's schema.
    """
    put_off_pyplot()
    from mediapipe.tasks.metadata import schema_py_generated as schema

    model = schema.Model.GetRootAsModel(network, 0)
    graph = model.Subgraphs(0)
    total = 0
    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        code = model.OperatorCodes(operator.OpcodeIndex())
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())  # old files fill the second only
        if kind in (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.FULLY_CONNECTED):
            # weights (out, height, width, in) or (out, in): each output is a sum over all but the first
            per_output = math.prod(graph.Tensors(operator.Inputs(1)).ShapeAsNumpy()[1:].tolist())
        elif kind == schema.BuiltinOperator.DEPTHWISE_CONV_2D:
            # weights (1, height, width, channels): each output is a sum over its own channel
            per_output = math.prod(graph.Tensors(operator.Inputs(1)).ShapeAsNumpy()[1:3].tolist())
        else:
            continue
        total += per_output * math.prod(graph.Tensors(operator.Outputs(0)).ShapeAsNumpy().tolist())
    return total
