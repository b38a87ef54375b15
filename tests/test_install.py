"""A normal installation, not the checkout, has all that the program reads, and a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def run(code: str, *arguments: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked as pip does."""
    folder = tmp_path_factory.mktemp("build")
    for name in ("app", "models", "assets"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    try:
        run(BUILD, str(folder), cwd=folder)
    except AssertionError as error:
        if "No module named 'setuptools'" in str(error):
            pytest.skip("setuptools is not installed")
        raise
    (wheel,) = folder.glob("*.whl")
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(site)
    return site


def test_nothing_that_the_program_reads_is_missing(installed: Path) -> None:
    files = subprocess.run(
        ["git", "ls-files", "app", "models", "assets"], cwd=ROOT, capture_output=True, text=True
    )
    if files.returncode:
        pytest.skip("no checkout of git")
    made = ("assets/build", "assets/collect", "assets/render", "assets/demo/")  # they make the assets
    wanted = [name for name in files.stdout.splitlines() if not name.startswith(made)]
    assert len(wanted) > 100 and not [name for name in wanted if not (installed / name).is_file()]


def test_its_command_starts_and_doctor_knows_where_it_is(installed: Path, tmp_path: Path) -> None:
    (entry,) = installed.glob("*.dist-info/entry_points.txt")
    assert "continual-live = app.__main__:main" in entry.read_text()
    site = str(installed)
    told = run("from app import program; print(program.ROOT, program.COMMAND)", cwd=tmp_path, PYTHONPATH=site)
    assert told.split() == [site, "continual-live"]
    code = """
import sys
from app import doctor
checks = [*doctor.check_assets(), *doctor.check_python()]
assert len(checks) > 10 and all(check.fine for check in checks), checks
assert "torch==" in " ".join(doctor._project()["dependencies"]) and "-e" not in doctor.PIP
sys.argv[1:] = ["--help"]
from app.__main__ import main
main()
"""
    assert "usage: continual-live" in run(code, cwd=tmp_path, PYTHONPATH=site)
