"""The one way to paint: the painter always ends, and a fault in the paint is told once and ends nothing.

Qt crashes the process where a painter outlives its paint, as one does that an exception's traceback holds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPaintDevice, QPainter

# Kinds of what paints and of its exceptions: a paint comes thirty times a second.
_told: set[tuple[type, type]] = set()


@contextmanager
def painting(target: QPaintDevice) -> Iterator[QPainter]:
    """A painter on a widget or a pixmap, ended however the block ends.

    An exception in the block goes to ``sys.excepthook`` the first time that its kind comes from this kind of
    target, and no further: what was painted by then stands.
    """
    painter = QPainter(target)
    try:
        yield painter
    except Exception as error:
        painter.end()  # before anything is told: the traceback holds the painter
        key = type(target), type(error)
        if key not in _told:
            _told.add(key)
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        painter.end()
