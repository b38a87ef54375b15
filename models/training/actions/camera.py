"""What a camera and a pose network make of a skeleton: the step from clean 3-D motion to believable tokens.

A movement (T, 13, 3) at 30 frames a second is seen from some angle and distance, cut by the picture's edge or
a desk, sampled at the camera's rate, put where the pose network puts it
(:mod:`models.training.actions.errors`), and on the grid of ticks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.extractors.anatomy import MIRROR
from models.extractors.pose import joints
from models.training.actions.errors import SPACE_EURO, astray, confused, drift, misplaced, one_euro
from models.training.actions.skeletons import RATE, STANDARD, smooth

Rng = np.random.Generator
CAMERA_RATES = (30.0, 25.0, 24.0, 20.0, 15.0, 12.0, 10.0, 8.0)
CAMERA_RATE_WEIGHTS = (0.36, 0.12, 0.06, 0.1, 0.16, 0.06, 0.1, 0.04)
# Visibility of a joint in plain view, as the pose network gives it on real video.
PLAIN = np.array([1.0, 1.0, 1.0, 0.96, 0.96, 0.93, 0.93, 1.0, 1.0, 0.95, 0.95, 0.93, 0.93])


@dataclass(frozen=True)
class View:
    """A camera before a person, and how well the pose network does there.

    Angles in radians, lengths in heights of the picture or metres.
    """

    yaw: float  # of the person against the camera
    pitch: float
    roll: float
    focal: float
    scale: float  # heights of the picture that a metre at the person's distance takes
    aspect: float
    place: tuple[float, float]  # where in the picture the anchor is
    anchor: str  # "middle" of the body, or "head"
    desk: float  # metres below the head from where on a desk hides the body; inf for none
    rate: float  # frames a second
    error: float  # of the steadiest joint, torso lengths
    trouble: float  # events (frozen, swapped, confused joints) a second
    mirrored: bool


def draw_view(rng: Rng, framing: str | None = None, around: bool = False) -> View:
    """A view at random.

    Parameters
    ----------
    rng : numpy.random.Generator
    framing : {"full", "knees", "waist", "bust"}, optional
        How much of the body is in the picture; at random by default.
    around : bool
        Whether from the side or from anywhere; else more or less from the front.
    """
    framing = framing or str(rng.choice(["full", "knees", "waist", "bust"], p=[0.5, 0.12, 0.2, 0.18]))
    aspect = float(rng.choice([16 / 9, 4 / 3, 9 / 16, 3 / 4], p=[0.5, 0.35, 0.1, 0.05]))
    if framing == "full":
        scale = rng.uniform(0.28, 0.52) if rng.random() < 0.85 else rng.uniform(0.14, 0.28)
        height = rng.uniform(0.44, 0.58)
    else:
        low, high = {"knees": (0.5, 0.72), "waist": (0.7, 1.1), "bust": (1.0, 1.7)}[framing]
        headless = rng.random() < 0.1  # the head is above the picture
        scale, height = rng.uniform(low, high), rng.uniform(-0.2, 0.0) if headless else rng.uniform(0.1, 0.42)
    focal = 0.5 / math.tan(math.radians(rng.uniform(35, 75)) / 2)
    close = framing in ("waist", "bust")
    yaw = float(np.clip(rng.normal(0, 0.38), -1.2, 1.2))
    if around and rng.random() < 0.7:
        yaw = float(rng.choice([-1, 1]) * rng.normal(math.pi / 2, 0.35))
    elif around:
        yaw = float(rng.uniform(-math.pi, math.pi))
    return View(
        yaw=yaw,
        pitch=rng.normal(0, 0.12),
        roll=rng.normal(0, 0.04),
        focal=focal,
        scale=min(scale, focal / 0.8),  # nobody stands closer than 0.8 m
        aspect=aspect,
        place=(aspect * rng.uniform(0.36, 0.64), height),
        anchor="middle" if framing == "full" else "head",
        desk=rng.uniform(0.45, 0.85) if close and rng.random() < 0.5 else math.inf,
        rate=float(rng.choice(CAMERA_RATES, p=CAMERA_RATE_WEIGHTS)),
        error=float(np.exp(rng.normal(math.log(0.008), 0.6))) * float(np.clip(0.3 / scale, 0.7, 2.0)),
        trouble=float(rng.choice([0.0, 0.15, 0.5], p=[0.4, 0.4, 0.2])),
        mirrored=bool(rng.random() < 0.5),
    )


def mirror(movement: np.ndarray) -> np.ndarray:
    """The movement (T, 13, 3) as in a mirror: left is right."""
    return movement[:, list(MIRROR)] * np.array([-1.0, 1.0, 1.0])


def focus_of(movement: np.ndarray, view: View) -> float:
    """Metres over the floor at which a camera looks to see a movement (T, 13, 3)."""
    return float(np.median(movement[:, 0, 1])) - (0.65 if view.anchor == "middle" else 0.0)


def turns(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices for rows: yaw, then pitch (3, 3), then, in the picture, roll (2, 2)."""
    c, s = math.cos(view.yaw), math.sin(view.yaw)
    yaw = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    c, s = math.cos(view.pitch), math.sin(view.pitch)
    pitch = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    c, s = math.cos(view.roll), math.sin(view.roll)
    return yaw, pitch, np.array([[c, s], [-s, c]])


