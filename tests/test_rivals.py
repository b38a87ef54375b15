"""The rivals: each steps as its forward pass says, forgets what it must, and is priced as it computes."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from app import cli
from models.continual.classifier import ContinualTransformer
from models.engines.engine import make_engine
from models.rivals.base import Newest, Rival
from models.rivals.catalogue import RIVALS, build_rival, line_up
from models.rivals.rwkv import Block
from models.rivals.signal import Signal, recall, train
from models.rivals.strided import StridedWindow
from models.rivals.table import SMALL, costs, in_words

SIZES = {"input_size": 6, "classes": 3, "window": 8, "model_size": 16, "heads": 2, "feedforward": 24}


def rivals() -> dict[str, Rival]:
    torch.manual_seed(0)
    built = {name: build().eval() for name, build in line_up(**SIZES).items()}
    return {name: model for name, model in built.items() if isinstance(model, Rival)}


@pytest.mark.parametrize("name", rivals())
def test_steps_equal_the_forward_pass_whatever_is_reset_between(name: str) -> None:
    model = rivals()[name].double()
    tokens = torch.randn(3, 40, 6, dtype=torch.float64)
    state = model.initial_state(3)
    steps = []
    for t in range(40):
        if t == 17:
            state.reset([1])
        steps.append(model.step(tokens[:, t], state))
    stepped = torch.stack(steps, 1)
    with torch.inference_mode():
        assert torch.allclose(stepped[[0, 2]], model(tokens[[0, 2]]), atol=1e-10)
        assert torch.allclose(stepped[1:2, :17], model(tokens[1:2, :17]), atol=1e-10)
        assert torch.allclose(stepped[1:2, 17:], model(tokens[1:2, 17:]), atol=1e-10)
    state.reset()
    assert torch.equal(model.step(tokens[:, 0], state), model.step(tokens[:, 0], model.initial_state(3)))


@pytest.mark.parametrize("name", rivals())
def test_windows_of_any_length_are_streams_from_their_beginning(name: str) -> None:
    model = rivals()[name].double()
    tokens, lengths = torch.randn(3, 9, 6, dtype=torch.float64), torch.tensor([9, 1, 4])
    with torch.inference_mode():
        newest = Newest(model)(tokens, lengths=lengths)
        for row, length in enumerate(lengths.tolist()):
            alone = model(tokens[row : row + 1, 9 - length :])[:, -1]
            assert torch.allclose(newest[row : row + 1], alone, atol=1e-10)
        assert torch.allclose(Newest(model)(tokens), model(tokens)[:, -1], atol=1e-10)


@pytest.mark.parametrize("name", rivals())
def test_it_sees_as_far_back_as_it_says(name: str) -> None:
    model = rivals()[name].double()
    tokens = torch.randn(1, 40, 6, dtype=torch.float64)
    last = model(tokens.requires_grad_())[0, -1].sum()
    (gradient,) = torch.autograd.grad(last, tokens)
    seen = gradient[0].abs().amax(-1) > 0  # (40,)
    assert int(seen.sum()) == (model.receptive_field or 40)


@pytest.mark.parametrize("name", rivals())
def test_macs_are_those_of_its_products(name: str) -> None:
    model = rivals()[name]
    state = model.initial_state(1)
    for _ in range(30):
        model.step(torch.randn(1, 6), state)
    with FlopCounterMode(display=False) as counter:
        model.step(torch.randn(1, 6), state)
    counted = counter.get_total_flops() // 2
    # What the counter does not know: the GRU, sums that fade element by element, fused attention.
    if name.startswith("GRU"):
        counted = sum(p.numel() for n, p in model.named_parameters() if "weight" in n and p.ndim == 2)
    if name.startswith("smoothing"):
        counted += (16 + 2 * 16) * SIZES["model_size"]
    assert model.macs() == counted


def test_wkv_is_the_sum_it_stands_for() -> None:
    torch.manual_seed(0)
    block = Block(4, 8).double()
    k, v = torch.randn(2, 1, 20, 4, dtype=torch.float64) * 5
    zeros = torch.zeros(1, 4, dtype=torch.float64)
    found = block._wkv(k, v, {"sum": zeros, "weight": zeros, "largest": zeros - 1e30})[0]
    w = torch.exp(block.decay)
    for t in range(20):
        age = torch.arange(t - 1, -1, -1, dtype=torch.float64)[:, None]  # (t, 1)
        old = torch.exp(k[0, :t] - age * w)
        new = torch.exp(block.bonus + k[0, t])
        wanted = ((old * v[0, :t]).sum(0) + new * v[0, t]) / (old.sum(0) + new)
        assert torch.allclose(found[t], wanted, rtol=1e-9)


def test_large_keys_overflow_nothing() -> None:
    for model in rivals().values():
        with torch.inference_mode():
            assert model(1e4 * torch.randn(1, 30, 6)).isfinite().all()


def test_a_window_forgets_at_n_and_a_stack_of_caches_later() -> None:
    """Of two blocks over 6 tokens, one sees the cue for 6 ticks, DeepCoT for 11, the GRU on and on."""
    sizes = {**SMALL, "window": 6}
    builders = line_up(**sizes)
    signal = Signal("remember", 6, 24)
    known = {}
    for name in ("Continual Transformer, b1", "smoothing (TeSTra)"):
        torch.manual_seed(0)
        model = builders[name]()
        train(model, signal, steps=100)
        known[name] = recall(model, signal, (3, 5, 6, 15))
    ours = known["Continual Transformer, b1"]
    assert min(ours[3], ours[5]) > 0.9 and ours[6] < 0.5
    assert known["smoothing (TeSTra)"][15] > 0.8


def test_the_signal_says_when_it_is_known() -> None:
    rng = np.random.default_rng(0)
    tokens, labels, age = Signal("expire", 5, 30).draw(rng, 50)
    cue = tokens[age == 0].argmax(-1) + 1  # (50,): it stands out of the noise
    assert (labels == np.where((age >= 0) & (age < 5), cue[:, None], 0)).all()
    _, forever, age = Signal("remember", 5, 30).draw(rng, 50)
    assert ((forever > 0) == (age >= 0)).all()
    with pytest.raises(ValueError, match="'forget', expected one of remember, expire"):
        Signal("forget", 5, 30).draw(rng, 1)


def test_a_strided_window_answers_after_each_stride_and_holds_it() -> None:
    model = ContinualTransformer(**SIZES).eval()
    strided, tokens = StridedWindow(model, 4), torch.randn(1, 20, 6)
    answers = [strided.step(tokens[:, t]) for t in range(20)]
    assert answers[:3] == [None] * 3
    for t in range(3, 20):
        end = (t + 1) // 4 * 4
        first = max(0, end - 8)
        assert torch.equal(answers[t], model(tokens[:, first:end], tick=first))  # type: ignore[arg-type]
    assert strided.macs() == round(sum(model.macs("regular").values()) / 4)
    with pytest.raises(ValueError, match="stride is 0"):
        StridedWindow(model, 0)


def test_unknown_rivals_and_wrong_tokens_are_named() -> None:
    with pytest.raises(ValueError, match=r"'LSTM', expected one of GRU, DeepCoT"):
        build_rival("LSTM", {})
    for model in rivals().values():
        with pytest.raises(ValueError, match="F = 6"):
            model.step(torch.zeros(1, 7), model.initial_state(1))
        with pytest.raises(ValueError, match="model_size is 0"):
            type(model)(input_size=6, classes=3, model_size=0)
    assert set(RIVALS) == {"GRU", "DeepCoT", "RWKV", "smoothing"}


def test_the_table_has_a_row_for_each(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    from models.rivals import table

    monkeypatch.setattr(table, "BUDGET", 0.0)
    monkeypatch.setattr(table, "PAPER", SIZES)
    monkeypatch.setattr(table, "SMALL", {**SMALL, "window": 4})
    monkeypatch.setattr(table, "fastest", partial(make_engine, "torch"))
    priced = costs(SIZES)
    assert set(line_up(**SIZES)) < set(priced) and f"window every {table.STRIDE} tokens" in priced
    ours, regular = priced["Continual Transformer, b1"], priced["regular window, b1"]
    assert ours["macs"] < regular["macs"] and ours["equals_window"]
    monkeypatch.setattr(table, "costs", lambda threads: priced)
    assert cli.main(["bench", "--rivals", "--steps", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    known = {
        n: {task: {int(a): s for a, s in x.items()} for task, x in t.items()}
        for n, t in result["memory"].items()
    }
    words = in_words(result["costs"], known)
    assert all(f"| {name} |" in words for name in line_up(**SIZES))
    assert cli.main(["bench", "--rivals", "--steps", "0"]) == 2


def test_every_linear_layer_is_used() -> None:
    """No weight without a gradient: what is priced is what is computed."""
    for name, model in rivals().items():
        model.zero_grad()
        model(torch.randn(2, 12, 6)).square().sum().backward()
        unused = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().any()]
        assert not [n for n in unused if "key" not in n], (name, unused)
        assert isinstance(model.head, nn.Linear)
