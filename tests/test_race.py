"""The race: both modes as fast as they can on the same tokens, and nothing left behind."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch

from app.pipeline.race import Race, RaceState, bounds
from models.continual.classifier import ContinualTransformer
from tests.devices import PROMPT, wait_until

SIZE = {"input_size": 6, "classes": 3, "window": 8, "model_size": 16, "heads": 2, "feedforward": 16}


def make_model(**changes) -> ContinualTransformer:
    torch.manual_seed(3)
    return ContinualTransformer(**{**SIZE, **changes}).eval()


def tokens(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 6)).astype(np.float32)


def run(race: Race) -> RaceState:
    race.start()
    try:
        wait_until(
            lambda: race.state().max_delta is not None or race.state().fault, what="a round is through"
        )
    finally:
        assert race.stop(PROMPT)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("race")]
    return race.state()


@pytest.mark.parametrize(
    ("changes", "engine"),
    [
        ({}, "torch"),
        ({}, "live"),
        ({"blocks": 2}, "live"),
        ({"blocks": 3, "deep": "streaming"}, "numba"),
    ],
)
@pytest.mark.parametrize("count", [3, 50])  # fewer tokens than the window, and more
def test_both_modes_give_the_same_answers_round_after_round(changes, engine, count):
    model = make_model(**changes)
    state = run(Race(lambda: (model, tokens(count)), engine))
    assert state.status == "over" and state.compared == count
    assert state.max_delta < 1e-5
    assert set(state.lanes) == {"regular", "continual"}
    for mode, lane in state.lanes.items():
        assert lane.predictions >= count
        assert lane.macs == sum(model.macs(mode).values())
        assert 0 < lane.times[0] <= lane.times[1] <= lane.times[2]
        assert lane.rate == pytest.approx(lane.predictions / lane.seconds)
        assert 0 < lane.cpu < 1.1
        assert 0 < lane.bound.seconds < lane.times[0]
    assert state.lanes["regular"].engine in ("numpy", "torch")
    stepped_by = {engine} if engine != "live" else {"numpy"} if changes else {"numpy", "numba"}
    assert state.lanes["continual"].engine in stepped_by


@pytest.mark.parametrize("engine", ["numba", "onnx", "onnx-int8"])
def test_compiled_engines_race_too(engine):
    if "onnx" in engine:
        pytest.importorskip("onnxscript")
    state = run(Race(lambda: (make_model(), tokens(20)), engine))
    assert state.status == "over"
    assert state.max_delta < (0.5 if engine == "onnx-int8" else 1e-5)
    assert (state.max_delta > 1e-5) == (engine == "onnx-int8")  # and it is the engine that was asked for


def test_an_engine_that_cannot_run_the_model_is_told():
    state = run(Race(lambda: (make_model(blocks=2), tokens(20)), "numba"))
    assert state.status == "failed" and "numba" in state.fault


def test_it_stops_at_once_also_while_it_prepares():
    race = Race(lambda: (make_model(), tokens(20)))
    race.start()
    start = time.monotonic()
    assert race.stop(PROMPT) and race.stop(PROMPT)
    assert time.monotonic() - start < PROMPT


def test_it_ends_by_itself():
    race = Race(lambda: (make_model(), tokens(20)), seconds=0.2)
    race.start()
    wait_until(lambda: not race.running, what="the end")
    state = race.state()
    assert state.status == "over"
    assert all(0.2 <= lane.seconds < PROMPT for lane in state.lanes.values())


@pytest.mark.parametrize("wrong", [np.zeros((0, 6), np.float32), np.zeros((4, 5), np.float32)])
def test_wrong_tokens_are_told(wrong):
    state = run(Race(lambda: (make_model(), wrong)))
    assert state.status == "failed" and "expected (m, 6)" in state.fault


def test_what_bounds_a_step():
    one, two = bounds(make_model(), "torch"), bounds(make_model(), "numba-int8")
    assert one["continual"].by == "reading"
    assert two["continual"].amount < one["continual"].amount
    assert one["continual"].seconds == pytest.approx(one["continual"].amount / one["continual"].rate)


@pytest.mark.parametrize("rival", ["GRU", "DeepCoT", "RWKV", "smoothing"])
def test_a_rival_steps_on_the_same_tokens(rival):
    state = run(Race(lambda: (make_model(), tokens(10)), "torch", rival=rival))
    assert set(state.lanes) == {"regular", "continual", "rival"} and state.max_delta < 1e-5
    assert state.lanes["rival"].macs > 0 and state.lanes["rival"].bound.by == "reading"


def test_an_unknown_rival_is_told():
    state = run(Race(lambda: (make_model(), tokens(10)), "torch", rival="LSTM"))
    assert state.status == "failed" and "expected one of GRU" in state.fault
