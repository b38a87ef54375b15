"""Scores of a stream's answers that punish what annoys people, and count an answer only when it is out.

An answer holds from the moment it is out until the next one is; the truth of a tick holds until the next
tick.  So all is measured in seconds, and a slow model is right later than a fast one that says the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

NONE = -1  # said: no answer; truth: not scored
OVERLAPS = (0.1, 0.25, 0.5)  # intersection over union from which a segment counts as found


@dataclass(frozen=True, eq=False)
class Answers:
    """What was said in one stream, and what was so.

    Attributes
    ----------
    times : ndarray of shape (T,)
        Seconds at which each tick's token was there, rising.
    period : float
        Seconds from one tick to the next: how long the last one lasts.
    said, truth : ndarray of shape (T,), int
        Classes; NONE where nothing was said, or where nothing is scored.
    sure : ndarray of shape (T,), bool
        Whether the answer was given for certain.
    """

    times: np.ndarray
    period: float
    said: np.ndarray
    truth: np.ndarray
    sure: np.ndarray


def out_at(times: np.ndarray, seconds: np.ndarray, skips: bool = False) -> np.ndarray:
    """When each tick's answer is out (T,), if its token is there at ``times`` and takes ``seconds``.

    One token is worked on at a time.  A state must be stepped by every token, so one that is late waits in
    line; with ``skips`` the newest token is taken instead, as windows can, and those it passes over are never
    answered (inf).
    """
    out, free, k = np.full(len(times), np.inf), -np.inf, 0
    while k < len(times):
        free = out[k] = max(free, times[k]) + seconds[k]
        k = max(k + 1, int(np.searchsorted(times, free, "right")) - 1) if skips else k + 1
    return out


def streaming_scores(
    streams: Sequence[Answers],
    classes: Sequence[str],
    background: Collection[int],
    out: Sequence[np.ndarray] | None = None,
) -> dict[str, Any]:
    """Point and segment F1, detection delay and the wrong-and-sure rate of answers.

    Parameters
    ----------
    streams : sequence of Answers
        Each of at least one tick.
    classes : sequence of str
    background : collection of int
        Classes that are no action: to say one of an action misses it, and is no false alarm.
    out : sequence of ndarray of shape (T,), optional
        When each answer was out, see :func:`out_at`; at once by default.

    Returns
    -------
    dict
        JSON-ready.  ``point_f1`` over all scored seconds, ``point_f1_by_class`` of each action that occurs
        and their mean ``point_f1_mean``; ``segment_f1`` by least overlap (Lea et al., 2017: each segment of
        truth is found once at most, what else was said is a false alarm); ``delay``: ``n`` segments of truth,
        the share ``found`` of which the right answer came before they ended, and after how many seconds
        (``median_s``, ``p90_s``); ``wrong_and_sure``, the share of the scored seconds in which another action
        was named for certain.  Null where there is nothing to divide by.
    """
    actions = [k for k in range(len(classes)) if k not in background]
    hits, alarms, lacks = (np.zeros(len(classes)) for _ in range(3))  # seconds by class
    found = {least: np.zeros(3) for least in OVERLAPS}  # segments: hits, false alarms, missed
    delays: list[float] = []
    segments, scored, wrong_and_sure = 0, 0.0, 0.0
    for k, stream in enumerate(streams):
        begin, end, said, truth, sure = _pieces(stream, None if out is None else out[k])
        length = end - begin
        for action in actions:
            hits[action] += length[(said == action) & (truth == action)].sum()
            alarms[action] += length[(said == action) & (truth != action)].sum()
            lacks[action] += length[(said != action) & (truth == action)].sum()
        scored += float(length[truth != NONE].sum())
        wrong = sure & (said != truth) & np.isin(said, actions)
        wrong_and_sure += float(length[wrong].sum())
        told, true = (_segments(begin, end, labels, actions) for labels in (said, truth))
        segments += len(true)
        for first, last, action in true:
            right = (said == action) & (begin >= first) & (end <= last)
            if right.any():
                delays.append(float(begin[right][0] - first))
        for least, counts in found.items():
            counts += _matched(told, true, least)
    by_class = {classes[a]: _f1(hits[a], alarms[a], lacks[a]) for a in actions if hits[a] + lacks[a] > 0}
    present = [value for value in by_class.values() if value is not None]
    return {
        "point_f1": _f1(hits.sum(), alarms.sum(), lacks.sum()),
        "point_f1_mean": float(np.mean(present)) if present else None,
        "point_f1_by_class": by_class,
        "segment_f1": {str(least): _f1(*counts) for least, counts in found.items()},
        "delay": {
            "n": segments,
            "found": len(delays) / segments if segments else None,
            "median_s": float(np.median(delays)) if delays else None,
            "p90_s": float(np.quantile(delays, 0.9)) if delays else None,
        },
        "wrong_and_sure": wrong_and_sure / scored if scored else None,
    }


def _pieces(stream: Answers, out: np.ndarray | None) -> tuple[np.ndarray, ...]:
    """Begin, end, answer, truth and certainty of the pieces of time in which none of them changes."""
    times = stream.times
    if not len(times):
        raise ValueError("a stream has no tick, expected at least one")
    stop = times[-1] + stream.period
    out = times if out is None else out
    answered = np.flatnonzero(np.isfinite(out))
    edges = np.unique(np.concatenate([times, out[answered], [stop]]))
    edges = edges[(edges >= times[0]) & (edges <= stop)]
    begin, end = edges[:-1], edges[1:]
    tick = np.searchsorted(times, begin, "right") - 1
    answer = np.searchsorted(out[answered], begin, "right") - 1  # -1: none is out yet
    which = answered[np.maximum(answer, 0)]
    truth = stream.truth[tick]
    scored = (truth != NONE) & (answer >= 0)
    said = np.where(scored, stream.said[which], NONE)
    return begin, end, said, truth, scored & stream.sure[which]


def _segments(
    begin: np.ndarray, end: np.ndarray, labels: np.ndarray, actions: Sequence[int]
) -> list[tuple[float, float, int]]:
    """Runs of one action, as (begin, end, class)."""
    starts = np.flatnonzero(np.diff(labels, prepend=NONE - 1))
    stops = np.append(starts[1:], len(labels)) - 1
    runs = zip(starts, stops, strict=True)
    return [(float(begin[a]), float(end[b]), int(labels[a])) for a, b in runs if labels[a] in actions]


def _matched(
    told: Sequence[tuple[float, float, int]], true: Sequence[tuple[float, float, int]], least: float
) -> np.ndarray:
    """How many of the segments told are hits, how many false alarms, and how many true ones are missed."""
    taken = [False] * len(true)
    hits = 0
    for begin, end, label in told:
        overlaps = [
            (min(end, last) - max(begin, first)) / (max(end, last) - min(begin, first))
            if label == action
            else 0.0
            for first, last, action in true
        ]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= least and not taken[best]:
            taken[best] = True
            hits += 1
    return np.array([hits, len(told) - hits, len(true) - hits], float)


def _f1(hits: float, alarms: float, lacks: float) -> float | None:
    whole = 2 * hits + alarms + lacks
    return float(2 * hits / whole) if whole else None


def in_words(figures: dict[str, Any]) -> str:
    """The figures of :func:`streaming_scores` in a line."""

    def share(value: float | None) -> str:
        return "none" if value is None else f"{value:.3f}"

    delay = figures["delay"]
    after = "" if delay["median_s"] is None else f" after {delay['median_s']:.2f} s"
    segments = ", ".join(f"{share(value)} ({least})" for least, value in figures["segment_f1"].items())
    return (
        f"point F1 {share(figures['point_f1'])}, segment F1 {segments}, "
        f"found {share(delay['found'])}{after}, wrong and sure {share(figures['wrong_and_sure'])}"
    )
