"""Labelled films as a ``film.json`` tells of them: who is seen, and what they do from when to when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROUNDED = 0.3  # seconds to which labels by eye are true: by so much a span may outlast its film
NO_ACTION = ("idle", "other")
SKIP = "skip"  # label of what is not scored: titles, nobody


class Span(NamedTuple):
    """Somebody does one thing from ``start`` to ``end``, in seconds."""

    start: float
    end: float
    label: str
    remark: str


@dataclass(frozen=True)
class Film:
    """A film and what is seen in it; ``hard``: cut off, hidden or with things drawn in, scored apart."""

    path: Path
    person: str
    hard: bool
    spans: tuple[Span, ...]


def read_films(path: Path, classes: Sequence[str]) -> tuple[list[Film], list[str]]:
    """The films that a ``film.json`` tells of, which lie beside it; and what of it cannot be used, and why.

    Parameters
    ----------
    path : Path
        ``{"films": [{"file", "person", "hard", "spans": [{"start", "end", "label", "remark"}]}]}``;
        ``person``, ``hard`` and ``remark`` may be missing.  A span of "other" whose remark is the name of
        a class, as "push-ups" is, is of that class: it was labelled before there was one.
    classes : sequence of str
        The labels a span may have, beside ``skip``.

    Raises
    ------
    ValueError
        The file is no JSON, or of another shape, or no film of it is left.
    OSError
        It cannot be read.
    """
    try:
        listed = json.loads(path.read_text("utf-8"))["films"]
        if not isinstance(listed, list):
            raise TypeError(f"films is a {type(listed).__name__}")
    except (ValueError, KeyError, TypeError) as error:
        wanted = 'expected JSON of the form {"films": [{"file": …, "spans": […]}]}'
        raise ValueError(f"{path} is no list of labelled films ({_told(error)}): {wanted}") from error
    films: list[Film] = []
    faults: list[str] = []
    for number, row in enumerate(listed, 1):
        if not isinstance(row, dict) or not isinstance(row.get("file"), str):
            faults.append(f"{path.name}: film {number} is {_short(row)}, expected an object with a file")
        elif not isinstance(row.get("spans"), list):
            found = _short(row.get("spans"))
            faults.append(f"{path.name}: the spans of {row['file']} are {found}, expected a list")
        elif not (path.parent / row["file"]).is_file():
            faults.append(f"{path.name}: {row['file']} is not in {path.parent}, where its film ought to be")
        else:
            spans = []
            for k, span in enumerate(row["spans"], 1):
                read = _span(span, classes)
                if isinstance(read, Span):
                    spans.append(read)
                else:
                    faults.append(f"{path.name}: span {k} of {row['file']} {read}")
            person = str(row.get("person") or row["file"])
            films.append(Film(path.parent / row["file"], person, bool(row.get("hard")), tuple(spans)))
    if not films:
        raise ValueError("\n".join([*faults, f"{path} has no film to score"]))
    return films, faults


def _span(row: Any, classes: Sequence[str]) -> Span | str:
    """A span, or what is wrong with it."""
    try:
        start, end, label = float(row["start"]), float(row["end"]), row["label"]
    except (KeyError, TypeError, ValueError):
        return f"is {_short(row)}, expected start and end in seconds and a label"
    if label not in classes and label != SKIP:
        return f"has the label {label!r}, expected one of {', '.join(classes)} or {SKIP}"
    if not 0 <= start < end < float("inf"):
        return f"goes from {start:g} s to {end:g} s, expected 0 <= start < end"
    remark = str(row.get("remark", ""))
    meant = remark.removesuffix("s")
    return Span(start, end, meant if label == "other" and meant in classes else label, remark)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def _told(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def within(film: Film, duration: float) -> tuple[Film, list[str]]:
    """The film without the spans that it is too short for, and what they were."""
    kept = tuple(span for span in film.spans if span.end <= duration + ROUNDED)
    faults = [
        f"{film.path.name}: {span.label} goes from {span.start:g} s to {span.end:g} s, the film to "
        f"{duration:.2f} s"
        for span in film.spans
        if span not in kept
    ]
    return Film(film.path, film.person, film.hard, kept), faults
