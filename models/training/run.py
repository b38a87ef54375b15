"""What a training run knows, and can be taken up from: weights, their average, the best so far."""

from __future__ import annotations

import io
import math
import os
import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

Validate = Callable[[nn.Module], Mapping[str, float]]
History = list[dict[str, float]]

REMEDY = "remove it, and the training begins anew"


def device_of(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


class Average:
    """Exponential moving average of the weights: on a few hundred recordings it is the better model."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = _copy(model)

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))  # young averages forget their start faster
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1 - decay)
            else:
                self.weights[name].copy_(value)


class Run:
    """What a training run knows, and can be taken up from."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        average: Average,
        recipe: dict[str, float | str],
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.average = average
        self.recipe = recipe
        self.step = 0
        self.history: History = []
        self.best: dict[str, Tensor] | None = None
        self.score = -math.inf

    def judge(self, entry: dict[str, float], validate: Validate | None) -> None:
        """Validate the averaged weights, write the history, and keep them if they are the best."""
        raw = _copy(self.model)
        self.model.load_state_dict(self.average.weights)
        self.model.eval()
        with torch.inference_mode():
            figures = dict(validate(self.model)) if validate is not None else {}
        score = figures.get("score", float(self.step))
        if math.isnan(score):
            warnings.warn(f"the validation's score at step {self.step} is NaN: not chosen", stacklevel=2)
        elif self.best is None or score > self.score:
            self.score, self.best = score, _copy(self.model)
        self.model.load_state_dict(raw)
        self.history.append(entry | figures)

    def save(self, path: Path) -> None:
        state = {
            "recipe": self.recipe,
            "step": self.step,
            "history": self.history,
            "score": self.score,
            "best": self.best,
            "average": self.average.weights,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        torch.save(state, unfinished)
        os.replace(unfinished, path)  # a run killed while it writes still has the checkpoint before

    def load(self, path: Path) -> None:
        """Go on from what :meth:`save` wrote.

        Raises
        ------
        ValueError
            Another recipe's, or not what :meth:`save` writes, or not all of it; names the file.
        """
        content = io.BytesIO(path.read_bytes())
        with _whole(path):
            state = torch.load(content, map_location=device_of(self.model), weights_only=True)
            recipe = dict(state["recipe"])
        other = {k for k, v in self.recipe.items() if recipe.get(k) != v}
        if other:
            raise ValueError(f"{path} is of another recipe (differs in {sorted(other)}): {REMEDY}")
        with _whole(path):  # the recipe is ours: whatever does not fit now is damage
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average.weights = _like(state["average"], self.model)
            self.best = None if state["best"] is None else _like(state["best"], self.model)
            self.step = int(state["step"])
            self.history = [dict(entry) for entry in state["history"]]
            self.score = float(state["score"])


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """What fails in here is the fault of the file ``path``, and said so in one line."""
    try:
        yield
    except (
        OSError,
        EOFError,
        RuntimeError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        pickle.UnpicklingError,
    ) as error:
        reason = str(error).partition("\n")[0][:200] or type(error).__name__
        raise ValueError(
            f"{path} is no state of a training, or a damaged one: {REMEDY} ({reason})"
        ) from error


def _like(weights: Mapping[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Weights that fit a model, or an error."""
    expected = {name: value.shape for name, value in model.state_dict().items()}
    if {name: value.shape for name, value in weights.items()} != expected:
        raise ValueError("its weights are another model's")
    return dict(weights)
