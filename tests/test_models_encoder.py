"""The encoder alone: PyTorch's own, over a window or token by token."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from models.continual.classifier import ContinualTransformer
from models.continual.convert import load_torch_encoder, torch_encoder
from models.continual.encoder import ContinualEncoder

WINDOW = 5
SIZES = {"model_size": 12, "heads": 3, "feedforward": 20, "window": WINDOW}


def theirs(
    blocks: int = 2, norm: bool = True, dtype: torch.dtype = torch.float64, **layer
) -> nn.TransformerEncoder:
    """PyTorch's encoder with weights, biases and norms that are nothing in particular."""
    torch.manual_seed(blocks)
    made = nn.TransformerEncoderLayer(12, 3, 20, **{"batch_first": True, **layer})
    last = nn.LayerNorm(12) if norm else None
    encoder = nn.TransformerEncoder(made, blocks, norm=last, enable_nested_tensor=False).to(dtype)
    for parameter in encoder.parameters():
        nn.init.normal_(parameter, std=0.4)
    return encoder.eval()


def windows(x: torch.Tensor) -> list[torch.Tensor]:
    return [x[:, max(0, t + 1 - WINDOW) : t + 1] for t in range(x.shape[1])]


@pytest.mark.parametrize("norm", [True, False], ids=["last-norm", "no-norm"])
@pytest.mark.parametrize("order", [True, False], ids=["pre", "post"])
@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_pytorchs_encoder_goes_token_by_token(blocks: int, order: bool, norm: bool) -> None:
    """``norm=None`` is PyTorch's own default: another function, not to be given a norm."""
    encoder = theirs(blocks, norm, norm_first=order, activation="gelu" if order else "relu")
    ours = ContinualEncoder.from_torch(encoder, WINDOW)
    assert not ours.training and ours.config["final_norm"] is norm
    x = torch.randn(2, 3 * WINDOW + 2, 12, dtype=torch.float64)
    state = ours.initial_state(2)
    with torch.no_grad():
        for t, window in enumerate(windows(x)):
            expected = encoder(window)  # (B, m, d)
            torch.testing.assert_close(ours(window), expected, rtol=0, atol=1e-12)
            torch.testing.assert_close(ours.step(x[:, t], state), expected[:, -1], rtol=0, atol=1e-12)
        at_once = ours.forward_steps(x, ours.initial_state(2))
        last = torch.stack([encoder(window)[:, -1] for window in windows(x)], 1)
        torch.testing.assert_close(at_once, last, rtol=0, atol=1e-12)
        back = torch_encoder(ours)
        torch.testing.assert_close(back(x[:, :WINDOW]), encoder(x[:, :WINDOW]), rtol=0, atol=1e-12)


def test_float32_and_layers_without_biases_or_batch_first() -> None:
    encoder = theirs(2, False, torch.float32, bias=False, batch_first=False)
    ours = ContinualEncoder.from_torch(encoder, WINDOW)
    x = torch.randn(2, WINDOW, 12)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), encoder(x.transpose(0, 1)).transpose(0, 1), rtol=0, atol=1e-6)


def test_a_window_that_is_not_full_is_masked() -> None:
    ours = ContinualEncoder(**SIZES, blocks=2).double().eval()
    x = torch.randn(2, WINDOW, 12, dtype=torch.float64)
    padded = x.clone()
    padded[0, :2] = torch.nan
    expected = ours(x[:1, 2:])
    torch.testing.assert_close(ours(padded, lengths=[3, 5])[:1, 2:], expected, rtol=0, atol=1e-12)


def test_streaming_deep_is_its_own_band() -> None:
    ours = ContinualEncoder(**SIZES, blocks=3, deep="streaming").double().eval()
    x = torch.randn(1, ours.receptive_field, 12, dtype=torch.float64)
    steps = ours.forward_steps(x, ours.initial_state(1))
    torch.testing.assert_close(steps, ours(x).detach(), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: theirs(activation=torch.tanh), "activation"),
        (lambda: theirs(activation=nn.GELU("tanh")), "activation"),
        (lambda: theirs(layer_norm_eps=1e-6), "eps 1e-05"),
        (lambda: nn.TransformerEncoder(theirs().layers[0], 0, enable_nested_tensor=False), "no layers"),
    ],
)
def test_what_cannot_be_expressed_is_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ContinualEncoder.from_torch(make(), WINDOW)


