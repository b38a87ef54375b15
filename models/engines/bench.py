"""The benchmark: windows, steps and the authors' library, interleaved, beside what the memory allows.

Every contender of a preset runs a short burst in turn, round after round, so that whatever else the machine
does falls on all of them; what counts are ratios of medians within one run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from json import dumps
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.continual.block import EncoderBlock
from models.continual.classifier import ContinualTransformer
from models.engines.engine import NAMES, make_engine
from models.engines.export import trace
from models.engines.onnx_step import onnx_session
from models.paper.peer import AuthorsModel
from models.paper.presets import preset

PRESETS = (("CoOadTR-b1", "Kin"), ("CoOadTR-b2", "Kin"), ("GTZAN-b1", "VGGish"), ("GTZAN-b2", "VGGish"))
ENGINES = NAMES[1:]  # without "live", which is one of the others
BURST = 0.03  # seconds a contender runs before the next has its turn: enough for the caches to be its own
BUDGET = 12.0  # seconds a preset

Call = Callable[[], Any]


class CachedEmbedding:
    """A window recomputed from cached embeddings: only the newest token is embedded anew."""

    def __init__(self, model: ContinualTransformer, tokens: Tensor) -> None:
        self.model, self.token = model, tokens[:, 0]
        self.tick = torch.zeros(len(tokens), dtype=torch.int64)  # (B,)
        self.x = model._embed(tokens, torch.arange(model.window))  # (B, n, d)

    def __call__(self) -> Tensor:
        self.x[:, -1] = self.model._embed(self.token, self.tick)
        x = self.x
        for block in self.model.blocks:
            x = block(x)  # (B, n, d)
        return self.model._classify(x[:, -1])


class RegularGraph(nn.Module):
    """The regular window, for export."""

    def __init__(self, model: ContinualTransformer, all_outputs: bool) -> None:
        super().__init__()
        self.model, self.all_outputs = model, all_outputs

    def forward(self, tokens: Tensor) -> Tensor:
        return self.model(tokens, all_outputs=self.all_outputs)


def onnx_window(model: ContinualTransformer, tokens: Tensor, all_outputs: bool, threads: int) -> Call:
    """The regular window in ONNX Runtime."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "window.onnx"
        graph = RegularGraph(model, all_outputs)
        trace(graph, (tokens,), ["tokens"], ["logits"], path, any_batch=False)
        session = onnx_session(path, threads)
    feed = {"tokens": tokens.numpy()}
    return lambda: session.run(None, feed)


def contenders(
    model: ContinualTransformer, threads: int, streams: int, engines: Sequence[str] = ENGINES
) -> dict[str, Call]:
    """What is timed, by name; what cannot run here (a missing library) is left out."""
    tokens = torch.randn(streams, model.window, model.config["input_size"])
    newest = tokens[:, -1].contiguous()  # (B, F)
    calls: dict[str, Call] = {
        "window, all outputs": lambda: model(tokens, all_outputs=True),
        "window, last output": lambda: model(tokens),
        "window, cached embedding": CachedEmbedding(model, tokens),
    }
    if "onnx" in engines and find_spec("onnxscript") and find_spec("onnxruntime"):
        for what in ("window, all outputs", "window, last output"):
            calls[f"{what}, onnx"] = onnx_window(model, tokens, what == "window, all outputs", threads)
    for name in engines:
        try:
            engine = make_engine(name, model, streams, threads)
        except (ImportError, ValueError):
            continue
        engine.load(model.prefill(tokens))
        calls[f"step, {name}"] = partial(engine.step, newest.numpy())
    try:
        authors = AuthorsModel(model)
    except ImportError:
        return calls
    for t in range(model.window):  # they are silent until the window is full
        authors.step(tokens[:, t])
    calls["step, authors"] = lambda: authors.step(newest)
    return calls


def interleaved(calls: dict[str, Call], budget: float) -> dict[str, float]:
    """Median seconds a call, from bursts in turn."""
    single = {name: _time(call, 3)[-1] for name, call in calls.items()}  # the first ones warm up
    burst = {name: max(1, int(BURST / seconds)) for name, seconds in single.items()}
    rounds = int(budget / sum(burst[name] * seconds for name, seconds in single.items()))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(max(5, min(200, rounds))):
        for name, call in calls.items():
            times[name] += _time(call, burst[name])
    return {name: float(np.median(values)) for name, values in times.items()}


