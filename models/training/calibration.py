"""Confidence that can be believed: one temperature, and a threshold below which nothing is named.

Both are chosen on data that did not train the weights, and stand in the model card.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities (N, C) of logits (N, C) divided by ``temperature``."""
    scaled = np.asarray(logits, np.float64) / temperature
    scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return scaled / scaled.sum(axis=-1, keepdims=True)


def negative_log_likelihood(logits: np.ndarray, targets: np.ndarray, temperature: float = 1.0) -> float:
    """Mean −log p(target) in nats."""
    chosen = softmax(logits, temperature)[np.arange(len(targets)), targets]
    return float(-np.log(np.maximum(chosen, 1e-300)).mean())


def fit_temperature(logits: np.ndarray, targets: np.ndarray, low: float = 0.05, high: float = 20.0) -> float:
    """The temperature of least negative log-likelihood (Guo et al. 2017).

    The likelihood is convex in 1 / temperature, so a golden-section search over log temperature finds it.

    Raises
    ------
    ValueError
        No rows, or shapes that do not match.
    """
    if logits.ndim != 2 or targets.shape != logits.shape[:1] or not len(targets):
        raise ValueError(f"expected logits (N, C) and targets (N,), got {logits.shape} and {targets.shape}")
    shrink = (math.sqrt(5) - 1) / 2
    a, b = math.log(low), math.log(high)
    for _ in range(40):
        left, right = b - shrink * (b - a), a + shrink * (b - a)
        if negative_log_likelihood(logits, targets, math.exp(left)) < negative_log_likelihood(
            logits, targets, math.exp(right)
        ):
            b = right
        else:
            a = left
    return math.exp((a + b) / 2)


def choose_threshold(
    probabilities: np.ndarray, targets: np.ndarray, accuracy: float = 0.95, coverage: float = 0.2
) -> float:
    """The lowest confidence threshold whose accepted rows are right in at least ``accuracy`` of the cases.

    When no threshold that still accepts a share ``coverage`` of the rows reaches it, the one of these with
    the highest accuracy: an honest refusal of everything would be no demonstration.

    Parameters
    ----------
    probabilities : ndarray of shape (N, C)
        Calibrated, of validation data; weigh by repetition if classes are not as frequent as in use.
    targets : ndarray of shape (N,)
        A row that belongs to no class (−1) is never right.

    Returns
    -------
    float
        Accept when the top probability is at least this; 0 when everything may be accepted.
    """
    if probabilities.ndim != 2 or targets.shape != probabilities.shape[:1] or not len(targets):
        raise ValueError(
            f"expected probabilities (N, C) and targets (N,), got {probabilities.shape} and {targets.shape}"
        )
    confidence = probabilities.max(1)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(1) == targets)[order]
    ordered = confidence[order]
    share_right = np.cumsum(right) / np.arange(1, len(right) + 1)  # of the k most confident rows
    # Rows of one confidence are accepted together, and too few rows prove nothing.
    ends_run = np.append(ordered[1:] < ordered[:-1], True)
    allowed = ends_run & (np.arange(1, len(right) + 1) >= coverage * len(right))
    good = np.flatnonzero(allowed & (share_right >= accuracy))
    if not len(good):
        best = np.flatnonzero(allowed)[share_right[allowed].argmax()]
        return float(ordered[best])
    return 0.0 if good[-1] == len(right) - 1 else float(ordered[good[-1]])


class Calibration(NamedTuple):
    """By what logits are divided, and what a top probability must reach to be named."""

    temperature: float
    threshold: float


def calibrate(logits: np.ndarray, targets: np.ndarray, accuracy: float) -> Calibration:
    """The temperature of least loss, and the threshold above which ``accuracy`` is right."""
    temperature = fit_temperature(logits, targets)
    return Calibration(temperature, choose_threshold(softmax(logits, temperature), targets, accuracy))


def cross_calibrate(
    logits: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    accuracy: float,
    also: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[Calibration, list[Calibration]]:
    """Calibration by all folds together, and for each fold by the others, so that its scores are clean.

    Parameters
    ----------
    logits, targets : sequences of ndarrays of shape (N_k, C) and (N_k,)
        What the model that was trained without fold k says of fold k.  A single one is calibrated by itself.
    accuracy : float
        Of what is named: see :func:`choose_threshold`.
    also : ndarrays of shape (M, C) and (M,), optional
        The same from another source that no fold has anything of, to count for as much as the folds together.
    """
    folds = range(len(logits))

    def of(chosen: Sequence[int]) -> Calibration:
        rows, right = ([part[k] for k in chosen] for part in (logits, targets))
        if also is not None:
            times = max(1, round(sum(map(len, right)) / len(also[1])))
            rows, right = [*rows, *[also[0]] * times], [*right, *[also[1]] * times]
        return calibrate(np.concatenate(rows), np.concatenate(right), accuracy)

    whole = of(folds)
    return whole, [of([j for j in folds if j != k]) if len(folds) > 1 else whole for k in folds]
