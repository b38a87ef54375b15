"""What goes into the frozen program, beside what PyInstaller finds by itself."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# In a test set-up, and nothing that the program imports (`tests/test_packaging.py`).
EXCLUDED = (
    *(
        "IPython",
        "PyQt5",
        "PyQt6",
        "_pytest",
        "continual",
        "dask",
        "distributed",
        "glcontext",
        "hypothesis",
        "librosa",
        "moderngl",
        "mypy",
    ),
    *("onnx", "onnxruntime", "onnxscript", "pandas", "pytest", "scipy", "sklearn", "tensorboard", "tkinter"),
)


def data_files() -> list[tuple[Path, Path]]:
    """What the program reads, as of pyproject.toml's package-data: each file, and the folder it goes into."""
    patterns = (
        "assets/*",
        "assets/licences/*",
        "app/**/*.txt",
        "app/ui/languages/*",
        "models/training/actions/**/*.json",
        "LICENSE",
    )
    found = (file for pattern in patterns for file in ROOT.glob(pattern))
    return [
        (file, file.parent.relative_to(ROOT)) for file in found if file.is_file() and file.suffix != ".py"
    ]
