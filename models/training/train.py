"""The training loop of every task: windows in, best weights by validation out, the same for the same seed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from models.training.run import Average, History, Run, Validate, device_of


class Batch(NamedTuple):
    """Windows cut from streams: what :func:`fit` trains on.

    Attributes
    ----------
    tokens : Tensor of shape (B, n, F), float32
        Newest token last; what stands before the last ``lengths`` tokens of a row is padding.
    lengths : Tensor of shape (B,), int64
        How many of the last tokens of each row are real, 1 to n.
    ticks : Tensor of shape (B,), int64
        Absolute index of the oldest column, padding included: the phase of the recycling positional
        encoding.  Drawn at random, so that every phase is trained.
    targets : Tensor of shape (B,), int64, or of shape (B, C), float32
        Class indices, or soft targets whose rows sum to 1.
    """

    tokens: Tensor
    lengths: Tensor
    ticks: Tensor
    targets: Tensor


Sample = Callable[[np.random.Generator], Batch]
Schedule = Callable[[int, int, float, int], float]
Optimize = Callable[[nn.Module, float, float], torch.optim.Optimizer]


def learning_rate(step: int, steps: int, peak: float, warmup: int) -> float:
    """Linear warm-up over ``warmup`` steps, then half a cosine down to a hundredth of ``peak``."""
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def adamw(model: nn.Module, lr: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW that decays matrices only: biases and norms have nothing to gain from it."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.98))


def fit(
    model: nn.Module,
    sample: Sample,
    *,
    steps: int,
    lr: float = 1e-3,
    weight_decay: float = 0.05,
    label_smoothing: float = 0.1,
    seed: int = 0,
    warmup: int | None = None,
    clip: float = 1.0,
    average: float = 0.99,
    optimize: Optimize = adamw,
    schedule: Schedule = learning_rate,
    validate: Validate | None = None,
    every: int = 100,
    progress: bool = True,
    checkpoint: str | Path | None = None,
) -> History:
    """Train ``model`` in place and leave it in evaluation mode with the best weights.

    Step i depends on ``seed`` and i alone (its batch and its dropout), so that a run taken up from its
    checkpoint ends in the same weights as one that was never stopped.

    Parameters
    ----------
    model : nn.Module
        ``model(tokens, tick=ticks, lengths=lengths)`` gives logits (B, C).
    sample : callable
        Generator of random numbers -> :class:`Batch`.
    steps : int
        Optimizer steps, at least 1.
    lr, weight_decay, label_smoothing : float
        The peak rate (AdamW's, with a warm-up, then cosine), its decay of matrices, smoothing of the targets.
    seed : int
        Of batches and dropout.  The model's own initialisation is the caller's.
    warmup : int, optional
        Steps of linear warm-up; by default a twentieth of ``steps``.
    clip : float
        Largest norm of the gradient.
    average : float
        Decay of the moving average of the weights, which is what is validated and kept; 0 for none.
    optimize : callable
        Model, ``lr``, ``weight_decay`` -> optimizer.
    schedule : callable
        Step, ``steps``, ``lr``, ``warmup`` -> that step's rate.
    validate : callable, optional
        Called with the model in evaluation mode every ``every`` steps and after the last; gives figures for
        the history, of which ``"score"`` (higher is better) chooses the weights.  Without it the last stand.
        A score that is NaN is warned of and never chosen.
    progress : bool
        Whether to show a bar on stderr.
    checkpoint : path, optional
        Written at every validation; when it is there already the run goes on from it.

    Returns
    -------
    list of dict
        One entry per validation: ``step``, mean ``loss`` since the last entry, and the figures.

    Raises
    ------
    ValueError
        Fewer than one step; a loss that is not finite; no score that is a number; or a checkpoint that is
        damaged, of another recipe, of another initial model, or of other data (told by the first batch).
    """
    if steps < 1 or every < 1:
        raise ValueError(f"steps and every must be at least 1, got {steps} and {every}")
    warmup = max(1, steps // 20) if warmup is None else warmup
    recipe: dict[str, float | str] = {
        "steps": steps,
        "lr": lr,
        "weight_decay": weight_decay,
        "label_smoothing": label_smoothing,
        "seed": seed,
        "warmup": warmup,
        "clip": clip,
        "average": average,
        "every": every,
        "optimize": optimize.__name__,
        "schedule": schedule.__name__,
        "start": _digest(*model.state_dict().values(), *sample(np.random.default_rng([seed, 0]))),
    }
    optimizer = optimize(model, lr, weight_decay)
    run = Run(model, optimizer, Average(model, average), recipe)
    if checkpoint is not None and Path(checkpoint).exists():
        run.load(Path(checkpoint))
    bar = tqdm(total=steps, initial=run.step, disable=not progress, desc="train", unit="step")
    losses: list[float] = []
    with torch.random.fork_rng(_cuda(model)), bar:
        while run.step < steps:
            step = run.step
            torch.manual_seed(seed * 1_000_003 + step)
            batch = sample(np.random.default_rng([seed, step]))
            for group in optimizer.param_groups:
                group["lr"] = schedule(step, steps, lr, warmup)
            losses.append(_train_step(model, optimizer, batch, label_smoothing, clip))
            if not math.isfinite(losses[-1]):
                raise ValueError(f"loss {losses[-1]} at step {step}: lower lr ({lr}) or check the tokens")
            run.average.update(model, step)
            run.step += 1
            bar.update()
            if run.step % every == 0 or run.step == steps:
                entry = {"step": float(run.step), "loss": float(np.mean(losses))}
                losses.clear()
                run.judge(entry, validate)
                bar.set_postfix({k: f"{v:.3f}" for k, v in run.history[-1].items() if k != "step"})
                if checkpoint is not None:
                    run.save(Path(checkpoint))
    if run.best is None:
        raise ValueError(
            f"none of the {len(run.history)} validations gave a score that is a number: {run.history[-1]}"
        )
    model.load_state_dict(run.best)
    model.eval()
    return run.history


def _train_step(
    model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, label_smoothing: float, clip: float
) -> float:
    model.train()
    batch = Batch(*(part.to(device_of(model)) for part in batch))
    logits = model(batch.tokens, tick=batch.ticks, lengths=batch.lengths)  # (B, C)
    loss = F.cross_entropy(logits, batch.targets, label_smoothing=label_smoothing)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return float(loss.detach())


def _digest(*tensors: Tensor) -> str:
    together = hashlib.sha256()
    for tensor in tensors:
        together.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return together.hexdigest()[:16]


def _cuda(model: nn.Module) -> list[torch.device]:
    """The devices whose random numbers the dropout of ``model`` takes, besides the CPU's."""
    return [device_of(model)] if device_of(model).type == "cuda" else []


def state_file(out: str | Path, same: Any) -> Path:
    """Where a run that ends in ``out`` keeps its state; one of another ``same`` (JSON-ready) has another."""
    key = hashlib.sha256(json.dumps(same).encode()).hexdigest()[:12]
    return Path(out).with_name(f"{Path(out).name}.{key}.run")
