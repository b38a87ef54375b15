"""How the demo's person moves: procedural joint curves, action by action.

A posture says where the pelvis is, how the trunk leans and where hands and feet are; :func:`joints` solves
the rest (elbows and knees by two-bone inverse kinematics).  Lengths are metres, x to the right of the
picture, y up from the floor, z towards the camera; hands and feet are mirrored, so that their first
coordinate is "outwards" on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace

import numpy as np

UPPER_ARM, FOREARM, THIGH, SHANK = 0.29, 0.26, 0.44, 0.43
PELVIS_HEIGHT, SPINE, SHOULDER, HIP, ANKLE = 0.95, 0.50, 0.19, 0.095, 0.08
TAU = 2 * np.pi


def vector(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


@dataclass(frozen=True)
class Posture:
    """Everything that is free in a body's pose; angles in radians."""

    place: np.ndarray = field(default_factory=lambda: vector(0, 0, 0))  # floor point under the pelvis
    drop: float = 0.0  # pelvis below its standing height
    forward: float = 0.0  # pelvis ahead of its floor point
    yaw: float = 0.0  # 0 faces the camera, positive turns to the right of the picture
    lean: float = 0.0
    tilt: float = 0.0
    twist: float = 0.0
    nod: float = 0.0
    glance: float = 0.0
    right_hand: np.ndarray = field(default_factory=lambda: vector(0.07, -0.52, 0.06))  # from the shoulder
    left_hand: np.ndarray = field(default_factory=lambda: vector(0.07, -0.52, 0.06))
    right_foot: np.ndarray = field(default_factory=lambda: vector(0.11, 0, 0))  # from the floor point
    left_foot: np.ndarray = field(default_factory=lambda: vector(0.11, 0, 0))


Move = Callable[[float], Posture]


def blend(a: Posture, b: Posture, weight: float) -> Posture:
    """The posture ``weight`` of the way from ``a`` to ``b``."""
    mixed = {f.name: getattr(a, f.name) * (1 - weight) + getattr(b, f.name) * weight for f in fields(Posture)}
    return Posture(**mixed)


def ease(x: float) -> float:
    """Minimum-jerk progress from 0 to 1: how hands travel."""
    x = float(np.clip(x, 0, 1))
    return x**3 * (10 - 15 * x + 6 * x**2)


def pulse(t: float, period: float, hold: float = 0.2) -> float:
    """0 → 1 → 0 once a ``period``, resting at the top for a share ``hold`` of it."""
    phase = (t / period) % 1.0
    rise = (1 - hold) * 0.42
    return ease(phase / rise) * (1 - ease((phase - rise - hold) / ((1 - hold) * 0.45)))


# --- actions --------------------------------------------------------------------------------------------


def idle(t: float) -> Posture:
    sway = np.sin(TAU * 0.21 * t)
    breath = np.sin(TAU * 0.27 * t + 1)
    return Posture(
        drop=0.012,
        tilt=0.012 * sway,
        twist=0.03 * np.sin(TAU * 0.13 * t),
        glance=0.12 * np.sin(TAU * 0.17 * t + 0.5),
        lean=0.015 * breath,
        right_hand=vector(0.07 + 0.01 * sway, -0.52, 0.06 + 0.01 * breath),
        left_hand=vector(0.08 - 0.01 * sway, -0.515, 0.05 - 0.01 * breath),
    )


def wave(t: float) -> Posture:
    swing = np.sin(TAU * 1.5 * t)
    return replace(idle(t), tilt=0.03, right_hand=vector(0.22 + 0.17 * swing, 0.36 - 0.04 * swing**2, 0.12))


def two_hand_wave(t: float) -> Posture:
    swing = np.sin(TAU * 1.25 * t)
    hand = vector(0.20 + 0.17 * swing, 0.42 - 0.06 * swing**2, 0.08)
    return replace(idle(t), right_hand=hand, left_hand=hand)


def arms_raised(t: float) -> Posture:
    drift = 0.02 * np.sin(TAU * 0.3 * t)
    hand = vector(0.20 + drift, 0.47, 0.04)
    return replace(idle(t), right_hand=hand, left_hand=hand - vector(2 * drift, 0, 0))


def clap(t: float) -> Posture:
    gap = 0.5 - 0.5 * np.cos(TAU * 1.9 * t)
    hand = vector(-0.165 + 0.26 * gap, -0.10 + 0.02 * gap, 0.36 - 0.06 * gap)
    return replace(idle(t), right_hand=hand, left_hand=hand)


