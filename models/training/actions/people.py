"""Who is before the camera: people who rest, do something, rest and walk off, with a label at each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.training.actions.body import BREAK
from models.training.actions.motions import MOTIONS
from models.training.actions.reels import SETTLE, UNSAID, broken
from models.training.actions.skeletons import RATE, Clip, unit
from models.training.actions.stills import Still
from models.training.actions.tape import FADE, Tape, at_speed, held_pose

Rng = np.random.Generator
#: What people who exercise, or mean it, do several times in a row.
REPEATED = (
    "wave",
    "two-hand wave",
    "clap",
    "punch",
    "kick",
    "bend",
    "squat",
    "lunge",
    "jumping jack",
    "walk",
    "other",
)
PROCEDURAL = 0.3  # share of actions that are drawn, where there are recordings too; of fewer than SCARCE
VARIED = 0.5  # this share of "other": who exercises does much that no set has, and some of it looks like more
BREAKS = 0.3  # share of what is done several times, with a break between each two, of
BROKEN = ("squat", "lunge", "kick", "bend")  # what ends as people stand
SPARSE = 0.7  # this share: a dozen of recordings, always the same, would be all there is of an action
SCARCE = 60
HELD = 0.15  # share of segments that are a held pose, where there is one
LIFTED = 0.12  # share of "other" that is a knee lifted, made of a kick, where the person has any,
SLOW = 0.08  # and that is a kick so slow that it is a leg lifted
LEG_LIFT = (0.25, 0.5)  # times the speed of a kick
#: How often an action comes, against 1: legs are out of many pictures, and "other" is many things.
OFTEN = {"other": 6.0, "lunge": 2.0, "kick": 1.7, "squat": 1.4, "walk": 1.4, "bend": 1.2}


class People:
    """Those who move in streams, as they were recorded, as stills hold them, and as drawn motion has it.

    A label is a class or, after all of them, a motion.

    Parameters
    ----------
    clips : sequence of Clip
        Recordings of the people; may be empty.
    classes : sequence of str
    stills : sequence of Still
        Poses to be held.
    codes : mapping of str to int
        The label of each motion.
    """

    def __init__(
        self, clips: Sequence[Clip], classes: Sequence[str], stills: Sequence[Still], codes: Mapping[str, int]
    ) -> None:
        self.classes, self._codes = tuple(classes), codes
        self._clips: dict[str, dict[str, list[Clip]]] = {}  # person -> class -> clips
        self._all: dict[str, list[Clip]] = {}  # class -> clips of anybody
        for clip in clips:
            self._clips.setdefault(clip.person, {}).setdefault(clip.label, []).append(clip)
            self._all.setdefault(clip.label, []).append(clip)
        self._stills: dict[str, list[np.ndarray]] = {}  # class -> poses
        for still in stills:
            self._stills.setdefault(still.label, []).append(still.joints)
        deep = MOTIONS.keys() | self._all.keys()  # what is known flat only comes in reels
        self._actions = [name for name in self.classes if name != "idle" and name in deep]
        weights = np.array([OFTEN.get(name, 1.0) for name in self._actions])
        self._weights = weights / weights.sum()

    def movement(self, rng: Rng, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """What one person does in about ``seconds``: (T, 13, 3), and a label (T,) at each frame."""
        people = sorted(self._clips)
        person = self._clips[people[rng.integers(len(people))]] if people else {}
        tape = Tape(rng)
        while tape.frames < seconds * RATE:
            if rng.random() < 0.6:
                tape.add(*self._segment(rng, "idle", person))
            name = self._actions[rng.choice(len(self._actions), p=self._weights)]
            for _ in range(int(rng.integers(1, 3)) if name in REPEATED else 1):
                tape.add(*self._segment(rng, name, person))
        return tape.finish()

    def _segment(
        self, rng: Rng, name: str, person: Mapping[str, list[Clip]]
    ) -> tuple[np.ndarray, np.ndarray]:
        if name == "other" and person.get("kick") and (lot := rng.random()) < LIFTED + SLOW:
            if lot < LIFTED:
                return self._lifted_knee(rng, person["kick"])
            return self._kick_as_other(rng, person["kick"], LEG_LIFT)
        recorded, held = person.get(name), self._stills.get(name)
        if held and rng.random() < HELD:
            pose = held[rng.integers(len(held))]
            frames = int(rng.uniform(1.0, 5.0) * RATE)
            return held_pose(rng, pose, frames), np.full(frames, self.classes.index(name))
        if name == "idle" and person and rng.random() >= PROCEDURAL:
            return self._recorded_rest(rng, person)
        anybody = self._all.get(name, [])
        recorded = recorded or anybody  # else as somebody else does it, with this body
        if recorded and (name not in MOTIONS or rng.random() >= _drawn(name, len(anybody))):
            clip = recorded[rng.integers(len(recorded))]
            movement, labels = clip.joints, self.label(clip)
            if name in REPEATED and rng.random() < 0.5:
                movement, labels = self._repeated(rng, clip)
            return at_speed(movement, labels, rng.uniform(0.8, 1.25))
        motion, (low, high) = MOTIONS[name]
        frames = int(rng.uniform(low, high) * RATE)
        drawn = motion(rng, frames)
        movement = drawn.joints()
        labels = np.full(frames, self.classes.index(name))
        if name != "idle":
            labels[: int(SETTLE * RATE)] = UNSAID
        if name not in ("idle", "other"):  # hands that come down are still something other
            labels[frames - int(FADE * RATE) :] = UNSAID
        if name == "arms raised":  # on the way up it is not yet
            raised = (movement[:, 5:7, 1] > movement[:, 1:3, 1]).all(1)
            labels[~raised] = UNSAID
        return movement, broken(labels, drawn.still, self.classes.index("idle"))

    def _repeated(self, rng: Rng, clip: Clip) -> tuple[np.ndarray, np.ndarray]:
        """What was recorded some times in a row without a rest between: the action from first to last."""
        core = clip.joints[max(0, clip.start - 2) : clip.stop + 2]
        walked = core[-1, 7:9].mean(0) - core[0, 7:9].mean(0)
        if np.hypot(walked[0], walked[2]) > 0.4:  # that leads elsewhere
            return clip.joints, self.label(clip)
        times = int(np.clip(rng.uniform(2.0, 7.0) * RATE / len(core), 2, 5))
        breaks = clip.label in BROKEN and rng.random() < BREAKS
        parts, still = [core], [np.zeros(len(core), bool)]
        for _ in range(times - 1):
            blend = int(rng.uniform(3, 9))  # frames
            pause = int(rng.uniform(*BREAK) * RATE) if breaks else int(rng.exponential(3.0))
            share = np.linspace(0, 1, blend + 2)[1:-1, None, None]
            held = np.repeat(core[-1:], pause, 0)
            if breaks:
                held = held_pose(rng, core[-1], pause)
                held += core[-1] - held[0]
            last = held[-1] if pause else core[-1]
            parts += [held, last * (1 - share) + core[0] * share, core]
            still += [np.full(pause, breaks), np.zeros(blend + len(core), bool)]
        movement = np.concatenate(parts)
        labels = np.full(len(movement), self._code(clip))
        labels[: int(SETTLE * RATE) + 2] = UNSAID
        labels[len(labels) - int(FADE * RATE) :] = UNSAID
        return movement, broken(labels, np.concatenate(still), self.classes.index("idle"))

    def _recorded_rest(self, rng: Rng, person: Mapping[str, list[Clip]]) -> tuple[np.ndarray, np.ndarray]:
        """How a person stands before or after an action, with the recorder's errors, held for a while."""
        clips = person[str(rng.choice(sorted(person)))]
        clip = clips[rng.integers(len(clips))]
        frames = int(rng.uniform(0.7, 5.0) * RATE)
        ended = clip.stop < len(clip.joints)  # else its last pose is no rest
        pose = clip.joints[-1 if ended and rng.random() < 0.4 else 0]
        return held_pose(rng, pose, frames), np.full(frames, self.classes.index("idle"))

    def _kick_as_other(
        self, rng: Rng, kicks: list[Clip], speeds: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """One of the kicks at some speed, labelled as what is none."""
        clip = replace(kicks[rng.integers(len(kicks))], label="other", motion="")
        return at_speed(clip.joints, self.label(clip), rng.uniform(*speeds))

    def _lifted_knee(self, rng: Rng, kicks: list[Clip]) -> tuple[np.ndarray, np.ndarray]:
        """What a kick would be if the shin went on hanging: seen from the front it looks much like one."""
        movement, labels = self._kick_as_other(rng, kicks, (0.8, 1.25))
        side = int(np.ptp(movement[:, 11:13], axis=0).max(-1).argmax())
        hip, knee, ankle = (movement[:, joint + side] for joint in (7, 9, 11))
        bones = knee - hip, ankle - knee
        above, below = (np.linalg.norm(bone, axis=-1, keepdims=True) for bone in bones)
        thigh, shin = (unit(bone) for bone in bones)
        thigh = unit(thigh[0] + rng.uniform(0.9, 1.8) * (thigh - thigh[0]))
        hang = np.array([0.0, -1.0, 0.0]) + rng.normal(0, 0.15, 3)
        shin = unit(hang + rng.uniform(0, 0.3) * shin)
        movement[:, 9 + side] = hip + thigh * above
        movement[:, 11 + side] = hip + thigh * above + shin * below
        return movement, labels

    def label(self, clip: Clip) -> np.ndarray:
        """Label of each frame of a recording: rest, the action, and what lies between."""
        labels = np.full(len(clip.joints), self.classes.index("idle"))
        around = int(FADE * RATE)
        labels[max(0, clip.start - 2) : clip.stop + around] = UNSAID
        stop = max(clip.stop - around, clip.start + around)
        labels[clip.start + int(SETTLE * RATE) : stop] = self._code(clip)
        return labels

    def _code(self, clip: Clip) -> int:
        return self._codes.get(clip.motion, self.classes.index(clip.label))


def _drawn(name: str, recordings: int) -> float:
    """How often a class of so many recordings is drawn all the same."""
    if name == "other":
        return VARIED
    return PROCEDURAL if recordings >= SCARCE else SPARSE
