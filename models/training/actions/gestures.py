"""Drawn motion of the class "other": what people do before a camera that is none of the actions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.training.actions.body import (
    Motion,
    Rng,
    at,
    beat,
    blend,
    hold,
    pulse,
    ramp,
    rest,
    standing_rest,
    wander,
)
from models.training.actions.skeletons import RATE

HIGH = 0.3  # share of steps in place with the knees up high
Gesture = Callable[[Rng, Motion, np.ndarray, int], None]


def roam(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """A hand, or both, about the body without a pattern."""
    both, seconds = rng.random() < 0.4, rng.uniform(0.35, 1.2)
    for hand in (side, 1 - side) if both else (side,):
        path = at(0.15, -0.15, 0.45) + wander(rng, m.frames, 0.38, seconds) * at(1, 1.1, 0.7)
        if both:
            path[:, 1] = np.minimum(path[:, 1], 0.25)  # higher, both hands mean something
        m.hands[hand] = blend(m.hands[hand], path, up)


def draw(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """A figure in the air: a few corners, straight or rounded, each once."""
    corners = int(rng.integers(2, 6))
    centre = at(rng.uniform(-0.1, 0.5), rng.uniform(-0.1, 0.6), rng.uniform(0.3, 0.7))
    places = centre + rng.normal(size=(corners, 3)) * at(0.35, 0.35, 0.08)
    if rng.random() < 0.4:  # a ring
        corners = 16
        turn = np.linspace(0, 2 * np.pi * rng.choice([-1, 1]), corners) + rng.uniform(0, 6)
        places = centre + np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1) * rng.uniform(0.15, 0.5)
    when = np.linspace(0.15, 0.85, corners) * m.frames
    path = np.stack([np.interp(np.arange(m.frames), when, column) for column in places.T], 1)
    m.hands[side] = blend(m.hands[side], path, up)


def circle(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """One arm or both in circles."""
    turn, size = 2 * np.pi * beat(rng, m.frames, 0.3, 1.2), rng.uniform(0.1, 0.9)
    plane = rng.uniform(0, 1)
    ring = np.stack([np.cos(turn) * plane, np.sin(turn), np.cos(turn) * (1 - plane)], 1) * size
    for hand in range(2) if rng.random() < 0.6 else (side,):
        centre = at(rng.uniform(0.1, 0.9), rng.uniform(-0.2, 0.1), rng.uniform(0, 0.4))
        m.hands[hand] = blend(m.hands[hand], centre + ring, up)


def spread(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Arms held out to the sides, or opened and closed before the chest."""
    height, far = rng.uniform(-0.5, 0.3), rng.uniform(0.5, 0.98)
    swing = pulse(beat(rng, m.frames, 0.3, 1.5), rng.uniform(0.5, 1.5)) * rng.choice([0.0, 1.0])
    closed = at(rng.uniform(-0.35, 0.1), height + rng.normal(0, 0.15), rng.uniform(0.15, 0.6))
    if rng.random() < 0.5:
        m.elbows = (1.0, rng.uniform(-0.3, 0.4), 0.0)
    for hand in range(2):
        place = at(far, height, rng.uniform(-0.1, 0.3)) + np.zeros((m.frames, 1))
        m.hands[hand] = blend(m.hands[hand], blend(place, closed, swing), up)


