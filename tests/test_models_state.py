"""A stream can be copied, moved, picked out, joined and saved, and goes on as if it had not been."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState

SMALL = {"input_size": 5, "classes": 4, "window": 4, "model_size": 8, "heads": 2, "feedforward": 12}
STEPS = 21  # past three windows after the last break
MODELS = [
    *({"blocks": blocks, "norm": norm} for blocks in (1, 2, 3, 4) for norm in ("post", "pre")),
    *({"blocks": blocks, "deep": "streaming"} for blocks in (2, 3)),
    {"blocks": 2, "retroactive": "update"},
]
every_model = pytest.mark.parametrize("config", MODELS, ids=lambda c: "-".join(map(str, c.values())))


def build(seed: int = 0, **config) -> ContinualTransformer:
    torch.manual_seed(seed)
    return ContinualTransformer(**{**SMALL, **config}).double().eval()


def streams(batch: int = 3, steps: int = STEPS) -> Tensor:
    return torch.randn(
        batch, steps, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(batch + steps)
    )


def run(model: ContinualTransformer, tokens: Tensor, state: StreamState) -> Tensor:
    return torch.stack([model.step(token, state) for token in tokens.unbind(1)], 1)  # (B, m, C)


def same(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def saved(state: StreamState, model: ContinualTransformer) -> StreamState:
    """As another process would take it up, from bytes."""
    other = model.initial_state(1)
    other.load_state_dict(load(save(state.state_dict())))
    return other


WAYS: dict[str, Callable[[StreamState, ContinualTransformer], StreamState]] = {
    "clone": lambda state, model: state.clone(),
    "to": lambda state, model: state.to("cpu"),
    "select": lambda state, model: state.select([0, 1, 2]),
    "cat": lambda state, model: StreamState.cat([state.select(0), state.select([1, 2])]),
    "saved": saved,
}


@every_model
def test_a_stream_goes_on_as_if_it_had_not_been_stopped(config: dict) -> None:
    """In each way, while the windows fill, when they are full, and when one stream has just begun."""
    model, tokens = build(**config), streams()
    straight, broken = model.initial_state(3), model.initial_state(3)
    ways = dict(zip((2, 3, 5, 6, 8), WAYS.values(), strict=True)) | {0: saved}
    for t, token in enumerate(tokens.unbind(1)):
        if t == 5:
            straight.reset([1])
            broken.reset([1])
        if t in ways:
            before, broken = broken, ways[t](broken, model)
            run(model, tokens[:, :2], before)  # the copy shares nothing with it
        same(model.step(token, broken), model.step(token, straight))
        assert torch.equal(broken.tick, straight.tick) and torch.equal(broken.filled, straight.filled)


@every_model
def test_a_batch_grows_and_shrinks(config: dict) -> None:
    """Streams that began at different times and write different slots come together, and one leaves."""
    model, tokens = build(**config), streams()
    alone = run(model, tokens, model.initial_state(3))  # (B, T, C)
    early, late = model.initial_state(1), model.initial_state(2)
    run(model, tokens[:1, :5], early)
    run(model, tokens[1:, :2], late)
    state = StreamState.cat([late, early])  # of the streams 1, 2 and 0
    assert len(state) == 3 and state.filled.tolist() == [2, 2, 4] and state.tick.tolist() == [2, 2, 5]
    mixed = torch.cat([tokens[1:, 2:9], tokens[:1, 5:12]])
    same(run(model, mixed, state), torch.cat([alone[1:, 2:9], alone[:1, 5:12]]))
    state = state.select(torch.tensor([True, False, True]))  # 1 and 0
    mixed = torch.cat([tokens[1:2, 9:12], tokens[:1, 12:15]])
    same(run(model, mixed, state), torch.cat([alone[1:2, 9:12], alone[:1, 12:15]]))
    state = state.select([1, 1])  # and one twice
    same(run(model, tokens[[0, 0], 15:], state), alone[[0, 0], 15:])


@every_model
def test_many_steps_at_once_are_those_steps(config: dict) -> None:
    """Outputs and the state that is left, over any division, with a stream that begins on the way."""
    model, tokens = build(**config), streams()
    stepped, state = model.initial_state(3), model.initial_state(3)
    same(model.forward_steps(tokens, model.initial_state(3)), run(model, tokens, model.initial_state(3)))
    for number, part in enumerate(tokens.split([1, 4, 2, 5, 9], 1)):
        if number == 2:
            stepped.reset([1])
            state.reset([1])
        same(model.forward_steps(part, state), run(model, part, stepped))
        assert torch.equal(state.tick, stepped.tick) and torch.equal(state.filled, stepped.filled)
    token = tokens[:, 0]
    same(model.step(token, state), model.step(token, stepped))


@every_model
@pytest.mark.parametrize("window", [1, 2])
def test_the_shortest_windows(config: dict, window: int) -> None:
    model, tokens = build(**config, window=window), streams(3, 9)
    stepped = run(model, tokens, model.initial_state(3))
    state = model.initial_state(3)
    same(torch.cat([model.forward_steps(part, state) for part in tokens.split(5, 1)], 1), stepped)
    again = StreamState.cat([state.select(2), state.select([0])])
    same(model.step(tokens[[2, 0], 0], again), model.step(tokens[:, 0], state)[[2, 0]])


@every_model
def test_many_steps_at_once_keep_a_nan_where_it_is(config: dict) -> None:
    """It spoils the outputs whose window it is in, as in steps, and no other: a mask does not hide it."""
    model, tokens = build(**config), streams(2)
    tokens[0, 9] = torch.nan
    state = model.initial_state(2)
    at_once = torch.cat([model.forward_steps(part, state) for part in tokens.split([11, 10], 1)], 1)
    stepped = run(model, tokens, model.initial_state(2))
    torch.testing.assert_close(at_once, stepped, rtol=0, atol=1e-10, equal_nan=True)
    assert at_once[0, 9].isnan().all() and at_once[0, :9].isfinite().all() and at_once[1].isfinite().all()


def test_a_prefill_ignores_padding_whatever_stands_there() -> None:
    for config in MODELS:
        model, tokens = build(**config), streams(2, 4)
        lengths = torch.tensor([2, 4])
        padded = tokens.clone()
        padded[0, :2] = torch.nan
        same(model(padded, lengths=lengths).detach(), model(tokens, lengths=lengths).detach())
        states = [model.prefill(some, lengths=lengths) for some in (padded, tokens)]
        same(*(run(model, tokens, state) for state in states))


def test_a_state_outlives_inference_mode() -> None:
    for config in MODELS:
        model, tokens = build(**config), streams(2, 12)
        with torch.inference_mode():
            states = [model.initial_state(2), model.prefill(tokens[:, :4])]
            states += [state.clone() for state in states] + [
                states[1].select([1, 0]),
                StreamState.cat(states),
            ]
            states.append(saved(states[0], model))
            for state in states:
                model.step(tokens[:1, 0].expand(len(state), 5), state)
        for state in states:
            model.step(tokens[:1, 1].expand(len(state), 5), state)
            state.reset(0)


def test_a_state_of_another_shape_is_refused_and_nothing_is_changed() -> None:
    model, tokens = build(blocks=2), streams(2, 9)
    state = model.initial_state(2)
    run(model, tokens, state)
    good = state.state_dict()
    for change, error, message in (
        ({"tick": good["tick"][:1]}, ValueError, r"tick has shape \(1,\), expected \(2,\)"),
        ({"attention.0.k": good["attention.0.k"][:, :, 1:]}, ValueError, "attention.0.k has shape"),
        ({"tokens": good["tokens"].float()}, TypeError, "tokens is torch.float32, expected torch.float64"),
        ({"filled": good["filled"] + 1}, ValueError, "expected 0 to 4"),
        ({"filled": good["filled"][0]}, ValueError, r"filled has shape \(\)"),
        ({"attention.1.k": good["attention.0.k"]}, ValueError, r"differ in attention\.1\.k"),
    ):
        with pytest.raises(error, match=message):
            state.load_state_dict({**good, **change})
    del good["tokens"]
    with pytest.raises(ValueError, match="differ in tokens"):
        state.load_state_dict(good)
    with pytest.raises(ValueError, match="differ in"):
        build(blocks=1).initial_state(1).load_state_dict(state.state_dict())
    expected = model(torch.cat([tokens[:, -3:], tokens[:, :1]], 1), tick=6).detach()
    same(model.step(tokens[:, 0], state), expected)


def test_wrong_rows_and_wrong_company_are_named() -> None:
    model, other = build(), build()
    state = model.initial_state(2)
    for call, error, message in (
        (lambda: state.select([]), ValueError, "no rows"),
        (lambda: state.select([2]), ValueError, "expected indices from 0 to 1"),
        (lambda: state.select([0.5]), ValueError, "expected indices of streams or a mask"),
        (lambda: StreamState.cat([]), ValueError, "no states"),
        (lambda: StreamState.cat([state, other.initial_state(1)]), ValueError, "different models"),
        (lambda: StreamState.cat([state, model.float().initial_state(1)]), TypeError, "float32"),
    ):
        with pytest.raises(error, match=message):
            call()


@pytest.mark.parametrize("rows", [[], torch.tensor([], dtype=torch.int64), torch.tensor([False, False])])
def test_no_rows_can_be_reset(rows) -> None:
    model, tokens = build(), streams(2, 9)
    state, untouched = model.initial_state(2), model.initial_state(2)
    run(model, tokens, state)
    run(model, tokens, untouched)
    state.reset(rows)
    assert state.tick.tolist() == [9, 9]
    same(model.step(tokens[:, 0], state), model.step(tokens[:, 0], untouched))