def _time(call: Call, repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def read_rate(size: int, threads: int = 1) -> float:
    """Bytes a second at which ``size`` bytes can be read: by the fastest of a sum and two products."""
    from models.engines.numba_kernels import Matrix, SharedMatrix, times

    rows = max(1, size // 4096)
    weight, vector = np.ones((rows, 1024), np.float32), np.ones(1024, np.float32)
    kind = SharedMatrix if threads > 1 else Matrix
    matrix = kind(weight, np.ones(rows, np.float32), np.zeros(rows, np.float32))
    tensor = torch.from_numpy(weight)
    readers: list[Call] = [tensor.sum, lambda: weight @ vector, lambda: times(matrix, vector)]
    return weight.nbytes / min(min(_time(reader, 30)) for reader in readers)


def product_rate(rows: int, size: int) -> float:
    """Multiply-accumulates a second of a (rows, size) x (size, size) product, in NumPy or PyTorch."""
    x, w = np.ones((rows, size), np.float32), np.ones((size, size), np.float32)
    tx, tw = torch.from_numpy(x), torch.from_numpy(w)
    seconds = min(min(_time(lambda: x @ w, 20)), min(_time(lambda: tx @ tw, 20)))
    return rows * size * size / seconds


def step_bytes(model: ContinualTransformer, streams: int) -> tuple[int, int]:
    """Bytes that a step must read: weights, and the state of all streams."""
    table = model.positional.table
    weights = sum(parameter.nbytes for parameter in model.parameters() if parameter is not table)
    state = model.initial_state(streams)
    kept = sum(ring.nbytes for attention in state.attention for ring in (attention.k, attention.v))
    return weights, kept


def _single_row_weights(model: ContinualTransformer) -> int:
    """Weights of the products of a step that take one row a stream: all, unless a window is refreshed."""
    parts = [model.embedding, model.head, *([] if model.inner is None else [model.inner])]
    if len(model.blocks) == 1 or model.streaming:
        parts += [part for block in model.blocks for part in _products(block)]
        return sum(part.weight.numel() for part in parts)
    qkv, *others = _products(model.blocks[-1])
    parts += [model.blocks[0].attention.qkv, *others]
    return sum(part.weight.numel() for part in parts) + qkv.weight.numel() // 3


def _products(block: EncoderBlock[Any]) -> list[nn.Linear]:
    return [block.attention.qkv, block.attention.output, block.linear1, block.linear2]


def limits(model: ContinualTransformer, streams: int, threads: int = 1) -> dict[str, float]:
    """Seconds that each kind of contender needs at least, by measured rates of reading and multiplying."""
    weights, state = step_bytes(model, streams)
    size = model.config["model_size"]
    window_rate = product_rate(model.window * streams, size)
    read = read_rate(weights, threads)
    macs = {
        mode: sum(model.macs(mode).values()) * streams for mode in ("regular", "regular_last", "continual")
    }
    # A step multiplies some weights by one row a stream, which takes as long as reading them if there is one
    # stream, and the others by the rows of the window.
    few = _single_row_weights(model)
    work = few * streams / product_rate(streams, size) if streams > 1 else 4 * few / read
    work += (macs["continual"] - few * streams) / window_rate
    parts = model.macs("regular")
    cached = macs["regular"] - parts["embedding"] * streams * (1 - 1 / model.window)
    return {
        "window, all outputs": macs["regular"] / window_rate,
        "window, last output": macs["regular_last"] / window_rate,
        "window, cached embedding": cached / window_rate,
        "step": max((weights + state) / read, work),
        # At best four 8-bit products where there is one of 32 bits.
        "step, int8": max((weights / 4 + state) / read_rate(weights // 4, threads), work / 4),
    }


def measure(threads: int = 1, streams: int = 1) -> list[dict[str, Any]]:
    """Time all presets.

    Returns
    -------
    list of dict
        ``preset, what, threads, streams, median_us, limit_us``.
    """
    rows = []
    for name, features in PRESETS:
        torch.manual_seed(0)
        model = preset(name, features).build()
        with torch.inference_mode():
            times = interleaved(contenders(model, threads, streams), BUDGET)
            least = limits(model, streams, threads)
        for what, seconds in times.items():
            step = "step, int8" if what.endswith("int8") else "step"
            kind = step if what.startswith("step") else what.removesuffix(", onnx")
            rows.append(
                {
                    "preset": f"{name}/{features}",
                    "what": what,
                    "threads": threads,
                    "streams": streams,
                    "median_us": round(seconds * 1e6, 1),
                    "limit_us": round(least[kind] * 1e6, 1),
                }
            )
    return rows


def run(json: bool = False, threads: int = 1, streams: int = 1) -> int:
    """Measure and print, as text or as JSON lines; returns the exit code."""
    if threads < 1 or streams < 1:
        print(f"threads and streams must be at least 1, got {threads} and {streams}", file=sys.stderr)
        return 2
    torch.set_num_threads(threads)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        rows = measure(threads, streams)
    if json:
        for row in rows:
            print(dumps(row))
        return 0
    print(
        f"{threads} thread{'s' * (threads > 1)}, {streams} stream{'s' * (streams > 1)}: microseconds for "
        "one prediction of every stream"
    )
    print("limit: reading the weights and the state, or multiplying, at the rates measured here\n")
    print(f"{'':27}{'median':>10}{'limit':>10}{'x limit':>9}{'all outputs':>13}{'authors':>9}")
    for name in dict.fromkeys(row["preset"] for row in rows):
        print(name)
        mine = {row["what"]: row for row in rows if row["preset"] == name}
        full = min(row["median_us"] for what, row in mine.items() if what.startswith("window, all outputs"))
        authors = mine.get("step, authors")
        for what, row in mine.items():
            times = f"{full / row['median_us']:12.1f}x"
            peer = f"{authors['median_us'] / row['median_us']:8.1f}x" if authors else ""
            over = row["median_us"] / row["limit_us"]
            print(f"  {what:25}{row['median_us']:10.1f}{row['limit_us']:10.1f}{over:9.2f}{times}{peer}")
    print("\nThe last two columns: times faster than the fastest regular window, and than the authors' step.")
    return 0
