"""Where a run's words and predictions go: whole lines, in one order, and what became of the writing."""

from __future__ import annotations

import errno
import io
import json
import math
import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tqdm import tqdm

from app.capture.media import Notice
from app.pipeline.recorder import InOrder, as_row
from app.pipeline.state import Prediction, TaskInfo

FINE, FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130  # exit codes; the last as a shell reports Ctrl-C
MOST = 100  # notices kept for the summary: a file may have thousands of gaps
_CLOSED = (errno.EPIPE, errno.ESHUTDOWN, errno.EINVAL)  # what writing to a reader that has left raises


class Lines:
    """Writes whole lines and nothing else, at once: a reader never meets half of one.

    Parameters
    ----------
    out : binary file, unbuffered, or None
        None writes nowhere.
    encoding : str
        What it lacks becomes a question mark.

    Attributes
    ----------
    error : OSError or None
        Why writing failed.  What was written of the last line was cut off again, where ``out`` is a file.
    closed : bool
        Whether the reader has left.
    """

    def __init__(self, out: BinaryIO | None, encoding: str = "utf-8") -> None:
        self._out = out
        self._encoding = encoding
        self.error: OSError | None = None
        self.closed = False

    @classmethod
    def to(cls, path: Path | None, binary: bool) -> Lines:
        """Write into a file; for None or ``-`` to standard output, in its encoding unless ``binary``.

        Raises
        ------
        OSError
            If ``path`` cannot be written.
        """
        if path is not None and path != Path("-"):
            return cls(path.open("wb", buffering=0))
        out, encoding = _standard_output()
        return cls(out, "utf-8" if binary else encoding)

    def write(self, line: str) -> None:
        """Write a line; after a failure nothing is written any more."""
        if self._out is None or self.error is not None or self.closed:
            return
        rest = memoryview((line + "\n").encode(self._encoding, "replace"))
        whole = len(rest)
        try:
            while rest:
                count = self._out.write(rest)
                if count is None:  # not ready
                    time.sleep(0.01)
                rest = rest[count or 0 :]
        except OSError as error:
            self.closed = error.errno in _CLOSED and not _is_file(self._out)
            self.error = None if self.closed else error
            self._cut_off(whole - len(rest))

    def close(self) -> None:
        """Close a file; standard output stays open."""
        if self._out is not None and _is_file(self._out) and self._out is not _standard_output()[0]:
            with suppress(OSError):
                self._out.close()

    def _cut_off(self, part: int) -> None:
        """Take back what was written of a line."""
        assert self._out is not None
        with suppress(OSError):
            if part and _is_file(self._out):
                size = os.fstat(self._out.fileno()).st_size
                os.truncate(self._out.fileno(), max(0, size - part))


@dataclass(frozen=True)
class Told:
    """What a run says, kept for whoever passes it on: one of many runs, see `app.pipeline.many`.

    Attributes
    ----------
    name : str
        Of the file, with which each JSON line begins.
    lines : BytesIO
        What would go to the output.
    words : list of str
        What would go to standard error.
    """

    name: str
    lines: io.BytesIO = field(default_factory=io.BytesIO)
    words: list[str] = field(default_factory=list)


