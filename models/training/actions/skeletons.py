"""Skeletons of real people: sets of Kinect recordings as clips of one body, one rate, one set of axes.

A set is an ``.npz`` of arrays (frames, 20, 3) in metres.  Which set it is, the form of its keys tells;
``action_mapping.json`` says which of its joints and actions are ours.

Axes of all skeletons from here on: x to the right of a camera that looks at the person, y up, z towards the
camera; a person facing the camera has the left hand at positive x.
"""

from __future__ import annotations

import json
import logging
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

log = logging.getLogger(__name__)

RATE = 30.0  # frames a second of every clip
MAPPING = Path(__file__).with_name("action_mapping.json")
MISSED = 6  # frames in a row without a skeleton that are bridged; a clip with more is left out
MOVING = 0.35  # metres a second of the fastest joint, from which on a person does something

# The bones: child joint -> parent joint, as indices of models.extractors.pose.JOINTS, parents first.  The
# middle of the hips is the root, the middle of the shoulders stands on it.
LIMBS = ((3, 1), (5, 3), (4, 2), (6, 4), (9, 7), (11, 9), (10, 8), (12, 10))


@dataclass(frozen=True)
class Body:
    """Lengths of a body's bones in metres, as the pose network (not the Kinect) places the joints."""

    torso: float = 0.50
    neck: float = 0.20
    shoulders: float = 0.33
    hips: float = 0.18
    upper_arm: float = 0.28
    forearm: float = 0.25
    thigh: float = 0.41
    shin: float = 0.39

    @property
    def limbs(self) -> np.ndarray:
        """Lengths in the order of LIMBS."""
        arm, leg = (self.upper_arm, self.forearm), (self.thigh, self.shin)
        return np.array(arm + arm + leg + leg)

    @property
    def leg(self) -> float:
        return self.thigh + self.shin


STANDARD = Body()


@dataclass(frozen=True, eq=False)
class Clip:
    """One recording of one action.

    Attributes
    ----------
    name, person : str
        Both carry the name of the set.
    label : str
        One of the mapping's classes.
    joints : ndarray of shape (T, 13, 3), float64
        Of a standard body, 30 a second, metres; the floor is about y = 0, the hips start over the origin.
    start, stop : int
        The frames in which the person does something; before and after they rest.
    motion : str
        What its set calls that, after the set's name; "" for nothing.
    """

    name: str
    person: str
    label: str
    joints: np.ndarray
    start: int
    stop: int
    motion: str = ""

    @property
    def frames(self) -> int:
        return len(self.joints)


def read_mapping(path: Path | None = None) -> dict[str, Any]:
    """The mapping from action numbers to classes; one that ``extends`` a file beside it says what differs."""
    path = path or MAPPING
    mapping = json.loads(path.read_text(encoding="utf-8"))
    if "extends" not in mapping:
        return mapping
    whole = read_mapping(path.parent / mapping["extends"])
    stills = {name: label for name, label in (whole["stills"] | mapping.get("stills", {})).items() if label}
    return whole | mapping | {"stills": stills}


def load_clips(paths: Iterable[Path], mapping: dict[str, Any] | None = None) -> list[Clip]:
    """Clips of all actions that have a class; what cannot be used is named in the log and left out.

    Raises
    ------
    ValueError
        If a file is no npz, or no clip at all was found.
    """
    mapping = mapping or read_mapping()
    clips = []
    for path in paths:
        arrays = read_arrays(path)
        for key in sorted(arrays):
            clip = _clip(key, arrays[key], mapping)
            if isinstance(clip, Clip):
                clips.append(clip)
            elif clip:
                log.warning("%s: %s left out: %s", path.name, key, clip)
    if not clips:
        raise ValueError("no skeletons with a class of ours in " + ", ".join(str(path) for path in paths))
    return clips


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """What an npz holds.

    Raises
    ------
    ValueError
        It is none.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read as an npz of skeletons: {error}") from error


def _clip(key: str, array: np.ndarray, mapping: dict[str, Any]) -> Clip | str:
    """A clip, or why it is left out ("" when the mapping says so)."""
    for name, known in mapping["sets"].items():  # noqa: B007
        if match := re.fullmatch(known["keys"], key):
            break
    else:
        return "its key is of no set in the mapping"
    if array.ndim != 3 or array.shape[1:] != (20, 3) or len(array) < 8:
        return f"its shape is {array.shape}, expected (at least 8 frames, 20 joints, 3)"
    number = int(match["action"])
    row = next((row for row in known["actions"] if row["number"] == number), None)
    if row is None:
        return f"action {number} is not in the mapping"
    if row["class"] is None:
        return ""
    joints = array[:, known["joints"]].astype(np.float64) * np.array([-1.0, 1.0, -1.0])
    missed = ~np.isfinite(joints).all((1, 2)) | (joints == 0).all((1, 2))
    if _longest_run(missed) > MISSED or missed[0] or missed[-1]:
        return "its skeleton is lost for too long"
    times = np.flatnonzero(~missed) / known["rate"]
    person, upright = f"{name}/{int(match['person'])}", row.get("until") == "upright"
    clip = clip_of(f"{name}/{key}", person, row["class"], joints[~missed], times, upright)
    return replace(clip, motion=f"{name}/{row['action']}")


def clip_of(
    name: str, person: str, label: str, joints: np.ndarray, times: np.ndarray, upright: bool = False
) -> Clip:
    """A clip of joints (T, 13, 3) recorded at ``times`` (T,), which begin at 0.

    Where a joint is nan it is filled over time; ``upright`` ends the clip where the person stands upright
    again.

    Raises
    ------
    ValueError
        Hardly a joint is known.
    """
    joints = joints.reshape(len(joints), -1).copy()
    for column in joints.T:
        known = np.isfinite(column)
        if known.mean() < 0.7:
            raise ValueError("its skeleton is lost for too long")
        column[~known] = np.interp(times[~known], times[known], column[known])
    joints = resample(joints.reshape(len(joints), 13, 3), times)
    joints = retarget(smooth(joints, 1.2), STANDARD)
    if upright:
        joints = joints[: _upright_again(joints)]
    return Clip(name, person, label, joints, *_active(joints))


def _longest_run(mask: np.ndarray) -> int:
    longest = run = 0
    for value in mask:
        run = run + 1 if value else 0
        longest = max(longest, run)
    return longest


def resample(joints: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Joints (T, ...) at the given times -> at RATE."""
    at = np.arange(0, times[-1] + 1e-9, 1 / RATE)
    flat = joints.reshape(len(joints), -1)
    return np.stack([np.interp(at, times, column) for column in flat.T], 1).reshape(-1, *joints.shape[1:])


