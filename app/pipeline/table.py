"""Predictions as they are taken along: JSON lines as `run` writes them, and a CSV for each task's model."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.pipeline.output import Lines, as_json
from app.pipeline.recorder import as_row
from app.pipeline.state import Prediction, TaskInfo

LINES = "predictions.jsonl"
# Of a CSV; the probability of each class follows.
COLUMNS = (
    "time",
    "tick",
    "mode",
    "label",
    "confident",
    "confidence",
    "status",
    "filled",
    "macs",
    "macs_regular",
    "seconds",
)


class Tables:
    """Writes whole lines, each at once; what cannot be written stops, and the other goes on.

    Parameters
    ----------
    folder : Path
    lines, sheets : bool
        Whether to write JSON lines, and CSV: ``actions.csv``, and where another model with other classes
        answers later, ``actions-2.csv``.

    Raises
    ------
    OSError
        A file cannot be made.
    """

    def __init__(self, folder: Path, lines: bool, sheets: bool) -> None:
        self._folder = folder
        self._lines = Lines.to(folder / LINES, binary=True) if lines else None
        self._sheets: dict[tuple[str, tuple[str, ...]], Lines] | None = {} if sheets else None
        self._fault: OSError | None = None  # of a CSV that could not be made
        self.costs: dict[str, dict[str, Any]] = {}  # of each task so far, as in the summary of a `run`

    def add(self, prediction: Prediction, info: TaskInfo) -> None:
        """Write a prediction."""
        row = as_row(prediction, info)
        cost = self.costs.setdefault(prediction.task, {"predictions": 0, "macs": 0, "macs_regular": 0})
        cost["predictions"] += 1
        cost["macs"] += prediction.macs
        cost["macs_regular"] += prediction.macs_regular
        if self._lines is not None:
            self._lines.write(as_json(row))
        if self._sheets is not None and self._fault is None:
            try:
                sheet = self._sheet(info)
            except OSError as error:
                self._fault = error
                return
            share = dict(row["top"])
            sheet.write(_as_csv([*(row[name] for name in COLUMNS), *(share[label] for label in info.labels)]))

    def faults(self) -> Iterator[tuple[str, OSError]]:
        """What stopped, by the names of `app.pipeline.take.PARTS`."""
        if self._lines is not None and self._lines.error is not None:
            yield "lines", self._lines.error
        sheets = (self._sheets or {}).values()
        error = self._fault or next((sheet.error for sheet in sheets if sheet.error is not None), None)
        if error is not None:
            yield "csv", error

    def close(self, summary: dict[str, Any]) -> None:
        """Write the last of the JSON lines, and close all."""
        if self._lines is not None:
            self._lines.write(as_json({"summary": summary}))
            self._lines.close()
        for sheet in (self._sheets or {}).values():
            sheet.close()

    def _sheet(self, info: TaskInfo) -> Lines:
        assert self._sheets is not None
        key = info.task, info.labels
        if key not in self._sheets:
            others = sum(task == info.task for task, _ in self._sheets)
            name = f"{info.task}-{others + 1}.csv" if others else f"{info.task}.csv"
            self._sheets[key] = Lines.to(self._folder / name, binary=True)
            self._sheets[key].write(_as_csv([*COLUMNS, *info.labels]))
        return self._sheets[key]


def _as_csv(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()