def punch(t: float) -> Posture:
    right, left = pulse(t, 1.5, 0.06), pulse(t + 0.75, 1.5, 0.06)
    guard, reach = vector(-0.03, -0.06, 0.20), vector(-0.12, 0.03, 0.54)
    return replace(
        idle(t),
        yaw=0.35,
        drop=0.05,
        lean=0.06,
        twist=0.35 * (right - left),
        right_hand=guard + (reach - guard) * right,
        left_hand=guard + (reach - guard) * left,
        right_foot=vector(0.14, 0, -0.16),
        left_foot=vector(0.12, 0, 0.16),
    )


def kick(t: float) -> Posture:
    phase = (t / 1.9) % 1.0
    knee = ease(phase / 0.25) * (1 - ease((phase - 0.62) / 0.3))  # the foot is off the floor
    out = ease((phase - 0.15) / 0.22) * (1 - ease((phase - 0.44) / 0.2))  # and the leg is stretched
    foot = vector(0.10, 0.36, 0.10) * knee + vector(-0.02, 0.28, 0.62) * out
    return replace(
        idle(t),
        yaw=0.6,
        drop=0.02,
        lean=-0.16 * out,
        right_hand=vector(0.16, -0.45, -0.18 * out),
        left_hand=vector(0.16, -0.38, 0.25 * out),
        right_foot=vector(0.11, 0, 0) + foot,
    )


def bend(t: float) -> Posture:
    down = pulse(t, 3.0, 0.22)
    hand = vector(0.0, -0.50, 0.08) + vector(0.0, 0.17, 0.40) * down
    return replace(
        idle(t),
        yaw=0.45,
        lean=1.45 * down,
        nod=-0.25 * down,
        forward=-0.16 * down,
        drop=0.10 * down,
        right_hand=hand,
        left_hand=hand,
    )


def squat(t: float) -> Posture:
    down = pulse(t, 2.2, 0.15)
    hand = vector(0.07, -0.52, 0.06) * (1 - down) + vector(0.0, 0.03, 0.52) * down
    return replace(
        idle(t),
        drop=0.42 * down,
        lean=0.45 * down,
        nod=-0.3 * down,
        forward=-0.12 * down,
        right_hand=hand,
        left_hand=hand,
        right_foot=vector(0.15, 0, 0),
        left_foot=vector(0.15, 0, 0),
    )


def lunge(t: float) -> Posture:
    step = pulse(t, 2.9, 0.2)
    lift = 0.10 * np.sin(np.pi * step) * (step < 0.98)
    hand = vector(0.10, -0.50, 0.06) * (1 - step) + vector(0.13, -0.36, 0.12) * step
    return replace(
        idle(t),
        yaw=0.80,
        drop=0.31 * step,
        forward=0.36 * step,
        lean=0.06 * step,
        right_hand=hand,
        left_hand=hand,
        right_foot=vector(0.11, 0, 0.78 * step) + vector(0, lift, 0),
        left_foot=vector(0.11, 0.07 * step, -0.08 * step),
    )


def jumping_jack(t: float) -> Posture:
    open_ = 0.5 - 0.5 * np.cos(TAU * 0.95 * t)
    angle = 0.12 + 2.85 * open_  # of the arms, from hanging
    hand = vector(0.52 * np.sin(angle), -0.52 * np.cos(angle), 0.05)
    foot = vector(0.10 + 0.24 * open_, 0.09 * np.sin(TAU * 0.95 * t) ** 2, 0)
    return replace(
        idle(t),
        drop=0.02 + 0.05 * open_ - foot[1],
        right_hand=hand,
        left_hand=hand,
        right_foot=foot,
        left_foot=foot,
    )


def run_on_the_spot(t: float) -> Posture:
    """Running on the spot, heels up behind."""
    cycle = np.sin(TAU * 1.1 * t)
    right, left = max(cycle, 0.0), max(-cycle, 0.0)
    return replace(
        idle(t),
        twist=-0.10 * cycle,
        right_hand=vector(0.10, -0.42 + 0.08 * left, 0.06 + 0.20 * left - 0.12 * right),
        left_hand=vector(0.10, -0.42 + 0.08 * right, 0.06 + 0.20 * right - 0.12 * left),
        right_foot=vector(0.10, 0.18 * right, -0.05 * right),
        left_foot=vector(0.10, 0.18 * left, -0.05 * left),
    )


