"""The benchmark measures what it says, on models small enough for a test."""

from __future__ import annotations

import json
from functools import partial
from itertools import groupby
from types import SimpleNamespace

import pytest
import torch

from models.engines import bench
from models.paper.presets import preset


def test_its_contenders_compute_the_same_prediction() -> None:
    model = preset("GTZAN-b1", "VGGish").build()
    with torch.inference_mode():
        calls = bench.contenders(model, threads=1, streams=2, engines=("torch", "numba"))
        full, last = calls["window, all outputs"](), calls["window, last output"]()
        assert full.shape == (2, 10)
        torch.testing.assert_close(full, last, rtol=0, atol=1e-5)
        assert calls["step, torch"]().shape == (2, 10)
    assert "window, cached embedding" in calls and "step, numba" not in calls  # numba is for one stream


def test_interleaving_gives_every_contender_its_median(monkeypatch) -> None:
    """By a clock that only the calls move: no machine is quiet enough for times to be compared in a test."""
    now, order = 0.0, []

    def call(name: str, seconds: float) -> bench.Call:
        def take() -> None:
            nonlocal now
            order.append(name)
            now += seconds if order.count(name) % 5 else 100 * seconds  # every fifth is disturbed

        return take

    monkeypatch.setattr(bench, "time", SimpleNamespace(perf_counter=lambda: now))
    calls = {"a": call("a", 1e-4), "b": call("b", 1e-3)}
    medians = bench.interleaved(calls, budget=0.2)
    assert medians == pytest.approx({"a": 1e-4, "b": 1e-3})
    turns = [name for name, _ in groupby(order)]
    assert turns == ["a", "b"] * (len(turns) // 2)
    assert len(turns) >= 2 * (1 + 5)  # once to warm up, and in five rounds


def test_a_limit_is_what_must_be_read_and_multiplied() -> None:
    one, two = preset("GTZAN-b1", "VGGish").build(), preset("GTZAN-b2", "VGGish").build()
    weights, state = bench.step_bytes(one, 3)
    assert weights == 4 * sum(p.numel() for n, p in one.named_parameters() if n != "positional.table")
    assert state == 3 * 2 * 120 * 192 * 4
    assert bench.limits(two, 1)["step"] > 5 * bench.limits(one, 1)["step"]


def test_the_command(capsys, monkeypatch) -> None:
    monkeypatch.setattr(bench, "PRESETS", (("GTZAN-b1", "VGGish"),))
    monkeypatch.setattr(bench, "BUDGET", 0.02)
    # Each of the others is exported or compiled, which takes seconds, and is tested by itself.
    monkeypatch.setattr(bench, "contenders", partial(bench.contenders, engines=("torch", "numpy")))
    threads = torch.get_num_threads()
    try:
        assert bench.run(json=True) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert list(rows[0]) == ["preset", "what", "threads", "streams", "median_us", "limit_us"]
        assert all(row["median_us"] > 0 and row["limit_us"] > 0 for row in rows)
        assert bench.run(threads=0) == 2
    finally:
        torch.set_num_threads(threads)
