"""Pictures -> pose tokens: one vector of the followed person's joints every fifteenth of a second."""

from __future__ import annotations

import math
from collections import deque
from pathlib import Path

import numpy as np

from app.capture.media import Frame
from app.features.follower import MODEL, Follower
from app.features.tokens import Person, Token
from models.pose import JOINTS, LEGLESS, LEGS, LEGWORK, MEMORY, RECIPE, SIZE, pose_joints, vectors

SLACK = 1e-6  # seconds by which a time stamp may be rounded up past its tick


class PoseTokens:
    """Tokens of a stream of pictures.

    Tick k stands for media time k / rate and uses the newest picture of that time or before.  Whether a
    picture is the newest is known when the next one comes, or when the clock says so (:meth:`advance`).
    Pictures that serve no tick are never analysed.  There is a token for every tick, with somebody in the
    picture or not, so that the model's time base holds.

    Parameters
    ----------
    rate : float
        Ticks a second.
    model : path
        A pose landmarker ``.task``: the bundled one, or MediaPipe's heavier ones in its place.

    Attributes
    ----------
    people : tuple of Person
        In the picture analysed last, the followed one first.
    skipped : int
        Pictures that served no tick.
    macs : dict of str to int
        Multiply-accumulates of one run of each network; the detector runs now and then.
    size : int
        Length of a token's vector.
    features : dict
        What the tokens are, for the model card.

    Raises
    ------
    CaptureError
        MediaPipe or the model is missing or unusable.
    """

    size = SIZE

    def __init__(self, rate: float = 15.0, model: str | Path = MODEL) -> None:
        if not rate > 0:
            raise ValueError(f"rate is {rate}, expected ticks a second above 0")
        self.rate = rate
        self._follower = Follower(model)
        self.macs = self._follower.macs
        self.features = {"extractor": f"MediaPipe PoseLandmarker, {Path(model).stem}", "rate": rate} | RECIPE
        self.skipped = 0
        self._reset()

    def _reset(self) -> None:
        self.people: tuple[Person, ...] = ()
        self._tick = -1  # the next one; -1 before the first picture
        self._newest: Frame | None = None
        self._used = False  # whether the newest picture has served a tick
        self._poses: deque[np.ndarray] = deque(maxlen=MEMORY)

    def frame(self, frame: Frame) -> list[Token]:
        """Take a picture; give the tokens of the ticks before it, which the pictures before it serve.

        Raises
        ------
        ValueError
            If the picture is older than the one before.
        """
        if self._newest is None:
            self._tick = math.ceil((frame.time - SLACK) * self.rate)
        elif frame.time < self._newest.time:
            raise ValueError(
                f"a picture of {frame.time} s after one of {self._newest.time} s: announce a gap before it"
            )
        tokens = self._until(frame.time - SLACK, inclusive=False)
        if self._newest is not None and not self._used:
            self.skipped += 1
        self._newest, self._used = frame, False
        return tokens

    def advance(self, time: float) -> list[Token]:
        """Tokens of the ticks up to media time ``time``: no picture of before then is still to come."""
        return self._until(time, inclusive=True)

    def flush(self, time: float) -> list[Token]:
        """The pictures end at media time ``time``: tokens of the ticks that remain."""
        tokens = self._until(time - SLACK, inclusive=False)
        if self._newest is not None and not self._used:
            self.skipped += 1
            self._used = True
        return tokens

    def gap(self, time: float) -> None:
        """Pictures were lost before media time ``time``: what comes is a new stream."""
        self._follower.restart()
        self._reset()

    def close(self) -> None:
        """Release what the pose networks hold.  Idempotent."""
        self._follower.close()

    def _until(self, time: float, inclusive: bool) -> list[Token]:
        tokens = []
        while self._newest is not None:
            due = self._tick / self.rate
            if due > time or (due == time and not inclusive):
                break
            tokens.append(self._token(self._newest, due))
            self._tick += 1
        return tokens

    def _token(self, frame: Frame, time: float) -> Token:
        repeated, self._used = self._used, True
        if not repeated:
            self.people = self._follower.find(frame.image, frame.time)
        pose = self._pose(frame)
        if not pose.any():
            self.people = ()
        self._poses.append(pose)
        poses = np.stack(self._poses)  # (<= MEMORY, 13, 3)
        vector = vectors(poses, self.rate)[-1]
        if not self.people:
            return Token(self._tick, time, vector, frame.captured, "no person", repeated)
        seen = poses[poses.any((1, 2))][:, LEGS, 2]
        unavailable = LEGWORK if seen.mean() < LEGLESS else ()
        return Token(self._tick, time, vector, frame.captured, "", repeated, unavailable)

    def _pose(self, frame: Frame) -> np.ndarray:
        """Joints of the followed person (13, 3); zeros for nobody, or nobody that can be made out."""
        if not self.people:
            return np.zeros((len(JOINTS), 3), np.float32)
        height, width = frame.image.shape[:2]
        return pose_joints(self.people[0].landmarks, self.people[0].visibility, width / height)
