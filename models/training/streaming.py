"""A model run over whole recordings as it is used live: token by token."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.engines.engine import make_engine


def continual_logits(
    model: ContinualTransformer, streams: Sequence[np.ndarray], engine: str = "torch"
) -> list[np.ndarray]:
    """Logits (K, C) of each stream (K, F), token by token, by one of :data:`models.engines.engine.NAMES`.

    With torch all streams advance together, with the other engines one after the other.
    """
    if engine != "torch":
        runner, fresh = make_engine(engine, model), model.initial_state(1)
        rows = []
        for stream in streams:
            runner.load(fresh)
            rows.append(np.concatenate([runner.step(token[None]) for token in stream]))
        return rows
    longest = max(len(stream) for stream in streams)
    padded = torch.zeros(len(streams), longest, streams[0].shape[1])
    for row, stream in zip(padded, streams, strict=True):
        row[: len(stream)] = torch.from_numpy(stream)
    state = model.initial_state(len(streams))
    steps = torch.stack([model.step(padded[:, k], state) for k in range(longest)], 1)  # (B, K, C)
    return [row[: len(stream)].numpy() for row, stream in zip(steps, streams, strict=True)]
