"""The script that shows the authors' fault fails as it says, and its one line mends it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch

pytest.importorskip("continual", reason="continual-inference is not installed: pip install -e '.[bench]'")

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "upstream" / "test_retroactive_unity.py"
specification = importlib.util.spec_from_file_location("upstream", SCRIPT)
assert specification is not None and specification.loader is not None
upstream = importlib.util.module_from_spec(specification)
specification.loader.exec_module(upstream)


def test_the_first_wrong_step_is_2n_minus_2(capsys: pytest.CaptureFixture) -> None:
    assert [upstream.first_wrong_step(n - 1, 5 * n) for n in (4, 8, 16)] == [2 * n - 2 for n in (4, 8, 16)]
    late = [step for step, error in upstream.encoder_errors(8, 40) if error > 1e-5]
    assert late[0] == 14
    assert upstream.main() == 1 and "2n − 2 = 14" in capsys.readouterr().out


def test_the_mend_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrapping at n instead of n − 1, as the script proposes."""
    from continual.transformer import RetroactiveUnity

    def mended(self, given, previous):
        """The library's own step, its index wrapped where the buffer ends."""
        output, (buffer, index) = step(self, given, previous)
        count = getattr(self, "count", -self.delay) + 1
        self.count = count
        return output, (buffer, torch.tensor(count % (self.delay + 1)) if count > 0 else index)

    step = RetroactiveUnity._forward_step
    monkeypatch.setattr(RetroactiveUnity, "_forward_step", mended)
    assert [upstream.first_wrong_step(delay, 6 * delay) for delay in (3, 7, 15)] == [None] * 3
    assert max(error for _, error in upstream.encoder_errors(8, 40)) < 1e-5
