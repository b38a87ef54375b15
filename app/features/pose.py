"""Pictures -> pose tokens: one vector of the followed person's joints every fifteenth of a second."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import numpy as np

from app.capture.media import Frame
from app.features.follower import MODEL, Follower
from app.features.pictures import PictureTokens
from app.features.tokens import Token
from models.extractors.pose import (
    FAR,
    JOINTS,
    LEGLESS,
    LEGS,
    LEGWORK,
    MEMORY,
    RECIPE,
    SIZE,
    body_size,
    pose_joints,
    vectors,
)


class PoseTokens(PictureTokens):
    """Pose tokens of a stream of pictures.

    There is a token for every tick, with somebody in the picture or not, so that the model's time base holds.

    Parameters
    ----------
    rate : float
        Ticks a second.
    model : path
        A pose landmarker ``.task``: the bundled one, or MediaPipe's heavier ones in its place.

    Attributes
    ----------
    macs : dict of str to int
        Multiply-accumulates of one run of each network; the detector runs now and then.

    Raises
    ------
    CaptureError
        MediaPipe or the model is missing or unusable.
    """

    size = SIZE

    def __init__(self, rate: float = 15.0, model: str | Path = MODEL) -> None:
        super().__init__(rate)
        self._follower = Follower(model)
        self.macs = self._follower.macs
        self.features = {"extractor": f"MediaPipe PoseLandmarker, {Path(model).stem}", "rate": rate} | RECIPE

    def _reset(self) -> None:
        super()._reset()
        self._poses: deque[np.ndarray] = deque(maxlen=MEMORY)

    def gap(self, time: float) -> None:
        """Pictures were lost before media time ``time``: what comes is a new stream."""
        self._follower.restart()
        super().gap(time)

    def close(self) -> None:
        """Release what the pose networks hold.  Idempotent."""
        self._follower.close()

    def _token(self, frame: Frame, time: float, repeated: bool) -> Token:
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
        if body_size(poses)[-1] < FAR:
            return Token(self._tick, time, vector, frame.captured, "too far away", repeated)
        seen = poses[poses.any((1, 2))][:, LEGS, 2]
        unavailable = LEGWORK if seen.mean() < LEGLESS else ()
        return Token(self._tick, time, vector, frame.captured, "", repeated, unavailable)

    def _pose(self, frame: Frame) -> np.ndarray:
        """Joints of the followed person (13, 3); zeros for nobody, or nobody that can be made out."""
        if not self.people:
            return np.zeros((len(JOINTS), 3), np.float32)
        height, width = frame.image.shape[:2]
        return pose_joints(self.people[0].landmarks, self.people[0].visibility, width / height)
