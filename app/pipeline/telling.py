"""What a worker tells, to whom, and that a fault of whoever listens is none of the task's."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.capture.media import AudioBlock, Frame
from app.features.tokens import Token
from app.pipeline.feed import Feed, changed
from app.pipeline.state import Prediction

log = logging.getLogger(__name__)

QUIET = 10.0  # seconds before the same fault is logged again: one may come with every token
# What becomes of a task after a fault.
ANEW = "It starts anew; details are in the log."
OFF = "It stays off until another source is opened; details are in the log."
UNTOLD = "What was predicted could not be passed on; details are in the log."


@dataclass(frozen=True, slots=True)
class Calls:
    """What a worker calls, on its own thread.

    Attributes
    ----------
    token : callable
        With each token before it is predicted from, also with one of a file that is shown again.
    prediction : callable
        With each prediction.
    media : callable
        With each picture or block after it was analysed, and what was seen in it: the people, or the log-mel
        columns (m, 96) and the level.
    restart : callable
        When the recording or the model is another: no prediction of the one before follows.
    feed : callable
        With the `Feed` whenever it changes: an answer stands only while it is ``"delivering"``.
    gap : callable
        With the reason, when a gap made the task start anew.
    progress : callable
        With a media time before which no prediction follows.
    ended : callable
        With ``Ended.run``, when the last token of a file is through.
    error : callable
        With an exception and what becomes of the task.
    """

    token: Callable[[Token], None]
    prediction: Callable[[Prediction], None]
    media: Callable[[Frame | AudioBlock, Any], None]
    restart: Callable[[], None]
    feed: Callable[[Feed], None]
    gap: Callable[[str], None]
    progress: Callable[[float], None]
    ended: Callable[[int], None]
    error: Callable[[Exception, str], None]


class Teller:
    """Makes a worker's calls; what they raise is logged, and goes no further.

    Parameters
    ----------
    name : str
        Of the task, for the log.
    calls : Calls

    Attributes
    ----------
    feed : Feed
        What feeds the task now.
    """

    def __init__(self, name: str, calls: Calls) -> None:
        self.calls = calls
        self.feed: Feed = "none"
        self._name = name
        self._logged: dict[str, float] = {}

    def tell(self, call: Callable[..., None], *what: Any) -> None:
        """Make one of the `Calls`."""
        try:
            call(*what)
        except Exception as error:
            self.report(error, UNTOLD)

    def change_feed(self, new: Feed) -> None:
        """Say what feeds the task now, if it is something else."""
        if changed(self.feed, new):
            self.feed = new
            self.tell(self.calls.feed, new)

    def report(self, error: Exception, outcome: str) -> None:
        """Log a fault and say what becomes of the task."""
        self.log(error)
        try:
            self.calls.error(error, outcome)
        except Exception as second:
            self.log(second)

    def log(self, error: Exception) -> None:
        """Log a fault, unless it was logged a moment ago."""
        fault, now = f"{type(error).__name__}: {error}", time.perf_counter()
        if now - self._logged.get(fault, -QUIET) >= QUIET:
            self._logged = {fault: now}
            log.error("%s", self._name, exc_info=error)
