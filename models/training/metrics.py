"""How right a classifier is, and how sure we may be of that figure.

Everywhere ``probabilities`` is an array (N, C) whose rows sum to 1 and ``targets`` an array (N,) of class
indices.  Nothing here knows of a task.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

Interval = tuple[float, float]
STAYS = 0.9  # of the threshold that a name had to reach: from there on it stays, for a while
STILL = 0.25  # what the newest tick may lack of that threshold: where it lacks more, it has ended
Threshold = float | Sequence[float] | np.ndarray  # of rejection: one, or each class's own


def _check(probabilities: np.ndarray, targets: np.ndarray) -> None:
    if probabilities.ndim != 2 or targets.shape != probabilities.shape[:1] or not len(targets):
        raise ValueError(
            f"expected probabilities (N, C) and targets (N,) with N >= 1, "
            f"got {probabilities.shape} and {targets.shape}"
        )


def accuracy(probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Share of rows whose most probable class is the target."""
    return top_k(probabilities, targets, 1)


def top_k(probabilities: np.ndarray, targets: np.ndarray, k: int) -> float:
    """Share of rows whose target is among the k most probable classes."""
    return float(_in_top(probabilities, targets, k).mean())


def _in_top(probabilities: np.ndarray, targets: np.ndarray, k: int) -> np.ndarray:
    _check(probabilities, targets)
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]  # (N, k)
    return (best == targets[:, None]).any(1)


