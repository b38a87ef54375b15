"""Labelled films, and the poses in them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.film_poses import footage
from models.extractors.pose import SIZE
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
    assert film.person == "film/p3" and [span.label for span in film.film.spans] == ["idle", "wave", "skip"]
    assert film.poses.shape == (len(film.times), 13, 6) and 28 <= len(film.times) <= 35
    assert film.somebody[10:].all() and film.tokens.shape == (len(film.times), SIZE)
    assert "broken.mp4 left out" in caplog.text and "gone.mp4" in caplog.text
    (again,) = footage(listed, cache=tmp_path / "cache")
    np.testing.assert_array_equal(again.poses, film.poses)
