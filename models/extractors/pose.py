"""From a person's landmarks to the vector that the action model eats: one function for training and for life.

What is kept: thirteen joints, relative to the shoulders and in units of the body, how well each is seen, how
fast it moves across the picture, and the shape of the body: its bones, the angles between them, and how far
hands, feet, hips and head are from each other; and much of that of the body in space, as far as the network
tells its depth.  What is left out: where in the picture the person stands, how large, the aspect of the
picture, and what the pose network gets wrong for no more than a moment.
"""

from __future__ import annotations

import numpy as np

from models.extractors.anatomy import (
    ANGLE_PAIRS,
    ANGLES,
    BONES,
    DISTANCE_PAIRS,
    DISTANCES,
    ENDS,
    FARTHEST,
    FASTEST,
    JOINTS,
    LAG,
    LANDMARKS,
    LEGS,
    MIRROR,
    SPAN,
    STARTS,
    bones_seen,
    pairs,
    sided,
)
from models.extractors.space import SPACE, space

LEGLESS = 0.3  # how well legs must be seen, on the mean, for the actions that nobody does without them:
LEGWORK = ("kick", "squat", "lunge", "walk", "jumping jack", "push-up", "sit-up", "jump rope")
HANGS, STANDS = 0.5, 0.3  # bodies: shoulders below the hips, knees or ankles below them
SHORT = 0.15  # bodies: a bone that looks shorter hardly has a direction
SHAPE = len(BONES) * 3 + len(ANGLES) * 2 + len(DISTANCES)
# x, y, seen; velocity, its change and drift in x and y, each also without its sign; the shape and its change;
# the body in space; presence.
SIZE = len(JOINTS) * 15 + 1 + 2 * SHAPE + SPACE
IN_SPACE = slice(SIZE - 1 - SPACE, SIZE - 1)  # where in a token the body in space is
FAR = 0.08  # heights of the picture: whose torso takes less is farther than the pose network can be trusted
MEDIAN = 3  # poses of which each joint's middle place is taken
MEMORY = SPAN + MEDIAN  # poses of which a token is made
SIDES = 0.5  # bodies that the joints must lie closer, together, for two poses to have changed sides
SEEN = (0.3, 0.7)  # visibility that counts as not seen at all, and as wholly seen
# Typical length of what stands in for the torso when it is foreshortened or out of the picture.
SHOULDERS, NECK = 0.70, 0.55  # shoulder to shoulder, shoulders to middle of the head; in torso lengths
# What makes up the vector, for the model card: weights trained on another recipe are of no use.
RECIPE = {"joints": list(JOINTS), "lag": LAG, "memory": MEMORY, "seen": list(SEEN), "version": 6}


def pose_joints(
    landmarks: np.ndarray, visibility: np.ndarray, aspect: float, world: np.ndarray | None = None
) -> np.ndarray:
    """BlazePose landmarks -> the joints of a token.

    Parameters
    ----------
    landmarks : ndarray of shape (..., 33, 2)
        x and y as fractions of the picture's width and height.
    visibility : ndarray of shape (..., 33)
        0 to 1.
    aspect : float
        Width of the picture over its height.
    world : ndarray of shape (..., 33, 3), optional
        The same landmarks in space, metres about the hips: x to the right, y down, z away from the camera.

    Returns
    -------
    ndarray of shape (..., 13, 6), float32
        x and y in heights of the picture, y downwards, how well the joint is seen, 0 to 1, and where it is in
        space, all zero if that is not known.
    """
    first, second = pairs(LANDMARKS)
    xy = (landmarks[..., first, :] + landmarks[..., second, :]) / 2  # (..., 13, 2)
    v = (visibility[..., first] + visibility[..., second]) / 2  # (..., 13)
    inside = None if world is None else (world[..., first, :] + world[..., second, :]) / 2  # (..., 13, 3)
    return joints(xy * np.array([aspect, 1.0]), v, aspect, inside)


