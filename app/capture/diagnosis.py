"""Why a camera does not open: OpenCV only says that it did not."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from app.capture.media import CaptureError
from app.program import COMMAND

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "rtmp": 1935}
LIMIT = 1.5  # seconds a network camera may take to answer
LIST = f"`{COMMAND} devices` lists what there is."


def no_local_camera(path: str, name: str) -> CaptureError:
    """Say why a local camera cannot be had.

    Parameters
    ----------
    path : str
        Its device node on Linux; elsewhere it is not looked at.
    name : str
        What the user knows it by.
    """
    if sys.platform == "darwin":
        return CaptureError(
            f"{name} does not open.",
            "Allow this program (or the terminal) the camera under System Settings, Privacy & Security.",
        )
    if sys.platform != "linux":
        return CaptureError(
            f"{name} does not open.", "Close other programs that use it, and allow the camera under Privacy."
        )
    if not os.path.exists(path):
        return CaptureError(f"There is no {name} ({path}).", f"Plug it in; {LIST}")
    if not os.access(path, os.R_OK | os.W_OK):
        return CaptureError(
            f"{name} ({path}) may not be opened by this user.",
            'Join the group "video": sudo usermod -aG video $USER, then log in again.',
        )
    holders = _who_holds(path)
    if holders or _errno_of_opening(path) == errno.EBUSY:
        who = ", ".join(holders) or "another program"
        return CaptureError(f"{name} ({path}) is in use by {who}.", "Close that program.")
    return CaptureError(f"{name} ({path}) opens but gives no picture.", f"Plug it in again; {LIST}")


def no_network_camera(url: str, name: str) -> CaptureError:
    """Say why a network camera cannot be had, by asking its host once."""
    parts = urlsplit(url)
    remedy = "Check the address, and that the camera is switched on."
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme.lower())
    if parts.scheme.lower() not in _PORTS or port is None:
        return CaptureError(f"{name} gives no picture.", remedy)
    try:
        with socket.create_connection((host, port), timeout=LIMIT):
            pass
    except socket.gaierror:
        return CaptureError(f"{name}: the host {host} is not known.", remedy)
    except TimeoutError:
        return CaptureError(f"{name}: {host} does not answer.", remedy)
    except OSError as error:
        return CaptureError(f"{name} cannot be reached: {os.strerror(error.errno or 0)}.", remedy)
    return CaptureError(
        f"{name} answers but gives no picture.", "Check the path, user name and password in the address."
    )


def _errno_of_opening(path: str) -> int:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        return error.errno or 0
    return 0


def _who_holds(path: str) -> list[str]:
    """Names of the other processes that have ``path`` open, as far as this user may see."""
    real, names = os.path.realpath(path), set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        process = link.parent.parent
        try:
            if os.readlink(link) == real and process.name != str(os.getpid()):
                names.add(process.joinpath("comm").read_text().strip())
        except OSError:
            continue  # it ended, or is another user's
    return sorted(names)
