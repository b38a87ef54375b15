"""The two tasks: which weights, which extractor, which kind of media."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.capture.media import Kind
from app.features.music import MusicTokens
from app.features.pose import PoseTokens
from app.pipeline.stream import TaskStream
from models.checkpoint import load_checkpoint, read_card

ASSETS = Path(__file__).resolve().parents[2] / "assets"
DEMO = ASSETS / "demo.mp4"
KIND: dict[str, Kind] = {"actions": "video", "genres": "audio"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Weights that could answer for a task.

    Attributes
    ----------
    path : Path
    blocks : str
        ``"b1"``, ``"b2"``, ``"b3 streaming"``: how deep, as the paper names it.
    seconds : float
        What its window spans.
    card : dict
        The model card.
    """

    path: Path
    blocks: str
    seconds: float
    card: dict

    @property
    def name(self) -> str:
        return f"{self.path.stem} · {self.blocks} · {self.seconds:.1f} s"


def choices(task: str, labels: Sequence[str], folder: Path = ASSETS) -> list[Choice]:
    """All weights in a folder that name these classes of a task; what is no checkpoint is passed over."""
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        try:
            config, card = read_card(path)
            if card["task"] == task and tuple(card["labels"]) == tuple(labels):
                found.append(Choice(path, depth(config), config["window"] / card["rate"], card))
        except (ValueError, KeyError):
            continue
    return found


def depth(config: dict) -> str:
    """How deep a model of this configuration is, as the paper names it."""
    return f"b{config['blocks']}{' streaming' if config.get('deep') == 'streaming' else ''}"


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
