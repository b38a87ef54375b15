"""A signal of known length: what a model still knows of it, and when it forgets.

A stream of noise holds one cue, one of four, at a tick drawn at random.  From then on the question is which
it was.  Task ``remember`` asks for ever; task ``expire`` asks while the cue is one of the last n tokens, and
wants "none" from then on: what a window does by itself and a memory must learn to count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.continual.classifier import ContinualTransformer
from models.rivals.base import AllTicks, Rival
from models.training.dense import EveryTick
from models.training.train import Batch, fit

CUES = 4
FEATURES = 8
TASKS = ("remember", "expire")


@dataclass(frozen=True)
class Signal:
    """Streams with one cue each.

    Attributes
    ----------
    task : {"remember", "expire"}
    window : int
        n: for how long the cue counts in ``expire``.
    length : int
        Ticks of a stream.
    """

    task: str
    window: int
    length: int

    def draw(self, rng: np.random.Generator, streams: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tokens (B, S, F), labels (B, S) (0: none, else the cue), age of the cue (B, S), from below 0."""
        if self.task not in TASKS:
            raise ValueError(f"task is {self.task!r}, expected one of {', '.join(TASKS)}")
        tokens = rng.normal(0, 0.3, (streams, self.length, FEATURES)).astype(np.float32)
        cue = rng.integers(CUES, size=streams)
        at = rng.integers(0, self.length // 3, size=streams)
        rows = np.arange(streams)
        tokens[rows, at, cue] += 3
        age = np.arange(self.length) - at[:, None]  # (B, S)
        known = (age >= 0) & ((age < self.window) | (self.task == "remember"))
        return tokens, np.where(known, cue[:, None] + 1, 0), age


class LastTick(nn.Module):
    """A model whose windows have nothing in common: one window a stream, (B, C)."""

    def __init__(self, model: ContinualTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, tick: Tensor | int = 0, lengths: Tensor | None = None) -> Tensor:
        return self.model(tokens, tick=tick)


def train(
    model: Rival | ContinualTransformer, signal: Signal, *, steps: int, batch: int = 16, seed: int = 0
) -> None:
    """Train ``model`` in place on a signal; what has every tick's answer at once is trained on every tick."""
    windows = isinstance(model, ContinualTransformer) and len(model.blocks) > 1 and not model.streaming

    def sample(rng: np.random.Generator) -> Batch:
        ticks = torch.from_numpy(rng.integers(0, 2**16, batch))
        tokens, labels, _ = signal.draw(rng, batch)
        if not windows:
            return Batch(
                torch.from_numpy(tokens),
                torch.full((batch,), signal.length),
                ticks,
                torch.from_numpy(labels.reshape(-1)),
            )
        n = signal.window
        ends = rng.integers(n, signal.length + 1, batch)
        cut = np.stack([row[end - n : end] for row, end in zip(tokens, ends, strict=True)])
        targets = labels[np.arange(batch), ends - 1]
        return Batch(torch.from_numpy(cut), torch.full((batch,), n), ticks, torch.from_numpy(targets))

    learner: nn.Module
    if isinstance(model, Rival):
        learner = AllTicks(model)
    elif windows:
        learner = LastTick(model)
    else:
        learner = EveryTick(model)
    fit(
        learner,
        sample,
        steps=steps,
        lr=2e-3,
        weight_decay=0.01,
        label_smoothing=0.0,
        seed=seed,
        progress=False,
    )
    model.eval()


@torch.inference_mode()
def recall(
    model: Rival | ContinualTransformer,
    signal: Signal,
    ages: Sequence[int],
    streams: int = 200,
    seed: int = 1,
) -> dict[int, float]:
    """Share of streams answered rightly when the cue is this old, each stepped from its beginning.

    Chance is 1/4 for a model that knows that there was a cue.
    """
    tokens, labels, age = signal.draw(np.random.default_rng(seed), streams)
    state = model.initial_state(streams)
    said = []
    for t in range(signal.length):
        logits = model.step(torch.from_numpy(tokens[:, t]), state)  # type: ignore[arg-type]
        said.append(logits.argmax(-1).numpy())
    right = np.stack(said, 1) == labels  # (B, S)
    return {wanted: float(right[age == wanted].mean()) for wanted in ages}
