"""Drawn motion: what the sets of recordings lack, and a wider choice of ways to do what they have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.training.actions.body import (
    REACH,
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
    with_breaks,
)
from models.training.actions.gestures import ARMS, hips, other, strides
from models.training.actions.skeletons import STANDARD


def idle(rng: Rng, frames: int) -> Motion:
    m = rest(rng, frames, sway=rng.uniform(0.3, 2.0))
    if rng.random() < 0.3:  # a shift from one leg to the other, a look aside
        shift = ramp(frames, rng.uniform(0, frames), rng.uniform(0.4, 1.2))
        m.root = m.root + shift[:, None] * rng.normal(0, 0.05, 3) * at(1, 0, 0.5)
        m.twist = m.twist + shift * rng.normal(0, 0.25)
        m.tilt = m.tilt + shift * rng.normal(0, 0.05)
    return m


def wave(rng: Rng, frames: int) -> Motion:
    m, side = rest(rng, frames), int(rng.integers(2))
    up = hold(rng, frames)
    place = at(rng.uniform(0.1, 0.75), rng.uniform(0.05, 0.9), rng.uniform(0.1, 0.5))
    swing = np.sin(2 * np.pi * beat(rng, frames, 0.9, 3.0))[:, None]
    swing = swing * at(1, rng.uniform(-0.3, 0.3), rng.uniform(-0.2, 0.2)) * rng.uniform(0.1, 0.38)
    m.elbows = (rng.uniform(0.3, 1), -1, rng.uniform(-0.4, 0.2))
    m.hands[side] = blend(m.hands[side], place + swing + wander(rng, frames, 0.03), up)
    m.tilt = m.tilt + up * rng.normal(0, 0.05)
    return m


def two_hand_wave(rng: Rng, frames: int) -> Motion:
    m = rest(rng, frames)
    up, phase = hold(rng, frames), beat(rng, frames, 0.8, 2.5)
    height, out = rng.uniform(0.35, 0.95), rng.uniform(0.05, 0.6)
    size, opposite = rng.uniform(0.18, 0.45), rng.random() < 0.4
    lift = rng.uniform(-0.5, 0.3)
    m.elbows = (1, -0.6, rng.uniform(-0.3, 0.2))
    for side in range(2):
        swing = np.sin(2 * np.pi * (phase + (0.5 if opposite and side else 0)))[:, None] * size
        target = at(out, height, rng.uniform(0, 0.3)) + swing * at(1, lift, 0.1)
        m.hands[side] = blend(m.hands[side], target + wander(rng, frames, 0.03), up)
    return m


def arms_raised(rng: Rng, frames: int) -> Motion:
    m = rest(rng, frames)
    up = hold(rng, frames, rise=(0.3, 1.2))
    height, out, forward = rng.uniform(0.5, 1.0), rng.uniform(-0.1, 0.65), rng.uniform(-0.1, 0.3)
    by_side = rng.uniform(0, 1)  # whether the arms come up by the sides or before the body
    m.elbows = (1, -0.5, rng.uniform(-0.5, 0.2))
    if rng.random() < 0.45:  # hands up: upper arms to the sides, forearms upright
        height, out = rng.uniform(0.3, 0.6), rng.uniform(0.15, 0.6)
        m.elbows = (1, rng.uniform(-0.6, 0.1), rng.uniform(-0.3, 0.2))
    between = 4 * up * (1 - up)
    for side in range(2):
        target = at(out, height, forward) + rng.normal(0, 0.05, 3) + wander(rng, frames, 0.015, 1.0)
        m.hands[side] = blend(m.hands[side], target, up)
        m.hands[side] += between[:, None] * at(0.6 * by_side, 0, 0.6 * (1 - by_side))
    m.lean = m.lean - up * rng.uniform(0, 0.12)
    return m


def clap(rng: Rng, frames: int) -> Motion:
    m = rest(rng, frames)
    up, phase = hold(rng, frames, (0.2, 0.5)), beat(rng, frames, 1.0, 4.0)
    open_ = pulse(phase, 1.0)[:, None] * rng.uniform(0.15, 0.55)
    middle = -STANDARD.shoulders / 2 / REACH
    place = at(middle + 0.03, rng.uniform(-0.45, 0.3), rng.uniform(0.4, 0.75))
    m.elbows = (1, -0.8, -0.2)
    for side in range(2):
        target = place + open_ * at(1, rng.uniform(-0.1, 0.2), -0.2) + wander(rng, frames, 0.015)
        m.hands[side] = blend(m.hands[side], target, up)
    return m


def punch(rng: Rng, frames: int) -> Motion:
    m = standing_rest(rng, frames)
    up, phase = hold(rng, frames, (0.15, 0.4)), beat(rng, frames, 0.6, 1.8)
    alternate, guard_too = rng.random() < 0.6, rng.random() < 0.7
    first = int(rng.integers(2))
    guard = at(rng.uniform(-0.3, 0.1), rng.uniform(-0.25, 0.2), rng.uniform(0.2, 0.4))
    aim = at(rng.uniform(-0.35, 0.5), rng.uniform(-0.15, 0.25), 1.0)
    aim = aim / np.linalg.norm(aim) * rng.uniform(0.85, 1.0)
    for side in range(2):
        if not alternate and side != first and not guard_too:
            continue
        hit = pulse(phase + (0.5 if side != first else 0), rng.uniform(1.5, 4))
        if not alternate and side != first:
            hit = hit * 0
        m.hands[side] = blend(m.hands[side], blend(guard + at(0, 0, 0) * hit[:, None], aim, hit), up)
        m.twist = m.twist + (1 if side else -1) * hit * up * rng.uniform(0, 0.4)
    m.root = m.root + up[:, None] * wander(rng, frames, 0.03, 0.6)
    return m


def kick(rng: Rng, frames: int) -> Motion:
    m, side = standing_rest(rng, frames), int(rng.integers(2))
    m.knees = (rng.uniform(0, 0.8), 0.0, 1.0)
    sideways = rng.uniform(0, 1) ** 2 if rng.random() < 0.5 else 1 - rng.uniform(0, 1) ** 2 * 0.4
    hit = pulse(beat(rng, frames, 0.4, 1.0), rng.uniform(2.5, 5.0)) * hold(rng, frames, (0.1, 0.3))
    height, far = rng.uniform(0.25, 0.85), rng.uniform(0.45, 0.8)
    m.feet[side] = m.feet[side] + hit[:, None] * at(far * sideways, height, far * (1 - sideways))
    away = -1 if side == 0 else 1
    m.root = m.root + hit[:, None] * at(away * 0.06, 0.0, -0.04)
    m.tilt = m.tilt + hit * away * -1 * rng.uniform(0, 0.45) * (0.3 + sideways) * -1
    m.lean = m.lean - hit * rng.uniform(0, 0.35)
    for hand in range(2):
        m.hands[hand] += hit[:, None] * at(rng.uniform(0, 0.5), rng.uniform(0, 0.5), rng.uniform(-0.2, 0.4))
    return m


def bend(rng: Rng, frames: int) -> Motion:
    m = standing_rest(rng, frames)
    down = hold(rng, frames, (0.4, 1.0))
    angle, knees = rng.uniform(0.8, 1.9), rng.uniform(0, 0.15)
    m.lean = m.lean + down * angle
    m.tilt = m.tilt + down * rng.normal(0, 0.1)
    m.root = m.root + down[:, None] * at(0, -knees, -0.12 * rng.uniform(0.5, 1.5))
    hang = rng.random() < 0.8
    for side in range(2):
        if hang:  # the arms hang down from a trunk that leans
            straight = np.stack([np.full(frames, 0.1), -np.cos(m.lean), np.sin(m.lean)], 1) * 0.95
            m.hands[side] = blend(m.hands[side], straight, down)
    return m


def squat(rng: Rng, frames: int) -> Motion:
    m = standing_rest(rng, frames)
    go = hold(rng, frames, (0.2, 0.5))
    phase, m.still = with_breaks(rng, beat(rng, frames, 0.25, 0.9))
    down = pulse(phase, rng.uniform(0.4, 1.2)) * go
    if rng.random() < 0.15:  # held, with a spring in it
        m.still[:] = False
        down = go * (1 - 0.3 * pulse(beat(rng, frames, 0.5, 1.5), 1.0))
    depth = rng.uniform(0.24, 0.58)
    m.knees = (rng.uniform(0.1, 0.7), 0.0, 1.0)
    m.root = m.root + down[:, None] * at(0, -depth, -rng.uniform(0.05, 0.25))
    m.lean = m.lean + down * rng.uniform(0.1, 0.9)
    wide = rng.uniform(0, 0.12) if rng.random() < 0.7 else rng.uniform(0.1, 0.3)
    for side in range(2):
        m.feet[side] = m.feet[side] + at(wide, 0, 0)
    _arms_of_exercise(rng, m, go, down**0.5)
    return m


def _arms_of_exercise(rng: Rng, m: Motion, go: np.ndarray, down: np.ndarray) -> None:
    """Where the hands are in a squat or a lunge: ahead, before the chest, at the head, the hips, hanging."""
    places = {
        "rest": at(0, 0, 0),
        "ahead": at(0, 0.05, 0.95),
        "chest": at(-0.3, -0.1, 0.4),
        "behind the head": at(0.05, 0.35, -0.1),
        "bar on the shoulders": at(0.35, 0.05, 0.0),
        "hips": at(0.1, -0.75, 0.1),
        "hanging": at(0.12, -0.97, 0.05),
    }
    name = str(rng.choice(list(places), p=[0.15, 0.25, 0.15, 0.1, 0.1, 0.1, 0.15]))
    if name == "rest":
        return
    if name in ("behind the head", "bar on the shoulders", "hips"):
        m.elbows = (1.0, rng.uniform(-0.6, 0.2), rng.uniform(-0.2, 0.2))
    always = rng.random() < (0.2 if name == "ahead" else 0.5)
    for side in range(2):
        place = places[name] + rng.normal(0, 0.05, 3)
        if name == "hanging":  # as the trunk leans, the arms go on hanging
            place = np.stack([np.full(m.frames, 0.1), -np.cos(m.lean), np.sin(m.lean)], 1) * 0.96
        m.hands[side] = blend(m.hands[side], place, go if always or name == "hanging" else down)


def lunge(rng: Rng, frames: int) -> Motion:
    """To the front, to the back, to the side, or up and down with the feet apart."""
    m, side = standing_rest(rng, frames), int(rng.integers(2))
    go = hold(rng, frames, (0.2, 0.5))
    phase, m.still = with_breaks(rng, beat(rng, frames, 0.25, 0.9))
    down = pulse(phase, rng.uniform(0.5, 1.2)) * go
    sideways = rng.random() < 0.35
    step, depth = rng.uniform(0.5, 0.95), rng.uniform(0.08 if sideways else 0.15, 0.42)
    aside, ahead = (step, rng.uniform(-0.1, 0.2)) if sideways else (rng.uniform(-0.1, 0.25), step)
    stays = not sideways and rng.random() < 0.3  # the feet stay apart, and only the hips go down and up
    m.still &= not stays
    forth = go if stays else down**0.6
    backwards = not sideways and not stays and rng.random() < 0.4
    way = -1 if backwards else 1
    m.feet[side] = m.feet[side] + forth[:, None] * at(aside, 0, way * ahead)
    m.feet[side][:, 1] += 4 * forth * (1 - forth) * 0.1
    to_left = 1 if side == 0 else -1
    along = rng.uniform(0.15, 0.55) if sideways else rng.uniform(0.4, 0.6)  # of the step, that the trunk goes
    with_it = forth if stays else down
    m.root = m.root + with_it[:, None] * at(aside * along * to_left, 0, way * ahead * along)
    m.root[:, 1] -= down * depth + (forth - down).clip(0) * 0.08 * stays
    m.lean = m.lean + down * rng.uniform(0, 0.45)
    if backwards and rng.random() < 0.4:  # and from the back up into a lifted knee
        m.still[:] = False
        up = (pulse(phase + 0.5, rng.uniform(1.0, 2.0)) * go)[:, None]
        m.feet[side] = m.feet[side] + up * at(0, rng.uniform(0.2, 0.5), rng.uniform(0.1, 0.4))
    if sideways:
        even = rng.random() < 0.5  # not above the shoulders: cut off by a desk that would be raised arms
        alike = at(rng.uniform(-0.3, 0.95), rng.uniform(-0.5, 0.25), rng.uniform(0, 0.4))
        for hand in range(2) if even or rng.random() < 0.4 else (int(rng.integers(2)),):
            place = at(rng.uniform(-0.3, 0.95), rng.uniform(-0.5, 0.9), rng.uniform(0, 0.4))
            m.hands[hand] = blend(m.hands[hand], alike if even else place, forth)
        if rng.random() < 0.3:
            hips(rng, m, np.ones(frames), side)
    else:
        lifted = 1 - side if not backwards else side  # the heel of the foot behind
        m.feet[lifted] = m.feet[lifted] + down[:, None] * at(0, 0.08, 0)
        _arms_of_exercise(rng, m, go, down**0.5)
    return m


def jumping_jack(rng: Rng, frames: int) -> Motion:
    m = standing_rest(rng, frames)
    go = hold(rng, frames, (0.1, 0.3))
    phase = beat(rng, frames, 0.6, 1.35)
    open_ = pulse(phase, rng.uniform(0.7, 1.3)) * go
    top, wide = rng.uniform(1.9, 3.1), rng.uniform(0.15, 0.4)  # angle of the arms from hanging, of the feet
    bent = rng.uniform(0.8, 1.0)
    angle = 0.15 + open_ * (top - 0.15)
    forward = rng.uniform(-0.05, 0.2)
    m.elbows = (0.6, -0.6, -0.4)
    lead = rng.uniform(-0.06, 0.06)
    arc = np.stack([np.sin(angle), -np.cos(angle), np.full(frames, forward)], 1) * bent
    for side in range(2):
        m.hands[side] = blend(m.hands[side], arc, go)
        m.feet[side] = m.feet[side] + (pulse(phase + lead, 1.0) * go)[:, None] * at(wide, 0, 0)
    hop = np.abs(np.sin(2 * np.pi * phase)) ** 1.5 * go * rng.uniform(0.02, 0.12)
    m.root[:, 1] += hop - open_ * wide**2 * 0.5
    for side in range(2):
        m.feet[side][:, 1] += hop * 0.8
    return m


def walk(rng: Rng, frames: int) -> Motion:
    """Walking, marching or jogging in place."""
    m = standing_rest(rng, frames)
    go = hold(rng, frames, (0.2, 0.4))
    strides(rng, m, go, jog=rng.random() < 0.5, travels=False)
    if rng.random() < 0.25:  # marching, as gymnasts do
        ARMS[rng.integers(len(ARMS))](rng, m, go, int(rng.integers(2)))
    return m


#: Class -> its motion, and how long it lasts in seconds.
MOTIONS: dict[str, tuple[Callable[[Rng, int], Motion], tuple[float, float]]] = {
    "idle": (idle, (1.5, 6.0)),
    "wave": (wave, (1.5, 4.5)),
    "two-hand wave": (two_hand_wave, (1.8, 4.5)),
    "arms raised": (arms_raised, (1.6, 5.0)),
    "clap": (clap, (1.5, 4.0)),
    "punch": (punch, (1.0, 4.0)),
    "kick": (kick, (1.2, 4.0)),
    "bend": (bend, (1.6, 4.0)),
    "squat": (squat, (1.6, 8.0)),
    "lunge": (lunge, (1.8, 8.0)),
    "jumping jack": (jumping_jack, (2.0, 6.0)),
    "walk": (walk, (2.0, 6.0)),
    "other": (other, (1.5, 5.0)),
}
