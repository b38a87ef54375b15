"""Who goes first: the window's thread, where threads have priorities; and nobody takes several cores."""

from __future__ import annotations

import os
import sys
import threading

NICE = 5


def one_thread_a_step() -> None:
    """A step is too small to share, and the cores are for who runs beside it; before any thread starts."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1, "blas")  # NumPy's, which multiplies for the live step


def stand_back() -> None:
    """Let the window's thread go before the calling one from now on; only Linux has such priorities."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
