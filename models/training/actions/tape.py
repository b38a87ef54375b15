"""Pieces of movement, and how they are joined to one."""

from __future__ import annotations

import numpy as np

from models.training.actions.body import wander
from models.training.actions.reels import UNSAID
from models.training.actions.skeletons import RATE

Rng = np.random.Generator
FADE = 0.3  # seconds from the last of an action during which it is still, or no longer, right
ASTRAY = 0.7  # metres from where the camera looks from which on a stream starts anew


class Tape:
    """Segments joined: each begins where the one before ended, and is blended into it."""

    def __init__(self, rng: Rng, turn: bool = True) -> None:
        self._rng = rng
        self._turn = turn
        self._movement: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self.frames = 0

    def add(self, movement: np.ndarray, labels: np.ndarray) -> None:
        movement, labels = movement.copy(), labels.copy()
        start = movement[0, 7:9].mean(0)
        end = self._movement[-1][-1, 7:9].mean(0) if self._movement else np.zeros(3)
        if self._turn:
            movement = self._turned(movement)
        cut = np.hypot(end[0], end[2]) > ASTRAY  # walked off: the next one begins where the camera looks
        if not cut:
            movement[..., [0, 2]] += (end - start)[[0, 2]]
        if cut:
            labels[: int(FADE * RATE)] = UNSAID
        elif self._movement:
            frames = min(int(self._rng.uniform(0.15, 0.5) * RATE), len(movement))
            share = np.linspace(0, 1, frames + 2)[1:-1, None, None]
            share = share * share * (3 - 2 * share)
            movement[:frames] = self._movement[-1][-1] * (1 - share) + movement[:frames] * share
            labels[: min(frames, len(labels) - 1)] = UNSAID
        self._movement.append(movement)
        self._labels.append(labels)
        self.frames += len(movement)

    def _turned(self, movement: np.ndarray) -> np.ndarray:
        """A segment that faces a little elsewhere; one that walks far goes anywhere."""
        travel = np.linalg.norm(movement[-1, 7:9].mean(0) - movement[0, 7:9].mean(0))
        angle = self._rng.uniform(-np.pi, np.pi) if travel > 0.4 else self._rng.normal(0, 0.12)
        c, s = np.cos(angle), np.sin(angle)
        centre = movement[0, 7:9].mean(0) * np.array([1, 0, 1])
        return (movement - centre) @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]) + centre

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        return np.concatenate(self._movement), np.concatenate(self._labels)


def held_pose(rng: Rng, pose: np.ndarray, frames: int) -> np.ndarray:
    """A pose (13, 3) held for some frames, with a person's sway: (frames, 13, 3)."""
    sway = wander(rng, frames, rng.uniform(0.003, 0.03), 2.0)[:, None] * np.array([1.0, 0.2, 0.6])
    return pose + sway * (pose[:, 1:2] / 1.6)  # the higher, the more it sways


def at_speed(movement: np.ndarray, labels: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """The movement (T, ...) done ``speed`` times as fast."""
    source = np.arange(0, len(movement) - 1, speed)
    low = source.astype(int)
    share = (source - low)[:, None, None]
    return movement[low] * (1 - share) + movement[low + 1] * share, labels[low]