def joints(
    xy: np.ndarray, visibility: np.ndarray, aspect: float, world: np.ndarray | None = None
) -> np.ndarray:
    """Joints (..., 13, 2) in the picture, visibility (..., 13), places in space (..., 13, 3) -> (..., 13, 6).

    A joint outside the picture was made up by the pose network: it counts as not seen.  So does a body
    without shoulders, or with nothing but shoulders: mostly it is a sleeve, or a chair; and one that hangs
    head down from legs that do not stand: where something hides the trunk, legs are taken for arms.  Nobody
    is all zeros.
    """
    seen = np.clip((visibility - SEEN[0]) / (SEEN[1] - SEEN[0]), 0, 1)
    seen *= ((xy > -0.02) & (xy < np.array([aspect, 1.0]) + 0.02)).all(-1)
    somebody = (seen[..., 1:3].min(-1) > 0.3) & (seen.sum(-1) > 2.5) & ~_hangs(xy, seen)
    if world is None:
        world = np.zeros((*xy.shape[:-1], 3))
    pose = np.concatenate([xy, seen[..., None], world], -1)
    return (pose * somebody[..., None, None]).astype(np.float32)


def _hangs(xy: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Whether the shoulders are far below the hips and none of the legs that are seen is: (...,).

    Who bends down to the toes stands on their legs, and the trunk of who lies is not upright in the picture.
    """
    lead = seen.shape[:-1]
    size = _body_size(xy.reshape(-1, *xy.shape[-2:]), seen.reshape(-1, seen.shape[-1])).reshape(lead)
    hips = xy[..., 7:9, 1].mean(-1)
    legs = np.where(seen[..., LEGS] > 0.3, xy[..., LEGS, 1], -np.inf).max(-1)  # the lowest
    lowered = xy[..., 1:3, 1].mean(-1) - hips
    hanging = (lowered > HANGS * size) & (legs - hips < STANDS * size) & (legs > -np.inf)
    return np.asarray(hanging & (seen[..., 7:9].min(-1) > 0.5))


def vectors(poses: np.ndarray, rate: float) -> np.ndarray:
    """The tokens of a run of poses, each made of itself and at most ``MEMORY - 1`` poses before it.

    Parameters
    ----------
    poses : ndarray of shape (T, 13, 6), or (T, 13, 3) without depth
        Of consecutive ticks, as :func:`pose_joints` gives them; all zero where there is nobody.
    rate : float
        Ticks a second.

    Returns
    -------
    ndarray of shape (T, SIZE), float32
        Joint positions (26), seen (13), velocities (26), how they changed within LAG ticks (26), the drift
        within SPAN ticks (26), the amounts of these three (78), the shape (SHAPE), the amount of its
        change within SPAN ticks (SHAPE), the body in space (SPACE), and presence
        (1).
    """
    poses, crossed = _on_one_side(poses.astype(np.float64))
    poses = _medians(poses)
    xy, seen = poses[..., :2], poses[..., 2]  # (T, 13, 2), (T, 13)
    present: np.ndarray = seen.max(-1) > 0  # (T,)
    centre = _centre(xy, seen)  # (T, 2)
    size = body_size(poses)  # (T,)
    position = ((xy - centre[:, None]) / size[:, None, None]).clip(-FARTHEST, FARTHEST)  # (T, 13, 2)
    position *= seen[..., None]
    velocity = _speed(xy, seen, size, rate, 0, LAG)  # (T, 13, 2)
    turn = velocity - _speed(xy, seen, size, rate, LAG, 2 * LAG)  # a wave turns, a swipe goes on
    turn *= seen[..., None]
    drift = _speed(xy, seen, size, rate, 0, SPAN)
    for part in (position, velocity, turn, drift):
        part[crossed] = part[crossed][:, MIRROR]
    shape, change = _shapes(xy, seen, size, crossed)
    seen = sided(seen, crossed)
    moving = [part.reshape(-1, 26) / 4 for part in (velocity, turn, drift)]
    # A hand that swings back and forth has no velocity on the mean, but it has an amount of it: attention
    # takes means of what is linear in its tokens, so what it should tell apart must stand in them.
    amounts = [np.abs(part) for part in moving]
    parts = [position.reshape(-1, 26), seen, *moving, *amounts, shape, change]
    parts += [space(poses, crossed, rate), present[:, None]]
    return np.concatenate(parts, 1).astype(np.float32)


def _shapes(
    xy: np.ndarray, seen: np.ndarray, size: np.ndarray, crossed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The shape of each tick, and by how much it changed within SPAN ticks: (T, SHAPE) both.

    In bodies of now, and in the sides of now: ``crossed`` of :func:`_on_one_side`.
    """
    shape, known = _shape(sided(xy, crossed), sided(seen, crossed), size)
    change = np.zeros_like(shape)
    late = len(xy) - SPAN
    if late > 0:
        then, now = slice(0, late), slice(SPAN, None)
        old, old_known = _shape(sided(xy[then], crossed[now]), sided(seen[then], crossed[now]), size[now])
        change[now] = np.abs(shape[now] - old) * np.minimum(known[now], old_known)
    return shape * known, change


def _shape(xy: np.ndarray, seen: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Directions and lengths of BONES, cosines and sines of ANGLES, DISTANCES; and how well each is seen."""
    (a, b), (c, d) = STARTS, ENDS
    bones = ((xy[:, c] + xy[:, d]) / 2 - (xy[:, a] + xy[:, b]) / 2) / size[:, None, None]  # (T, 12, 2)
    whole = bones_seen(seen)  # (T, 12)
    length = np.linalg.norm(bones, axis=-1).clip(0, FARTHEST)  # (T, 12)
    way = bones / np.sqrt((bones**2).sum(-1) + SHORT**2)[..., None]
    one, other = ANGLE_PAIRS
    first, second = way[:, one], way[:, other]  # (T, 8, 2)
    cosine = (first * second).sum(-1)
    sine = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    angles_seen = np.minimum(whole[:, one], whole[:, other])
    a, b = DISTANCE_PAIRS
    apart = np.linalg.norm(xy[:, a] - xy[:, b], axis=-1) / size[:, None]
    apart_seen = np.minimum(seen[:, a], seen[:, b])
    shape = [way.reshape(len(xy), -1), length, cosine, sine, apart.clip(0, FARTHEST) / 2]
    known = [np.repeat(whole, 2, 1), whole, angles_seen, angles_seen, apart_seen]
    return np.concatenate(shape, 1), np.concatenate(known, 1)


def _on_one_side(poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 13, 3) all with the sides of the first, and whether these are not the token's own sides (T,).

    The pose network at times takes the front for the back, for a picture or a few: left and right change
    places, and every joint seems to leap.  A pose whose joints lie closer to those before it when its sides
    are changed is changed; a token's own sides are those that the network gave most poses of its memory.
    """
    xy, seen = poses[..., :2], poses[..., 2]
    present: np.ndarray = seen.max(-1) > 0  # (T,)
    newest = np.maximum.accumulate(np.where(present, np.arange(len(poses)), -1))
    before = np.append(-1, newest)[: len(poses)]  # the last earlier tick with somebody, -1 for none
    pairs = seen * seen[:, MIRROR]  # a joint whose counterpart is not seen says nothing of sides
    known = pairs * pairs[before] * (present & (before >= 0))[:, None]  # (T, 13)
    as_is, changed = (
        (np.linalg.norm(xy[:, order] - xy[before], axis=-1) * known).sum(-1)
        for order in (tuple(range(len(JOINTS))), MIRROR)
    )
    side = np.cumsum(changed + SIDES * _body_size(xy, seen) < as_is) % 2  # (T,)
    # 1 for a pose that was changed, -1 for one that was not, 0 for nobody.
    votes = np.concatenate([np.zeros(MEMORY - 1), np.where(present, 2 * side - 1, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(votes, MEMORY)  # (T, MEMORY)
    oldest = windows[np.arange(len(poses)), (windows != 0).argmax(1)]
    majority = windows.sum(1)
    crossed = np.where(majority == 0, oldest, majority) > 0
    return np.where((side == 1)[:, None, None], poses[:, MIRROR], poses), crossed


def _medians(poses: np.ndarray) -> np.ndarray:
    """Each joint at its middle place in the newest MEDIAN poses (T, 13, 3), so that one pose may be off.

    Nobody does not count, and stays nobody.
    """
    present = poses[..., 2].max(-1) > 0  # (T,)
    known = np.where(present[:, None, None], poses, np.nan)
    known = np.concatenate([np.full((MEDIAN - 1, *poses.shape[1:]), np.nan), known])
    windows = np.lib.stride_tricks.sliding_window_view(known, MEDIAN, axis=0)  # (T, 13, 3, MEDIAN)
    ordered = np.sort(windows[present], axis=-1)  # nan comes last
    count = np.isfinite(ordered[:, :1, :1]).sum(-1, keepdims=True)  # (t, 1, 1, 1): nobody lacks all joints
    low, high = (np.take_along_axis(ordered, at, -1)[..., 0] for at in ((count - 1) // 2, count // 2))
    middle = np.zeros_like(poses)
    middle[present] = (low + high) / 2
    return middle


def _speed(
    xy: np.ndarray, seen: np.ndarray, size: np.ndarray, rate: float, late: int, early: int
) -> np.ndarray:
    """Mean velocity of each joint from ``early`` to ``late`` ticks ago (T, 13, 2), in bodies of now a second.

    0 where it was not seen at both.
    """
    ticks = len(xy)
    speed = np.zeros_like(xy)
    now, then = slice(early - late, max(0, ticks - late)), slice(0, max(0, ticks - early))
    both = np.minimum(seen[now], seen[then])[..., None]
    bodies = (xy[now] - xy[then]) / size[early:, None, None]
    speed[early:] = (bodies * (rate / (early - late))).clip(-FASTEST, FASTEST) * both
    return speed


def _centre(xy: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Middle of the shoulders, or of whatever is seen where they are not: (T, 2)."""
    weight = seen * np.where(np.isin(np.arange(len(JOINTS)), (1, 2)), 1.0, 1e-3)  # (T, 13)
    return (xy * weight[..., None]).sum(1) / np.maximum(weight.sum(1), 1e-9)[:, None]


def body_size(poses: np.ndarray) -> np.ndarray:
    """Length of the torso in heights of the picture (T,), steadied over poses (T, 13, 3); 1 for nobody."""
    xy, seen = poses[..., :2].astype(np.float64), poses[..., 2]
    return _smooth(_body_size(xy, seen), seen.max(-1) > 0)


def _body_size(xy: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Length of the torso in heights of the picture (T,): the longest of three views of it.

    One of them is foreshortened when the person turns, bends or leans, hardly ever all three.
    """
    shoulders, hips = xy[:, 1:3].mean(1), xy[:, 7:9].mean(1)  # (T, 2)
    torso = np.linalg.norm(shoulders - hips, axis=-1) * (seen[:, 7:9].min(1) > 0.5)
    across = np.linalg.norm(xy[:, 1] - xy[:, 2], axis=-1) / SHOULDERS * (seen[:, 1:3].min(1) > 0.5)
    neck = np.linalg.norm(xy[:, 0] - shoulders, axis=-1) / NECK * (seen[:, :3].min(1) > 0.5)
    return np.maximum(np.max([torso, across, neck], 0), 0.02)


def _smooth(size: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Median of the newest ``SPAN`` + 1 sizes where somebody was there: (T,)."""
    padded = np.concatenate([np.full(SPAN, np.nan), np.where(present, size, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, SPAN + 1)  # (T, SPAN + 1)
    ordered = np.sort(windows, axis=1)  # nan comes last
    count = np.isfinite(windows).sum(1)  # (T,)
    median = ordered[np.arange(len(size)), np.maximum(count - 1, 0) // 2]
    return np.where(count > 0, median, 1.0)
