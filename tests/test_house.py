"""The house stands: floors import downwards only; the assets are those that were shipped, licensed."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# From the bottom up.  A module may import from its own floor and from those before it.
FLOORS = [
    ("models",),
    ("app.program", "app.outputs", "app.capture"),
    ("app.features",),
    ("app.pipeline", "app.settings", "app.logins", "app.doctor", "app.display"),
    (
        "app.acted",
        "app.staged",
        "app.evaluation",
        "app.film",
        "app.film_poses",
        "app.learning",
        "app.misplaced",
        "app.oad",
        "app.oad_arguments",
        "app.arguments",
        "app.oad_features",
        "app.rendering",
        "app.streams",
        "app.teach",
    ),
    ("app.ui",),
    ("app.windows",),
    ("app.cli",),
    ("app.__main__", "main"),
]
SOURCES = [ROOT / "main.py", *sorted((ROOT / "app").rglob("*.py")), *sorted((ROOT / "models").rglob("*.py"))]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> set[str]:
    """Everything a file imports anywhere in it, as ``package.module`` and ``package.module.name``."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole name instead of a relative import"
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def floor(name: str) -> int | None:
    """Index of the floor a module stands on; None for other people's modules and for ``app`` itself."""
    for k, rooms in enumerate(FLOORS):
        if any(name == room or name.startswith(room + ".") for room in rooms):
            return k
    return None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_upward_import(path: Path) -> None:
    name = module_name(path)
    own = floor(name)
    if own is None:
        assert name == "app", f"{name} stands on no floor: give it one in this test and in the design"
        assert not imports(path)
        return
    upward = {
        imported for imported in imports(path) if (other := floor(imported)) is not None and other > own
    }
    assert not upward, f"{name} imports from above: {sorted(upward)}"
    if own == 0:
        assert not {i for i in imports(path) if i.split(".")[0] == "app"}, f"{name} imports from app"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_qt_only_in_ui_and_no_torch_in_capture(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    if not module_name(path).startswith("app.ui"):
        assert not roots & {"PySide6", "pyqtgraph"}
    if module_name(path).startswith("app.capture"):
        assert not roots & {"torch", "torchvision"}


@pytest.mark.parametrize(
    ("package", "foreign"),
    [
        ("app.capture", "torch"),
        ("app.capture", "PySide6"),
        ("app.pipeline", "PySide6"),
        ("models", "PySide6"),
    ],
)
def test_nothing_foreign_comes_in_by_the_back_door(package: str, foreign: str) -> None:
    """Import every module of a package in a fresh process and look what came along."""
    modules = [module_name(p) for p in SOURCES if module_name(p).startswith(package)]
    code = f"import sys, {', '.join(modules)}; sys.exit({foreign!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or f"{package} brings {foreign}"


def test_main_imports_torch_first() -> None:
    """On Windows torch's libraries fail to load after Qt's."""
    lines = (ROOT / "app" / "__main__.py").read_text("utf-8").splitlines()
    first = {
        word: next(k for k, line in enumerate(lines) if word in line)
        for word in ("import torch", "import cli")
    }
    assert first["import torch"] < first["import cli"]


def test_checksums(assets: Path) -> None:
    """Every asset is listed and is the file that the list means."""
    listed = dict(line.split()[::-1] for line in (assets / "SHA256SUMS").read_text().splitlines())
    shipped = {
        p.name for p in assets.iterdir() if p.is_file() and p.suffix not in (".py", "") and p.name[0] != "."
    }
    assert set(listed) == shipped
    wrong = {n for n, s in listed.items() if hashlib.sha256((assets / n).read_bytes()).hexdigest() != s}
    assert not wrong, f"SHA256SUMS is stale for {sorted(wrong)}: make sums, if the change is meant"


def test_every_asset_has_its_licence(assets: Path) -> None:
    overview = (assets / "licences" / "README.md").read_text("utf-8")
    for line in (assets / "SHA256SUMS").read_text().splitlines():
        name = line.split()[1]
        assert f"`{name}`" in overview
        assert (assets / "licences" / f"{name.partition('.')[0]}.txt").stat().st_size > 80


@pytest.mark.parametrize("path", [p for p in SOURCES if "app" in p.parts], ids=lambda path: path.name)
def test_one_clock_that_is_fine_everywhere(path: Path) -> None:
    """On Windows before Python 3.13 `time.monotonic` goes in steps of 15.6 ms; clocks may not be mixed."""
    assert "time.monotonic" not in path.read_text("utf-8"), "use time.perf_counter"
