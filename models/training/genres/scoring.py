"""Judging a genre model and its baseline as they are used: token by token, on recordings kept apart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from models.continual.classifier import ContinualTransformer
from models.training.calibration import softmax
from models.training.genres.audio import read
from models.training.genres.songs import GENRES, LABELS, Recording, Tokenise
from models.training.metrics import bootstrap, report
from models.training.streaming import continual_logits

SETTLED = 5.0  # seconds after which a decision is judged on its own
LONG = 10.0  # seconds of music that is also judged apart from excerpts
UNREAD = ("confusion", "labels")  # figures that do not read well in a card
SCORED = ("clip_accuracy", "tick_accuracy", "top3", "ece")  # of a fold, and of the probe, in the card


class Probe:
    """Logistic regression on single standardised tokens, the logits averaged over a stream: the baseline."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray) -> None:
        self.weight = weight  # (F, C)
        self.bias = bias  # (C,)

    @classmethod
    def fit(cls, tokens: np.ndarray, targets: np.ndarray, decay: float = 60.0) -> Probe:
        """Least cross-entropy sum + ``decay``/2 · |weight|² over tokens (N, F) and their classes (N,)."""
        x, y = torch.from_numpy(tokens), torch.from_numpy(targets)
        layer = nn.Linear(tokens.shape[1], len(LABELS))
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
        solver = torch.optim.LBFGS(layer.parameters(), max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            solver.zero_grad()
            value = (
                nn.functional.cross_entropy(layer(x), y) + decay / 2 / len(x) * layer.weight.square().sum()
            )
            value.backward()
            return value

        solver.step(loss)
        return cls(layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy())

    def __call__(self, tokens: np.ndarray) -> np.ndarray:
        """Mean logits (m, C) of the tokens up to each of a stream (m, F)."""
        logits = tokens @ self.weight + self.bias
        return np.cumsum(logits, 0) / np.arange(1, len(tokens) + 1)[:, None]

    def teach(self, tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Probabilities (B, C) of windows (B, m, F), sharper the more tokens agree."""
        real = np.arange(tokens.shape[1]) >= tokens.shape[1] - lengths[:, None]  # (B, m)
        logits = ((tokens @ self.weight + self.bias) * real[..., None]).sum(1) / lengths[:, None]
        return softmax(logits * np.minimum(1 + 0.1 * lengths, 2.5)[:, None])


Judged = list[tuple[Recording, np.ndarray]]


def tokens_of(
    recordings: Sequence[Recording], tokenise: Tokenise, skipped: list[str] | None = None
) -> Judged:
    """Each recording with its tokens (m, F); with ``skipped``, unusable ones are noted there."""
    judged: Judged = []
    for recording in recordings:
        try:
            tokens = tokenise(*read(recording.path))
            if not len(tokens):
                raise ValueError(f"{recording.path} is too short for a token")
        except ValueError as error:
            if skipped is None:
                raise
            skipped.append(str(error))
        else:
            judged.append((recording, tokens))
    return judged


class Heard(NamedTuple):
    """What a model and its probe (None without) say of recordings, each at every tick: (m, C)."""

    names: list[str]
    genres: list[int]
    logits: list[np.ndarray]
    probed: list[np.ndarray] | None

    @property
    def targets(self) -> np.ndarray:
        """Of all ticks (N,)."""
        return np.repeat(self.genres, [len(row) for row in self.logits])

    def over(self, temperature: float) -> Heard:
        """The model's logits divided by it."""
        return self._replace(logits=[row / temperature for row in self.logits])


def hear(judged: Judged, model: ContinualTransformer, probe: Probe | None, engine: str = "torch") -> Heard:
    """Both on each recording, the model by one of the engines."""
    tokens = [tokens for _, tokens in judged]
    return Heard(
        [str(recording.path) for recording, _ in judged],
        [recording.genre for recording, _ in judged],
        continual_logits(model, tokens, engine),
        None if probe is None else [probe(stream) for stream in tokens],
    )


def together(parts: Sequence[Heard]) -> Heard:
    """All of them as one."""
    return Heard(*(list(itertools.chain.from_iterable(column)) for column in zip(*parts, strict=True)))


def scores_of(heard: Heard, rate: float, threshold: float) -> dict[str, Any]:
    """Figures of calibrated logits: :func:`models.training.genres.learn.evaluate` says which."""
    targets, lengths = heard.targets, [len(row) for row in heard.logits]
    files, logits = np.repeat(heard.names, lengths), np.concatenate(heard.logits)
    figures = report(softmax(logits), targets, files, LABELS, threshold)
    age = np.concatenate([np.arange(length) for length in lengths])
    settled = age >= round((SETTLED - 1) * rate)  # the first token is made of the first second
    right = (logits.argmax(1) == targets)[settled]
    figures["settled_accuracy"] = float(right.mean()) if settled.any() else None
    figures["settled_accuracy_ci"] = bootstrap(right, files[settled]) if settled.any() else None
    long = np.repeat([length >= LONG * rate for length in lengths], lengths) & (targets < len(GENRES))
    figures |= {"long_n": 0, "long_accuracy": None, "long_accuracy_ci": None}
    if long.any():
        alone = report(softmax(logits[long]), targets[long], files[long], LABELS, threshold)
        figures["long_n"] = alone["n"]
        figures["long_accuracy"] = alone["clip_accuracy"]
        figures["long_accuracy_ci"] = alone["clip_accuracy_ci"]
    figures["baseline"] = None
    if heard.probed is not None:
        probed = softmax(np.concatenate(heard.probed))
        figures["baseline"] = report(probed, targets, files, LABELS, threshold)
    return figures


def brief(figures: dict[str, Any]) -> dict[str, Any]:
    """The scores without those that are UNREAD."""
    short = dict(figures)
    for part in ("held_out", "elsewhere"):
        if part in figures:
            short[part] = {name: value for name, value in figures[part].items() if name not in UNREAD}
            short[part]["baseline"] = {name: figures[part]["baseline"][name] for name in SCORED}
    return short
