"""Nothing leaves the machine: every network call of a whole run is watched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devices import ffmpeg, need

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (apt install strace)")
def test_no_connection_is_attempted(tmp_path):
    need("ffmpeg")
    trace, clip = tmp_path / "trace", tmp_path / "clip.mp4"
    ffmpeg("-i", ROOT / "assets" / "demo.mp4", "-t", "8", "-c", "copy", clip)
    command = ["strace", "-f", "-qq", "-o", trace, "-e", "trace=socket,connect,sendto,sendmsg,bind"]
    command += [sys.executable, ROOT / "main.py", "run", clip, "--json", tmp_path / "out"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=280, cwd=ROOT)
    if "ptrace" in done.stderr and done.returncode != 0 and not (tmp_path / "out").exists():
        pytest.skip(f"tracing is not permitted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    calls = trace.read_text().splitlines()
    network = [line for line in calls if "AF_INET" in line or "AF_NETLINK" in line]
    assert not network, "\n".join(network[:10])
