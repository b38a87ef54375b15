"""How this process's memory is kept: a window that is open for a day must not grow."""

from __future__ import annotations

import ctypes
import sys

_ARENA_MAX = -8  # mallopt's number for it, in malloc.h
ARENAS = 2


def bound_arenas() -> bool:
    """Let all threads share few of glibc's heaps; True where that could be asked.

    By default each new thread may open a heap of its own, 16 on two cores, and sources come and go with their
    threads: what pictures leave behind in one heap is of no use to another.  A window in use grew by 400 MB
    within half an hour, and by 50 MB with two heaps.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS))
    except (OSError, AttributeError):  # another libc
        return False
