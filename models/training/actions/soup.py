"""The mean of the weights of trainings that went on from the same ones, in place of one of them.

Wortsman et al., Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time (arXiv 2203.05482); with what they started from among them, Wortsman et al., Robust
fine-tuning of zero-shot models (arXiv 2109.01903).  Trainings that began apart have no such mean: what a
number does in the one, another does in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from models.checkpoint import load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.baselines import Probe, load_probe

Model = TypeVar("Model", bound=nn.Module)


class Soup:
    """Checkpoints of one shape and the same classes, and the mean of their weights.

    Parameters
    ----------
    weights : sequence of Path
        At least one.  One that stands there twice counts twice.
    classes : sequence of str
        Theirs, in their order.
    window : int
        Tokens that they see.

    Attributes
    ----------
    names : list of str
        Of their files.
    people : set of str
        Who trained any of them.

    Raises
    ------
    ValueError
        One is no action model of these classes and this window, or of another shape than the first; or its
        linear probe is damaged.
    FileNotFoundError
        One is not there, or has no linear probe beside it.
    """

    def __init__(self, weights: Sequence[Path], classes: Sequence[str], window: int) -> None:
        self.names = [path.name for path in weights]
        self.people: set[str] = set()
        self._models: list[ContinualTransformer] = []
        self._probes: list[Probe] = []
        for path in weights:
            model, card = load_checkpoint(path)
            if card["task"] != "actions" or card["labels"] != list(classes):
                raise ValueError(
                    f"{path} is for {card['task']} and has the classes {', '.join(card['labels'])}: expected "
                    f"actions and {', '.join(classes)}"
                )
            if model.window != window:
                raise ValueError(f"{path} has a window of {model.window} tokens: expected {window}")
            shape = dict(model.config, dropout=0)
            first = dict(self._models[0].config, dropout=0) if self._models else shape
            if shape != first:
                raise ValueError(f"{path} has the shape {shape}: expected that of {weights[0]}, {first}")
            self._models.append(model)
            self._probes.append(load_probe(path, model.config["input_size"], len(classes), window))
            self.people |= set(card["split"]["training"])

    def __call__(self) -> tuple[ContinualTransformer, Probe]:
        """The model of their mean weights, and the mean of their linear probes."""
        return _mean(self._models), _mean(self._probes)


@torch.no_grad()
def _mean(models: Sequence[Model]) -> Model:
    """The first of them, which has the mean of all their weights from now on."""
    states = [model.state_dict() for model in models]
    mean = {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    models[0].load_state_dict(mean)
    return models[0]
