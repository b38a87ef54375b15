"""Strangers' clips that rendered people act before the real pose network, for who judges."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app import acted, staged
from app.cli import main
from models.training.actions.motions import MOTIONS
from models.training.actions.recordings import Flat
from models.training.actions.scoring import LEAD
from models.training.actions.skeletons import Clip, clip_of, read_mapping
from models.training.actions.streams import UNSAID

pytest.importorskip("moderngl", reason="moderngl is not installed: pip install -e '.[train]'")
CLASSES = read_mapping()["classes"]


@pytest.fixture(autouse=True)
def no_renderer_is_left() -> Iterator[None]:
    yield
    acted.renderer.cache_clear()


def jack() -> Clip:
    joints = MOTIONS["jumping jack"][0](np.random.default_rng(2), 60).joints()
    return clip_of("set/jack", "set/1", "jumping jack", joints, np.arange(60) / 30)


def test_a_clip_is_acted_after_a_rest_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flat = Flat("a/1", "a/1", np.full(30, "squat"), np.ones((30, 13, 3)), True, False)
    (case,) = staged.staged([jack(), flat], CLASSES, 15.0, tmp_path, progress=False)
    assert (case.name, case.person, case.drawn) == ("set/jack", "set/1", False)
    assert len(case.tokens) == len(case.labels)
    assert set(case.labels) <= {UNSAID, CLASSES.index("idle"), CLASSES.index("jumping jack")}
    jumping = np.flatnonzero(case.labels == CLASSES.index("jumping jack")) / 15
    start, stop = case.span
    assert start == pytest.approx(LEAD, abs=0.3) and start < jumping[0] and jumping[-1] < stop + 0.1
    present = case.tokens[:, -1]
    assert present[15:].mean() > 0.9  # the network sees somebody
    hands = case.tokens[:, 11:15:2]  # how high both wrists are, in bodies below the shoulders
    assert np.ptp(hands[case.labels == CLASSES.index("jumping jack")]) > 3 * np.ptp(hands[15:25])

    monkeypatch.setattr(acted, "film", None)  # would be called
    (again,) = staged.staged([jack()], CLASSES, 15.0, tmp_path, progress=False)
    np.testing.assert_array_equal(case.tokens, again.tokens)
    assert again.span == case.span and again.name == case.name
    (other,) = staged.staged([jack()], ["more", *CLASSES], 15.0, tmp_path, progress=False)
    np.testing.assert_array_equal(other.labels, case.labels + (case.labels != UNSAID))
    with pytest.raises(ValueError, match="no recording has depth"):
        staged.staged([flat], CLASSES, 15.0, tmp_path, progress=False)
    with pytest.raises(TypeError, match="not callable"):  # other tokens
        staged.staged([jack()], CLASSES, 10.0, tmp_path, progress=False)
    with pytest.raises(TypeError, match="not callable"):  # another recording of the same name
        staged.staged([replace(jack(), joints=jack().joints + 0.01)], CLASSES, 15.0, tmp_path, progress=False)


def test_evaluate_acted_says_how_strangers_are_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.test_actions_training import write_set

    data = write_set(tmp_path / "subjects_1_6.npz", people=1)
    where = ["--data", str(data), "--cache", str(tmp_path / "cache"), "--json", "--all-people"]
    assert main(["evaluate", "actions", *where, "--acted", "--jobs", "0"]) == 2
    assert "jobs is 0, expected at least 1" in capsys.readouterr().err
    assert main(["evaluate", "actions", *where, "--acted", "--jobs", "2"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 3 and len(list((tmp_path / "cache").glob("staged-*.npz"))) == 3
    assert main(["evaluate", "actions", *where]) == 0
    before_the_simulated = json.loads(capsys.readouterr().out)
    assert before_the_simulated["n"] == 3 and before_the_simulated["ece"] != figures["ece"]
    monkeypatch.setitem(sys.modules, "moderngl", None)
    where[3] = str(tmp_path / "new")
    assert main(["evaluate", "actions", *where, "--acted"]) == 2
    assert "pip install moderngl" in capsys.readouterr().err
