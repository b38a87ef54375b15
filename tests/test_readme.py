"""What the README and the documents show works, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.arguments import parser

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def code(path: Path) -> str:
    """All its blocks of Python, in order: they are one program."""
    return "".join(re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.DOTALL))


def test_the_readme_is_a_front_page() -> None:
    text = README.read_text("utf-8")
    assert len(text.splitlines()) <= 150
    figures = text.partition("## Figures")[2].partition("\n## ")[0]
    assert 3 <= figures.count("\n| ") - 1 <= 10


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(code(README), {})
    assert 60 < float(capsys.readouterr().out) < 70


# Those of serving.md need a graph: tests/test_serving.py runs them.
RUN = [path for path in DOCUMENTS[1:] if code(path) and path.name != "serving.md"]


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.name)
def test_the_documents_examples_run(path: Path) -> None:
    exec(code(path), {})


@every_document
def test_its_commands_exist(path: Path) -> None:
    named = set(re.findall(r"main\.py ([a-z]+)\b", path.read_text("utf-8")))
    (commands,) = (a for a in parser()._subparsers._group_actions if a.choices)  # type: ignore[union-attr]
    assert named <= set(commands.choices)
    assert named or path not in (README, ROOT / "docs" / "using.md")


@every_document
def test_its_files_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    for name in set(re.findall(r"`((?:assets|tests|app|models)/[\w./]+)`", text)):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\]\(((?!https?:|#)[^)#]+)", text):
        assert (path.parent / name).exists(), name
