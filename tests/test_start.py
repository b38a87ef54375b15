"""The start, on machines that lack what a terminal on a desktop has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import __main__ as start
from app import doctor
from app.display import Trial
from tests.devices import PATIENCE

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
    done = subprocess.run(["sh", "-c", command], env=environment, timeout=PATIENCE)
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
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 0


def test_a_start_loads_neither_a_compiler_nor_plots():
    """Together they took two seconds, of the three from PyTorch to the first picture."""
    code = """
import sys
from app.pipeline.tasks import load_actions
load_actions()[0].close()
assert not {"torch._dynamo", "matplotlib.figure"} & sys.modules.keys()
import matplotlib.pyplot as plt
assert plt.figure and "matplotlib.figure" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


@linux
def test_a_wheel_that_lacks_a_library_of_the_system_is_not_what_is_mended(monkeypatch):
    fault = "ImportError: libEGL.so.1: cannot open shared object file"
    monkeypatch.setattr(doctor, "_try", lambda _: fault)
    monkeypatch.setattr(doctor, "missing_system_packages", lambda: [("libegl1", "libEGL.so.1", "run")])
    assert "EGL" in doctor._check_library("numpy>=2").mend.replace("libegl1", "libEGL")
    monkeypatch.setattr(doctor, "missing_system_packages", list)
    assert "--force-reinstall" in doctor._check_library("numpy>=2").mend


@pytest.mark.skipif(os.name != "posix", reason="homes as on Unix")
def test_a_user_without_a_home_gets_a_place_of_his_own(monkeypatch, tmp_path):
    """Without a home platformdirs raises, and Numba where it finds no place for what it compiles."""
    wanted = ("NUMBA_CACHE_DIR", "MPLCONFIGDIR")

    def places(home: str | None, known: str | None = None) -> list[str | None]:
        with monkeypatch.context() as patch:
            for name in wanted:
                patch.delenv(name, raising=False)
            patch.delenv("HOME") if home is None else patch.setenv("HOME", home)
            patch.setattr(start.tempfile, "gettempdir", lambda: str(tmp_path))
            if known is not None:  # what the list of users says
                patch.setattr(start.os.path, "expanduser", lambda _: known)
            start._have_home()
            found = [os.environ.get(name) for name in ("HOME", *wanted)]
            for name in wanted:
                os.environ.pop(name, None)
        return found

    mine = str(tmp_path / f"continual-live-{os.getuid()}")
    (tmp_path / "home").mkdir()
    assert places(str(tmp_path / "home")) == [str(tmp_path / "home"), None, None]
    assert places("/nonexistent") == ["/nonexistent", mine, mine]
    assert os.stat(mine).st_mode & 0o777 == 0o700
    for home in (None, "", "relative"):
        assert places(home, known="~") == [mine, mine, mine]
    os.chmod(mine, 0o777)  # somebody else could have put something there
    other = places("/nonexistent")[1]
    assert other != mine and os.stat(other).st_mode & 0o777 == 0o700
    os.rmdir(other)


@linux
def test_numbers_are_read_alike_where_a_comma_is_written(tmp_path):
    """Qt takes the user's locale for all of C, and so for every library that reads a "0.5"."""
    german = tmp_path / "de_DE"
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", german]
    made = subprocess.run(command, capture_output=True)
    if not german.is_dir():
        pytest.skip(f"no such locale can be made: {made.stderr.decode()}")
    code = """
import ctypes, locale
strtod = ctypes.CDLL(None).strtod
strtod.restype = ctypes.c_double
from PySide6.QtWidgets import QApplication
QApplication([])
assert strtod(b"0.5", None) == 0.0, "the locale has no comma"
from app import ui
ui.application()
assert strtod(b"0.5", None) == 0.5
"""
    environment = {"LOCPATH": str(tmp_path), "LC_ALL": "de_DE", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | environment, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no disk that is always full")
@pytest.mark.parametrize(("target", "expected"), [("| true", 0), ("> /dev/full", 2)])
def test_a_reader_that_left_and_a_full_disk_end_a_command_in_peace(target, expected):
    script = f"set -o pipefail; '{sys.executable}' main.py devices --json {target}"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == expected
    told = [line for line in done.stderr.splitlines() if line]
    assert len(told) == (expected != 0) and all("No space left" in line for line in told)
