"""What the README shows works."""

from __future__ import annotations

import re
from pathlib import Path

from app.cli import parser

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(code, {})
    assert 60 < float(capsys.readouterr().out) < 70


def test_its_commands_exist():
    named = set(re.findall(r"main\.py ([a-z]+)\b", TEXT))
    (commands,) = (a for a in parser()._subparsers._group_actions if a.choices)  # type: ignore[union-attr]
    assert named and named <= set(commands.choices)


def test_its_files_exist():
    root = Path(__file__).resolve().parents[1]
    for name in set(re.findall(r"`((?:assets|tests|app|models)/[\w./]+)`", TEXT)):
        assert (root / name).exists(), name
    for name in re.findall(r"\]\((assets/[^)]+)\)", TEXT):
        assert (root / name).exists(), name
