"""Reels: recordings without depth, one after the other as a film shows them, with a label at each tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.extractors.anatomy import LEGS, MIRROR
from models.training.actions.body import BREAK
from models.training.actions.camera import PLAIN, draw_view, watch
from models.training.actions.errors import misplaced
from models.training.actions.recordings import Flat
from models.training.actions.skeletons import RATE

Rng = np.random.Generator
UNSAID = -1  # label of a tick that no right answer is known for: nobody there, an action just begun or ended
BLANK = 0.5  # share of cuts between two recordings where nobody is seen for a moment
LONGEST = 12.0  # seconds of one recording at a time
FLATTENED = 0.35  # share of streams and recordings whose depth is not told
MIRRORED = np.array([-1.0, 1.0, 1.0, -1.0, 1.0, 1.0])  # signs of a pose in a mirror
SETTLE = 0.25  # seconds from the first movement until an action can be known
UPRIGHT = 0.9  # of the height of the hips in a recording: from there on it is a stand
LEFT_OFF = 0.4  # seconds of a break between two times until it is one
STOOD, BREAKS = "squat", 0.4  # what is marked from one stand to the next, and this share of it with breaks
CROPPED = 0.12  # share of recordings that are cut off below the hips
#: How often the recordings of a class come, against 1.
OFTEN = {"other": 2.0, "idle": 0.5, "push-up": 0.5, "sit-up": 0.5, "jump rope": 0.5}


def reel(
    rng: Rng,
    flats: Mapping[str, Sequence[Flat]],
    classes: Sequence[str],
    rate: float,
    seconds: float,
    flattened: float = FLATTENED,
    codes: Mapping[str, int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Poses (K, 13, 6) and labels (K,) of about ``seconds``, ``rate`` ticks of a second.

    Parameters
    ----------
    rng : numpy.random.Generator
    flats : mapping of str to sequence of Flat
        Recordings by class.  A class is drawn first, then somebody who does it, then what.
    classes : sequence of str
    rate, seconds : float
    flattened : float
        Share of recordings whose depth is not told.
    codes : mapping of str to int, optional
        Labels of motions that have one of their own, in place of their class's.
    """
    names = sorted(flats)
    weights = np.array([OFTEN.get(name, 1.0) for name in names])
    poses, labels, ticks = [], [], 0
    while ticks < seconds * rate:
        found = flats[names[rng.choice(len(names), p=weights / weights.sum())]]
        people = sorted({flat.person for flat in found})
        person = people[rng.integers(len(people))]
        theirs = [flat for flat in found if flat.person == person]
        chosen = theirs[rng.integers(len(theirs))]
        shown, said = show(rng, chosen, classes, rate, flattened=flattened, codes=codes)
        if rng.random() < BLANK:
            nobody = int(rng.uniform(0.2, 1.0) * rate)
            shown = np.concatenate([np.zeros((nobody, *shown.shape[1:]), shown.dtype), shown])
            said = np.concatenate([np.full(nobody, UNSAID), said])
        poses.append(shown)
        labels.append(said)
        ticks += len(said)
    return np.concatenate(poses), np.concatenate(labels)


