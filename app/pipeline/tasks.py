"""The two tasks: which weights, which extractor, which kind of media."""

from __future__ import annotations

from pathlib import Path

from app.capture.media import Kind
from app.features.music import MusicTokens
from app.features.pose import PoseTokens
from app.pipeline.stream import TaskStream
from models.checkpoint import load_checkpoint

ASSETS = Path(__file__).resolve().parents[2] / "assets"
DEMO = ASSETS / "demo.mp4"
KIND: dict[str, Kind] = {"actions": "video", "genres": "audio"}


def load_actions(weights: Path = ASSETS / "actions.safetensors") -> tuple[PoseTokens, TaskStream]:
    """Load the pose extractor and the model of actions.

    Raises
    ------
    ValueError
        If the weights are no checkpoint of ours, another task's, or were trained on other tokens.
    OSError, ImportError, CaptureError
        If a file or a library is missing.
    """
    extractor = PoseTokens()
    return extractor, load_stream("actions", weights, extractor)


def load_genres(weights: Path = ASSETS / "genres.safetensors") -> tuple[MusicTokens, TaskStream]:
    """Load the music extractor and the model of genres; errors as of `load_actions`."""
    extractor = MusicTokens()
    return extractor, load_stream("genres", weights, extractor)


def load_stream(task: str, weights: Path, extractor: PoseTokens | MusicTokens) -> TaskStream:
    """Load a model for the tokens of this extractor; errors as of `load_actions`."""
    model, card = load_checkpoint(weights)
    if card["task"] != task:
        raise ValueError(f"{weights.name} is for {card['task']}, expected weights for {task}")
    # The extractor's own name may differ: a heavier pose network makes the same tokens.
    trained_on = {key: value for key, value in card["features"].items() if key != "extractor"}
    made = {key: value for key, value in extractor.features.items() if key != "extractor"}
    if trained_on != made or model.config["input_size"] != extractor.size:
        raise ValueError(
            f"{weights.name} was trained on other tokens ({trained_on}) than are made here ({made})"
        )
    return TaskStream(model, card, extractor.macs)
