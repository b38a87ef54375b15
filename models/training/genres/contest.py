"""Genres by all that one might train on the same tokens, judged on tracks held out and other music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.training.calibration import fit_temperature
from models.training.contest import PROBE, answers, build, price
from models.training.genres.lesson import STEPS, Lesson
from models.training.genres.scoring import Heard, scores_of
from models.training.genres.songs import FOLDS, Tokenise, alone, deal, find_recordings, make_streams

#: Figure of :func:`compare` -> heading.
COLUMNS = {
    "clip_accuracy": "by recording",
    "tick_accuracy": "by tick",
    "ece": "ECE",
    "else_clip_accuracy": "elsewhere, by recording",
    "else_tick_accuracy": "by tick",
    "else_ece": "ECE",
}
RANDOM = "random"  # b1 that does not start as the probe


def compare(
    data: Sequence[str | Path],
    names: Sequence[str],
    tokenise: Tokenise,
    features: Mapping[str, Any],
    rate: float,
    *,
    cache: Path,
    elsewhere: Sequence[str | Path] = (),
    passes: int = 1,
    steps: int = 800,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, dict[str, float]]:
    """Train each on the same windows, without the last fifth of the tracks, and judge it.

    Continual Transformers start as the probe and need at most STEPS steps; what starts at random takes all.
    Every model has the temperature of least loss on the held-out tracks.

    Parameters
    ----------
    data, tokenise, features, rate, cache, elsewhere, passes, steps, seed, progress
        As of :func:`models.training.genres.learn.train`; nothing is calibrated by ``elsewhere``.
    names : sequence of str
        Of :data:`models.training.contest.MODELS`, or RANDOM.

    Returns
    -------
    dict of str to dict
        By name the figures of COLUMNS (None without ``elsewhere``), ``macs`` a token and ``step_us``.

    Raises
    ------
    ValueError
        There is no such model, or the data cannot be used.
    """
    recordings = find_recordings(data)[0]
    foreign = find_recordings(elsewhere)[0] if elsewhere else []
    fold_of = deal(recordings)
    single = alone(recordings, tokenise, features, cache, progress)
    abroad = alone(foreign, tokenise, features, cache, progress) if foreign else []
    streams = make_streams(
        recordings,
        [],
        single,
        tokenise,
        features,
        rate,
        passes=passes,
        seed=seed,
        cache=cache,
        progress=progress,
    )
    lesson = Lesson([stream for stream in streams if stream.fold != FOLDS - 1])
    torch.manual_seed(seed)
    models = {name: build("b1" if name == RANDOM else name, lesson.config()) for name in names}
    near = [pair for pair in zip(recordings, single, strict=True) if fold_of[pair[0].track] == FOLDS - 1]
    far = list(zip(foreign, abroad, strict=True))

    def heard(name: str, judged: list[Any]) -> Heard:
        tokens = [tokens for _, tokens in judged]
        rows = [lesson.probe(row) for row in tokens] if name == PROBE else answers(name, models[name], tokens)
        return Heard([str(r.path) for r, _ in judged], [r.genre for r, _ in judged], rows, None)

    table: dict[str, dict[str, Any]] = {}
    for name, model in models.items():
        if name != PROBE:
            start = isinstance(model, ContinualTransformer) and model.inner is None and name != RANDOM
            turns = min(STEPS, steps) if start else steps
            lesson.teach(model, start=start, steps=turns, seed=seed, progress=progress)  # type: ignore[arg-type]
        here = heard(name, near)
        temperature = fit_temperature(np.concatenate(here.logits), here.targets)
        figures = scores_of(here.over(temperature), rate, 0.0)
        there = scores_of(heard(name, far).over(temperature), rate, 0.0) if far else dict.fromkeys(figures)
        far_off = {key: there[key.removeprefix("else_")] for key in COLUMNS if key.startswith("else_")}
        table[name] = {key: figures[key] for key in COLUMNS if key not in far_off} | far_off
    costs = price(models)
    if PROBE in costs:
        costs[PROBE]["macs"] = float(lesson.probe.weight.size)
    return {name: row | costs[name] for name, row in table.items()}
