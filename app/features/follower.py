"""The people in a picture, found and tracked by MediaPipe Tasks; the largest is followed."""

from __future__ import annotations

import logging
import os
import struct
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from app.capture.media import CaptureError
from app.capture.opencv import cv2
from app.features.pyplot import put_off_pyplot
from app.features.tflite import macs
from app.features.tokens import Person
from app.program import ASSETS

log = logging.getLogger(__name__)

MODEL = ASSETS / "pose_landmarker_lite.task"
PEOPLE = 3  # looked for
LOOK_EVERY = 15  # pictures between two looks for all people: each costs as much as two or three trackings
LARGER = 1.5  # times the area that another person must have to be followed instead
OVERLAP = 0.3  # of two boxes (intersection over union) that are one person
MEND_MODEL = "Get the file from the repository again, or build it: python assets/build_pose_task.py"
MEND_MEDIAPIPE = "Install it: pip install mediapipe==0.10.33"
CONFIDENCE = 0.5  # MediaPipe's default for detection, presence and tracking


def _landmarker(model: Path, video: bool) -> Any:
    put_off_pyplot()
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
        num_poses=1 if video else PEOPLE,
        min_pose_detection_confidence=CONFIDENCE,
        min_pose_presence_confidence=CONFIDENCE,
        min_tracking_confidence=CONFIDENCE,
    )
    try:
        with _quiet():
            return vision.PoseLandmarker.create_from_options(options)
    except OSError as error:
        remedy = "A library of the system that it needs is missing."
        raise CaptureError(f"MediaPipe's library cannot be loaded: {error}.", remedy) from error
    except (RuntimeError, ValueError) as error:
        raise CaptureError(
            f"The pose model {model} cannot be used: {error}",
            MEND_MODEL,
        ) from error


class Looker:
    """Looks for all people in single pictures.  It remembers nothing, so that many streams can share it.

    Parameters
    ----------
    model : path
        As of a `Follower`, and its errors.
    """

    def __init__(self, model: str | Path = MODEL) -> None:
        self._landmarker = _landmarker(Path(model), video=False)
        self._thread = ThreadPoolExecutor(1, "look")

    def look(self, rgb: np.ndarray) -> Future[list[Person]]:
        """The people in a picture (height, width, 3), none of them followed, once a thread has looked.

        Any thread may ask.  Who tracks meanwhile on another core waits half as long.
        """
        return self._thread.submit(self._look, rgb)

    def _look(self, rgb: np.ndarray) -> list[Person]:
        return _people(self._landmarker.detect(_picture(rgb)), followed=False)

    def close(self) -> None:
        """Release MediaPipe's threads and memory.  Idempotent."""
        self._thread.shutdown()
        if self._landmarker is not None:
            self._landmarker.close()
        self._landmarker = None


