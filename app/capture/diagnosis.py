"""Why a camera does not open: OpenCV only says that it did not."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from base64 import b64encode
from contextlib import suppress
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from app.capture.addresses import shown
from app.capture.file_faults import printable
from app.capture.media import CaptureError
from app.program import COMMAND

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "rtmp": 1935}
LIMIT = 1.5  # seconds a network camera may take to answer
HEADER = 4096  # bytes of its answer that are looked at
STREAM = "Look up the address of its MJPEG or RTSP stream."
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
        with socket.create_connection((host, port), timeout=LIMIT) as connection:
            if parts.scheme.lower() == "http":
                return _no_picture(name, _ask(connection, parts))
    except socket.gaierror:
        return CaptureError(f"{name}: the host {host} is not known.", remedy)
    except TimeoutError:
        return CaptureError(f"{name}: {host} does not answer.", remedy)
    except OSError as error:
        return CaptureError(f"{name} cannot be reached: {os.strerror(error.errno or 0)}.", remedy)
    return CaptureError(
        f"{name} answers but gives no picture.", "Check the path, user name and password in the address."
    )


def _ask(connection: socket.socket, parts: SplitResult) -> str:
    """The header of a camera's answer, as far as it comes within `LIMIT` and is no longer than `HEADER`."""
    question = [f"GET {parts.path or '/'}{'?' * bool(parts.query)}{parts.query} HTTP/1.0"]
    question.append(f"Host: {parts.hostname}")
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        question.append(f"Authorization: Basic {b64encode(login.encode()).decode()}")
    connection.sendall("\r\n".join([*question, "", ""]).encode())
    answer, end = b"", time.perf_counter() + LIMIT
    with suppress(TimeoutError):
        while b"\r\n\r\n" not in answer and len(answer) < HEADER and (left := end - time.perf_counter()) > 0:
            connection.settimeout(left)
            if not (more := connection.recv(HEADER)):
                break
            answer += more
    return answer.decode("latin-1")


def _no_picture(name: str, answer: str) -> CaptureError:
    """What a camera's answer means, from which no picture came."""
    first, *fields = [printable(line) for line in answer.partition("\r\n\r\n")[0].split("\r\n")]
    if not answer:
        return CaptureError(f"{name} takes the call and says nothing.", "Switch the camera off and on.")
    if not first.startswith("HTTP/"):
        return CaptureError(f"{name} does not speak HTTP.", "Check the port: rtsp:// is another language.")
    status = first.partition(" ")[2][:60]
    if status[:3] in ("401", "403"):
        return CaptureError(f"{name} answers {status}.", "Give its user name and password.")
    if status[:1] in "45":
        return CaptureError(f"{name} answers {status}.", "Check the path in the address.")
    said = {key.lower(): value.strip() for key, _, value in (field.partition(":") for field in fields)}
    if status[:1] == "3":
        elsewhere = shown(said.get("location", "nowhere"))[:120]
        return CaptureError(f"{name} leads on to {elsewhere}, and no picture comes from there.", STREAM)
    kind = said.get("content-type", "").partition(";")[0][:60]
    if kind.startswith("text/"):
        return CaptureError(f"{name} sends {kind}, no pictures.", STREAM)
    return CaptureError(f"{name} answers but gives no picture.", STREAM)


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
