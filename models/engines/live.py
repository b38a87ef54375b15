"""The engine of a live stream: the fastest exact one, from the first token on and without waiting for it."""

from __future__ import annotations

import logging
import time

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine
from models.engines.engine import TorchEngine, fastest
from models.engines.numpy_step import NumpyEngine, NumpyWindow

log = logging.getLogger(__name__)


class LiveEngine(Engine):
    """Steps one stream by NumPy's engine at once, and by Numba's when that is compiled and faster.

    Attributes
    ----------
    name : str
        Of the engine that steps now.
    """

    def __init__(self, model: ContinualTransformer, batch: int = 1) -> None:
        super().__init__(model, batch)
        self._engine: Engine
        try:
            self._engine = NumpyEngine(model, batch)
        except ValueError:  # several streams, half precision, or the paper's update
            self._engine = TorchEngine(model, batch)
        self.name = self._engine.name
        self._faster: Engine | None = None

    def hasten(self) -> None:
        """Compile and measure, on this thread, what may be faster: the next step is its, state and all.

        It takes seconds the first time on a machine, a second in a later process, and milliseconds once
        compiled in this one.  What fails is logged: the stream goes on as it was.
        """
        try:
            best = fastest(self.model, self.batch, names=(self.name, "numba"))
        except Exception as error:  # whatever a compiler says
            log.info("The step is not compiled: %s", error)
            return
        if best.name != self.name:
            self._faster = best

    def state(self) -> StreamState:
        return self._engine.state()

    def _load(self, state: StreamState) -> None:
        if (faster := self._faster) is not None:
            self._engine, self._faster, self.name = faster, None, faster.name
        self._engine._load(state)

    def _step(self, token: np.ndarray) -> np.ndarray:
        if self._faster is not None:
            self._load(self._engine.state())
        return self._engine._step(token)


class TorchWindow:
    """``model(tokens, tick)`` of one stream, all outputs computed but for a streaming-deep model."""

    name = "torch"

    def __init__(self, model: ContinualTransformer) -> None:
        self._model = model

    @torch.inference_mode()
    def __call__(self, tokens: np.ndarray, tick: int = 0) -> np.ndarray:
        """Tokens (m, F), the oldest of this tick -> logits (C,)."""
        window = torch.from_numpy(tokens)[None].to(self._model.head.weight)  # (1, m, F)
        logits = self._model(window, tick=tick, all_outputs=not self._model.streaming)[0]
        return logits.float().cpu().numpy() if logits.dtype == torch.bfloat16 else logits.cpu().numpy()


def fastest_window(model: ContinualTransformer, repeats: int = 5) -> NumpyWindow | TorchWindow:
    """Measure the engines of a window that run here and take the fastest."""
    windows = [make_window(model), TorchWindow(model)]
    tokens = np.zeros((model.window, model.config["input_size"]), np.float32)
    times: list[list[float]] = [[] for _ in windows]
    for _ in range(repeats):
        for window, taken in zip(windows, times, strict=True):
            start = time.perf_counter()
            window(tokens)
            taken.append(time.perf_counter() - start)
    return windows[int(np.argmin([min(taken) for taken in times]))]


def make_window(model: ContinualTransformer) -> NumpyWindow | TorchWindow:
    """The regular mode's fastest engine for one stream: NumPy's, or PyTorch's where that does not run it."""
    try:
        return NumpyWindow(model)
    except ValueError:
        return TorchWindow(model)
