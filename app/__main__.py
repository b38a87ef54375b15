"""The start: `continual-live`, ``python -m app`` and ``python main.py`` come here."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
from typing import TextIO

# On Windows torch's libraries fail to load after Qt's, so torch comes first; these two need neither.
_WITHOUT_TORCH = ("doctor", "devices")


def main() -> int:
    """Run the command line; returns the exit code."""
    _open_streams()
    _have_home()
    if sys.argv[1:2] not in [[command] for command in _WITHOUT_TORCH]:
        try:
            import torch  # noqa: F401
        except (ImportError, OSError) as error:  # OSError: Windows, a library that torch needs is missing
            from app.program import COMMAND

            sys.exit(f"PyTorch cannot be imported ({error}). `{COMMAND} doctor` says how to mend it.")
    try:
        from app import cli

        code = cli.main()
        sys.stdout.flush()
        return code
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.ENOSPC):
            raise
        # What is still to be written would fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:  # whoever read has had enough, as `head` has
            return 0
        print(f"Writing stopped: {error.strerror}. What was written before stays.", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:  # installed as the library alone
        from app.program import COMMAND, INSTALL

        missing = str(error.name).partition(".")[0]
        if missing in ("app", "models"):
            raise
        sys.exit(
            f"{missing} is not installed. The program needs: {INSTALL}; `{COMMAND} doctor` lists what lacks."
        )


def _open_streams() -> None:
    """Let there be three standard streams, and let any text be written to them.

    A program that a desktop starts may have none: then the next file would get their number, and whatever a
    library tells on stderr.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdout, sys.stderr = _writable(sys.stdout), _writable(sys.stderr)


def _have_home() -> None:
    """Give a user without a home, or without one to write to, a place for what libraries insist on keeping.

    Without a home platformdirs raises, and Numba where it finds no place for what it compiles.
    """
    if not os.path.isabs(os.environ.get("HOME", os.sep)):
        del os.environ["HOME"]  # the list of users may know better
    home = os.path.expanduser("~")
    if os.path.isabs(home) and os.access(home, os.W_OK):
        return
    place = _own_temporary_folder()
    os.environ.setdefault("NUMBA_CACHE_DIR", place)
    os.environ.setdefault("MPLCONFIGDIR", place)
    if not os.path.isabs(home):
        os.environ["HOME"] = place


def _own_temporary_folder() -> str:
    """The same at the next start, for compiling takes long; another one where somebody else has made it."""
    if hasattr(os, "getuid"):
        place = os.path.join(tempfile.gettempdir(), f"continual-live-{os.getuid()}")
        with contextlib.suppress(OSError):
            os.makedirs(place, mode=0o700, exist_ok=True)
            found = os.lstat(place)
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
                return place
    return tempfile.mkdtemp(prefix="continual-live-")


def _writable(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if hasattr(stream, "reconfigure"):  # a terminal knows its own encoding, a file and a pipe are UTF-8
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    return stream


if __name__ == "__main__":
    sys.exit(main())
