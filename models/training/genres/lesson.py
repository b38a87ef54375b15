"""What a model of the genres is taught with, and how: streams, and the probe that it starts as."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.rivals.base import Newest, Rival
from models.training.genres.scoring import Probe
from models.training.genres.songs import EXTRA, LABELS, Stream, Windows
from models.training.genres.start import start_as
from models.training.train import fit

WINDOW = 60  # tokens: 30 s, as long as a GTZAN track
SHAPE: dict[str, Any] = {
    "model_size": 32,
    "heads": 4,
    "feedforward": 32,
    "blocks": 1,
    "norm": "pre",
    "dropout": 0.1,
    "final_norm": False,
}
STEPS = 200
RECIPE: dict[str, Any] = {"lr": 1e-3, "weight_decay": 0.05, "label_smoothing": 0.0}
RARE = 0.05  # least spread that tokens are divided by: sounds that are hardly ever heard stay small


class Lesson:
    """Streams to learn from.

    Parameters
    ----------
    streams : sequence of Stream
        Those that nothing is to be judged on.

    Attributes
    ----------
    probe : Probe
        Of tokens as they are made.
    """

    def __init__(self, streams: Sequence[Stream]) -> None:
        real = np.concatenate([stream.tokens for stream in streams if stream.fold != EXTRA])
        self._mean, self._spread = real.mean(0), np.maximum(real.std(0), RARE)
        self._streams = [s._replace(tokens=(s.tokens - self._mean) / self._spread) for s in streams]
        targets = [np.full(len(s.tokens), s.genre) for s in streams if s.fold != EXTRA]
        self._inner = Probe.fit((real - self._mean) / self._spread, np.concatenate(targets))
        weight = self._inner.weight / self._spread[:, None]
        self.probe = Probe(weight, self._inner.bias - self._mean @ weight)

    def config(self, shape: dict[str, Any] | None = None) -> dict[str, Any]:
        """Of a model for these streams, with changes to SHAPE."""
        sizes = {"input_size": len(self._mean), "classes": len(LABELS), "window": WINDOW}
        return sizes | SHAPE | (shape or {})

    def teach(
        self,
        model: ContinualTransformer | Rival,
        *,
        start: bool = True,
        steps: int = STEPS,
        seed: int = 0,
        progress: bool = True,
        checkpoint: Path | None = None,
    ) -> None:
        """Train a model in place, for tokens as they are made; ours starts as the probe."""
        if start and isinstance(model, ContinualTransformer):
            start_as(model, self._inner)
        fit(
            Newest(model) if isinstance(model, Rival) else model,
            Windows(self._streams, WINDOW, self._inner.teach),
            steps=steps,
            seed=seed,
            every=max(1, steps // 10),
            progress=progress,
            checkpoint=checkpoint,
            **RECIPE,
        )
        reader = model.reader
        with torch.no_grad():  # it does from now on what was done to the tokens
            reader.weight.div_(torch.from_numpy(self._spread))
            reader.bias.sub_(reader.weight @ torch.from_numpy(self._mean))
