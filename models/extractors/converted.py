"""Networks of others, whose weights a script in ``assets/`` converted once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from safetensors import safe_open
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def load_converted(path: str | Path, network: type[Network], names: str) -> Network:
    """A network of converted weights, for inference, in float32.

    Parameters
    ----------
    path : path
    network : class
        Made of the names of its outputs.
    names : str
        Under which these stand in the file's card.

    Raises
    ------
    FileNotFoundError
        No file at ``path``.
    ValueError
        A file of other weights.
    """
    with safe_open(str(path), "pt") as file:
        outputs = json.loads((file.metadata() or {}).get("card", "{}")).get(names)
        if not outputs:
            called = network.__name__
            raise ValueError(
                f"{path} holds no {called}: expected what assets/build_{called.lower()}.py writes"
            )
        weights = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118 (it is no mapping)
    model = network(outputs)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)
