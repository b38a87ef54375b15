"""Where this program lies, and what it is called on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKOUT = (ROOT / "main.py").is_file() and (ROOT / "pyproject.toml").is_file()  # else installed by pip
COMMAND = "python main.py" if CHECKOUT else "continual-live"
INSTALL = "pip install -e '.[app]'" if CHECKOUT else "pip install 'continual-live[app]'"
FROZEN = bool(getattr(sys, "frozen", False))  # by PyInstaller: Python and the libraries lie beside it
ASSETS = ROOT / "assets"
