"""What the window says, in the user's language: English in the code, others from `languages`."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

log = logging.getLogger(__name__)

FOLDER = Path(__file__).with_name("languages")
CONTEXT = "window"
LANGUAGES = {"en": "English", "de": "Deutsch"}  # each in its own words

_installed: list[QTranslator] = []


def tr(text: str, **values: object) -> str:
    """A text in the user's language.

    Parameters
    ----------
    text : str
        English, as it stands in ``languages/template.ts``; a literal, for the template is made of those.
    **values
        What takes the place of the names in braces.
    """
    said = QCoreApplication.translate(CONTEXT, text)
    return said.format(**values) if values else said


def later(text: str) -> str:
    """Mark a text that `tr` gets later, where no language is chosen yet: a constant of a module."""
    return text


def install(language: str) -> str:
    """Speak a language from now on; what was said before stays as it was.

    Parameters
    ----------
    language : {"system", "en", "de"}

    Returns
    -------
    str
        The language that is spoken: English where there is no other.
    """
    for translator in _installed:
        QCoreApplication.removeTranslator(translator)
    _installed.clear()
    code = QLocale.system().name().partition("_")[0] if language == "system" else language
    if code not in LANGUAGES or code == "en":
        return "en"
    translator = QTranslator()
    if not translator.load(str(FOLDER / f"{code}.qm")):
        log.warning("The language %s cannot be read from %s: English it is", code, FOLDER)
        return "en"
    QCoreApplication.installTranslator(translator)
    _installed.append(translator)
    return code
