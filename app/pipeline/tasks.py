"""The two tasks: which weights, which extractor, which kind of media."""

from __future__ import annotations

from pathlib import Path

from app.capture.media import Kind
from app.features.music import MusicTokens
from app.features.pose import PoseTokens
from app.pipeline.stream import TaskStream
from app.pipeline.worker import Extractor
from models.checkpoint import load_checkpoint

ASSETS = Path(__file__).resolve().parents[2] / "assets"
DEMO = ASSETS / "demo.mp4"
KIND: dict[str, Kind] = {"actions": "video", "genres": "audio"}


def load(task: str, weights: Path | None = None) -> tuple[Extractor, TaskStream]:
    """Load a task's extractor and model.

    Parameters
    ----------
    task : {"actions", "genres"}
    weights : Path, optional
        A checkpoint to use in place of the one in ``assets/``.

    Raises
    ------
    ValueError
        If the weights are another task's, or no checkpoint of ours.
    OSError
        If a file is missing.
    ImportError
        If a library is missing.
    """
    model, card = load_checkpoint(weights or ASSETS / f"{task}.safetensors")
    if card["task"] != task:
        raise ValueError(f"{weights} names {card['task']!r} as its task, expected {task!r}")
    extractor: Extractor = PoseTokens() if task == "actions" else MusicTokens()
    return extractor, TaskStream(model, card, extractor.macs)
