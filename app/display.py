"""Whether a window can open here, tried in a process of its own: Qt ends the process where it cannot."""

from __future__ import annotations

import os
import re
import subprocess
import sys

_LIMIT = 30.0  # seconds that the trial may take
_TELLING = re.compile(r"could not connect|Failed to create|Error: ")
_CODE = "from PySide6.QtWidgets import QApplication; QApplication([])"


class Trial:
    """Opens the window system in another process, beside what the caller has to load anyway."""

    def __init__(self) -> None:
        self._unset = is_unset()
        self._process: subprocess.Popen[str] | None = None
        if sys.platform.startswith("linux") and not self._unset:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _CODE],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )

    def fault(self) -> str:
        """Why no window can open, in one line; "" where one can."""
        if self._unset:
            return "DISPLAY and WAYLAND_DISPLAY are unset"
        if self._process is None:  # elsewhere than on Linux there is no session without a screen
            return ""
        try:
            _, told = self._process.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return f"the window system gives no answer within {_LIMIT:.0f} s"
        if self._process.returncode == 0:
            return ""
        # Qt says what is wrong first and then, at length, what plugins there are.
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        telling = [line for line in lines if _TELLING.search(line)] or lines[-1:]
        return telling[0].removeprefix("qt.qpa.xcb: ") if telling else f"Qt ended: {self._process.returncode}"


def is_unset() -> bool:
    """Whether no window system is named at all."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named)
