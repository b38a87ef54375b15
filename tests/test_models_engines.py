"""Every engine, and the exported graph, against `model.step`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from models.checkpoint import CARD_KEYS, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.engines import export
from models.engines.engine import EXACT, fastest, make_engine
from models.engines.export import export_step, state_tensors

N = 6
CONFIGS = [
    {"blocks": 1},
    {"blocks": 1, "norm": "pre", "activation": "relu", "qkv_bias": False, "positional": "cyclic"},
    {"blocks": 2},
    {"blocks": 3, "norm": "pre"},
    {"blocks": 2, "deep": "streaming"},
]


def build(**config) -> ContinualTransformer:
    torch.manual_seed(0)
    sizes = {"input_size": 5, "classes": 4, "window": N, "model_size": 16, "heads": 4, "feedforward": 20}
    model = ContinualTransformer(**{**sizes, **config}).eval()
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=parameter.detach().mean().item(), std=0.3)
    return model


def engine_or_skip(name: str, model: ContinualTransformer, batch: int):
    try:
        return make_engine(name, model, batch)
    except ImportError as error:
        pytest.skip(str(error))
    except ValueError as error:
        assert "one stream through single-output" in str(error)
        pytest.skip("not this engine's model")


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", ["numba", "onnx"])
@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_an_engine_gives_the_models_logits_at_every_step(config: dict, name: str, batch: int) -> None:
    model = build(**config)
    engine = engine_or_skip(name, model, batch)
    tokens = torch.randn(batch, 3 * (2 * N - 1) + 2, 5)
    state = model.initial_state(batch)
    for t in range(tokens.shape[1]):
        if t == 20:  # a toggle: both go on from a prefilled state, one stream of it shorter
            lengths = torch.full((batch,), 4)
            lengths[0] = 2
            ticks = torch.arange(batch) + t - 4
            state = model.prefill(tokens[:, t - 4 : t], ticks, lengths)
            engine.load(model.prefill(tokens[:, t - 4 : t], ticks, lengths))
        expected = model.step(tokens[:, t], state).numpy()
        got = engine.step(tokens[:, t].numpy())
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * max(1, np.abs(expected).max()))


def test_threads_and_precision_change_nothing_but_the_time() -> None:
    model = build().double()
    one, two = make_engine("numba", model), make_engine("numba", model, threads=2)
    state = model.initial_state(1)
    for token in torch.randn(3 * N, 1, 5, dtype=torch.float64):
        expected = model.step(token, state).numpy()
        np.testing.assert_allclose(one.step(token.numpy()), expected, rtol=0, atol=1e-10)
        np.testing.assert_allclose(two.step(token.numpy()), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ["numba-int8", "onnx-int8"])
def test_int8_is_near_but_not_exact(name: str) -> None:
    model = build(model_size=64, feedforward=64, input_size=32)
    engine = engine_or_skip(name, model, 1)
    state = model.initial_state(1)
    errors = []
    for token in torch.randn(40, 1, 32):
        expected = model.step(token, state).numpy()
        errors.append(np.abs(engine.step(token.numpy()) - expected).max() / np.abs(expected).max())
    assert 1e-5 < np.median(errors) < 0.05


def test_the_fastest_engine_is_chosen_and_named() -> None:
    model = build()
    engine = fastest(model, steps=5)
    assert engine.name in EXACT
    token = torch.randn(1, 5)
    expected = model.step(token, model.initial_state(1)).numpy()
    np.testing.assert_allclose(engine.step(token.numpy()), expected, atol=1e-5)


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(ValueError, match="engine is 'abacus', expected one of torch, numba"):
        make_engine("abacus", build())


def test_an_exported_step_runs_where_there_is_no_torch(tmp_path: Path) -> None:
    """State in, state out, over three windows; a row is reset by its bias and its tick."""
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model = build(blocks=2)
    session = runtime.InferenceSession(export_step(model, tmp_path / "step.onnx", batch=2))
    assert session.get_modelmeta().custom_metadata_map["continual_transformer"].startswith('{"input_size": 5')
    state = model.initial_state(2)
    feed = {name: tensor.numpy().copy() for name, tensor in state_tensors(state).items()}
    for t, token in enumerate(torch.randn(3 * N + 5, 2, 5)):
        if t == 9:
            state.reset([1])
            feed["bias"], feed["tick"] = feed["bias"].copy(), feed["tick"].copy()
            feed["bias"][1], feed["tick"][1] = -np.inf, 0
        logits, *new = session.run(None, {"token": token.numpy(), **feed})
        feed = dict(zip(feed, new, strict=True))
        np.testing.assert_allclose(logits, model.step(token, state).numpy(), rtol=0, atol=1e-5)


def test_the_export_command(tmp_path: Path, capsys) -> None:
    pytest.importorskip("onnxscript")
    card = dict.fromkeys(CARD_KEYS, "…") | {"labels": list("abcd"), "window": N, "task": "actions"}
    card |= {"rate": 15.0, "temperature": 1.0, "threshold": 0.5, "features": {}}
    save_checkpoint(tmp_path / "m.safetensors", build(), card)
    assert export.run(tmp_path / "m.safetensors", tmp_path / "m.onnx") == 0
    assert (tmp_path / "m.onnx").stat().st_size > 1000
    assert export.run(tmp_path / "absent.safetensors", tmp_path / "n.onnx") == 2
    assert "absent.safetensors" in capsys.readouterr().err


def test_the_papers_update_and_a_training_model_are_not_exported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not exported"):
        export_step(build(blocks=2, retroactive="update"), tmp_path / "a.onnx")
    with pytest.raises(ValueError, match=r"call model\.eval"):
        export_step(build().train(), tmp_path / "a.onnx")
