"""Every engine, and the exported graph, against `model.step`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from models.checkpoint import CARD_KEYS, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.engines import export, live
from models.engines.base import Engine
from models.engines.engine import EXACT, fastest, make_engine
from models.engines.export import export_step
from models.engines.graph import graph_state

N = 6
CONFIGS = [
    {"blocks": 1},
    {
        "blocks": 1,
        "norm": "pre",
        "activation": "relu",
        "qkv_bias": False,
        "positional": "cyclic",
        "token_hidden": 10,
    },
    {"blocks": 2},
    {"blocks": 3, "norm": "pre"},
    {"blocks": 2, "deep": "streaming", "final_norm": False},
]


def build(**config) -> ContinualTransformer:
    torch.manual_seed(0)
    sizes = {"input_size": 5, "classes": 4, "window": N, "model_size": 16, "heads": 4, "feedforward": 20}
    model = ContinualTransformer(**{**sizes, **config}).eval()
    for parameter in model.parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=parameter.detach().mean().item(), std=0.3)
    return model


def engine_or_skip(name: str, model: ContinualTransformer, batch: int = 1) -> Engine:
    try:
        return make_engine(name, model, batch)
    except ImportError as error:
        pytest.skip(str(error))
    except ValueError as error:
        assert "one stream" in str(error)
        pytest.skip("not this engine's model")


@cache
def one_stream(name: str) -> tuple[ContinualTransformer, Engine]:
    """The first model and an engine of it: an export takes seconds."""
    model = build()
    return model, engine_or_skip(name, model)


def near(got: np.ndarray, expected: torch.Tensor | np.ndarray) -> None:
    expected = np.asarray(expected)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", ["torch", "numpy", "numba", "onnx"])
@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_an_engine_gives_the_models_logits_at_every_step(config: dict, name: str, batch: int) -> None:
    """Past three windows, from a prefilled state, after resets, and with the state given back and taken."""
    if name == "onnx" and batch == 1:
        pytest.skip("the same graph as for three streams")
    model = build(**config)
    engine = engine_or_skip(name, model, batch)
    tokens = torch.randn(batch, 3 * (2 * N - 1) + 12, 5)
    state = model.initial_state(batch)
    for t in range(tokens.shape[1]):
        if t == 20:  # a toggle: both go on from a prefilled state, one stream of it shorter
            lengths = torch.full((batch,), 4)
            lengths[0] = 2
            ticks = torch.arange(batch) + t - 4
            state = model.prefill(tokens[:, t - 4 : t], ticks, lengths)
            engine.load(state)
        if t == 22:
            engine.load(engine.state())
        if t in (26, 30):  # one stream starts anew, then all, whatever the state holds
            poisoned = engine.state()
            for attention in poisoned.attention:
                attention.k[batch - 1 :] = attention.v[batch - 1 :] = torch.nan
            engine.load(poisoned)
            engine.reset([batch - 1] if t == 26 else None)
            state.reset([batch - 1] if t == 26 else None)
        if t == 40:  # the model goes on where the engine stands
            state = engine.state()
        near(engine.step(tokens[:, t].numpy()), model.step(tokens[:, t], state))


@pytest.mark.parametrize("name", EXACT)
def test_a_wrong_token_is_told_as_the_model_tells_it(name: str) -> None:
    model, engine = one_stream(name)
    engine.reset()
    good = np.ones((1, 5), np.float32)
    expected = engine.step(good)
    engine.reset()
    wrong = {
        "float64": good.astype(np.float64),
        "int64": np.ones((1, 5), np.int64),
        "one dimension": good[0],
        "three dimensions": good[None],
        "features": np.ones((1, 4096), np.float32),
        "no row": np.ones((0, 5), np.float32),
        "two rows": np.ones((2, 5), np.float32),
    }
    for what, token in wrong.items():
        with pytest.raises((ValueError, TypeError)) as of_model:
            model.step(torch.from_numpy(token), model.initial_state(1))
        with pytest.raises(of_model.type) as of_engine:
            engine.step(token)
        assert str(of_engine.value) == str(of_model.value), what
    with pytest.raises(TypeError, match="token is a list, expected a NumPy array"):
        engine.step(good.tolist())
    np.testing.assert_array_equal(engine.step(good), expected)  # and nothing of them was taken
    np.testing.assert_array_equal(good, np.ones((1, 5)))


@pytest.mark.parametrize("name", EXACT)
def test_a_refused_state_leaves_the_engine_as_it_was(name: str) -> None:
    (model, engine), other = one_stream(name), build()
    engine.reset()
    mine = model.initial_state(1)
    tokens = torch.randn(4, 1, 5)
    near(engine.step(tokens[0].numpy()), model.step(tokens[0], mine))
    for wrong, said in (
        (other.initial_state(1), "another model"),
        (model.initial_state(2), "2 streams, expected 1"),
    ):
        with pytest.raises(ValueError, match=said):
            engine.load(wrong)
    near(engine.step(tokens[1].numpy()), model.step(tokens[1], mine))
    theirs = engine.state()
    engine.load(theirs)
    for token in tokens[2:]:  # a state that was loaded, or given out, is a copy
        near(engine.step(token.numpy()), model.step(token, mine))
    assert int(theirs.tick) == 2 and int(theirs.filled) == 2


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_an_engine_steps_a_dtype_or_refuses_it(name: str, kind: torch.dtype) -> None:
    model = build().to(kind)
    try:
        engine = make_engine(name, model)
    except ImportError as error:
        pytest.skip(str(error))
    except ValueError as error:
        assert str(kind) in str(error) and name != "torch"
        return
    assert engine.batch == 1 and engine.dtype == {torch.float64: "f8", torch.float16: "f2"}.get(kind, "f4")
    token = torch.randn(1, 5).to(kind)
    expected = model.step(token, model.initial_state(1)).double()
    got = engine.step(token.float().numpy().astype(engine.dtype))
    assert got.dtype == engine.dtype
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-10 if kind == torch.float64 else 1e-2)


def test_threads_and_precision_change_nothing_but_the_time(monkeypatch) -> None:
    from models.engines import numba_step

    monkeypatch.setattr(numba_step, "SHARED", 1)  # so that threads share even these matrices
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


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_the_fastest_engine_is_chosen_and_named(kind: torch.dtype) -> None:
    model = build().to(kind)
    engine = fastest(model, steps=5, names=("torch", "numpy", "numba"))
    assert engine.name in EXACT
    assert engine.name == "torch" or kind == torch.float32  # the others know no half precision
    token = torch.randn(1, 5).to(kind)
    expected = model.step(token, model.initial_state(1)).float()
    got = engine.step(token.float().numpy().astype(engine.dtype))
    np.testing.assert_allclose(got, expected, atol=1e-5 if kind == torch.float32 else 1e-2)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_a_live_engine_hands_the_stream_over_in_its_middle(config: dict, monkeypatch) -> None:
    """Where Numba can step the model: here it always counts as faster."""
    monkeypatch.setattr(live, "fastest", lambda model, batch, names: make_engine(names[-1], model, batch))
    model = build(**config)
    engine = make_engine("live", model)
    state = model.initial_state(1)
    for t, token in enumerate(torch.randn(3 * (2 * N - 1) + 12, 1, 5)):
        assert engine.name == ("numba" if t > 15 and (model.streaming or len(model.blocks) == 1) else "numpy")
        if t == 15:
            engine.hasten()
        if t == 30:
            state.reset()
            engine.reset()
        near(engine.step(token.numpy()), model.step(token, state))


def test_a_live_engine_steps_whatever_there_is() -> None:
    assert make_engine("live", build(), 2).name == "torch"
    assert make_engine("live", build().half()).name == "torch"
    assert make_engine("live", build(blocks=2, retroactive="update")).name == "torch"


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_a_window_gives_the_models_logits(config: dict) -> None:
    model = build(**config)
    tokens = torch.randn(model.receptive_field, 5)
    for count in (1, 3, len(tokens)):
        window = tokens[:count].numpy()
        expected = model(tokens[None, :count], 7, all_outputs=not model.streaming)[0].detach()
        for run in (live.make_window(model), live.TorchWindow(model), live.fastest_window(model, 1)):
            near(run(window, 7), expected)
    assert live.make_window(model).name == ("torch" if model.streaming else "numpy")


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(ValueError, match="engine is 'abacus', expected one of live, torch, numpy, numba"):
        make_engine("abacus", build())


def test_an_exported_step_runs_where_there_is_no_torch(tmp_path: Path) -> None:
    """State in, state out, past three windows; a stream starts whatever its state holds."""
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    model = build(blocks=3, norm="pre")
    path = export_step(model, tmp_path / "step.onnx")
    session = runtime.InferenceSession(path)
    state = model.initial_state(3)
    feed = {name: tensor.numpy() for name, tensor in graph_state(model, 3).items()}
    assert not any(tensor.any() for tensor in feed.values())  # all zeros is a new stream
    start = np.zeros((3, 1), bool)
    for t, token in enumerate(torch.randn(3 * N + 12, 3, 5)):
        if t == 9:
            state.reset([1])
            start[1] = True
            for name, kept in feed.items():
                feed[name] = kept.copy()
                feed[name][1] = 77 if kept.dtype == np.int64 else np.nan
        logits, *new = session.run(None, {"token": token.numpy(), "start": start, **feed})
        start = np.zeros((3, 1), bool)
        feed = dict(zip(feed, new, strict=True))
        near(logits, model.step(token, state))
    token = token[[2, 0]].numpy()  # the same graph, another number of streams
    logits, *_ = session.run(
        None, {"token": token, "start": start[:2], **{k: v[[2, 0]] for k, v in feed.items()}}
    )
    again, *_ = session.run(
        None, {"token": token[:1], "start": start[:1], **{k: v[[2]] for k, v in feed.items()}}
    )
    near(again, logits[:1])


def test_an_exported_file_says_what_it_is_and_not_where_it_was_made(tmp_path: Path, capsys) -> None:
    runtime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    told = {"task": "actions", "labels": list("abcd"), "rate": 15.0, "temperature": 0.8, "threshold": 0.7}
    card = dict.fromkeys(CARD_KEYS, "…") | told | {"window": N, "features": {}}
    save_checkpoint(tmp_path / "m.safetensors", build(), card)
    path = tmp_path / "m.onnx"
    assert export.run(tmp_path / "m.safetensors", path) == 0
    metadata = runtime.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert {key: json.loads(value) for key, value in metadata.items() if key in card} == told
    assert json.loads(metadata["continual_transformer"])["window"] == N
    written = path.read_bytes()
    for trace_of_it in (b".py", str(Path(torch.__file__).parent).encode(), b"site-packages"):
        assert trace_of_it not in written
    assert export.run(tmp_path / "absent.safetensors", tmp_path / "n.onnx") == 2
    assert "absent.safetensors" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (build(blocks=2, retroactive="update"), "paper's update"),
        (build().train(), r"call model\.eval"),
        (build().double(), "float64, a graph is written in float32"),
        (build().half(), "float16, a graph is written in float32"),
    ],
    ids=["update", "training", "float64", "float16"],
)
def test_what_is_not_exported_is_refused_first(model, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        export_step(model, tmp_path / "a.onnx")
    assert not any(tmp_path.iterdir())
