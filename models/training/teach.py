"""Teaching: a shipped model learns a few classes of a user's own from a few takes, and keeps what it knew.

The head of a copy gets a row for each new class, and the whole copy learns on: on takes that they are the new
classes; on everything else (drawn movement, statistics of music, the user's own nothing) that it is what the
shipped model said of it.  So one Continual Transformer names the old classes and the new ones, at the cost
of the shipped one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.continual.classifier import ContinualTransformer
from models.training.teach_school import Material, Pace, Pupil, School, with_classes

LEAST = 2  # takes of a class: one is left out of a training for the score
FOLDS = 5  # trainings for the score at most


@dataclass(frozen=True, eq=False)
class Take:
    """Something done or heard once.

    Attributes
    ----------
    label : str
        The class; "" for nothing.
    data : ndarray of shape (T, ...)
        A row a tick: joints (13, 6), or a token of sound (F,).
    source : str
        Where it comes from, for the messages.
    """

    label: str
    data: np.ndarray
    source: str


def sort_out(takes: Sequence[Take], labels: Sequence[str]) -> tuple[list[Take], list[str]]:
    """The takes that can be learnt from, and a line for each thing that cannot.

    Parameters
    ----------
    takes : sequence of Take
    labels : sequence of str
        Names that the shipped model gives already.
    """
    faults = []
    taken = {name.casefold(): name for name in labels}
    of: dict[str, list[Take]] = {}
    for take in takes:
        of.setdefault(take.label, []).append(take)
    known: dict[bytes, str] = {}  # data -> the class that has it
    kept: list[Take] = []
    for name, own in of.items():
        if name.casefold() in taken:
            faults.append(f"{name} is not learnt: the model has a class {taken[name.casefold()]} already.")
            continue
        copies = [take for take in own if known.get(take.data.tobytes(), name) != name]
        if copies:
            other = known[copies[0].data.tobytes()] or "nothing"
            both = f"{other} and {name or 'nothing'}"
            faults.append(f"{copies[0].source} is a take of both {both}: it stays with {other}.")
        once: dict[bytes, Take] = {}
        for take in own:
            if take not in copies:
                once.setdefault(take.data.tobytes(), take)
        if len(once) + len(copies) < len(own):
            faults.append(f"{name or 'nothing'} has the same take more than once: it counts once.")
        if name and len(once) < LEAST:
            faults.append(
                f"{name} is not learnt: it has {len(once)} take{'s' * (len(once) != 1)} of its own, expected "
                f"at least {LEAST}, better three."
            )
            continue
        known |= dict.fromkeys(once, name)
        kept += once.values()
    return kept, faults


def teach(
    base: ContinualTransformer,
    card: Mapping[str, Any],
    takes: Sequence[Take],
    material: Material,
    *,
    hold: float,
    seed: int = 0,
    pace: Pace | None = None,
    pupil: Pupil = with_classes,
    progress: Callable[[float], None] = lambda share: None,
    command: str = "",
) -> tuple[ContinualTransformer, dict[str, Any]]:
    """Teach a copy of a model the classes of these takes.

    Each take is first left out of a training once (of more than five of a class, a fifth of them at a time):
    what those models say of what they never saw gives the score and the new classes' thresholds.  Then
    all takes train the one that is returned.

    Parameters
    ----------
    base : ContinualTransformer
        Of one block, or streaming-deep.
    card : dict
        Its card.
    takes : sequence of Take
        As :func:`sort_out` leaves them.
    material : Material
    hold : float
        Seconds that an answer must stand before it counts.
    seed : int
    pace : Pace, optional
    pupil : callable
        What learns: by default all of a copy, see :func:`models.training.teach_school.with_classes`.
    progress : callable
        Told the share that is done after each step; what it raises ends the training.
    command : str
        For the card.

    Returns
    -------
    model : ContinualTransformer
    card : dict
        Of the base, with the new labels, their thresholds and scores, and what was taught (``taught``).

    Raises
    ------
    ValueError
        No class is left to be learnt, or the model is too deep.
    """
    names = list(dict.fromkeys(take.label for take in takes if take.label))
    if not names:
        raise ValueError("there is no class to learn: expected at least one with two takes")
    if len(base.blocks) > 1 and not base.streaming:
        raise ValueError(f"the model has {len(base.blocks)} blocks, expected 1 to be taught")
    pace = pace or Pace()
    school = School(base, card, names, material, pace, seed, pupil)
    of_class = [[material.prepared(t.data) for t in takes if t.label == name] for name in names]
    nothing = [take.data for take in takes if not take.label]
    folds = min(FOLDS, max(map(len, of_class)))

    def part_of(k: int) -> Callable[[float], None]:
        return lambda share: progress((k + share) / (folds + 1))

    exams = []
    for k in range(folds):
        training = [[t for i, t in enumerate(own) if i % folds != k] for own in of_class]
        held = [[t for i, t in enumerate(own) if i % folds == k] for own in of_class]
        calm = [t for i, t in enumerate(nothing) if i % folds != k]
        unseen = [t for i, t in enumerate(nothing) if i % folds == k]
        pupil = school.learn(training, calm, part_of(k), everything=False)
        exams.append(school.examine(pupil, held, calm, unseen))
    thresholds = school.thresholds(exams, hold)
    scores = school.scores(exams, thresholds, hold)
    model = school.learn(of_class, nothing, part_of(folds), everything=True)
    progress(1.0)
    return model, _card(card, takes, names, school.of_all(thresholds), scores, seed, command)


def _card(
    old: Mapping[str, Any],
    takes: Sequence[Take],
    names: Sequence[str],
    thresholds: np.ndarray,
    scores: Mapping[str, Any],
    seed: int,
    command: str,
) -> dict[str, Any]:
    """The base's card with what was taught; ``thresholds`` are of all labels."""
    own = {name: [take for take in takes if take.label == name] for name in (*names, "")}
    seconds = {name: round(sum(len(t.data) for t in part) / old["rate"], 1) for name, part in own.items()}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    labels = [*old["labels"], *names]
    every = dict(zip(labels, thresholds.tolist(), strict=True))
    return dict(old) | {
        "labels": labels,
        "thresholds": every,
        "taught": {
            "classes": {name: f"{len(own[name])} takes, {seconds[name]} s" for name in names},
            "nothing": f"{len(own[''])} takes, {seconds['']} s",
            "date": today,
            "leave_one_take_out": dict(scores),
            "note": "Each take by a training that never saw it; wrong names a minute of "
            "nothing and of what was made for the purpose.  The scores below are the shipped model's.",
        },
        "limits": f"{', '.join(names)}: learnt from the takes of whoever taught them, and known of "
        f"nobody else.  {old['limits']}",
        "command": command or old["command"],
        "seed": seed,
        "date": today,
    }
