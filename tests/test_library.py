"""The library alone: what it exports, and that PyTorch, NumPy and safetensors are all it needs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import models

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# What these distributions bring, besides what bears their own name; and what comes with them.
MODULES = {
    "opencv-contrib-python": "cv2",
    "pyside6-essentials": "PySide6",
    "continual-inference": "continual",
}
BROUGHT = {"scipy", "sklearn", "matplotlib", "llvmlite", "PIL"}

BLOCKED = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {names} else self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Without, sys.meta_path)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def blocked() -> str:
    """Code after which none of the extras' packages is there."""
    extras = [one for extra in ("app", "bench") for one in PROJECT["optional-dependencies"][extra]]
    names = {re.match(r"[\w.-]+", one).group().lower() for one in extras}  # type: ignore[union-attr]
    modules = {MODULES.get(name, name.replace("-", "_")) for name in names}
    return BLOCKED.format(names=sorted(modules | BROUGHT))


def test_three_packages_are_all_the_library_needs(blocked: str) -> None:
    """Every public name, the example of the README, the shipped weights and each way to step them."""
    needed = sorted(re.match(r"\w+", one).group() for one in PROJECT["dependencies"])  # type: ignore[union-attr]
    assert needed == ["numpy", "safetensors", "torch"]
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    example = example.replace("range(200)", "range(66)")  # past the window; test_readme takes them all
    told = run(f"""{blocked}
import models
assert "torch" not in sys.modules  # a version costs no second
for name in models.__all__:
    getattr(models, name)
import numpy as np, torch
model, card = models.load_checkpoint("assets/actions.safetensors")
token = np.zeros((1, model.config["input_size"]), np.float32)
engine = models.fastest(model, steps=3)
state = model.initial_state(1)
assert np.allclose(engine.step(token), model.step(torch.from_numpy(token), state).numpy(), atol=1e-5)
try:
    models.make_engine("onnx", model)
except ImportError as error:
    assert "pip install" in str(error), error
else:
    raise AssertionError("onnx ran without ONNX Runtime")
exec({example!r})
""")
    assert 60 < float(told) < 70


def test_what_is_exported_is_what_type_checkers_are_told() -> None:
    (block,) = (
        node
        for node in ast.parse((ROOT / "models/__init__.py").read_text("utf-8")).body
        if isinstance(node, ast.If)
    )
    told = {(node.module, alias.name) for node in block.body for alias in node.names}  # type: ignore[attr-defined]
    assert told == {(f"models.{room}", name) for room, names in models.EXPORTS.items() for name in names}
    assert set(models.__all__) <= set(dir(models))
    with pytest.raises(AttributeError, match="no attribute 'ContinualTransfomer'"):
        _ = models.ContinualTransfomer


def test_the_program_without_its_extra_says_what_to_install(blocked: str) -> None:
    code = f"{blocked}\nsys.argv[1:] = ['run', 'assets/demo.mp4']\nfrom app.__main__ import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "is not installed. The program needs: pip install -e '.[app]'" in done.stderr
