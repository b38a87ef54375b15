"""What runs, taken along: a film, and its predictions as CSV and JSON lines, in a folder of its own.

Threads: sources and workers put in what they have and never wait; the take's own thread writes it in the
order of time, a moment later, when what was said of a picture is known.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

import numpy as np

from app.capture.media import AudioBlock, Frame, Notice
from app.capture.opencv import cv2
from app.pipeline.annotate import draw, standing
from app.pipeline.film_writer import FilmWriter
from app.pipeline.priority import stand_back
from app.pipeline.state import Prediction, TakeState, TaskInfo
from app.pipeline.table import Tables
from app.pipeline.take_clock import TakeClock

log = logging.getLogger(__name__)

PARTS = ("film", "csv", "lines")  # and what each is called:
NAMES = {"film": "the film", "csv": "the CSV", "lines": "the JSON lines"}
FILM, FPS, RATE = "film.mp4", 30.0, 48_000
KEY = "take"  # of its notices
LAG = 0.3  # seconds that writing is behind: predictions come 0.1 s after their picture, and so does sound
WAITING = 256_000_000  # bytes of pictures that may wait; more are left out, and counted
WIDEST = 1280  # pixels of a picture's width in the film: encoding may not take what analysing needs
PICTURE = 0.04  # seconds for which the last picture before another source stands
ALONE = 1.0  # seconds without a picture, after which sound is shown with a plain one
MEASURED = 0.25  # seconds between two looks at the files' sizes
PLAIN = np.full((720, 1280, 3), 24, np.uint8)


class Take:
    """Records until it is told to `finish`.

    Parameters
    ----------
    folder : Path
        Made here, and must not be there yet.
    parts : collection of {"film", "csv", "lines"}
    tasks : dict of str to TaskInfo
        Those of the film: each has a part of the band below the picture.
    notify : callable
        Takes a `Notice`, on the take's thread.
    skipped : callable
        Whether the media that come now are only run through, on the way to somewhere else.

    Raises
    ------
    OSError
        The folder, or a file in it, cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        parts: Collection[str],
        tasks: Mapping[str, TaskInfo],
        notify: Callable[[Notice], None],
        skipped: Callable[[], bool] = lambda: False,
    ) -> None:
        folder.mkdir(parents=True)
        self._notify, self._skipped = notify, skipped
        self._parts = [part for part in PARTS if part in parts]
        self._started = datetime.now().astimezone()
        self._change = threading.Condition()
        self._clock = TakeClock()
        self._heap: list[tuple[float, int, Frame | AudioBlock | Prediction]] = []
        self._count = 0  # of what was put in: of two of one time the first is written first
        self._waiting = 0  # bytes of the pictures in the heap
        self._finishing = False
        self._faults: list[str] = []
        self._tasks = dict(tasks)
        self._now: dict[str, Prediction] = {}  # what was said last
        self._shown = 0.0  # take time of the newest picture in the film, and
        self._plain = False  # whether that is none of a source
        self._tables = Tables(folder, "lines" in parts, "csv" in parts)
        self._film = FilmWriter(folder / FILM, FPS, RATE, live=True) if "film" in parts else None
        self._measured = 0.0  # our clock, when the files were
        self.state = TakeState(folder)
        self._thread = threading.Thread(target=self._run, name="take", daemon=True)
        self._thread.start()

    # ---- what sources and workers call --------------------------------------------------------------------

    def turn(self) -> None:
        """Another source, or another place in the file."""
        with self._change:
            self._clock.turn()

    def picture(self, frame: Frame) -> None:
        """Take a picture, unless too many wait."""
        with self._change:
            if self._gone():
                return
            placed = self._clock.media(frame.time, PICTURE)
            if self._film is None:
                self._change.notify()
            elif self._waiting + frame.image.nbytes <= WAITING:
                self._waiting += frame.image.nbytes
                self._put(placed, frame)
            else:
                self.state = replace(self.state, left_out=self.state.left_out + 1)

    def sound(self, block: AudioBlock) -> None:
        """Take a run of sound."""
        with self._change:
            if not self._gone():
                self._put(self._clock.media(block.time, block.end - block.time), block)

    def prediction(self, prediction: Prediction, info: TaskInfo) -> None:
        """Take a prediction of the model that `info` is of."""
        with self._change:
            if not self._gone() and (placed := self._clock.answer(prediction.time)) is not None:
                self._tasks[prediction.task] = info
                self._put(placed, replace(prediction, time=placed))

    def finish(self) -> None:
        """Take nothing more; what waits is still written."""
        with self._change:
            self._finishing = True
            self._change.notify()

    def join(self, timeout: float) -> bool:
        """Wait until all is written; whether it is."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _gone(self) -> bool:
        if self._skipped():
            self._clock.turn()
            return True
        return self._finishing

    def _put(self, placed: float, item: Frame | AudioBlock | Prediction) -> None:
        self._count += 1
        heapq.heappush(self._heap, (placed, self._count, item))
        self._change.notify()

    # ---- the thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        stand_back()
        try:
            while (due := self._next()) is not None:
                self._write(*due)
        except Exception:  # a bug: what was written is kept
            log.exception("take")
            self._faults.append("a fault that is in the log")
        self._end()

    def _next(self) -> tuple[float, Frame | AudioBlock | Prediction] | None:
        """What is to be written now; None at the end."""
        with self._change:
            while not (self._finishing or (self._heap and self._heap[0][0] <= self._clock.now - LAG)):
                self._change.wait()
            if not self._heap or not self._parts:
                return None
            placed, _, item = heapq.heappop(self._heap)
            if isinstance(item, Frame):
                self._waiting -= item.image.nbytes
            return placed, item

    def _write(self, placed: float, item: Frame | AudioBlock | Prediction) -> None:
        if isinstance(item, Prediction):
            self._now[item.task] = item
            self._tables.add(item, self._tasks[item.task])
            for part, fault in self._tables.faults():
                self._lose(part, fault)
        try:
            if isinstance(item, Frame):
                self._show(item.image, placed)
            elif isinstance(item, AudioBlock) and self._film is not None:
                self._film.sound(replace(item, time=placed))
            if placed - self._shown >= ALONE or (self._plain and isinstance(item, Prediction)):
                self._show(PLAIN, placed)
        except OSError as error:
            self._lose("film", error)
        if time.perf_counter() - self._measured > MEASURED:
            self._measure()

    def _show(self, image: np.ndarray, placed: float) -> None:
        if self._film is None:
            return
        height, width = image.shape[:2]
        if width > WIDEST:
            image = cv2.resize(image, (WIDEST, round(height * WIDEST / width)), interpolation=cv2.INTER_AREA)
        now = {task: standing(said, placed) for task, said in self._now.items()}
        self._film.picture(draw(image, now, self._tasks), placed)
        self._film.silence(placed - LAG)
        self._shown, self._plain = placed, image is PLAIN

    def _lose(self, part: str, error: OSError) -> None:
        """Go on without a part that cannot be written any further."""
        if part not in self._parts:
            return
        self._parts.remove(part)
        if part == "film":
            self._close_film()
        cause = f"{NAMES[part].capitalize()} stopped at {clock(self._clock.now)}: {error.strerror}."
        self._faults.append(cause)
        rest = "the rest goes on" if self._parts else "nothing more is recorded"
        kept = "plays" if part == "film" else "stays, in whole lines"
        self._notify(Notice(f"{KEY}-{part}", cause, f"What was written {kept}; {rest}."))
        if not self._parts:
            self.finish()

    def _close_film(self) -> None:
        film, self._film = self._film, None
        if film is not None:
            try:
                film.close()
            except OSError as error:
                self._lose("film", error)

    def _end(self) -> None:
        self._close_film()
        seconds = self._clock.now
        self._tables.close(
            {
                "started": self._started.isoformat(timespec="seconds"),
                "seconds": seconds,
                "tasks": self._tables.costs,
                "pictures_left_out": self.state.left_out,
                "faults": self._faults,
            }
        )
        self._measure()
        self.state = replace(self.state, ended=True)
        names = sorted(file.name for file in self.state.folder.iterdir())
        left_out = f" {self.state.left_out} pictures are missing: the computer was too slow." * bool(
            self.state.left_out
        )
        cause = f"Recorded {clock(seconds)}, {self.state.nbytes / 1e6:.1f} MB: {', '.join(names)}.{left_out}"
        self._notify(Notice(KEY, cause, f"In {self.state.folder}.", "info"))

    def _measure(self) -> None:
        self._measured = time.perf_counter()
        nbytes = sum(file.stat().st_size for file in self.state.folder.iterdir())
        with self._change:
            self.state = replace(self.state, seconds=self._clock.now, nbytes=nbytes)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def new_folder(place: Path) -> Path:
    """The name of a folder that is not there yet, of this second."""
    name = datetime.now().strftime("%Y-%m-%d %H-%M-%S")
    return next(
        found for n in count(1) if not (found := place / (name if n == 1 else f"{name} ({n})")).exists()
    )
