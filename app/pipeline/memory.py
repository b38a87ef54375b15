"""How this process's memory is kept: a window that is open for a day must not grow.

What grows is not what is in use but what lies free between: each picture, sound and token is some blocks of
glibc's heaps, and a block that stays keeps all that is below it.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # mallopt's numbers for them, in malloc.h
ARENAS = 2
LARGE = 1 << 20  # bytes of a block that the system gives by itself, and gets back as soon as it is free


def bound_heaps() -> bool:
    """Let all threads share few of glibc's heaps, without large blocks; True where that could be asked.

    By default each new thread may open a heap of its own, 16 on two cores, and sources come and go with their
    threads: what pictures leave behind in one heap is of no use to another.  A window in use grew by 400 MB
    within half an hour, and by 50 MB with two heaps.  And by default the first picture that is freed raises
    the size from which a block is kept out of the heaps above its own, so that all that follow lie between
    the small blocks, which hold their pages.  (From half the size on, what the networks compute with would be
    had anew each time: a fifth more time.)
    """
    few = _asked("mallopt", _ARENA_MAX, ARENAS)
    return _asked("mallopt", _MMAP_THRESHOLD, LARGE) and few


def return_free() -> bool:
    """Give whole free pages of the heaps back to the system; True where there were any.

    For whoever has just dropped much, as a source that is closed, and now and then.  It takes some
    milliseconds.  Thirty files in a row left 50 to 110 MB free and in nobody's use; with this, 10 to 30 stay.
    """
    return _asked("malloc_trim", 0)


def _asked(name: str, *arguments: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(getattr(ctypes.CDLL(None), name)(*arguments))
    except (OSError, AttributeError):  # another libc
        return False


def rss() -> float | None:
    """Memory of this process that is in use, MB; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    except OSError:  # not Linux
        pass
    try:
        told = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True)
        return round(int(told.stdout) * 1024 / 1e6, 1)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
