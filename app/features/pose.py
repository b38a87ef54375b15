"""Pictures -> pose tokens: one vector of the followed person's joints every fifteenth of a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.capture.media import Frame
from app.features.follower import MODEL, Follower, Looker
from app.features.pictures import PictureTokens
from app.features.somebody import Somebody
from app.features.tokens import Person, Token
from models.extractors.anatomy import JOINTS, LEGS
from models.extractors.pose import (
    FAR,
    LEGLESS,
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
    looker : Looker, optional
        Shared with other streams, see `Follower`.

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

    def __init__(self, rate: float = 15.0, model: str | Path = MODEL, looker: Looker | None = None) -> None:
        super().__init__(rate)
        self._follower = Follower(model, looker)
        self.macs = self._follower.macs
        self.features = {"extractor": f"MediaPipe PoseLandmarker, {Path(model).stem}", "rate": rate} | RECIPE

    def _reset(self) -> None:
        super()._reset()
        self._somebody = Somebody(MEMORY)
        self._found: tuple[Person, ...] = ()  # in that picture, whether they count or not

    def gap(self, time: float) -> None:
        """Pictures were lost before media time ``time``: what comes is a new stream."""
        self._follower.restart()
        super().gap(time)

    def close(self) -> None:
        """Release what the pose networks hold.  Idempotent."""
        self._follower.close()

    def _token(self, frame: Frame, time: float, repeated: bool) -> Token:
        if not repeated:
            self._found = self._follower.find(frame.image, frame.time)
        counts = self._somebody.take(self._pose(frame), repeated)
        self.people = self._found if counts else ()
        if not counts:
            nobody = np.zeros(SIZE, np.float32), frame.captured, "no person", repeated
            return Token(self._tick, time, *nobody, pose=np.zeros((len(JOINTS), 6), np.float32))
        poses = self._somebody.poses  # (<= MEMORY, 13, 6)
        vector = vectors(poses, self.rate)[-1]
        far = bool(body_size(poses)[-1] < FAR)
        seen = poses[poses.any((1, 2))][:, LEGS, 2]
        return Token(
            self._tick,
            time,
            vector,
            frame.captured,
            "too far away" if far else "",
            repeated,
            unavailable=LEGWORK if not far and seen.mean() < LEGLESS else (),
            pose=poses[-1],
        )

    def _pose(self, frame: Frame) -> np.ndarray:
        """Joints of the followed person (13, 6); zeros for nobody, or nobody that can be made out."""
        if not self._found:
            return np.zeros((len(JOINTS), 6), np.float32)
        height, width = frame.image.shape[:2]
        person = self._found[0]
        return pose_joints(person.landmarks, person.visibility, width / height, person.world)
