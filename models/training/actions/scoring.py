"""Judging an action model as it is used: token by token, on clips of people it never saw."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from models.extractors.pose import LEGWORK
from models.training.actions.camera import draw_view
from models.training.actions.motions import MOTIONS
from models.training.actions.recordings import Flat
from models.training.actions.skeletons import RATE, Clip
from models.training.actions.streams import UNSAID, Studio
from models.training.calibration import softmax
from models.training.metrics import Threshold, bootstrap_recall, decisions, report

DRAWN = 40  # clips of each class that no recording has
LEAD = 2.0  # seconds that a person stands before each clip


@dataclass(frozen=True, eq=False)
class Case:
    """A clip before a camera, after somebody's rest if it has depth; ticks with a label are judged.

    Attributes
    ----------
    name, person : str
    drawn : bool
        Whether no person ever did it.
    tokens : ndarray of shape (K, F)
    labels : ndarray of shape (K,)
    span : (float, float)
        From when to when the person moves, in seconds after the first tick.
    """

    name: str
    person: str
    drawn: bool
    tokens: np.ndarray
    labels: np.ndarray
    span: tuple[float, float]


def cases(studio: Studio, clips: Iterable[Clip | Flat], views: int = 1, drawn: bool = False) -> list[Case]:
    """Recordings, each before ``views`` cameras, the same ones each time; with ``drawn`` what they lack, too.

    Actions of the legs and the whole body are seen whole, the others cut by the picture's edge as it comes.
    """
    clips = list(clips)
    made = [
        _case(studio, f"{clip.name}/{view}", [zlib.crc32(clip.name.encode()), view], clip)
        for clip in clips
        for view in range(views)
    ]
    if drawn:
        recorded = {clip.label for clip in clips}
        for name in studio.classes:
            if name in MOTIONS and name not in recorded and name != "idle":
                made += [_drawn(studio, name, number) for number in range(DRAWN)]
    return made


def _case(studio: Studio, name: str, seed: list[int], clip: Clip | Flat, drawn: bool = False) -> Case:
    rng = np.random.default_rng(seed)
    whole = clip.label in (*LEGWORK, "bend")
    stream = studio.clip(rng, clip, draw_view(rng, "full" if whole else None), LEAD)
    if isinstance(clip, Flat):  # shown without a rest before it
        end = len(stream.tokens) / studio.rate
        return Case(name, clip.person, drawn, stream.tokens, stream.labels, (0.0, end))
    before = int(LEAD * RATE)  # frames
    # A camera's first picture comes a little after the beginning, and the first tick with it.
    first = int((before + len(clip.joints)) / RATE * studio.rate) - len(stream.tokens)
    begin, end = ((before + frame) / RATE - first / studio.rate for frame in (clip.start, clip.stop))
    return Case(name, clip.person, drawn, stream.tokens, stream.labels, (begin, end))


def _drawn(studio: Studio, name: str, number: int) -> Case:
    motion, (low, high) = MOTIONS[name]
    rng = np.random.default_rng([zlib.crc32(name.encode()), number])
    movement = motion(rng, int(rng.uniform(low, high) * RATE)).joints()
    clip = Clip(f"drawn/{name}/{number}", "drawn", name, movement, 0, len(movement))
    return _case(studio, clip.name, [zlib.crc32(name.encode()), number, 1], clip, drawn=True)


class _Clip(NamedTuple):
    """The ticks of one case with one label."""

    name: str
    case: Case
    label: int
    probabilities: np.ndarray  # (k, C)


def judge(
    logits: Sequence[np.ndarray],
    judged: Sequence[Case],
    classes: Sequence[str],
    temperature: float,
    threshold: Threshold,
    hold: int | None = None,
    rate: float = 1.0,
) -> dict[str, Any]:
    """The figures of :func:`models.training.metrics.report` over recorded clips of actions.

    Parameters
    ----------
    logits : sequence of ndarray of shape (K, C)
        Of each case.
    judged : sequence of Case
    classes : sequence of str
    temperature : float
    threshold : float or sequence of C float
        Rejection threshold, or that of each class.
    hold : int, optional
        Ticks that an answer must stand before it is a name.
    rate : float
        Ticks a second.

    Returns
    -------
    dict
        JSON-ready.  Of recorded clips, ``idle`` left out: the figures of ``report``, but ``mean_recall`` is
        that of the actions (with ``mean_recall_ci``), ``other`` having its ``other_recall``; all intervals by
        bootstrap over people, of whom there are ``people``.  Apart: ``rest``, how people stand before they do
        something (``n``, ``clip_recall``, ``tick_recall``); ``drawn``, the ``per_class`` and ``mean_recall``
        of what nobody recorded (null if it was not asked for).  With ``hold`` ``decision``: how soon the
        recorded actions are named, see :func:`models.training.metrics.decisions` (``other`` is no name for an
        action, and no wrong one), the share ``named_by_class``, and ``other_misnamed``, the share of the
        recordings of ``other`` that are named as an action.

    Raises
    ------
    ValueError
        Nobody does anything in these cases.
    """
    idle, other = (classes.index(name) for name in ("idle", "other"))
    likely = [softmax(row, temperature) for row in logits]
    parts: dict[str, list[_Clip]] = {"recorded": [], "rest": [], "drawn": []}
    for case, rows in zip(judged, likely, strict=True):
        for label in np.unique(case.labels[case.labels != UNSAID]):
            part = "drawn" if case.drawn else "rest" if label == idle else "recorded"
            if not (case.drawn and label == idle):
                name = f"{case.name}: {classes[label]}"
                parts[part].append(_Clip(name, case, int(label), rows[case.labels == label]))
    if not parts["recorded"]:
        raise ValueError("nobody does anything in this data: expected recordings of actions")
    figures = _report(parts["recorded"], classes, threshold)
    figures |= _recalls(parts["recorded"], figures, classes)
    figures["rest"] = None
    if parts["rest"]:
        rest = _report(parts["rest"], classes, threshold)
        shares = {"clip_recall": rest["clip_accuracy"], "tick_recall": rest["tick_accuracy"]}
        figures["rest"] = {"n": rest["n"], "n_ticks": rest["n_ticks"]} | shares
    figures["drawn"] = None
    if parts["drawn"]:
        drawn = _report(parts["drawn"], classes, threshold)
        figures["drawn"] = {name: drawn[name] for name in ("n", "mean_recall", "per_class")}
    if hold is not None:
        shortest_first = sorted(parts["recorded"], key=lambda clip: len(clip.probabilities))
        done = {id(clip.case): clip.label for clip in shortest_first}
        acted = [(case, rows) for case, rows in zip(judged, likely, strict=True) if id(case) in done]

        def decided(chosen: list[tuple[Case, np.ndarray]], rest: list[int]) -> dict[str, Any]:
            streams = [rows for _, rows in chosen]
            targets, spans = [done[id(case)] for case, _ in chosen], [case.span for case, _ in chosen]
            return decisions(streams, targets, spans, threshold, hold, rate, rest)

        of_class = {
            label: [pair for pair in acted if done[id(pair[0])] == label]
            for label in sorted(set(done.values()))
        }
        strange = decided(of_class.pop(other, []), [idle])
        known = decided([pair for pairs in of_class.values() for pair in pairs], [idle, other])
        shares = {classes[k]: decided(pairs, [idle, other])["named"] for k, pairs in of_class.items()}
        figures["decision"] = known | {"named_by_class": shares, "other_misnamed": strange["misnamed"]}
    return figures


def _report(clips: Sequence[_Clip], classes: Sequence[str], threshold: Threshold) -> dict[str, Any]:
    lengths = [len(clip.probabilities) for clip in clips]
    return report(
        np.concatenate([clip.probabilities for clip in clips]),
        np.repeat([clip.label for clip in clips], lengths),
        np.repeat([clip.name for clip in clips], lengths),
        classes,
        threshold,
        np.repeat([clip.case.person for clip in clips], lengths),
    )


def _recalls(clips: Sequence[_Clip], figures: dict[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """Mean recall of the actions, with its interval, and the recall of ``other``."""
    other = classes.index("other")
    acted = [clip for clip in clips if clip.label != other]
    recalls = [value for name, value in figures["per_class"].items() if name != "other"]
    right = np.array([clip.probabilities.mean(0).argmax() == clip.label for clip in acted])
    labels, people = [clip.label for clip in acted], [clip.case.person for clip in acted]
    interval = bootstrap_recall(right, np.array(labels), np.array(people)) if acted else None
    return {
        "people": len({clip.case.person for clip in clips}),
        "mean_recall": float(np.mean(recalls)) if recalls else None,
        "mean_recall_ci": interval,
        "other_recall": figures["per_class"].get("other"),
    }
