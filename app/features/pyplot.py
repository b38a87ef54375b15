"""MediaPipe without the plots that it can draw."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

PYPLOT = "matplotlib.pyplot"


def put_off_pyplot() -> None:
    """Let pyplot, which MediaPipe imports and nobody here asks it for, be loaded when it is used.

    It takes half a second of each start, and seconds of the first, when it lists the fonts of the machine.
    (The standard library's lazy loader loads at the second ``import``, which is the one meant here.)
    """
    if PYPLOT in sys.modules:
        return
    stand_in = ModuleType(PYPLOT)

    def load(attribute: str) -> Any:
        if sys.modules.get(PYPLOT) is stand_in:
            del sys.modules[PYPLOT]
        return getattr(importlib.import_module(PYPLOT), attribute)

    stand_in.__dict__["__getattr__"] = load
    sys.modules[PYPLOT] = stand_in
