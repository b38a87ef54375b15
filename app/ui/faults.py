"""Exceptions that nobody caught: into the log and onto a banner, and the rest goes on."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from app.capture.media import Notice

log = logging.getLogger(__name__)

_QUIET = 10.0  # seconds before the same fault is logged again: a timer's may come thirty times a second
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def log_path() -> Path:
    """Where the log is kept."""
    return Path(platformdirs.user_log_dir("continual-live", appauthor=False)) / "continual-live.log"


class LogFile(RotatingFileHandler):
    """Keeps warnings and errors on disk, for a window has seldom a terminal to tell them to; bounded.

    The file is made with the first line of it.  Where it cannot be, what is told stays on stderr alone.
    """

    def __init__(self) -> None:
        path = log_path()
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True)
        self.setLevel(logging.WARNING)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a disk that refuses is no reason to tell of anything else."""
        with suppress(OSError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """The line is on stderr already."""


class FaultHooks:
    """Python's and Qt's last resorts, taken on ``install`` and given back on ``remove``.

    Parameters
    ----------
    notify : callable
        Takes a `Notice`; called from whatever thread the exception came from.
    """

    def __init__(self, notify: Callable[[Notice], None]) -> None:
        self._notify = notify
        self._logged: dict[str, float] = {}

    def install(self) -> None:
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._slot
        threading.excepthook = self._thread
        sys.unraisablehook = self._unraisable
        self._qt_before = qInstallMessageHandler(self._qt)

    def remove(self) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(self._qt_before)

    def _slot(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            self._before[0](kind, error, trace)
            return
        self._report(kind, error, trace, "the window")

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, SystemExit):
            name = args.thread.name if args.thread is not None else "a thread"
            self._report(args.exc_type, args.exc_value, args.exc_traceback, name)

    def _unraisable(self, args: sys.UnraisableHookArgs) -> None:
        log.error("Ignored in %r", args.object, exc_info=(args.exc_type, args.exc_value, args.exc_traceback))  # type: ignore[arg-type]

    def _report(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, where: str
    ) -> None:
        key = f"fault-{kind.__name__}-{where}"
        now = time.perf_counter()
        if now - self._logged.get(key, -_QUIET) >= _QUIET:
            self._logged[key] = now
            log.error("Uncaught in %s", where, exc_info=(kind, error, trace))  # type: ignore[arg-type]
        message = str(error).splitlines()[0] if str(error or "") else ""
        cause = f"{kind.__name__} in {where}{': ' + message if message else ''}"
        self._notify(Notice(key, cause, "The rest goes on; details are in the log."))

    @staticmethod
    def _qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", message)
