"""Training streams of many people before simulated cameras, made once and kept on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.extractors import anatomy, pose, space
from models.training import kept
from models.training.actions import (
    body,
    camera,
    errors,
    gestures,
    lift,
    motions,
    people,
    recordings,
    reels,
    skeletons,
    stills,
    streams,
    tape,
)
from models.training.actions.streams import Stream, Studio

SECONDS = 40.0  # of a stream
SOURCES = (
    anatomy,
    body,
    camera,
    errors,
    gestures,
    lift,
    motions,
    people,
    pose,
    recordings,
    reels,
    skeletons,
    space,
    stills,
    streams,
    tape,
)  # what a stream depends on


def simulate(
    studio: Studio, count: int, seed: int, cache: Path | None, progress: bool = True
) -> list[Stream]:
    """``count`` streams of a studio; kept in ``cache``, whole, and read from there the next time."""
    recipe = [studio.material, studio.classes, studio.rate, count, seed, SECONDS]
    file = kept.place(cache, "actions", SOURCES, recipe)
    stored = kept.load(file, ("ends", "tokens", "labels", "poses", "motions"))
    if stored is not None and len(stored[0]) == count:
        parts = [np.split(rows, stored[0][:-1]) for rows in stored[1:]]
        return [Stream(*part) for part in zip(*parts, strict=True)]
    made = []
    for i in tqdm(range(count), desc="simulate", unit="stream", disable=not progress):
        made.append(studio.stream(np.random.default_rng([seed, i]), SECONDS))
    if file is not None:  # else nothing is to be copied
        kept.save(
            file,
            tokens=np.concatenate([s.tokens for s in made]),
            labels=np.concatenate([s.labels for s in made]),
            poses=np.concatenate([s.poses for s in made]),
            motions=np.concatenate([s.motions for s in made]),
            ends=np.cumsum([len(s.labels) for s in made]),
        )
    return made
