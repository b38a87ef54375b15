"""What a command writes is refused before hours of work, and whole or not there after them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app.outputs import check_writable, whole
from tests.devices import PATIENCE

LONG = {  # commands that compute for minutes to hours, each on inputs that are not there
    "oad train": ["oad", "train", "--labels", "no", "--features", "no", "--preset", "CoOadTR-b1", "--out"],
    "oad evaluate": ["oad", "evaluate", "--labels", "no", "--features", "no", "--weights", "no", "--json"],
    "oad gtzan": ["oad", "gtzan", "no", "--out"],
    "oad gtzan json": ["oad", "gtzan", "no", "--out", "fine.safetensors", "--json"],
    "train": ["train", "genres", "--data", "no", "--out"],
    "evaluate": ["evaluate", "genres", "--data", "no", "--json"],
}


@pytest.mark.parametrize("command", LONG.values(), ids=list(LONG))
def test_where_to_write_is_looked_at_first(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    for bad in ("nowhere/out", "file/out", "."):
        assert cli.main([*command, bad]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{bad} cannot be written" in line and "Name a file" in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_is_not_complete_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("the last one")
    check_writable(path, None, Path("-"))
    with pytest.raises(KeyboardInterrupt), whole(path) as out:
        out.write("half of")
        raise KeyboardInterrupt
    assert path.read_text() == "the last one" and os.listdir(tmp_path) == ["out.json"]
    with whole(path, 0o600) as out:
        out.write("the new one")
    assert path.read_text() == "the new one" and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits a file's size as on Linux")
def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("the last one")
    code = f"""
import resource, signal
from pathlib import Path
from app.outputs import whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with whole(Path({str(path)!r})) as out:
        out.write("x" * 100_000)
except OSError as error:
    print(error.strerror)
"""
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=PATIENCE
    )
    assert "large" in done.stdout, done.stderr
    assert path.read_text() == "the last one" and os.listdir(tmp_path) == ["out.json"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True)
    with whole(pipe) as out:
        out.write("through it")
    assert reader.communicate(timeout=PATIENCE)[0] == "through it" and pipe.is_fifo()
