"""Large logits and outliers: the exact refresh stands, the paper's update fails where its docstring says."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from models.continual.attention import (
    RetroactiveState,
    SingleOutputState,
    retroactive_attention,
    single_output_attention,
)
from models.continual.classifier import ContinualTransformer
from models.continual.multihead import RetroactiveMultiheadAttention

N = 64


def autoregressive(steps: int, size: int, scale: float) -> Tensor:
    """Tokens (steps, size) that change slowly (AR 0.98), as features of a stream do."""
    generator = torch.Generator().manual_seed(7)
    noise = torch.randn(steps, size, generator=generator)
    x, out = noise[0], []
    for step in noise:
        x = 0.98 * x + math.sqrt(1 - 0.98**2) * step
        out.append(x)
    return torch.stack(out) * scale


def failures(tokens: Tensor, method: str) -> tuple[float, float]:
    """Share of steps that are not finite; worst relative error of the others, against float64."""
    torch.manual_seed(3)
    module = RetroactiveMultiheadAttention(64, 4, window=N, method=method).eval()
    reference = RetroactiveMultiheadAttention(64, 4, window=N).double().eval()
    reference.load_state_dict(module.state_dict())
    state, truth = module.initial_state(1), reference.initial_state(1)
    broken, worst = 0, 0.0
    with torch.inference_mode():
        for token in tokens[:, None]:
            out, expected = module.step(token, state), reference.step(token.double(), truth)
            if out.isfinite().all():
                worst = max(worst, float((out - expected).abs().max() / expected.abs().max()))
            else:
                broken += 1
    return broken / len(tokens), worst


@pytest.mark.parametrize("scale", [1, 10, 100, 1000])
@pytest.mark.parametrize("outliers", [False, True])
def test_the_refresh_is_as_good_as_a_softmax_can_be(scale: float, outliers: bool) -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 2, 2, 4 * N, 16)
    q, k = q * scale**0.5, k * scale**0.5  # logits of standard deviation `scale`
    if outliers:
        q[:, :, 70], k[:, :, 90] = q[:, :, 70] * 30, k[:, :, 90] * 30
    shape = (2, 2, N, 16)
    retro, single = RetroactiveState.empty(shape, q), SingleOutputState.empty(shape, q)
    truth = RetroactiveState.empty(shape, q.double())
    largest = scale * (30 if outliers else 1)
    tolerance = max(1e-5, 1e-6 * largest)
    for t in range(q.shape[2]):
        step = (q[:, :, t], k[:, :, t], v[:, :, t])
        expected = retroactive_attention(*(part.double() for part in step), truth)
        refreshed = retroactive_attention(*step, retro)
        assert refreshed.isfinite().all()
        assert float((refreshed - expected).abs().max() / expected.abs().max()) <= tolerance
        newest = single_output_attention(*step, single)
        assert newest is not None and newest.isfinite().all()
        row = expected[:, :, truth.ring.newest]
        assert float((newest - row).abs().max() / row.abs().max()) <= tolerance


def test_the_papers_update_is_exact_for_small_logits_and_does_not_drift() -> None:
    tokens = autoregressive(1500, 64, 1.0)
    broken, worst = failures(tokens, "update")
    assert broken == 0 and worst < 1e-5
    assert failures(tokens[-300:], "refresh")[1] < 1e-5


def test_the_papers_update_cancels_once_logits_span_sixteen() -> None:
    tokens = autoregressive(700, 64, 4.0)
    broken, worst = failures(tokens, "update")
    assert broken == 0 and worst > 1e-2
    assert failures(tokens, "refresh")[1] < 1e-4


def test_the_papers_update_overflows_beyond_88() -> None:
    tokens = autoregressive(1000, 64, 10.0)
    assert failures(tokens, "update")[0] > 0.5
    broken, worst = failures(tokens, "refresh")
    assert broken == 0 and worst < 1e-3


def test_one_outlier_poisons_the_papers_update_for_up_to_two_windows() -> None:
    tokens = torch.randn(1000, 64, generator=torch.Generator().manual_seed(1))
    tokens[200] *= 100
    broken, _ = failures(tokens, "update")
    assert N / 1000 < broken < 2 * N / 1000
    assert failures(tokens, "refresh")[0] == 0


@pytest.mark.parametrize("blocks", [1, 2])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_step_and_window_agree_on_tokens_of_any_size(blocks: int, scale: float) -> None:
    torch.manual_seed(0)
    model = ContinualTransformer(
        input_size=8, classes=4, window=16, model_size=32, heads=4, feedforward=32, blocks=blocks
    ).eval()
    tokens = torch.randn(2, 60, 8) * scale
    tokens[0, 30] *= 100
    state = model.initial_state(2)
    for t in range(60):
        logits = model.step(tokens[:, t], state)
        first = max(0, t - 15)
        with torch.no_grad():
            expected = model(tokens[:, first : t + 1], tick=first)
        assert logits.isfinite().all()
        assert (logits - expected).abs().max() <= 1e-5 * max(1.0, float(expected.abs().max()))
