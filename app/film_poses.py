"""Labelled films, and the poses that the window would see in them."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.capture.media import CaptureError, Frame
from app.capture.recording import Gap, Recording
from app.features import follower, pose, somebody
from app.features.pose import PoseTokens
from app.features.tokens import Token
from models.extractors import anatomy
from models.extractors import pose as joints
from models.training import kept
from models.training.actions.filmed import Footage
from models.training.actions.labelled import read_films
from models.training.actions.learner import RATE
from models.training.actions.skeletons import read_mapping

log = logging.getLogger(__name__)
# What poses are seen by: where it is another, those that are kept are made anew.
SEEN_BY = (pose, follower, somebody, joints, anatomy, follower.MODEL)


class KeptPoses(PoseTokens):
    """Keeps the pose of each token."""

    def __init__(self) -> None:
        super().__init__(RATE)
        self.seen: list[tuple[float, np.ndarray]] = []  # media time, joints (13, 6)

    def _token(self, frame: Frame, time: float, repeated: bool) -> Token:
        token = super()._token(frame, time, repeated)
        assert token.pose is not None
        self.seen.append((time, token.pose))
        return token

    def finish(self, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Times (K,) and poses (K, 13, 6) of all ticks of a film whose last picture was at ``end``."""
        self.flush(end + 0.5 / RATE)
        self.close()
        if len(self.seen) < RATE:
            raise CaptureError(f"There are {len(self.seen)} ticks of picture, expected {RATE:g}.")
        return np.array([time for time, _ in self.seen]), np.stack([pose for _, pose in self.seen])


def footage(listed: Path, mapping: Path | None = None, cache: Path | None = None) -> list[Footage]:
    """The films that a ``film.json`` tells of, and their poses; what cannot be used is named in the log.

    Parameters
    ----------
    listed : Path
        See :func:`models.training.actions.labelled.read_films`.
    mapping : Path, optional
        As of :func:`models.training.actions.skeletons.read_mapping`.
    cache : Path, optional
        Where the poses are kept.

    Raises
    ------
    ValueError
        The list cannot be used.
    """
    films, faults = read_films(listed, read_mapping(mapping)["classes"])
    for fault in faults:
        log.warning("%s", fault)
    found = []
    for film in tqdm(films, "poses of films", unit="film", file=sys.stderr):
        try:
            found.append(Footage(film, *_poses(film.path, cache)))
        except CaptureError as error:
            log.warning("%s left out: %s", film.path.name, error)
    return found


def _poses(path: Path, cache: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Times (K,) and poses (K, 13, 6) of all ticks of a film."""
    file = kept.place(cache, "poses", (path, *SEEN_BY), [])
    if stored := kept.load(file, ("times", "poses")):
        return stored[0], stored[1]
    extractor, end = KeptPoses(), 0.0
    for event in Recording(path).events():
        if isinstance(event, Frame):
            extractor.frame(event)
            end = event.time
        elif isinstance(event, Gap) and event.kind == "video":
            extractor.gap(event.time)
    times, poses = extractor.finish(end)
    kept.save(file, times=times, poses=poses)
    return times, poses
