"""Continual attention against a naive softmax over the window, written out here."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from models.continual.attention import (
    retroactive_attention,
    retroactive_update_attention,
    single_output_attention,
)
from models.continual.attention_state import RetroactiveState, SingleOutputState, UpdateState
from models.continual.convert import load_torch_attention, torch_attention
from models.continual.multihead import (
    MultiheadAttention,
    RetroactiveMultiheadAttention,
    SingleOutputMultiheadAttention,
)

RETROACTIVE = {
    "refresh": (RetroactiveState, retroactive_attention),
    "update": (UpdateState, retroactive_update_attention),
}


def naive(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Softmax attention in float64, as in a textbook."""
    q, k, v = q.double(), k.double(), v.double()
    return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1) @ v


def stream(
    steps: int, batch: int = 2, heads: int = 3, size: int = 4, scale: float = 1.0, dtype=torch.float64
):
    generator = torch.Generator().manual_seed(steps + heads)
    q, k, v = torch.randn(3, batch, heads, steps, size, dtype=torch.float64, generator=generator)
    return (q * scale**0.5).to(dtype), (k * scale**0.5).to(dtype), v.to(dtype)


def ring_order(newest_step: int, window: int) -> list[int]:
    """Which step stands in each slot of the ring."""
    first = max(0, newest_step + 1 - window)
    return sorted(range(first, newest_step + 1), key=lambda step: step % window)


@pytest.mark.parametrize("window", [1, 2, 5])
def test_single_output_equals_the_windows_newest_row_from_the_first_token_on(window: int) -> None:
    q, k, v = stream(4 * window + 3)
    state = SingleOutputState.empty((2, 3, window, 4), q)
    for t in range(q.shape[2]):
        first = max(0, t + 1 - window)
        out = single_output_attention(q[:, :, t], k[:, :, t], v[:, :, t], state)
        expected = naive(q[:, :, t : t + 1], k[:, :, first : t + 1], v[:, :, first : t + 1])[:, :, 0]
        torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ahead", [1, 3, 4])
def test_a_look_ahead_waits_for_its_tokens_and_then_sees_them(ahead: int) -> None:
    window = 5
    q, k, v = stream(20)
    state = SingleOutputState.empty((2, 3, window, 4), q, ahead=ahead)
    assert state.waiting.tolist() == [ahead + 1] * 2
    for t in range(q.shape[2]):
        out = single_output_attention(q[:, :, t], k[:, :, t], v[:, :, t], state)
        if t < ahead:
            assert out is None
            assert state.waiting.tolist() == [ahead - t] * 2
            continue
        first, asked = max(0, t + 1 - window), t - ahead
        expected = naive(q[:, :, asked : asked + 1], k[:, :, first : t + 1], v[:, :, first : t + 1])[:, :, 0]
        torch.testing.assert_close(out, expected, rtol=0, atol=1e-12)


