"""Sets of recordings that come with a JSON of their own: ``NAME.npz`` and ``NAME.json`` side by side.

The JSON tells of each array who did what (``items``) and what the joints are; ``sets/NAME.json`` here says
which of that is ours.  Kinect skeletons become a :class:`Clip`; what was marked or seen in a picture has no
depth and becomes a :class:`Flat`.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.extractors.anatomy import MIRROR
from models.extractors.pose import pose_joints
from models.training.actions.skeletons import Clip, clip_of, load_clips, read_arrays, resample

Item = Mapping[str, Any]

log = logging.getLogger(__name__)

SETS = Path(__file__).with_name("sets")
MARGIN = 0.4  # seconds kept before and after what somebody does, where they rest then
SHORTEST = 8  # frames of a clip


@dataclass(frozen=True, eq=False)
class Flat:
    """One recording in the plane of a picture.

    Attributes
    ----------
    name, person : str
        Both carry the name of the set.
    labels : ndarray of shape (T,) of str
        One of the mapping's classes a frame; "" where none is known.
    poses : ndarray of shape (T, 13, 3)
        x and y in heights of some picture, y downwards, and how well the joint is seen; 30 a second.  All
        zero where there is nobody.
    seen : bool
        Whether the pose network gave it, with the network's errors; else it was marked by hand.
    looped : bool
        Whether it ends as it begins.
    space : ndarray of shape (T, 13, 3), optional
        Where in space the joints may have been, see :func:`models.training.actions.lift.lift`.
    motion : str
        As of a :class:`Clip`.
    """

    name: str
    person: str
    labels: np.ndarray
    poses: np.ndarray
    seen: bool
    looped: bool
    space: np.ndarray | None = None
    motion: str = ""

    @property
    def frames(self) -> int:
        return len(self.poses)

    @property
    def label(self) -> str:
        """The class of most frames that have one; "" for none."""
        names, counts = np.unique(self.labels[self.labels != ""], return_counts=True)
        return str(names[counts.argmax()]) if len(names) else ""


def set_mapping(path: Path) -> dict[str, Any] | None:
    """How the set in this ``.npz`` is to be read; None for one without a JSON of its own."""
    known = SETS / f"{path.stem}.json"
    if not (known.exists() and path.with_suffix(".json").exists()):
        return None
    return json.loads(known.read_text(encoding="utf-8"))


def load_recordings(paths: Iterable[Path], mapping: Mapping[str, Any]) -> list[Clip | Flat]:
    """Recordings of sets with a JSON of their own and of those without (:func:`load_clips`).

    Raises
    ------
    ValueError
        If a file cannot be read, or gives no recording at all.
    """
    found: list[Clip | Flat] = []
    for path in paths:
        known = set_mapping(path)
        if known is None:
            found += load_clips([path], dict(mapping))
            continue
        known["classes"] |= mapping.get("recordings", {}).get(path.stem, {})
        if made := load_set(path, known, read_arrays(path)):
            found += made
        else:
            raise ValueError(f"no recording in {path} is of the form of its set")
    return found


def taught(clips: Iterable[Clip | Flat], mapping: Mapping[str, Any]) -> list[Clip | Flat]:
    """Those that are learnt from: not the motions that the mapping names ``untaught``.

    They look too much like a class of ours for the eye of a camera to tell, and are still not it: what a
    model says of them is judged, but to learn them as "other" would cost that class its name.
    """
    return [clip for clip in clips if clip.motion not in mapping.get("untaught", ())]


def load_set(path: Path, known: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> list[Clip | Flat]:
    """Recordings of a set; what cannot be used is named in the log and left out.

    Raises
    ------
    ValueError
        If the JSON beside the file is not of the set's form.
    """
    beside = path.with_suffix(".json")
    try:
        about = json.loads(beside.read_text(encoding="utf-8"))
        items = about["items"]
        order = [about["joints"].index(name) for name in known.get("joints", ())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{beside} does not tell of {path.name}: {error!r}") from error
    found: list[Clip | Flat] = []
    left_out: dict[str, list[str]] = {}  # why -> keys
    for key in sorted(arrays):
        try:
            item = items[key]
            if "flat" in known:
                found += _flat(path.stem, key, item, arrays[key].astype(float), known, order)
            else:
                found += _clips(path.stem, key, item, arrays[key].astype(float), known, order)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            left_out.setdefault(str(error), []).append(key)
    for why, keys in left_out.items():
        others = f" and {len(keys) - 1} others" if len(keys) > 1 else ""
        log.warning("%s: %s%s left out: %s", path.name, keys[0], others, why)
    return found


def _class(known: Mapping[str, Any], motion: str) -> str | None:
    """Our class of what the set calls ``motion``; None leaves it out."""
    return known["classes"].get(motion, known["default"])


def _clips(
    name: str,
    key: str,
    item: Mapping[str, Any],
    array: np.ndarray,
    known: Mapping[str, Any],
    order: list[int],
) -> Iterator[Clip]:
    """The clips of a Kinect's skeleton (T, 20, 3)."""
    if array.ndim != 3 or array.shape[1:] != (20, 3):
        raise ValueError(f"its shape is {array.shape}, expected (frames, 20 joints, 3)")
    array = array[:, order] * np.array([-1.0, 1.0, -1.0])
    times = np.arange(len(array)) / known["rate"]
    if "frames" in known:
        numbers = np.asarray(item[known["frames"]], float)
        times = (numbers - numbers[0]) / known["rate"]
    person = f"{name}/{int(re.sub(r'[^0-9]', '', item['person']))}"
    spans: list[tuple[int, int, str | None]] = [(0, len(array), None)]
    if "segments" in known:
        spans = [(first, end, str(number)) for first, end, number in item[known["segments"]]]
    elif "active" in known:
        first, end = item[known["active"]]
        spans = [(first, end, None)]
    around = 2 if "segments" in known else round(MARGIN * known["rate"])  # frames
    for index, (first, end, number) in enumerate(spans):
        label = _class(known, number if number is not None else item[known["motion"]])
        if label is None or end - first < SHORTEST:
            continue
        begin = max(item.get("arms_down_at", 0), first - around)
        part = slice(min(begin, first), end + around)
        clip = clip_of(f"{name}/{key}/{index}", person, label, array[part], times[part] - times[part][0])
        yield replace(clip, motion=f"{name}/{number if number is not None else item[known['motion']]}")