def confusion(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Counts of shape (C, C): row = true class, column = named class."""
    _check(probabilities, targets)
    counts = np.zeros((probabilities.shape[1],) * 2, np.int64)
    np.add.at(counts, (targets, probabilities.argmax(1)), 1)
    return counts


def recall(counts: np.ndarray) -> np.ndarray:
    """Recall of each class (C,) from a confusion matrix; nan for a class without examples."""
    total = counts.sum(1)
    return np.divide(np.diag(counts), total, out=np.full(len(counts), np.nan), where=total > 0)


def expected_calibration_error(probabilities: np.ndarray, targets: np.ndarray, bins: int = 15) -> float:
    """Mean distance of confidence from accuracy over equally wide bins of confidence (Guo et al. 2017)."""
    _check(probabilities, targets)
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == targets
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(bin_of, weights=confidence - right, minlength=bins)
    return float(np.abs(gap).sum() / len(targets))


def taken(probabilities: np.ndarray, threshold: Threshold) -> np.ndarray:
    """Which rows (N,) are at least as confident as the threshold, or as that of the class on top."""
    of_class = np.broadcast_to(np.asarray(threshold, float), probabilities.shape[1:])
    return probabilities.max(1) >= of_class[probabilities.argmax(1)]


def steadied(
    probabilities: np.ndarray, hold: int, there: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Mean probabilities (K, C) of the newest ``hold`` ticks, and whether there have been so many (K,).

    ``there`` (K,) tells at which ticks there is somebody: a mean begins anew after one without.
    """
    ticks = np.arange(len(probabilities))
    there = np.ones(len(ticks), bool) if there is None else there
    count = np.minimum(ticks - np.maximum.accumulate(np.where(there, -1, ticks)), hold)  # (K,)
    sums = np.concatenate([np.zeros((1, probabilities.shape[1])), np.cumsum(probabilities, 0, float)])
    mean = (sums[1:] - sums[ticks + 1 - count]) / np.maximum(count, 1)[:, None]
    return mean, count >= hold


def named(
    probabilities: np.ndarray, threshold: Threshold, hold: int, there: np.ndarray | None = None
) -> np.ndarray:
    """The class that each tick (K,) has for a name, -1 for none: the rule that the window names by.

    It is on top of the mean of the newest ``hold`` ticks and reaches its threshold there and in the newest
    of them, so that nothing begins to be named while it ends.  A mean forgives a tick that is less sure than
    the others; that each had to be sure left two thirds of what is right unsaid.  While it is on top, reaches
    STAYS of its threshold, and lacks no more than STILL of it in the newest tick, it stays for fewer than
    ``hold`` ticks more: what is a little less sure than a moment ago is seldom something else, and what has
    ended shows in the newest tick before it does in the mean.  ``there`` as of :func:`steadied`.
    """
    mean, whole = steadied(probabilities, hold, there)
    top, ticks = mean.argmax(1), np.arange(len(mean))
    most, newest = mean[ticks, top], probabilities[ticks, top]  # (K,)
    least = np.broadcast_to(np.asarray(threshold, float), mean.shape[1:])[top]  # (K,)
    sure = whole & (np.minimum(most, newest) >= least)
    stays = whole & (most >= STAYS * least) & (newest >= least - STILL)
    begins = ~stays | (top != np.roll(top, 1)) | (ticks == 0)
    begun = np.maximum.accumulate(np.where(begins, ticks, 0))  # since when it is on top, and sure enough
    last = np.maximum.accumulate(np.where(sure, ticks, -hold))  # when something was sure
    return np.where(stays & (last >= begun) & (ticks - last < hold), top, -1)


def selective(probabilities: np.ndarray, targets: np.ndarray, threshold: Threshold) -> tuple[float, float]:
    """Coverage (share of rows at least as confident as ``threshold``) and accuracy on those (nan: none)."""
    _check(probabilities, targets)
    kept = taken(probabilities, threshold)
    right = probabilities.argmax(1) == targets
    return float(kept.mean()), float(right[kept].mean()) if kept.any() else math.nan


def wilson(successes: float, n: int, z: float = 1.959964) -> Interval:
    """Wilson's 95 % interval of a share of n independent trials."""
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"expected 0 <= successes <= n and n >= 1, got {successes} of {n}")
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def bootstrap(values: np.ndarray, groups: np.ndarray, draws: int = 1000, seed: int = 0) -> Interval:
    """95 % interval of the mean of ``values`` (N,) when those of one group (a track, a person) hang together.

    Whole groups are drawn with replacement, since the ticks of one recording are far from independent.
    """
    _, index = np.unique(groups, return_inverse=True)
    count = np.bincount(index)
    total = np.bincount(index, weights=values)
    drawn = np.random.default_rng(seed).integers(len(count), size=(draws, len(count)))
    means = total[drawn].sum(1) / count[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def bootstrap_recall(
    right: np.ndarray, targets: np.ndarray, groups: np.ndarray, draws: int = 1000, seed: int = 0
) -> Interval:
    """95 % interval of the mean recall over the classes of ``targets`` (N,), ``right`` (N,) or not.

    Whole groups are drawn with replacement, as in :func:`bootstrap`; a draw's mean is over its own classes.
    """
    _, group = np.unique(groups, return_inverse=True)
    _, column = np.unique(targets, return_inverse=True)
    hits, total = (np.zeros((group.max() + 1, column.max() + 1)) for _ in range(2))  # (groups, classes)
    np.add.at(hits, (group, column), right)
    np.add.at(total, (group, column), 1)
    drawn = np.random.default_rng(seed).integers(len(total), size=(draws, len(total)))
    had, there = hits[drawn].sum(1), total[drawn].sum(1)  # (draws, classes)
    recalls = np.divide(had, there, out=np.full(had.shape, np.nan), where=there > 0)
    low, high = np.quantile(np.nanmean(recalls, 1), [0.025, 0.975])
    return float(low), float(high)


def decisions(
    streams: Sequence[np.ndarray],
    targets: Sequence[int],
    spans: Sequence[tuple[float, float]],
    threshold: Threshold,
    hold: int,
    rate: float,
    rest: Collection[int] = (),
) -> dict[str, Any]:
    """How soon after it begins something is named, by the rule that the window names by.

    See :func:`named`; the ticks before it began are part of the mean.

    Parameters
    ----------
    streams : sequence of ndarray of shape (K, C)
        Probabilities of every tick, calibrated.
    targets : sequence of int
        What is done in each stream.
    spans : sequence of (float, float)
        From when to when it is done, in seconds after the stream's first tick.
    threshold : float or sequence of C float
    hold : int
    rate : float
        Ticks a second.
    rest : collection of int
        Classes that are no name for what is done, and that may stand when it begins.

    Returns
    -------
    dict
        JSON-ready: ``n``; the share ``named`` rightly (before anything else), ``misnamed`` (something else
        first), the others are never named while they are done; of those named rightly ``median_s`` and
        ``p90_s`` seconds from the beginning (null: none), and ``within_1_2_s``, the share of all that were
        named rightly in 1.2 s.  Null where there is none at all.
    """
    seconds, wrong = [], 0
    for probabilities, target, (begin, end) in zip(streams, targets, spans, strict=True):
        for tick, answer in enumerate(named(probabilities, threshold, hold)):
            if not begin <= tick / rate <= end or answer < 0 or answer in rest:
                continue
            if answer == target:
                seconds.append(tick / rate - begin)
            else:
                wrong += 1
            break
    n = len(streams)
    return {
        "n": n,
        "named": len(seconds) / n if n else None,
        "misnamed": wrong / n if n else None,
        "median_s": float(np.median(seconds)) if seconds else None,
        "p90_s": float(np.quantile(seconds, 0.9)) if seconds else None,
        "within_1_2_s": float(np.sum(np.array(seconds) <= 1.2) / n) if n else None,
    }


def by_clip(
    probabilities: np.ndarray, targets: np.ndarray, clips: Sequence[Any] | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean probabilities of each clip's ticks (K, C), its target (K,) and its name (K,), sorted by name.

    Raises
    ------
    ValueError
        A clip with two targets.
    """
    _check(probabilities, targets)
    names, index = np.unique(np.asarray(clips), return_inverse=True)
    count = np.bincount(index)
    mean = np.zeros((len(names), probabilities.shape[1]))
    np.add.at(mean, index, probabilities)
    target = np.zeros(len(names), np.int64)
    target[index] = targets
    if (target[index] != targets).any():
        raise ValueError("a clip has more than one target")
    return mean / count[:, None], target, names


def report(
    probabilities: np.ndarray,
    targets: np.ndarray,
    clips: Sequence[Any] | np.ndarray,
    labels: Sequence[str],
    threshold: Threshold,
    people: Sequence[Any] | np.ndarray | None = None,
) -> dict[str, Any]:
    """The figures that ``evaluate`` prints, from the probabilities of every tick of every clip.

    Parameters
    ----------
    probabilities : ndarray of shape (N, C)
        Calibrated, one row a tick.
    targets : ndarray of shape (N,)
    clips : sequence of N names
        Which clip (track) each tick is of; a clip is judged by its mean probabilities.
    labels : sequence of C class names
    threshold : float or sequence of C float
        Rejection threshold, or that of each class.
    people : sequence of N names, optional
        Whose clip each tick is of: those of one person hang together.

    Returns
    -------
    dict
        JSON-ready.  By tick: ``tick_accuracy``, ``tick_top3``, ``ece``, ``coverage``,
        ``selective_accuracy``; by clip: ``clip_accuracy``, ``top3``, ``per_class`` (recall by class name,
        only classes that occur), ``mean_recall``, ``confusion`` (a row for each true class, in the order of
        ``labels``); ``n`` clips and ``n_ticks``; each accuracy with a 95 % interval ``…_ci`` (bootstrap over
        people; without them ticks: bootstrap over clips; clips: Wilson).
    """
    clip_of = np.asarray(clips)
    group_of = clip_of if people is None else np.asarray(people)
    clip_probabilities, clip_targets, names = by_clip(probabilities, targets, clip_of)
    n = len(names)
    right = probabilities.argmax(1) == targets
    kept = taken(probabilities, threshold)
    coverage, selective_accuracy = selective(probabilities, targets, threshold)
    counts = confusion(clip_probabilities, clip_targets)
    recalls = recall(counts)
    clip_right = _in_top(clip_probabilities, clip_targets, 1)
    clip_top3 = _in_top(clip_probabilities, clip_targets, 3)
    _, first = np.unique(clip_of, return_index=True)

    def of_clips(had: np.ndarray) -> Interval:
        return wilson(int(had.sum()), n) if people is None else bootstrap(had, group_of[first])

    return {
        "n": n,
        "n_ticks": len(targets),
        "tick_accuracy": float(right.mean()),
        "tick_accuracy_ci": bootstrap(right, group_of),
        "tick_top3": top_k(probabilities, targets, 3),
        "clip_accuracy": float(clip_right.mean()),
        "clip_accuracy_ci": of_clips(clip_right),
        "top3": float(clip_top3.mean()),
        "top3_ci": of_clips(clip_top3),
        "ece": expected_calibration_error(probabilities, targets),
        "threshold": threshold if isinstance(threshold, float) else list(threshold),
        "coverage": coverage,
        "selective_accuracy": selective_accuracy if kept.any() else None,
        "selective_accuracy_ci": bootstrap(right[kept], group_of[kept]) if kept.any() else None,
        "per_class": {name: float(r) for name, r in zip(labels, recalls, strict=True) if not np.isnan(r)},
        "mean_recall": float(np.nanmean(recalls)),
        "confusion": counts.tolist(),
        "labels": list(labels),
    }
