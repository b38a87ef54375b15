"""Labelled films as recordings to learn from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.film_poses import footage
from tests.devices import ffmpeg


def test_a_film_is_a_recording_of_what_the_pose_network_sees(
    assets: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ffmpeg("-i", assets / "demo.mp4", "-t", "2", "-c", "copy", tmp_path / "short.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    spans = [
        {"start": 0, "end": 1.0, "label": "idle"},
        {"start": 1.0, "end": 1.5, "label": "wave"},
        {"start": 1.5, "end": 2, "label": "skip"},
    ]
    films = [
        {"file": "short.mp4", "person": "p3", "spans": spans},
        {"file": "broken.mp4", "spans": spans},
        {"file": "gone.mp4", "spans": spans},
    ]
    listed = tmp_path / "film.json"
    listed.write_text(json.dumps({"films": films}))
    (film,) = footage(listed, cache=tmp_path / "cache")
    one = film.flat()
    assert (one.name, one.person, one.seen, one.looped) == ("film/short", "film/p3", True, False)
    assert one.poses.shape[1:] == (13, 3) and 55 <= len(one.poses) <= 70
    assert (np.abs(one.poses[20:]).max((1, 2)) > 0).all()  # somebody
    assert set(one.labels[8:26]) == {"idle"} and set(one.labels[38:40]) == {"wave"}
    assert set(one.labels[:5]) | set(one.labels[28:34]) | set(one.labels[46:]) == {""}  # not learnt from
    assert "broken.mp4 left out" in caplog.text and "gone.mp4" in caplog.text
    (again,) = footage(listed, cache=tmp_path / "cache")
    np.testing.assert_array_equal(again.poses, film.poses)
