"""Which weights there are for a task, and others in their place while the session runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from app.capture.media_file import MediaFile
from app.pipeline.session import Session
from app.pipeline.tasks import choices, load_genres
from models.checkpoint import load_checkpoint, read_card, save_checkpoint
from models.continual.classifier import ContinualTransformer
from tests.devices import ffmpeg, wait_until

ASSETS = Path(__file__).resolve().parents[1] / "assets"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The shipped weights, untrained models of two blocks and of three that stream, and other files."""
    folder = tmp_path_factory.mktemp("weights")
    for name in ("actions", "genres", "genres_probe"):
        shutil.copy(ASSETS / f"{name}.safetensors", folder)
    model, card = load_checkpoint(folder / "genres.safetensors")
    torch.manual_seed(0)
    for name, changes in (("two", {"blocks": 2}), ("deep", {"blocks": 3, "deep": "streaming"})):
        save_checkpoint(
            folder / f"{name}.safetensors", ContinualTransformer(**{**model.config, **changes}), card
        )
    other = ContinualTransformer(**{**model.config, "classes": 2})
    save_checkpoint(folder / "others.safetensors", other, {**card, "labels": ["one", "two"]})
    (folder / "broken.safetensors").write_bytes(b"words")
    return folder


def test_the_choices_are_those_that_fit(folder):
    """Those of the same tokens, whatever they name."""
    found = choices("genres", read_card(folder / "genres.safetensors")[1], folder)
    assert [choice.path.stem for choice in found] == ["deep", "genres", "others", "two"]
    assert [choice.name for choice in found] == ["b3 streaming · 30.0 s", *["b1 · 30.0 s"] * 2, "b2 · 30.0 s"]
    assert choices("genres", {"features": {"rate": 3.0}}, folder) == []
    actions = choices("actions", read_card(ASSETS / "actions.safetensors")[1])
    assert [choice.path.stem for choice in actions] == ["actions", "actions_exercises"]


def test_other_weights_answer_while_the_session_runs(folder, tmp_path):
    sound = tmp_path / "sound.wav"
    ffmpeg("-i", ASSETS / "demo.mp4", "-t", "6", "-vn", sound)
    session = Session()
    try:
        session.open_source(MediaFile(sound, paced=True))
        wait_until(lambda: session.predictions("genres", 0)[0], what="a prediction")
        session.load_weights("genres", folder / "two.safetensors")
        first = session.predictions("genres", 0)[0][0].tick
        wait_until(lambda: session.race("genres")[0].config["blocks"] == 2, what="the other model")
        wait_until(lambda: len(session.race("genres")[1]), what="a token of its own")
        # the timeline is of one model: what the first one said is gone
        assert np.isnan(session.history("genres").read(np.array([first, first + 1]))[0]).all()
    finally:
        assert session.close()


def test_the_tokens_of_a_race_are_the_newest():
    _, stream = load_genres()
    assert stream.recorded().shape == (0, stream.model.config["input_size"])
