"""YAMNet (Google, AudioSet; the MobileNet of Howard et al. 2017 on sound): how likely each of 521 sounds is.

It hears 0.96 s at a time.  Where MusiCNN was taught by tags of finished records, this network was taught by
the sound of a million videos: speech, engines, rooms, and music as people's microphones take it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.extractors.converted import load_converted
from models.extractors.logmel import triangles

FRAME, HOP, FFT = 400, 160, 512  # samples of a frame, between frames, of its transform
FRAMES, BANDS = 96, 64  # of a patch
PATCH = (FRAMES - 1) * HOP + FFT  #: samples that a patch is made of
SOUNDS = 521  #: classes
OFFSET = 1e-3  # added to the magnitudes before their logarithm
# Stride and filters of thirteen pairs of convolutions, one channel by channel and one across channels.
PAIRS = ((1, 64), (2, 128), (1, 128), (2, 256), (1, 256), (2, 512), *[(1, 512)] * 5, (2, 1024), (1, 1024))


@functools.cache
def filterbank() -> np.ndarray:
    """HTK's mel filterbank without normalisation, (257, 64) float32."""
    lowest, highest = 2595 * np.log10(1 + np.array([125, 7500]) / 700)  # mels
    return triangles(700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1))


@functools.cache
def _window() -> np.ndarray:
    window = np.zeros(FFT, np.float32)
    window[(FFT - FRAME) // 2 :][:FRAME] = np.hanning(FRAME + 1)[:-1]
    return window


def log_mel(sound: np.ndarray) -> np.ndarray:
    """The newest ``PATCH`` samples (n,) at 16 kHz, zeros taken for what is missing -> a patch (96, 64)."""
    padded = np.zeros(PATCH, np.float32)
    padded[PATCH - min(len(sound), PATCH) :] = sound[-PATCH:]
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::HOP] * _window()  # (96, 512)
    magnitude = np.abs(np.fft.rfft(frames)).astype(np.float32)  # (96, 257)
    return np.log(magnitude @ filterbank() + np.float32(OFFSET))


class YAMNet(nn.Module):
    """The network, every batch norm folded into its convolution.

    Attributes
    ----------
    sounds : tuple of 521 str
        Names of the outputs.
    """

    def __init__(self, sounds: Sequence[str] = ()) -> None:
        super().__init__()
        self.sounds = tuple(sounds)
        layers, channels = [nn.Conv2d(1, 32, 3, stride=2)], 32
        for stride, filters in PAIRS:
            layers.append(nn.Conv2d(channels, channels, 3, stride=stride, groups=channels))
            layers.append(nn.Conv2d(channels, filters, 1))
            channels = filters
        # A ModuleList, told to the type checker as what it holds.
        self.layers = cast("Sequence[nn.Conv2d]", nn.ModuleList(layers))
        self.out = nn.Linear(channels, SOUNDS)

    def forward(self, patches: Tensor) -> Tensor:
        """Patches (B, 96, 64) -> logits (B, 521)."""
        x = patches[:, None]  # (B, 1, 96, 64)
        for layer in self.layers:
            if layer.kernel_size == (3, 3):  # TensorFlow's "same"
                x = F.pad(x, (0, 1, 0, 1) if layer.stride == (2, 2) else (1, 1, 1, 1))
            x = F.relu(layer(x))  # (B, channels, T, F)
        return self.out(x.mean((2, 3)))

    def macs(self) -> int:
        """Multiply-accumulates of one patch."""
        total, places = self.out.weight.numel(), FRAMES * BANDS
        for layer in self.layers:
            places //= layer.stride[0] ** 2
            total += layer.weight.numel() * places
        return total


def load_yamnet(path: str | Path) -> YAMNet:
    """The network of converted weights: see :func:`models.extractors.converted.load_converted`."""
    return load_converted(path, YAMNet, "sounds")


def likelihoods(model: YAMNet, sound: np.ndarray) -> np.ndarray:
    """The square roots of the probabilities (521,) of the sounds in the newest 0.98 s.

    Square roots, because what tells genres apart are probabilities of a few hundredths.
    """
    with torch.inference_mode():
        return model(torch.from_numpy(log_mel(sound))[None])[0].sigmoid().sqrt().numpy()
