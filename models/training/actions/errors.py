"""What the pose network gets wrong: joints that are off, stick, leap or change sides, and its smoothing.

How much was measured on real film: by the network's own bones, which in truth have one length.
"""

from __future__ import annotations

import math

import numpy as np

from models.extractors.anatomy import MIRROR
from models.training.actions.skeletons import LIMBS, RATE, STANDARD, smooth

Rng = np.random.Generator
# How far from the truth each joint is put, relative to the steadiest.
ERROR = np.array([0.7, 0.8, 0.8, 1.6, 1.6, 2.4, 2.4, 0.8, 0.8, 1.2, 1.2, 1.4, 1.4])
# How far from where its parent has it each joint is put in space, metres.
SPACE_ERROR = np.array([0.02, 0.02, 0.02, 0.03, 0.03, 0.03, 0.03, 0.015, 0.015, 0.03, 0.03, 0.03, 0.03])
LEANING = 0.12  # radians that all bodies are taken to lean towards the camera
# Of MediaPipe's smoothing: least cutoff and slope, in the picture and in space.
FLAT_EURO, SPACE_EURO = (0.05, 80.0), (0.1, 40.0)


def astray(rng: Rng, xy: np.ndarray, torso: float, error: float) -> np.ndarray:
    """What the pose network is off by (T, 13, 2): always, slowly changing, and from picture to picture."""
    frames = len(xy)
    speed = np.linalg.norm(np.gradient(xy, axis=0), axis=-1, keepdims=True) * RATE / torso  # torsos a second
    quick = rng.normal(size=(frames, 13, 2)) * (1 + 0.35 * np.minimum(speed, 8))
    slow = drift(rng, frames, 26, 0.5).reshape(frames, 13, 2) * 1.5
    always = rng.normal(0, 0.02, (13, 2))
    late = -np.gradient(xy, axis=0) * rng.uniform(0, 1)  # frames
    return ((quick + slow) * error + always) * ERROR[:, None] * torso + late


def misplaced(rng: Rng, space: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Joints in space (T, 13, 3) as the pose network has them: above all their depth is off.

    Parameters
    ----------
    rng : numpy.random.Generator
    space : ndarray of shape (T, 13, 3)
        Metres about the hips: x to the right of the picture, y down, z away from the camera.
    off : ndarray of shape (T, 13, 2)
        By what they are off in the picture, metres.
    """
    frames = len(space)
    shallow = np.exp(rng.normal(-0.1, 0.15))  # depth is mostly taken for less than it is
    out = space * np.array([1.0, 1.0, shallow])
    across = out[:, 1] - out[:, 2]
    ahead = np.stack([across[:, 2], 0 * across[:, 1], -across[:, 0]], 1) / STANDARD.shoulders
    shoulders = out[:, 1:3].mean(1)
    out[:, 0] = shoulders + (out[:, 0] - shoulders) * rng.uniform(0.6, 0.95) + ahead * rng.uniform(0, 0.09)
    pitch, yaw = rng.normal(LEANING, 0.12), rng.normal(0, 0.08)
    c, s = math.cos(pitch), math.sin(pitch)
    out = out @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    c, s = math.cos(yaw), math.sin(yaw)
    out = out @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    much = SPACE_ERROR[:, None] * float(np.exp(rng.normal(0, 0.4)))
    wrong = rng.normal(size=(1, 13, 3)) * much * np.array([0.4, 0.4, 0.8])
    wrong = wrong + drift(rng, frames, 39, 0.6).reshape(frames, 13, 3) * much * np.array([0.3, 0.3, 0.9])
    wrong += rng.normal(size=(frames, 13, 3)) * much * np.array([0.1, 0.1, 0.3])
    for child, parent in LIMBS:  # a hand follows its elbow
        wrong[:, child] += wrong[:, parent]
    wrong[..., :2] += off * 0.7
    out = out + wrong
    return out - out[:, 7:9].mean(1, keepdims=True)


def confused(rng: Rng, xy: np.ndarray, trouble: float, scale: float) -> np.ndarray:
    """Joints that stick, jump to the wrong place or change sides for a moment."""
    xy = xy.copy()
    for _ in range(rng.poisson(trouble * len(xy) / RATE)):
        begin = int(rng.integers(len(xy)))
        span = slice(begin, begin + int(rng.uniform(0.08, 0.6) * RATE))
        side = int(rng.integers(2))
        match rng.integers(5):
            case 0:  # a hand sticks where it was
                xy[span, 5 + side] = xy[begin, 5 + side]
                xy[span, 3 + side] = xy[begin, 3 + side]
            case 1:  # a hand is taken for something else
                xy[span, 5 + side] = xy[span, int(rng.choice([0, 6 - side, 7 + side]))]
            case 2:  # the legs change sides
                xy[span, 7:] = xy[span][:, [8, 7, 10, 9, 12, 11]]
            case 3:  # all joints jump
                xy[span, :, :2] += rng.normal(0, 0.05 * scale, 2)
            case 4:  # the front is taken for the back: now and then the sides change, wholly or half
                span = slice(begin, begin + int(rng.uniform(0.1, 2.0) * RATE))
                part = xy[span]
                share = rng.uniform(0.2, 1.0, len(part)) * (rng.random(len(part)) < rng.uniform(0.1, 0.4))
                xy[span] = part + (part[:, MIRROR] - part) * share[:, None, None]
    return xy


def drift(rng: Rng, frames: int, width: int, seconds: float) -> np.ndarray:
    """Noise (T, width) of standard deviation about 1 that forgets itself within ``seconds``."""
    sigma = seconds * RATE / 2
    return smooth(rng.normal(size=(frames, width)), sigma) * math.sqrt(2 * sigma * math.sqrt(math.pi))


def one_euro(
    track: np.ndarray, times: np.ndarray, size: float, cutoff: tuple[float, float] = FLAT_EURO
) -> np.ndarray:
    """MediaPipe's smoothing of landmarks (Casiez et al. 2012, with speed measured in sizes of the person).

    Parameters
    ----------
    track : ndarray of shape (T, ...)
    times : ndarray of shape (T,)
        Seconds.
    size : float
        Of the region around the person, in the track's unit; 1 for a track in metres.
    cutoff : (float, float)
        The least, in Hz, and by how much it grows with the speed.
    """
    (least, slope), derivative_cutoff = cutoff, 1.0
    out = np.empty_like(track)
    out[0] = value = track[0]
    speed = np.zeros_like(value)
    for i in range(1, len(track)):
        dt = max(times[i] - times[i - 1], 1e-3)
        share = 1 / (1 + 1 / (2 * math.pi * derivative_cutoff * dt))
        speed = speed + share * ((track[i] - value) / (size * dt) - speed)
        share_now = 1 / (1 + 1 / (2 * math.pi * dt * (least + slope * np.abs(speed))))
        out[i] = value = value + share_now * (track[i] - value)
    return out