def project(movement: np.ndarray, view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the camera sees of a movement (T, 13, 3).

    Joints in the picture (T, 13, 2), in its heights and y downwards; and in metres, their distance from the
    camera (T, 13) and where they are about the hips (T, 13, 3): x to the right, y down, z away from it.
    """
    yaw, pitch, roll = turns(view)
    focus = np.array([0.0, focus_of(movement, view), 0.0])
    seen = (movement @ yaw - focus) @ pitch
    depth = np.maximum(view.focal / view.scale - seen[..., 2], 0.3)
    flat = seen[..., :2] * (view.focal / depth)[..., None] @ roll
    about = seen - seen[:, 7:9].mean(1, keepdims=True)
    about = np.concatenate([about[..., :2] @ roll, about[..., 2:]], -1)
    return np.array(view.place) + flat * np.array([1.0, -1.0]), depth, about * np.array([1.0, -1.0, -1.0])


def observe(rng: Rng, movement: np.ndarray, view: View, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """The poses that the window would hand to :func:`models.extractors.pose.vectors`.

    Parameters
    ----------
    rng : numpy.random.Generator
    movement : ndarray of shape (T, 13, 3)
        30 frames a second, axes and metres of :mod:`models.training.actions.skeletons`.
    view : View
    rate : float
        Ticks a second.

    Returns
    -------
    poses : ndarray of shape (K, 13, 6), float32
        One a tick; see :func:`models.extractors.pose.joints`.
    frames : ndarray of shape (K,), int
        The frame of the movement that each tick's picture shows.
    """
    if view.mirrored:
        movement = mirror(movement)
    xy, depth, space = project(movement, view)
    torso = 0.5 * view.scale
    visibility = _visibility(rng, xy, depth, movement, view)
    return watch(rng, xy, visibility, torso, view, rate, space)


def watch(
    rng: Rng,
    xy: np.ndarray,
    visibility: np.ndarray,
    torso: float,
    view: View,
    rate: float,
    space: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """What the pose network makes of joints in the picture (T, 13, 2), and the window's ticks of that.

    ``torso`` is its length in heights of the picture, ``space`` where the joints are about the hips
    (T, 13, 3), metres, if that is known; the rest as of :func:`observe`.
    """
    points = xy if space is None else np.concatenate([xy, space], -1)  # (T, 13, 2) or (T, 13, 5)
    points = confused(rng, points, view.trouble, view.scale)
    xy = points[..., :2]
    off = astray(rng, xy, torso, view.error)
    times = picture_times(rng, len(xy) / RATE, view)
    index = np.minimum((times * RATE).round().astype(int), len(xy) - 1)
    pictures = one_euro((xy + off)[index], times, 4.2 * torso)
    ticks = np.arange(math.ceil(times[0] * rate), int(len(xy) / RATE * rate)) / rate
    shown = np.searchsorted(times, ticks + 1e-6, side="right") - 1
    inside = None
    if space is not None:
        moved = misplaced(rng, points[..., 2:], off * (STANDARD.torso / torso))
        inside = one_euro(moved[index], times, 1.0, SPACE_EURO)[shown]
    return joints(pictures[shown], visibility[index][shown], view.aspect, inside), index[shown]


def _visibility(rng: Rng, xy: np.ndarray, depth: np.ndarray, movement: np.ndarray, view: View) -> np.ndarray:
    """Visibility (T, 13) as the pose network would give it."""
    inside = ((xy > 0) & (xy < np.array([view.aspect, 1.0]))).all(-1)
    above_desk = movement[..., 1] > np.median(movement[:, 0, 1]) - view.desk
    shoulders = xy[:, 1:3].mean(1, keepdims=True)
    behind = (depth > depth[:, 1:3].mean(1, keepdims=True) + 0.12) & (
        np.abs(xy[..., 0] - shoulders[..., 0]) < 0.15 * view.scale
    )
    behind[:, [0, 1, 2, 7, 8, 9, 10, 11, 12]] = False  # arms are what the trunk hides
    frames = len(xy)
    plain = PLAIN - np.abs(rng.normal(0, 0.02, 13)) - 0.04 * np.abs(drift(rng, frames, 13, 0.5))
    hidden = rng.uniform(0.02, 0.5, 13) + 0.06 * drift(rng, frames, 13, 0.5)
    covered = rng.uniform(0.0, 0.9, 13)
    if rng.random() < 0.25:  # mostly the network is sure of a leg behind the other, now and then it is not
        far = depth > depth[:, 7:9].mean(1, keepdims=True) + 0.07
        behind[:, 9:] = far[:, 9:]
    value = np.where(inside & above_desk, np.where(behind, covered, plain), hidden)
    return smooth(value, 3.0).clip(0, 1)


def picture_times(rng: Rng, seconds: float, view: View) -> np.ndarray:
    """When pictures are taken: at the camera's rate, with jitter and a stall now and then."""
    times = np.arange(rng.uniform(0, 1 / view.rate), seconds, 1 / view.rate)
    times = times + rng.uniform(-0.1, 0.1, len(times)) / view.rate
    kept = np.ones(len(times), bool)
    for _ in range(rng.poisson(0.02 * seconds)):
        begin = rng.uniform(0, seconds)
        kept &= ~((times > begin) & (times < begin + rng.uniform(0.1, 0.5)))
    kept[0] = True
    return np.maximum.accumulate(times[kept].clip(0))
