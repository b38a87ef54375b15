"""``run`` on many files and folders: several at once, in processes of this machine or of a Dask cluster.

Each file is one job, a run of its own whose lines are kept until those of the files before it are
written: the output is that of one process, whoever computed it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from app.capture.file_faults import printable
from app.capture.recording import SUFFIXES
from app.pipeline import headless
from app.pipeline.output import BAD_INPUT, FAULT, FINE, INTERRUPTED, Lines, Told, as_json, say
from app.pipeline.priority import one_thread_a_step
from app.pipeline.state import Mode
from app.program import INSTALL

ANSWERS = 10  # seconds in which a cluster's scheduler answers, and has a worker
CODES = {FINE: "fine", FAULT: "with faults", INTERRUPTED: "interrupted", BAD_INPUT: "not read or not written"}


def run(
    paths: Sequence[Path],
    mode: Mode = "continual",
    json_path: Path | None = None,
    *,
    actions: Path | None = None,
    genres: Path | None = None,
    annotated: Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
) -> int:
    """Predict over files, and over all media in folders.

    Parameters
    ----------
    paths : sequence of Path
        A folder stands for the media in it and below it, by their suffixes.
    mode, json_path, actions, genres
        As of `headless.run`; each JSON line begins with ``"file"``, the path as given.  Of a file that cannot
        be read there is one line, with ``"error"``.
    annotated : Path, optional
        A folder for the annotated films, made where it is missing.
    jobs : int
        Files at once, each in a process of its own.
    cluster : str, optional
        Address of a Dask scheduler whose workers take the files, with this program installed and the same
        files at the same paths.

    Returns
    -------
    int
        The highest code of any file, see `headless.run`; 0 also when whoever reads the output has had enough;
        2 where it cannot be written; 130 after Ctrl-C.
    """
    try:
        if jobs < 1:
            raise ValueError(f"--jobs is {jobs}, expected 1 or more.")
        media = gather(paths, annotated)
        films = _films(media, annotated)
        if json_path is not None and json_path.exists() and any(map(json_path.samefile, media.values())):
            raise ValueError(f"{json_path} is a file to read. Name another one to write.")
        with _backend(jobs, cluster) as parallel:
            lines = Lines.to(json_path, binary=json_path is not None)
            as_lines = json_path is not None
            work = (
                delayed(_one)(name, path.absolute(), mode, as_lines, (actions, genres), films.get(name))
                for name, path in media.items()
            )
            return _write(lines, as_lines, len(media), parallel(work))
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        say(
            f"Cannot write {error.filename or json_path}: {error.strerror}. Name one in a folder that exists."
        )
    except ValueError as error:
        say(" ".join(str(error).split()))
    return BAD_INPUT


def gather(paths: Sequence[Path], apart: Path | None = None) -> dict[str, Path]:
    """The files that are meant, by the names that are printed: in the order given, in a folder by name.

    Parameters
    ----------
    paths : sequence of Path
    apart : Path, optional
        A folder that is not looked into: what is in it was made here.

    Raises
    ------
    ValueError
        A folder holds no media.
    """
    media: dict[str, Path] = {}
    for path in paths:
        if not path.is_dir():
            media[printable(path)] = path
            continue
        found = [
            file
            for folder, _, names in os.walk(path)
            for file in (Path(folder, name) for name in names if not name.startswith("."))
            if file.suffix.lower() in SUFFIXES and not (apart is not None and apart in (file, *file.parents))
        ]
        if not found:
            raise ValueError(f"{path} has no media: nothing in it ends with {', '.join(SUFFIXES)}.")
        media |= {printable(file): file for file in sorted(found)}
    return media


def _films(media: Mapping[str, Path], folder: Path | None) -> dict[str, Path]:
    """Where the annotated film of each is written.

    Raises
    ------
    ValueError
        Two would have one name.
    OSError
        The folder cannot be made.
    """
    if folder is None:
        return {}
    folder.mkdir(parents=True, exist_ok=True)
    films: dict[Path, str] = {}
    for name, path in media.items():
        film = folder.absolute() / f"{path.stem}.mp4"
        if (other := films.setdefault(film, name)) != name:
            raise ValueError(f"Of {other} and {name} there would be one film, {film.name}. Name them apart.")
    return {name: film for film, name in films.items()}


@contextmanager
def _backend(jobs: int, cluster: str | None) -> Iterator[Parallel]:
    """Who takes the jobs.

    Raises
    ------
    ValueError
        There is no such cluster, or nothing to reach one.
    """
    if cluster is None:
        yield Parallel(jobs, return_as="generator")
        return
    try:
        from distributed import Client
    except ImportError:
        wanted = INSTALL.replace("[app", "[app,cluster")
        raise ValueError(f"--cluster needs dask.distributed, which is not installed: {wanted}") from None
    try:
        client = Client(cluster, timeout=ANSWERS)
    except (OSError, ValueError, TimeoutError) as error:
        remedy = "Start one with `dask scheduler`, and on each machine `dask worker ADDRESS --nthreads 1`."
        raise ValueError(f"No Dask scheduler answers at {cluster} ({error}). {remedy}") from error
    with client:
        try:
            with parallel_config("dask", wait_for_workers_timeout=ANSWERS):
                yield Parallel(return_as="generator")
        except TimeoutError:
            remedy = "Start some: `dask worker ADDRESS --nthreads 1`."
            raise ValueError(f"The Dask scheduler at {cluster} has no worker. {remedy}") from None


def _one(
    name: str,
    path: Path,
    mode: Mode,
    as_lines: bool,
    weights: tuple[Path | None, Path | None],  # for the actions and the genres
    annotated: Path | None,
) -> tuple[Told, int]:
    """One file, in whatever process; its exit code, too."""
    if multiprocessing.parent_process() is not None:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: who hired ends it
        one_thread_a_step()
    told = Told(name)
    try:
        return told, headless.run(
            path, mode, Path("-") if as_lines else None, weights[0], annotated, told, weights[1]
        )
    except Exception as error:  # a bug met in one file: the others are not to be lost
        told.words.append(f"{type(error).__name__}: {error}")
        return told, FAULT


def _write(lines: Lines, as_lines: bool, count: int, ran: Iterator[tuple[Told, int]]) -> int:
    """Write what was said of each file, in the order of the files; returns the exit code."""
    codes: list[int] = []
    broken = FINE
    form = "{desc}: {n}/{total} [{elapsed}<{remaining}]"
    with tqdm(total=count, desc="files", bar_format=form, disable=sys.stderr is None) as bar:
        try:
            for told, code in ran:
                with tqdm.external_write_mode(file=sys.stdout):
                    _write_one(lines, as_lines, told)
                codes.append(code)
                bar.update()
                if lines.closed or lines.error is not None or code == INTERRUPTED:
                    break
        except Exception as error:  # of joblib or Dask: a process was killed, the cluster is gone
            broken = FAULT
            why = f"{type(error).__name__}: {error}"
            say(f"A process that runs files has ended, and those not told were not run: {why}")
    lines.close()
    if lines.closed:
        return FINE
    if lines.error is not None:
        say(f"Writing stopped: {lines.error.strerror}. What was written before stays, in whole lines.")
        return BAD_INPUT
    words = ", ".join(f"{codes.count(code)} {word}" for code, word in CODES.items() if code in codes)
    say(f"Files: {words}{f', {count - len(codes)} not run' if len(codes) < count else ''}.")
    return max([broken, *codes])


def _write_one(lines: Lines, as_lines: bool, told: Told) -> None:
    said = told.lines.getvalue().decode().split("\n")[:-1]
    if as_lines and not said:
        said = [as_json({"file": told.name, "error": " ".join(told.words)})]
    for line in said if as_lines else [f"==> {told.name} <==", *said, ""]:
        lines.write(line)
    for words in told.words:
        for line in words.split("\n"):
            say(f"{told.name}: {line}")
