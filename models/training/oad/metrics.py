"""Per-frame average precision and its calibrated form, as online action detection is scored.

For one class, with the frames in falling order of their score::

    AP  = 1/P · sum over positives of  TP / (TP + FP)
    cAP = 1/P · sum over positives of  w·TP / (w·TP + FP),    w = negatives / positives

TP and FP count down to and with that positive.  cAP (De Geest et al., 2016) is what AP would be if there were
as many positives as negatives.  Frames of equal score enter together, so that no figure depends on the order
in which frames happen to stand; without ties this is the authors' evaluation to the digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.training.calibration import softmax

# What the authors' data loader leaves out: windows end at frame 63 at the earliest, and must be followed by
# 8 frames for OadTR's decoder and, by its range's end, by one more.
UNSCORED_FIRST, UNSCORED_LAST = 63, 9
PAPER_CLASSES = 21  # those that their evaluation looks at, of 22 (THUMOS14) and of 31 (TVSeries)


def average_precision(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """AP and cAP of one class.

    Parameters
    ----------
    scores : ndarray of shape (N,)
    positive : ndarray of shape (N,), bool

    Returns
    -------
    (float, float)
        nan where there is no positive.

    Raises
    ------
    ValueError
        Shapes that differ, or a score that is nan.
    """
    if scores.shape != positive.shape or scores.ndim != 1:
        raise ValueError(f"expected scores and positives (N,), got {scores.shape} and {positive.shape}")
    if np.isnan(scores).any():
        raise ValueError("a score is nan")
    total = int(positive.sum())
    if not total:
        return math.nan, math.nan
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)  # of each run of equal scores
    tp = np.cumsum(positive[order])[last]
    fp = last + 1 - tp
    gained = np.diff(tp, prepend=0)
    w = (len(scores) - total) / total
    precision = tp / (tp + fp)
    calibrated = np.divide(w * tp, w * tp + fp, out=np.ones(len(tp)), where=fp > 0)  # 1 without a false one
    return float(gained @ precision / total), float(gained @ calibrated / total)


def scored_frames(targets: np.ndarray, ambiguous: int | None, as_in_paper: bool) -> np.ndarray:
    """Which frames (T,) of a video's labels (T, C) count."""
    counts = np.ones(len(targets), bool)
    if ambiguous is not None:
        counts &= targets.argmax(1) != ambiguous
    if as_in_paper:
        counts[:UNSCORED_FIRST] = False
        counts[max(0, len(targets) - UNSCORED_LAST) :] = False
    return counts


def scored_classes(count: int, ambiguous: int | None, as_in_paper: bool) -> list[int]:
    """Which of ``count`` classes are scored, the background among them."""
    kept = [k for k in range(count) if k != ambiguous]
    return kept[:PAPER_CLASSES] if as_in_paper else kept


def probabilities(logits: np.ndarray, ambiguous: int | None, as_in_paper: bool) -> np.ndarray:
    """Softmax (N, K) of logits (N, C) over the classes that are scored, the background among them."""
    return softmax(logits[:, scored_classes(logits.shape[1], ambiguous, as_in_paper)])


def detection_report(scores: np.ndarray, targets: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """mAP and mcAP over all classes but the background, which is the first.

    Parameters
    ----------
    scores : ndarray of shape (N, K)
    targets : ndarray of shape (N, C), C >= K
        A frame is a positive of a class whose label is 1.
    classes : sequence of C names

    Returns
    -------
    dict
        JSON-ready: ``mAP``, ``mcAP`` (null where no class has a positive), ``frames``, ``AP`` and ``cAP`` by
        class (null for a class without a positive, which no mean counts).
    """
    values = [average_precision(scores[:, k], targets[:, k] == 1) for k in range(1, scores.shape[1])]
    names = classes[1 : scores.shape[1]]

    def column(which: int) -> tuple[float | None, dict[str, float | None]]:
        present = [value[which] for value in values if not math.isnan(value[which])]
        by_class = {
            name: None if math.isnan(value[which]) else value[which]
            for name, value in zip(names, values, strict=True)
        }
        return (float(np.mean(present)) if present else None), by_class

    (ap, by_class), (cap, c_by_class) = column(0), column(1)
    return {"mAP": ap, "mcAP": cap, "frames": len(scores), "AP": by_class, "cAP": c_by_class}