def smooth(track: np.ndarray, sigma: float) -> np.ndarray:
    """A track (T, ...) smoothed over time by a Gaussian of ``sigma`` frames, its ends held."""
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.concatenate([np.repeat(track[:1], reach, 0), track, np.repeat(track[-1:], reach, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=0)  # (T, ..., reach)
    return windows @ kernel


def retarget(joints: np.ndarray, body: Body) -> np.ndarray:
    """The same movement by another body: directions of bones are kept, lengths are the body's.

    Parameters
    ----------
    joints : ndarray of shape (T, 13, 3)
    body : Body

    Returns
    -------
    ndarray of shape (T, 13, 3)
        The hips start at x = z = 0; the lowest ankle of the clip's median frame stands on y = 0.
    """
    hips, shoulders = joints[:, 7:9].mean(1), joints[:, 1:3].mean(1)  # (T, 3)
    length = np.linalg.norm(joints[:, 9:11] - joints[:, 7:9], axis=-1).mean(1)
    length += np.linalg.norm(joints[:, 11:13] - joints[:, 9:11], axis=-1).mean(1)
    root = (hips - hips[0]) * (body.leg / np.median(length))
    out = np.empty_like(joints)
    across_hips = unit(joints[:, 7] - joints[:, 8]) * (body.hips / 2)
    out[:, 7], out[:, 8] = root + across_hips, root - across_hips
    top = root + unit(shoulders - hips) * body.torso
    across = unit(joints[:, 1] - joints[:, 2]) * (body.shoulders / 2)
    out[:, 1], out[:, 2] = top + across, top - across
    out[:, 0] = top + unit(joints[:, 0] - shoulders) * body.neck
    for (child, parent), bone in zip(LIMBS, body.limbs, strict=True):
        out[:, child] = out[:, parent] + unit(joints[:, child] - joints[:, parent]) * bone
    out[..., 1] -= np.median(out[:, 11:13, 1].min(1))
    return out


def unit(vector: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) of length 1 in the same directions."""
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-6)


def _upright_again(joints: np.ndarray) -> int:
    """The frame in which a person who bent down stands upright again."""
    trunk = joints[:, 1:3].mean(1) - joints[:, 7:9].mean(1)  # (T, 3)
    lean = np.arctan2(np.hypot(trunk[:, 0], trunk[:, 2]), trunk[:, 1])  # (T,)
    lean = smooth(lean, 0.15 * RATE)  # a Kinect that looks at a bent back errs for some frames
    lowest = int(lean.argmax())
    upright = np.flatnonzero(lean[lowest:] < 0.4 * lean[lowest])
    return lowest + int(upright[0]) if len(upright) else len(joints)


def _active(joints: np.ndarray) -> tuple[int, int]:
    """First and last + 1 frame in which some joint moves faster than MOVING."""
    speed = np.linalg.norm(np.gradient(joints, axis=0), axis=-1).max(1) * RATE  # (T,)
    moving = np.flatnonzero(smooth(speed, 2.0) > MOVING)
    return (int(moving[0]), int(moving[-1]) + 1) if len(moving) else (0, len(joints))
