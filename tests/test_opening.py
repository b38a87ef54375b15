"""The window that stands there while the models load."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QTimer

from app.settings import Settings
from app.ui.opening import Opening
from tests.devices import PATIENCE


class Made:
    """Stands in for a session: it is only handed on, or closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def opening(qtbot) -> Opening:
    shown = Opening(Settings())
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_it_is_there_while_the_session_is_made_elsewhere(opening: Opening) -> None:
    made, seen = Made(), []

    def make() -> Made:
        seen.append((opening.isVisible(), threading.current_thread() is threading.main_thread()))
        return made

    assert opening.wait(make) is made and not made.closed
    assert seen == [(True, False)]
    assert "loading" in opening.words.text()


def test_who_closes_it_closes_the_session(opening: Opening) -> None:
    made, closed = Made(), threading.Event()

    def close() -> None:
        opening.close()
        closed.set()

    def make() -> Made:
        assert closed.wait(PATIENCE)
        return made

    QTimer.singleShot(0, close)
    assert opening.wait(make) is None and made.closed


def test_a_fault_is_the_callers(opening: Opening) -> None:
    def make() -> Made:
        raise OSError("no weights")

    with pytest.raises(OSError, match="no weights"):
        opening.wait(make)
