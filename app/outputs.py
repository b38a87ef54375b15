"""Files that a command writes: refused before the work is done, and whole or not there after it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def check_writable(*paths: Path | None) -> None:
    """See that these files, None for no file, can be written, and leave them as they are.

    Raises
    ------
    OSError
        If one cannot; says why.
    """
    for path in paths:
        if path is None or path == Path("-"):
            continue
        try:
            part = _aside(path)
            if part is None:
                os.close(os.open(path, os.O_WRONLY))
            else:
                os.close(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600))
                part.unlink()
        except OSError as error:
            raise type(error)(
                f"{path} cannot be written: {error.strerror}. Name a file in a folder where you may write."
            ) from error


@contextmanager
def whole(path: Path, mode: int = 0o666) -> Iterator[TextIO]:
    """A text file that takes the place of ``path`` when it is complete, and leaves that alone otherwise.

    Parameters
    ----------
    mode : int
        Who may read and write it, less the user's mask.
    """
    part = _aside(path)
    if part is None:  # a pipe or a terminal
        with path.open("w", encoding="utf-8") as out:
            yield out
        return
    part.unlink(missing_ok=True)  # its mode is given when it is made
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
            yield out
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _aside(path: Path) -> Path | None:
    """Where to write until it is complete; None for what is no file to be replaced."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    return None if path.exists() and not path.is_file() else path.with_name(path.name + ".part")
