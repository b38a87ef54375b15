"""Acted streams: what the pose network saw of rendered people who did what somebody recorded did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.training.actions.reels import mirrored
from models.training.actions.streams import Stream, Studio


@dataclass(frozen=True, eq=False)
class Acted:
    """One rendered person before one camera.

    Attributes
    ----------
    fold : int
        Of the people whose movements these are.
    aspect : float
        Of the picture.
    labels : ndarray of shape (K,), int64
    poses : ndarray of shape (K, 13, 6), float32
        As :func:`models.extractors.pose.pose_joints` gives them.
    """

    fold: int
    aspect: float
    labels: np.ndarray
    poses: np.ndarray


def acted_streams(acted: Sequence[Acted], studio: Studio, seed: int) -> list[Stream]:
    """Two streams of each: as it was seen, and as a mirror would show it; some without depth."""
    rng = np.random.default_rng(seed)
    streams = []
    for one in acted:
        somebody = one.poses.any((1, 2))
        turned = mirrored(one.poses)
        turned[somebody, :, 0] += one.aspect
        for poses in (one.poses.copy(), turned):
            if rng.random() < studio.flattened:
                poses[..., 3:] = 0
            streams.append(studio.made(poses, one.labels))
    return streams
