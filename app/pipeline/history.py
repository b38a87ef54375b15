"""All predictions of a recording in little memory: a byte a class and tick, for the timeline."""

from __future__ import annotations

import threading

import numpy as np

from app.pipeline.state import Prediction

CAPACITY = 65_536  # columns: 73 minutes of actions at full rate; after that each holds two ticks, then four
# Of a column: something was named, there was nothing to name, it started anew, there was a gap before it.
SEEN, SILENT, RESET, GAP = 1, 2, 4, 8
_SCALE = 255.0
_GAP = 0.5  # seconds without a prediction; a task that starts anew may leave out a tick or two


class History:
    """One task's probabilities by tick, as bytes.

    Bounded: when the columns are used up, neighbours are merged (their mean) and each holds twice as many
    ticks from then on.  A tick that is predicted again, as after a seek, is written over.

    Written by the task's worker, read by the window.

    Attributes
    ----------
    generation : int
        Grows when all is forgotten: what was drawn of it is worth nothing then.
    span : int
        Ticks a column.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._lock = threading.Lock()
        self._capacity = capacity
        self.generation = 0
        self._start()

    def _start(self) -> None:
        self.span = 1
        self._cells = np.zeros((0, 0), np.uint8)  # (columns, classes); grown to the capacity at most
        self._flags = np.zeros(0, np.uint8)  # (columns,)
        self._used = 0  # columns
        self._column = -1  # the one being filled, with
        self._sum = np.zeros(0)  # the sum of its ticks' probabilities, and
        self._count = 0  # how many they are
        self._last: Prediction | None = None

    @property
    def nbytes(self) -> int:
        """Memory of the columns."""
        return self._cells.nbytes + self._flags.nbytes

    def clear(self) -> None:
        """Forget everything: another source."""
        with self._lock:
            self.generation += 1
            self._start()

    def add(self, prediction: Prediction) -> None:
        """Take a prediction; ticks before 0 are left out."""
        if prediction.tick < 0:
            return
        with self._lock:
            while prediction.tick // self.span >= self._capacity:
                self._merge()
            column = prediction.tick // self.span
            self._grow(column, len(prediction.probabilities))
            if column != self._column:
                self._column, self._count = column, 0
                self._sum = np.zeros(len(prediction.probabilities))
                self._flags[column] = 0
                self._cells[column] = 0
            self._flags[column] |= self._mark(prediction) | (SILENT if prediction.status else SEEN)
            if not prediction.status:
                self._sum += prediction.probabilities
                self._count += 1
                self._cells[column] = np.rint(self._sum * (_SCALE / self._count))
            self._last = prediction

    def read(self, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means over stretches of ticks.

        Parameters
        ----------
        edges : ndarray of shape (m + 1,), int
            Rising ticks; stretch i is ``edges[i]`` to ``edges[i + 1]``, or the tick ``edges[i]`` alone where
            both are the same.

        Returns
        -------
        probabilities : ndarray of shape (m, classes), float32
            nan where nothing was named.
        flags : ndarray of shape (m,), uint8
            Of all the stretch's ticks together: `SEEN`, `SILENT`, `RESET`, `GAP`.
        """
        with self._lock:
            m, classes = len(edges) - 1, self._cells.shape[1]
            means = np.full((m, classes), np.nan, np.float32)
            flags = np.zeros(m, np.uint8)
            columns = np.asarray(edges) // self.span
            known = int(np.searchsorted(columns[:-1], self._used))  # stretches that begin before the end
            if not known or not classes:
                return means, flags
            starts = columns[:known]
            stop = min(self._used, max(int(columns[known]), int(starts[-1]) + 1))
            cells, kept = self._cells[:stop], self._flags[:stop]
            flags[:known] = np.bitwise_or.reduceat(kept, starts)
            # Columns without a name are zero: they add nothing to the sum, and are not counted.
            sums = np.add.reduceat(cells, starts, dtype=np.uint32)  # (known, classes)
            counts = np.add.reduceat((kept & SEEN).astype(np.uint32), starts)  # (known,)
            named = counts > 0
            means[:known][named] = sums[named] / (_SCALE * counts[named, None])
            return means, flags

    def _mark(self, prediction: Prediction) -> int:
        """Whether the task started anew at this tick, and why: what it sees is its first token again."""
        last = self._last
        if last is None or prediction.filled > 1 or prediction.status:
            return 0
        if prediction.time - last.time > _GAP:
            return GAP
        # After silence a song begins by itself; a step back in time is a replay.
        return RESET if prediction.tick > last.tick and not last.status else 0

    def _grow(self, column: int, classes: int) -> None:
        self._used = max(self._used, column + 1)
        if self._used <= len(self._flags):
            return
        room = min(self._capacity, max(1024, 2 * self._used))
        cells, flags = np.zeros((room, classes), np.uint8), np.zeros(room, np.uint8)
        if len(self._flags):
            cells[: len(self._cells)], flags[: len(self._flags)] = self._cells, self._flags
        self._cells, self._flags = cells, flags

    def _merge(self) -> None:
        """Let each column hold twice as many ticks."""
        if self._used % 2:
            self._grow(self._used, self._cells.shape[1])
        pairs = self._cells[: self._used].reshape(-1, 2, self._cells.shape[1]).astype(np.uint16)
        flags = self._flags[: self._used].reshape(-1, 2)
        counts = np.maximum((flags & SEEN).sum(1), 1)[:, None]
        half = self._used // 2
        self._cells[:half], self._cells[half:] = (pairs.sum(1) + counts // 2) // counts, 0
        self._flags[:half], self._flags[half:] = flags[:, 0] | flags[:, 1], 0
        self._used, self._column = half, -1
        self.span *= 2
