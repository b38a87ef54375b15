"""The start: `continual-live`, ``python -m app`` and ``python main.py`` come here."""

from __future__ import annotations

import os
import sys
from typing import TextIO

# On Windows torch's libraries fail to load after Qt's, so torch comes first; these two need neither.
_WITHOUT_TORCH = ("doctor", "devices")


def main() -> int:
    """Run the command line; returns the exit code."""
    _open_streams()
    if sys.argv[1:2] not in [[command] for command in _WITHOUT_TORCH]:
        try:
            import torch  # noqa: F401
        except (ImportError, OSError) as error:  # OSError: Windows, a library that torch needs is missing
            from app.program import COMMAND

            sys.exit(f"PyTorch cannot be imported ({error}). `{COMMAND} doctor` says how to mend it.")
    from app import cli

    return cli.main()


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


def _writable(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if hasattr(stream, "reconfigure"):  # a terminal knows its own encoding, a file and a pipe are UTF-8
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    return stream


if __name__ == "__main__":
    sys.exit(main())
