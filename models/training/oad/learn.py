"""The paper's experiments in online action detection: its models, its training and a better one."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from models.checkpoint import save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.paper.oadtr import OadTR
from models.paper.presets import PRESETS, Preset
from models.rivals.base import AllTicks, Rival
from models.rivals.catalogue import RIVALS, SIZES, build_rival
from models.training.dense import EveryTick
from models.training.oad.check import Findings
from models.training.oad.data import Dataset
from models.training.oad.windows import Objective, Stretches, Windows, queries_of
from models.training.train import Sample, fit, state_file

MODELS = tuple(dict.fromkeys(p.model for p in PRESETS if not p.model.startswith("GTZAN")))
RATE = 4.0  # tokens a second of THUMOS14's features: every sixth picture of 24 a second


def adam(model: nn.Module, lr: float, weight_decay: float) -> torch.optim.Optimizer:
    """The authors' optimizer: Adam with its weight decay added to the gradient (L2)."""
    return torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)


def quarters(step: int, steps: int, peak: float, warmup: int) -> float:
    """The authors' schedule: in each quarter of the run (an epoch of four) a tenth of the rate before."""
    return peak * 0.1 ** (4 * step // steps)


class Recipe(NamedTuple):
    """How a model is trained.

    Attributes
    ----------
    epochs, batch, length : int
        Times that each frame is a target, about; windows or stretches a step; frames of a stretch.
    fit : dict
        Arguments of :func:`models.training.train.fit`.
    """

    epochs: int
    batch: int
    length: int
    fit: dict[str, Any]


# "paper": cross-entropy on the newest token of windows drawn at random (theirs are shuffled).  "every-tick"
# is ours, for one block: every frame of a stretch is a target, at a small part of its window's cost.
RECIPES = {
    "paper": Recipe(
        4,
        128,
        0,
        {
            "lr": 1e-4,
            "weight_decay": 1e-4,
            "label_smoothing": 0.0,
            "clip": 1.0,
            "average": 0.0,
            "optimize": adam,
            "schedule": quarters,
        },
    ),
    "every-tick": Recipe(
        8, 8, 256, {"lr": 3e-4, "weight_decay": 0.01, "label_smoothing": 0.0, "clip": 1.0, "average": 0.99}
    ),
}


def fitted_preset(name: str, dataset: Dataset, size: int, changes: Mapping[str, Any] | None = None) -> Preset:
    """The preset of that name for this data; with features that the paper did not use, of their size.

    Parameters
    ----------
    name : str
        A model of the paper, ``CoOadTR-b1``, or one with its features, ``CoOadTR-b1/Kin``.
    dataset : Dataset
    size : int
        F, features of a token.
    changes : dict, optional
        Of the configuration of a continual model.

    Raises
    ------
    ValueError
        No such preset, or it is for other features or classes; a change to a regular model.
    """
    model, _, features = name.partition("/")
    if model not in (*MODELS, *RIVALS):
        raise ValueError(f"no preset {name}; there are {', '.join((*MODELS, *RIVALS))}")
    classes = len(dataset.classes)
    if model in RIVALS:
        if changes:
            raise ValueError(f"{model} has no positional encoding: {', '.join(changes)} cannot be changed")
        config = {"input_size": size, "classes": classes, **SIZES[model]}
        return Preset(model, features or f"{size} features", config, True)
    there = [p for p in PRESETS if p.model == model and features in ("", p.features)]
    if not there:
        known = ", ".join(p.features for p in PRESETS if p.model == model)
        raise ValueError(f"no preset {name}; {model} has {known}")
    if changes and not there[0].continual:
        raise ValueError(f"{model} is a regular model: {', '.join(changes)} cannot be changed")
    for preset in there:
        if (preset.config["input_size"], preset.config["classes"]) == (size, classes):
            return replace(preset, config={**preset.config, **(changes or {})})
    if features:
        config = there[0].config
        raise ValueError(
            f"{name} takes {config['input_size']} features and has {config['classes']} classes; "
            f"the data has {size} and {classes}"
        )
    config = {**there[0].config, "input_size": size, "classes": classes, **(changes or {})}
    return Preset(model, f"{size} features", config, there[0].continual)


def build(preset: Preset) -> ContinualTransformer | OadTR | Rival:
    """The preset's model, OadTR and the rivals included, freshly initialised, in evaluation mode."""
    if preset.model in RIVALS:
        return build_rival(preset.model, preset.config).eval()
    if preset.model != "OadTR":
        return preset.build()
    return OadTR(**{key: value for key, value in preset.config.items() if key in _OADTR_SIZES}).eval()


_OADTR_SIZES = ("input_size", "classes", "window", "model_size", "heads", "feedforward", "blocks", "dropout")


def rebuild(config: dict[str, Any]) -> ContinualTransformer | OadTR | Rival:
    """The model of a configuration that a checkpoint holds."""
    if "rival" in config:
        return build_rival(config["rival"], {key: value for key, value in config.items() if key != "rival"})
    return OadTR(**config) if "decoder_layers" in config else ContinualTransformer(**config)


def train(
    preset: Preset,
    dataset: Dataset,
    findings: Findings,
    out: str | Path,
    *,
    recipe: str = "paper",
    epochs: int | None = None,
    steps: int | None = None,
    batch: int | None = None,
    lr: float | None = None,
    seed: int = 0,
    as_in_paper: bool = False,
    rate: float = RATE,
    features: dict[str, Any] | None = None,
    command: str = "",
    progress: bool = True,
) -> dict[str, Any]:
    """Train on the train split and write weights with their card.

    While it runs its state is kept beside ``out``; called again after an interruption it goes on from there,
    if nothing that matters has changed.

    Parameters
    ----------
    preset : Preset
    dataset : Dataset
    findings : Findings
        Without faults.
    out : path
        Of the weights (safetensors).
    recipe : {"paper", "every-tick"}
    epochs, steps, batch, lr : optional
        In place of the recipe's; ``steps`` stand for the whole run, whatever ``epochs`` says.
    seed : int
    as_in_paper : bool
        Train on the frames that the authors train on: see :class:`models.training.oad.windows.Windows`.
    rate : float
        Tokens a second, for the card.
    features : dict, optional
        What the tokens are, for the card; by default how many.
    command : str
    progress : bool

    Returns
    -------
    dict
        The card's ``scores``: the training loss, nothing that was held out.

    Raises
    ------
    ValueError
        Unknown recipe, or one that does not suit the model.
    """
    if recipe not in RECIPES:
        raise ValueError(f"no recipe {recipe!r}; there are {', '.join(RECIPES)}")
    plan = RECIPES[recipe]
    videos = findings.videos["train"]
    size = plan.batch if batch is None else batch
    torch.manual_seed(seed)
    model = build(preset)
    window = model.window
    phases = model.config.get("period", 1) if preset.continual else 1
    sampling: dict[str, Any] = {
        "ambiguous": dataset.ambiguous,
        "phases": phases,
        "as_in_paper": as_in_paper,
    }
    objective: nn.Module
    sample: Sample
    if recipe == "every-tick":
        if not preset.continual or isinstance(model, OadTR):
            raise ValueError(
                f"recipe every-tick is for continual models of one block, not for {preset.model}"
            )
        stretches = Stretches(videos, window, size, plan.length, **sampling)
        per_epoch = math.ceil(len(stretches) / (size * (plan.length - window + 1)))
        sample, objective = stretches, AllTicks(model) if isinstance(model, Rival) else EveryTick(model)
    else:
        if isinstance(model, Rival):
            raise ValueError(f"{preset.model} learns from streams: use --recipe every-tick")
        windows = Windows(videos, window, size, queries=queries_of(model), **sampling)
        per_epoch = math.ceil(len(windows) / size)
        sample, objective = windows, Objective(model, dataset.ambiguous)
    steps = per_epoch * (plan.epochs if epochs is None else epochs) if steps is None else steps
    options = plan.fit if lr is None else {**plan.fit, "lr": lr}
    same = (preset.config, findings.fingerprints["train"], recipe, steps, size, lr, seed, as_in_paper)
    checkpoint = state_file(out, same)
    history = fit(
        objective,
        sample,
        steps=steps,
        seed=seed,
        every=max(1, min(steps, 100)),
        progress=progress,
        checkpoint=checkpoint,
        **options,
    )
    model.eval()
    scores = {"steps": steps, "batch": size, "lr": options["lr"], "loss": history[-1]["loss"]}
    card = {
        "task": f"oad:{dataset.name}",
        "labels": list(dataset.classes),
        "rate": rate,
        "window": window,
        "temperature": 1.0,
        "threshold": 0.5,
        "features": features or {"size": findings.size},
        "data": {"dataset": dataset.name, "train": findings.fingerprints["train"], "videos": len(videos)},
        "split": f"{len(videos)} train videos of {dataset.name}; temperature and threshold are not fitted",
        "scores": scores,
        "licence": "That of the data it was trained on",
        "limits": f"The {len(dataset.classes)} classes of {dataset.name} and nothing else",
        "command": command,
        "seed": seed,
        "date": datetime.date.today().isoformat(),
        "preset": f"{preset.model}/{preset.features}",
        "continual": preset.continual,
        "recipe": recipe,
        "as_in_paper": as_in_paper,
    }
    save_checkpoint(out, model, card)
    checkpoint.unlink()
    return scores
