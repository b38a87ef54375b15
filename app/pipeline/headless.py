"""``python main.py run``: a media file through the window's own session, as fast as the machine allows."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from app.capture.media import CaptureError
from app.capture.media_file import MediaFile
from app.pipeline.recorder import InOrder, JsonLines
from app.pipeline.session import Session
from app.pipeline.state import Mode, Prediction
from app.pipeline.tasks import KIND

BAD_INPUT = 2
INTERRUPTED = 130  # as a shell reports Ctrl-C


def run(
    path: Path, mode: Mode = "continual", json_path: Path | None = None, actions: Path | None = None
) -> int:
    """Predict over a whole file.

    Parameters
    ----------
    path : Path
        Any media file that FFmpeg reads.
    mode : {"continual", "regular", "both"}
    json_path : Path, optional
        Where the predictions go, a JSON object a line; ``-`` is standard output.  Without it, each change of
        the answer is told in words.
    actions : Path, optional
        Weights for the actions: see `Session`.

    Returns
    -------
    int
        The exit code: 0, 1 after an error on the way, 2 for bad input, 130 after Ctrl-C.
    """
    started = time.perf_counter()
    try:
        source = MediaFile(path)
    except CaptureError as error:
        return _refuse(str(error))
    if json_path is None or json_path == Path("-"):
        return _Run(source, mode, sys.stdout if json_path else None, started, actions).run()
    if json_path.exists() and json_path.samefile(path):
        return _refuse(f"{json_path} is the file to read. Name another one to write.")
    try:
        out = json_path.open("w", encoding="utf-8")
    except OSError as error:
        return _refuse(f"Cannot write {json_path}: {error.strerror}. Name a file in a folder that exists.")
    try:
        return _Run(source, mode, out, started, actions).run()
    finally:
        with contextlib.suppress(OSError):  # a disk that was full is told by then, and nothing more to save
            out.close()


class _Run:
    """One headless run: the session, the order of its output, and the account at the end."""

    def __init__(
        self, source: MediaFile, mode: Mode, out: TextIO | None, started: float, actions: Path | None
    ) -> None:
        self._source = source
        self._mode = mode
        self._started = started
        self._ended: dict[str, float] = {}
        self._told: dict[str, str] = {}
        self._session = Session(
            mode=mode, actions=actions, on_prediction=self._predicted, on_task_ended=self._task_ended
        )
        self._missing = {task: reason for task in KIND if (reason := self._why_missing(task))}
        tasks = {task: info for task, info in self._session.tasks.items() if task not in self._missing}
        self._tasks = tasks
        self._lines = JsonLines(out, tasks) if out is not None else None
        self._order = InOrder(tasks, self._lines.prediction if self._lines is not None else self._tell)

    def run(self) -> int:
        code = 0
        begun = time.perf_counter()
        self._session.open_source(self._source)
        try:
            self._wait()
        except KeyboardInterrupt:
            code = INTERRUPTED
        finished = time.perf_counter()
        media_seconds = self._session.snapshot().position if code else self._source.duration
        self._session.close()
        self._order.end_all()
        summary = self._summary(begun, finished, media_seconds, interrupted=code == INTERRUPTED)
        if self._lines is not None:
            self._lines.summary(summary)
        if self._lines is None or self._lines.error is None:
            _tell_summary(summary)
        for notice in self._session.snapshot().notices:
            print(f"{notice.cause} {notice.remedy}".strip(), file=sys.stderr)
            if notice.level == "error":
                code = code or 1
        if self._lines is not None and self._lines.error is not None:
            return _refuse(f"Writing stopped: {self._lines.error.strerror}. What was written before stays.")
        return code

    def _why_missing(self, task: str) -> str:
        if KIND[task] not in self._source.kinds:
            return f"the file has no {'picture' if KIND[task] == 'video' else 'sound'}"
        return "" if task in self._session.tasks else "its weights or its extractor could not be loaded"

    def _predicted(self, prediction: Prediction) -> None:
        self._order.add(prediction)

    def _task_ended(self, task: str) -> None:
        self._ended[task] = time.perf_counter()
        self._order.end(task)

    def _tell(self, prediction: Prediction) -> None:
        if self._told.get(prediction.task) != prediction.label:
            self._told[prediction.task] = prediction.label
            probability = f"{prediction.probabilities.max():.2f}" if prediction.confident else ""
            line = f"{prediction.time:8.1f} s  {prediction.task:8} {prediction.label:16} {probability}"
            tqdm.write(line.rstrip(), file=sys.stdout)

    def _wait(self) -> None:
        duration = self._source.duration
        form = "{desc}: {percentage:3.0f}%|{bar}| {n:.1f}/{total:.1f} s [{elapsed}<{remaining}]"
        with tqdm(total=duration, desc=self._source.name, bar_format=form, file=sys.stderr) as bar:
            while not self._session.wait_ended(0.1) and not (self._lines and self._lines.error):
                bar.update(min(duration, self._session.snapshot().position) - bar.n)
            bar.update(duration - bar.n)

    def _summary(self, begun: float, finished: float, media: float, interrupted: bool) -> dict[str, Any]:
        tasks = {}
        for task, info in self._tasks.items():
            cost = self._session.cost(task)
            tasks[task] = {
                "predictions": cost.steps,
                "macs": cost.macs_spent,
                "macs_regular": cost.macs_regular,
                "macs_saved": cost.macs_saved,
                "ratio": cost.ratio,
                "seconds_p50": cost.seconds[0],
                "seconds_p95": cost.seconds[1],
                "wall_seconds": self._ended.get(task, finished) - begun,
                "media_seconds": media,
                "max_delta": cost.max_delta,
                "extractor_macs": info.extractor_macs,
            }
        return {
            "file": self._source.name,
            "mode": self._mode,
            "startup_seconds": begun - self._started,
            "wall_seconds": finished - begun,
            "media_seconds": media,
            "tasks": tasks,
            "missing": self._missing,
            "truncated": self._source.truncated,
            "interrupted": interrupted,
        }


def _tell_summary(summary: dict[str, Any]) -> None:
    media, wall, startup = (summary[f"{name}_seconds"] for name in ("media", "wall", "startup"))
    speed = media / wall
    lines = [
        f"{media:.1f} s of media in {wall:.1f} s ({speed:.1f} × real time), after {startup:.1f} s to start."
    ]
    for task, cost in summary["tasks"].items():
        spent, saved = cost["macs"] / 1e6, cost["macs_saved"] / 1e6
        p50, p95, delta = cost["seconds_p50"] * 1e3, cost["seconds_p95"] * 1e3, cost["max_delta"]
        lines.append(
            f"{task}: {cost['predictions']} predictions; {spent:,.1f} M multiply-accumulates spent, "
            f"{saved:,.1f} M saved ({cost['ratio']:.1f} ×); {p50:.2f} ms a step (p95 {p95:.2f})"
            + (f"; worst |Δ| of the two modes {delta:.1e}." if delta is not None else ".")
        )
    lines += [f"No {task}: {reason}." for task, reason in summary["missing"].items()]
    if summary["truncated"]:
        lines.append(f"The file was used as far as it goes: {summary['truncated']}.")
    if summary["interrupted"]:
        lines.append("Interrupted: what was predicted until then is kept.")
    print("\n".join(lines), file=sys.stderr)


def _refuse(message: str) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return BAD_INPUT
