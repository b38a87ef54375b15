"""Pose tokens: the tick grid, the followed person, and the vector that is blind to what should not matter."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from app.capture.media import CaptureError, Frame
from app.capture.opencv import cv2
from app.features.follower import Looker
from app.features.pose import PoseTokens
from app.features.somebody import STEADY_TICKS
from app.features.tflite import macs
from app.features.tokens import Token
from models.extractors.anatomy import JOINTS, LANDMARKS, MIRROR
from models.extractors.pose import LEGWORK, MEDIAN, MEMORY, SIZE, _medians, joints, pose_joints, vectors
from models.extractors.space import SPACE
from models.training.actions.motions import MOTIONS


def frames(path: Path, seconds: float) -> list[Frame]:
    """The first pictures of a file that needs no rotation."""
    found = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            assert picture.pts is not None and picture.time_base is not None
            time = float(picture.pts * picture.time_base)
            if time >= seconds:
                break
            found.append(Frame(picture.to_ndarray(format="bgr24"), time, time))
    return found


def tokens_of(pictures: list[Frame], extractor: PoseTokens | None = None) -> list[Token]:
    extractor = extractor or PoseTokens()
    made = [token for frame in pictures for token in extractor.frame(frame)]
    made += extractor.flush(pictures[-1].time + 0.01)
    extractor.close()
    return made


def blank(time: float) -> Frame:
    return Frame(np.full((120, 160, 3), 90, np.uint8), time, time + 100)


@pytest.fixture(scope="module")
def exercise(data: Path) -> list[Frame]:
    return frames(data / "video" / "exercise.avi", 6.0)


def test_leg_actions_are_unavailable_while_the_legs_are_out_of_the_picture(exercise: list[Frame]) -> None:
    whole = tokens_of(exercise)
    assert not any(token.unavailable for token in whole if not token.status)
    knees = int(exercise[0].image.shape[0] * 0.65)
    cut = [Frame(frame.image[:knees], frame.time, frame.captured) for frame in exercise]
    seen = [token for token in tokens_of(cut) if not token.status]
    assert len(seen) > 20 and all(token.unavailable == LEGWORK for token in seen[5:])


def test_streams_that_share_who_looks_for_people_make_the_tokens_that_they_make_alone(assets: Path) -> None:
    pictures = frames(assets / "demo.mp4", 1.5)
    mirrored = [Frame(cv2.flip(one.image, 1), one.time, one.captured) for one in pictures]
    alone = [tokens_of(stream) for stream in (pictures, mirrored)]
    looker = Looker()
    sharing = PoseTokens(looker=looker), PoseTokens(looker=looker)
    made: tuple[list[Token], list[Token]] = ([], [])
    for pair in zip(pictures, mirrored, strict=True):
        for frame, extractor, tokens in zip(pair, sharing, made, strict=True):
            tokens += extractor.frame(frame)
    for extractor in sharing:
        extractor.close()
    assert looker.look(pictures[0].image[..., ::-1].copy())  # it is not theirs to close
    looker.close()
    for tokens, expected in zip(made, alone, strict=True):
        assert len(tokens) > 15 and any(token.vector.any() for token in tokens)
        for one, other in zip(tokens, expected, strict=False):
            assert one.tick == other.tick and np.array_equal(one.vector, other.vector)


# --- the tick grid --------------------------------------------------------------------------------------


def test_who_walks_off_is_too_far_away_at_last(assets: Path) -> None:
    """The drawn figure, ever smaller before its own background; the tracker follows it down."""
    pictures = []
    for frame in frames(assets / "demo.mp4", 8.0):
        share = max(0.3, 1 - frame.time / 8.0)
        small = cv2.resize(frame.image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        image = np.full_like(frame.image, frame.image[0, 0])
        top, left = ((np.array(image.shape[:2]) - small.shape[:2]) // 2).tolist()
        image[top : top + small.shape[0], left : left + small.shape[1]] = small
        pictures.append(Frame(image, frame.time, frame.captured))
    said = [token.status for token in tokens_of(pictures)]
    assert not any(said[STEADY_TICKS - 1 : 45])
    first = said.index("too far away")
    assert 60 < first < 90  # the torso takes 0.2 of the picture at first, 0.08 at 4.7 s
    assert set(said[first + 3 :]) <= {"too far away", "no person"}


def test_each_tick_uses_the_newest_picture_of_its_time_or_before() -> None:
    extractor = PoseTokens()
    times = [0.02, 0.05, 0.07, 0.3, 0.34]
    made = [[token.tick for token in extractor.frame(blank(time))] for time in times]
    # tick 1 is 0.0667, 2 0.1333, 3 0.2, 4 0.2667, 5 0.3333
    assert made == [[], [], [1], [2, 3, 4], [5]]
    assert [token.tick for token in extractor.flush(0.47)] == [6, 7]
    assert extractor.skipped == 1  # 0.02 served no tick, every other one did
    extractor.close()


def test_repeats_are_marked_and_carry_the_time_of_their_picture() -> None:
    extractor = PoseTokens()
    extractor.frame(blank(0.0))
    made = extractor.advance(0.2)
    assert [token.repeated for token in made] == [False, True, True, True]
    assert {token.captured for token in made} == {100.0}
    assert [token.time for token in made] == [tick / 15 for tick in range(4)]
    assert all(token.status == "no person" and not token.vector.any() for token in made)
    assert not extractor.advance(0.2)  # no tick twice
    extractor.close()


def test_after_a_gap_the_grid_starts_at_the_next_picture() -> None:
    extractor = PoseTokens()
    extractor.frame(blank(5.0))
    extractor.advance(5.1)
    extractor.gap(9.0)
    assert not extractor.advance(9.5)  # nothing to stand in for what was lost
    assert not extractor.frame(blank(1.01))  # another file: its time begins anew
    assert [token.tick for token in extractor.advance(1.1)] == [16]
    extractor.close()


def test_time_that_goes_back_is_an_error() -> None:
    extractor = PoseTokens()
    extractor.frame(blank(1.0))
    with pytest.raises(ValueError, match=r"0\.5 s after one of 1\.0 s"):
        extractor.frame(blank(0.5))
    extractor.close()


# --- people ---------------------------------------------------------------------------------------------


def test_a_person_in_a_file_is_found_and_two_runs_agree_to_the_bit(exercise: list[Frame]) -> None:
    first, second = tokens_of(exercise), tokens_of(exercise)
    assert [token.tick for token in first] == list(range(89))
    assert sum(not token.status for token in first) > 70  # the first second has nobody
    assert sum(token.repeated for token in first) == 30  # 10 pictures a second, 15 ticks
    for a, b in zip(first, second, strict=True):
        assert a.vector.tobytes() == b.vector.tobytes()
        assert a.vector.shape == (SIZE,) and a.vector.dtype == np.float32


def test_a_live_clock_gives_the_tokens_of_the_file(exercise: list[Frame]) -> None:
    extractor, live = PoseTokens(), []
    for frame in exercise:
        live += extractor.frame(frame)
        live += extractor.advance(frame.time + 0.02)  # what is due does not wait for the next picture
    live += extractor.flush(exercise[-1].time + 0.01)
    extractor.close()
    for a, b in zip(live, tokens_of(exercise), strict=True):
        assert a.tick == b.tick and a.vector.tobytes() == b.vector.tobytes()


def test_the_largest_person_is_followed(exercise: list[Frame]) -> None:
    """One small and one large gymnast side by side, either way round."""
    picture = exercise[45].image
    person = picture[80:260, 150:240]
    large, small = cv2.resize(person, None, fx=2.4, fy=2.4), cv2.resize(person, None, fx=1.3, fy=1.3)
    for left, right in ((large, small), (small, large)):
        scene = np.full((480, 640, 3), picture[5, 5], np.uint8)
        for part, x in ((left, 40), (right, 380)):
            scene[470 - part.shape[0] : 470, x : x + part.shape[1]] = part
        extractor = PoseTokens()
        for k in range(20):
            extractor.frame(Frame(scene, k / 15, 0.0))
        followed = extractor.people[0]
        where = followed.landmarks[:, 0].mean()
        assert followed.followed and not any(person.followed for person in extractor.people[1:])
        assert (where < 0.5) == (left is large), "the small one is followed"
        extractor.close()


# --- the vector -----------------------------------------------------------------------------------------


def poses(aspect: float, scale: float, x: float, y: float) -> np.ndarray:
    """A drawn wave, flat, somewhere in the picture."""
    movement = MOTIONS["wave"][0](np.random.default_rng(3), 40).joints()
    xy = np.array([x, y]) + movement[..., :2] * scale * np.array([1.0, -1.0])
    return joints(xy, np.ones(xy.shape[:2]), aspect)


def test_the_vector_is_blind_to_distance_place_and_aspect() -> None:
    near = vectors(poses(1.3, 0.5, 0.6, 0.95), 15.0)
    far = vectors(poses(1.8, 0.2, 1.1, 0.5), 15.0)
    np.testing.assert_allclose(near, far, atol=2e-5)
    assert near[:, -1].all() and np.abs(near[5:, 39:65]).max() > 0.1  # somebody, who moves


def test_a_mirrored_picture_gives_the_mirrored_vector() -> None:
    pose = poses(1.0, 0.5, 0.5, 0.95)
    mirrored = pose[:, list(MIRROR)].copy()
    mirrored[..., 0] = 1 - mirrored[..., 0]
    a, b = vectors(pose, 15.0), vectors(mirrored, 15.0)
    back = b[:, :26].reshape(-1, 13, 2)[:, list(MIRROR)] * np.array([-1, 1])
    np.testing.assert_allclose(a[:, :26], back.reshape(-1, 26), atol=1e-5)


def inside(yaw: float) -> np.ndarray:
    """A drawn lunge in space, by somebody who faces ``yaw`` radians from the camera; poses (T, 13, 6)."""
    movement = MOTIONS["lunge"][0](np.random.default_rng(5), 40).joints()
    space = (movement - movement[:, 7:9].mean(1, keepdims=True)) * np.array([1.0, -1.0, -1.0])
    c, s = np.cos(yaw), np.sin(yaw)
    space = space @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    xy = np.array([0.5, 0.5]) + space[..., :2] * 0.3
    return joints(xy, np.ones(xy.shape[:2]), 1.0, space)


def test_a_body_in_space_is_the_same_whichever_way_it_faces() -> None:
    def of(yaw: float) -> tuple[np.ndarray, np.ndarray]:
        rows = vectors(inside(yaw), 15.0)[:, -SPACE - 1 : -1]
        return rows[:, :-3], rows[:, -3:]

    body, facing = of(0.0)
    assert np.abs(body[:, 39:78]).max() > 0.1  # it moves
    for yaw in (0.7, -1.4, 3.0):
        turned, other = of(yaw)
        np.testing.assert_allclose(
            turned, body, atol=0.01
        )  # middle places of x and z do not turn quite alike
        moved = np.arctan2(other[:, 1], other[:, 0]) - np.arctan2(facing[:, 1], facing[:, 0])
        np.testing.assert_allclose(np.exp(1j * moved), np.exp(1j * yaw), atol=1e-3)
        assert (other[:, 2] == 1).all()


def test_without_depth_there_is_no_body_in_space_and_all_else_is_as_it_was() -> None:
    whole = inside(0.3)
    flat = whole.copy()
    flat[..., 3:] = 0
    a, b, c = (vectors(part, 15.0) for part in (whole, flat, whole[..., :3]))
    inner = slice(-SPACE - 1, -1)
    assert a[:, inner].any(1).all() and not b[:, inner].any()
    np.testing.assert_array_equal(b, c)
    np.testing.assert_array_equal(np.delete(a, np.r_[inner], 1), np.delete(b, np.r_[inner], 1))


def test_in_a_mirror_the_body_in_space_is_mirrored_too() -> None:
    pose = inside(0.4)
    mirrored = pose[:, list(MIRROR)] * np.array([-1, 1, 1, -1, 1, 1]) + np.array([1, 0, 0, 0, 0, 0])
    a, b = (vectors(part, 15.0)[:, -SPACE - 1 : -1] for part in (pose, mirrored))
    back = b[:, :39].reshape(-1, 13, 3)[:, list(MIRROR)] * np.array([-1, 1, 1])
    np.testing.assert_allclose(a[:, :39], back.reshape(-1, 39), atol=1e-5)
    np.testing.assert_allclose(b[:, -3:], a[:, -3:] * np.array([1, -1, 1]), atol=1e-6)


def test_a_token_depends_on_its_memory_only() -> None:
    pose = poses(1.0, 0.5, 0.5, 0.95)
    pose[10:13] = 0  # nobody for a while
    whole = vectors(pose, 15.0)
    for t in (0, 3, 9, 11, 14, 30):
        part = vectors(pose[max(0, t - MEMORY + 1) : t + 1], 15.0)
        assert part[-1].tobytes() == whole[t].tobytes()
    assert not whole[10:13].any()


def test_sides_that_change_for_a_moment_are_put_right() -> None:
    """The pose network takes the front for the back in a picture or a few: the token does not know it."""
    pose = poses(1.0, 0.5, 0.5, 0.95)
    confused = pose.copy()
    for moment in (slice(7, 8), slice(12, 15)):
        confused[moment] = pose[moment][:, list(MIRROR)]
    np.testing.assert_allclose(vectors(confused, 15.0), vectors(pose, 15.0), atol=1e-6)


def test_a_change_of_sides_that_stays_is_believed() -> None:
    pose = poses(1.0, 0.5, 0.5, 0.95)
    changed = pose.copy()
    changed[15:] = pose[15:, list(MIRROR)]
    position = vectors(changed, 15.0)[:, :26].reshape(-1, 13, 2)
    before = vectors(pose, 15.0)[:, :26].reshape(-1, 13, 2)
    np.testing.assert_allclose(position[:15], before[:15], atol=1e-6)
    np.testing.assert_allclose(position[15 + MEMORY :], before[15 + MEMORY :, list(MIRROR)], atol=1e-6)


def test_somebody_who_turns_round_has_the_sides_that_the_network_sees() -> None:
    movement = np.repeat(MOTIONS["idle"][0](np.random.default_rng(3), 30).joints()[:1], 40, axis=0)
    angle = np.linspace(0, np.pi, 24)[np.minimum(np.arange(40), 23)]  # in 1.6 s
    across = movement[..., 0] * np.cos(angle)[:, None] + movement[..., 2] * np.sin(angle)[:, None]
    xy = np.array([0.5, 0.95]) + np.stack([across, -movement[..., 1]], -1) * 0.5
    turned = vectors(joints(xy, np.ones(xy.shape[:2]), 1.0), 15.0)
    left, right = turned[:, 2], turned[:, 4]  # of the shoulders, across the picture
    assert left[0] > right[0] + 0.3 and left[-1] < right[-1] - 0.3


def test_a_pose_that_is_off_once_hardly_counts() -> None:
    pose = poses(1.0, 0.5, 0.5, 0.95)
    off = pose.copy()
    off[20, :, :2] = (pose[20, :, :2] + pose[20, list(MIRROR), :2]) / 2  # half front, half back: a heap
    a, b = vectors(pose, 15.0), vectors(off, 15.0)
    assert np.abs(off[20, :, :2] - pose[20, :, :2]).max() > 0.1  # heights of the picture
    assert np.abs(a[:, :26] - b[:, :26]).max() < 0.15  # bodies
    np.testing.assert_array_equal(a[:20], b[:20])


def test_joints_outside_the_picture_are_not_seen_and_a_sleeve_is_nobody() -> None:
    landmarks = np.full((33, 2), 0.5)
    landmarks[23:] = [0.5, 1.3]  # the hips and all below
    pose = pose_joints(landmarks, np.ones(33), 4 / 3)
    assert pose.shape == (len(JOINTS), 6) and not pose[:, 3:].any()
    assert pose[:7, 2].all() and not pose[7:, 2].any()
    visibility = np.ones(33)
    visibility[11] = 0.1  # one shoulder: half a torso before the lens
    assert not pose_joints(landmarks, visibility, 4 / 3).any()


def test_a_body_that_hangs_from_folded_legs_is_nobody() -> None:
    """A plate hides the trunk, and legs are taken for arms; who bends, stands or lies is somebody."""

    def there(head: float, shoulder: float, elbow: float, wrist: float, knee: float, ankle: float) -> bool:
        down = np.append(head, np.repeat([shoulder, elbow, wrist, 0, knee, ankle], 2))  # from the hips
        xy = np.stack([0.5 + 0.05 * np.where(np.arange(13) % 2, 1, -1), 0.5 + 0.15 * down], 1)
        return bool(joints(xy, np.ones(13), 1.0).any())

    assert there(-1.5, -1, -0.4, 0, 0.8, 1.6)  # upright
    assert there(1.4, 0.9, 1.2, 1.5, 0.8, 1.6)  # hands at the toes
    assert there(0.2, 0.1, 0.5, 0.6, 0, 0.1)  # a push-up
    assert not there(1.4, 1, 1.7, 2.4, 0.2, 0.0)
    assert not there(1.4, 1, 1.7, 2.4, -0.8, -1.6)  # as upside down as can be


def test_the_short_ways_give_what_the_plain_ones_give_to_the_last_bit() -> None:
    """Means of one or two joints as half of a sum, middle places by sorting."""
    rng = np.random.default_rng(0)
    landmarks, visibility = rng.random((40, 33, 2), np.float32), rng.random((40, 33), np.float32)
    xy = np.stack([landmarks[:, list(which)].mean(1) for which in LANDMARKS], 1)
    seen = np.stack([visibility[:, list(which)].mean(1) for which in LANDMARKS], 1)
    poses = pose_joints(landmarks, visibility, 4 / 3)
    assert np.array_equal(poses, joints(xy * np.array([4 / 3, 1.0]), seen, 4 / 3))
    poses = rng.random((60, len(JOINTS), 3))
    poses[rng.random(60) < 0.4] = 0.0  # nobody
    present = poses.any((1, 2))
    assert {sum(present[max(0, t - MEDIAN + 1) : t + 1]) for t in range(60)} == {0, 1, 2, 3}
    for t in np.flatnonzero(present):
        known = [pose for pose in poses[max(0, t - MEDIAN + 1) : t + 1] if pose.any()]
        assert np.array_equal(_medians(poses)[t], np.median(known, axis=0))
    assert not _medians(poses)[~present].any()


# --- the networks ---------------------------------------------------------------------------------------


def test_the_bundled_model_is_what_its_script_builds(assets: Path) -> None:
    script = (assets / "build_pose_task.py").read_text()
    digest = hashlib.sha256((assets / "pose_landmarker_lite.task").read_bytes()).hexdigest()
    assert f'TASK_SHA256 = "{digest}"' in script


def test_cost_of_the_networks(assets: Path) -> None:
    extractor = PoseTokens()
    extractor.close()
    assert extractor.macs == {"pose landmarks": 166_364_928, "pose detector (when it runs)": 429_859_360}
    with zipfile.ZipFile(assets / "pose_landmarker_lite.task") as task:
        assert macs(task.read("pose_landmarks_detector.tflite")) == 166_364_928


@pytest.mark.parametrize("content", [None, b"", b"no zip", "broken networks"])
def test_a_missing_or_broken_model_is_told_with_its_remedy(
    tmp_path: Path, content: bytes | str | None
) -> None:
    model = tmp_path / "pose.task"
    if isinstance(content, bytes):
        model.write_bytes(content)
    elif content:
        with zipfile.ZipFile(model, "w") as task:
            for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
                task.writestr(name, b"0" * 1000)
    with pytest.raises(CaptureError) as raised:
        PoseTokens(model=model)
    assert str(model) in raised.value.cause and "build_pose_task.py" in raised.value.remedy
