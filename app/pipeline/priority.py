"""Who goes first: the window's thread, where threads have priorities of their own."""

from __future__ import annotations

import os
import sys
import threading

NICE = 5


def stand_back() -> None:
    """Let the window's thread go before the calling one from now on; only Linux has such priorities."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
