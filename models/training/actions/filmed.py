"""Tuning a trained action model to real films, and what it says of those it was not tuned to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from models.continual.classifier import ContinualTransformer
from models.training.actions.camera import draw_view
from models.training.actions.film import NO_ACTION
from models.training.actions.learner import RATE, Learner, fold
from models.training.actions.streams import UNSAID, Studio
from models.training.calibration import softmax
from models.training.streaming import continual_logits

SURE = 0.97  # share of what is named on films and of people held out that ought to be right, of each action
LEAST, MOST = 0.4, 0.95  # thresholds that a label may have


class Seen(NamedTuple):
    """Logits (N, C) and labels (N,) of the ticks of films by models that never saw their people."""

    logits: np.ndarray
    labels: np.ndarray


def tune(
    learner: Learner, network: ContinualTransformer, left_out: int | None
) -> tuple[ContinualTransformer, Seen]:
    """The model tuned to all films, and what models say of each that were tuned to those of other people.

    Parameters
    ----------
    learner : Learner
    network : ContinualTransformer
        Trained without the people of the fold ``left_out``.
    left_out : int, optional
    """
    studio, rng = Studio([], learner.classes, RATE), np.random.default_rng(learner.seed)
    logits, labels = [], []
    for unseen in sorted({fold(film.person) for film in learner.films}):
        strangers = [film for film in learner.films if fold(film.person) == unseen]
        shown = [studio.clip(rng, film, draw_view(rng)) for film in strangers]
        tuned = learner.tuned(network, left_out, unseen)
        for said, stream in zip(continual_logits(tuned, [s.tokens for s in shown]), shown, strict=True):
            known = stream.labels != UNSAID
            logits.append(said[known])
            labels.append(stream.labels[known])
    return learner.tuned(network, left_out, None), Seen(np.concatenate(logits), np.concatenate(labels))


def film_figures(seen: Seen, classes: Sequence[str], temperature: float) -> dict[str, Any]:
    """For the card: how often the most probable class is right, tick by tick, and of each class."""
    right = seen.logits.argmax(1) == seen.labels
    by_class = {
        name: float(right[seen.labels == k].mean())
        for k, name in enumerate(classes)
        if (seen.labels == k).any()
    }
    confidence = softmax(seen.logits, temperature).max(1)
    return {
        "ticks": len(right),
        "top_right": float(right.mean()),
        "confidence": float(confidence.mean()),
        "by_class": by_class,
    }


def thresholds(seen: Seen, classes: Sequence[str], temperature: float, common: float) -> dict[str, float]:
    """The rejection threshold of each label: the lowest above which SURE of the ticks on top are right.

    Parameters
    ----------
    seen : Seen
        All that held-out models said, of films and of people.
    classes : sequence of str
    temperature : float
    common : float
        The threshold of labels that claim no action, and of those that came up too rarely to have their own.
    """
    rows = softmax(seen.logits, temperature)
    top = rows.argmax(1)
    chosen = {}
    for k, name in enumerate(classes):
        own = top == k
        order = np.argsort(-rows[own, k], kind="stable")
        confidence, right = rows[own, k][order], (seen.labels[own] == k)[order]
        chosen[name] = common
        if name in NO_ACTION or len(right) < 30:
            continue
        good = np.flatnonzero(np.cumsum(right) / np.arange(1, len(right) + 1) >= SURE)
        good = good[good >= 15]
        chosen[name] = float(np.clip(confidence[good[-1]] if len(good) else MOST, LEAST, MOST))
    return chosen
