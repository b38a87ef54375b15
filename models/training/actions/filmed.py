"""Labelled films, which train nothing: what a model names in them, and how sure it has to be of a name.

Weights that learnt from seventeen films of nine people named less in films of others, and more of it wrongly,
than weights that never saw a film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from models.extractors.pose import vectors
from models.training.actions.film import SLACK, Watched, score
from models.training.actions.labelled import NO_ACTION, ROUNDED, SKIP, Film
from models.training.actions.learner import RATE, fold
from models.training.calibration import Calibration, softmax
from models.training.metrics import named, steadied

# Share of what is named of people held out that ought to be right, of each action.  Chosen among .98 and .985
# (by fewer streams .975 and .99, too) by films, so that these figures of film are a little optimistic.
SURE = 0.98
# And of gestures of the arms.  Of what people held out do much is a movement of an arm that is none of them
# (something written in the air, a throw, a knock, a stroke of tennis): far more than in film, where by .90
# still none of these four was named wrongly, and .98 of streams left most of what is right unsaid.  A clap is
# not among them: arms that open and close before a chest are one by .97.
SURE_OF_ARMS = 0.95
ARMS = ("wave", "two-hand wave", "arms raised", "punch")
# Share of the ticks that it may be named in, of which an action must be named to be named at all: what is
# sure enough for less is so by a few streams.
WORTH = 0.03
STRAY = 0.006  # share of the ticks of films held out that an action may be named wrongly in
# Seconds about a span within which its name is held against nobody: as in a film's score, and as much more as
# labels by eye may be off.  What has to be refused is another movement, not a name that stays.
NEAR = SLACK + ROUNDED
FEWEST = 15  # ticks that a threshold must have been seen to accept
LEAST, MOST = 0.75, 0.99  # thresholds that a label may have
UNNAMED = 0.35  # the threshold of labels that claim no action: to show one wrongly does no harm


@dataclass(frozen=True, eq=False)
class Footage:
    """A labelled film, and what the window sees in it.

    Attributes
    ----------
    film : Film
    times : ndarray of shape (K,)
        Seconds, of each tick.
    poses : ndarray of shape (K, 13, 6)
        As :func:`models.extractors.pose.pose_joints` gives them; all zero where there is nobody.
    """

    film: Film
    times: np.ndarray
    poses: np.ndarray

    @property
    def person(self) -> str:
        return f"film/{self.film.person}"

    @property
    def tokens(self) -> np.ndarray:
        """What the model sees (K, F)."""
        return vectors(self.poses, RATE)

    @property
    def somebody(self) -> np.ndarray:
        """Whether there is a person at each tick (K,)."""
        return np.asarray(np.abs(self.poses).max((1, 2)) > 0)


class Said(NamedTuple):
    """Of ticks of people who trained nothing: mean probabilities (N, C), and what may be named (N, C).

    As in a film a name is not wrong SLACK seconds before and after: to speak of what has just ended is no
    confusion, and a threshold that counted it as one would refuse the slow and sure actions most.
    """

    means: np.ndarray
    may_be: np.ndarray


def thresholds(
    said: Said,
    films: Sequence[Footage],
    logits: Sequence[np.ndarray],
    classes: Sequence[str],
    calibration: Calibration,
    hold: int,
) -> dict[str, float]:
    """The rejection threshold of each label.

    An action's is the lowest above which SURE (of ARMS: SURE_OF_ARMS) of the ticks of people held out are
    right, and above which no more than STRAY of the ticks of films are named so wrongly, see
    :func:`models.training.metrics.named`; not counting what is NEAR a span of that name.  It is MOST where
    that would name less than WORTH of what may be named.

    Parameters
    ----------
    said : Said
    films : sequence of Footage
    logits : sequence of ndarray of shape (K, C)
        Of each film.
    classes : sequence of str
    calibration : Calibration
    hold : int
        Ticks of which the mean is named.
    """
    likely = [
        steadied(softmax(part, calibration.temperature), hold, film.somebody)
        for film, part in zip(films, logits, strict=True)
    ]
    rows, top = said.means, said.means.argmax(1)
    chosen = {}
    for k, name in enumerate(classes):
        if name in NO_ACTION:
            chosen[name] = UNNAMED
            continue
        order = np.argsort(-rows[top == k, k], kind="stable")
        confidence, right = rows[top == k, k][order], said.may_be[top == k, k][order]
        so_far = np.cumsum(right)
        wanted = SURE_OF_ARMS if name in ARMS else SURE
        good = np.flatnonzero(so_far >= wanted * np.arange(1, len(right) + 1))
        good = good[(good >= FEWEST) & (so_far[good] >= WORTH * said.may_be[:, k].sum())]
        sure = float(confidence[good[-1]]) if len(good) else MOST
        stray, ticks = [np.zeros(0)], 0
        for film, (seen, whole) in zip(films, likely, strict=True):
            scored, may_be = _may_be(film, name)
            stray.append(seen[scored & whole & ~may_be & (seen.argmax(1) == k), k])
            ticks += int(scored.sum())
        wrong = np.sort(np.concatenate(stray))[::-1]
        allowed = int(STRAY * ticks)
        strict = float(wrong[allowed]) + 1e-6 if len(wrong) > allowed else 0.0
        chosen[name] = float(np.clip(max(sure, strict), LEAST, MOST))
    return chosen


def _may_be(film: Footage, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Which ticks (K,) of a film have a label, and which of them are in or NEAR a span of this name."""
    scored, may_be = np.zeros((2, len(film.times)), bool)
    for span in film.film.spans:
        inside = (film.times >= span.start) & (film.times <= span.end)
        scored |= inside & film.somebody & (span.label != SKIP)
        if span.label == name:
            may_be |= (film.times >= span.start - NEAR) & (film.times <= span.end + NEAR)
    return scored, may_be


def watched(
    film: Footage, likely: np.ndarray, classes: Sequence[str], threshold: Sequence[float], hold: int
) -> Watched:
    """What the window would name in a film of these probabilities (K, C)."""
    said = named(likely, threshold, hold, film.somebody)
    confident = said >= 0
    names = [classes[best] if best >= 0 else "not sure" for best in said]
    took = np.zeros(len(names))
    return Watched(float(film.times[-1]), "", film.times, names, confident, likely.argmax(1), took)


def film_figures(
    said: Said,
    films: Sequence[Footage],
    logits: Sequence[np.ndarray],
    classes: Sequence[str],
    calibration: Calibration,
    hold: int,
) -> dict[str, Any]:
    """For the card: how films are named, by thresholds that were chosen without the people in them.

    As of :func:`thresholds`; ``hold`` is how many ticks the mean is of that is named.
    """
    seen = []
    for film, rows in zip(films, logits, strict=True):
        others = [k for k, other in enumerate(films) if fold(other.person) != fold(film.person)]
        strangers, theirs = [films[k] for k in others], [logits[k] for k in others]
        own = thresholds(said, strangers, theirs, classes, calibration, hold)
        likely = softmax(rows, calibration.temperature)
        seen.append((film.film, watched(film, likely, classes, list(own.values()), hold)))
    figures = score(seen, classes, RATE)
    result: dict[str, Any] = {}
    for name in ("clean", "hard"):
        if group := figures[name]:
            scored = ("films", "ticks", "right", "right_ci", "wrong", "wrong_ci", "top_right")
            result[name] = {key: group[key] for key in (*scored, "wrong_names_a_minute", "spans")}
            result[name]["by_class"] = {
                label: {key: own[key] for key in ("ticks", "right", "wrong", "top_right")}
                for label, own in group["by_class"].items()
            }
    return result
