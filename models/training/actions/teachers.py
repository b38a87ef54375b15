"""What trained models say of streams: soft targets for one that learns from all of them.

Hinton, Vinyals and Dean, Distilling the knowledge in a neural network (arXiv 1503.02531).  Trainings of one
recipe agree about what they learnt and differ in what they got by heart, so that their mean knows strangers
better than any of them; one model that learns the mean costs no more than one of them.  What is true of a
movement is true of it in a mirror, and what they make of both says more than either.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from models.checkpoint import load_checkpoint
from models.extractors.pose import SIZE, vectors
from models.training.actions.reels import mirrored
from models.training.actions.streams import Stream
from models.training.calibration import softmax
from models.training.dense import EveryTick


class Teachers:
    """Action models that others learn from.

    Parameters
    ----------
    weights : sequence of Path
        Their checkpoints, at least one.  Of a class that a teacher has and the student has not, what it says
        counts as "other".
    classes : sequence of str
        The student's.

    Attributes
    ----------
    names : list of str
        Of their files.
    people : set of str
        Who trained any of them.

    Raises
    ------
    ValueError
        One is no action model of these tokens, or does not know one of the student's classes.
    """

    def __init__(self, weights: Sequence[Path], classes: Sequence[str]) -> None:
        self.names = [path.name for path in weights]
        self.people: set[str] = set()
        self._known: list[tuple[EveryTick, float, np.ndarray]] = []  # model, temperature, its classes as ours
        for path in weights:
            model, card = load_checkpoint(path)
            if card["task"] != "actions" or model.config["input_size"] != SIZE:
                raise ValueError(f"{path} is no action model of tokens of {SIZE} numbers: it cannot teach")
            if unknown := sorted(set(classes) - set(card["labels"])):
                raise ValueError(f"{path} does not know {', '.join(unknown)}: it cannot teach that")
            ours = [name if name in classes else "other" for name in card["labels"]]
            shares = np.array([[one == name for name in classes] for one in ours], np.float32)  # (theirs, C)
            self._known.append((EveryTick(model), card["temperature"], shares))
            self.people |= set(card["split"]["training"])
            self._rate: float = card["rate"]

    def __call__(self, streams: Sequence[Stream], progress: bool = True) -> list[np.ndarray]:
        """Their mean probabilities (K, C), float16, at every tick of each stream, in a mirror and not."""
        with torch.inference_mode():
            shown = tqdm(streams, "teachers", unit="stream", disable=not progress)
            return [self._of(stream).astype(np.float16) for stream in shown]

    def _of(self, stream: Stream) -> np.ndarray:
        """Of a stream and of what a mirror would show, on the mean: (K, C)."""
        turned = vectors(mirrored(stream.poses), self._rate)  # where in the picture is no matter
        return (self._said(stream.tokens) + self._said(turned)) / 2

    def _said(self, tokens: np.ndarray) -> np.ndarray:
        """(K, F) -> (K, C)."""
        stretch, begin = torch.from_numpy(tokens)[None], torch.zeros(1, dtype=torch.int64)
        each = [
            softmax(model(stretch, begin).numpy(), temperature) @ shares  # (K, theirs) -> (K, C)
            for model, temperature, shares in self._known
        ]
        return np.mean(each, axis=0)
