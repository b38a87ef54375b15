"""Train and evaluate the genres: a Continual Transformer over MusiCNN's embeddings of recordings."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

from models.checkpoint import load_checkpoint, save_checkpoint
from models.classifier import ContinualTransformer
from models.training.audio import read
from models.training.baselines import probe_path
from models.training.calibration import choose_threshold, fit_temperature, negative_log_likelihood, softmax
from models.training.metrics import bootstrap, report
from models.training.scoring import continual_logits
from models.training.songs import (
    EXTRA,
    LABELS,
    PARTS,
    Recording,
    Tokenise,
    Windows,
    deal,
    find_recordings,
    make_streams,
)
from models.training.train import fit

WINDOW = 60  # tokens: 30 s, as long as a GTZAN track
SETTLED = 5.0  # seconds after which a decision is judged on its own
SHAPE: dict[str, Any] = {
    "model_size": 64,
    "heads": 4,
    "feedforward": 64,
    "blocks": 1,
    "norm": "pre",
    "dropout": 0.2,
}
RECIPE: dict[str, Any] = {"lr": 5e-4, "weight_decay": 0.5, "label_smoothing": 0.0}
LIMITS = (
    "Ten genres and nothing else; music of another kind is given one of them. GTZAN has repeated artists and "
    "some wrong labels, and its tracks sound alike: scores on it are optimistic for music from elsewhere."
)


class Probe:
    """Logistic regression on single standardised tokens, the logits averaged over a stream: the baseline."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray) -> None:
        self.weight = weight  # (F, C)
        self.bias = bias  # (C,)

    @classmethod
    def fit(cls, tokens: np.ndarray, targets: np.ndarray, decay: float = 500.0) -> Probe:
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


