"""The recordings of a session, one at a time: begun, fed by its threads, and ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from app.capture.media import AudioBlock, Frame, Notice
from app.pipeline.state import Prediction, TakeState, TaskInfo
from app.pipeline.take import KEY, Take


class Takes:
    """Passes on to the take that runs, if any; any thread may call.

    Parameters
    ----------
    notify : callable
        Takes a `Notice`.
    """

    def __init__(self, notify: Callable[[Notice], None]) -> None:
        self._notify = notify
        self._take: Take | None = None

    @property
    def state(self) -> TakeState | None:
        """Of the newest one; None where there was none."""
        return self._take.state if self._take is not None else None

    def begin(
        self, folder: Path, parts: Collection[str], tasks: Mapping[str, TaskInfo], skipped: Callable[[], bool]
    ) -> bool:
        """Begin a take, in place of the one that runs; arguments as of `Take`, a failure becomes a notice."""
        self.finish()
        try:
            self._take = Take(folder, parts, tasks, self._notify, skipped)
        except OSError as error:
            remedy = "Choose another folder beside the record button."
            self._notify(Notice(KEY, f"Cannot record into {folder}: {error.strerror}.", remedy))
            return False
        self._notify(Notice(KEY, "", level="resolved"))
        return True

    def finish(self) -> None:
        """End the take; what came until now is still written, and then told."""
        if (take := self._take) is not None:
            take.finish()

    def close(self, timeout: float) -> bool:
        """End the take; whether all is written within ``timeout`` seconds."""
        self.finish()
        return self._take is None or self._take.join(timeout)

    # ---- what the sources and workers call ----------------------------------------------------------------

    def turn(self) -> None:
        """Another source, or another place in the file."""
        if (take := self._take) is not None:
            take.turn()

    def picture(self, frame: Frame, abandoned: threading.Event) -> None:
        """A picture came, unless its source is ``abandoned``."""
        if (take := self._take) is not None and not abandoned.is_set():
            take.picture(frame)

    def sound(self, block: AudioBlock, abandoned: threading.Event) -> None:
        """Sound came, unless its source is ``abandoned``."""
        if (take := self._take) is not None and not abandoned.is_set():
            take.sound(block)

    def prediction(self, prediction: Prediction, info: TaskInfo) -> None:
        """The model of ``info`` predicted."""
        if (take := self._take) is not None:
            take.prediction(prediction, info)
