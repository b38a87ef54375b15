"""The window: shows a session's state and passes on what the user asks for.  This folder alone imports Qt."""

from __future__ import annotations

import gc
import locale
import logging
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import settings as store
from app.program import ASSETS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.logins import Logins
    from app.pipeline.fleet import Fleet
    from app.pipeline.session import Session
    from app.ui.grid_window import GridWindow
    from app.ui.main_window import MainWindow

# Seconds after which a thread that computes in Python lets another have its turn.  Python's own 5 ms would be
# a third of a paint, each time that the window waits for a worker.
_TURN = 0.001
_SEEN_MS = 800  # that the window stands as it is before it explains itself
_ENDS = (signal.SIGINT, signal.SIGTERM)  # that close the window as its user would

log = logging.getLogger(__name__)


def application() -> QApplication:
    """The one application of Qt, made if need be."""
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    # Qt lets C write numbers as the user does: "0.5" read by a library would be 0 where a comma is written.
    locale.setlocale(locale.LC_NUMERIC, "C")
    return app


def run(
    session: Session | Fleet | Callable[[], Session | Fleet],
    *,
    settings: store.Settings | None = None,
    logins: Logins | None = None,
    screenshot: Path | None = None,
    after: float = 8.0,
    size: tuple[int, int] | None = None,
    begun: Callable[[Any], None] | None = None,
    tour: bool = False,
) -> int:
    """Open the window on a session and return when it is closed.

    Parameters
    ----------
    session : Session or Fleet, or a callable that makes it
        With its sources opened; it is closed with the window.  What takes long is made on another thread,
        while a window already says so.
    settings : Settings, optional
        Last time's choices, by default those on disk; saved at the end.
    logins : Logins, optional
        Those of network cameras, by default those on disk.
    screenshot : Path, optional
        Save a picture of the window ``after`` seconds, then quit.
    size : (width, height), optional
        Instead of last time's.
    begun : callable, optional
        Called with the window once it is shown.
    tour : bool
        Whether who has not seen the tour is shown around.

    Returns
    -------
    int
        The exit status: 1 when the screenshot could not be saved.
    """
    # Imported here, after the caller's torch (Windows wants that order) and only when a window is asked for.
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QIcon

    from app.ui import theme, words
    from app.ui.faults import FaultHooks, LogFile

    chosen = store.load() if settings is None else settings
    app = application()
    app.setApplicationName("Continual Live")
    app.setWindowIcon(QIcon(str(ASSETS / "icon.png")))
    app.setStyle("Fusion")
    theme.set_scheme(chosen.theme)
    words.install(chosen.language)
    log_file = LogFile()
    logging.getLogger().addHandler(log_file)
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    # An exception raised in a slot would be printed and forgotten, and the window would stay.
    ended = {sent: signal.signal(sent, lambda *_: app.closeAllWindows()) for sent in _ENDS}
    status = 0
    opening = hooks = None
    try:
        if callable(session):
            from app.ui.opening import Opening

            theme.apply(theme.current())
            opening = Opening(chosen)
            opening.show()
            gc.disable()  # as below: the session is made on another thread
            if (made := opening.wait(session)) is None:
                return 0
            session = made
        hooks = FaultHooks(session.notify)
        hooks.install()
        window: Any = _window_of(session, chosen, logins)
        if size is not None:
            window.resize(*size)
        window.show()
        if opening is not None:
            opening.close()
        # A cyclic collection on a worker's thread may destroy a Qt object there, which crashes: the collector
        # is off, and the window's timer collects.  What start-up made is frozen so that this stays quick.
        gc.collect()
        gc.freeze()
        gc.disable()
        # Only now, for it keeps a core busy.  No daemon: a compiler whose thread is cut off at the end of the
        # process aborts it, so the process waits for it, some seconds at most, when the window has gone.
        threading.Thread(target=session.hasten, name="hasten").start()
        if begun is not None:
            begun(window)
        if tour and not chosen.toured:
            QTimer.singleShot(_SEEN_MS, window, window.dialogs.start_tour)
        if screenshot is not None:

            def shoot() -> None:
                nonlocal status
                if not window.grab().save(str(screenshot)):
                    log.error("The screenshot could not be saved to %s", screenshot)
                    status = 1
                window.close()

            QTimer.singleShot(round(after * 1000), window, shoot)
        code = app.exec()
        if settings is None:
            store.save(chosen)
        return code or status
    finally:
        sys.setswitchinterval(turn)
        gc.enable()
        gc.unfreeze()
        if hooks is not None:
            hooks.remove()
        logging.getLogger().removeHandler(log_file)
        log_file.close()
        for sent, handler in ended.items():
            signal.signal(sent, handler)


def _window_of(
    shown: Session | Fleet, settings: store.Settings, logins: Logins | None
) -> MainWindow | GridWindow:
    from app.pipeline.fleet import Fleet

    if isinstance(shown, Fleet):
        from app.ui.grid_window import GridWindow

        return GridWindow(shown, settings)
    from app.ui.main_window import MainWindow

    return MainWindow(shown, settings, logins)
