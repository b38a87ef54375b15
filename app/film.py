"""`evaluate actions --film`: labelled films through the window's own session, and how rightly named."""

from __future__ import annotations

import hashlib
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from app.capture.media import CaptureError, Notice
from app.capture.media_file import MediaFile
from app.pipeline.session import Session
from app.pipeline.state import Prediction, TaskInfo
from models.training import streaming_scores
from models.training.actions.film import LONG, WITHIN, Watched, score
from models.training.actions.labelled import Film, read_films, within


class Watcher:
    """Shows films, one after the other, to a session that names actions only.

    Parameters
    ----------
    weights : path

    Raises
    ------
    ValueError
        The weights, or their extractor, cannot be used.
    """

    def __init__(self, weights: Path) -> None:
        self._predictions: list[Prediction] = []
        self._faults: list[Notice] = []
        self._session = Session(
            actions=weights,
            tasks=("actions",),
            on_prediction=lambda given: self._predictions.append(given),
            on_notice=self._told,
        )
        if "actions" not in self._session.tasks:
            notices = self._session.snapshot().notices
            self._session.close()
            raise ValueError(" ".join(f"{notice.cause} {notice.remedy}".strip() for notice in notices))

    @property
    def info(self) -> TaskInfo:
        return self._session.tasks["actions"]

    def __call__(self, path: Path) -> Watched:
        """What is named in a film.

        Raises
        ------
        CaptureError
            It cannot be read, has no picture, or breaks in the middle.
        """
        source = MediaFile(path)
        if "video" not in source.kinds:
            raise CaptureError(f"{path.name} has no picture.")
        self._predictions.clear()
        self._faults.clear()
        self._session.open_source(source)
        self._session.wait_ended()
        if self._faults:
            raise CaptureError(f"{path.name}: {self._faults[0].cause}", self._faults[0].remedy)
        given = self._predictions
        return Watched(
            duration=source.decoded,  # not what the header says
            truncated=source.truncated,
            times=np.array([prediction.time for prediction in given]),
            names=[prediction.label for prediction in given],
            confident=np.array([prediction.confident for prediction in given], bool),
            top=np.array([prediction.probabilities.argmax() for prediction in given], np.int64),
            seconds=np.array([prediction.seconds for prediction in given]),
        )

    def close(self) -> None:
        self._session.close()

    def _told(self, notice: Notice) -> None:
        if notice.level == "error":
            self._faults.append(notice)


def evaluate(listed: Path, weights: Path, jobs: int = 1) -> dict[str, Any]:
    """Score what is named in labelled films, see :func:`models.training.actions.film.score`.

    Parameters
    ----------
    listed : Path
        See :func:`models.training.actions.labelled.read_films`.
    weights : Path
    jobs : int
        Films at once, each in a process of its own.

    Returns
    -------
    dict
        With ``skipped`` too, a line for each film or span that could not be used.

    Raises
    ------
    ValueError
        The weights or the list cannot be used, or no film can.
    OSError
        One of them cannot be read.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}, expected at least 1")
    watcher = Watcher(weights)
    try:
        info = watcher.info
        films, skipped = read_films(listed, info.labels)
        seen = []
        for film, watched in zip(films, _watched(watcher, weights, films, jobs), strict=True):
            if isinstance(watched, str):
                skipped.append(watched)
                continue
            if watched.truncated:
                skipped.append(f"{film.path.name}: used as far as it goes: {watched.truncated}")
            film, faults = within(film, watched.duration)
            skipped += faults
            seen.append((film, watched))
    finally:
        watcher.close()
    if not seen:
        raise ValueError("\n".join([*skipped, f"{listed} has no film that can be scored"]))
    about = {"weights": {"file": weights.name, "sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}}
    return about | score(seen, info.labels, info.rate) | {"skipped": skipped}


def _watched(watcher: Watcher, weights: Path, films: Sequence[Film], jobs: int) -> Iterator[Watched | str]:
    """What is named in each film, or why it cannot be had; in order."""
    paths = [film.path for film in films]
    bar = {"desc": "films", "total": len(paths), "unit": "film", "disable": sys.stderr is None}
    if jobs == 1:
        yield from tqdm((_watch(watcher, path) for path in paths), **bar)
        return
    with ProcessPoolExecutor(min(jobs, len(paths)), get_context("spawn"), _hire, (weights,)) as pool:
        try:
            yield from tqdm(pool.map(_watch_hired, paths), **bar)
        except BaseException:  # Ctrl-C, too: else all films are shown before it ends
            pool.shutdown(cancel_futures=True)
            raise


def _watch(watcher: Watcher, path: Path) -> Watched | str:
    try:
        return watcher(path)
    except CaptureError as error:
        return " ".join(str(error).split())


_hired: Watcher  # of a process of its own


def _hire(weights: Path) -> None:
    global _hired
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: who hired ends it
    torch.set_num_threads(1)
    _hired = Watcher(weights)


def _watch_hired(path: Path) -> Watched | str:
    return _watch(_hired, path)


def in_words(figures: dict[str, Any]) -> str:
    """The figures as tables."""
    head = f"{'':15} ticks  right  wrong  refused  on top  "
    lines = [f"{head}wrong names a minute  spans named  in {WITHIN} s  median"]
    for name in ("clean", "hard", "all"):
        if group := figures[name]:
            spans = group["spans"]
            lines.append(
                f"{_row(name, group)}  {group['wrong_names']:3} {group['wrong_names_a_minute']:16.1f}  "
                f"{spans['named']:4} of {spans['n']:<4}  {_share(spans['within_1_2_s'])}   "
                f"{_seconds(spans['median_s'])}"
            )
    for name in ("clean", "hard"):
        if group := figures[name]:
            lines += _group_in_words(name, group)
    lines += ["", "by span: when named, share of its ticks right and wrong; what was shown; what was on top"]
    for film in figures["films"]:
        lines.append(f"{film['file']}{' (hard)' if film['hard'] else ''}")
        for span in film["spans"]:
            if span["ticks"]:
                lines.append(
                    f"  {span['start']:5.1f} to {span['end']:5.1f} s  {span['label']:13} "
                    f"{_seconds(span['named_after_s']):>7}  {_share(span['right'])} {_share(span['wrong'])}  "
                    f"shown {_counts(span['said'])}; on top {_counts(span['on_top'])}"
                )
    return "\n".join(lines)


def _group_in_words(name: str, group: dict[str, Any]) -> list[str]:
    spans, late = group["spans"], group["streaming"]["with_run_time"]
    right, wrong = (" to ".join(f"{end:.3f}" for end in group[f"{key}_ci"]) for key in ("right", "wrong"))
    return [
        "",
        f"{name}, 95 % by people: right {right}, wrong {wrong}; of the spans of {LONG:g} s and more "
        f"{spans['of_2_s_named']} of {spans['of_2_s']} named",
        f"  as a stream                     {streaming_scores.in_words(group['streaming'])}",
        f"  with the model's own {1e3 * late['seconds_p50']:5.1f} ms   {streaming_scores.in_words(late)}",
        *(
            f"{_row('  ' + label, own)}  shown {_counts(own['said'])}"
            for label, own in group["by_class"].items()
        ),
    ]


def _row(name: str, figures: dict[str, Any]) -> str:
    shares = "  ".join(_share(figures[key]) for key in ("right", "wrong"))
    return (
        f"{name:15}{figures['ticks']:6,}  {shares}  {_share(figures['refused'])}    "
        f"{_share(figures['top_right'])} "
    )


def _share(value: float | None) -> str:
    return "none " if value is None else f"{value:.3f}"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
