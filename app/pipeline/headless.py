"""``python main.py run``: a media file through the window's own session, as fast as the machine allows."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.capture.media import CaptureError, Notice
from app.capture.media_file import MediaFile
from app.pipeline.annotate import annotate
from app.pipeline.output import BAD_INPUT, Output, Told, say
from app.pipeline.session import Session
from app.pipeline.state import Mode, Prediction
from app.pipeline.tasks import KIND


def run(
    path: Path,
    mode: Mode = "continual",
    json_path: Path | None = None,
    actions: Path | None = None,
    annotated: Path | None = None,
    told: Told | None = None,
    genres: Path | None = None,
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
    actions, genres : Path, optional
        Weights for the task: see `Session`.
    annotated : Path, optional
        Where the film is written once more, with what was predicted drawn in: an MP4.
    told : Told, optional
        Keeps all that is said, without a bar of progress: see `Output`.  Then sound is no fault of a film.

    Returns
    -------
    int
        The exit code: 0, also when whoever reads the output has had enough of it; 1 when the file is damaged
        or cut short, or after a fault on the way; 2 for bad input, and when the output cannot be written; 130
        after Ctrl-C.
    """
    started = time.perf_counter()
    try:
        source = MediaFile(path)
        if told is not None and annotated is not None and "video" not in source.kinds:
            told.words.append("It has no picture, so no film is made of it.")
            annotated = None
        _check_annotated(annotated, source)
        if json_path is not None and json_path.exists() and json_path.samefile(path):
            raise CaptureError(f"{json_path} is the file to read.", "Name another one to write.")
        output = Output(json_path, told)
    except CaptureError as error:
        return _refuse(str(error), told)
    except OSError as error:
        name = error.filename or json_path
        return _refuse(f"Cannot write {name}: {error.strerror}. Name a file in a folder that exists.", told)
    return _Run(source, mode, output, started, (actions, genres), annotated, quiet=told is not None).run()


def _check_annotated(annotated: Path | None, source: MediaFile) -> None:
    """See now, not after the run, that this film can be made of the source."""
    if annotated is None:
        return
    if annotated.exists() and annotated.samefile(source.path):
        raise CaptureError(f"{annotated} is the file to read.", "Name another one to write.")
    if "video" not in source.kinds:
        raise CaptureError(f"{source.path} has no picture to draw in.", "Leave --annotate out.")
    with annotated.open("ab"):
        pass


class _Run:
    """One headless run: the session, its output, and the account at the end."""

    def __init__(
        self,
        source: MediaFile,
        mode: Mode,
        output: Output,
        started: float,
        weights: tuple[Path | None, Path | None],  # for the actions and the genres
        annotated: Path | None,
        quiet: bool,
    ) -> None:
        self._quiet = quiet or sys.stderr is None
        self._source = source
        self._mode = mode
        self._output = output
        self._started = started
        self._ended: dict[str, float] = {}
        self._annotated = annotated
        self._said: list[Prediction] = []  # for the annotated film
        self._session = Session(
            mode=mode,
            actions=weights[0],
            genres=weights[1],
            on_prediction=self._prediction,
            on_progress=output.progress,
            on_task_ended=self._task_ended,
            on_notice=output.notice,
        )
        self._missing = {task: reason for task in KIND if (reason := self._why_missing(task))}
        self._tasks = {task: info for task, info in self._session.tasks.items() if task not in self._missing}
        output.begin(self._tasks)

    def run(self) -> int:
        interrupted = False
        begun = time.perf_counter()
        self._session.open_source(self._source)
        try:
            self._wait()
        except KeyboardInterrupt:
            interrupted = True
        finished = time.perf_counter()
        # All that is to be told was told by now: closing ends the sources' right to speak.
        self._session.close()
        whole = True
        if self._annotated is not None and not interrupted:
            try:
                annotate(self._source.path, self._annotated, self._said, self._tasks, self._quiet)
            except OSError as error:
                whole = False
                cause = f"{self._annotated} is not whole: {error.strerror}."
                self._output.notice(Notice("annotate", cause, "What was written plays."))
        code = self._output.finish(self._summary(begun, finished, interrupted), _in_words)
        return code if whole else BAD_INPUT

    def _why_missing(self, task: str) -> str:
        if KIND[task] not in self._source.kinds:
            return f"the file has no {'picture' if KIND[task] == 'video' else 'sound'}"
        return "" if task in self._session.tasks else "its weights or its extractor could not be loaded"

    def _prediction(self, prediction: Prediction) -> None:
        if self._annotated is not None:
            self._said.append(prediction)
        self._output.prediction(prediction)

    def _task_ended(self, task: str) -> None:
        self._ended[task] = time.perf_counter()
        self._output.task_ended(task)

    def _wait(self) -> None:
        duration = self._source.duration
        form = "{desc}: {percentage:3.0f}%|{bar}| {n:.1f}/{total:.1f} s [{elapsed}<{remaining}]"
        with tqdm(total=duration, desc=self._source.name, bar_format=form, disable=self._quiet) as bar:
            while not self._session.wait_ended(0.1) and not self._output.stopped:
                bar.update(min(duration, self._session.snapshot().position) - bar.n)
            bar.update(min(duration, self._source.decoded) - bar.n)

    def _summary(self, begun: float, finished: float, interrupted: bool) -> dict[str, Any]:
        media = self._source.decoded  # not what the header says
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
                "extractor_macs_regular": info.extractor_macs_regular,
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
            "faults": self._output.causes("error"),
            "notices": self._output.causes("warning") + self._output.causes("info"),
        }


def _in_words(summary: dict[str, Any]) -> str:
    media, wall, startup = (summary[f"{name}_seconds"] for name in ("media", "wall", "startup"))
    speed = media / wall
    lines = [
        f"{media:.1f} s of media in {wall:.1f} s ({speed:.1f} × real time), after {startup:.1f} s to start."
    ]
    for task, cost in summary["tasks"].items():
        if not (count := cost["predictions"]):
            lines.append(f"{task}: no prediction, since it ended before the first.")
            continue
        spent, saved = cost["macs"] / 1e6, cost["macs_saved"] / 1e6
        p50, p95, delta = cost["seconds_p50"] * 1e3, cost["seconds_p95"] * 1e3, cost["max_delta"]
        lines.append(
            f"{task}: {count} prediction{'s' * (count != 1)}; {spent:,.1f} M multiply-accumulates spent, "
            f"{saved:,.1f} M saved ({cost['ratio']:.1f} ×); {p50:.2f} ms a step (p95 {p95:.2f})"
            + (f"; worst |Δ| of the two modes {delta:.1e}." if delta is not None else ".")
        )
    lines += [f"No {task}: {reason}." for task, reason in summary["missing"].items()]
    if summary["interrupted"]:
        lines.append("Interrupted: what was predicted until then is kept.")
    return "\n".join(lines)


def _refuse(message: str, told: Told | None) -> int:
    (say if told is None else told.words.append)(" ".join(message.split()))
    return BAD_INPUT
