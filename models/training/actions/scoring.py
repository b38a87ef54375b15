"""Judging an action model as it is used: token by token, on clips of people it never saw."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.extractors.pose import LEGWORK
from models.training.actions.camera import draw_view
from models.training.actions.motions import MOTIONS
from models.training.actions.skeletons import RATE, Clip
from models.training.actions.streams import UNSAID, Studio
from models.training.calibration import softmax
from models.training.metrics import decisions, report

DRAWN = 40  # clips of each class that no recording has


@dataclass(frozen=True, eq=False)
class Case:
    """A stream whose ticks with a label are judged; those of one label are one clip."""

    name: str
    tokens: np.ndarray  # (K, F)
    labels: np.ndarray  # (K,)


def cases(studio: Studio, clips: Iterable[Clip], views: int = 1) -> list[Case]:
    """Recordings, each before ``views`` cameras, the same ones each time; and drawn clips of what is missing.

    Actions of the legs and the whole body are seen whole, the others cut by the picture's edge as it comes.
    """
    made, clips = [], list(clips)
    for clip in clips:
        for view in range(views):
            rng = np.random.default_rng([zlib.crc32(clip.name.encode()), view])
            whole = clip.label in (*LEGWORK, "bend")
            stream = studio.clip(rng, clip, draw_view(rng, "full" if whole else None))
            made.append(Case(f"{clip.name}/{view}", stream.tokens, stream.labels))
    recorded = {clip.label for clip in clips}
    for name in studio.classes:
        if name not in recorded and name != "idle":
            made += _drawn(studio, name)
    return made


def _drawn(studio: Studio, name: str) -> list[Case]:
    motion, (low, high) = MOTIONS[name]
    made = []
    for number in range(DRAWN):
        rng = np.random.default_rng([zlib.crc32(name.encode()), number])
        movement = motion(rng, int(rng.uniform(low, high) * RATE)).joints()
        clip = Clip(f"drawn/{name}/{number}", "drawn", name, movement, 0, len(movement))
        view = draw_view(rng, "full" if name == "jumping jack" else None)
        stream = studio.clip(rng, clip, view)
        made.append(Case(clip.name, stream.tokens, stream.labels))
    return made


def judge(
    logits: Sequence[np.ndarray],
    judged: Sequence[Case],
    classes: Sequence[str],
    temperature: float,
    threshold: float,
    hold: int | None = None,
    rate: float = 1.0,
) -> dict[str, Any]:
    """The figures of :func:`models.training.metrics.report` over the ticks of all cases that have a label.

    A clip is the ticks of one case with one label: what a person rests before an action counts as idle.
    With ``hold`` (ticks, of which there are ``rate`` a second) there is ``decision`` too, of the clips that
    are not idle: see :func:`models.training.metrics.decisions`.
    """
    rows, targets, names = [], [], []
    for case, scores in zip(judged, logits, strict=True):
        said = case.labels != UNSAID
        rows.append(scores[said])
        targets.append(case.labels[said])
        names += [f"{case.name}: {classes[label]}" for label in case.labels[said]]
    probabilities = softmax(np.concatenate(rows), temperature)
    labels, clips = np.concatenate(targets), np.array(names)
    figures = report(probabilities, labels, clips, classes, threshold)
    if hold is not None:
        active = labels != classes.index("idle")
        figures["decision"] = decisions(
            probabilities[active], labels[active], clips[active], threshold, hold, rate
        )
    return figures
