"""Poses of real people in photographs, as skeletons to be held: what standing still can look like.

The poses are the body part of pose-classification-kit (MIT; its ``BodyPose_Dataset.csv``): 10,681 results
of OpenPose, 25 joints of a picture each, and what the person is doing.  They are flat.  Depth is put back
bone by bone (Taylor 2000): a bone that looks too short points towards the camera or away from it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.training.actions.skeletons import LIMBS, STANDARD, retarget

# Columns of OpenPose's BODY_25 for our joints; the head is the middle of the ears, else the nose.
NOSE, EARS = 0, (18, 17)
BODY = (5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11)
FORWARDS = (1, 1, 1, 1, 1, -1, 1, -1)  # which way each of LIMBS points when it is foreshortened
SLACK = 0.15  # of a bone's squared length: people are not all of one proportion


@dataclass(frozen=True, eq=False)
class Still:
    """What a person holds: a class and the joints (13, 3), axes and metres of a standard body."""

    label: str
    joints: np.ndarray


def load_stills(path: Path, mapping: Mapping[str, Any]) -> list[Still]:
    """The poses of ``BodyPose_Dataset.csv`` that have a class and all thirteen joints.

    Raises
    ------
    ValueError
        Another file, or one without a pose that can be used.
    """
    classes = mapping["stills"]
    stills = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            if (header := next(rows, [])[:4]) != ["label", "accuracy", "x0", "y0"]:
                raise ValueError(f"its first columns are {header}")
            for row in rows:
                points = np.array(row[2:], float).reshape(25, 2)
                joints = lift(points) if row[0] in classes else None
                if joints is not None:
                    stills.append(Still(classes[row[0]], joints))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} is not the BodyPose_Dataset.csv of pose-classification-kit: {error}"
        ) from error
    if not stills:
        raise ValueError(f"{path} has no pose with a class of ours and all its joints")
    return stills


def lift(points: np.ndarray) -> np.ndarray | None:
    """Joints (13, 3) of a pose in a picture (25, 2), y upwards; None when one of them was not found."""
    found = np.any(points, axis=1)
    ears = [ear for ear in EARS if found[ear]]
    if not (found[list(BODY)].all() and (ears or found[NOSE])):
        return None
    head = points[ears].mean(0) if len(ears) == 2 or not found[NOSE] else points[NOSE]
    flat = np.concatenate([head[None], points[list(BODY)]])  # (13, 2)
    shoulders, hips = flat[1:3].mean(0), flat[7:9].mean(0)
    spans = [flat[child] - flat[parent] for child, parent in LIMBS]
    spans += [shoulders - hips, flat[1] - flat[2], flat[7] - flat[8]]
    lengths = np.append(STANDARD.limbs, [STANDARD.torso, STANDARD.shoulders, STANDARD.hips])
    seen = np.linalg.norm(spans, axis=1)  # (11,)
    scale = np.sort(lengths / np.maximum(seen, 1e-6))[1]  # no bone but one looks longer than it is
    depth = np.sqrt(np.maximum((1 - SLACK) * lengths**2 - (seen * scale) ** 2, 0))
    # Someone in profile who looks to the right of the picture has the left side away from the camera.
    aside = -np.sign(points[NOSE, 0] - shoulders[0]) if found[NOSE] else 0.0
    joints = np.concatenate([flat * scale, np.zeros((13, 1))], 1)
    joints[[0, 1, 2], 2] = depth[8]  # a trunk that looks short leans forwards
    joints[[1, 2], 2] += np.array([0.5, -0.5]) * aside * depth[9]
    joints[[7, 8], 2] += np.array([0.5, -0.5]) * aside * depth[10]
    for limb, (child, parent) in enumerate(LIMBS):
        joints[child, 2] = joints[parent, 2] + FORWARDS[limb] * depth[limb]
    return retarget(joints[None], STANDARD)[0]
