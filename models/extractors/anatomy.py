"""What of a body is looked at: joints, bones and angles, and over how long they move.

Poses (T, 13, 6) hold of each joint x and y in the picture, how well it is seen, and where it is in space.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: The joints of a token, in order; "left" is the person's own left.
JOINTS = (
    "head",
    "left shoulder",
    "right shoulder",
    "left elbow",
    "right elbow",
    "left wrist",
    "right wrist",
    "left hip",
    "right hip",
    "left knee",
    "right knee",
    "left ankle",
    "right ankle",
)
#: BlazePose landmarks of each joint (their mean): the head is the middle between the ears, which is where
#: other skeletons have it, and is steady when the face turns.
LANDMARKS = ((7, 8), (11,), (12,), (13,), (14,), (15,), (16,), (23,), (24,), (25,), (26,), (27,), (28,))
LEGS = (9, 10, 11, 12)  # knees and ankles
#: Index of each joint's mirror image.
MIRROR = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11)

# Bones of the shape, from joint to joint; a pair of joints stands for the middle between them.
BONES = (
    ((1,), (3,)),
    ((2,), (4,)),
    ((3,), (5,)),
    ((4,), (6,)),
    ((7,), (9,)),
    ((8,), (10,)),
    ((9,), (11,)),
    ((10,), (12,)),
    ((7, 8), (1, 2)),
    ((2,), (1,)),
    ((8,), (7,)),
    ((1, 2), (0,)),
)
# Pairs of bones that make an angle: at the elbows, knees, shoulders and hips.
ANGLES = ((0, 2), (1, 3), (4, 6), (5, 7), (8, 0), (8, 1), (8, 4), (8, 5))
DISTANCES = (
    (5, 6),
    (5, 0),
    (6, 0),
    (5, 7),
    (6, 8),
    (5, 1),
    (6, 2),
    (11, 12),
    (11, 7),
    (12, 8),
    (9, 10),
    (9, 1),
    (10, 2),
    (5, 11),
    (6, 12),
)
LAG = 3  # ticks over which velocity is taken: one is mostly jitter, or a repeated picture
SPAN = 7  # ticks over which drift is taken: half a second at 15 a second
FASTEST = 12.0  # bodies (torso lengths) a second at which velocity is cut off
FARTHEST = 4.0  # bodies from the shoulders at which a position is cut off: farther is an error of the network


def pairs(points: Sequence[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Points of one or two joints each, as two indices: half of their sum is the mean, to the last bit."""
    return np.array([point[0] for point in points]), np.array([point[-1] for point in points])


STARTS, ENDS = (pairs([bone[end] for bone in BONES]) for end in (0, 1))
ANGLE_PAIRS, DISTANCE_PAIRS = pairs(ANGLES), pairs(DISTANCES)


def sided(part: np.ndarray, crossed: np.ndarray) -> np.ndarray:
    """Joints (T, 13, ...) with left and right changed where ``crossed`` (T,)."""
    return np.where(crossed.reshape(-1, *[1] * (part.ndim - 1)), part[:, MIRROR], part)


def bones_seen(seen: np.ndarray) -> np.ndarray:
    """How well each of BONES is seen (T, 12): as the worst of its joints (T, 13)."""
    (a, b), (c, d) = STARTS, ENDS
    return np.minimum(np.minimum(seen[:, a], seen[:, b]), np.minimum(seen[:, c], seen[:, d]))
