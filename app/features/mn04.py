"""Sound -> music tokens by a network of the user's own: EfficientAT's mn04_as."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

import numpy as np
import platformdirs
import torch

from app.features.sound import SoundTokens
from models.extractors.efficientat import (
    BANDS,
    FFT,
    HOP,
    RATE,
    SECONDS,
    SOUNDS,
    fingerprint,
    load_mn04,
    log_mel,
)
from models.extractors.logmel import LOUDEST

KEPT = Path(platformdirs.user_data_dir("continual-live", appauthor=False)) / "extractors"
NAME = "EfficientAT mn04_as"  # begins the extractor's name in a card


class MN04Tokens(SoundTokens):
    """The square roots of how likely each of 527 sounds is in the newest 3 s.

    Parameters
    ----------
    weights : path
        The published ``mn04_as_mAP_432.pt``, or other weights of that network.
    rate : float
        Ticks a second.

    Raises
    ------
    FileNotFoundError, ValueError
        No such file, or not weights of this network.
    """

    samples = RATE
    size = SOUNDS

    def __init__(self, weights: str | Path, rate: float = 2.0) -> None:
        self._network = load_mn04(weights)
        super().__init__(rate)
        frames = round(SECONDS * RATE / HOP)
        self.macs = {"log-mel": frames * (FFT // 2 + 1) * BANDS, "mn04_as": self._network.macs(frames)}
        self.macs_regular = self.macs  # a patch of 3 s is computed whole for every token
        self.features = {
            "extractor": f"{NAME} ({Path(weights).name})",
            "weights": fingerprint(weights),
            "rate": self.rate,
            "loudest": LOUDEST,
        }

    def _begin(self) -> None:
        self._heard = np.zeros(0, np.float32)

    def _hear(self, samples: np.ndarray, levelled: np.ndarray) -> None:
        self._heard = np.concatenate([self._heard, samples])[-round(SECONDS * RATE) :]

    def _vector(self) -> np.ndarray:
        patch = log_mel(self._heard * np.float32(math.sqrt(self._leveller.gain)))  # (128, 300)
        with torch.inference_mode():
            return self._network(torch.from_numpy(patch)[None])[0].sigmoid().sqrt().numpy()  # (527,)


def keep(weights: str | Path) -> Path:
    """Check weights and keep a copy where :func:`kept` finds it; errors as of :class:`MN04Tokens`."""
    load_mn04(weights)
    target = _place(fingerprint(weights))
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        shutil.copyfile(weights, part)
        os.replace(part, target)
    return target


def kept(digest: str) -> Path:
    """The weights of this fingerprint.

    Raises
    ------
    FileNotFoundError
        They were never given here.
    """
    if not _place(digest).is_file():
        raise FileNotFoundError(
            f"it hears with weights of {NAME} that are not here ({digest}): give the file once, by --hearing"
        )
    return _place(digest)


def _place(digest: str) -> Path:
    return KEPT / f"mn04-{Path(digest).name}.pt"
