"""Is everything there that the program needs?  A checklist, and how to mend what is not.

It works where libraries are missing or broken: it imports none itself, and tries each in a process of
its own.
"""

from __future__ import annotations

import ctypes
import glob
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.display import Trial, is_unset
from app.program import ASSETS, CHECKOUT, FROZEN, ROOT

SYSTEM_PACKAGES = Path(__file__).with_name("system_packages.txt")
PIP_INSTALL = f"{sys.executable} -m pip install"
PIP = (
    "Unpack the program's folder anew."
    if FROZEN
    else f"{PIP_INSTALL} -e '{ROOT}[app]'"
    if CHECKOUT
    else f"{PIP_INSTALL} --force-reinstall 'continual-live[app]'"
)
# Wanted for `oad features` alone, without its compiled part: a build that does not fit torch's does no harm.
SPARE = {"torchvision"}
# What a distribution is imported as, where that is not its own name.
MODULES = {"opencv-contrib-python": "cv2", "pyside6-essentials": "PySide6.QtWidgets"}


@dataclass(frozen=True)
class Check:
    """One line of the checklist.

    Attributes
    ----------
    name : str
        What was looked at.
    fine : bool or None
        None: not there, but the program does without (no camera: the demo clip plays).
    detail : str
        What was found, or what is wrong.
    mend : str
        What to do about it.
    """

    name: str
    fine: bool | None
    detail: str
    mend: str = ""


def run() -> int:
    """Print the checklist; returns 0 when all that is needed is there, else 1."""
    sections = {
        "Python": check_python,
        "Libraries": check_libraries,
        "System libraries": check_system_libraries,
        "Display": check_display,
        "Devices": check_devices,
        "Assets": check_assets,
    }
    broken = 0
    for title, section in sections.items():
        print(f"\n{title}")
        for check in section():
            mark = {True: "ok  ", False: "MEND", None: "none"}[check.fine]
            print(f"  {mark}  {check.name}: {check.detail}", flush=True)
            if check.mend:
                print(f"          → {check.mend}")
            broken += check.fine is False
    print(f"\n{broken} to mend: see the arrows above." if broken else "\nAll that is needed is there.")
    return 1 if broken else 0


def check_python() -> Iterator[Check]:
    """The interpreter's version, against what pyproject.toml asks for."""
    lowest = tuple(int(n) for n in re.findall(r"\d+", _project()["requires-python"]))
    fine = sys.version_info >= lowest
    mend = "" if fine else f"Install Python {'.'.join(map(str, lowest))} or newer."
    yield Check("Python", fine, f"{sys.version.split()[0]} ({sys.executable})", mend)


def check_libraries() -> Iterator[Check]:
    """Every dependency of the program: there, of the pinned version, and importable; and one cv2 only."""
    requirements = _project()["dependencies"]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        yield from pool.map(_check_library, requirements)
    builds = sorted(
        name
        for distribution in importlib.metadata.distributions()
        if (name := (distribution.name or "").lower()).startswith("opencv-") and "python" in name
    )
    if len(builds) > 1:  # pip lets them overwrite each other's files
        mend = f"pip uninstall -y {' '.join(builds)}, then: {PIP}"
        yield Check("OpenCV", False, f"more than one build is installed: {', '.join(builds)}", mend)


