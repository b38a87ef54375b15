"""One table of all that would be used on a stream: what it costs, what it keeps, what it forgets and when."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch

from models.continual.classifier import ContinualTransformer
from models.engines.bench import BUDGET, interleaved, step_bytes
from models.engines.engine import fastest
from models.paper.peer import AuthorsModel
from models.rivals.base import Rival
from models.rivals.catalogue import line_up
from models.rivals.signal import FEATURES, TASKS, Signal, recall, train
from models.rivals.strided import StridedWindow

# CoOadTR's with Kinetics features, and a small one that learns in seconds.
PAPER: dict[str, int] = {
    "input_size": 4096,
    "classes": 22,
    "window": 64,
    "model_size": 1024,
    "heads": 8,
    "feedforward": 1024,
}
SMALL: dict[str, int] = {
    "input_size": FEATURES,
    "classes": 5,
    "window": 16,
    "model_size": 32,
    "heads": 4,
    "feedforward": 64,
}
STRIDE = 8
STEPS = 400


def costs(sizes: dict[str, int] = PAPER, threads: int = 1) -> dict[str, dict[str, Any]]:
    """MACs, bytes, memory and step time of each, untrained, timed in turn in one run.

    Parameters
    ----------
    sizes : dict
        Of the line-up; the paper's by default.
    threads : int
        Of the processor.

    Returns
    -------
    dict of str to dict
        ``macs`` a token, ``weight_bytes`` read and ``state_bytes`` kept a stream, ``receptive_field`` (None:
        unbounded), ``equals_window`` and ``median_us``, by name.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    token = torch.randn(1, sizes["input_size"])
    rows: dict[str, dict[str, Any]] = {}
    calls: dict[str, Callable[[], Any]] = {}
    for name, build in line_up(**sizes).items():
        model = build().eval()
        if isinstance(model, Rival):
            rows[name] = _row(
                model.macs(), model.weight_bytes, model.state_bytes, model.receptive_field, False
            )
            calls[name] = _stepper(model, token)
            continue
        windowed = not model.streaming
        weights, _ = step_bytes(model, 1)
        rows[name] = _row(
            sum(model.macs("continual").values()), weights, _kept(model), model.receptive_field, windowed
        )
        calls[name] = _stepper(model, token)
        if len(model.blocks) > 1:
            continue
        engine = fastest(model)
        key = f"{name}, {engine.name}"
        rows[key] = rows[name]
        calls[key] = partial(engine.step, token.numpy())
        kept = model.window * sizes["input_size"] * 4
        regular = sum(model.macs("regular").values())
        rows["regular window, b1"] = _row(regular, weights, kept, model.window, True)
        calls["regular window, b1"] = _regular(model)
        strided = StridedWindow(model, STRIDE)
        # Between two recomputations nothing is computed: its time is that of the window, over the stride.
        rows[f"window every {STRIDE} tokens"] = _row(strided.macs(), weights, kept, model.window, False)
        try:
            authors = AuthorsModel(model)
        except ImportError:
            continue
        for _ in range(model.window):  # silent until its window is full
            authors.step(token)
        rows["the authors' library, b1"] = rows[name]
        calls["the authors' library, b1"] = partial(authors.step, token)
    with torch.inference_mode():
        times = interleaved(calls, BUDGET)
    return {name: row | {"median_us": round(1e6 * _seconds(name, times), 1)} for name, row in rows.items()}


def _seconds(name: str, times: dict[str, float]) -> float:
    return times[name] if name in times else times["regular window, b1"] / STRIDE


def _row(
    macs: int, weight_bytes: int, state_bytes: int, receptive_field: int | None, equals_window: bool
) -> dict[str, Any]:
    return {
        "macs": macs,
        "weight_bytes": weight_bytes,
        "state_bytes": state_bytes,
        "receptive_field": receptive_field,
        "equals_window": equals_window,
    }


def _kept(model: ContinualTransformer) -> int:
    """Bytes of the rings of one stream, and of its embedded tokens where those are kept."""
    state = model.initial_state(1)
    tensors = [value for part in state.attention for value in vars(part).values()]
    tensors.append(state.tokens)
    return sum(value.nbytes for value in tensors if isinstance(value, torch.Tensor))


def _stepper(model: Rival | ContinualTransformer, token: torch.Tensor) -> Callable[[], Any]:
    return partial(model.step, token, model.initial_state(1))  # type: ignore[arg-type]


def _regular(model: ContinualTransformer) -> Callable[[], Any]:
    window = torch.randn(1, model.window, model.config["input_size"])
    return lambda: model(window, all_outputs=True)


def memory(steps: int = STEPS) -> dict[str, dict[str, dict[int, float]]]:
    """What each, trained on a signal of known length, still knows of it by the age of the cue.

    Parameters
    ----------
    steps : int
        Of the optimizer, 16 streams each.

    Returns
    -------
    dict of str to dict
        Of each task of :mod:`models.rivals.signal`, the share answered rightly by age; by name.
    """
    n = SMALL["window"]
    ages = (n // 2, n - 1, n, 2 * n, 3 * (n - 1), 3 * n)
    found: dict[str, dict[str, dict[int, float]]] = {}
    for name, build in line_up(**SMALL).items():
        found[name] = {}
        for task in TASKS:
            signal = Signal(task, n, 6 * n)
            torch.manual_seed(0)
            model = build()
            train(model, signal, steps=steps)
            found[name][task] = recall(model, signal, ages)
    return found


def run(as_json: bool = False, threads: int = 1, steps: int = STEPS) -> int:
    """Measure both and print them, as Markdown or as one JSON object; returns the exit code."""
    if threads < 1 or steps < 1:
        print(f"threads and steps must be at least 1, got {threads} and {steps}", file=sys.stderr)
        return 2
    priced = costs(threads=threads)
    known = memory(steps)
    if as_json:
        sizes = {"costs": PAPER, "memory": SMALL}
        print(json.dumps({"sizes": sizes, "steps": steps, "costs": priced, "memory": known}))
    else:
        print(in_words(priced, known))
    return 0


def in_words(priced: dict[str, dict[str, Any]], known: dict[str, dict[str, dict[int, float]]]) -> str:
    """Both tables as Markdown."""
    heads = (
        "",
        "MACs a token",
        "bytes read",
        "kept a stream",
        "step",
        "against the window",
        "sees",
        "equals a window",
    )
    window = priced["regular window, b1"]["median_us"]
    rows = [
        (
            name,
            f"{row['macs'] / 1e6:.2f} M",
            f"{row['weight_bytes'] / 1e6:.1f} MB",
            f"{row['state_bytes'] / 1e6:.3f} MB",
            f"{row['median_us'] / 1e3:.2f} ms",
            f"{window / row['median_us']:.1f} ×",
            "all of the past" if row["receptive_field"] is None else f"{row['receptive_field']} tokens",
            "yes" if row["equals_window"] else "no",
        )
        for name, row in priced.items()
    ]
    ages = list(next(iter(known.values()))[TASKS[0]])
    heads2 = ("", *(f"{task}, {age}" for task in TASKS for age in ages))
    rows2 = [
        (name, *(f"{tasks[task][age]:.2f}" for task in TASKS for age in ages))
        for name, tasks in known.items()
    ]
    return _markdown(heads, rows) + "\n\n" + _markdown(heads2, rows2)


def _markdown(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
