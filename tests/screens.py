"""A screen of its own for each process that runs tests: only one window at a time has the keyboard."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess

_PR_SET_PDEATHSIG = 1  # prctl's number for it, in linux/prctl.h


def own_screen() -> None:
    """Start an X server that lives as long as this process, where windows are shown on X and there is Xvfb.

    Two workers on one screen take the keyboard from each other's windows.
    """
    if os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb" or not shutil.which("Xvfb"):
        return
    told, tell = os.pipe()
    subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(tell,),
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    os.close(tell)
    with open(told) as answer:
        number = answer.readline().strip()
    if not number:
        raise RuntimeError("Xvfb ended before it had a display: what it says is shown by typing 'Xvfb :99'")
    os.environ["DISPLAY"] = f":{number}"


def _die_with_parent() -> None:
    """In the server, before it is one: it must outlive Qt, which ends with the process, and nothing else."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
