"""``python main.py run``: a media file through the same session as the window's, as fast as the machine allows."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from app.capture.media import CaptureError
from app.capture.media_file import MediaFile
from app.pipeline.recorder import Recorder
from app.pipeline.session import Session
from app.pipeline.state import Mode, Prediction
from app.pipeline.tasks import KIND

BAD_INPUT = 2
INTERRUPTED = 130  # as a shell reports Ctrl-C


def run(path: Path, mode: Mode = "continual", json_path: Path | None = None) -> int:
    """Predict over a whole file.

    Parameters
    ----------
    path : Path
        Any media file that FFmpeg reads.
    mode : {"continual", "regular", "both"}
    json_path : Path, optional
        Where the predictions go, a JSON object a line; by default to standard output.

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
    with contextlib.ExitStack() as stack:
        out: TextIO = sys.stdout
        if json_path is not None:
            if json_path.exists() and json_path.samefile(path):
                return _refuse(f"{json_path} is the file to read. Name another one to write.")
            try:
                out = stack.enter_context(json_path.open("w", encoding="utf-8"))
            except OSError as error:
                return _refuse(f"Cannot write {json_path}: {error.strerror}. Name a file in a folder that exists.")
        return _run(source, mode, out, started)


def _run(source: MediaFile, mode: Mode, out: TextIO, started: float) -> int:
    recorder: Recorder
    ended: dict[str, float] = {}

    def on_task_ended(task: str) -> None:
        ended[task] = time.perf_counter()
        recorder.end(task)

    def on_prediction(prediction: Prediction) -> None:
        recorder.add(prediction)

    session = Session(mode=mode, on_prediction=on_prediction, on_task_ended=on_task_ended)
    missing = {
        task: f"the file has no {'picture' if kind == 'video' else 'sound'}"
        if task in session.tasks
        else "its weights or its extractor could not be loaded"
        for task, kind in KIND.items()
        if task not in session.tasks or kind not in source.kinds
    }
    recorder = Recorder(out, {task: info for task, info in session.tasks.items() if task not in missing})
    code = 0
    begun = time.perf_counter()
    session.open_source(source)
    try:
        _wait(session, recorder, source)
    except KeyboardInterrupt:
        code = INTERRUPTED
    finished = time.perf_counter()
    position = session.snapshot().position
    session.close()
    summary: dict[str, Any] = {
        "file": source.name,
        "mode": mode,
        "startup_seconds": begun - started,
        "wall_seconds": finished - begun,
        "media_seconds": source.duration if code == 0 else position,
        "missing": missing,
        "truncated": source.truncated,
        "interrupted": code == INTERRUPTED,
        "tasks": {},
    }
    for task, info in session.tasks.items():
        if task in missing:
            continue
        cost = session.cost(task)
        summary["tasks"][task] = {
            "predictions": cost.steps,
            "macs": cost.macs_spent,
            "macs_regular": cost.macs_regular,
            "macs_saved": cost.macs_saved,
            "ratio": cost.ratio,
            "seconds_p50": cost.p50,
            "seconds_p95": cost.p95,
            "wall_seconds": ended.get(task, finished) - begun,
            "media_seconds": summary["media_seconds"],
            "max_delta": cost.max_delta,
            "extractor_macs": info.extractor_macs,
        }
    recorder.finish(summary)
    for notice in session.snapshot().notices:
        print(f"{notice.cause} {notice.remedy}".strip(), file=sys.stderr)
        if notice.level == "error":
            code = code or 1
    if recorder.error is not None:
        return _refuse(f"Writing stopped: {recorder.error.strerror}. What was written before stays.")
    for task, reason in missing.items():
        print(f"No {task}: {reason}.", file=sys.stderr)
    return code


def _wait(session: Session, recorder: Recorder, source: MediaFile) -> None:
    with tqdm(total=round(source.duration, 1), unit="s", desc=source.name, file=sys.stderr) as bar:
        while not session.wait_ended(0.1) and recorder.error is None:
            bar.update(round(session.snapshot().position - bar.n, 1))
        bar.update(round(source.duration - bar.n, 1))


def _refuse(message: str) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return BAD_INPUT
