"""What weights say of people whom they never saw, and what scores, temperature and thresholds come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

from models.continual.classifier import ContinualTransformer
from models.training.actions.film import SLACK
from models.training.actions.filmed import Said
from models.training.actions.learner import RATE, Learner, fold
from models.training.actions.recordings import Flat
from models.training.actions.scoring import Case, cases, judge
from models.training.actions.simulation import simulate
from models.training.actions.skeletons import Clip
from models.training.actions.streams import UNSAID, Studio
from models.training.actions.tape import FADE
from models.training.baselines import Probe
from models.training.calibration import Calibration, softmax
from models.training.metrics import steadied
from models.training.streaming import continual_logits

#: So many lots of streams of people held out set temperature and thresholds, together as many as there are to
#: train on: with one of them the threshold of a lunge moved from .81 to .91 by which it was, as errors last.
LOTS = 5
SCORED = ("mean_recall", "other_recall", "clip_accuracy", "ece")  # of a fold, and of the probe, in the card


class Watched(NamedTuple):
    """Of an untrimmed stream: logits (K, C), labels (K,), and whether there is somebody (K,)."""

    logits: np.ndarray
    labels: np.ndarray
    there: np.ndarray


class HeldOut(NamedTuple):
    """What a model and its probe say of people whom they never saw."""

    people: list[str]
    judged: list[Case]
    logits: list[np.ndarray]
    probed: list[np.ndarray]
    watched: list[Watched]  # untrimmed streams, for the calibration

    @property
    def rows(self) -> np.ndarray:
        """Logits (N, C) of all ticks of untrimmed streams that have a label."""
        return np.concatenate([stream.logits[stream.labels != UNSAID] for stream in self.watched])

    @property
    def targets(self) -> np.ndarray:
        """Their labels (N,)."""
        return np.concatenate([stream.labels[stream.labels != UNSAID] for stream in self.watched])

    def said(self, temperature: float, hold: int) -> Said:
        """What would be named of them, see :func:`models.training.metrics.named`."""
        means, may_be = [], []
        for logits, own, there in self.watched:
            mean, whole = steadied(softmax(logits, temperature), hold, there)
            kept = whole & (own != UNSAID)
            means.append(mean[kept])
            may_be.append(_near(own, logits.shape[1])[kept])
        return Said(np.concatenate(means), np.concatenate(may_be))


def _near(labels: np.ndarray, classes: int) -> np.ndarray:
    """Which of the classes may be named at each of the ticks (K,): (K, C), as in a film, with its slack.

    The last of an action has no label, so that what has ended is longer ago than its last label says.
    """
    past, ahead = round((SLACK + FADE) * RATE), round(SLACK * RATE)
    said = np.pad(labels[:, None] == np.arange(classes), ((past, ahead), (0, 0)))  # (K + past + ahead, C)
    return np.asarray(sliding_window_view(said, past + ahead + 1, axis=0).any(-1))


def hold_out(
    learner: Learner,
    left_out: int,
    network: ContinualTransformer,
    probe: Probe,
    clips: Sequence[Clip | Flat],
) -> HeldOut:
    """What a training without a fold of the people, and its probe, say of these.

    Judged are all recordings of them among ``clips``, of which the learner has what is learnt from.

    Raises
    ------
    ValueError
        There is nobody in the fold.
    """
    part = [clip for clip in learner.clips if fold(clip.person) == left_out]
    if not part:
        raise ValueError(f"nobody to hold out in fold {left_out + 1}: the data has too few people")
    studio = Studio(part, learner.classes, RATE)
    count = max(1, learner.streams // LOTS)
    watched = []
    for k in range(LOTS):  # the tokens of one lot at a time
        lot = simulate(studio, count, learner.seed + 1 + k, learner.cache, learner.progress)
        answers = continual_logits(network, [stream.tokens for stream in lot])
        watched += [
            Watched(rows, stream.labels, np.asarray(np.abs(stream.poses).max((1, 2)) > 0))
            for rows, stream in zip(answers, lot, strict=True)
        ]
    judged = cases(studio, [clip for clip in clips if fold(clip.person) == left_out])
    return HeldOut(
        sorted({clip.person for clip in part}),
        judged,
        continual_logits(network, [case.tokens for case in judged]),
        probed(probe, judged),
        watched,
    )


def probed(probe: Probe, judged: Sequence[Case]) -> list[np.ndarray]:
    """Its logits (K, C) of each case."""
    with torch.inference_mode():
        return [probe(torch.from_numpy(case.tokens)[None]).numpy() for case in judged]


def pooled(
    held: Sequence[HeldOut],
    apart: Sequence[Calibration],
    threshold: Sequence[float],
    classes: Sequence[str],
    hold: int | None,
) -> dict[str, Any]:
    """Figures over everybody held out, each by a model and a temperature that never saw them.

    ``threshold`` is of each class, ``hold`` ticks of which the mean is named.
    """
    judged = [case for part in held for case in part.judged]
    logits = [row / own.temperature for part, own in zip(held, apart, strict=True) for row in part.logits]
    figures = judge(logits, judged, classes, 1.0, threshold, hold, RATE)
    for name in ("confusion", "labels", "threshold"):  # they do not read well in a card, or stand in it
        del figures[name]
    baseline = judge([row for part in held for row in part.probed], judged, classes, 1.0, 0.0)
    return figures | {"baseline": {name: baseline[name] for name in SCORED}}


def line(part: HeldOut, own: Calibration, classes: Sequence[str]) -> dict[str, Any]:
    """A fold's own figures."""
    figures = judge(part.logits, part.judged, classes, own.temperature, own.threshold)
    scored = {name: figures[name] for name in SCORED}
    return {"people": part.people} | scored | {"per_class": figures["per_class"]}
