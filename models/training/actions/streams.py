"""Untrimmed streams: what people do, one thing after another, as a camera sees it; a label at each tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import nn

from models.extractors.anatomy import LEGS
from models.extractors.pose import LEGLESS, LEGWORK, vectors
from models.training.actions.camera import View, draw_view, observe
from models.training.actions.lift import lift
from models.training.actions.people import People
from models.training.actions.recordings import Flat
from models.training.actions.reels import FLATTENED, UNSAID, reel, show
from models.training.actions.skeletons import RATE, STANDARD, Body, Clip, retarget
from models.training.actions.stills import Still
from models.training.actions.tape import Tape

Rng = np.random.Generator
FLAT = 0.3  # share of streams that are recordings without depth, where there are any
AROUND = 0.5  # share of streams seen from anywhere, not about from the front


@dataclass(frozen=True, eq=False)
class Stream:
    """Tokens (K, F), label of each tick (K,) int64, poses (K, 13, 6) they were made of.

    ``motions`` (K,) int64: which motion of the studio's each tick is of; UNSAID for none of them.
    """

    tokens: np.ndarray
    labels: np.ndarray
    poses: np.ndarray
    motions: np.ndarray


def draw_body(rng: Rng) -> Body:
    """A body at random, with the pose network's habits of placing joints."""

    def about(value: float, spread: float = 0.06) -> float:
        return value * float(np.exp(rng.normal(0, spread)))

    b = STANDARD
    arm, leg = about(1, 0.05), about(1, 0.06)
    return Body(
        torso=about(b.torso, 0.05),
        neck=about(b.neck, 0.1),
        shoulders=about(b.shoulders, 0.07),
        hips=about(b.hips, 0.1),
        upper_arm=about(b.upper_arm) * arm,
        forearm=about(b.forearm) * arm,
        thigh=about(b.thigh) * leg,
        shin=about(b.shin) * leg,
    )


class Studio:
    """Makes streams from recordings, held poses and drawn motion.

    Parameters
    ----------
    clips : sequence of Clip or Flat
        Recordings of the people to use; may be empty.
    classes : sequence of str
    rate : float
        Ticks a second.
    stills : sequence of Still
        Poses to be held in :meth:`stream`.
    deepen : nn.Module, optional
        Gives flat recordings depth in :meth:`stream`, see :func:`models.training.actions.lift.lifter`.
    flattened : float
        Share of streams and recordings whose depth is not told.

    Attributes
    ----------
    material : list
        JSON-ready: what of clips and stills there is.
    motions : list of str
        What the sets call what was recorded: more than the classes tell apart.
    """

    def __init__(
        self,
        clips: Sequence[Clip | Flat],
        classes: Sequence[str],
        rate: float,
        stills: Sequence[Still] = (),
        deepen: nn.Module | None = None,
        flattened: float = FLATTENED,
    ) -> None:
        self.classes = tuple(classes)
        self.flattened = flattened
        self.rate = rate
        whose = {clip.motion: clip.label for clip in clips if clip.motion and clip.label in self.classes}
        self.motions = sorted(whose)
        # While a stream is made, a label is a class or, after all of them, a motion.
        self._codes = {name: len(self.classes) + k for k, name in enumerate(self.motions)}
        of_motions = [self.classes.index(whose[name]) for name in self.motions]
        # The class of each code; that of UNSAID, which is -1, is UNSAID.
        self._class_of = np.array([*range(len(self.classes)), *of_motions, UNSAID])
        self._flats: dict[str, list[Flat]] = {}  # class -> recordings
        for flat in clips:
            if isinstance(flat, Flat) and flat.label:
                if deepen is not None:
                    flat = replace(flat, space=lift(deepen, flat.poses[..., :2]))
                self._flats.setdefault(flat.label, []).append(flat)
        deep = [clip for clip in clips if isinstance(clip, Clip)]
        self._people = People(deep, self.classes, stills, self._codes)
        self._flat = FLAT if deep else 1.0  # share of streams
        self.material = [sorted((clip.name, clip.label, clip.frames) for clip in clips), len(stills)]
        self.material += ["deepened"] * (deepen is not None) + [flattened]

    def stream(self, rng: Rng, seconds: float, view: View | None = None) -> Stream:
        """A stream of about ``seconds`` of one person, or of some if they are flat."""
        if self._flats and rng.random() < self._flat:
            shown = reel(rng, self._flats, self.classes, self.rate, seconds, self.flattened, self._codes)
            return self.made(*shown)
        movement, labels = self._people.movement(rng, seconds)
        return self.see(rng, movement, labels, view or draw_view(rng, around=rng.random() < AROUND))

    def movement(self, rng: Rng, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """What one person does in about ``seconds``: (T, 13, 3), and a label (T,) at each frame."""
        movement, codes = self._people.movement(rng, seconds)
        return movement, self._class_of[codes]

    def clip(self, rng: Rng, clip: Clip | Flat, view: View, lead: float = 2.0) -> Stream:
        """One recording as a camera sees it, after ``lead`` seconds of the same person's rest.

        One without depth is seen as it is, looped if it can be.
        """
        if isinstance(clip, Flat):
            return self.made(*show(rng, clip, self.classes, self.rate, plain=True))
        tape = Tape(rng, turn=False)
        still = np.repeat(clip.joints[:1], max(1, int(lead * RATE)), axis=0)
        tape.add(still, np.full(len(still), self.classes.index("idle")))
        tape.add(clip.joints, self._people.label(clip))
        movement, labels = tape.finish()
        return self.see(rng, movement, labels, view, lost=False)

    def see(
        self, rng: Rng, movement: np.ndarray, labels: np.ndarray, view: View, lost: bool = True
    ) -> Stream:
        """A movement (T, 13, 3) with a label (T,) at each frame, as a camera sees another body do it."""
        movement = _replace_body(movement, draw_body(rng))
        poses, frames = observe(rng, movement, view, self.rate)
        if lost and rng.random() < self.flattened:
            poses[..., 3:] = 0
        labels = labels[frames]
        if lost and rng.random() < 0.3:
            for _ in range(int(rng.integers(1, 3))):
                begin = int(rng.integers(len(poses)))
                poses[begin : begin + int(rng.uniform(0.2, 3.0) * self.rate)] = 0
        return self.made(poses, labels)

    def made(self, poses: np.ndarray, labels: np.ndarray) -> Stream:
        """The stream of poses (K, 13, 6) and labels (K,): what cannot be known has none, or is other."""
        codes = labels.astype(np.int64)
        labels = self._class_of[codes]
        legless = poses[:, list(LEGS), 2].mean(1) < LEGLESS
        legwork = np.isin(labels, [k for k, name in enumerate(self.classes) if name in LEGWORK])
        jumping = labels == self.classes.index("jumping jack")  # the arms alone give it away
        labels[legless & legwork] = self.classes.index("other")
        labels[legless & jumping] = UNSAID
        labels[~poses.any((1, 2))] = UNSAID  # nobody
        named = (codes >= len(self.classes)) & (labels == self._class_of[codes])
        motions = np.where(named, codes - len(self.classes), UNSAID)
        return Stream(vectors(poses, self.rate), labels, poses, motions)


def _replace_body(movement: np.ndarray, body: Body) -> np.ndarray:
    """Another body does the same in the same place."""
    out = retarget(movement, body)
    out[..., [0, 2]] += movement[0, 7:9].mean(0)[[0, 2]]
    return out
