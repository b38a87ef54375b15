"""A body that is moved by where its hands and feet go, and what drawn motion is made of.

Elbows and knees follow by inverse kinematics.  Axes and bones: :mod:`models.training.actions.skeletons`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.training.actions.skeletons import RATE, STANDARD, smooth

Rng = np.random.Generator
STANDING = STANDARD.leg * 0.985  # height of the hips: knees are never quite straight
BREAK = (0.7, 3.0)  # seconds for which somebody who does a thing several times stands still between two
REACH = STANDARD.upper_arm + STANDARD.forearm


@dataclass
class Motion:
    """What a body does in T frames.

    Attributes
    ----------
    frames : int
        T.
    hands : list of two ndarrays of shape (T, 3)
        Left and right wrist from its shoulder, in lengths of an arm: outwards (to that side), up, forwards,
        as the trunk sees it.
    feet : list of two ndarrays of shape (T, 3)
        Left and right ankle from where it stands by default, metres: outwards, up, forwards.
    root : ndarray of shape (T, 3)
        Hips from where they are by default, metres.
    lean, tilt, twist : ndarray of shape (T,)
        Of the trunk, radians: forwards, to the left, and about the upright to the left.
    away : ndarray of shape (T, 3)
        Where the whole body has walked to, metres.
    still : ndarray of shape (T,), bool
        Whether what is done is left off for a while: the body stands as it does between two times.
    elbows, knees : tuple of float
        Where they point: outwards, up, forwards.
    """

    frames: int
    hands: list[np.ndarray] = field(init=False)
    feet: list[np.ndarray] = field(init=False)
    root: np.ndarray = field(init=False)
    lean: np.ndarray = field(init=False)
    tilt: np.ndarray = field(init=False)
    twist: np.ndarray = field(init=False)
    away: np.ndarray = field(init=False)
    still: np.ndarray = field(init=False)
    elbows: tuple[float, float, float] = (0.5, -0.7, -0.5)
    knees: tuple[float, float, float] = (0.25, 0.0, 1.0)

    def __post_init__(self) -> None:
        self.hands = [np.zeros((self.frames, 3)) for _ in range(2)]
        self.feet = [np.zeros((self.frames, 3)) for _ in range(2)]
        self.root, self.away = np.zeros((self.frames, 3)), np.zeros((self.frames, 3))
        self.lean, self.tilt, self.twist = (np.zeros(self.frames) for _ in range(3))
        self.still = np.zeros(self.frames, bool)

    def joints(self) -> np.ndarray:
        """The skeleton, (T, 13, 3)."""
        out = np.empty((self.frames, 13, 3))
        hips = self.root + self.away + np.array([0.0, STANDING, 0.0])
        trunk = _rotation(self.twist, self.lean, self.tilt)  # (T, 3, 3)
        pelvis = _rotation(self.twist * 0.5, self.lean * 0.0, self.tilt * 0.2)
        top = hips + trunk @ np.array([0.0, STANDARD.torso, 0.0])
        out[:, 0] = top + trunk @ np.array([0.0, STANDARD.neck, 0.02])
        for side, sign in enumerate((1.0, -1.0)):
            mirrored = np.array([sign, 1.0, 1.0])
            shoulder = top + trunk @ (mirrored * np.array([STANDARD.shoulders / 2, 0.0, 0.0]))
            target = np.einsum("tij,tj->ti", trunk, self.hands[side] * mirrored * REACH)
            hint = trunk @ (mirrored * np.array(self.elbows))
            elbow, wrist = _two_bones(shoulder, target, hint, STANDARD.upper_arm, STANDARD.forearm)
            out[:, 1 + side], out[:, 3 + side], out[:, 5 + side] = shoulder, elbow, wrist
            hip = hips + pelvis @ (mirrored * np.array([STANDARD.hips / 2, 0.0, 0.0]))
            ground = np.array([sign * STANDARD.hips * 0.6, 0.0, 0.0]) + self.feet[side] * mirrored + self.away
            hint = np.broadcast_to(mirrored * np.array(self.knees), hip.shape)
            knee, ankle = _two_bones(hip, ground - hip, hint, STANDARD.thigh, STANDARD.shin)
            out[:, 7 + side], out[:, 9 + side], out[:, 11 + side] = hip, knee, ankle
        return out


def _rotation(twist: np.ndarray, lean: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Rotation matrices (T, 3, 3): tilt about z, then lean about x, then twist about y."""
    zero, one = np.zeros_like(twist), np.ones_like(twist)

    def about(angle: np.ndarray, rows: Callable[[np.ndarray, np.ndarray], list]) -> np.ndarray:
        return np.stack([np.stack(row, -1) for row in rows(np.cos(angle), np.sin(angle))], -2)

    y = about(twist, lambda c, s: [[c, zero, s], [zero, one, zero], [-s, zero, c]])
    x = about(lean, lambda c, s: [[one, zero, zero], [zero, c, -s], [zero, s, c]])
    z = about(-tilt, lambda c, s: [[c, -s, zero], [s, c, zero], [zero, zero, one]])
    return y @ x @ z


def _two_bones(
    start: np.ndarray, reach: np.ndarray, hint: np.ndarray, first: float, second: float
) -> tuple[np.ndarray, np.ndarray]:
    """Middle and end of two bones from ``start`` (T, 3) towards ``start + reach``, bent towards ``hint``."""
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    along = reach / np.maximum(distance, 1e-6)
    distance = distance.clip(abs(first - second) + 0.02, first + second - 1e-3)
    side = hint - (hint * along).sum(-1, keepdims=True) * along
    side /= np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-6)
    towards = (first**2 - second**2 + distance**2) / (2 * distance)
    off = np.sqrt(np.maximum(first**2 - towards**2, 0))
    return start + along * towards + side * off, start + along * distance


