"""EfficientAT's mn04_as (Schmid et al. 2023, arXiv 2211.04772): a MobileNetV3 of 0.4 times the width.

It names the 527 sounds of AudioSet, at a tenth of the cost of MusiCNN.  Its weights (MIT) are not shipped:
who has ``mn04_as_mAP_432.pt`` gives it.  Parameters have the names of that file, batch norms are not folded.
"""

from __future__ import annotations

import functools
import hashlib
import pickle
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

RATE = 32000  #: samples a second
WINDOW, FFT, HOP = 800, 1024, 320  # samples of a frame, of its transform, between frames
BANDS, HIGHEST = 128, 15000.0  # mel bands, and where the last ends, Hz
SECONDS = 3.0  #: that it hears at a time
SOUNDS = 527  #: AudioSet's classes
WIDTH = 0.4

# Kernel, expanded and given channels before the width is applied, squeeze and excitation, hard swish, stride.
BLOCKS = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)


def _divisible(channels: float) -> int:
    """The multiple of 8 nearest to a number of channels, and no tenth below it."""
    whole = max(8, int(channels + 4) // 8 * 8)
    return whole + 8 if whole < 0.9 * channels else whole


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs, eps=0.001)]


class _Excite(nn.Module):
    """Channels weighed by what all of them are on average."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = _divisible(channels // 4)
        layer = {"fc1": nn.Linear(channels, squeezed), "fc2": nn.Linear(squeezed, channels)}
        self.conc_se_layers = nn.ModuleList([nn.ModuleDict(layer)])  # as the file names it

    def forward(self, x: Tensor) -> Tensor:
        layer = cast(nn.ModuleDict, self.conc_se_layers[0])
        weight = layer["fc2"](torch.relu(layer["fc1"](x.mean((2, 3))))).sigmoid()  # (B, C)
        return x * weight[..., None, None]


class _Inverted(nn.Module):
    """Expand, convolve channel by channel, excite, project; with a residual where the shape allows it."""

    def __init__(
        self, inputs: int, kernel: int, expanded: int, outputs: int, excite: bool, swish: bool, stride: int
    ) -> None:
        super().__init__()
        activation = nn.Hardswish if swish else nn.ReLU
        layers: list[nn.Module] = []
        if expanded != inputs:
            layers.append(nn.Sequential(*_conv(inputs, expanded, 1), activation()))
        layers.append(nn.Sequential(*_conv(expanded, expanded, kernel, stride, expanded), activation()))
        if excite:
            layers.append(_Excite(expanded))
        layers.append(nn.Sequential(*_conv(expanded, outputs, 1)))
        self.block = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x) if self.residual else self.block(x)


class MN04(nn.Module):
    """The network: log-mel patches -> logits of 527 sounds."""

    def __init__(self) -> None:
        super().__init__()
        channels = _divisible(16 * WIDTH)
        layers: list[nn.Module] = [nn.Sequential(*_conv(1, channels, 3, 2), nn.Hardswish())]
        for kernel, expanded, given, excite, swish, stride in BLOCKS:
            wide, outputs = _divisible(expanded * WIDTH), _divisible(given * WIDTH)
            layers.append(_Inverted(channels, kernel, wide, outputs, excite, swish, stride))
            channels = outputs
        layers.append(nn.Sequential(*_conv(channels, 6 * channels, 1), nn.Hardswish()))
        self.features = nn.Sequential(*layers)
        hidden = _divisible(1280 * WIDTH)
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(1),
            nn.Linear(6 * channels, hidden),
            nn.Hardswish(),
            nn.Dropout(0.2),
            nn.Linear(hidden, SOUNDS),
        )

    def forward(self, patches: Tensor) -> Tensor:
        """Patches (B, 128, T) -> logits (B, 527)."""
        return self.classifier(self.features(patches[:, None]))  # (B, 1, 128, T) on the way

    def macs(self, frames: int) -> int:
        """Multiply-accumulates of one patch."""
        bands, total = BANDS, 0
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                total += layer.weight.numel()
            elif isinstance(layer, nn.Conv2d):
                bands, frames = (-(-size // layer.stride[0]) for size in (bands, frames))
                total += layer.weight.numel() * bands * frames
        return total


def load_mn04(path: str | Path) -> MN04:
    """The network of the published file, for inference.

    Raises
    ------
    FileNotFoundError
        No file at ``path``.
    ValueError
        Not a file of these weights: another network's, another width, damaged, or with anything but numbers.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no weights at {path}: expected EfficientAT's mn04_as_mAP_432.pt")
    model = MN04()
    try:
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except (RuntimeError, pickle.UnpicklingError, AttributeError, TypeError, KeyError, EOFError) as error:
        reason = str(error).strip().partition("\n")[2].strip().partition("\n")[0] or type(error).__name__
        raise ValueError(f"{path} holds no mn04_as of EfficientAT: {reason[:200]}") from error
    wrong = [key for key, value in model.state_dict().items() if not value.isfinite().all()]
    if wrong:
        raise ValueError(f"{path} has weights that are not finite: {wrong[0]}")
    return model.eval().requires_grad_(False)


def fingerprint(path: str | Path) -> str:
    """Which weights a file holds: the beginning of its SHA-256."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


@functools.cache
def filterbank() -> np.ndarray:
    """Kaldi's mel filterbank, triangles on the mel scale, (513, 128) float32."""
    centres = np.linspace(0.0, 1127 * np.log1p(HIGHEST / 700), BANDS + 2)  # mels
    bins = 1127 * np.log1p(np.fft.rfftfreq(FFT, 1 / RATE)[:, None] / 700)  # (513, 1)
    widths = np.diff(centres)
    rising, falling = (bins - centres[:-2]) / widths[:-1], (centres[2:] - bins) / widths[1:]
    bank = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    bank[-1] = 0  # it has no filter at half the rate
    return bank


def log_mel(sound: np.ndarray) -> np.ndarray:
    """The newest 3 s of sound (n,) at 32 kHz, zeros taken for what is missing -> a patch (128, 300)."""
    size = round(SECONDS * RATE)
    padded = np.zeros(size, np.float32)
    padded[size - min(len(sound), size) :] = sound[-size:]
    risen = torch.from_numpy(padded[1:] - np.float32(0.97) * padded[:-1])
    window = torch.hann_window(WINDOW, periodic=False)
    spectrum = torch.stft(risen, FFT, HOP, WINDOW, window, center=True, return_complex=True)  # (513, 300)
    power = spectrum.real**2 + spectrum.imag**2
    mel = torch.from_numpy(filterbank()).T @ power  # (128, 300)
    return (((mel + 1e-5).log() + 4.5) / 5).numpy()
