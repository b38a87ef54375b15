"""Poses from photographs: given depth, and held."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.training.actions import people
from models.training.actions.camera import draw_view
from models.training.actions.skeletons import LIMBS, STANDARD, read_mapping
from models.training.actions.stills import BODY, EARS, NOSE, lift, load_stills
from models.training.actions.streams import Studio

MAPPING = read_mapping()
CLASSES = MAPPING["classes"]
# A standing person of standard proportions as OpenPose sees it, in metres: x to the right, y up.
STANDING = {
    NOSE: (0, 1.47),
    EARS[0]: (0.07, 1.5),
    EARS[1]: (-0.07, 1.5),
    BODY[0]: (0.165, 1.3),
    BODY[1]: (-0.165, 1.3),
    BODY[2]: (0.165, 1.02),
    BODY[3]: (-0.165, 1.02),
    BODY[4]: (0.165, 0.77),
    BODY[5]: (-0.165, 0.77),
    BODY[6]: (0.09, 0.8),
    BODY[7]: (-0.09, 0.8),
    BODY[8]: (0.09, 0.39),
    BODY[9]: (-0.09, 0.39),
    BODY[10]: (0.09, 0.0),
    BODY[11]: (-0.09, 0.0),
}


def picture(**moved: tuple[float, float]) -> np.ndarray:
    points = np.zeros((25, 2))
    for joint, place in STANDING.items():
        points[joint] = np.array(place) - (0.0, 0.7)  # in the picture's middle, as the set has it
    for name, place in moved.items():
        points[int(name[1:])] = np.array(place) - (0.0, 0.7)
    return points


def bones(joints: np.ndarray) -> np.ndarray:
    return np.array([np.linalg.norm(joints[child] - joints[parent]) for child, parent in LIMBS])


def write(path: Path, rows: list[tuple[str, np.ndarray]]) -> Path:
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["label", "accuracy", *(f"{axis}{i}" for i in range(25) for axis in "xy")])
        for label, points in rows:
            out.writerow([label, 1.0, *points.ravel()])
    return path


def test_who_stands_in_a_picture_stands_upright_in_depth() -> None:
    joints = lift(picture())
    assert joints is not None and joints.shape == (13, 3)
    np.testing.assert_allclose(bones(joints), STANDARD.limbs, atol=1e-9)
    assert np.ptp(joints[1:, 2]) < 0.15  # flat but for what bones look too short
    assert joints[5, 0] > 0 > joints[6, 0]  # the left hand at positive x
    assert joints[0, 1] > joints[1, 1] > joints[7, 1] > joints[9, 1] > joints[11, 1]


def test_a_bone_that_looks_short_points_at_the_camera() -> None:
    joints = lift(picture(**{f"j{BODY[4]}": (0.165, 1.0)}))  # the left forearm, all but end on
    assert joints is not None
    np.testing.assert_allclose(bones(joints), STANDARD.limbs, atol=1e-9)
    assert joints[5, 2] - joints[3, 2] > 0.9 * STANDARD.forearm
    assert abs(joints[6, 2] - joints[4, 2]) < 0.4 * STANDARD.forearm


def test_a_pose_with_a_joint_that_was_not_found_is_left_out(tmp_path: Path) -> None:
    lost = picture()
    lost[BODY[10]] = 0
    assert lift(lost) is None
    rows = [("T", picture()), ("T", lost), ("Seated", picture()), ("Dancing", picture())]
    stills = load_stills(write(tmp_path / "poses.csv", rows), MAPPING)
    assert [still.label for still in stills] == ["other", "idle"]
    with pytest.raises(ValueError, match="no pose with a class"):
        load_stills(write(tmp_path / "none.csv", [("T", lost)]), MAPPING)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "", "label,accuracy,x0,y0\nT,1,2,3\n"])
def test_another_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "poses.csv").write_text(content)
    with pytest.raises(ValueError, match=r"poses\.csv is not the BodyPose_Dataset\.csv"):
        load_stills(tmp_path / "poses.csv", MAPPING)
    with pytest.raises(ValueError, match=r"absent\.csv is not"):
        load_stills(tmp_path / "absent.csv", MAPPING)


def test_a_studio_holds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hand is up, and only one, wherever the stream says "other"."""
    monkeypatch.setattr(people, "HELD", 1.0)
    raised = picture(**{f"j{BODY[4]}": (0.3, 1.8), f"j{BODY[2]}": (0.3, 1.55)})
    stills = load_stills(write(tmp_path / "poses.csv", [("Stand_LeftArmRaised", raised)]), MAPPING)
    studio, without = (Studio([], CLASSES, 15.0, poses) for poses in (stills, []))
    assert studio.material != without.material
    rng = np.random.default_rng(3)
    stream = studio.stream(rng, 90.0, replace(draw_view(rng, "full"), trouble=0.0, mirrored=False))
    held = (stream.labels == CLASSES.index("other")) & (stream.poses[:, 5:7, 2] > 0.9).all(1)
    heads, left, right = (stream.poses[held, joint, 1] for joint in (0, 5, 6))  # y downwards
    assert held.sum() > 50
    assert np.mean(left < heads) > 0.95 and np.mean(right > heads) > 0.95
