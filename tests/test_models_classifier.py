"""The promise: `step` equals the regular encoder over the window, at every step."""

from __future__ import annotations

import copy
import gc
import itertools

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from models.continual.classifier import ContinualTransformer
from models.continual.convert import load_torch_encoder, torch_encoder
from models.paper.peer import errors

SMALL = {"input_size": 5, "classes": 4, "window": 6, "model_size": 16, "heads": 4, "feedforward": 24}


def build(seed: int = 0, dtype: torch.dtype = torch.float64, **config) -> ContinualTransformer:
    torch.manual_seed(seed)
    model = ContinualTransformer(**{**SMALL, **config}).to(dtype).eval()
    for parameter in model.parameters():  # biases and norms too, which start as zeros and ones
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=parameter.detach().mean().item(), std=0.3)
    return model


def bound(reference: Tensor) -> float:
    if reference.dtype == torch.float64:
        return 1e-10
    return 1e-5 * max(1.0, float(reference.abs().max()))


class Oracle:
    """Recomputes the regular window of each stream of a batch from all of its tokens."""

    def __init__(self, model: ContinualTransformer, tokens: Tensor) -> None:
        self.model, self.tokens = model, tokens
        self.starts = [0] * len(tokens)  # step at which each stream last started afresh

    def window(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens up to and with ``step``, ticks and lengths, as `forward` and `prefill` take them."""
        columns = min(step + 1, self.model.receptive_field)
        oldest = step + 1 - columns
        ticks = torch.tensor([oldest - start for start in self.starts])
        lengths = torch.tensor([min(columns, step + 1 - start) for start in self.starts])
        return self.tokens[:, oldest : step + 1], ticks, lengths

    def check(self, step: int, logits: Tensor, all_outputs: bool = False) -> None:
        tokens, ticks, lengths = self.window(step)
        with torch.no_grad():
            expected = self.model(tokens, tick=ticks, lengths=lengths, all_outputs=all_outputs)
        assert logits.shape == expected.shape and logits.isfinite().all()
        error = float((logits - expected).abs().max())
        assert error <= bound(expected), f"step {step}: off by {error}"


ARCHITECTURES = list(
    itertools.product((1, 2, 3, 4), ("post", "pre"), ("retroactive", "streaming"), ("learned", "cyclic"))
)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize(("blocks", "norm", "deep", "positional"), ARCHITECTURES)
def test_step_equals_the_regular_window(blocks, norm, deep, positional, dtype) -> None:
    """Through three windows and three periods, with a reset, a toggle and a late join on the way."""
    model = build(dtype=dtype, blocks=blocks, norm=norm, deep=deep, positional=positional)
    steps = 3 * max(model.receptive_field, model.config["period"]) + 2
    oracle = Oracle(model, torch.randn(3, steps, 5, dtype=dtype))
    state = model.initial_state(3)
    for t in range(steps):
        if t == 3:  # one joins while the others' windows fill
            state.reset([1])
            oracle.starts[1] = t
        if t == steps // 2:  # and one when they are full
            state.reset(torch.tensor([False, False, True]))
            oracle.starts[2] = t
        if t in (steps // 2 + 2, 2 * steps // 3):  # from regular to continual
            state = model.prefill(*oracle.window(t - 1))
        logits = model.step(oracle.tokens[:, t], state)
        oracle.check(t, logits, all_outputs=t % 2 == 0)
        assert state.tick.tolist() == [t + 1 - start for start in oracle.starts]
        assert state.filled.tolist() == [min(6, t + 1 - start) for start in oracle.starts]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_step_equals_the_regular_window_whatever_the_model_and_the_stream(data) -> None:
    draw = data.draw
    heads = draw(st.integers(1, 4), "heads")
    window = draw(st.integers(1, 7), "n")
    config = {
        "window": window,
        "heads": heads,
        "model_size": heads * draw(st.integers(1, 5), "e"),
        "feedforward": draw(st.integers(1, 20), "f"),
        "input_size": draw(st.integers(1, 6), "F"),
        "classes": draw(st.integers(1, 5), "C"),
        "blocks": draw(st.integers(1, 4), "blocks"),
        "norm": draw(st.sampled_from(["post", "pre"])),
        "activation": draw(st.sampled_from(["gelu", "relu"])),
        "qkv_bias": draw(st.booleans(), "bias"),
        "positional": draw(st.sampled_from(["learned", "cyclic"])),
        "period": draw(st.sampled_from([None, window, window + 3]), "T"),
        "deep": draw(st.sampled_from(["retroactive", "streaming"])),
        "token_hidden": draw(st.sampled_from([None, 1, 7])),
    }
    # a LayerNorm of two or three numbers that nearly agree magnifies rounding without limit
    precise = [torch.float64] if config["model_size"] < 8 else [torch.float64, torch.float32]
    dtype = draw(st.sampled_from(precise))
    batch = draw(st.integers(1, 4), "B")
    model = build(draw(st.integers(0, 2**31), "seed"), dtype, **config)
    steps = 3 * model.receptive_field + 3
    tokens = torch.randn(batch, steps, config["input_size"], dtype=dtype)
    oracle = Oracle(model, tokens)
    state = model.initial_state(batch)
    offsets = draw(st.lists(st.integers(0, 10**9), min_size=batch, max_size=batch), "phases")
    state.tick += torch.tensor(offsets)  # streams that have long been running elsewhere
    oracle.starts = [-offset for offset in offsets]
    begun = [0] * batch
    for t in range(steps):
        event = draw(st.sampled_from(["go on"] * 12 + ["reset", "toggle"]))
        if event == "reset":
            row = draw(st.integers(0, batch - 1))
            state.reset(row)
            oracle.starts[row] = begun[row] = t
        columns = min(t, model.receptive_field)
        if event == "toggle" and columns:
            lengths = torch.tensor([min(columns, t - start) for start in begun])
            if lengths.min() > 0:
                ticks = torch.tensor([t - columns - start for start in oracle.starts])
                state = model.prefill(tokens[:, t - columns : t], ticks, lengths)
        logits = model.step(tokens[:, t], state)
        columns = min(t + 1, model.receptive_field)
        expected = model(
            tokens[:, t + 1 - columns : t + 1],
            tick=torch.tensor([t + 1 - columns - start for start in oracle.starts]),
            lengths=torch.tensor([min(columns, t + 1 - start) for start in begun]),
        )
        assert float((logits - expected).detach().abs().max()) <= bound(expected.detach())


@pytest.mark.parametrize("blocks", [2, 3])
def test_the_papers_update_equals_the_window_while_logits_are_small(blocks: int) -> None:
    model = build(blocks=blocks, retroactive="update")
    oracle = Oracle(model, torch.randn(2, 40, 5, dtype=torch.float64))
    state = model.initial_state(2)
    for t in range(40):
        if t == 9:
            state.reset([0])
            oracle.starts[0] = t
        if t == 25:
            state = model.prefill(*oracle.window(t - 1))
        oracle.check(t, model.step(oracle.tokens[:, t], state))


def test_streams_of_a_batch_do_not_see_each_other() -> None:
    model = build(blocks=2)
    tokens = torch.randn(3, 20, 5, dtype=torch.float64)
    together, alone = model.initial_state(3), model.initial_state(1)
    for t in range(20):
        logits = model.step(tokens[:, t], together)
        torch.testing.assert_close(logits[1:2], model.step(tokens[1:2, t], alone), rtol=0, atol=1e-12)
        tokens[2, t + 1 :] += 1  # whatever happens to the neighbour


def test_a_reset_heals_a_stream_that_saw_nan() -> None:
    for config in ({"blocks": 1}, {"blocks": 2}, {"blocks": 2, "retroactive": "update"}, {"blocks": 3}):
        model = build(**config)
        tokens = torch.randn(2, 20, 5, dtype=torch.float64)
        state = model.initial_state(2)
        model.step(torch.full((2, 5), torch.nan, dtype=torch.float64), state)
        state.reset()
        for t in range(20):
            logits = model.step(tokens[:, t], state)
        expected = model(tokens[:, -6:], tick=14)
        torch.testing.assert_close(logits, expected.detach(), rtol=0, atol=1e-10)


def test_forward_ignores_padding_whatever_stands_there() -> None:
    for deep in ("retroactive", "streaming"):
        model = build(blocks=3, deep=deep)
        tokens = torch.randn(4, 6, 5, dtype=torch.float64)
        lengths = torch.tensor([1, 3, 5, 6])
        first = model(tokens, tick=torch.arange(4), lengths=lengths)
        padded = tokens.clone()
        for row, length in enumerate(lengths):
            padded[row, : 6 - length] = 100.0
        second = model(padded, tick=torch.arange(4), lengths=lengths)
        torch.testing.assert_close(first, second, rtol=0, atol=1e-12)


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("activation", ["gelu", "relu"])
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_weights_go_to_pytorchs_encoder_and_back(norm: str, activation: str, blocks: int) -> None:
    """An independent implementation of the encoder, which also tells GELU from ReLU."""
    model = build(norm=norm, activation=activation, blocks=blocks)
    encoder = torch_encoder(model)
    tokens = torch.randn(2, 6, 5, dtype=torch.float64)
    x = model.embedding(tokens) + model.positional(torch.arange(3, 9))
    logits = model.head(encoder(x)[:, -1])
    torch.testing.assert_close(logits, model(tokens, tick=3), rtol=0, atol=1e-12)
    other = build(seed=1, norm=norm, activation=activation, blocks=blocks)
    load_torch_encoder(other, encoder)
    for name in ("embedding", "positional", "head"):
        getattr(other, name).load_state_dict(getattr(model, name).state_dict())
    torch.testing.assert_close(other(tokens, tick=3), logits, rtol=0, atol=1e-12)


def test_an_encoder_that_differs_is_refused() -> None:
    model = build(blocks=2)
    encoder = torch_encoder(model)
    for config, message in (
        ({"blocks": 3}, "2 layers, expected 3"),
        ({"blocks": 2, "norm": "pre"}, "norm last"),
        ({"blocks": 2, "activation": "relu"}, "activation"),
        ({"blocks": 2, "model_size": 8}, "size 16"),
        ({"blocks": 2, "feedforward": 8}, "expected shape"),
    ):
        with pytest.raises(ValueError, match=message):
            load_torch_encoder(build(**config), encoder)
    with pytest.raises(ValueError, match="streaming-deep"):
        torch_encoder(build(blocks=2, deep="streaming"))


def test_gelu_is_gelu_and_relu_is_relu() -> None:
    gelu, relu = build(activation="gelu"), build(activation="relu")
    relu.load_state_dict(gelu.state_dict())
    tokens = torch.randn(2, 6, 5, dtype=torch.float64)
    assert not torch.allclose(gelu(tokens), relu(tokens))


@pytest.mark.parametrize(
    "config", [{}, {"blocks": 2}, {"blocks": 3, "deep": "streaming"}, {"norm": "pre", "token_hidden": 7}]
)
def test_training_reaches_every_weight(config: dict) -> None:
    model = build(**config, period=6).train()
    tokens, lengths = torch.randn(64, 6, 5, dtype=torch.float64), torch.randint(1, 7, (64,))
    targets = (tokens[:, -1, 0] > 0).long()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        logits = model(tokens, tick=torch.arange(64), lengths=lengths)
        loss = torch.nn.functional.cross_entropy(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        if not losses:
            untouched = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
            assert not untouched
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_step_keeps_no_graph_and_no_memory() -> None:
    model = build(blocks=2)
    state = model.initial_state(1)
    token = torch.randn(1, 5, dtype=torch.float64)
    assert not model.step(token, state).requires_grad

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    for _ in range(20):
        model.step(token, state)
    before = tensors()
    for _ in range(500):
        model.step(token, state)
    assert tensors() == before


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("blocks", [1, 2])
def test_a_million_steps_end_as_exact_as_they_began(blocks: int) -> None:
    resource = pytest.importorskip("resource")
    model = build(dtype=torch.float32, blocks=blocks)
    state = model.initial_state(1)
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randn(1, 1000, 5, generator=generator)
    worst = []
    for thousand in range(1000):
        for t in range(1000):
            logits = model.step(tokens[:, t], state)
        expected = model(tokens[:, -6:], tick=thousand * 1000 + 994)
        worst.append(float((logits - expected).detach().abs().max()))
        if thousand == 100:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert max(worst) <= 1e-5 * max(1.0, float(expected.abs().max()))
    assert max(worst[-250:]) <= 2 * max(worst[:250])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < peak + 20_000  # KB


def test_the_authors_two_block_step_goes_wrong_where_ours_does_not() -> None:
    pytest.importorskip("continual", reason="the bench extra is not installed")
    window = 8
    for step, theirs, ours in errors(window, 5 * window):
        assert ours < 1e-5
        assert theirs < 1e-5 if step < 2 * window - 2 else theirs > 1e-3


# --- Bad input ---


def test_wrong_configurations_are_named() -> None:
    for config, message in (
        ({"window": 0}, "window is 0"),
        ({"heads": 3}, "heads is 3, expected a divisor of model_size 16"),
        ({"blocks": 0}, "blocks is 0"),
        ({"classes": 2.5}, "classes is 2.5"),
        ({"norm": "none"}, "norm is 'none'"),
        ({"activation": "swish"}, "activation is 'swish'"),
        ({"positional": "sine"}, "positional is 'sine'"),
        ({"period": 5}, "period is 5, expected at least the window, 6"),
        ({"deep": "yes"}, "deep is 'yes'"),
        ({"retroactive": "yes"}, "retroactive is 'yes'"),
    ):
        with pytest.raises(ValueError, match=message):
            build(**config)


def test_wrong_tokens_are_named() -> None:
    model = build()
    state = model.initial_state(2)
    double = torch.float64
    for call, error, message in (
        (
            lambda: model(torch.zeros(2, 7, 5, dtype=double)),
            ValueError,
            "7 tokens in a window, expected 1 to 6",
        ),
        (lambda: model(torch.zeros(2, 6, 4, dtype=double)), ValueError, r"\(2, 6, 4\), expected \(B, m, F\)"),
        (lambda: model(torch.zeros(2, 0, 5, dtype=double)), ValueError, r"\(2, 0, 5\)"),
        (lambda: model(torch.zeros(2, 6, 5)), TypeError, "float32, expected the weights' torch.float64"),
        (
            lambda: model.step(torch.zeros(2, 4, dtype=double), state),
            ValueError,
            r"\(2, 4\), expected \(B, F\)",
        ),
        (lambda: model.step(torch.zeros(3, 5, dtype=double), state), ValueError, "3 tokens for a state of 2"),
        (lambda: model.step(torch.zeros(2, 5), state), TypeError, "float32"),
        (lambda: model.step(torch.zeros(2, 5, dtype=double, device="meta"), state), ValueError, "meta"),
        (lambda: model(torch.zeros(2, 6, 5, dtype=double), tick=0.5), ValueError, "tick is 0.5"),
        (
            lambda: model(torch.zeros(2, 6, 5, dtype=double), tick=torch.zeros(3).long()),
            ValueError,
            "tick is",
        ),
        (lambda: model(torch.zeros(2, 6, 5, dtype=double), lengths=[0, 6]), ValueError, "expected 1 to 6"),
        (lambda: model(torch.zeros(2, 6, 5, dtype=double), lengths=[6]), ValueError, "expected 2"),
        (lambda: model.initial_state(0), ValueError, "batch is 0"),
        (lambda: state.reset([2]), ValueError, "expected indices from 0 to 1"),
        (lambda: state.reset(torch.tensor([True])), ValueError, "mask of 1"),
    ):
        with pytest.raises(error, match=message):
            call()


def test_a_state_of_another_model_is_refused_and_a_copy_is_not() -> None:
    model, other = build(), build(seed=1)
    token = torch.zeros(1, 5, dtype=torch.float64)
    with pytest.raises(ValueError, match="another model"):
        model.step(token, other.initial_state(1))
    state = model.initial_state(1)
    model.step(token, state)
    fork = copy.deepcopy(state)
    assert torch.equal(model.step(token, fork), copy.deepcopy(model).step(token, state))
    with pytest.raises(TypeError, match="float64"):
        model.float().step(token.float(), state)
