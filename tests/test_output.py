"""What `run` writes, and how it ends, whatever becomes of the writing."""

from __future__ import annotations

import json
import os
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.capture.media import Notice
from app.pipeline.output import BAD_INPUT, FAULT, FINE, INTERRUPTED, MOST, Lines, Output
from app.pipeline.state import TaskInfo
from tests.test_recorder import prediction

TASKS = {"actions": TaskInfo("actions", ("a", "b", "c"), 15.0, 64, 0.4, {}, {})}
SUMMARY = {"file": "film.mp4", "interrupted": False, "truncated": ""}


def words(summary: dict) -> str:
    return f"all of {summary['file']}"


@contextmanager
def full_at(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a full disk."""
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def output_to(path: Path) -> Output:
    made = Output(path)
    made.begin(TASKS)
    return made


def test_lines_and_the_summary(tmp_path, capsys):
    output = output_to(tmp_path / "out.jsonl")
    for tick in range(3):
        output.prediction(prediction("actions", tick, 15.0))
    assert output.finish(SUMMARY | {"ratio": float("nan"), "name": "caf\udce9"}, words) == FINE
    *rows, last = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [row["tick"] for row in rows] == [0, 1, 2]
    assert last["summary"]["ratio"] is None and last["summary"]["name"] == "caf?"
    assert capsys.readouterr().err == "all of film.mp4\n"


@pytest.mark.parametrize("room", [1, 300, 1000, 1001, 1500])
def test_a_full_disk_leaves_whole_lines_and_one_of_its_own(tmp_path, capsys, room):
    path = tmp_path / "out.jsonl"
    output = output_to(path)
    with full_at(room):
        for tick in range(20):
            output.prediction(prediction("actions", tick, 15.0))
        assert output.stopped
        assert output.finish(SUMMARY, words) == BAD_INPUT
    written = path.read_bytes()
    assert len(written) <= room and written[-1:] in (b"", b"\n")
    ticks = [json.loads(line)["tick"] for line in written.splitlines()]
    assert ticks == list(range(len(ticks)))
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("Writing stopped: File too large.")


def test_a_full_device_is_told_too(capsys):
    output = output_to(Path("/dev/full"))
    output.prediction(prediction("actions", 0, 15.0))
    assert output.finish(SUMMARY, words) == BAD_INPUT
    assert "No space left on device" in capsys.readouterr().err


def test_what_was_there_before_stays_on_a_full_disk(tmp_path):
    """Appended to (`run … >> FILE`), only what is ours is cut off."""
    path = tmp_path / "log"
    path.write_bytes(b"mine\n")
    with path.open("ab", buffering=0) as out, full_at(30):
        lines = Lines(out)
        lines.write("x" * 15)
        lines.write("y" * 15)
    assert lines.error is not None and path.read_bytes() == b"mine\n" + b"x" * 15 + b"\n"


def test_a_reader_that_leaves_ends_it_quietly():
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb", buffering=0) as out:
        lines = Lines(out)
        lines.write("one")
        assert os.read(ours, 100) == b"one\n"
        os.close(ours)
        lines.write("two")
        lines.write("three")
    assert lines.closed and lines.error is None


def test_a_slow_reader_gets_every_line():
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with os.fdopen(theirs, "wb", buffering=0) as out, os.fdopen(ours, "rb") as reader:
        lines = Lines(out)
        got: list[bytes] = []
        thread = threading.Thread(target=lambda: got.extend(reader))
        big = "z" * 300_000  # more than a pipe holds
        threading.Timer(0.1, thread.start).start()
        lines.write(big)
        out.close()
        thread.join(10.0)
    assert got == [big.encode() + b"\n"] and lines.error is None


@pytest.mark.parametrize(
    ("notices", "changes", "code"),
    [
        ([], {}, FINE),
        ([Notice("gap-genres", "a gap", level="info")], {}, FINE),
        ([Notice("file", "odd", level="warning")], {}, FINE),
        ([Notice("file", "broken", level="error")], {}, FAULT),
        ([Notice("file", "cut", level="warning")], {"truncated": "ends at 3 s"}, FAULT),
        ([Notice("file", "broken", level="error")], {"interrupted": True}, INTERRUPTED),
        ([Notice("file", "it is back", level="resolved")], {}, FINE),
    ],
)
def test_the_exit_code_and_what_is_said(tmp_path, capsys, notices, changes, code):
    output = output_to(tmp_path / "out.jsonl")
    for notice in notices:
        output.notice(notice)
    assert output.finish(SUMMARY | changes, words) == code
    said = capsys.readouterr().err.splitlines()
    assert said[1:] == [notice.cause for notice in notices if notice.level != "resolved"]


def test_a_thousand_gaps_are_kept_in_bounds(tmp_path):
    output = output_to(tmp_path / "out.jsonl")
    for k in range(1000):
        output.notice(Notice("gap-genres", f"gap {k}", level="info"))
        output.notice(Notice("file", "the same", level="error"))
    assert len(output.causes("info")) == MOST and output.causes("error") == ["the same"]


def test_signs_that_the_terminal_lacks_are_replaced():
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb", buffering=0) as out:
        Lines(out, "cp1252").write("caf\udce9 × 日本")
    assert os.read(ours, 100) == "caf? × ??\n".encode("cp1252")
    os.close(ours)