def test_a_look_ahead_gives_nan_for_the_streams_that_still_wait() -> None:
    q, k, v = stream(20)
    state = SingleOutputState.empty((2, 3, 5, 4), q, ahead=2)
    for t in range(20):
        if t == 11:
            state.reset(torch.tensor([1]))
        out = single_output_attention(q[:, :, t], k[:, :, t], v[:, :, t], state)
        if t in (11, 12):
            assert out is not None and out[0].isfinite().all() and out[1].isnan().all()
        if t == 13:
            expected = naive(q[1:, :, 11:12], k[1:, :, 11:14], v[1:, :, 11:14])[:, :, 0]
            torch.testing.assert_close(out[1:], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", RETROACTIVE)
@pytest.mark.parametrize("window", [1, 2, 5])
def test_retroactive_equals_all_rows_of_the_window(method: str, window: int) -> None:
    kind, attend = RETROACTIVE[method]
    q, k, v = stream(4 * window + 3)
    state = kind.empty((2, 3, window, 4), q)
    for t in range(q.shape[2]):
        out = attend(q[:, :, t], k[:, :, t], v[:, :, t], state)
        rows = ring_order(t, window)
        torch.testing.assert_close(
            out, naive(q[:, :, rows], k[:, :, rows], v[:, :, rows]), rtol=0, atol=1e-10
        )
        assert rows[state.ring.newest] == t


@pytest.mark.parametrize("method", RETROACTIVE)
def test_one_stream_of_a_batch_can_start_afresh(method: str) -> None:
    window, again = 4, 10
    kind, attend = RETROACTIVE[method]
    q, k, v = stream(25)
    q[1, :, again - 1] = torch.nan  # what made the reset necessary must not shine through
    state = kind.empty((2, 3, window, 4), q)
    for t in range(25):
        if t == again:
            state.reset(torch.tensor([False, True]))
        out = attend(q[:, :, t], k[:, :, t], v[:, :, t], state)
        for stream_, start in ((0, 0), (1, again)):
            if stream_ == 1 and t < again:
                continue
            real = [step for step in ring_order(t, window) if step >= start]
            slots = [ring_order(t, window).index(step) for step in real]
            expected = naive(q[stream_, :, real], k[stream_, :, real], v[stream_, :, real])
            torch.testing.assert_close(out[stream_, :, slots], expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", RETROACTIVE)
@pytest.mark.parametrize("length", [1, 3, 6])
def test_a_prefilled_module_goes_on_as_one_that_stepped(method: str, length: int) -> None:
    torch.manual_seed(0)
    module = RetroactiveMultiheadAttention(12, 3, window=6, method=method).double().eval()
    x = torch.randn(2, 20, 12, dtype=torch.float64)
    with torch.no_grad():
        state = module.prefill(x[:, :length], torch.full((2,), length))
        for t in range(length, 20):
            out = module.step(x[:, t], state)
            # In the order of time: what comes next may take the last for the newest.
            torch.testing.assert_close(out, module(x[:, max(0, t - 5) : t + 1]), rtol=0, atol=1e-10)


@pytest.mark.parametrize("query_index", [-1, -2, -6, 0, 3])
def test_single_output_module_equals_its_regular_forward(query_index: int) -> None:
    torch.manual_seed(0)
    module = SingleOutputMultiheadAttention(12, 3, window=6, query_index=query_index).double().eval()
    x = torch.randn(2, 20, 12, dtype=torch.float64)
    assert module.ahead == (-1 - query_index) % 6
    with torch.no_grad():
        state = module.initial_state(2)
        for t in range(20):
            out = module.step(x[:, t], state)
            if t < module.ahead:
                assert out is None
            else:
                torch.testing.assert_close(out, module(x[:, max(0, t - 5) : t + 1]), rtol=0, atol=1e-10)


@pytest.mark.parametrize("method", RETROACTIVE)
def test_what_retroactive_attention_gives_can_be_fed_to_single_output_attention(method: str) -> None:
    """Past the wrap of the ring the newest output is still the last one."""
    torch.manual_seed(0)
    retro = RetroactiveMultiheadAttention(12, 3, window=5, method=method).double().eval()
    single = SingleOutputMultiheadAttention(12, 3, window=5).double().eval()
    x = torch.randn(2, 17, 12, dtype=torch.float64)
    with torch.no_grad():
        state = retro.initial_state(2)
        for t in range(17):
            if t == 8:
                state.reset(torch.tensor([1]))
            window = x[:, max(0, t - 4) : t + 1]
            out = single(retro.step(x[:, t], state))
            torch.testing.assert_close(out[0], single(retro(window[:1]))[0], rtol=0, atol=1e-10)


@pytest.mark.parametrize("bias", [True, False])
def test_weights_go_to_pytorch_and_back(bias: bool) -> None:
    torch.manual_seed(0)
    ours = MultiheadAttention(12, 3, bias=bias).double()
    if bias:
        nn.init.normal_(ours.qkv.bias)
    theirs = torch_attention(ours)
    x = torch.randn(2, 7, 12, dtype=torch.float64)
    torch.testing.assert_close(theirs(x, x, x, need_weights=False)[0], ours(x), rtol=0, atol=1e-12)
    copy = RetroactiveMultiheadAttention(12, 3, window=7, bias=bias).double()
    load_torch_attention(copy, theirs)
    torch.testing.assert_close(copy(x), ours(x), rtol=0, atol=0)


def test_what_pytorchs_attention_has_and_ours_lacks_is_refused() -> None:
    ours = MultiheadAttention(12, 3, bias=False)
    with pytest.raises(ValueError, match="12 and 4 heads, expected 12 and 3"):
        load_torch_attention(ours, nn.MultiheadAttention(12, 4))
    with pytest.raises(ValueError, match="add_bias_kv"):
        load_torch_attention(ours, nn.MultiheadAttention(12, 3, add_bias_kv=True))
    biased = nn.MultiheadAttention(12, 3)
    nn.init.ones_(biased.in_proj_bias)
    with pytest.raises(ValueError, match="qkv_bias=True"):
        load_torch_attention(ours, biased)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MultiheadAttention(10, 3), "heads is 3, expected a divisor of model_size 10"),
        (lambda: SingleOutputMultiheadAttention(12, 3, window=0), "window is 0"),
        (lambda: SingleOutputMultiheadAttention(12, 3, window=4, query_index=4), "query_index is 4"),
        (lambda: RetroactiveMultiheadAttention(12, 3, window=4, method="magic"), "method is 'magic'"),
        (lambda: SingleOutputState.empty((1, 1, 4, 2), torch.zeros(1), ahead=4), "ahead is 4"),
    ],
)
def test_wrong_arguments_are_named(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
