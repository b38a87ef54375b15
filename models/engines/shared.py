"""One batched step for streams that each step on a thread of their own: rows that come and go.

Each stream holds a `Seat`, an engine of one stream like any other.  A seat's step waits until all streams
that are running have brought their token, or until it has waited long enough; whoever completes the batch
steps it for all, under the lock, and no thread is kept for it.  The states of streams that stepped together
stay together, as one batched state; only when the company changes are rows selected and joined.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from models.continual.classifier import ContinualTransformer
from models.continual.state import StreamState
from models.engines.base import Engine

RECENT = 4  # patiences: a stream that brought nothing for so long is not waited for until it is back
KEPT = 512  # newest steps whose size and time are kept


@dataclass(frozen=True, slots=True)
class SharedStep:
    """One batched step: of how many streams, and its seconds, joining of states included."""

    streams: int
    seconds: float


@dataclass(eq=False)
class _Company:
    """Streams whose states are one: row k is seat k's."""

    seats: list[Seat]
    state: StreamState


class SharedEngine:
    """Steps all streams that have a token, in one batch.

    Parameters
    ----------
    model : ContinualTransformer
        In evaluation mode.
    patience : float
        Seconds that a token waits at most for those of the other streams: half of the time between two ticks
        is a good choice.

    Raises
    ------
    ValueError
        A patience below 0.
    """

    def __init__(self, model: ContinualTransformer, patience: float) -> None:
        if not patience >= 0:
            raise ValueError(f"patience is {patience}, expected seconds from 0")
        self.model = model
        self._patience = patience
        self._changed = threading.Condition()
        self._companies: list[_Company] = []
        self._waiting: dict[Seat, np.ndarray] = {}  # each seat's token (1, F)
        self._answers: dict[Seat, np.ndarray | Exception] = {}  # each seat's logits (1, C)
        self._came: dict[Seat, float] = {}  # when each seat brought its newest token
        self._steps: deque[SharedStep] = deque(maxlen=KEPT)

    def seat(self) -> Seat:
        """A new stream, which has seen nothing."""
        return Seat(self)

    def steps(self) -> list[SharedStep]:
        """The newest steps, oldest first; any thread may ask."""
        return list(self._steps)

    # ---- what the seats call, each from its thread --------------------------------------------------------

    def step(self, seat: Seat, token: np.ndarray) -> np.ndarray:
        """Bring a token (1, F) and wait for its logits (1, C)."""
        with self._changed:
            now = time.perf_counter()
            self._waiting[seat] = token
            self._came[seat] = now
            patient_until = now + self._patience
            self._changed.notify_all()
            while seat not in self._answers:
                left = patient_until - time.perf_counter()
                if left <= 0 or self._all_there():
                    self._run()
                else:
                    self._changed.wait(left)
            answer = self._answers.pop(seat)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def put(self, seat: Seat, state: StreamState) -> None:
        """Let a stream go on from this state."""
        with self._changed:
            self._take([seat])
            self._companies.append(_Company([seat], state.clone()))

    def state(self, seat: Seat) -> StreamState:
        """A copy of a stream's state."""
        with self._changed:
            for company in self._companies:
                if seat in company.seats:
                    return company.state.select([company.seats.index(seat)])
        return self.model.initial_state(1)

    def leave(self, seat: Seat) -> None:
        """Forget a stream; the others no longer wait for it."""
        with self._changed:
            self._take([seat])
            self._came.pop(seat, None)
            self._changed.notify_all()

    # ---- under the lock -----------------------------------------------------------------------------------

    def _all_there(self) -> bool:
        since = time.perf_counter() - RECENT * self._patience
        return all(seat in self._waiting for seat, came in self._came.items() if came > since)

    def _run(self) -> None:
        """Step all that wait."""
        start = time.perf_counter()
        waiting, self._waiting = self._waiting, {}
        try:
            company = self._gather(list(waiting))
            tokens = np.concatenate([waiting[seat] for seat in company.seats])  # (B, F)
            # Where NumPy lacks the weights' type the engine's tokens are of another.
            logits = self.model.step(torch.from_numpy(tokens).to(self.model.head.weight), company.state)
            rows = logits.to("cpu", company.seats[0].like).numpy()  # (B, C)
            step = SharedStep(len(rows), time.perf_counter() - start)
            for row, seat in enumerate(company.seats):
                self._answers[seat] = rows[row : row + 1]
                seat.shared = step
            self._steps.append(step)
        except Exception as error:  # whoever waits must not wait for ever
            self._answers |= dict.fromkeys(waiting, error)
        self._changed.notify_all()

    def _gather(self, seats: Sequence[Seat]) -> _Company:
        """The company of these seats and no others, as it is or joined anew."""
        for company in self._companies:
            if set(company.seats) == set(seats):
                return company
        parts = self._take(seats)
        known = {seat for part in parts for seat in part.seats}
        parts += [_Company([seat], self.model.initial_state(1)) for seat in seats if seat not in known]
        joined = _Company(
            [seat for part in parts for seat in part.seats], StreamState.cat([part.state for part in parts])
        )
        self._companies.append(joined)
        return joined

    def _take(self, seats: Sequence[Seat]) -> list[_Company]:
        """Take these seats out of their companies; those who stay there go on together."""
        taken: list[_Company] = []
        kept: list[_Company] = []
        leaving = set(seats)
        for company in self._companies:
            rows = [seat in leaving for seat in company.seats]
            for part, there in ((taken, True), (kept, False)):
                chosen = [row for row, leaves in enumerate(rows) if leaves is there]
                if len(chosen) == len(rows):
                    part.append(company)
                elif chosen:
                    seats_there = [company.seats[row] for row in chosen]
                    part.append(_Company(seats_there, company.state.select(chosen)))
        self._companies = kept
        return taken


class Seat(Engine):
    """One stream of a `SharedEngine`.

    Attributes
    ----------
    shared : SharedStep or None
        The newest step that this stream took part in.
    like : torch.dtype
        Of its logits.
    """

    name = "torch"

    def __init__(self, engine: SharedEngine) -> None:
        super().__init__(engine.model)
        self._engine = engine
        self.like = self._like.dtype
        self.shared: SharedStep | None = None

    def leave(self) -> None:
        """End the stream: the others no longer wait for it, and nothing of it is kept."""
        self._engine.leave(self)

    def state(self) -> StreamState:
        return self._engine.state(self)

    def timed_step(self, token: np.ndarray) -> tuple[np.ndarray, float]:
        logits = self.step(token)  # waits for the others, which is no cost of the step
        assert self.shared is not None
        return logits, self.shared.seconds / self.shared.streams

    def _step(self, token: np.ndarray) -> np.ndarray:
        return self._engine.step(self, token)

    def _load(self, state: StreamState) -> None:
        self._engine.put(self, state)
