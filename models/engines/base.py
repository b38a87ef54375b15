"""What all engines share: one check of tokens and states, and states laid out by age."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.continual.checks import check_size, check_tokens
from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState


class Engine(ABC):
    """Runs the step of B streams and keeps their state; weights are those at the time it is made.

    Parameters
    ----------
    model : ContinualTransformer
        In evaluation mode.
    batch : int
        B.

    Attributes
    ----------
    name : str
        As :data:`models.engines.engine.NAMES` has it.
    dtype : numpy.dtype
        Of tokens and logits: the weights', or float32 for bfloat16, which NumPy lacks.

    Raises
    ------
    RuntimeError
        The model is in training mode.
    """

    name: str

    def __init__(self, model: ContinualTransformer, batch: int = 1) -> None:
        model._check_mode()
        self.model, self.batch = model, check_size("batch", batch)
        weight = model.head.weight
        kind = torch.float32 if weight.dtype == torch.bfloat16 else weight.dtype
        self._like = torch.empty(1, model.config["input_size"], dtype=kind)  # (1, F): what a token is like
        self.dtype = np.dtype(str(kind).removeprefix("torch."))
        self._shape = (self.batch, model.config["input_size"])

    def step(self, token: np.ndarray) -> np.ndarray:
        """Each stream's next token (B, F) -> logits (B, C).

        Raises
        ------
        ValueError, TypeError
            A token of wrong shape or dtype, told as ``model.step`` tells it.
        """
        if not (isinstance(token, np.ndarray) and token.shape == self._shape and token.dtype == self.dtype):
            self._refuse(token)
        return self._step(token)

    def timed_step(self, token: np.ndarray) -> tuple[np.ndarray, float]:
        """:meth:`step`, and the seconds that it took."""
        start = time.perf_counter()
        logits = self.step(token)
        return logits, time.perf_counter() - start

    def load(self, state: StreamState) -> None:
        """Go on from a state of the model, which is copied: after a prefill, or from ``initial_state``.

        Raises
        ------
        ValueError, TypeError
            A state of another model, batch or dtype; the engine stays as it was.
        """
        dtype = self.model.head.weight.dtype
        if state.model != self.model._serial:
            raise ValueError("this state belongs to another model: make one with this model's initial_state")
        if len(state.tick) != self.batch:
            raise ValueError(f"a state of {len(state.tick)} streams, expected {self.batch}")
        if state.ring.bias.dtype != dtype:
            raise TypeError(f"the state is {state.ring.bias.dtype}, expected the weights' {dtype}")
        self._load(state)

    def reset(self, rows: Tensor | Sequence[int] | int | None = None) -> None:
        """Start streams afresh, whatever their state holds: the ``rows`` by index or mask (B,), or all."""
        state = self.state()
        state.reset(rows)
        self._load(state)

    @abstractmethod
    def state(self) -> StreamState:
        """A copy of the state, for ``model.step``, another engine, or a later :meth:`load`."""

    @abstractmethod
    def _step(self, token: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def _load(self, state: StreamState) -> None: ...

    def _refuse(self, token: np.ndarray) -> None:
        if not isinstance(token, np.ndarray):
            raise TypeError(f"the token is a {type(token).__name__}, expected a NumPy array (B, F)")
        check_tokens(torch.from_numpy(np.ascontiguousarray(token)), self._like, "B, F")
        raise ValueError(f"{len(token)} tokens for a state of {self.batch} streams")


def rings_of_one(state: StreamState, window: int) -> dict[str, np.ndarray]:
    """Copies of the rings of one stream, (h, n, e) or (n, d), by name: its oldest token at 0."""
    saved = state.state_dict()
    kept = {}
    for name in saved.keys() - {"tick", "filled"}:
        ring = saved[name][0].cpu()  # (…, m, e)
        kept[name] = torch.cat(
            [ring, ring.new_zeros(*ring.shape[:-2], window - ring.shape[-2], ring.shape[-1])], -2
        ).numpy()
    return kept


def state_of_one(
    model: ContinualTransformer, tick: int, filled: int, slot: int, kept: dict[str, np.ndarray]
) -> StreamState:
    """A state of one stream, whose next token goes to ``slot`` of the rings ``kept`` (h, n, e) or (n, d)."""
    order = (slot - filled + np.arange(filled)) % model.window  # (m,), oldest first
    saved = {name: torch.from_numpy(ring[..., order, :])[None] for name, ring in kept.items()}
    return state_from(model, saved | {"tick": torch.tensor([tick]), "filled": torch.tensor([filled])})


def state_from(model: ContinualTransformer, saved: dict[str, Tensor]) -> StreamState:
    """A state of the model from its state dict."""
    state = model.initial_state(len(saved["tick"]))
    state.load_state_dict(saved)
    return state
