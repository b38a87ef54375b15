"""Labelled film: what the pipeline named of people, beside what they do in it, by tick, class and span."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from models.training.actions.labelled import NO_ACTION, SKIP, Film, Span
from models.training.metrics import bootstrap
from models.training.streaming_scores import NONE, Answers, out_at, streaming_scores

SLACK = 0.7  # seconds about a span in which its name is not wrong: labels and names come late
LEAD = 0.5  # seconds at a film's beginning that are not scored: nothing can have a name yet
WITHIN = 1.2  # seconds within which a span ought to be named
LONG = 2.0  # seconds from which on every span ought to be named


@dataclass(frozen=True, eq=False)
class Watched:
    """What the pipeline answered to a film.

    Attributes
    ----------
    duration : float
        Seconds of the film that could be had.
    truncated : str
        Why that is not all of it; "" if it is.
    times : ndarray of shape (T,)
        Media time of each answer.
    names : sequence of T str
        What the window shows: a class, or why there is none.
    confident : ndarray of shape (T,), bool
        Whether that is a class.
    top : ndarray of shape (T,), int
        The most probable class, whether it is shown or not.
    seconds : ndarray of shape (T,)
        How long the model took for each.
    """

    duration: float
    truncated: str
    times: np.ndarray
    names: Sequence[str]
    confident: np.ndarray
    top: np.ndarray
    seconds: np.ndarray


class _Tick(NamedTuple):
    """A tick that is scored; ``name`` is what was shown, ``top`` the most probable class."""

    span: Span
    time: float
    name: str
    top: str
    verdict: str  # right, wrong or refused


class _Judged(NamedTuple):
    film: Film
    watched: Watched
    ticks: list[_Tick]


def score(seen: Sequence[tuple[Film, Watched]], classes: Sequence[str], rate: float) -> dict[str, Any]:
    """How rightly films were named.

    A tick within a span is *right* when the name shown is the span's, *wrong* when it is another action's and
    not that of a span within 0.7 s, else *refused*: nothing is named, or ``idle`` or ``other`` of an action.
    The first half second of a film is not scored, nor is what no span covers.

    Parameters
    ----------
    seen : sequence of (Film, Watched)
    classes : sequence of str
    rate : float
        Ticks a second.

    Returns
    -------
    dict
        JSON-ready: the rule's constants; ``clean``, ``hard`` and ``all`` (null without a tick) and ``films``,
        each with its spans.  Of a group: the shares of its ``ticks`` (with 95 % intervals ``…_ci`` by
        bootstrap over people), ``wrong_names`` (runs of one wrong name) and those a minute, ``spans`` of
        actions (how many were ``named``, how soon, and of those that last 2 s), ``by_class`` with what its
        ticks were shown as (``said``), and ``streaming``, the figures of
        :func:`models.training.streaming_scores.streaming_scores`, without slack, and the same
        ``with_run_time`` of the model.
    """
    judged = [_Judged(film, watched, _ticks(film, watched, classes)) for film, watched in seen]
    result: dict[str, Any] = {"slack_s": SLACK, "lead_s": LEAD}
    for name, wanted in (("clean", (False,)), ("hard", (True,)), ("all", (False, True))):
        part = [one for one in judged if one.ticks and one.film.hard in wanted]
        result[name] = _group(part, classes, rate) if part else None
    result["films"] = [_of_film(one) for one in judged]
    return result


def _ticks(film: Film, watched: Watched, classes: Sequence[str]) -> list[_Tick]:
    """The ticks of a film that are scored, and how."""
    ticks = []
    columns = zip(watched.times, watched.names, watched.confident, watched.top, strict=True)
    for time, name, sure, top in columns:
        span = next((span for span in film.spans if span.start <= time <= span.end), None)
        if time < LEAD or span is None or span.label == SKIP:
            continue
        near = {other.label for other in film.spans if other.start - SLACK <= time <= other.end + SLACK}
        if sure and name == span.label:
            verdict = "right"
        elif sure and name not in near and name not in NO_ACTION:
            verdict = "wrong"
        else:
            verdict = "refused"
        ticks.append(_Tick(span, float(time), name, classes[top], verdict))
    return ticks


def _shares(ticks: Sequence[_Tick]) -> dict[str, Any]:
    """Shares of some ticks; null if there are none."""
    n, count = len(ticks), Counter(tick.verdict for tick in ticks)
    count["top_right"] = sum(tick.top == tick.span.label for tick in ticks)
    names = ("right", "wrong", "refused", "top_right")
    return {"ticks": n} | {name: count[name] / n if n else None for name in names}


def _wrong_names(ticks: Sequence[_Tick]) -> int:
    """Runs of ticks of one film that show the same wrong name."""
    shown = [tick.name if tick.verdict == "wrong" else "" for tick in ticks]
    return sum(bool(name) and name != before for name, before in zip(shown, ["", *shown], strict=False))


def _group(films: Sequence[_Judged], classes: Sequence[str], rate: float) -> dict[str, Any]:
    ticks = [tick for film in films for tick in film.ticks]
    people = np.array([film.film.person for film in films for _ in film.ticks])
    figures: dict[str, Any] = {"films": len(films)} | _shares(ticks)
    for name in ("right", "wrong"):
        figures[f"{name}_ci"] = bootstrap(np.array([tick.verdict == name for tick in ticks]), people)
    wrong = sum(_wrong_names(film.ticks) for film in films)
    figures |= {"wrong_names": wrong, "wrong_names_a_minute": wrong / (len(ticks) / rate / 60)}
    figures["spans"] = _how_soon(films)
    figures["by_class"] = {}
    for label in classes:
        if own := [tick for tick in ticks if tick.span.label == label]:
            figures["by_class"][label] = _shares(own) | {"said": _counted(tick.name for tick in own)}
    return figures | {"streaming": _streaming(films, classes, 1 / rate)}


def _counted(names: Iterable[str]) -> dict[str, int]:
    """How often each comes, the most frequent first."""
    return dict(Counter(names).most_common())


def _named_after(film: _Judged, span: Span) -> float | None:
    """Seconds from a span's start until its name is shown."""
    right = (tick.time for tick in film.ticks if tick.span is span and tick.verdict == "right")
    return next((time - span.start for time in right), None)