def _flat(
    name: str,
    key: str,
    item: Mapping[str, Any],
    array: np.ndarray,
    known: Mapping[str, Any],
    order: list[int],
) -> Iterator[Flat]:
    """A recording (T, 13, 3) marked by hand, or (T, 33, 4) of the pose network."""
    label = _class(known, item[known["motion"]])
    if label is None:
        return
    if known["flat"] == "seen":
        if array.ndim != 3 or array.shape[1:] != (33, 4):
            raise ValueError(f"its shape is {array.shape}, expected (frames, 33 landmarks, 4)")
        poses = pose_joints(array[..., :2], array[..., 3], known["aspect"])[..., :3].astype(float)
        person = known["person"]
    else:
        if array.ndim != 3 or array.shape[1:] != (13, 3):
            raise ValueError(f"its shape is {array.shape}, expected (frames, 13 joints, 3)")
        poses = _marked(array[:, order])
        person = str(int(key) // known["block"] + 1)
    if len(poses) < SHORTEST:
        raise ValueError(f"it has {len(poses)} frames, expected at least {SHORTEST}")
    poses = resample(poses, np.arange(len(poses)) / known["rate"])
    looped = item[known["motion"]] in known["looped"]
    labels = np.full(len(poses), label)
    seen = known["flat"] == "seen"
    motion = "" if seen else f"{name}/{item[known['motion']]}"  # what is signed at a desk has 500 names
    yield Flat(f"{name}/{key}", f"{name}/{person}", labels, poses, seen, looped, motion=motion)


def _marked(array: np.ndarray) -> np.ndarray:
    """Joints marked by hand (T, 13, 3) in pixels -> in heights of a person; nan for a hidden one is filled.

    A joint that was never marked lies with its counterpart: mostly that of the side turned away.
    """
    xy, seen = array[..., :2], np.nan_to_num(array[..., 2])
    frames = np.arange(len(xy))
    known = np.isfinite(xy).all(-1)  # (T, 13)
    seen = np.where(known, np.maximum(seen, 0.3), 0.0)
    out = np.zeros_like(xy)
    for joint in (*range(13), *range(13)):  # twice: a counterpart may have been filled itself
        source = joint if known[:, joint].any() else MIRROR[joint]
        if known[:, source].any():
            at = np.flatnonzero(known[:, source])
            for axis in range(2):
                out[:, joint, axis] = np.interp(frames, at, xy[at, source, axis])
    if (seen[:, 1:3] == 0).all() or (seen[:, 7:9] == 0).all():
        raise ValueError("its shoulders or hips were never marked")
    torso = np.median(np.linalg.norm(out[:, 1:3].mean(1) - out[:, 7:9].mean(1), axis=-1))
    if not torso > 5:
        raise ValueError(f"its torso is {torso:.1f} pixels long, expected more than 5")
    return np.concatenate([out / (3.4 * torso), seen[..., None]], -1)
