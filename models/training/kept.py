"""Arrays kept on disk between runs: written whole or not at all, made anew where they cannot be read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def load(file: Path, names: Sequence[str]) -> list[np.ndarray] | None:
    """The arrays of these names, or None: there is no such file, or it is damaged, or another kind's."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            return [kept[name] for name in names]
    except Exception:  # a file that anybody may have cut or written over fails in many ways: all end alike
        return None


def save(file: Path, **arrays: np.ndarray) -> None:
    """Write arrays for :func:`load`, in a folder that is made if need be."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.part.npz")  # another run may write the same one
    try:
        np.savez(unfinished, allow_pickle=False, **arrays)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