def _how_soon(films: Sequence[_Judged]) -> dict[str, Any]:
    """How many spans of actions are named, and how soon."""
    spans = [
        (span.end - span.start, _named_after(film, span))
        for film in films
        for span in film.film.spans
        if span.label not in (*NO_ACTION, SKIP)
    ]
    after = [seconds for _, seconds in spans if seconds is not None]
    lasting = [seconds for length, seconds in spans if length >= LONG]
    return {
        "n": len(spans),
        "named": len(after),
        "of_2_s": len(lasting),
        "of_2_s_named": sum(seconds is not None for seconds in lasting),
        "median_s": float(np.median(after)) if after else None,
        "within_1_2_s": sum(seconds <= WITHIN for seconds in after) / len(spans) if spans else None,
    }


def _streaming(films: Sequence[_Judged], classes: Sequence[str], period: float) -> dict[str, Any]:
    nothing = [k for k, name in enumerate(classes) if name in NO_ACTION]
    streams = [_answers(film, classes, period) for film in films]
    late = [out_at(stream.times, film.watched.seconds) for stream, film in zip(streams, films, strict=True)]
    taken = float(np.median(np.concatenate([film.watched.seconds for film in films])))
    slow = {"seconds_p50": taken} | streaming_scores(streams, classes, nothing, late)
    return streaming_scores(streams, classes, nothing) | {"with_run_time": slow}


def _answers(film: _Judged, classes: Sequence[str], period: float) -> Answers:
    watched = film.watched
    truth = np.full(len(watched.times), NONE)
    for span in film.film.spans:
        if span.label != SKIP:
            truth[(watched.times >= max(span.start, LEAD)) & (watched.times <= span.end)] = classes.index(
                span.label
            )
    shown = zip(watched.names, watched.confident, strict=True)
    said = np.array([classes.index(name) if sure else NONE for name, sure in shown], np.int64)
    return Answers(watched.times, period, said, truth, watched.confident)


def _of_film(film: _Judged) -> dict[str, Any]:
    spans = []
    for span in film.film.spans:
        own = [tick for tick in film.ticks if tick.span is span]
        spans.append(
            span._asdict()
            | _shares(own)
            | {"named_after_s": _named_after(film, span)}
            | {"said": _counted(tick.name for tick in own), "on_top": _counted(tick.top for tick in own)}
        )
    about = {"file": film.film.path.name, "person": film.film.person, "hard": film.film.hard}
    wrong = {"seconds": film.watched.duration, "wrong_names": _wrong_names(film.ticks)}
    return about | wrong | _shares(film.ticks) | {"spans": spans}
