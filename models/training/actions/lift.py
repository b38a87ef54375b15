"""Depth for joints that were marked in a picture, where nobody measured any.

A small network that learnt from drawn movement alone, seen from anywhere and lying down as well as upright,
says how far each joint lies behind or before the hips.  It knows nobody's recordings, so that who is held out
of a training lends it nothing.  Of joints in seventeen real films its depth and the pose network's own, which
learnt from people, correlate at .72 on the mean.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from models.training import kept
from models.training.actions import body, gestures, motions, skeletons
from models.training.actions.motions import MOTIONS
from models.training.actions.skeletons import LIMBS, RATE, STANDARD, smooth

Rng = np.random.Generator
STEPS, BATCH, HIDDEN = 4000, 512, 384
DRAWN, SECONDS = 60, 3.0  # movements of each class, and how long each lasts
LYING = 0.3  # share of bodies that lie, hang or lean far
STEADY = 1.5  # frames over which depth is steadied


def lifter(cache: Path | None, progress: bool = True) -> nn.Module:
    """The network, from ``cache`` if it is there: 45 s on one core else."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Linear(26, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, 13)
    )
    file = kept.place(cache, "lifter", (body, gestures, motions, skeletons, Path(__file__)), STEPS)
    names = list(network.state_dict())
    stored = kept.load(file, names)
    if stored is not None:
        network.load_state_dict(dict(zip(names, map(torch.from_numpy, stored), strict=True)))
        return network
    rng = np.random.default_rng(0)
    frames = int(SECONDS * RATE)
    drawn = [motion(rng, frames).joints()[::6] for motion, _ in MOTIONS.values() for _ in range(DRAWN)]
    bodies = np.concatenate(drawn)  # (N, 13, 3)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in tqdm(range(STEPS), "depth", unit="step", disable=not progress):
        flat, depth = _seen(rng, bodies[rng.integers(len(bodies), size=BATCH)])
        loss = F.l1_loss(network(flat), depth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    kept.save(file, **{name: weight.numpy() for name, weight in network.state_dict().items()})
    return network


def _seen(rng: Rng, bodies: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Bodies (B, 13, 3) from anywhere: joints in the picture (B, 26), depth (B, 13), in one scale."""
    count = len(bodies)
    lying = rng.random(count) < LYING
    pitch, roll = np.where(
        lying, rng.normal(0, (1.0, 0.9), (count, 2)).T, rng.normal(0, (0.2, 0.1), (count, 2)).T
    )
    upright = bodies * np.exp(rng.normal(0, 0.05, (count, 1, 3)))
    turned = _about(upright, rng.uniform(-np.pi, np.pi, count), 0, 2)
    first = rng.random(count) < 0.5
    turned = _about(turned, pitch * first, 1, 2)
    turned = _about(turned, roll, 0, 1)
    turned = _about(turned, pitch * ~first, 1, 2)
    turned = turned - turned[:, 7:9].mean(1, keepdims=True)
    flat = turned[..., :2] + rng.normal(0, 0.015, (count, 13, 2))
    scale = _scale(flat)
    return (
        torch.from_numpy((flat / scale).reshape(count, 26).astype(np.float32)),
        torch.from_numpy((turned[..., 2] / scale[..., 0]).astype(np.float32)),
    )


def _about(points: np.ndarray, angle: np.ndarray, one: int, other: int) -> np.ndarray:
    """Points (B, 13, 3) turned by an angle each (B,) in the plane of two axes."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    out = points.copy()
    out[..., one] = c * points[..., one] - s * points[..., other]
    out[..., other] = s * points[..., one] + c * points[..., other]
    return out


def _scale(flat: np.ndarray) -> np.ndarray:
    """Root mean square of joints about the hips (B, 13, 2): (B, 1, 1)."""
    return np.sqrt((flat**2).mean((1, 2), keepdims=True)).clip(1e-6)


def lift(network: nn.Module, xy: np.ndarray) -> np.ndarray:
    """Joints in a picture (T, 13, 2), y downwards -> metres about the hips (T, 13, 3), as the pose network's.

    x to the right, y down, z away from the camera.  All zero where all joints are.
    """
    about = (xy - xy[:, 7:9].mean(1, keepdims=True)) * np.array([1.0, -1.0])
    scale = _scale(about)
    with torch.inference_mode():
        depth = network(torch.from_numpy((about / scale).reshape(len(xy), 26).astype(np.float32))).numpy()
    towards = smooth(depth.astype(float) * scale[..., 0], STEADY)
    body = np.concatenate([about, towards[..., None]], -1) * np.array([1.0, -1.0, -1.0])
    there = np.asarray(np.abs(xy).max((1, 2)) > 0)
    child, parent = np.array(LIMBS).T
    lengths = np.linalg.norm(body[:, child] - body[:, parent], axis=-1)[there].sum(-1)
    if len(lengths):
        body *= STANDARD.limbs.sum() / max(float(np.median(lengths)), 1e-6)
    body[~there] = 0
    return body
