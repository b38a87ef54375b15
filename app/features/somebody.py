"""Who counts as somebody: a body that stays in place and in size for a moment.

On a desk, a sleeve or a chair the pose network also finds bodies, and is sure of them; but they leap about
from picture to picture, and which ones it finds depends on the light and on the last bits of the processor's
sums.  A real person's trunk does not leap.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from models.extractors.anatomy import JOINTS
from models.extractors.pose import body_size

STEADY_TICKS, STEADY_PICTURES = 5, 3  # for which a body must stay, to count; a slow camera repeats pictures
STEP = 0.3  # bodies a tick that the trunk may move meanwhile
GROWTH = 1.5  # times that its size may change from one tick to the next
LEAP, SWELL = 1.0, 2.0  # the same of a body that counts: beyond, it is another one
LOST = 8  # ticks that a body may be gone for and still count when it is back
TRUNK = (0, 1, 2)  # head and shoulders


class Somebody:
    """Decides tick by tick, and keeps the poses that tokens are made of.

    Parameters
    ----------
    memory : int
        Poses to keep.
    """

    def __init__(self, memory: int) -> None:
        self._poses: deque[np.ndarray] = deque(maxlen=memory)
        self._counts = False
        self._ticks = self._pictures = 0  # for which the body has been steady
        self._gone = 0  # ticks since it was there
        self._moved = 0  # ticks since its picture
        self._centre, self._size = np.zeros(2), 0.0  # of its trunk in that picture; 0 for nobody

    def take(self, pose: np.ndarray, repeated: bool) -> bool:
        """Take the pose of the next tick; True when it is somebody's.

        Parameters
        ----------
        pose : ndarray of shape (13, 6)
            As `models.extractors.pose.joints` gives it; all zero for nobody.
        repeated : bool
            It is of the same picture as the one before.
        """
        self._moved += 1
        if not pose.any():
            self._gone += 1
            self._ticks = self._pictures = 0
            if self._gone > LOST:
                self._counts, self._size = False, 0.0
        elif repeated and self._ticks:
            self._ticks += 1
        else:
            self._compare(pose)
        if self._ticks >= STEADY_TICKS and self._pictures >= STEADY_PICTURES:
            self._counts = True
        if self._ticks == 1 and not self._counts:  # what was before is not this body's
            earlier = len(self._poses)
            self._poses.clear()
            self._poses.extend([np.zeros_like(pose)] * earlier)
        self._poses.append(pose)
        return self._counts and bool(pose.any())

    def _compare(self, pose: np.ndarray) -> None:
        """See whether a new picture's body is the one before."""
        centre, size = pose[TRUNK, :2].mean(0), float(body_size(pose[None])[0])
        there = self._size > 0
        far = float(np.linalg.norm(centre - self._centre)) / min(size, self._size) if there else np.inf
        growth = max(size / self._size, self._size / size) if there else np.inf
        if far > LEAP or growth > SWELL:
            self._counts = False
        steady = self._ticks > 0 and far < STEP * self._moved and growth < GROWTH
        self._ticks = self._ticks + 1 if steady else 1
        self._pictures = self._pictures + 1 if steady else 1
        self._centre, self._size = centre, size
        self._gone = self._moved = 0

    @property
    def poses(self) -> np.ndarray:
        """The newest poses (T, 13, 6), T at most the memory; zeros where there was nobody."""
        return np.stack(self._poses) if self._poses else np.zeros((0, len(JOINTS), 6), np.float32)
