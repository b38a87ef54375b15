"""The token: what a feature extractor makes of media at one tick, and a Continual Transformer eats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One step of one task.

    Attributes
    ----------
    tick : int
        Index on the task's tick grid: tick k stands for media time k / rate.
    time : float
        Media time of the tick, seconds.
    vector : ndarray of shape (features,), float32
        The model's input.
    captured : float
        ``time.perf_counter()`` when the newest media in it was had: the latency counts from there.
    status : str
        "" for an ordinary token; ``"no person"``, ``"too far away"``, ``"no music"``: the task has nothing to
        name at this tick.
    repeated : bool
        No new picture since the tick before: the newest one stands in.
    unavailable : tuple of str
        Classes that cannot be told now: what they are done with is out of the picture.
    pose : ndarray of shape (13, 6), optional
        The newest joints that a pose token was made of, see `models.extractors.pose.pose_joints`, zeros for
        nobody; None of any other kind of token.
    """

    tick: int
    time: float
    vector: np.ndarray
    captured: float
    status: str = ""
    repeated: bool = False
    unavailable: tuple[str, ...] = ()
    pose: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A pose in the picture.

    Attributes
    ----------
    landmarks : ndarray of shape (33, 2)
        BlazePose landmarks in the picture, x and y as fractions of its width and height.
    visibility : ndarray of shape (33,)
        0 to 1.
    followed : bool
        Whether this is the person whose actions are named (the largest).
    world : ndarray of shape (33, 3)
        The landmarks in space, metres about the hips: x to the right, y down, z away from the camera.
    """

    landmarks: np.ndarray
    visibility: np.ndarray
    followed: bool
    world: np.ndarray
