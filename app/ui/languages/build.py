"""Gathers what the window says for translators, and makes of their work what Qt loads.

    python -m app.ui.languages.build

writes ``template.ts`` anew from the code, brings every ``xx.ts`` beside it up to date (what is new stands
there unfinished, what is gone is taken out) and compiles it to ``xx.qm``.  For another language copy the
template to ``xx.ts``, translate it with Qt Linguist (``pyside6-linguist``), run this, and name it in
``words.LANGUAGES``.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from app.ui.words import CONTEXT, FOLDER

UI = FOLDER.parent
_MARKERS = ("tr", "later")


def texts() -> dict[str, list[str]]:
    """Every text that stands in ``tr("…")`` or ``later("…")``, and the files where it does.

    Raises
    ------
    ValueError
        If an f-string is given to one of them: no translator could see what comes out of it.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(UI.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id not in _MARKERS:
                continue
            text = node.args[0]
            if isinstance(text, ast.JoinedStr):
                raise ValueError(f"{path.name}:{text.lineno}: an f-string is translated, expected braces")
            if isinstance(text, ast.Constant) and path.name not in found.setdefault(str(text.value), []):
                found[str(text.value)].append(path.name)
    return dict(sorted(found.items()))


def placeholders(text: str) -> list[str]:
    """The names in braces, sorted."""
    return sorted(re.findall(r"{(\w+)}", text))


def read(path: Path) -> dict[str, str]:
    """What a ``.ts`` file says for each text; "" where it is unfinished."""
    said = {}
    for message in ElementTree.parse(path).getroot().iter("message"):
        translation = message.find("translation")
        done = translation is not None and translation.get("type") != "unfinished"
        said[message.findtext("source", "")] = (
            (translation.text or "") if done and translation is not None else ""
        )
    return said


def write(path: Path, language: str, said: dict[str, str]) -> None:
    """Write a ``.ts`` file; ``said`` has a translation, or "", for every text."""
    where = texts()
    root = ElementTree.Element("TS", version="2.1", sourcelanguage="en")
    if language:
        root.set("language", language)
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for text, translation in said.items():
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "source").text = text
        ElementTree.SubElement(message, "extracomment").text = ", ".join(where[text])
        into = ElementTree.SubElement(message, "translation")
        if translation:
            into.text = translation
        else:
            into.set("type", "unfinished")
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, "unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', "utf-8")


def main() -> int:
    """Write the template, the languages and what Qt loads of them."""
    gathered = texts()
    write(FOLDER / "template.ts", "", dict.fromkeys(gathered, ""))
    for path in sorted(FOLDER.glob("??.ts")):
        before = read(path)
        write(path, path.stem, {text: before.get(text, "") for text in gathered})
        open_ = sum(not said for said in read(path).values())
        print(f"{path.name}: {len(gathered) - open_} of {len(gathered)} texts translated")
        tool = Path(sys.executable).with_name("pyside6-lrelease")
        subprocess.run([str(tool), "-silent", str(path), "-qm", str(path.with_suffix(".qm"))], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
