"""One task's Continual Transformer on one stream of tokens, in either mode."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch

from app.features.tokens import Token
from app.pipeline.state import Mode, Prediction, TaskInfo
from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine
from models.engines.live import LiveEngine, make_window
from models.training.metrics import named

HOLD = 0.4  # seconds whose mean is named, see `models.training.metrics.named`: single ticks are noise
BOUND = 1e-5  # the two modes' greatest difference in float32, for logits up to 1 and in proportion above
RECORDED = 512  # tokens kept for a race: half a minute of actions, four of genres
MODES: tuple[Mode, ...] = ("regular", "continual", "both")


class TaskStream:
    """Turns tokens into predictions, and can change its mode between any two of them.

    The tokens of the receptive field are kept in every mode, so that the continual state can be made from
    them at a toggle: predictions go on without a jump.

    Parameters
    ----------
    model : ContinualTransformer
        In evaluation mode.
    card : dict
        The model card stored with the weights; ``labels``, ``rate``, ``temperature`` and ``threshold`` count,
        and ``thresholds`` of single labels in its place.
    extractor_macs, extractor_macs_regular : dict of str to int
        Passed on in ``info``; the latter the same by default.
    engine : Engine, optional
        What steps the model, one stream of it; one of its own by default.
    """

    def __init__(
        self,
        model: ContinualTransformer,
        card: dict[str, Any],
        extractor_macs: dict[str, int],
        engine: Engine | None = None,
        extractor_macs_regular: dict[str, int] | None = None,
    ) -> None:
        self.model = model
        self.info = TaskInfo(
            task=card["task"],
            labels=tuple(card["labels"]),
            rate=float(card["rate"]),
            window=model.window,
            threshold=float(card["threshold"]),
            card=card,
            extractor_macs=extractor_macs,
            extractor_macs_regular=extractor_macs_regular or extractor_macs,
        )
        self._temperature = float(card["temperature"])
        self._thresholds = self.info.thresholds
        self._mode: Mode = "continual"
        self._tokens: deque[np.ndarray] = deque(maxlen=model.receptive_field)
        self._recorded: deque[np.ndarray] = deque(maxlen=RECORDED)
        self._count = 0  # tokens since the last reset: the positional phase
        self._engine = engine or LiveEngine(model)
        self._window = make_window(model)
        self._current = False  # whether the engine stands where self._tokens end
        self._hold = max(1, round(HOLD * self.info.rate))  # ticks
        self._spoken = 2 * self._hold - 1  # ticks that a name is made of, for it may stay for `_hold` - 1
        self._newest: deque[np.ndarray] = deque(maxlen=self._spoken)  # probabilities (C,)
        self._parts = cache(lambda mode, filled: model.macs(mode, filled=filled))
        # The first calls of a fresh process are slow (allocation, kernel choice) and are no step's cost.
        warm_up = np.zeros((model.window, int(model.config["input_size"])), np.float32)
        self._window(warm_up)
        self._engine.step(warm_up[:1])

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
        self._mode = mode

    def reset(self) -> None:
        """Forget all tokens: a gap, a new person, a new song."""
        self._tokens.clear()
        self._count = 0
        self._current = False
        self._newest.clear()

    def recorded(self) -> np.ndarray:
        """The newest tokens (m, F), whatever was reset between them; any thread may ask."""
        tokens = list(self._recorded)
        return np.stack(tokens) if tokens else np.zeros((0, self.model.config["input_size"]), np.float32)

    @property
    def memory(self) -> int:
        """How many tokens before it a prediction depends on, its name included."""
        return self.model.receptive_field + self._spoken

    def restore(self, tokens: Sequence[Token], count: int) -> None:
        """Stand where a stream stands after these tokens, as if it had stepped them all: after a seek.

        Parameters
        ----------
        tokens : sequence of Token
            Those since the last reset, the newest last; the newest `memory` of them are enough.
        count : int
            How many there were since the last reset.
        """
        self.reset()
        split = max(0, len(tokens) - self._spoken)
        self._tokens.extend(token.vector for token in tokens[:split])
        self._count = count - (len(tokens) - split)
        for token in tokens[split:]:  # what is named is known by stepping only
            self.step(token)

    def hasten(self) -> None:
        """Compile, on this thread, what may step faster; the stream goes on meanwhile and then takes it."""
        if isinstance(self._engine, LiveEngine):
            self._engine.hasten()

    def step(self, token: Token) -> Prediction:
        """Predict from this token and those before it."""
        seconds: dict[str, float] = {}
        logits: dict[str, np.ndarray] = {}  # each (C,)
        if self._mode in ("continual", "both"):
            if not self._current:  # after a reset or a toggle
                self._engine.load(self._prefill())
                self._current = True
            rows, seconds["continual"] = self._engine.timed_step(token.vector[None])
            logits["continual"] = rows[0]
        else:
            self._current = False
        self._tokens.append(token.vector)
        self._recorded.append(token.vector)
        self._count += 1
        filled = min(self._count, self.model.window)
        if self._mode in ("regular", "both"):
            window = np.stack(self._tokens)  # (m, F)
            start = time.perf_counter()
            logits["regular"] = self._window(window, self._count - len(window))
            seconds["regular"] = time.perf_counter() - start
        computed = "regular" if self._mode == "regular" else "continual"
        scaled = torch.from_numpy(logits[computed] / self._temperature)
        probabilities = torch.softmax(scaled, -1).numpy()  # (C,)
        unavailable = tuple(name for name in self.info.labels if name in token.unavailable)
        if token.status:
            self._newest.clear()
        else:
            self._newest.append(probabilities)
        rows = np.stack(self._newest or [probabilities])  # (m, C)
        mean = rows[-self._hold :].mean(0)
        top = int(mean.argmax())
        has_name = not token.status and bool(named(rows, self._thresholds, self._hold)[-1] >= 0)
        confident = has_name and self.info.labels[top] not in unavailable
        both = self._mode == "both"
        return Prediction(
            task=self.info.task,
            tick=token.tick,
            time=token.time,
            mode=self._mode,
            probabilities=probabilities,
            label=token.status or (self.info.labels[top] if confident else "not sure"),
            confident=confident,
            nearest=top,
            confidence=float(mean[top]),
            status=token.status,
            repeated=token.repeated,
            unavailable=unavailable,
            filled=filled,
            macs=sum(self._parts(computed, filled).values()),
            macs_regular=sum(self._parts("regular", filled).values()),
            seconds=seconds[computed],
            seconds_regular=seconds["regular"] if both else None,
            max_delta=float(np.abs(logits["continual"] - logits["regular"]).max()) if both else None,
            delta_bound=BOUND * max(1.0, float(np.abs(logits["regular"]).max())) if both else None,
            latency=time.perf_counter() - token.captured,
            engine=self._window.name if computed == "regular" else self._engine.name,
        )

    def parts(self, prediction: Prediction) -> dict[str, dict[str, int]]:
        """Multiply-accumulates by part of the Transformer: as computed, and of a regular one, see `Cost`."""
        computed = "regular" if prediction.mode == "regular" else "continual"
        modes = {"computed": computed, "regular_last": "regular_last", "regular": "regular"}
        return {name: self._parts(mode, prediction.filled) for name, mode in modes.items()}

    def _prefill(self) -> StreamState:
        if not self._tokens:
            return self.model.initial_state(1)
        tokens = torch.from_numpy(np.stack(self._tokens))[None]  # (1, m, F)
        return self.model.prefill(tokens, tick=self._count - len(self._tokens))