class Output:
    """All that a run says: predictions in the order of media time, a summary, and the exit code.

    Any thread may call.

    Parameters
    ----------
    path : Path or None
        Where JSON lines go, ``-`` for standard output; None tells each change of an answer in words there.
    told : Told, optional
        Keeps all of it instead; then ``path`` only says whether it is JSON.

    Raises
    ------
    OSError
        If ``path`` cannot be written.
    """

    def __init__(self, path: Path | None, told: Told | None = None) -> None:
        self._json = path is not None
        self._say = say if told is None else told.words.append
        self._head = {} if told is None else {"file": told.name}
        self._lines = Lines.to(path, self._json) if told is None else Lines(told.lines)
        self._to_terminal = told is None and path in (None, Path("-"))
        self._lock = threading.Lock()
        self._notices: dict[str, dict[tuple[str, str], Notice]] = {"error": {}, "warning": {}, "info": {}}
        self._told: dict[str, str] = {}
        self._tasks: dict[str, TaskInfo] = {}
        self._order: InOrder | None = None

    def begin(self, tasks: dict[str, TaskInfo]) -> None:
        """Expect predictions of these tasks."""
        self._tasks = tasks
        self._order = InOrder(tasks, self._json_line if self._json else self._words)

    # ---- what a session calls -----------------------------------------------------------------------------

    def prediction(self, prediction: Prediction) -> None:
        """Take a prediction."""
        if self._order is not None:
            self._order.add(prediction)

    def progress(self, task: str, time: float) -> None:
        """No prediction of ``task`` before media time ``time`` follows."""
        if self._order is not None:
            self._order.reach(task, time)

    def task_ended(self, task: str) -> None:
        """No prediction of ``task`` follows."""
        if self._order is not None:
            self._order.end(task)

    def notice(self, notice: Notice) -> None:
        """Keep a notice for the end."""
        with self._lock:
            kept = self._notices.get(notice.level, {})
            if len(kept) < MOST:
                kept.setdefault((notice.cause, notice.remedy), notice)

    # ---- the end ------------------------------------------------------------------------------------------

    @property
    def stopped(self) -> bool:
        """Whether nothing more can be written."""
        return self._lines.closed or self._lines.error is not None

    def causes(self, level: str) -> list[str]:
        """What the notices of a level say."""
        with self._lock:
            return [notice.cause for notice in self._notices[level].values()]

    def finish(self, summary: dict[str, Any], words: Callable[[dict[str, Any]], str]) -> int:
        """Write the summary, say what is to be said, and return the exit code.

        Parameters
        ----------
        summary : dict
            The last line of JSON; ``interrupted`` and ``truncated`` count for the exit code.
        words : callable
            Puts the summary into words.
        """
        if self._order is not None:
            self._order.end_all()
        if self._json:
            self._write_json({"summary": summary})
        self._lines.close()
        if self._lines.closed:
            return FINE  # whoever read has had enough
        if self._lines.error is not None:
            why = self._lines.error.strerror
            self._say(f"Writing stopped: {why}. What was written before stays, in whole lines.")
            return BAD_INPUT
        self._say(words(summary))
        with self._lock:
            for notice in [one for level in self._notices.values() for one in level.values()]:
                self._say(f"{notice.cause} {notice.remedy}".strip())
        if summary["interrupted"]:
            return INTERRUPTED
        return FAULT if self._notices["error"] or summary["truncated"] else FINE

    # ---- lines --------------------------------------------------------------------------------------------

    def _json_line(self, prediction: Prediction) -> None:
        self._write_json(as_row(prediction, self._tasks[prediction.task]))

    def _write_json(self, row: dict[str, Any]) -> None:
        self._write(as_json(self._head | row))

    def _words(self, prediction: Prediction) -> None:
        if self._told.get(prediction.task) == prediction.label:
            return
        self._told[prediction.task] = prediction.label
        probability = f"{prediction.confidence:.2f}" if prediction.confident else ""
        line = f"{prediction.time:8.1f} s  {prediction.task:8} {prediction.label:16} {probability}"
        self._write(line.rstrip())

    def _write(self, line: str) -> None:
        with self._apart():
            self._lines.write(line)

    def _apart(self) -> AbstractContextManager[Any]:
        """Keep a progress bar on the same terminal out of the way."""
        return tqdm.external_write_mode(file=sys.stdout) if self._to_terminal else nullcontext()


def say(text: str) -> None:
    """Print to standard error, with replacements for what it cannot show; without one, nowhere."""
    if sys.stderr is not None:
        with suppress(OSError):
            encoding = sys.stderr.encoding or "utf-8"
            print(text.encode(encoding, "replace").decode(encoding, "replace"), file=sys.stderr)


def _standard_output() -> tuple[BinaryIO | None, str]:
    """Standard output without a buffer of ours, and its encoding."""
    if sys.stdout is None:
        return None, "utf-8"
    with suppress(OSError):
        sys.stdout.flush()
    buffer = sys.stdout.buffer
    return getattr(buffer, "raw", buffer), sys.stdout.encoding or "utf-8"


def _is_file(out: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(out.fileno()).st_mode)
    except OSError:
        return False


def as_json(row: dict[str, Any]) -> str:
    """A line of JSON."""
    return json.dumps(_finite(row), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