def flap(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Straight arms lifted to the sides, hardly above the shoulders, and let down again."""
    top, forward = rng.uniform(0.8, 1.8), rng.uniform(-0.1, 0.3)  # radians from hanging
    angle = 0.1 + top * pulse(beat(rng, m.frames, 0.25, 0.9), rng.uniform(0.6, 1.5)) * up
    arc = np.stack([np.sin(angle), -np.cos(angle), np.full(m.frames, forward)], 1) * rng.uniform(0.85, 0.98)
    for hand in range(2):
        m.hands[hand] = blend(m.hands[hand], arc, up)


def hips(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Hands on the hips, elbows out."""
    m.elbows = (1.0, 0.0, -0.2)
    place = at(rng.uniform(-0.1, 0.1), rng.uniform(-0.85, -0.7), rng.uniform(0.05, 0.25))
    for hand in range(2) if rng.random() < 0.8 else (side,):
        m.hands[hand] = blend(m.hands[hand], place, up)


def chest(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Hands before the chest or behind the neck, elbows out."""
    m.elbows = (1.0, rng.uniform(-0.3, 0.5), rng.uniform(-0.2, 0.3))
    high = rng.random() < 0.25
    place = at(rng.uniform(-0.5, -0.05), 0.4 if high else rng.uniform(-0.3, 0.1), rng.uniform(0.05, 0.45))
    for hand in range(2):
        m.hands[hand] = blend(m.hands[hand], place + rng.normal(0, 0.04, 3), up)


def point(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """An arm stretched out somewhere."""
    aim = at(rng.uniform(-0.2, 0.8), rng.uniform(-0.4, 0.5), rng.uniform(0.1, 0.9))
    m.hands[side] = blend(m.hands[side], aim / np.linalg.norm(aim) * 0.97, up)


def face(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """A hand at the head: phone, hair, glasses, a cup."""
    place = at(rng.uniform(-0.35, 0.1), rng.uniform(0.05, 0.55), rng.uniform(0.1, 0.4))
    small = wander(rng, m.frames, 0.05, 0.4)
    for hand in range(2) if rng.random() < 0.25 else (side,):
        m.hands[hand] = blend(m.hands[hand], place + small, up)


def one_up(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """One arm up, and still."""
    place = at(rng.uniform(-0.1, 0.5), rng.uniform(0.6, 1.0), rng.uniform(-0.1, 0.4))
    m.hands[side] = blend(m.hands[side], place, up)


def sit(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Sitting down, or getting up."""
    down = ramp(m.frames, m.frames * rng.uniform(0, 0.3), rng.uniform(0.6, 1.3))
    down = down if rng.random() < 0.5 else 1 - down
    m.root = m.root + down[:, None] * at(0, -rng.uniform(0.3, 0.42), -rng.uniform(0.2, 0.4))
    m.lean = m.lean + 4 * down * (1 - down) * rng.uniform(0.3, 0.8)
    for hand in range(2):
        m.hands[hand] = blend(m.hands[hand], at(0, -0.75, 0.45), down)


def turn_round(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    m.twist = m.twist + up * rng.choice([-1, 1]) * rng.uniform(0.4, 1.4)


def lean_aside(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    m.tilt = m.tilt + up * rng.choice([-1, 1]) * rng.uniform(0.25, 0.6)


def knee(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """A knee lifted, and held or let down again at once; the foot hangs below it, the other leg bears all."""
    if rng.random() < 0.7:
        up = up * pulse(beat(rng, m.frames, 0.3, 1.6), rng.uniform(0.7, 3.0))
    m.knees = (rng.uniform(0, 1.5), 0.0, 1.0)
    lift = at(rng.uniform(0, 0.35), rng.uniform(0.15, 0.5), rng.uniform(-0.15, 0.2))
    m.feet[side] = m.feet[side] + up[:, None] * lift
    away = -1 if side == 0 else 1
    shift = at(away * rng.uniform(0, 0.1), rng.uniform(-0.03, 0.02), rng.uniform(-0.05, 0.03))
    m.root = m.root + up[:, None] * shift
    m.tilt = m.tilt + up * rng.normal(0, 0.15)
    m.lean = m.lean + up * rng.normal(-0.05, 0.1)
    for hand in range(2):
        m.hands[hand] += up[:, None] * at(rng.uniform(0, 0.4), rng.uniform(0, 0.4), rng.uniform(-0.2, 0.3))


def strides(rng: Rng, m: Motion, go: np.ndarray, jog: bool, travels: bool) -> None:
    """Steps of both legs, and what the arms and the trunk do at that; ``travels``: up to 3 m ahead."""
    m.knees = (rng.uniform(0, 0.7), 0.0, 1.0)
    phase = beat(rng, m.frames, 1.1, 1.9) if jog else beat(rng, m.frames, 0.35, 1.1)
    lift = rng.uniform(0.12, 0.5) if not travels or jog else rng.uniform(0.06, 0.2)
    stride = rng.uniform(0.15, 0.35) if travels else rng.uniform(0, 0.12)
    behind = rng.uniform(0, 0.25) if jog else 0.0  # heels go up behind
    if not travels and rng.random() < HIGH:  # the knees to the hips, and the feet below them
        lift, behind = rng.uniform(0.3, 0.6), -rng.uniform(0, 0.3)
    swing = rng.uniform(0.05, 0.45)
    bent = rng.uniform(0.6, 1.0) if jog else rng.uniform(0, 0.35)
    for side in range(2):
        turn = phase + 0.5 * side
        up = pulse(turn, rng.uniform(0.8, 1.6))
        along = np.cos(2 * np.pi * turn + np.pi / 2)
        step = np.stack([np.zeros(m.frames), up * lift, along * stride - up * behind], 1)
        m.feet[side] = m.feet[side] + go[:, None] * step
        arm = at(0.12, -0.95 + 0.55 * bent, 0.1 + 0.45 * bent)
        arm = arm + (along * swing)[:, None] * at(-0.15, 0.1, -1)
        m.hands[side] = blend(m.hands[side], arm, go * (0.3 + 0.7 * (jog or rng.random() < 0.7)))
    bounce = pulse(2 * phase, 1.0) * go
    m.root[:, 1] += bounce * (rng.uniform(0.02, 0.07) if jog else 0.015) - (0.03 if travels else 0.0) * go
    m.root[:, 0] += np.sin(2 * np.pi * phase) * go * rng.uniform(0, 0.04)
    m.twist = m.twist + np.sin(2 * np.pi * phase) * go * rng.uniform(0, 0.15)
    m.lean = m.lean + rng.uniform(0, 0.12) * go
    if travels:
        speed = go * min(rng.uniform(0.4, 1.3), 3.0 * RATE / m.frames) / RATE
        m.away = np.cumsum(speed)[:, None] * at(0, 0, 1)


def stroll(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Walking somewhere: towards the camera, away from it or across."""
    strides(rng, m, up, jog=rng.random() < 0.2, travels=True)


def leg_aside(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """A straight leg lifted to the side or behind, slowly, and let down again, or both in turn: no kick.

    To the side it may well go above the hip, which takes a swing, and looks the more like one.
    """
    phase, sharp = beat(rng, m.frames, 0.2, 1.0), rng.uniform(0.6, 1.3)
    aside, in_turn = rng.random() < 0.8, rng.random() < 0.5
    angle, leant = rng.uniform(0.3, 2.1) if aside else rng.uniform(0.3, 0.9), rng.uniform(-0.05, 0.45)
    for leg in (side, 1 - side) if in_turn else (side,):
        lift = up * pulse(phase / (1 + in_turn) + 0.5 * (leg != side), sharp * (1 + in_turn))
        far, height = 0.8 * np.sin(lift * angle), 0.8 * (1 - np.cos(lift * angle))  # metres
        zero = np.zeros(m.frames)
        m.feet[leg] = m.feet[leg] + np.stack([far, height, zero] if aside else [zero, height, -far], 1)
        away = -1 if leg == 0 else 1
        m.root = m.root + lift[:, None] * at(away * rng.uniform(0.02, 0.1), 0, 0)
        m.tilt = m.tilt + lift * away * angle * (leant if aside else 0)
        m.lean = m.lean + lift * (0 if aside else rng.uniform(0, 0.5))
    if rng.random() < 0.5:
        hips(rng, m, np.ones(m.frames), side)


def chop(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Both hands together from above one shoulder down to the other hip, and back."""
    swing = pulse(beat(rng, m.frames, 0.25, 0.9), rng.uniform(0.6, 1.4))
    across = 1 if side == 0 else -1
    high = at(0.5 * across, rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.5))
    low = at(-0.5 * across, rng.uniform(-0.9, -0.5), rng.uniform(0.2, 0.5))
    for hand, sign in enumerate((1, -1)):
        path = blend(np.tile(low, (m.frames, 1)), high, swing) * at(sign, 1, 1)
        m.hands[hand] = blend(m.hands[hand], path - at(0.3, 0, 0), up)
    m.twist = m.twist + across * up * (swing - 0.5) * rng.uniform(0.2, 0.9)
    m.root[:, 1] -= up * (1 - swing) * rng.uniform(0, 0.15)


def floor(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Down on the hands, the feet perhaps thrown back, and up again: burpees and their kin."""
    down = pulse(beat(rng, m.frames, 0.2, 0.6), rng.uniform(0.6, 1.2)) * up
    m.root = m.root + down[:, None] * at(0, -rng.uniform(0.4, 0.65), -rng.uniform(0, 0.3))
    m.lean = m.lean + down * rng.uniform(1.0, 1.6)
    back = rng.uniform(0.2, 0.9) * (rng.random() < 0.7)
    for limb in range(2):
        m.feet[limb] = m.feet[limb] + (down**2)[:, None] * at(0, 0, -back)
        m.hands[limb] = blend(m.hands[limb], at(0.1, rng.uniform(-0.1, 0.2), 0.97), down)


def dance(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Steps from side to side to a beat, the trunk with them, the arms at something of their own."""
    phase = beat(rng, m.frames, 0.35, 1.2)
    sway = np.sin(2 * np.pi * phase) * up
    m.root = m.root + sway[:, None] * at(rng.uniform(0.02, 0.2), 0, rng.normal(0, 0.04))
    m.root[:, 1] -= pulse(2 * phase, 1.0) * up * rng.uniform(0, 0.12)
    out, high, ahead = rng.uniform(0, 0.35), rng.uniform(0, 0.15), rng.normal(0, 0.1)
    for foot in range(2):
        step = pulse(phase + 0.5 * foot, rng.uniform(0.8, 2.0)) * up
        m.feet[foot] = m.feet[foot] + step[:, None] * at(out, high, ahead)
    m.twist = m.twist + sway * rng.uniform(-0.5, 0.5)
    m.tilt = m.tilt + sway * rng.uniform(-0.2, 0.2)
    if rng.random() < 0.85:
        ARMS[rng.integers(len(ARMS))](rng, m, up, side)


def reach(rng: Rng, m: Motion, up: np.ndarray, side: int) -> None:
    """Reaching for something on the desk or beside it."""
    m.lean = m.lean + up * rng.uniform(0.2, 0.6)
    m.twist = m.twist + up * rng.normal(0, 0.4)
    place = at(rng.uniform(0, 0.6), rng.uniform(-0.7, -0.2), rng.uniform(0.4, 0.9))
    m.hands[side] = blend(m.hands[side], place, up)


GESTURES: dict[Gesture, float] = {
    roam: 0.21,
    draw: 0.12,
    circle: 0.1,
    spread: 0.4,
    flap: 0.1,
    hips: 0.04,
    chest: 0.08,
    point: 0.06,
    face: 0.09,
    one_up: 0.05,
    sit: 0.06,
    turn_round: 0.06,
    lean_aside: 0.05,
    stroll: 0.25,
    leg_aside: 0.45,
    chop: 0.25,
    floor: 0.25,
    dance: 0.3,
    knee: 0.4,  # from the front a kick towards the camera looks much like it: oftener done than a kick
    reach: 0.03,
}
ARMS = (spread, flap, hips, chest, circle, roam)  # what arms may do while the legs do something
STANDING = (sit, turn_round, knee, stroll, leg_aside, chop, floor, dance)  # those that begin on both feet


def other(rng: Rng, frames: int) -> Motion:
    """One of the gestures."""
    gestures, weights = list(GESTURES), np.array(list(GESTURES.values()))
    gesture = gestures[rng.choice(len(gestures), p=weights / weights.sum())]
    m = standing_rest(rng, frames) if gesture in STANDING else rest(rng, frames, sway=2)
    gesture(rng, m, hold(rng, frames, (0.2, 0.8)), int(rng.integers(2)))
    return m
