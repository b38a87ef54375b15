"""Features made of THUMOS14's real labels, with a known amount of signal in noise.

A feature is unit noise plus ``signal`` times a fixed random direction of unit length for the frame's class,
the labels smoothed over a second: read off along that direction, a frame of the class stands ``signal``
standard deviations from the others.

    python tests/oad_features.py LABELS OUT [--signal 1.0]      # the layout of LSTR, in the size of ANet's
"""

from __future__ import annotations

import argparse
import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from models.training.oad.data import read_labels

SMOOTH = 5  # tokens


def features(name: str, targets: np.ndarray, sizes: dict[str, int], signal: float) -> dict[str, np.ndarray]:
    """Features (T, F_i) float16 by stream, of a video's labels (T, C); the same for the same name."""
    directions = np.random.default_rng(14).normal(size=(targets.shape[1], sum(sizes.values())))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    kernel = np.ones(SMOOTH) / SMOOTH
    smooth = np.stack([np.convolve(column, kernel, "same") for column in targets.T], 1)  # (T, C)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    noise = rng.standard_normal((len(targets), directions.shape[1]), np.float32)
    made = (noise + signal * (smooth @ directions).astype(np.float32)).astype(np.float16)
    return dict(zip(sizes, np.split(made, np.cumsum(list(sizes.values()))[:-1], axis=1), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--signal", type=float, default=1.0)
    args = parser.parse_args()
    sizes = {"rgb": 2048, "flow": 1024}
    for stream in sizes:
        (args.out / f"{stream}_made").mkdir(parents=True)
    for name, labels in read_labels([args.labels]).items():
        for stream, array in features(name, labels.targets, sizes, args.signal).items():
            np.save(args.out / f"{stream}_made" / f"{name}.npy", array)


if __name__ == "__main__":
    main()
