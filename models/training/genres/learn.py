"""Train and evaluate the genres: a Continual Transformer over what MusiCNN and YAMNet make of recordings."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.baselines import probe_path
from models.training.calibration import cross_calibrate
from models.training.genres.scoring import (
    SCORED,
    Heard,
    Probe,
    brief,
    hear,
    scores_of,
    together,
    tokens_of,
)
from models.training.genres.songs import (
    EXTRA,
    FOLDS,
    LABELS,
    Tokenise,
    Windows,
    deal,
    find_recordings,
    make_streams,
)
from models.training.train import fit

WINDOW = 60  # tokens: 30 s, as long as a GTZAN track
RIGHT = 0.95  # of what is named, on what was held out: sets the rejection threshold
SHAPE: dict[str, Any] = {
    "model_size": 16,
    "heads": 4,
    "feedforward": 32,
    "blocks": 1,
    "norm": "pre",
    "dropout": 0.2,
}
RECIPE: dict[str, Any] = {"lr": 5e-4, "weight_decay": 0.5, "label_smoothing": 0.0}
RARE = 0.05  # least spread that tokens are divided by: sounds that are hardly ever heard stay small
LIMITS = (
    "Ten genres and nothing else; music of another kind is given one of them. GTZAN has repeated artists and "
    "some wrong labels, and its tracks sound alike: scores on it are optimistic for music from elsewhere."
)


def train(
    data: Sequence[str | Path],
    out: str | Path,
    tokenise: Tokenise,
    features: Mapping[str, Any],
    rate: float,
    *,
    cache: Path,
    extra: Sequence[str | Path] = (),
    folds: bool = False,
    passes: int = 6,
    steps: int = 1500,
    shape: Mapping[str, Any] | None = None,
    seed: int = 0,
    command: str = "",
    progress: bool = True,
) -> dict[str, Any]:
    """Train on recordings, calibrate and score on those held out, and write weights with their card.

    With ``folds``, tracks are split into five, and each fifth is held out of a training of its own.  What
    these five models say of what they never heard gives the scores, the temperature and the threshold of a
    sixth, which everything trains and which is written.  Without, there is one training, without the last
    fifth, which gives the same.  Nothing else is chosen by them.  The baseline is written beside.

    Parameters
    ----------
    data : folders
        Of recordings ``genre.track.*``; their tracks are dealt to five folds.
    out : path
        Of the weights (safetensors).
    tokenise, features, rate
        Sound -> tokens (m, F), what they are, and how many there are in a second: they stand in the card.
    cache : folder
        For the tokens of the augmented recordings, which take most of the time, and for the state of an
        interrupted run.
    extra : folders
        Of recordings to train on only.
    folds : bool
    passes, steps, seed : int
        Times that each recording is heard (the first as it is), steps of the optimizer, seed of everything.
    shape : dict, optional
        Changes to SHAPE.

    Returns
    -------
    dict
        ``held_out``: the figures of :func:`evaluate` on all that was held out; with ``folds``, these of each
        fold; and ``skipped``.
    """
    recordings, skipped = find_recordings(data)
    extras = find_recordings(extra)[0] if extra else []
    fold_of = deal(recordings)
    everything = make_streams(
        recordings, extras, tokenise, features, passes=passes, seed=seed, cache=cache, progress=progress
    )

    def learn(left_out: int | None) -> tuple[ContinualTransformer, Probe]:
        streams = [stream for stream in everything if stream.fold != left_out]
        tokens = np.concatenate([stream.tokens for stream in streams if stream.fold != EXTRA])
        mean, spread = tokens.mean(0), np.maximum(tokens.std(0), RARE)
        streams = [stream._replace(tokens=(stream.tokens - mean) / spread) for stream in streams]
        probe = Probe.fit(
            np.concatenate([s.tokens for s in streams if s.fold != EXTRA]),
            np.concatenate([np.full(len(s.tokens), s.genre) for s in streams if s.fold != EXTRA]),
        )
        torch.manual_seed(seed)
        model = ContinualTransformer(
            input_size=len(mean), classes=len(LABELS), window=WINDOW, **(SHAPE | dict(shape or {}))
        )
        fit(
            model,
            Windows(streams, WINDOW, probe.teach),
            steps=steps,
            seed=seed,
            every=max(1, steps // 10),
            progress=progress,
            checkpoint=cache / f"genres-{Path(out).stem}-{seed}-{left_out}.run",
            **RECIPE,
        )
        _standardise(model, mean, spread)
        return model, Probe(probe.weight / spread[:, None], probe.bias - (mean / spread) @ probe.weight)

    held: list[Heard] = []
    for left_out in range(FOLDS) if folds else (FOLDS - 1,):
        model, probe = learn(left_out)
        judged = tokens_of([r for r in recordings if fold_of[r.track] == left_out], tokenise)
        held.append(hear(judged, model, probe))
    if folds:
        model, probe = learn(None)
    whole, apart = cross_calibrate(
        [np.concatenate(part.logits) for part in held], [part.targets for part in held], RIGHT
    )
    cooled = [part.over(own.temperature) for part, own in zip(held, apart, strict=True)]
    scores: dict[str, Any] = {"held_out": scores_of(together(cooled), rate, whole.threshold)}
    if folds:
        lines = [scores_of(part, rate, own.threshold) for part, own in zip(cooled, apart, strict=True)]
        scores["folds"] = [
            {name: line[name] for name in SCORED}
            | {f"probe_{name}": line["baseline"][name] for name in SCORED}
            for line in lines
        ]
    card = {
        "task": "genres",
        "labels": list(LABELS),
        "rate": rate,
        "window": WINDOW,
        "temperature": whole.temperature,
        "threshold": whole.threshold,
        "features": dict(features),
        "data": f"{len(fold_of)} tracks of GTZAN, a research dataset, and of no music"
        + (", and MMA renders" if extras else ""),
        "split": "five folds by hash of the track; "
        + (
            "each held out of a training of its own, which gives the scores"
            if folds
            else f"held out: the last, {len(held[0].names)} files"
        ),
        "scores": brief(scores),
        "licence": "Trained on GTZAN, a research dataset whose recordings are not free",
        "limits": LIMITS,
        "command": command,
        "seed": seed,
        "date": datetime.date.today().isoformat(),
        "tracks": sorted(
            {track for track, of in fold_of.items() if folds or of != FOLDS - 1}
            | {recording.track for recording in extras}
        ),
    }
    save_checkpoint(out, model, card)
    save_file(
        {"weight": probe.weight.astype(np.float32), "bias": probe.bias.astype(np.float32)}, probe_path(out)
    )
    return scores | {"skipped": skipped}


def evaluate(
    data: Sequence[str | Path],
    weights: str | Path,
    tokenise: Tokenise,
    engine: str = "torch",
    everything: bool = False,
) -> dict[str, Any]:
    """Judge weights on recordings ``genre.track.*``, token by token as in use, by one of the engines.

    Recordings of tracks that trained the weights, as the card lists them, are left out; with ``everything``
    they are judged as well.

    Returns
    -------
    dict
        JSON-ready: the figures of :func:`models.training.metrics.report` (by tick and by file),
        ``settled_accuracy`` (ticks after the first 5 s, null when there are none) with its interval,
        ``long_accuracy`` (music of 10 s and more, ``long_n`` files) with its interval,
        ``baseline`` (the same of the probe, or null without it), ``trained_on`` (recordings of tracks that
        trained: how many were left out, or judged anyway), and ``skipped`` (file: reason).

    Raises
    ------
    ValueError
        Weights of another task, no file that can be used, or none that did not train.
    """
    model, card = load_checkpoint(weights)
    if card["task"] != "genres":
        raise ValueError(f"{weights} is for {card['task']}, not for genres")
    recordings, skipped = find_recordings(data)
    trained = set(card.get("tracks", ()))
    heard_before = [recording for recording in recordings if recording.track in trained]
    if not everything:
        recordings = [recording for recording in recordings if recording.track not in trained]
        if not recordings:
            raise ValueError(
                f"all {len(heard_before)} recordings are of tracks that trained {Path(weights).name}: "
                "--all scores them anyway"
            )
    judged = tokens_of(recordings, tokenise, skipped)
    if not judged:
        raise ValueError(f"no recording could be used: {skipped[0]}")
    probe = None
    if probe_path(weights).exists():
        stored = load_file(probe_path(weights))
        probe = Probe(stored["weight"], stored["bias"])
    heard = hear(judged, model, probe, engine).over(card["temperature"])
    figures = scores_of(heard, card["rate"], card["threshold"])
    counted = {"left_out": 0 if everything else len(heard_before)}
    counted["scored"] = len(heard_before) if everything else 0
    return {**figures, "trained_on": counted, "skipped": skipped}


def _standardise(model: ContinualTransformer, mean: np.ndarray, spread: np.ndarray) -> None:
    """Have the embedding do what was done to its tokens in training."""
    with torch.no_grad():
        model.embedding.weight.div_(torch.from_numpy(spread))
        model.embedding.bias.sub_(model.embedding.weight @ torch.from_numpy(mean))
