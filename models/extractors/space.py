"""A body in space: what the pose network's depth adds to the joints that a picture shows.

Turned so that it faces the camera, a lunge from the side is the lunge from the front, and a punch at the
camera, which hardly shows in the picture, is a long way.
"""

from __future__ import annotations

import numpy as np

from models.extractors.anatomy import (
    ANGLE_PAIRS,
    ANGLES,
    ENDS,
    FARTHEST,
    FASTEST,
    JOINTS,
    LAG,
    SPAN,
    STARTS,
    bones_seen,
    sided,
)

METRES = 0.5  # of a torso, as the pose network has all bodies
NEAR = 1e-4  # square metres: shorter is without direction
# Place, velocity, the amounts of velocity and of drift; angles and their change; facing, and whether known.
SPACE = len(JOINTS) * 12 + 2 * len(ANGLES) + 3


def space(poses: np.ndarray, crossed: np.ndarray, rate: float) -> np.ndarray:
    """The body in space at each tick.

    Parameters
    ----------
    poses : ndarray of shape (T, 13, 6) or (T, 13, 3)
        As of :func:`models.extractors.pose.vectors`, all with the same sides.
    crossed : ndarray of shape (T,)
        Whether these are not the sides of the tick.
    rate : float
        Ticks a second.

    Returns
    -------
    ndarray of shape (T, SPACE)
        In torso lengths about the shoulders (39), velocity about the hips (39), the amounts of it and of the
        drift within SPAN ticks (78), cosines of the angles (8), the amount of their change (8), cosine and
        sine of where the body faces (2), and whether depth is known (1): if not, all is zero.
    """
    ticks = len(poses)
    deep: np.ndarray = np.abs(poses[..., 3:]).max((1, 2), initial=0) > 0  # (T,)
    if not deep.any():
        return np.zeros((ticks, SPACE))
    points, seen = poses[..., 3:] / METRES, poses[..., 2] * deep[:, None]  # (T, 13, 3), (T, 13)
    own, own_seen = sided(points, crossed), sided(seen, crossed)
    facing = _facing(own)  # (T, 2)
    body = _turned(own, facing)
    place = (body - body[:, 1:3].mean(1, keepdims=True)).clip(-FARTHEST, FARTHEST) * own_seen[..., None]
    angles, known = _angles(own, own_seen)
    change, quick, drift = np.zeros_like(angles), np.zeros_like(body), np.zeros_like(body)
    for lag, move in ((LAG, quick), (SPAN, drift)):
        then, now = slice(0, max(0, ticks - lag)), slice(lag, None)
        earlier, both = sided(points[then], crossed[now]), sided(seen[then], crossed[now])
        way = (body[now] - _turned(earlier, facing[now])) * (rate / lag)
        move[now] = way.clip(-FASTEST, FASTEST) * np.minimum(own_seen[now], both)[..., None] / 4
        if lag == SPAN:
            before, before_known = _angles(earlier, both)
            change[now] = np.abs(angles[now] - before) * np.minimum(known[now], before_known)
    moves = [part.reshape(ticks, -1) for part in (place, quick, np.abs(quick), np.abs(drift))]
    rest = [angles * known, change, facing * deep[:, None], deep[:, None]]
    return np.concatenate([*moves, *rest], 1)


def _facing(points: np.ndarray) -> np.ndarray:
    """Cosine and sine (T, 2) of the angle between shoulders and hips and the picture."""
    across = (points[:, 1] - points[:, 2] + points[:, 7] - points[:, 8])[:, [0, 2]]  # (T, 2)
    return across / np.sqrt((across**2).sum(-1, keepdims=True) + NEAR / METRES**2)


def _turned(points: np.ndarray, facing: np.ndarray) -> np.ndarray:
    """Points (T, 13, 3) turned about the upright until who faces so faces the camera."""
    (c, s), (x, y, z) = facing.T[..., None], np.moveaxis(points, -1, 0)
    return np.stack([c * x + s * z, y, c * z - s * x], -1)


def _angles(points: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosines of ANGLES in space (T, 8), and how well each is seen."""
    (a, b), (c, d) = STARTS, ENDS
    bones = (points[:, c] + points[:, d] - points[:, a] - points[:, b]) / 2  # (T, 12, 3)
    bones = bones / np.sqrt((bones**2).sum(-1, keepdims=True) + NEAR / METRES**2)
    known = bones_seen(seen)  # (T, 12)
    one, other = ANGLE_PAIRS
    return (bones[:, one] * bones[:, other]).sum(-1), np.minimum(known[:, one], known[:, other])
