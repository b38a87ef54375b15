"""Actions by all that one might train on the same tokens, judged on people held out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.extractors.pose import SIZE
from models.rivals.base import AllTicks, Rival
from models.training.actions.learner import BATCH, FOLDS, OFTEN, RATE, WINDOW, Learner, fold
from models.training.actions.recordings import load_recordings, taught
from models.training.actions.scoring import cases, judge
from models.training.actions.simulation import simulate
from models.training.actions.skeletons import read_mapping
from models.training.actions.stills import load_stills
from models.training.actions.streams import UNSAID, Stream, Studio
from models.training.baselines import Probe
from models.training.calibration import fit_temperature
from models.training.contest import STRIDED, Contender, answers, build, price
from models.training.dense import IGNORED, EveryTick, Standardised, Stretches
from models.training.train import Batch, Sample, fit

#: Of all that are compared; what ships is wider (:data:`models.training.actions.learner.MODEL`).
WIDTH = {"model_size": 128, "heads": 4, "feedforward": 384, "dropout": 0.2}
WATCHED = 5  # for so many streams to train on there is one of people held out, to set the temperature by
#: Figure of :func:`compare` -> heading.
COLUMNS = {"mean_recall": "mean recall", "other_recall": "other", "clip_accuracy": "by clip", "ece": "ECE"}


def compare(
    data: Sequence[Path],
    names: Sequence[str],
    *,
    mapping: Path | None = None,
    extra: Sequence[Path] = (),
    streams: int = 800,
    steps: int = 800,
    seed: int = 0,
    cache: Path | None = Path("cache"),
    progress: bool = True,
) -> dict[str, dict[str, float]]:
    """Train each on the same streams for as many steps, without the last fifth of the people, and judge it.

    Parameters
    ----------
    data, mapping, extra, streams, steps, seed, cache, progress
        As of :func:`models.training.actions.learn.train`.
    names : sequence of str
        Of :data:`models.training.contest.MODELS`.

    Returns
    -------
    dict of str to dict
        By name the figures of COLUMNS, ``macs`` a token and ``step_us``.

    Raises
    ------
    ValueError
        There is no such model, or the data cannot be used.
    """
    known = read_mapping(mapping)
    classes = known["classes"]
    config = {"input_size": SIZE, "classes": len(classes), "window": WINDOW} | WIDTH
    torch.manual_seed(seed)
    models = {name: build(name, config) for name in names}  # an unknown name is told before any work
    if STRIDED in models and "b1" in models:  # two uses of the same weights
        models[STRIDED] = models["b1"]
    trained: set[int] = set()
    clips = load_recordings(data, known)
    stills = [still for path in extra for still in load_stills(path, known)]
    ours = taught(clips, known)
    learner = Learner(ours, stills, classes, WIDTH, streams, steps, seed, cache, "contest", progress)
    made = learner.made(FOLDS - 1)
    strangers = [clip for clip in clips if fold(clip.person) == FOLDS - 1]
    if not strangers:
        raise ValueError("nobody to hold out in the last fold: the data has too few people")
    studio = Studio(taught(strangers, known), classes, RATE)
    judged = cases(studio, strangers)
    watched = simulate(studio, max(2, streams // WATCHED), seed + 1, cache, progress)
    targets = np.concatenate([stream.labels for stream in watched])
    said = targets != UNSAID
    table = {}
    for name, model in models.items():
        if id(model) not in trained:
            _fit(model, made, classes, steps, seed, progress)
            trained.add(id(model))
        rows = np.concatenate(answers(name, model, [stream.tokens for stream in watched]))
        temperature = fit_temperature(rows[said], targets[said])
        logits = answers(name, model, [case.tokens for case in judged])
        figures = judge(logits, judged, classes, temperature, 0.0)
        table[name] = {key: figures[key] for key in COLUMNS}
    return {name: table[name] | row for name, row in price(models).items()}


class _Newest:
    """Of stretches as long as a window, the newest tick alone: what several blocks can be trained on."""

    def __init__(self, stretches: Stretches) -> None:
        self.stretches = stretches

    def __call__(self, rng: np.random.Generator) -> Batch:
        batch = self.stretches(rng)
        newest = batch.targets.view(self.stretches.batch, -1)[:, -1]  # (B,)
        told = newest != IGNORED
        return Batch(batch.tokens[told], batch.lengths[told], batch.ticks[told], newest[told])


def _fit(
    model: Contender, made: Sequence[Stream], classes: Sequence[str], steps: int, seed: int, progress: bool
) -> None:
    """Train it as the shipped model is, as far as it can be."""
    sample: Sample = Stretches(made, classes, OFTEN, BATCH)
    objective: nn.Module = model
    rate, smoothing = 1.5e-3, 0.1
    if isinstance(model, Rival):
        objective = AllTicks(model)
    elif isinstance(model, Probe):
        rate, smoothing = 3e-3, 0.0
    elif len(model.blocks) == 1 or model.streaming:
        objective = EveryTick(model, steady=True)
    else:
        sample = _Newest(Stretches(made, classes, OFTEN, 8 * BATCH, WINDOW))
    tokens = np.concatenate([stream.tokens for stream in made[::8]])
    if not isinstance(model, Probe):
        objective = Standardised(objective, model.reader, tokens)
    fit(objective, sample, steps=steps, lr=rate, label_smoothing=smoothing, seed=seed, progress=progress)
    if isinstance(objective, Standardised):
        objective.settle()
