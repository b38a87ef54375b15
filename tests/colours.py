"""Colours as eyes with two kinds of cones see them, and how far two lie apart."""

from __future__ import annotations

import numpy as np

# Machado, Oliveira and Fernandes 2009 (doi 10.1109/TVCG.2009.113), severity 1.0: on linear RGB.
EYES = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "no green cones": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "no blue cones": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _XYZ.sum(1)


def linear(hexes: list[str]) -> np.ndarray:
    """Colours written as "#rrggbb", as linear RGB of shape (n, 3)."""
    srgb = np.array([[int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in hexes]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB (n, 3) as CIE L*a*b* under D65."""
    ratio = np.clip(rgb, 0, 1) @ _XYZ.T / _WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def apart(hexes: list[str], eye: str) -> np.ndarray:
    """ΔE (CIE 1976) of every pair as this eye sees them, shape (n, n)."""
    seen = lab(linear(hexes) @ EYES[eye].T)
    return np.linalg.norm(seen[:, None] - seen[None], axis=-1)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, 1 to 21."""
    light = sorted(linear([one, other]) @ _XYZ[1])
    return float((light[1] + 0.05) / (light[0] + 0.05))
