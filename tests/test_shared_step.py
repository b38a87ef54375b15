"""One batched step for streams on threads of their own equals each stream stepped by itself."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.engine import TorchEngine
from models.engines.shared import Seat, SharedEngine
from tests.devices import wait_until

NEVER = 60.0  # seconds of patience that no test waits out
KINDS = [{"blocks": 1}, {"blocks": 2}, {"blocks": 3, "deep": "streaming"}]


def make_model(**kind) -> ContinualTransformer:
    torch.manual_seed(0)
    shape = {"input_size": 6, "classes": 5, "window": 8, "model_size": 16, "heads": 2, "feedforward": 24}
    return ContinualTransformer(**shape, **kind).eval()


class Stream:
    """A seat beside an engine of its own, fed the same tokens."""

    def __init__(self, engine: SharedEngine, number: int) -> None:
        self.seat, self.alone = engine.seat(), TorchEngine(engine.model)
        self._tokens = np.random.default_rng(number)

    def step(self) -> None:
        token = self._tokens.standard_normal((1, 6), dtype=np.float32)
        np.testing.assert_allclose(self.seat.step(token), self.alone.step(token), rtol=0, atol=1e-6)

    def reset(self) -> None:
        self.seat.reset()
        self.alone.reset()

    def prefill(self, state: StreamState) -> None:
        self.seat.load(state)
        self.alone.load(state)


def together(*streams: Stream, ticks: int = 1) -> None:
    """Let each stream step on a thread of its own, so many times; what fails there fails here."""
    faults: list[BaseException] = []

    def run(stream: Stream) -> None:
        try:
            for _ in range(ticks):
                stream.step()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(stream,)) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(NEVER)
        assert not thread.is_alive()
    if faults:
        raise faults[0]


def sizes(engine: SharedEngine) -> list[int]:
    return [step.streams for step in engine.steps()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_streams_that_join_late_drop_out_and_come_back_answer_as_if_alone(kind):
    model = make_model(**kind)
    engine = SharedEngine(model, patience=0.02)
    a, b, c, d = (Stream(engine, number) for number in range(4))
    together(a, b, ticks=3)  # windows not yet full
    together(a, b, c, ticks=11)  # c joins late, and all rings wrap
    together(a, c, ticks=2)  # b drops out,
    together(a, b, c, d, ticks=3)  # and comes back as d joins
    c.reset()  # a new person in one row
    together(a, b, c, d, ticks=10)
    d.seat.leave()
    together(c, a, ticks=4)
    b.prefill(model.prefill(torch.randn(1, 5, 6), tick=7))  # after a seek
    together(a, b, c, ticks=9)
    assert set(sizes(engine)) >= {2, 3, 4}


def test_one_step_serves_all_who_are_running():
    engine = SharedEngine(make_model(), patience=0.02)
    streams = [Stream(engine, number) for number in range(3)]
    together(*streams, ticks=2)  # how the first tokens meet is open; from then on each waits for the others
    engine._patience = NEVER
    before = len(engine.steps())
    together(*streams, ticks=20)
    assert sizes(engine)[before:] == [3] * 20


def test_no_token_waits_longer_than_patience_for_a_stream_that_is_gone():
    engine = SharedEngine(make_model(), patience=0.05)
    here, gone = Stream(engine, 0), Stream(engine, 1)
    together(here, gone)
    steps = len(engine.steps())
    began = time.perf_counter()
    here.step()  # waits for the other, in vain
    assert time.perf_counter() - began >= 0.05
    time.sleep(0.2)
    here.step()  # nobody is waited for any more: who waits at all would wait for ever, see below
    assert sizes(engine)[steps:] == [1, 1]


def test_nobody_waits_for_a_stream_that_left():
    engine = SharedEngine(make_model(), patience=NEVER)
    here, gone = Stream(engine, 0), Stream(engine, 1)
    here.step()
    waiting = threading.Thread(target=gone.step)
    waiting.start()
    wait_until(lambda: gone.seat in engine._waiting)
    together(here)
    waiting.join(NEVER)
    gone.seat.leave()
    together(here, ticks=3)  # `together` fails where one waits


def test_a_fault_reaches_everybody_and_no_stream_after_it(monkeypatch):
    model = make_model()
    engine = SharedEngine(model, patience=0.02)
    a, b = Stream(engine, 0), Stream(engine, 1)
    together(a, b, ticks=2)

    def broken(*_):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(model, "step", broken)
        for stream in (a, b):
            with pytest.raises(MemoryError, match="no room"):
                stream.seat.step(np.zeros((1, 6), np.float32))
    a.reset()
    b.reset()
    together(a, b, ticks=3)


def test_a_seat_refuses_what_an_engine_refuses():
    seat = SharedEngine(make_model(), patience=0.0).seat()
    assert isinstance(seat, Seat)
    with pytest.raises(ValueError, match="expected"):
        seat.step(np.zeros((1, 7), np.float32))
    with pytest.raises(ValueError, match="another model"):
        seat.load(make_model().initial_state(1))
    with pytest.raises(ValueError, match=r"patience is -1"):
        SharedEngine(make_model(), patience=-1)


def test_a_steps_time_is_shared_among_its_streams():
    engine = SharedEngine(make_model(), patience=NEVER)
    seat = engine.seat()
    _, seconds = seat.timed_step(np.zeros((1, 6), np.float32))
    (step,) = engine.steps()
    assert step.streams == 1 and seconds == step.seconds
