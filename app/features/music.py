"""Sound -> music tokens, every half second of media time: what MusiCNN and YAMNet make of it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch

from app.features.sound import SoundTokens
from app.program import ASSETS
from models.extractors.logmel import FFT, HOP, LOUDEST, MELS, RATE, compress
from models.extractors.musicnn import EMBEDDING, WINDOW, ContinualMusiCNN, load_musicnn
from models.extractors.yamnet import BANDS, FRAMES, PATCH, SOUNDS, likelihoods, load_yamnet

TURN = 1.0  # seconds between two patches of YAMNet, which are as long


class MusicTokens(SoundTokens):
    """What MusiCNN and YAMNet make of the sound.

    A token is 200 numbers of MusiCNN, of all of the sound in the front end and of the newest 3 s in the
    pooling, and 521 of YAMNet, of one second.

    No sound is gone through twice.  MusiCNN keeps its past (:class:`ContinualMusiCNN`).  YAMNet's patches of
    0.98 s are laid side by side as well as the ticks allow, one every :data:`TURN` seconds from the stream's
    first tick on: the ticks between repeat what it said last.

    Parameters
    ----------
    assets : path
        The folder of the converted networks, ``musicnn.safetensors`` and ``yamnet.safetensors``.
    rate : float
        Ticks a second.
    """

    size = EMBEDDING + SOUNDS

    def __init__(self, assets: str | Path = ASSETS, rate: float = 2.0) -> None:
        self._network = ContinualMusiCNN(load_musicnn(Path(assets) / "musicnn.safetensors"))
        self._sounds = load_yamnet(Path(assets) / "yamnet.safetensors")
        super().__init__(rate)
        self._every = max(1, round(TURN * self.rate))  # ticks
        columns, bins = round(RATE / HOP / self.rate), FFT // 2 + 1
        patch = FRAMES * bins * BANDS
        self.macs = {
            "log-mel": columns * bins * MELS + patch // self._every,
            "MusiCNN": self._network.macs(columns),
            "YAMNet": self._sounds.macs() // self._every,  # on average
        }
        self.macs_regular = {
            "log-mel": WINDOW * bins * MELS + patch,
            "MusiCNN": self._network.model.macs(WINDOW, WINDOW),
            "YAMNet": self._sounds.macs(),
        }
        self.features = {
            "extractor": "continual MusiCNN (MSD, musicnn 0.1.0) and YAMNet (AudioSet)",
            "window": WINDOW,
            "turn": TURN,
            "rate": self.rate,
            "loudest": LOUDEST,
        }

    def _begin(self) -> None:
        self._network.reset()
        self._heard = np.zeros(0, np.float32)  # newest samples, as YAMNet needs them
        self._made = 0  # tokens
        self._said = np.zeros(SOUNDS, np.float32)  # by YAMNet, last

    def _hear(self, samples: np.ndarray, levelled: np.ndarray) -> None:
        self._heard = np.concatenate([self._heard, samples])[-PATCH:]
        self._network.push(torch.from_numpy(compress(levelled)))

    def _vector(self) -> np.ndarray:
        embedding, _ = self._network()
        if self._made % self._every == 0:
            sound = self._heard * np.float32(math.sqrt(self._leveller.gain))
            self._said = likelihoods(self._sounds, sound)
        self._made += 1
        return np.concatenate([embedding.numpy(), self._said])  # (721,)
