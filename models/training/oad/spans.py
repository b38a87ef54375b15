"""A table of spans, as people write it, to labels by frame: ``video,start,end,label`` in seconds."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

COLUMNS = ("video", "start", "end", "label")
BACKGROUND = "Background"


class Span(NamedTuple):
    """One row: what is done in ``video`` from ``start`` to ``end``, seconds; ``row`` of the table."""

    video: str
    start: float
    end: float
    label: str
    row: int


@dataclass
class Labelled:
    """Labels of videos.

    Attributes
    ----------
    classes : tuple of str
        The background first.
    targets : dict of str to ndarray of shape (T, C)
        One-hot, by video.
    skipped : list of str
        Rows and videos that cannot be used, and why.
    """

    classes: tuple[str, ...]
    targets: dict[str, np.ndarray] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


def read_spans(path: str | Path) -> list[Span]:
    """Read a CSV whose first row names the columns; a video's name may have its ending.

    Raises
    ------
    ValueError
        Not such a table, a time that is none, a span that ends before it begins: with the row.
    OSError
        It cannot be read.
    """
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        try:
            rows = list(csv.DictReader(file))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path} is no CSV in UTF-8: {error}") from error
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if not rows or missing:
        what = f"lacks the column {missing[0]}" if missing else "has no rows"
        raise ValueError(f"{path} {what}; expected {','.join(COLUMNS)}")
    spans = []
    for number, row in enumerate(rows, 2):
        try:
            start, end = float(row["start"]), float(row["end"])
        except (TypeError, ValueError):
            raise ValueError(
                f"{path}, row {number}: {row['start']!r} to {row['end']!r}, expected seconds"
            ) from None
        if not (math.isfinite(start) and math.isfinite(end) and 0 <= start < end):
            raise ValueError(f"{path}, row {number}: from {start:g} s to {end:g} s is no span")
        label = (row["label"] or "").strip()
        if not label:
            raise ValueError(f"{path}, row {number}: no label")
        spans.append(Span(Path((row["video"] or "").strip()).stem, start, end, label, number))
    return spans


def label_frames(
    spans: Sequence[Span],
    lengths: Mapping[str, int],
    rate: float,
    *,
    middle: bool = False,
    classes: Sequence[str] = (),
) -> Labelled:
    """Labels of every frame of features of each video.

    Parameters
    ----------
    spans : sequence of Span
    lengths : dict of str to int
        Frames of features, by video.
    rate : float
        Of them, a second.
    middle : bool
        A frame is a chunk, and its label that of its middle; otherwise that of its moment.
    classes : sequence of str
        The classes there are; by default those of the table, by name.

    Returns
    -------
    Labelled
        Without the spans and videos that cannot be used, which it names: a span outside its video, of an
        unknown class, or that overlaps one of another class; a video without features.
    """
    known = [name for name in classes if name != BACKGROUND] or sorted({span.label for span in spans})
    made = Labelled((BACKGROUND, *(name for name in known if name != BACKGROUND)))
    index = {name: number for number, name in enumerate(made.classes)}
    for video in sorted({span.video for span in spans} - set(lengths)):
        made.skipped.append(f"{video}: it has spans and no features")
    taken: dict[str, list[Span]] = {video: [] for video in lengths}
    for span in spans:
        if span.video not in lengths:
            continue
        duration = lengths[span.video] / rate
        clash = [
            other
            for other in taken[span.video]
            if other.label != span.label and other.start < span.end and span.start < other.end
        ]
        if span.start >= duration or span.end > duration + 1 / rate:
            made.skipped.append(
                f"row {span.row}: {span.start:g} to {span.end:g} s, and {span.video} has {duration:g} s"
            )
        elif span.label not in index:
            made.skipped.append(
                f"row {span.row}: {span.label!r} is none of the classes {', '.join(made.classes)}"
            )
        elif clash:
            made.skipped.append(
                f"row {span.row}: {span.label} from {span.start:g} s overlaps {clash[0].label} "
                f"of row {clash[0].row}, to {clash[0].end:g} s"
            )
        else:
            taken[span.video].append(span)
    for video, length in lengths.items():
        if not taken[video]:
            made.skipped.append(f"{video}: no span of it; a row of {BACKGROUND} takes it in")
            continue
        at = (np.arange(length) + (0.5 if middle else 0.0)) / rate  # seconds
        named = np.zeros(length, np.int64)
        for span in taken[video]:
            named[(at >= span.start) & (at < span.end)] = index[span.label]
        made.targets[video] = np.eye(len(made.classes), dtype=np.float32)[named]
    return made


def write_labels(
    made: Labelled, out: Path, dataset: str, test: Sequence[str] | float
) -> tuple[list[str], list[str]]:
    """Write ``target_perframe/X.npy`` and ``data_info.json``; returns the videos of train and test.

    Parameters
    ----------
    made : Labelled
    out : Path
        The folder.
    dataset : str
        Its name.
    test : sequence of str, or float
        Videos to test on; or what share of them, at least one, spread over the classes by turns.

    Raises
    ------
    ValueError
        Fewer than two videos, a test video that is not there, a share that leaves none to train on.
    """
    names = sorted(made.targets)
    if len(names) < 2:
        raise ValueError(f"labelled videos: {len(names)}, expected at least 2: to train on, to test on")
    if isinstance(test, float):
        if not 0 < test < 1:
            raise ValueError(f"the share to test on is {test:g}, expected between 0 and 1")
        # By their commonest action, so that each class is dealt out in turn.
        kind = {name: Counter(made.targets[name].argmax(1)[made.targets[name][:, 0] == 0]) for name in names}
        order = sorted(names, key=lambda name: (kind[name].most_common(1)[0][0] if kind[name] else 0, name))
        every = max(2, round(1 / test))
        chosen = order[every - 1 :: every] or order[-1:]
    else:
        unknown = [name for name in test if name not in names]
        if unknown:
            raise ValueError(f"no labels of {unknown[0]} to test on; there are {', '.join(names)}")
        chosen = list(test)
    train = [name for name in names if name not in chosen]
    if not train:
        raise ValueError(f"all {len(names)} videos are to be tested on: none is left to train on")
    folder = out / "target_perframe"
    folder.mkdir(parents=True, exist_ok=True)
    for name, targets in made.targets.items():
        np.save(folder / f"{name}.npy", targets)
    info = {
        dataset: {
            "class_index": list(made.classes),
            "train_session_set": train,
            "test_session_set": sorted(chosen),
        }
    }
    (out / "data_info.json").write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")
    return train, sorted(chosen)
