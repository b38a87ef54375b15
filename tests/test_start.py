"""The start, on machines that lack what a terminal on a desktop has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import doctor
from app.display import Trial

ROOT = Path(__file__).resolve().parents[1]
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux has machines without a screen"
)


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@linux
def test_a_display_is_tried_before_anything_is_opened(no_screen, tmp_path):
    assert "unset" in Trial().fault()
    no_screen.setenv("DISPLAY", ":4711")
    assert Trial().fault() == "could not connect to display :4711"
    (tmp_path / "libEGL.so.1").touch()  # as good as missing
    with no_screen.context() as patch:
        patch.setenv("LD_LIBRARY_PATH", str(tmp_path))
        assert "libEGL.so.1" in Trial().fault()
    no_screen.setenv("QT_QPA_PLATFORM", "offscreen")
    assert Trial().fault() == ""


def test_apt_is_advised_only_where_it_is(monkeypatch):
    lacking = [("libegl1", "libEGL.so.1", "run"), ("libgl1", "libGL.so.1", "run")]
    for found, advice in (
        ("/usr/bin/apt-get", "sudo apt-get install libegl1 libgl1"),
        (None, "Install what has"),
    ):
        monkeypatch.setattr(doctor.shutil, "which", lambda _, found=found: found)
        told = doctor.how_to_install(lacking)
        assert advice in told and ("apt" in told) == bool(found)
    assert "libEGL.so.1, libGL.so.1" in told


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors as a shell does")
def test_a_program_without_standard_streams_starts(tmp_path):
    """As `pythonw` and a desktop's shortcut start it; MediaPipe's words are kept off a stderr that is not."""
    out = tmp_path / "out"
    code = f"""
from app.__main__ import _open_streams
from app.features.follower import _quiet
with _quiet():
    pass
_open_streams()
import os, sys
print("lost"); print("lost", file=sys.stderr)
with open({str(out)!r}, "w") as file:
    assert file.fileno() > 2
    os.write(2, b"a library's words")
    file.write("kept")
"""
    (tmp_path / "start.py").write_text(code)
    command = f"exec '{sys.executable}' '{tmp_path}/start.py' <&- >&- 2>&-"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", command], env=environment, timeout=60)
    assert done.returncode == 0 and out.read_text() == "kept"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_name_can_be_told(tmp_path, encoding):
    """Names of devices and files hold signs, and bytes, that the output's encoding lacks."""
    code = r"""
import sys
from app.__main__ import _open_streams
_open_streams()
print("Caméra ✓ \udcff")
print("Caméra ✓ \udcff", file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stdout == done.stderr == "Caméra ✓ ?\n".encode()


def test_devices_and_doctor_wait_for_no_torch():
    code = (
        "import sys; sys.argv[1:] = ['devices', '--help']; from app.__main__ import main\n"
        "try: main()\nexcept SystemExit: sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 0
