"""A race of the two modes: the same model on the same tokens, each as fast as it can.

Threads: one for each lane, with one thread of PyTorch each and a lower priority than what is live.  The
continual one prepares both (an engine may have to be compiled), then both start together.  Whoever watches
calls `Race.state`, which waits for nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from app.pipeline.priority import stand_back
from models.continual.classifier import ContinualTransformer
from models.engines.bench import product_rate, read_rate, step_bytes
from models.engines.engine import make_engine
from models.engines.live import LiveEngine, fastest_window
from models.rivals.catalogue import beside

log = logging.getLogger(__name__)

_NEWEST = 4096  # steps the percentiles are taken over

Material = Callable[[], tuple[ContinualTransformer, np.ndarray]]
Step = Callable[[int], np.ndarray]  # the number of a token -> logits (C,)


@dataclass(frozen=True, slots=True)
class Bound:
    """The least time of a step by what it must read and multiply, at the rates measured here.

    Attributes
    ----------
    seconds : float
    by : {"reading", "multiplying"}
        Which of the two takes longer.
    amount, rate : float
        Bytes and bytes a second, or multiply-accumulates and those a second.
    """

    seconds: float
    by: str
    amount: float
    rate: float


@dataclass(frozen=True, slots=True)
class Lane:
    """How far one mode has come.

    Attributes
    ----------
    predictions : int
    seconds : float
        Since the start.
    times : (float, float, float)
        p50, p95 and p99 of a step, of the newest 4096, by the clock: what else runs counts.
    cpu : float
        Share of one core that the thread had.
    macs : int
        Multiply-accumulates of a prediction.
    bound : Bound
    engine : str
        What computes it.
    """

    predictions: int
    seconds: float
    times: tuple[float, float, float]
    cpu: float
    macs: int
    bound: Bound
    engine: str

    @property
    def rate(self) -> float:
        """Predictions a second."""
        return self.predictions / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class RaceState:
    """What a race shows.

    Attributes
    ----------
    status : {"preparing", "racing", "over", "failed"}
    lanes : dict of {"regular", "continual", "rival"} to Lane
        Empty until all have started; a rival only where one was asked for.
    max_delta : float or None
        Largest difference of the two modes' logits over one round of the tokens, once both are through it.
    compared : int
        Tokens of a round.
    fault : str
        Why it failed.
    """

    status: str
    lanes: dict[str, Lane]
    max_delta: float | None
    compared: int
    fault: str = ""


class _Clock:
    """The times of one lane; written by its thread, read by any."""

    def __init__(self) -> None:
        self.count = 0
        self.newest = np.zeros(_NEWEST)
        self.wall = 0.0
        self.cpu = 0.0

    def lane(self, macs: int, bound: Bound, engine: str) -> Lane:
        count = self.count
        times = np.percentile(self.newest[: min(count, _NEWEST)], (50, 95, 99)) if count else [np.nan] * 3
        p50, p95, p99 = (float(value) for value in times)
        share = self.cpu / self.wall if self.wall else 0.0
        return Lane(count, self.wall, (p50, p95, p99), share, macs, bound, engine)


class Race:
    """Runs both modes over the same tokens, round after round.

    Parameters
    ----------
    material : callable
        Gives the model, in evaluation mode, and one round of tokens (m, F) float32, m ≥ 1; called on the
        continual lane's thread.
    engine : str
        What steps the continual mode, see `models.engines.engine`; the regular one has the fastest there is.
    seconds : float
        How long it lasts.
    rival : str
        What else steps on the same tokens, see `models.rivals.catalogue`: of the model's size, untrained, for
        its time alone.  "": nothing.
    """

    def __init__(
        self, material: Material, engine: str = "live", seconds: float = 20.0, rival: str = ""
    ) -> None:
        self.engine = engine
        self.rival = rival
        self._material = material
        self._seconds = seconds
        lanes = {"continual": self._continual, "regular": self._regular}
        if rival:
            lanes["rival"] = self._rival
        self._clocks = {name: _Clock() for name in lanes}
        self._macs: dict[str, int] = {}
        self._bounds: dict[str, Bound] = {}
        self._engines: dict[str, str] = {}
        self._round = 0
        self._go, self._stop = threading.Event(), threading.Event()
        self._fault = ""
        self._threads = [
            threading.Thread(target=self._run, args=(name, make), name=f"race-{name}", daemon=True)
            for name, make in lanes.items()
        ]

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in self._threads:
            thread.start()

    def halt(self) -> None:
        """Let both lanes end at their next step; returns at once."""
        self._stop.set()
        self._go.set()

    def stop(self, timeout: float = 3.0) -> bool:
        """End both lanes; True when their threads ended within ``timeout`` seconds.  Idempotent."""
        self.halt()
        deadline = time.perf_counter() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.perf_counter()))
        return not self.running

    @property
    def running(self) -> bool:
        """Whether a thread of it is alive."""
        return any(thread.is_alive() for thread in self._threads)

    def state(self) -> RaceState:
        """How it stands."""
        if self._fault:
            return RaceState("failed", {}, None, self._round, self._fault)
        if not self._bounds:
            return RaceState("preparing" if self.running else "over", {}, None, self._round)
        lanes = {
            name: clock.lane(self._macs[name], self._bounds[name], self._engines[name])
            for name, clock in self._clocks.items()
        }
        delta = None
        if min(lanes[mode].predictions for mode in ("regular", "continual")) >= self._round:
            delta = float(np.abs(self._logits["regular"] - self._logits["continual"]).max())
        return RaceState("racing" if self.running else "over", lanes, delta, self._round)

    # ---- the threads ------------------------------------------------------------------------------------

    def _run(self, name: str, make: Callable[[], Step]) -> None:
        try:
            torch.set_num_threads(1)  # each thread has its own setting
            stand_back()
            with torch.inference_mode():
                step = make()
                if not self._stop.is_set():
                    self._lap(step, self._clocks[name], self._logits[name])
        except Exception as error:
            log.exception("race-%s", name)
            self._fault = f"{type(error).__name__}: {error}"
            self.halt()

    def _lap(self, step: Step, clock: _Clock, logits: np.ndarray) -> None:
        start, cpu = time.perf_counter(), time.thread_time()
        before = start
        while not self._stop.is_set() and clock.wall < self._seconds:
            k = clock.count
            answer = step(k)
            now = time.perf_counter()
            clock.newest[k % _NEWEST] = now - before
            if k < self._round:
                logits[k] = answer
            clock.wall, clock.cpu = now - start, time.thread_time() - cpu
            clock.count = k + 1
            before = time.perf_counter()

    def _prepare(self) -> None:
        self._model, tokens = self._material()
        size, classes = self._model.config["input_size"], self._model.config["classes"]
        if tokens.ndim != 2 or not len(tokens) or tokens.shape[1] != size:
            raise ValueError(f"tokens are {tokens.shape}, expected (m, {size}) with m of 1 or more")
        before = np.arange(1 - self._model.receptive_field, 0) % len(tokens)
        self._tokens = np.concatenate([tokens[before], tokens])  # (n - 1 + m, F): every window is a slice
        self._logits = {name: np.full((len(tokens), classes), np.nan) for name in self._clocks}
        self._round = len(tokens)

    def _continual(self) -> Step:
        self._prepare()
        self._window = fastest_window(self._model)
        engine = make_engine(self.engine, self._model)
        if isinstance(engine, LiveEngine):
            engine.hasten()
        past = self._model.receptive_field - 1
        before = torch.from_numpy(self._tokens)[None, :past]  # (1, n - 1, F)
        engine.load(self._model.prefill(before) if past else self._model.initial_state(1))
        self._engines = {"regular": self._window.name, "continual": engine.name}
        self._macs = {mode: sum(self._model.macs(mode).values()) for mode in ("regular", "continual")}
        found = bounds(self._model, self.engine)
        if self.rival:
            self._beside = beside(self.rival, self._model.config)
            self._engines["rival"], self._macs["rival"] = "torch", self._beside.macs()
            amount = self._beside.weight_bytes + self._beside.state_bytes
            read = read_rate(self._beside.weight_bytes)
            found["rival"] = Bound(amount / read, "reading", amount, read)
        self._bounds = found
        self._go.set()
        return lambda k: engine.step(self._tokens[None, past + k % self._round])[0]

    def _regular(self) -> Step:
        self._go.wait()
        if self._stop.is_set():
            return lambda _: np.zeros(0)
        window, n = self._window, self._model.receptive_field

        def step(k: int) -> np.ndarray:
            first = k % self._round
            return window(self._tokens[first : first + n], k)

        return step

    def _rival(self) -> Step:
        self._go.wait()
        if self._stop.is_set():
            return lambda _: np.zeros(0)
        rival, past = self._beside, self._model.receptive_field - 1
        state, tokens = rival.initial_state(1), torch.from_numpy(self._tokens)
        return lambda k: rival.step(tokens[None, past + k % self._round], state)[0].numpy()


def bounds(model: ContinualTransformer, engine: str) -> dict[str, Bound]:
    """The least time of a prediction in each mode, by rates that are measured now."""
    weights, state = step_bytes(model, 1)
    size, window = model.config["model_size"], model.window
    if engine.endswith("int8"):
        weights //= 4
    read, product = read_rate(weights), product_rate(window, size)
    macs = {mode: sum(model.macs(mode).values()) for mode in ("regular", "continual")}
    several = len(model.blocks) > 1 and not model.streaming
    found = {}
    for mode, amount in (("regular", weights), ("continual", weights + state)):
        reading = Bound(amount / read, "reading", amount, read)
        multiplying = Bound(macs[mode] / product, "multiplying", macs[mode], product)
        # One row at a time multiplies as fast as it reads: only products of many rows have their own rate.
        many = mode == "regular" or several
        found[mode] = max(reading, multiplying, key=lambda bound: bound.seconds) if many else reading
    return found
