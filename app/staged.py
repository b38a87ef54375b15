"""Strangers' clips before the real pose network: each recording done by a rendered body, for who judges."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app import acted
from models.training import kept
from models.training.actions import scoring
from models.training.actions.camera import View
from models.training.actions.recordings import Flat
from models.training.actions.scoring import Case, cases
from models.training.actions.skeletons import Clip
from models.training.actions.streams import UNSAID, Stream, Studio

Rng = np.random.Generator


class Stage(Studio):
    """A studio whose streams the window's own pose network sees, of rendered people."""

    def see(
        self, rng: Rng, movement: np.ndarray, labels: np.ndarray, view: View, lost: bool = True
    ) -> Stream:
        """A movement (T, 13, 3) with a label (T,) at each frame, as somebody rendered does it."""
        poses, frames = acted.take(rng, movement, view)
        return self.made(poses, labels[frames])


@dataclass(frozen=True)
class Staged:
    """Makes the case of a clip, or reads it where it is kept."""

    classes: list[str]
    rate: float
    cache: Path | None

    def __call__(self, clip: Clip) -> Case:
        made_by = (*acted.MADE_BY, scoring, Path(__file__))
        recipe = [clip.name, clip.label, zlib.crc32(clip.joints.tobytes()), self.rate]
        file = kept.place(self.cache, "staged", made_by, recipe)
        names = np.array([*self.classes, ""])  # UNSAID is the last
        if stored := kept.load(file, ("tokens", "labels", "span")):
            tokens, labels, (start, stop) = stored
            place = {name: k for k, name in enumerate(self.classes)} | {"": UNSAID}
            numbers = np.array([place[str(name)] for name in labels])
            return Case(clip.name, clip.person, False, tokens, numbers, (float(start), float(stop)))
        (case,) = cases(Stage([clip], self.classes, self.rate), [clip])
        kept.save(file, tokens=case.tokens, labels=names[case.labels], span=np.array(case.span))
        return replace(case, name=clip.name)


def staged(
    clips: Sequence[Clip | Flat],
    classes: Sequence[str],
    rate: float,
    cache: Path | None = None,
    jobs: int = 1,
    progress: bool = True,
) -> list[Case]:
    """The cases of clips with depth, each before one camera, the same one each time.

    Parameters
    ----------
    clips : sequence of Clip or Flat
    classes : sequence of str
    rate : float
        Ticks a second.
    cache : Path, optional
        Where each case is kept.
    jobs : int
        Processes; a clip takes one some two seconds.
    progress : bool

    Raises
    ------
    CaptureError
        Nobody can be rendered, see :class:`app.rendering.Renderer`.
    ValueError
        Fewer than one job, or no clip with depth.
    """
    deep = [clip for clip in clips if isinstance(clip, Clip)]
    if not deep:
        raise ValueError("no recording has depth, as a Kinect's has: nobody can act what was seen flat")
    return acted.each(Staged(list(classes), rate, cache), deep, jobs, "clip", progress)
