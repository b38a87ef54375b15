"""People who act: rendered bodies that move as recorded people did, seen by the window's own pose network.

The simulated camera of :mod:`models.training.actions.camera` guesses what the network gets wrong.  Here the
network gets it wrong itself: a leg behind the other, a back, a head that leaves the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from app import rendering
from app.capture.media import Frame
from app.film_poses import SEEN_BY, KeptPoses
from app.program import ASSETS
from app.rendering import Renderer
from models.training import kept
from models.training.actions import puppet
from models.training.actions.acted import Acted
from models.training.actions.body import wander
from models.training.actions.camera import View, draw_view, focus_of, mirror, picture_times, project
from models.training.actions.learner import FOLDS, RATE, fold
from models.training.actions.motions import MOTIONS
from models.training.actions.puppet import Puppet
from models.training.actions.recordings import Flat
from models.training.actions.simulation import SOURCES
from models.training.actions.skeletons import RATE as FRAMES
from models.training.actions.skeletons import Clip
from models.training.actions.streams import AROUND, UNSAID, Studio

Rng = np.random.Generator
Item = TypeVar("Item")
Made = TypeVar("Made")
PEOPLE = ASSETS / "people.npz"
#: What an acted stream depends on, beside its recipe.
MADE_BY = (*SOURCES, *SEEN_BY, puppet, rendering, Path(__file__), PEOPLE)
SECONDS = 30.0  # of a stream
HEIGHTS = (300, 360, 420)  # of pictures, pixels
RATES, RATE_WEIGHTS = (15.0, 30.0, 12.0, 10.0), (0.6, 0.15, 0.15, 0.1)  # pictures a second
SMALLEST = 0.2  # heights of the picture that a metre at the person's distance takes, at least
LOOKS = np.array([0.25, 0.12])  # radians by which a head turns and nods


@dataclass(frozen=True, eq=False)
class Troupe:
    """What there is to act, and where it is kept.

    Attributes
    ----------
    clips : list of Clip
    classes : list of str
        Those that are drawn or among the clips.
    seed : int
    cache : Path or None
    """

    clips: list[Clip]
    classes: list[str]
    seed: int
    cache: Path | None

    def __call__(self, number: int) -> Acted:
        """The stream of this number, of the people of one fold; made, or read where it is kept."""
        part = number % FOLDS
        studio = Studio([clip for clip in self.clips if fold(clip.person) == part], self.classes, RATE)
        recipe = [studio.material, studio.classes, self.seed, number]
        file = kept.place(self.cache, "acted", MADE_BY, recipe)
        if stored := kept.load(file, ("aspect", "labels", "poses")):
            return Acted(part, float(stored[0]), *stored[1:])
        rng = np.random.default_rng([self.seed, number, FOLDS])
        movement, labels = studio.movement(rng, SECONDS)
        view = draw_view(rng, around=rng.random() < AROUND)
        poses, frames = take(rng, movement, view)
        made = Acted(part, view.aspect, labels[frames].astype(np.int64), poses)
        kept.save(file, aspect=np.array(made.aspect), labels=made.labels, poses=made.poses)
        return made


@cache
def renderer() -> Renderer:
    """The one of this process."""
    return Renderer()


def take(rng: Rng, movement: np.ndarray, view: View) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`film`, by a camera of its own rate and size, near enough for the pose network."""
    rate = float(rng.choice(RATES, p=RATE_WEIGHTS))
    view = replace(view, rate=rate, scale=max(view.scale, SMALLEST))
    return film(rng, movement, view, int(rng.choice(HEIGHTS)))


def film(rng: Rng, movement: np.ndarray, view: View, height: int) -> tuple[np.ndarray, np.ndarray]:
    """What the window sees of somebody who does something before a camera.

    Parameters
    ----------
    rng : numpy.random.Generator
    movement : ndarray of shape (T, 13, 3)
    view : View
    height : int
        Of the picture, pixels.

    Returns
    -------
    poses : ndarray of shape (K, 13, 6)
        One a tick.
    frames : ndarray of shape (K,), int
        Of the movement, that each tick's picture shows.
    """
    if view.mirrored:
        movement = mirror(movement)
    last = len(movement) - 1
    shot = np.unique(picture_times(rng, len(movement) / FRAMES, view).round(3))
    index = np.minimum((shot * FRAMES).round().astype(int), last)
    person = Puppet(rng, PEOPLE)
    moved = person.moved(movement, wander(rng, len(movement), 1.0, 1.5)[:, :2] * LOOKS)
    seen, _, _ = project(movement, view)
    desk = height * float(np.median(seen[:, 0, 1]) + view.desk * view.scale)
    wood = rng.uniform(20, 220, 3)
    extractor = KeptPoses()
    pictures = renderer().pictures(rng, person, moved[index], view, focus_of(movement, view), height)
    for time, picture in zip(shot, pictures, strict=True):
        if desk < height:
            picture[max(0, round(desk)) :] = wood
        extractor.frame(Frame(np.ascontiguousarray(picture[..., ::-1]), float(time), 0.0))
    times, poses = extractor.finish(float(shot[-1]))
    return poses, index[np.maximum(np.searchsorted(shot, times + 1e-6, side="right") - 1, 0)]


def act(
    clips: Sequence[Clip | Flat],
    classes: Sequence[str],
    count: int,
    seed: int = 0,
    cache: Path | None = None,
    jobs: int = 1,
    progress: bool = True,
) -> list[Acted]:
    """``count`` streams of rendered people, as many of each fold's as of another's.

    Parameters
    ----------
    clips : sequence of Clip or Flat
        Those with depth are acted.
    classes : sequence of str
    count, seed : int
    cache : Path, optional
        Where each stream is kept.
    jobs : int
        Processes; a stream takes one some ten seconds.
    progress : bool

    Raises
    ------
    CaptureError
        Nobody can be rendered, see :class:`app.rendering.Renderer`.
    ValueError
        ``count`` is negative, or there are fewer than one job.
    """
    if count < 0:
        raise ValueError(f"{count} streams of rendered people, expected none or more")
    deep = [clip for clip in clips if isinstance(clip, Clip)]
    known = MOTIONS.keys() | {clip.label for clip in deep}
    names = [name for name in classes if name in known]
    troupe = Troupe(deep, names, seed, cache)
    made = each(troupe, range(count), jobs, "stream", progress)
    place = np.array([*map(list(classes).index, names), UNSAID])
    return [replace(one, labels=place[one.labels]) for one in made]


def each(
    act_out: Callable[[Item], Made], items: Sequence[Item], jobs: int, unit: str, progress: bool
) -> list[Made]:
    """What is acted of each item, ``jobs`` of them at once, in their order.

    Raises
    ------
    ValueError
        Fewer than one job.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}, expected at least 1")
    shown = partial(tqdm, desc="act", total=len(items), unit=unit, disable=not progress)
    if jobs == 1:
        return list(shown(map(act_out, items)))
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return list(shown(pool.map(act_out, items, chunksize=4)))