# --- what motions are made of ---------------------------------------------------------------------------


def wander(rng: Rng, frames: int, scale: float, seconds: float = 1.0) -> np.ndarray:
    """Smooth random drift (T, 3) about zero, of standard deviation ``scale``, changing over ``seconds``."""
    knots = max(4, int(frames / RATE / seconds) + 4)
    at = np.linspace(0, knots - 1, frames)
    rough = np.stack([np.interp(at, np.arange(knots), rng.normal(size=knots)) for _ in range(3)], 1)
    return smooth(rough, seconds * RATE / 4) * scale * 1.3


def ramp(frames: int, begin: float, seconds: float) -> np.ndarray:
    """From 0 to 1, starting at frame ``begin``, within ``seconds``, as a hand moves (minimum jerk): (T,)."""
    s = ((np.arange(frames) - begin) / max(1.0, seconds * RATE)).clip(0, 1)
    return s**3 * (10 - 15 * s + 6 * s * s)


def hold(rng: Rng, frames: int, rise: tuple[float, float] = (0.25, 0.8)) -> np.ndarray:
    """Up from 0 to 1, stay, and down again: (T,)."""
    up, down = rng.uniform(*rise), rng.uniform(*rise)
    shorten = min(1.0, 0.8 * frames / RATE / (up + down))
    up, down = up * shorten, down * shorten
    return ramp(frames, 0, up) * (1 - ramp(frames, frames - down * RATE, down))


def beat(rng: Rng, frames: int, low: float, high: float) -> np.ndarray:
    """Phase in turns (T,) of something done ``low`` to ``high`` times a second, not quite evenly."""
    frequency = rng.uniform(low, high) * (1 + wander(rng, frames, 0.08, 1.5)[:, 0])
    return np.cumsum(np.maximum(frequency, 0.1)) / RATE + rng.uniform()


def with_breaks(rng: Rng, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A phase (T,) that stops now and then at a turn's end, but the first's, and whether it does (T,)."""
    often = rng.uniform(0, 0.7) * (rng.random() < 0.7)
    turns = np.flatnonzero(np.diff(np.floor(phase)) > 0) + 1  # the frames with which a turn begins
    still = np.zeros(len(phase), bool)
    source, late = np.arange(len(phase)), 0
    for turn in turns[phase[turns] - phase[0] >= 1]:
        begin = turn + late
        if begin < len(phase) and rng.random() < often:
            pause = int(rng.uniform(*BREAK) * RATE)
            still[begin : begin + pause] = True
            source[begin:] -= pause
            source[begin : begin + pause] = turn
            late += pause
    return phase[source], still


def pulse(phase: np.ndarray, sharp: float) -> np.ndarray:
    """Once a turn from 0 to 1 and back (T,); ``sharp`` above 1 stays low for longer."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * phase)) ** sharp


def at(*xyz: float) -> np.ndarray:
    return np.array(xyz)


def blend(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    return a * (1 - share[:, None]) + b * share[:, None]


def rest(rng: Rng, frames: int, sway: float = 1.0) -> Motion:
    """Standing (or sitting) still in one of many ways: what every motion starts from."""
    m = Motion(frames)
    m.elbows = (rng.uniform(0.2, 1.0), -0.7, rng.uniform(-0.9, -0.1))
    places = {
        "hanging": (at(0.12, -0.97, 0.05), 0.06),
        "before": (at(-0.25, -0.65, 0.35), 0.07),
        "hips": (at(0.22, -0.62, 0.05), 0.05),
        "crossed": (at(-0.45, -0.38, 0.32), 0.05),
        "desk": (at(-0.02, -0.60, 0.55), 0.12),
        "lap": (at(-0.05, -0.72, 0.42), 0.08),
        "chin": (at(-0.28, 0.12, 0.38), 0.05),
    }
    names, weights = list(places), np.array([8, 2, 1.5, 1, 2.5, 1.5, 0.7])
    both = rng.choice(len(names), p=weights / weights.sum())
    for side in range(2):
        which = both if rng.random() < 0.85 else rng.choice(len(names), p=weights / weights.sum())
        place, spread = places[names[which]]
        m.hands[side] = m.hands[side] + place + rng.normal(0, spread, 3)
        m.hands[side] += wander(rng, frames, 0.012 * sway, 2.0) + wander(rng, frames, 0.01 * sway, 0.5)
        m.feet[side] = m.feet[side] + at(rng.uniform(-0.03, 0.15), 0, rng.uniform(-0.05, 0.05))
    drift = wander(rng, frames, 0.02 * sway, 2.5)
    m.root = drift * at(1, 0.15, 0.6)
    m.lean = rng.normal(0.03, 0.06) + drift[:, 2] * 1.5
    m.tilt = rng.normal(0, 0.03) + drift[:, 0] * 0.8
    m.twist = rng.normal(0, 0.06) + wander(rng, frames, 0.05 * sway, 2.0)[:, 0]
    if rng.random() < 0.25:  # on a chair: hips low, feet before
        low = rng.uniform(0.30, 0.42)
        m.root = m.root + at(0, -low, 0)
        for side in range(2):
            m.feet[side] = m.feet[side] + at(rng.uniform(0, 0.1), 0, rng.uniform(0.3, 0.5))
    return m


def seated(m: Motion) -> bool:
    return bool(m.root[0, 1] < -0.25)


def standing_rest(rng: Rng, frames: int) -> Motion:
    """A rest on both feet."""
    while seated(m := rest(rng, frames)):
        pass
    return m
