"""The exported step as servers run it: Triton's sequence batcher, emulated, and OpenVINO's state."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from models.checkpoint import CARD_KEYS, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.engines import export

WINDOW, SIZE = 5, 6
CARD = dict.fromkeys(CARD_KEYS, "…") | {
    "task": "actions",
    "labels": ["sit", "stand", "wave"],
    "window": WINDOW,
    "features": {},
    "rate": 15.0,
    "temperature": 0.8,
    "threshold": 0.7,
}


@pytest.fixture(scope="module")
def model() -> ContinualTransformer:
    torch.manual_seed(5)
    return ContinualTransformer(
        input_size=SIZE, classes=3, window=WINDOW, model_size=16, heads=2, feedforward=24, blocks=2
    ).eval()


@pytest.fixture(scope="module")
def repository(model: ContinualTransformer, tmp_path_factory) -> Path:
    """What `export --triton` writes."""
    pytest.importorskip("onnxscript")
    folder = tmp_path_factory.mktemp("triton")
    save_checkpoint(folder / "waves.safetensors", model, CARD)
    assert export.run(folder / "waves.safetensors", None, folder / "models") == 0
    return folder / "models" / "waves"


class Batcher:
    """Triton's sequence batcher: each sequence's state by ``config.pbtxt``, in memory that is not cleared."""

    def __init__(self, folder: Path, rng: np.random.Generator) -> None:
        runtime = pytest.importorskip("onnxruntime")
        self.config = (folder / "config.pbtxt").read_text()
        self.session = runtime.InferenceSession(folder / "1" / "model.onnx")
        (self.start,) = re.findall(r'name: "(\w+)"\s+control \[ { kind: CONTROL_SEQUENCE_START', self.config)
        pattern = r'input_name: "(\w+)"\s+output_name: "(\w+)"\s+data_type: TYPE_(\w+)\s+dims: \[([\d, ]+)\]'
        self.states = [
            (name, new, {"FP32": np.float32, "INT64": np.int64}[kind], tuple(map(int, dims.split(","))))
            for name, new, kind, dims in re.findall(pattern, self.config)
        ]
        self.memory: dict[int, dict[str, np.ndarray]] = {}
        self._rng = rng

    def _dirt(self) -> dict[str, np.ndarray]:
        found = {}
        for name, _, kind, shape in self.states:
            dirt = self._rng.choice([np.nan, np.inf, -np.inf, 1e30, -3.0], shape)
            found[name] = dirt.astype(kind) if kind == np.float32 else self._rng.integers(-99, 99, shape)
        return found

    def run(self, requests: dict[int, tuple[np.ndarray, bool]]) -> dict[int, np.ndarray]:
        """One batch: by sequence, its token and whether it is the first -> its logits."""
        for sequence, (_, first) in requests.items():
            if first:
                self.memory[sequence] = self._dirt()
        feed = {name: np.stack([self.memory[s][name] for s in requests]) for name, *_ in self.states}
        feed["token"] = np.stack([token for token, _ in requests.values()])
        feed[self.start] = np.array([[first] for _, first in requests.values()])
        outputs = ["logits", *(new for _, new, *_ in self.states)]
        logits, *kept = self.session.run(outputs, feed)
        for row, sequence in enumerate(requests):
            for (name, *_), tensor in zip(self.states, kept, strict=True):
                self.memory[sequence][name] = tensor[row]
        return dict(zip(requests, logits, strict=True))


def batches(lengths: np.ndarray, rng: np.random.Generator) -> Iterator[list[int]]:
    """Which sequences have a token, batch by batch, until all are through; sequences begin at any time."""
    left = dict(enumerate(lengths.tolist()))
    while left:
        size = min(len(left), int(rng.integers(1, 9)))
        chosen = sorted(rng.choice(list(left), size, replace=False).tolist())
        for sequence in chosen:
            left[sequence] -= 1
            if not left[sequence]:
                del left[sequence]
        yield chosen


def test_fifty_sequences_behind_tritons_batcher(model: ContinualTransformer, repository: Path) -> None:
    rng = np.random.default_rng(3)
    batcher = Batcher(repository, rng)
    streams = [
        rng.normal(size=(length, SIZE)).astype(np.float32) for length in rng.integers(1, 4 * WINDOW, 50)
    ]
    states, at, sizes = [model.initial_state(1) for _ in streams], [0] * len(streams), set()
    for chosen in batches(np.array([len(stream) for stream in streams]), rng):
        answers = batcher.run({s: (streams[s][at[s]], at[s] == 0) for s in chosen})
        for s in chosen:
            expected = model.step(torch.from_numpy(streams[s][at[s]])[None], states[s])[0]
            np.testing.assert_allclose(answers[s], expected, rtol=0, atol=2e-6)
            at[s] += 1
        sizes.add(len(chosen))
    assert at == [len(stream) for stream in streams] and sizes == set(range(1, 9))


def test_what_tritons_configuration_says(model: ContinualTransformer, repository: Path) -> None:
    config = (repository / "config.pbtxt").read_text()
    assert config.startswith('name: "waves"\nbackend: "onnxruntime"\n')
    assert '{ name: "token" data_type: TYPE_FP32 dims: [ 6 ] }' in config
    assert '{ name: "logits" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "labels.txt" }' in config
    assert config.count("{") == config.count("}") and config.count("[") == config.count("]")
    assert (repository / "labels.txt").read_text() == "sit\nstand\nwave\n"
    session = pytest.importorskip("onnxruntime").InferenceSession(repository / "1" / "model.onnx")
    told = {name: shape for name, _, _, shape in Batcher(repository, np.random.default_rng(0)).states}
    graph = {value.name: tuple(value.shape[1:]) for value in session.get_inputs()}
    assert graph == told | {"token": (SIZE,), "start": (1,)}
    assert {type(value.shape[0]) for value in session.get_inputs() + session.get_outputs()} == {str}


def test_openvino_keeps_the_state_itself(model: ContinualTransformer, repository: Path) -> None:
    openvino = pytest.importorskip("openvino")
    from openvino.passes import MakeStateful, Manager

    graph = openvino.Core().read_model(repository / "1" / "model.onnx")
    graph.reshape({value: [2, *list(value.partial_shape)[1:]] for value in graph.inputs})
    names = [name for value in graph.inputs for name in value.names if name not in ("token", "start")]
    manager = Manager()
    manager.register_pass(MakeStateful({name: f"new_{name}" for name in names}))
    manager.run_passes(graph)
    request = openvino.Core().compile_model(graph, "CPU").create_infer_request()
    state = model.initial_state(2)
    for t, token in enumerate(torch.randn(4 * WINDOW, 2, SIZE)):
        start = np.zeros((2, 1), bool)
        if t == 9:
            state.reset([1])
            start[1] = True
        if t == 15:
            state.reset()
            request.reset_state()
        answer = request.infer({"token": token.numpy(), "start": start})["logits"]
        np.testing.assert_allclose(answer, model.step(token, state), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("number", "library"), [(0, "onnxruntime"), (1, "openvino")])
def test_what_the_document_shows_works(
    number: int, library: str, repository: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    pytest.importorskip(library)
    document = Path(__file__).resolve().parents[1] / "docs" / "serving.md"
    code = re.findall(r"```python\n(.*?)```", document.read_text("utf-8"), re.DOTALL)[number]
    shutil.copy(repository / "1" / "model.onnx", tmp_path / "actions.onnx")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code, names)
    assert names["logits"].shape == ((3, 3) if library == "onnxruntime" else (1, 3))
    assert number or capsys.readouterr().out.strip() in CARD["labels"]


def test_export_wants_to_know_where_to(tmp_path: Path, capsys) -> None:
    assert export.run(tmp_path / "any.safetensors", None) == 2
    assert "OUT.onnx" in capsys.readouterr().err
