"""doctor finds what is broken, says how to mend it, and needs nothing itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import doctor

ROOT = Path(__file__).resolve().parents[1]


def run_doctor(root: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from app import doctor; sys.exit(doctor.run())"
    command = [sys.executable, *flags, "-c", code]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=200, env=os.environ | environment
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program that a test may break."""
    for folder in ("app", "assets"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "demo")
        )
    for file in ("pyproject.toml", "main.py"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def test_a_sound_machine_passes() -> None:
    done = run_doctor(ROOT)
    assert done.returncode == 0, done.stdout
    assert "MEND" not in done.stdout and "All that is needed is there." in done.stdout
    for name in ("torch", "mediapipe", "av", "sounddevice", "PySide6-Essentials", "demo.mp4"):
        assert f"  ok    {name}: " in done.stdout


def test_works_where_no_library_is_installed(copy: Path) -> None:
    """Without site-packages none can be imported; the checklist still comes, and says how to mend."""
    done = run_doctor(copy, "-S", PYTHONNOUSERSITE="1", PYTHONPATH=str(copy))
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "MEND  torch: not installed" in done.stdout
    assert "pip install -e" in done.stdout
    assert "ok    demo.mp4" in done.stdout


def test_broken_assets_are_found(copy: Path) -> None:
    (copy / "assets" / "demo.json").unlink()
    weights = copy / "assets" / "musicnn.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    done = run_doctor(copy, "-S", PYTHONPATH=str(copy))
    assert "MEND  demo.json: missing" in done.stdout
    assert "MEND  musicnn.safetensors: not the file that was shipped" in done.stdout
    assert "git checkout -- assets/demo.json" in done.stdout


def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("system libraries are checked on Linux")
    listing = tmp_path / "system_packages.txt"
    listing.write_text(
        "# comment\nlibnothing7 libnothing.so.7 window\nlibc6 libc.so.6 run\nnotool no-such-tool test\n"
    )
    monkeypatch.setattr(doctor, "SYSTEM_PACKAGES", listing)
    assert doctor.missing_system_packages() == [("libnothing7", "libnothing.so.7", "window")]
    (check,) = doctor.check_system_libraries()
    assert check.fine is False and "libnothing.so.7" in check.detail and check.mend


def test_a_display_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    (check,) = doctor.check_display()
    assert check.fine is False and "DISPLAY" in check.mend


def test_no_display_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    (check,) = doctor.check_display()
    assert check.fine is (None if sys.platform.startswith("linux") else True)
