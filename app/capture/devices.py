"""The cameras and microphones of this machine, by name."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from app.capture import portaudio
from app.capture.media import CaptureError

_V4L = Path("/sys/class/video4linux")
_SOUND = Path("/dev/snd")


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera: what ``Camera(name)`` or ``Camera(index)`` opens."""

    name: str  # no two have the same: see `told_apart`
    index: int
    path: str  # of its device, "" where the system has none
    port: str = ""  # where it is plugged in, "" where that is not known

    def is_called(self, name: str) -> bool:
        """Whether it has this name, or had it while another of the same make was there."""
        return name in (self.name, self.path, f"{self.name} ({self.port})")


@dataclass(frozen=True, slots=True)
class MicrophoneInfo:
    """A microphone: what ``Microphone(name)`` or ``Microphone(index)`` opens."""

    name: str
    index: int
    rate: int  # samples a second that it runs at by itself
    channels: int
    default: bool

    def is_called(self, name: str) -> bool:
        """Whether it has this name."""
        return name == self.name


def cameras() -> list[CameraInfo]:
    """List the cameras without opening one (which can freeze a driver), in the order of their index."""
    try:
        from app.capture.opencv import BACKEND  # before the enumerator, which imports cv2 itself

        from cv2_enumerate_cameras import enumerate_cameras  # isort: skip

        found = [CameraInfo(str(c.name), int(c.index), str(c.path or "")) for c in enumerate_cameras(BACKEND)]
    except (ImportError, NotImplementedError, OSError):
        found = [
            CameraInfo((node / "name").read_text().strip(), int(node.name[5:]), f"/dev/{node.name}")
            for node in _V4L.glob("video*")
            if (node / "name").is_file() and (node / "index").read_text().strip() == "0"
        ]
    return told_apart(sorted(found, key=lambda camera: camera.index))


def told_apart(cameras: list[CameraInfo]) -> list[CameraInfo]:
    """Give those of one name the port they are plugged into, or else a number, in their names.

    A port is the same at the next start, whichever is found first.
    """
    names = [camera.name for camera in cameras]
    apart = []
    for place, camera in enumerate(cameras):
        port = _port(camera.path) or str(1 + names[:place].count(camera.name))
        same = names.count(camera.name) > 1
        apart.append(replace(camera, name=f"{camera.name} ({port})" if same else camera.name, port=port))
    return apart


def _port(path: str) -> str:
    """Where on its bus the device of a camera hangs, as "3-1.2"; "" where the system does not say."""
    device = _V4L / Path(path).name / "device"
    return device.resolve().name.partition(":")[0] if path and device.is_symlink() else ""


def microphones(rescan: bool = True) -> list[MicrophoneInfo]:
    """List the microphones, the default first.

    Parameters
    ----------
    rescan : bool
        Look for newly plugged ones; not possible, and not done, while a microphone is open.

    Raises
    ------
    CaptureError
        When PortAudio is not installed.
    """
    sounddevice = portaudio.load()
    try:
        with portaudio.lock:
            if rescan:
                portaudio.rescan()
            devices = sounddevice.query_devices()
            default = _default(sounddevice)
    except sounddevice.PortAudioError as error:
        raise CaptureError(
            f"The microphones cannot be listed: {error}.", "Start the sound server."
        ) from error
    found = [
        MicrophoneInfo(
            str(d["name"]),
            int(d["index"]),
            round(d["default_samplerate"]),
            int(d["max_input_channels"]),
            d["index"] == default,
        )
        for d in devices
        if d["max_input_channels"] > 0
        # Windows lists each device once for every one of its sound systems.
        and (sys.platform != "win32" or default < 0 or d["hostapi"] == devices[default]["hostapi"])
    ]
    return sorted(found, key=lambda microphone: (not microphone.default, microphone.index))


def signs() -> object:
    """What tells, without asking a driver, that another listing may differ; None where nothing does.

    Where nothing does, list when somebody asks: a listing asks every driver.
    """
    if sys.platform != "linux":
        return None
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    servers = [Path(os.environ.get("PULSE_SERVER", "").removeprefix("unix:") or f"{runtime}/pulse/native")]
    servers.append(Path(runtime, "pipewire-0"))
    found: list[object] = [sorted(path.name for path in folder.glob("*")) for folder in (_V4L, _SOUND)]
    for server in servers:
        try:
            stat = server.stat()
            found.append((stat.st_ino, stat.st_ctime_ns))  # another one after a restart
        except OSError:
            found.append(None)
    return [*found, portaudio.in_use()]


def _default(sounddevice: ModuleType) -> int:
    """The index of the microphone that PortAudio takes by itself; -1 for none."""
    try:
        return int(sounddevice.query_devices(kind="input")["index"])
    except (sounddevice.PortAudioError, ValueError):
        return -1


def listing() -> dict[str, Any]:
    """All devices as plain data for JSON: ``cameras`` and ``microphones``, lists of dicts.

    A key ``microphones_error`` says why there can be none.
    """
    plain: dict[str, Any] = {"cameras": [asdict(camera) for camera in cameras()], "microphones": []}
    try:
        plain["microphones"] = [asdict(microphone) for microphone in microphones()]
    except CaptureError as error:
        plain["microphones_error"] = str(error)
    return plain


def report() -> str:
    """What ``devices`` prints: one line a device, and what to do where there is none."""
    plain = listing()
    lines = ["Cameras (--camera NAME or INDEX):"]
    lines += [f"  {c['index']}  {c['name']}  {c['path']}".rstrip() for c in plain["cameras"]]
    if not plain["cameras"]:
        lines.append("  none found. Plug one in, or give the address of a network camera: --camera URL.")
    lines.append("Microphones (--mic NAME or INDEX):")
    for m in plain["microphones"]:
        mark = ", default" if m["default"] else ""
        lines.append(f"  {m['index']}  {m['name']}  ({m['rate']} Hz, {m['channels']} channels{mark})")
    if not plain["microphones"]:
        why = plain.get("microphones_error", "none found. Plug one in, or start the sound server.")
        lines.append(f"  {why}")
    return "\n".join(lines)