def walk(t: float, start: float, end: float, duration: float) -> Posture:
    """Walking across the picture, from x = ``start`` to ``end``, seen from the side."""
    progress = float(np.clip(t / duration, 0, 1))
    travelled = abs(end - start) * progress
    stride = 0.68  # metres from one right foot-fall to the next is twice this
    phase = travelled / (2 * stride)

    def foot(offset: float) -> np.ndarray:
        u = (phase + offset) % 1.0
        if u < 0.6:  # on the floor, moving backwards under the body
            return vector(0.09, 0, stride * (0.5 - u / 0.6))
        v = (u - 0.6) / 0.4
        return vector(0.09, 0.11 * np.sin(np.pi * v), stride * (-0.5 + ease(v)))

    swing = np.sin(TAU * (phase + 0.05))
    return Posture(
        place=vector(start + (end - start) * progress, 0, 0),
        yaw=1.25 if end > start else -1.25,
        drop=0.03 + 0.015 * np.cos(2 * TAU * phase),
        lean=0.05,
        twist=0.10 * swing,
        right_hand=vector(0.08, -0.48, 0.05 - 0.20 * swing),
        left_hand=vector(0.08, -0.48, 0.05 + 0.20 * swing),
        right_foot=foot(0.0),
        left_foot=foot(0.5),
    )


# --- from a posture to a body ---------------------------------------------------------------------------


def _turn(axis: int, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    a, b = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[[a, a, b, b], [a, b, a, b]] = c, -s, s, c
    return matrix


def _middle_joint(root: np.ndarray, tip: np.ndarray, a: float, b: float, pole: np.ndarray) -> tuple:
    """Elbow or knee between ``root`` and ``tip``, towards ``pole``; and the tip, pulled within reach."""
    reach = tip - root
    length = np.clip(np.linalg.norm(reach), abs(a - b) + 0.02, a + b - 1e-3)
    along = reach / np.linalg.norm(reach)
    side = pole - along * (pole @ along)
    side /= np.linalg.norm(side)
    cosine = (a**2 + length**2 - b**2) / (2 * a * length)
    return root + a * (cosine * along + np.sqrt(max(0.0, 1 - cosine**2)) * side), root + length * along


def joints(p: Posture) -> dict[str, np.ndarray]:
    """Solve a posture: joint name → position, and ``"head_frame"``, the head's rotation matrix."""
    facing = _turn(1, p.yaw)
    pelvis = p.place + facing @ vector(0, PELVIS_HEIGHT - p.drop, p.forward)
    trunk = facing @ _turn(0, p.lean) @ _turn(2, p.tilt)
    chest = trunk @ _turn(1, p.twist)
    neck = pelvis + trunk @ vector(0, SPINE, 0)
    # the neck gives way to most of a deep bend, so that the face still looks ahead a little
    head_frame = (
        facing @ _turn(0, 0.75 * p.lean + p.nod) @ _turn(2, p.tilt) @ _turn(1, 0.7 * p.twist + p.glance)
    )
    body = {
        "pelvis": pelvis,
        "neck": neck,
        "head": neck + 0.6 * (trunk @ vector(0, 0.175, 0)) + 0.4 * (head_frame @ vector(0, 0.175, 0.03)),
        "head_frame": head_frame,
        "chest_frame": chest,
    }
    for name, mirror, hand, foot in (
        ("right", -1, p.right_hand, p.right_foot),
        ("left", 1, p.left_hand, p.left_foot),
    ):
        flip = vector(mirror, 1, 1)
        shoulder = neck + chest @ vector(mirror * SHOULDER, -0.045, 0)
        elbow, wrist = _middle_joint(
            shoulder,
            shoulder + chest @ (hand * flip),
            UPPER_ARM,
            FOREARM,
            chest @ vector(mirror * 0.7, -0.7, -0.5),
        )
        hip = pelvis + facing @ vector(mirror * HIP, -0.02, 0)
        ankle = p.place + facing @ (foot * flip) + vector(0, ANKLE, 0)
        knee, ankle = _middle_joint(hip, ankle, THIGH, SHANK, facing @ vector(mirror * 0.25, 0.3, 1))
        shank = (ankle - knee) / SHANK
        toes = facing @ vector(mirror * 0.30, 0, 1)
        lifted = float(np.clip(foot[1] / 0.25, 0, 1))  # a lifted foot stays square to its shank
        square = toes - shank * (toes @ shank) * lifted
        for joint, position in (
            ("shoulder", shoulder),
            ("elbow", elbow),
            ("wrist", wrist),
            ("hand", wrist + (wrist - elbow) / FOREARM * 0.085),
            ("hip", hip),
            ("knee", knee),
            ("ankle", ankle),
            ("toes", ankle + square / np.linalg.norm(square) * 0.17 - vector(0, 0.045, 0) * (1 - lifted)),
        ):
            body[f"{name}_{joint}"] = position
    return body