class Follower:
    """Follows one person through the pictures of one stream.

    The tracker alone would follow whom it detects first.  So all people are looked for now and then, and the
    tracker is steered to the largest by a picture in which all else is painted over.  Looking for all of them
    in every picture would take more than twice the time.

    Parameters
    ----------
    model : path
        A pose landmarker ``.task``.
    looker : Looker, optional
        Shared with other streams, and closed by who made it; one of its own by default.

    Attributes
    ----------
    macs : dict of str to int
        Multiply-accumulates of one run of each network.

    Raises
    ------
    CaptureError
        MediaPipe or the model is missing or unusable.
    """

    def __init__(self, model: str | Path = MODEL, looker: Looker | None = None) -> None:
        self._model = Path(model)
        self.macs = self._read_macs()
        self._tracker = _landmarker(self._model, video=True)
        self._own_looker = Looker(model) if looker is None else None
        self._looker = looker or self._own_looker
        self._start()

    def _read_macs(self) -> dict[str, int]:
        try:
            with zipfile.ZipFile(self._model) as task:
                landmarks = macs(task.read("pose_landmarks_detector.tflite"))
                detector = macs(task.read("pose_detector.tflite"))
        except ImportError as error:
            raise CaptureError(f"MediaPipe cannot be used: {error}.", MEND_MEDIAPIPE) from error
        except (OSError, zipfile.BadZipFile, KeyError, struct.error) as error:
            raise CaptureError(
                f"The pose model {self._model} cannot be read: {error}.",
                MEND_MODEL,
            ) from error
        return {"pose landmarks": landmarks, "pose detector (when it runs)": detector}

    def _start(self) -> None:
        self._stamp = -1  # ms; MediaPipe wants them to rise
        self._since = 0  # pictures since all people were looked for
        self._last: Person | None = None  # the followed one in the picture before
        self._others: tuple[Person, ...] = ()

    def restart(self) -> None:
        """Forget everybody: what comes is another stream."""
        if self._stamp >= 0:
            self._tracker.close()
            self._tracker = _landmarker(self._model, video=True)
        self._start()

    def close(self) -> None:
        """Release MediaPipe's threads and memory.  Idempotent."""
        for part in (self._tracker, self._own_looker):
            if part is not None:
                part.close()
        self._tracker = self._looker = None

    def find(self, image: np.ndarray, time: float) -> tuple[Person, ...]:
        """The people in a picture, the followed one first; the others as they were when last looked for.

        Parameters
        ----------
        image : ndarray of shape (height, width, 3), uint8
            BGR.
        time : float
            Media time, seconds; later than that of the picture before.
        """
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        self._stamp = max(self._stamp + 1, round(time * 1000))
        assert self._looker is not None
        due = self._last is not None and self._since + 1 >= LOOK_EVERY
        looked = self._looker.look(rgb) if due else None
        person = self._track(rgb)
        if person is None:
            self._last, self._others = None, ()
            return ()
        self._since += 1
        # The tracker at times jumps to somebody else, or to a face that it takes for a body.
        steady = self._last is not None and _overlap(self._last, person) >= OVERLAP
        if not steady or self._since >= LOOK_EVERY:
            found = (looked or self._looker.look(rgb)).result()
            person = self._steer(rgb, found, person, LARGER if steady else 1.0)
        self._last = person
        return (person, *(other for other in self._others if _overlap(other, person) < OVERLAP))

    def _steer(self, rgb: np.ndarray, found: list[Person], person: Person, larger: float) -> Person:
        """Of all people, follow the largest if it is another, and ``larger`` times as large."""
        self._others = tuple(found)
        self._since = 0
        largest = max(found, key=_area, default=person)
        if _overlap(largest, person) >= OVERLAP or _area(largest) <= larger * _area(person):
            return person
        self._track(np.zeros_like(rgb))  # the tracker loses whom it has, and detects anew
        steered = self._track(_all_but(rgb, largest))
        log.debug("another person is followed")
        return steered or self._track(rgb) or person

    def _track(self, rgb: np.ndarray) -> Person | None:
        people = _people(self._tracker.detect_for_video(_picture(rgb), self._stamp), followed=True)
        self._stamp += 1
        return people[0] if people else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MediaPipe's start-up messages off stderr: they mean nothing to a user, no option stops them."""
    try:
        stderr = os.dup(2)
    except OSError:  # a desktop's shortcut gives a program none
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


def _picture(rgb: np.ndarray) -> Any:
    import mediapipe

    return mediapipe.Image(mediapipe.ImageFormat.SRGB, rgb)


def _people(result: Any, followed: bool) -> list[Person]:
    people = []
    for pose, space in zip(result.pose_landmarks, result.pose_world_landmarks, strict=True):
        landmarks = np.array([(point.x, point.y) for point in pose], np.float32)
        visibility = np.array([point.visibility for point in pose], np.float32)
        world = np.array([(point.x, point.y, point.z) for point in space], np.float32)
        people.append(Person(landmarks, visibility, followed, world))
    return people


def _box(person: Person) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the part within the picture, as fractions of it."""
    points = person.landmarks.clip(0, 1)
    return points.min(0), points.max(0)


def _area(person: Person) -> float:
    low, high = _box(person)
    return float(np.prod(high - low))


def _overlap(a: Person, b: Person) -> float:
    """Intersection over union of the boxes of two people."""
    (low_a, high_a), (low_b, high_b) = _box(a), _box(b)
    common = float(np.prod((np.minimum(high_a, high_b) - np.maximum(low_a, low_b)).clip(0)))
    return common / max(_area(a) + _area(b) - common, 1e-9)


def _all_but(rgb: np.ndarray, person: Person) -> np.ndarray:
    """The picture with all but the person and a margin painted grey."""
    low, high = _box(person)
    margin = 0.1 * (high - low)
    shape = np.array(rgb.shape[1::-1])
    x0, y0 = ((low - margin).clip(0, 1) * shape).astype(int)
    x1, y1 = ((high + margin).clip(0, 1) * shape).astype(int)
    masked = np.full_like(rgb, 128)
    masked[y0:y1, x0:x1] = rgb[y0:y1, x0:x1]
    return masked
