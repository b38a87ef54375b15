"""Train and evaluate the genres: a Continual Transformer over what MusiCNN and YAMNet make of recordings."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.baselines import probe_path, probe_tensors
from models.training.calibration import cross_calibrate
from models.training.genres.lesson import STEPS, WINDOW, Lesson
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
    FOLDS,
    LABELS,
    Tokenise,
    alone,
    deal,
    find_recordings,
    make_streams,
)

RIGHT = 0.95  # of what is named, on what was held out: sets the rejection threshold
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
    elsewhere: Sequence[str | Path] = (),
    folds: bool = False,
    passes: int = 1,
    steps: int = STEPS,
    shape: Mapping[str, Any] | None = None,
    seed: int = 0,
    command: str = "",
    progress: bool = True,
) -> dict[str, Any]:
    """Train on recordings, calibrate and score on those held out, and write weights with their card.

    With ``folds``, tracks are split into five, and each fifth is held out of a training of its own.  What
    these five models say of what they never heard gives the scores, the temperature and the threshold of a
    sixth, which everything trains and which is written.  Without, there is one training, without the last
    fifth, which gives the same.  Nothing else is chosen by them.  The baseline, which the model starts as, is
    written beside.

    Music from ``elsewhere`` never trains.  Every second of its recordings, in the order of their names,
    counts for the temperature and the threshold for as much as all that was held out: music unlike the
    training's is to be doubted.  The others are judged.

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
    extra, elsewhere : folders
        Of recordings to train on only, and of recordings never to train on.
    folds : bool
    passes, steps, seed : int
        Times that each recording is heard (the first as it is), steps of the optimizer, seed of everything.
    shape : dict, optional
        Changes to SHAPE.

    Returns
    -------
    dict
        ``held_out``: the figures of :func:`evaluate` on all that was held out; with ``folds``, these of each
        fold; ``elsewhere``, of those of the recordings from there that set nothing; and ``skipped``.
    """
    recordings, skipped = find_recordings(data)
    extras = find_recordings(extra)[0] if extra else []
    fold_of = deal(recordings)
    single = alone(recordings, tokenise, features, cache, progress)
    everything = make_streams(
        recordings,
        extras,
        single,
        tokenise,
        features,
        rate,
        passes=passes,
        seed=seed,
        cache=cache,
        progress=progress,
    )

    def learn(left_out: int | None) -> tuple[ContinualTransformer, Probe]:
        lesson = Lesson([stream for stream in everything if stream.fold != left_out])
        torch.manual_seed(seed)
        model = ContinualTransformer(**lesson.config(dict(shape or {})))
        lesson.teach(
            model,
            steps=steps,
            seed=seed,
            progress=progress,
            checkpoint=cache / f"genres-{Path(out).stem}-{seed}-{left_out}.run",
        )
        return model, lesson.probe

    held: list[Heard] = []
    for left_out in range(FOLDS) if folds else (FOLDS - 1,):
        model, probe = learn(left_out)
        heard = zip(recordings, single, strict=True)
        held.append(hear([pair for pair in heard if fold_of[pair[0].track] == left_out], model, probe))
    if folds:
        model, probe = learn(None)
    others = sorted(find_recordings(elsewhere)[0]) if elsewhere else []
    foreign = list(zip(others, alone(others, tokenise, features, cache, progress), strict=True))
    doubted = hear(foreign[::2], model, probe) if foreign else None
    whole, apart = cross_calibrate(
        [np.concatenate(part.logits) for part in held],
        [part.targets for part in held],
        RIGHT,
        also=None if doubted is None else (np.concatenate(doubted.logits), doubted.targets),
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
    if foreign[1:]:
        judged = hear(foreign[1::2], model, probe).over(whole.temperature)
        scores["elsewhere"] = scores_of(judged, rate, whole.threshold)
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
        )
        + (
            f"; of {len(foreign)} recordings from elsewhere, which train nothing, every second counts for "
            "temperature and threshold, too, and the others are scored"
            if foreign
            else ""
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
        stored = probe_tensors(weights, ("weight", "bias"))
        probe = Probe(stored["weight"].numpy(), stored["bias"].numpy())
    heard = hear(judged, model, probe, engine).over(card["temperature"])
    figures = scores_of(heard, card["rate"], card["threshold"])
    counted = {"left_out": 0 if everything else len(heard_before)}
    counted["scored"] = len(heard_before) if everything else 0
    return {**figures, "trained_on": counted, "skipped": skipped}