def show(
    rng: Rng,
    flat: Flat,
    classes: Sequence[str],
    rate: float,
    plain: bool = False,
    flattened: float = FLATTENED,
    codes: Mapping[str, int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """One recording, larger or smaller, quicker or slower, in a mirror or not: poses and labels of its ticks.

    What loops goes on for some seconds.  ``plain`` shows it whole and as it is; else the depth of a share
    ``flattened`` is not told.  ``codes`` as of :func:`reel`.
    """
    deep = not plain and flat.space is not None and rng.random() >= flattened
    movement, said, still = _played(rng, flat, 1.0 if plain else rng.uniform(0.8, 1.25), deep, not plain)
    labels = np.array([classes.index(name) if name else UNSAID for name in said])
    if codes and flat.motion in codes:
        labels[labels == classes.index(flat.label)] = codes[flat.motion]
    labels = broken(labels, still, classes.index("idle"))
    if not plain and rng.random() < 0.5:
        movement = mirrored(movement)
    xy, seen = movement[..., :2], movement[..., 2]  # (T, 13, 2), (T, 13)
    space = movement[..., 3:] if deep else None  # (T, 13, 3)
    if not plain:
        xy = _stretched(rng, xy)
    view = draw_view(rng, "full")
    if flat.seen:
        shown = np.minimum(np.arange(0, len(xy) * rate / RATE) * RATE / rate, len(xy) - 1).astype(int)
        inside = np.zeros((*seen.shape, 3)) if space is None else misplaced(rng, space, 0 * xy)
        poses = np.concatenate([xy, seen[..., None], inside], -1)[shown]
        poses[..., :2] += rng.normal(0, 0.002, poses[..., :2].shape)
        somebody = np.abs(movement).max((1, 2)) > 0  # (T,)
        poses[~somebody[shown]] = 0
    else:
        height = np.quantile(np.ptp(xy[..., 1], axis=1), 0.9)
        xy = xy * (rng.uniform(0.45, 0.85) / max(height, 0.1))
        xy += np.array([view.aspect / 2, 0.5]) - (xy.max((0, 1)) + xy.min((0, 1))) / 2
        torso = np.median(np.linalg.norm(xy[:, 1:3].mean(1) - xy[:, 7:9].mean(1), axis=-1))
        visibility = _visibility(rng, seen)
        poses, shown = watch(rng, xy, visibility, float(torso), view, rate, space)
    labels = labels[shown]
    if not plain and rng.random() < CROPPED:
        poses[:, list(LEGS), 2] = 0
    return poses.astype(np.float32), labels


def mirrored(poses: np.ndarray) -> np.ndarray:
    """Poses (K, 13, 3 or 6) as in a mirror: left is right, and the picture's left edge stays at 0."""
    return poses[:, list(MIRROR)] * MIRRORED[: poses.shape[-1]].astype(poses.dtype)


def broken(labels: np.ndarray, still: np.ndarray, rest: int) -> np.ndarray:
    """Labels (T,) of what is left off where somebody stands still (T,): these are ``rest`` after a moment."""
    labels = labels.copy()
    edges = np.flatnonzero(np.diff(still.astype(int), prepend=0, append=0))
    for begin, end in edges.reshape(-1, 2):
        labels[begin : end + int(SETTLE * RATE)] = UNSAID
        labels[begin + int(LEFT_OFF * RATE) : end] = rest
    return labels


def _played(
    rng: Rng, flat: Flat, speed: float, deep: bool, breaks: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The recording at some speed, looped or cut: (T, 13, 3), a label a frame, and whether it is a break.

    ``deep``: (T, 13, 6), with where in space the joints are.
    """
    rows = np.concatenate([flat.poses, flat.space], -1) if deep and flat.space is not None else flat.poses
    frames = len(rows)
    if flat.looped:
        source = np.arange(0, rng.uniform(2.5, 8.0) * RATE * speed, speed) + rng.uniform(0, frames)
    else:
        length = min(frames - 1, LONGEST * RATE * speed)
        source = np.arange(0, length, speed) + rng.uniform(0, frames - 1 - length + 1e-9)
    still = np.zeros(len(source), bool)
    if breaks and flat.looped and flat.label == STOOD and _stands(flat) and rng.random() < BREAKS:
        source, still = _with_breaks(rng, source, frames)
    low = source.astype(int)
    share = (source - low)[:, None, None]
    a, b = rows[low % frames], rows[(low + 1) % frames]
    both = a.any((1, 2)) & b.any((1, 2))
    moved = np.where(both[:, None, None], a * (1 - share) + b * share, a)
    labels = flat.labels[low % frames].copy()
    labels[: int(SETTLE * RATE)] = ""
    return moved, labels, still


def _stands(flat: Flat) -> bool:
    """Whether a recording begins and ends upright."""
    xy = flat.poses[..., :2]
    height = (xy[:, 11:13] - xy[:, 7:9]).mean(1)[:, 1]  # of the hips over the feet
    return bool(min(height[0], height[-1]) > UPRIGHT * height.max())


def _with_breaks(rng: Rng, source: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Places in a loop (T,) that stay for a while where it begins anew, and whether they do."""
    parts: list[np.ndarray] = []
    still: list[np.ndarray] = []
    for part in np.split(source, np.flatnonzero(np.diff(source // frames)) + 1):
        if parts:
            pause = int(rng.uniform(*BREAK) * RATE)
            parts.append(np.full(pause, np.floor(part[0])))
            still.append(np.ones(pause, bool))
        parts.append(part)
        still.append(np.zeros(len(part), bool))
    return np.concatenate(parts), np.concatenate(still)


def _stretched(rng: Rng, xy: np.ndarray) -> np.ndarray:
    """Joints (T, 13, 2) a little larger, turned, and narrower or wider, as another camera sees them."""
    angle, scale = rng.normal(0, 0.05), np.exp(rng.normal(0, 0.1))
    c, s = np.cos(angle), np.sin(angle)
    turned = (xy - xy.mean((0, 1))) @ np.array([[c, -s], [s, c]]) * scale
    return turned * np.array([np.exp(rng.normal(0, 0.07)), 1.0]) + xy.mean((0, 1))


def _visibility(rng: Rng, seen: np.ndarray) -> np.ndarray:
    """Visibility (T, 13) that the pose network might give to joints that were marked or not (T, 13)."""
    plain = PLAIN - np.abs(rng.normal(0, 0.02, 13))
    covered, hidden = rng.uniform(0.2, 0.95, 13), rng.uniform(0.0, 0.9, 13)
    return np.select([seen > 0.5, seen > 0], [plain, covered], hidden)
