"""Taught actions: from a few takes of a person's joints to streams in which the gesture comes and goes.

A take is what the window saw of the person, tick by tick: joints (T, 13, 6) of
:func:`models.extractors.pose.pose_joints`.  In training it comes quicker and slower, larger and nearer, seen
a little from the side, with arms that swing otherwise and joints that are placed less well, between rest and
movement of all kinds in the same place of the picture.  It is never mirrored: the other hand may mean
something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.extractors.anatomy import LEGS
from models.extractors.pose import LEGLESS, body_size, vectors
from models.extractors.space import METRES
from models.training.actions.simulation import simulate
from models.training.actions.streams import Studio
from models.training.teach_school import CALM, TEACHER, UNSAID, Lesson, any_of

Rng = np.random.Generator

SECONDS = 10.0  # of a stream
DRAWN = 100  # streams of drawn movement: what the shipped model says of them is to stay
GESTURE = 0.5  # share of a stream's parts that are gestures,
NOTHING = 0.25  # and that are the user's own nothing; the rest is drawn
AGAIN = 0.5  # share of gestures that are done twice in a row
LATE = 0.3  # share of gestures that are seen from a later beginning
PART = (0.8, 4.0)  # seconds of nothing, or of drawn movement, between two gestures
SETTLE = 0.25  # seconds into a gesture, and after it, for which no name is right or wrong
BLEND = (2, 6)  # ticks from where one part ends to where the next begins
ARMS = ((1, 3, 5), (2, 4, 6))  # shoulder, elbow, wrist
STILL = 0.02  # bodies a tick: whose fastest hand is slower holds a pose, and its ends are no rest
MARGIN = 4  # ticks that are left of a still end
SHORTEST = 12  # ticks that are left of a take whose still ends are cut


class Gestures:
    """Makes streams of takes of gestures, for :func:`models.training.teach.teach`.

    Parameters
    ----------
    labels : sequence of str
        The shipped model's.
    rate : float
        Ticks a second.
    cache : Path, optional
        Where drawn movement is kept.
    """

    def __init__(self, labels: Sequence[str], rate: float, cache: Path | None = None) -> None:
        self.rate = rate
        drawn = simulate(Studio([], labels, rate), DRAWN, 0, cache, progress=False)
        self._drawn = [stream.poses for stream in drawn]
        self.others = [stream.tokens for stream in drawn]

    def prepared(self, take: np.ndarray) -> np.ndarray:
        """A take (T, 13, 6) without the rest before and after the movement; of a held pose, all of it."""
        size = placed(take)[1]
        both = np.minimum(take[1:, :, 2:3], take[:-1, :, 2:3])
        speed = np.linalg.norm(np.diff(take[..., :2], axis=0) * both, axis=-1)[:, 3:7].max(1) / size
        speed = np.convolve(np.append(0.0, speed), np.full(5, 0.2), "same")  # (T,)
        fast = np.quantile(speed, 0.9)
        if fast < STILL:
            return take
        moving = np.flatnonzero(speed > 0.1 * fast)
        part = take[max(0, moving[0] - MARGIN) : moving[-1] + MARGIN + 1]
        return part if len(part) >= SHORTEST else take

    def exam(self, rng: Rng, take: np.ndarray, nothing: Sequence[np.ndarray]) -> Lesson:
        """A take as it is, with a little of something else before and after; its ticks have label 0."""
        parts, labels = [], []
        for own in (False, True, False):
            part = take if own else self._other(rng, nothing, take)[0]
            parts.append(part)
            labels.append(np.full(len(part), 0 if own else UNSAID))
        return self._lesson(*_joined(rng, parts, labels))

    def plain(self, take: np.ndarray) -> np.ndarray:
        """The tokens (T, F) of a take alone."""
        return vectors(take, self.rate)

    def stream(
        self,
        rng: Rng,
        takes: Sequence[Sequence[np.ndarray]],
        nothing: Sequence[np.ndarray],
        first: int,
    ) -> Lesson:
        """A stream of about ten seconds; the labels of the classes begin with ``first``."""
        parts: list[np.ndarray] = []
        labels: list[np.ndarray] = []
        settle = round(SETTLE * self.rate)
        like = any_of(rng, takes[int(rng.integers(len(takes)))])
        while sum(map(len, labels)) < SECONDS * self.rate:
            if rng.random() < GESTURE:
                which = int(rng.integers(len(takes)))
                part = varied(rng, any_of(rng, takes[which]))
                if rng.random() < LATE:
                    part = part[rng.integers(0, len(part) // 3 + 1) :]
                for again in range(2 if rng.random() < AGAIN else 1):
                    label = np.full(len(part), first + which)
                    label[: 0 if again else settle] = UNSAID
                    parts.append(part)
                    labels.append(label)
                continue
            part, label = self._other(rng, nothing, like)
            label[:settle] = UNSAID
            parts.append(varied(rng, part, 0.5))
            labels.append(np.resize(label, len(parts[-1])))
        return self._lesson(*_joined(rng, parts, labels))

    def _other(
        self, rng: Rng, nothing: Sequence[np.ndarray], like: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Some of the user's nothing, or drawn movement where the user of ``like`` is; and its labels."""
        own = bool(nothing) and rng.random() < NOTHING / (1 - GESTURE)
        whole = any_of(rng, nothing if own else self._drawn)
        ticks = min(len(whole), int(rng.uniform(*PART) * self.rate))
        begin = int(rng.integers(0, len(whole) - ticks + 1))
        part = whole[begin : begin + ticks]
        return (part if own else _where(part, like)), np.full(ticks, CALM if own else TEACHER)

    def _lesson(self, poses: np.ndarray, labels: np.ndarray) -> Lesson:
        return Lesson(vectors(poses, self.rate), labels)