def train(
    data: Sequence[str | Path],
    out: str | Path,
    tokenise: Tokenise,
    features: Mapping[str, Any],
    rate: float,
    *,
    cache: str | Path,
    extra: Sequence[str | Path] = (),
    validation: Sequence[int] = (PARTS - 1,),
    test: Sequence[int] = (PARTS - 2, PARTS - 3),
    passes: int = 6,
    steps: int = 1500,
    shape: Mapping[str, Any] | None = None,
    seed: int = 0,
    command: str = "",
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Train on recordings, write weights with their card, and the baseline beside them.

    Parameters
    ----------
    data : folders
        Of recordings ``genre.track.*``; their tracks are dealt to ten parts.
    out : path
        Of the weights (safetensors).
    tokenise, features, rate
        Sound -> tokens (m, F), what they are, and how many there are in a second: they stand in the card.
    cache : folder
        For the tokens of the augmented recordings, which take most of the time.
    extra : folders
        Of recordings to train on only.
    validation, test : parts
        Held out: to choose the weights, the temperature and the threshold; and to be judged on at the end.
    passes, steps, seed : int
        Times that each recording is heard (the first as it is), steps of the optimizer, seed of everything.
    shape : dict, optional
        Changes to SHAPE.
    checkpoint : path, optional
        Of :func:`models.training.train.fit`.

    Returns
    -------
    dict
        Scores on the validation and test parts, as :func:`evaluate` gives them.
    """
    recordings, skipped = find_recordings(data)
    extras = find_recordings(extra)[0] if extra else []
    parts = deal(recordings)
    streams = make_streams(
        recordings, extras, tokenise, features, passes=passes, seed=seed, cache=Path(cache), progress=progress
    )
    held_out = {*validation, *test}
    streams = [stream for stream in streams if stream.part not in held_out]
    real = [stream for stream in streams if stream.part != EXTRA]
    everything = np.concatenate([stream.tokens for stream in real])
    mean, spread = everything.mean(0), everything.std(0) + 1e-3
    streams = [stream._replace(tokens=(stream.tokens - mean) / spread) for stream in streams]
    probe = Probe.fit(
        np.concatenate([s.tokens for s in streams if s.part != EXTRA]),
        np.concatenate([np.full(len(s.tokens), s.genre) for s in streams if s.part != EXTRA]),
    )
    torch.manual_seed(seed)
    model = ContinualTransformer(
        input_size=len(mean), classes=len(LABELS), window=WINDOW, **(SHAPE | dict(shape or {}))
    )
    judged = _tokens([r for r in recordings if parts[r.track] in validation], tokenise)
    standardised = [(r, (tokens - mean) / spread) for r, tokens in judged]

    def by_step(streams: list[np.ndarray]) -> list[np.ndarray]:
        return continual_logits(model, streams)

    def validate(_model: nn.Module) -> dict[str, float]:
        logits, targets, _ = _logits(standardised, by_step)
        loss = negative_log_likelihood(logits, targets, fit_temperature(logits, targets))
        return {"score": -loss, "accuracy": float((logits.argmax(1) == targets).mean())}

    fit(
        model,
        Windows(streams, WINDOW, probe.teach),
        steps=steps,
        seed=seed,
        validate=validate,
        every=max(1, steps // 10),
        progress=progress,
        checkpoint=checkpoint,
        **RECIPE,
    )
    _standardise(model, mean, spread)
    probe = Probe(probe.weight / spread[:, None], probe.bias - (mean / spread) @ probe.weight)
    logits, targets, _ = _logits(judged, by_step)
    temperature = fit_temperature(logits, targets)
    threshold = choose_threshold(softmax(logits, temperature), targets, accuracy=0.95)
    scores: dict[str, Any] = {"validation": _scores(judged, model, probe, rate, temperature, threshold)}
    if test:
        tested = _tokens([r for r in recordings if parts[r.track] in test], tokenise)
        scores["test"] = _scores(tested, model, probe, rate, temperature, threshold)
    card = {
        "task": "genres",
        "labels": list(LABELS),
        "rate": rate,
        "window": WINDOW,
        "temperature": temperature,
        "threshold": threshold,
        "features": dict(features),
        "data": f"{len(parts)} tracks of GTZAN, a research dataset" + (", and MMA renders" if extras else ""),
        "split": f"ten parts by hash of the track; held out {sorted(held_out)}, to choose {[*validation]}",
        "scores": scores,
        "licence": "Trained on GTZAN, a research dataset whose recordings are not free",
        "limits": LIMITS,
        "command": command,
        "seed": seed,
        "date": datetime.date.today().isoformat(),
    }
    save_checkpoint(out, model, card)
    save_file(
        {"weight": probe.weight.astype(np.float32), "bias": probe.bias.astype(np.float32)}, probe_path(out)
    )
    return scores | {"skipped": skipped}


def evaluate(
    data: Sequence[str | Path], weights: str | Path, tokenise: Tokenise, engine: str = "torch"
) -> dict[str, Any]:
    """Judge weights on recordings ``genre.track.*``, token by token as in use, by one of the engines.

    Returns
    -------
    dict
        JSON-ready: the figures of :func:`models.training.metrics.report` (by tick and by file),
        ``settled_accuracy`` (ticks after the first 5 s, null when there are none) with its interval,
        ``baseline`` (the same of the probe, or null without it), and ``skipped`` (file: reason).

    Raises
    ------
    ValueError
        Weights of another task, or no file that can be used.
    """
    model, card = load_checkpoint(weights)
    if card["task"] != "genres":
        raise ValueError(f"{weights} is for {card['task']}, not for genres")
    recordings, skipped = find_recordings(data)
    judged = _tokens(recordings, tokenise, skipped)
    if not judged:
        raise ValueError(f"no recording could be used: {skipped[0]}")
    probe = None
    if probe_path(weights).exists():
        stored = load_file(probe_path(weights))
        probe = Probe(stored["weight"], stored["bias"])
    scores = _scores(judged, model, probe, card["rate"], card["temperature"], card["threshold"], engine)
    return {**scores, "skipped": skipped}


Judged = list[tuple[Recording, np.ndarray]]


def _tokens(recordings: Sequence[Recording], tokenise: Tokenise, skipped: list[str] | None = None) -> Judged:
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


def _logits(
    judged: Judged, score: Callable[[list[np.ndarray]], Sequence[np.ndarray]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits (N, C), targets (N,) and file indices (N,) of all ticks of all recordings."""
    rows = score([tokens for _, tokens in judged])
    lengths = [len(row) for row in rows]
    targets = np.repeat([recording.genre for recording, _ in judged], lengths)
    return np.concatenate(rows), targets, np.repeat(np.arange(len(judged)), lengths)


def _scores(
    judged: Judged,
    model: ContinualTransformer,
    probe: Probe | None,
    rate: float,
    temperature: float,
    threshold: float,
    engine: str = "torch",
) -> dict[str, Any]:
    logits, targets, files = _logits(judged, lambda streams: continual_logits(model, streams, engine))
    scores = report(softmax(logits, temperature), targets, files, LABELS, threshold)
    age = np.concatenate([np.arange(len(tokens)) for _, tokens in judged])
    settled = age >= round((SETTLED - 1) * rate)  # the first token is made of the first second
    right = (logits.argmax(1) == targets)[settled]
    scores["settled_accuracy"] = float(right.mean()) if settled.any() else None
    scores["settled_accuracy_ci"] = bootstrap(right, files[settled]) if settled.any() else None
    scores["baseline"] = None
    if probe is not None:
        score = probe  # for mypy, which forgets inside the lambda that it is not None
        logits, targets, _ = _logits(judged, lambda streams: [score(stream) for stream in streams])
        scores["baseline"] = report(softmax(logits), targets, files, LABELS, threshold)
    return scores


def _standardise(model: ContinualTransformer, mean: np.ndarray, spread: np.ndarray) -> None:
    """Have the embedding do what was done to its tokens in training."""
    with torch.no_grad():
        model.embedding.weight.div_(torch.from_numpy(spread))
        model.embedding.bias.sub_(model.embedding.weight @ torch.from_numpy(mean))
