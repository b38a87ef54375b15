"""The two tasks: which weights, which extractor, which kind of media."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.capture.media import Kind
from app.features.backbone import RANDOM, BackboneTokens
from app.features.chunks import ChunkTokens
from app.features.follower import Looker
from app.features.mn04 import NAME, MN04Tokens, kept
from app.features.music import MusicTokens
from app.features.pictures import PictureTokens
from app.features.pose import PoseTokens
from app.features.sound import SoundTokens
from app.pipeline.stream import TaskStream
from app.program import ASSETS
from models.checkpoint import load_checkpoint, read_card
from models.continual.classifier import ContinualTransformer
from models.engines.shared import Seat, SharedEngine

DEMO = ASSETS / "demo.mp4"
ACTIONS = ASSETS / "actions.safetensors"
DETECTION = "oad:"  # begins the task of a model of online action detection
KIND: dict[str, Kind] = {"actions": "video", "genres": "audio"}


ActionsLoader = Callable[[], tuple[PictureTokens, TaskStream]]


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
        return f"{self.blocks} · {self.seconds:.1f} s"


def choices(task: str, card: Mapping[str, Any], folder: Path = ASSETS) -> list[Choice]:
    """All weights in a folder for a task that take the tokens of this card's; others are passed over."""
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        try:
            config, other = read_card(path)
            if other["task"] == task and other["features"] == card.get("features"):
                found.append(Choice(path, depth(config), config["window"] / other["rate"], other))
        except (ValueError, KeyError):
            continue
    return found


def depth(config: dict) -> str:
    """How deep a model of this configuration is, as the paper names it."""
    return f"b{config['blocks']}{' streaming' if config.get('deep') == 'streaming' else ''}"


def load_actions(weights: Path = ACTIONS) -> tuple[PictureTokens, TaskStream]:
    """Load the model of actions and its extractor: the pose, or a backbone for what `oad train` made of such.

    Raises
    ------
    ValueError
        If the weights are no checkpoint of ours, another task's, or were trained on other tokens.
    OSError, ImportError, CaptureError
        If a file or a library is missing.
    """
    card = read_card(weights)[1] if weights.is_file() else {"task": ""}  # load_stream says what is missing
    extractor = _extractor(card)
    return extractor, load_stream("actions", weights, extractor)


class SharedActions:
    """The model of actions, loaded once, for any number of streams that it steps in one batch.

    Parameters
    ----------
    weights : path

    Attributes
    ----------
    card : dict
        The model card.
    engine : SharedEngine

    Raises
    ------
    As `load_actions`.
    """

    def __init__(self, weights: Path = ACTIONS) -> None:
        self._weights = weights
        self._model, self.card = load_checkpoint(weights)
        self._looker: Looker | None = None  # of all streams whose tokens are poses
        self._lock = threading.Lock()
        self.engine = SharedEngine(self._model, patience=0.5 / float(self.card["rate"]))

    def load(self, seat: Seat) -> tuple[PictureTokens, TaskStream]:
        """An extractor of its own and a stream that steps by this seat of the engine; see `load_actions`."""
        extractor = _extractor(self.card, self._get_looker)
        card = fitting("actions", self._weights, self._model, self.card, extractor)
        return extractor, TaskStream(self._model, card, extractor.macs, seat)

    def close(self) -> None:
        """Release what the streams share.  Idempotent."""
        with self._lock:
            if self._looker is not None:
                self._looker.close()

    def _get_looker(self) -> Looker:
        with self._lock:
            if self._looker is None:
                self._looker = Looker()
            return self._looker


def _extractor(card: dict[str, Any], looker: Callable[[], Looker | None] = lambda: None) -> PictureTokens:
    """What makes the tokens that the model of this card of actions wants."""
    return _backbone(card) if card["task"].startswith(DETECTION) else PoseTokens(looker=looker())


def _backbone(card: dict[str, Any]) -> BackboneTokens:
    """The extractor that this card of a model of online action detection names."""
    made = str(card["features"].get("extractor", "")).partition("torchvision ")[2]
    if not made or not card["continual"]:
        what = "features that no extractor here makes" if not made else "a regular model"
        raise ValueError(f"{card['preset']} cannot run on pictures: it is {what}")
    weights = "random" if card["features"]["weights"] == RANDOM else "downloaded"
    if card["features"].get("recipe") == "chunks":
        return ChunkTokens(made, card["rate"], weights, flow=card["features"]["flow"])
    return BackboneTokens(made, card["rate"], weights)


def load_genres(weights: Path = ASSETS / "genres.safetensors") -> tuple[SoundTokens, TaskStream]:
    """Load the model of genres and the extractor that its card names; errors as of `load_actions`."""
    card = read_card(weights)[1] if weights.is_file() else {"features": {}}
    extractor = hearing(card["features"])
    return extractor, load_stream("genres", weights, extractor)


def hearing(features: Mapping[str, Any]) -> SoundTokens:
    """The extractor of a card's features; errors as of `load_actions`."""
    if str(features.get("extractor", "")).startswith(NAME):
        return MN04Tokens(kept(str(features["weights"])), float(features["rate"]))
    return MusicTokens()


def load_stream(task: str, weights: Path, extractor: PictureTokens | SoundTokens) -> TaskStream:
    """Load a model for the tokens of this extractor; errors as of `load_actions`."""
    model, card = load_checkpoint(weights)
    regular = extractor.macs_regular if isinstance(extractor, SoundTokens) else None
    card = fitting(task, weights, model, card, extractor)
    return TaskStream(model, card, extractor.macs, extractor_macs_regular=regular)


def fitting(
    task: str,
    weights: Path,
    model: ContinualTransformer,
    card: dict[str, Any],
    extractor: PictureTokens | SoundTokens,
) -> dict[str, Any]:
    """The card of a model that answers for this task from the tokens of this extractor.

    Raises
    ------
    ValueError
        If it is another task's, or was trained on other tokens.
    """
    if isinstance(extractor, BackboneTokens) and card["task"].startswith(DETECTION):
        card = card | {"task": task}
    if card["task"] != task:
        raise ValueError(f"{weights.name} is for {card['task']}, expected weights for {task}")
    # The pose extractor's own name may differ: a heavier network makes the same tokens.
    named = ("extractor",) if isinstance(extractor, PoseTokens | SoundTokens) else ()
    trained_on = {key: value for key, value in card["features"].items() if key not in named}
    made = {key: value for key, value in extractor.features.items() if key not in named}
    if trained_on != made or model.config["input_size"] != extractor.size:
        raise ValueError(
            f"{weights.name} was trained on other tokens ({trained_on}) than are made here ({made})"
        )
    return card