def placed(poses: np.ndarray) -> tuple[np.ndarray, float]:
    """Where in the picture somebody stands, (2,), and how large, in heights of the picture."""
    there = poses[poses.any((1, 2))]
    return there[:, 1:3, :2].mean((0, 1)), float(np.median(body_size(there)))


def varied(rng: Rng, poses: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """The same movement (T, 13, 6) as done another time, before another camera: (T', 13, 6)."""
    poses = _in_tempo(poses, float(np.exp(rng.normal(0, 0.18 * strength))))
    there = poses.any((1, 2))
    if not there.any():
        return poses
    place, size = placed(poses)
    xy, space = poses[..., :2].copy(), poses[..., 3:].copy()
    for shoulder, *arm in ARMS:
        swing = _turn(rng.normal(0, 0.10 * strength)) * np.exp(rng.normal(0, 0.08 * strength))
        for part in (xy, space[..., :2]):
            part[:, arm] = part[:, [shoulder]] + (part[:, arm] - part[:, [shoulder]]) @ swing
    roll = _turn(rng.normal(0, 0.06 * strength))
    view = roll * np.exp(rng.normal(0, 0.15 * strength))
    view[:, 0] *= np.exp(rng.normal(0, 0.10 * strength))  # a body that is turned away is narrower
    space[..., :2] = space[..., :2] @ roll
    space[..., [0, 2]] = space[..., [0, 2]] @ _turn(rng.normal(0, 0.15 * strength))
    xy = (xy - place) @ view + place + rng.normal(0, 0.1 * strength, 2)
    # What the pose network is off by: always, for a while, and from picture to picture; above all in depth.
    much = np.array([1.0, 1.0, 2.0, 2.0, 4.0])  # x and y in the picture; x, y and z in space
    slow = rng.normal(0, 0.02, (max(3, len(xy) // 5) + 2, 13, 5)) * much
    always, quick = rng.normal(0, 0.015, (13, 5)) * much, rng.normal(0, 0.006, (len(xy), 13, 5)) * much
    off = (always + quick + _between(slow, np.linspace(0, len(slow) - 1, len(xy)))) * strength
    xy += off[..., :2] * size
    space = (space + off[..., 2:] * METRES) * poses[..., 3:].any((1, 2), keepdims=True)
    varied = np.concatenate([xy, poses[..., 2:3], space], -1)
    if rng.random() < 0.15 * strength:  # the camera sees no legs
        varied[:, list(LEGS), 2] = 0
    varied[~there] = 0
    return varied


def _where(poses: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Movement of somebody else as if the person of ``like`` did it: as large, in that place, as cut off."""
    if not poses.any():
        return poses.copy()
    (place, size), (there, length) = placed(like), placed(poses)
    moved = poses.astype(float)
    moved[..., :2] = (moved[..., :2] - there) * (size / length) + place
    if like[:, list(LEGS), 2].mean() < LEGLESS:
        moved[:, list(LEGS), 2] = 0
    moved[~poses.any((1, 2))] = 0
    return moved


def _joined(
    rng: Rng, parts: Sequence[np.ndarray], labels: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Parts one after the other, each blended into the next; what lies between has no label."""
    poses: list[np.ndarray] = []
    said: list[np.ndarray] = []
    for part, label in zip(parts, labels, strict=True):
        if poses and poses[-1][-1].any() and part[0].any():
            ticks = int(rng.integers(*BLEND))
            poses.append(_between(np.stack([poses[-1][-1], part[0]]), np.linspace(0, 1, ticks + 2)[1:-1]))
            said.append(np.full(ticks, UNSAID))
        poses.append(part)
        said.append(label)
    return np.concatenate(poses).astype(np.float32), np.concatenate(said)


def _in_tempo(poses: np.ndarray, speed: float) -> np.ndarray:
    """A movement done ``speed`` times as fast; nobody stays nobody."""
    at = np.linspace(0, len(poses) - 1, max(4, round((len(poses) - 1) / speed) + 1))
    there = np.asarray(poses.any((1, 2)))
    moved = _between(poses.astype(float), at)
    nearest = at.round().astype(int)
    broken = ~(there[at.astype(int)] & there[np.ceil(at).astype(int)])
    moved[broken] = poses[nearest[broken]]
    return moved


def _between(rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Rows (N, ...) read at places (T,) between them: (T, ...)."""
    low = np.minimum(at.astype(int), len(rows) - 2)
    share = (at - low).reshape(-1, *[1] * (rows.ndim - 1))
    return rows[low] * (1 - share) + rows[low + 1] * share


def _turn(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s], [-s, c]])
