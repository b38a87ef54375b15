"""Arrays kept on disk between runs: written whole or not at all, made anew where they cannot be read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np


def place(cache: Path | None, name: str, sources: Iterable[Path | ModuleType], recipe: object) -> Path | None:
    """Where in ``cache`` something is kept that these files or modules and this recipe make; None: nowhere.

    ``recipe`` is JSON-ready.  Another byte of either is another place.
    """
    if cache is None:
        return None
    files = (Path(str(one.__file__)) if isinstance(one, ModuleType) else one for one in sources)
    made_by = b"".join(file.read_bytes() for file in files) + json.dumps(recipe).encode()
    return cache / f"{name}-{hashlib.sha256(made_by).hexdigest()[:16]}.npz"


def load(file: Path | None, names: Sequence[str]) -> list[np.ndarray] | None:
    """The arrays of these names, or None: there is no such file, or it is damaged, or another kind's."""
    if file is None:
        return None
    try:
        with np.load(file, allow_pickle=False) as kept:
            return [kept[name] for name in names]
    except Exception:  # a file that anybody may have cut or written over fails in many ways: all end alike
        return None


def save(file: Path | None, **arrays: np.ndarray) -> None:
    """Write arrays for :func:`load`, in a folder that is made if need be; None: nowhere."""
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.stem}.{os.getpid()}.part.npz")  # another run may write the same one
    try:
        np.savez(unfinished, allow_pickle=False, **arrays)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
