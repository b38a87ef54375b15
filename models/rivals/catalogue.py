"""The rivals by name, at the size of a Continual Transformer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.continual.classifier import ContinualTransformer
from models.rivals.base import Rival
from models.rivals.deepcot import DeepCoT
from models.rivals.gru import GRU
from models.rivals.rwkv import RWKV
from models.rivals.smoothing import Smoothing

RIVALS: dict[str, type[Rival]] = {kind.name: kind for kind in (GRU, DeepCoT, RWKV, Smoothing)}
# As large as CoOadTR-b1, or near it.
SIZES: dict[str, dict[str, int]] = {
    "GRU": {"model_size": 1024},
    "DeepCoT": {"model_size": 1024, "heads": 8, "feedforward": 1024, "blocks": 2, "window": 64},
    "RWKV": {"model_size": 1024, "feedforward": 1024, "blocks": 2},
    "smoothing": {"model_size": 1024, "heads": 8, "feedforward": 1024, "queries": 16, "halving": 64},
}
Build = Callable[[], Rival | ContinualTransformer]


def build_rival(name: str, config: dict[str, Any]) -> Rival:
    """A rival of a stored configuration.

    Raises
    ------
    ValueError
        There is no such rival.
    """
    if name not in RIVALS:
        raise ValueError(f"rival is {name!r}, expected one of {', '.join(RIVALS)}")
    return RIVALS[name](**config)


def beside(name: str, config: Mapping[str, Any]) -> Rival:
    """A rival as wide and as deep as a Continual Transformer of this configuration, untrained."""
    like = {
        "GRU": ("model_size",),
        "DeepCoT": ("model_size", "heads", "feedforward", "blocks", "window"),
        "RWKV": ("model_size", "feedforward", "blocks"),
        "smoothing": ("model_size", "heads", "feedforward"),
    }
    if name not in RIVALS:
        raise ValueError(f"rival is {name!r}, expected one of {', '.join(RIVALS)}")
    return RIVALS[name](**{key: config[key] for key in ("input_size", "classes", *like[name])}).eval()


def line_up(
    *, input_size: int, classes: int, window: int, model_size: int, heads: int, feedforward: int
) -> dict[str, Build]:
    """What is compared, by name: ours first, then the rivals, all of the same width."""
    size: dict[str, Any] = {"input_size": input_size, "classes": classes, "model_size": model_size}
    wide: dict[str, Any] = {**size, "feedforward": feedforward}
    headed: dict[str, Any] = {**wide, "heads": heads}

    def ours(blocks: int, deep: str) -> Build:
        return lambda: ContinualTransformer(**headed, window=window, blocks=blocks, deep=deep)

    return {
        "Continual Transformer, b1": ours(1, "retroactive"),
        "Continual Transformer, b2": ours(2, "retroactive"),
        "streaming-deep, 3 blocks": ours(3, "streaming"),
        "DeepCoT, 3 blocks": lambda: DeepCoT(**headed, window=window, blocks=3),
        "GRU (MiniROAD)": lambda: GRU(**size),
        "RWKV, 2 blocks": lambda: RWKV(**wide, blocks=2),
        "smoothing (TeSTra)": lambda: Smoothing(**headed, halving=window),
    }