def test_a_refusal_at_the_last_layer_changes_nothing() -> None:
    """Whatever is wrong, and wherever: it is found before the first tensor is written."""
    broken = theirs(3)
    broken.layers[2].norm2.eps = 1e-3
    odd = theirs(3)
    odd.layers[2].linear1 = nn.Linear(12, 24).double()
    kdim = theirs(3)
    kdim.layers[2].self_attn = nn.MultiheadAttention(12, 3, add_bias_kv=True).double()
    for encoder in (broken, odd, kdim, theirs(3, norm=False), theirs(2)):
        ours = ContinualEncoder(**SIZES, blocks=3, activation="relu").double()
        before = {name: tensor.clone() for name, tensor in ours.state_dict().items()}
        with pytest.raises(ValueError, match="their"):
            load_torch_encoder(ours, encoder)
        assert all(torch.equal(tensor, before[name]) for name, tensor in ours.state_dict().items())


def test_a_last_norm_too_many_or_too_few_is_named() -> None:
    config = {"input_size": 3, "classes": 2, "blocks": 2, "activation": "relu", **SIZES}
    with pytest.raises(ValueError, match="no last norm: build the model with final_norm=False"):
        load_torch_encoder(ContinualTransformer(**config), theirs(norm=False))
    with pytest.raises(ValueError, match="a last norm: build the model with final_norm=True"):
        load_torch_encoder(ContinualTransformer(**config, final_norm=False), theirs())
    model = ContinualTransformer(**config, final_norm=False).double().eval()
    encoder = theirs(norm=False)
    load_torch_encoder(model, encoder)
    tokens = torch.randn(2, 4, 3, dtype=torch.float64)
    x = model.embedding(tokens) + model.positional(torch.arange(4))
    torch.testing.assert_close(model(tokens), model.head(encoder(x)[:, -1]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("blocks", [1, 2])
def test_what_follows_a_step_can_be_trained(blocks: int) -> None:
    ours = ContinualEncoder(**SIZES, blocks=blocks).eval()
    head, state = nn.Linear(12, 2), ours.initial_state(1)
    for x in torch.randn(3, 1, 12):
        head(ours.step(x, state)).sum().backward()
    head(ours.forward_steps(torch.randn(1, 3, 12), state)).sum().backward()
    assert head.weight.grad is not None and bool(head.weight.grad.any())
    assert all(parameter.grad is None for parameter in ours.parameters())


def test_a_step_can_be_compiled() -> None:
    ours = ContinualEncoder(**SIZES | {"window": 2}).eval()
    compiled = torch.compile(ours.step, backend="eager")
    state, plain = ours.initial_state(1), ours.initial_state(1)
    for x in torch.randn(4, 1, 12):
        torch.testing.assert_close(compiled(x, state), ours.step(x, plain), rtol=0, atol=1e-6)


def test_dropout_does_not_come_into_a_state() -> None:
    """In training mode every answer would be another: refused."""
    ours = ContinualEncoder(**SIZES)
    state, x = ours.initial_state(1), torch.randn(1, 2, 12)
    for call in (
        lambda: ours.step(x[:, 0], state),
        lambda: ours.forward_steps(x, state),
        lambda: ours.prefill(x),
    ):
        with pytest.raises(RuntimeError, match=r"training mode.*call eval\(\) first"):
            call()


def test_numpys_integers_are_sizes_and_are_kept_as_plain_ones() -> None:
    sizes = {name: np.int64(size) for name, size in SIZES.items()}
    ours = ContinualEncoder(**sizes, blocks=np.int32(2)).eval()
    assert {type(ours.config[name]) for name in (*SIZES, "blocks")} == {int}
    model = ContinualTransformer(**sizes, input_size=np.uint8(3), classes=np.int64(2), period=np.int64(9))
    assert {type(value) for value in model.config.values()} <= {int, float, str, bool}
    model.eval().step(torch.zeros(2, 3), model.initial_state(np.int64(2)))
    for wrong in (np.int64(0), np.float64(2), np.bool_(True), True, "2", None):
        with pytest.raises(ValueError, match="window is"):
            ContinualEncoder(**{**SIZES, "window": wrong})


def test_the_encoder_costs_what_the_classifier_does_without_embedding_and_head() -> None:
    ours = ContinualEncoder(**SIZES, blocks=2)
    whole = ContinualTransformer(**SIZES, blocks=2, input_size=3, classes=4)
    for mode in ("regular", "regular_last", "continual"):
        assert ours.macs(mode) == whole.macs(mode) | {"embedding": 0, "head": 0}
