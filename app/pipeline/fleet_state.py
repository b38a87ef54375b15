"""What many streams show the world: the newest state of each, and what all cost together."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass

from app.capture.media import Notice
from app.pipeline.state import Mode, Snapshot

SPAN = 3.0  # seconds over which ticks and pictures a second are counted


@dataclass(frozen=True, slots=True)
class Totals:
    """Multiply-accumulates for the actions of all streams since each began, those that ended included.

    Attributes
    ----------
    spent, regular : int
        As computed, and by a regular encoder over the same windows, all outputs.
    apart : int
        Of the extractors, the same in both modes.
    steps : int
        Predictions.
    """

    spent: int = 0
    regular: int = 0
    apart: int = 0
    steps: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.spent + other.spent,
            self.regular + other.regular,
            self.apart + other.apart,
            self.steps + other.steps,
        )


@dataclass(frozen=True, slots=True, eq=False)
class StreamShot:
    """One stream's newest state.

    Attributes
    ----------
    number : int
        Counts from 1, and is not given twice.
    name : str
        What it was opened as.
    snapshot : Snapshot
        Of its session.
    ticks, pictures : float
        Predictions and pictures a second, over the newest seconds.
    sound : bool
        Whether its genres are named.
    """

    number: int
    name: str
    snapshot: Snapshot
    ticks: float
    pictures: float
    sound: bool


@dataclass(frozen=True, slots=True, eq=False)
class FleetShot:
    """The newest state of all streams.

    Attributes
    ----------
    streams : tuple of StreamShot
    mode : Mode
    totals : Totals
    step_seconds : float
        Median of the newest batched steps; nan before there is one.
    step_streams : float
        Mean number of streams in them.
    notices : tuple of Notice
        Of what concerns no single stream.
    """

    streams: tuple[StreamShot, ...]
    mode: Mode
    totals: Totals
    step_seconds: float
    step_streams: float
    notices: tuple[Notice, ...]


class Rate:
    """How often a second something counts up, over the newest `SPAN` seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def of(self, count: int) -> float:
        now = time.perf_counter()
        if self._seen and count < self._seen[-1][1]:  # it counts anew
            self._seen.clear()
        self._seen.append((now, count))
        while now - self._seen[0][0] > SPAN:
            self._seen.popleft()
        began, first = self._seen[0]
        return (count - first) / (now - began) if now - began > SPAN / 4 else 0.0
