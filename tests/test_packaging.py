"""The frozen program: what its specification takes in and leaves out; it is built by hand."""

from __future__ import annotations

import os
import plistlib
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_house import SOURCES, module_name

ROOT = Path(__file__).resolve().parents[1]
CONTENTS = runpy.run_path(str(ROOT / "packaging" / "contents.py"))


def test_all_that_the_program_reads_is_taken_in() -> None:
    taken = {
        str(file.relative_to(ROOT))
        for file, folder in CONTENTS["data_files"]()
        if file.parent == ROOT / folder
    }
    files = subprocess.run(
        ["git", "ls-files", "app", "models", "assets"], cwd=ROOT, capture_output=True, text=True
    )
    if files.returncode:
        pytest.skip("no checkout of git")
    wanted = {one for one in files.stdout.splitlines() if not one.endswith((".py", "py.typed"))}
    assert len(wanted) > 25 and {one for one in wanted if not one.startswith("assets/demo/")} <= taken


def test_nothing_that_is_left_out_is_imported() -> None:
    """Import all of the program where what is excluded cannot be imported."""
    modules = [module_name(path) for path in SOURCES if path.name != "__main__.py"]
    code = f"""
import importlib, sys
sys.modules |= dict.fromkeys({CONTENTS["EXCLUDED"]!r})
for module in {modules}:
    importlib.import_module(module)
"""
    # pyqtgraph takes a binding that stands in sys.modules, kept out or not, for the one in use
    environment = os.environ | {"PYQTGRAPH_QT_LIB": "PySide6"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["-c", "import sys; print(sys.argv[1:])", "a", "-c"],
        ["-B", "-X", "utf8", "-m", "print_arguments", "a", "-c"],
    ],
)
def test_its_own_processes_are_python_as_they_expect(tmp_path, arguments) -> None:
    (tmp_path / "print_arguments.py").write_text("import sys; print(sys.argv[1:])")
    start = ["-P", str(ROOT / "packaging" / "start.py")]
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "['a', '-c']\n", done.stderr


def test_macos_is_asked_for_camera_and_microphone() -> None:
    entitlements = plistlib.loads((ROOT / "packaging" / "macos.entitlements").read_bytes())
    asked = {key.rpartition(".")[2] for key, value in entitlements.items() if value}
    assert {"camera", "audio-input"} <= asked
    spec = (ROOT / "packaging" / "continual-live.spec").read_text("utf-8")
    compile(spec, "continual-live.spec", "exec")
    assert "NSCameraUsageDescription" in spec and "NSMicrophoneUsageDescription" in spec