def _check_library(requirement: str) -> Check:
    name, pin = re.match(r"([\w.-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "not installed", PIP)
    if pin.startswith("==") and version.split("+")[0] != pin[2:]:
        return Check(name, False, f"{version}, expected {pin[2:]}", PIP)
    module = MODULES.get(name.lower(), name.lower().replace("-", "_"))
    problem = _try(f"import {module}")
    if problem:
        fine = None if name in SPARE else False
        # A shared library of the system that it lacks is not mended by another copy of the wheel.
        lacking = [missing for missing in missing_system_packages() if missing[1] in problem]
        again = PIP if FROZEN else f"{PIP_INSTALL} --force-reinstall --no-deps {name}=={version}"
        mend = how_to_install(lacking) or again
        return Check(name, fine, f"{version} cannot be imported: {problem}", mend)
    return Check(name, True, version)


def missing_system_packages() -> list[tuple[str, str, str]]:
    """What ``system_packages.txt`` lists for running and this machine lacks: (package, probe, needed for).

    Other systems than Linux bring these libraries along: nothing is missing there.
    """
    if not sys.platform.startswith("linux"):
        return []
    lines = (line.split() for line in SYSTEM_PACKAGES.read_text("utf-8").splitlines())
    needed = [line for line in lines if line and not line[0].startswith("#") and line[2] != "test"]
    return [(package, probe, need) for package, probe, need in needed if not _is_there(probe)]


def _is_there(probe: str) -> bool:
    if probe.startswith("/"):
        return bool(glob.glob(probe))
    if ".so." not in probe:
        return shutil.which(probe) is not None
    try:
        ctypes.CDLL(probe)
    except OSError:
        return False
    return True


def how_to_install(missing: list[tuple[str, str, str]]) -> str:
    """What to do about packages that `missing_system_packages` lists, "" for none; the names are Debian's."""
    if not missing:
        return ""
    if shutil.which("apt-get"):
        return f"sudo apt-get install {' '.join(package for package, _, _ in missing)}"
    return f"Install what has {', '.join(probe for _, probe, _ in missing)}."


def check_system_libraries() -> Iterator[Check]:
    """The shared libraries that wheels expect of the system."""
    missing = missing_system_packages()
    for lacking in missing:
        package, probe, need = lacking
        yield Check(package, False, f"{probe} is missing (for: {need})", how_to_install([lacking]))
    if not missing:
        yield Check("shared libraries", True, "all there")


def check_display() -> Iterator[Check]:
    """Whether a window can open, tried in a process of its own: Qt ends the process where it cannot."""
    if is_unset():
        detail = "DISPLAY and WAYLAND_DISPLAY are unset: the program runs without a window"
        yield Check("display", None, detail, "Log in at a desktop, or use `ssh -X`, for a window.")
        return
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    # The program removes the Qt variables that cv2 sets; a process that imports no cv2 never has them.
    if problem := Trial().fault():
        mend = "Is DISPLAY right, may you open windows there, are the libraries above complete?"
        yield Check("display", False, f"no window can open: {problem}", mend)
    else:
        yield Check("display", True, f"a window can open ({shown or sys.platform})")


def check_devices() -> Iterator[Check]:
    """Cameras and microphones.  None is no fault: files, URLs and the demo clip work without."""
    try:
        from app.capture import devices
        from app.capture.media import CaptureError
    except ImportError as error:
        yield Check("devices", False, f"cannot be listed: {error}", PIP)
        return
    cameras = devices.cameras()
    for camera in cameras:
        closed = (
            bool(camera.path)
            and os.path.exists(camera.path)
            and not os.access(camera.path, os.R_OK | os.W_OK)
        )
        mend = (
            f"You may not open {camera.path}: sudo usermod -aG video $USER, then log in again."
            if closed
            else ""
        )
        yield Check("camera", not closed, f"{camera.name} ({camera.path or camera.index})", mend)
    if not cameras:
        yield Check("camera", None, "none found", "Plug one in, or give the URL of one: --camera http://…")
    try:
        microphones = devices.microphones()
    except CaptureError as error:
        yield Check("microphone", False, error.cause, error.remedy)
        return
    for microphone in microphones:
        default = ", the default" if microphone.default else ""
        yield Check("microphone", True, f"{microphone.name} ({microphone.rate} Hz{default})")
    if not microphones:
        mend = "Plug one in; on Linux, is the sound server running?"
        yield Check("microphone", None, "none found", mend)


def check_assets() -> Iterator[Check]:
    """Every file of assets/SHA256SUMS: there, and as it was made."""
    sums = ASSETS / "SHA256SUMS"
    if not sums.is_file():
        yield Check("assets/SHA256SUMS", False, "missing", "git checkout -- assets" if CHECKOUT else PIP)
        return
    for line in sums.read_text("utf-8").splitlines():
        expected, name = line.split(maxsplit=1)
        path = ASSETS / name.lstrip("*")
        mend = f"git checkout -- assets/{path.name}" if CHECKOUT else PIP
        if not path.is_file():
            yield Check(path.name, False, "missing", mend)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            yield Check(path.name, False, "not the file that was shipped (its SHA-256 differs)", mend)
        else:
            yield Check(path.name, True, f"{path.stat().st_size / 1e6:.1f} MB, SHA-256 as shipped")


def _project() -> dict:
    """What pyproject.toml asks for, the extra `app` included; once installed, the metadata say the same."""
    if CHECKOUT:
        with (ROOT / "pyproject.toml").open("rb") as file:
            project = tomllib.load(file)["project"]
        needed = project["dependencies"] + project["optional-dependencies"]["app"]
        return {"requires-python": project["requires-python"], "dependencies": needed}
    metadata = importlib.metadata.metadata("continual-live")
    split = [one.partition(";") for one in metadata.get_all("Requires-Dist", [])]
    needed = [
        one.strip() for one, _, extra in split if not extra or re.search("""extra == ["']app["']""", extra)
    ]
    return {"requires-python": metadata["Requires-Python"], "dependencies": needed}


def _try(code: str) -> str:
    """Run Python code in a process of its own; "" when it went well, else why not, in one line."""
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "no answer within 120 s"
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode == 0:
        return ""
    return lines[-1].strip() if lines else f"the process ended with code {done.returncode}"
