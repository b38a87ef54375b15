"""What plays and how far it has come: one lock around all that the threads share of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from app.capture.media import AudioBlock, Frame, Kind

LAG = 0.5  # seconds without media of one kind, while the other goes on, after which it counts as absent


class Playing:
    """Any thread may call; what is returned is never changed afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run = 0  # how many sources were started or sought in: a late end of an earlier one is not this
        self._pending: set[str] = set()  # whose ends are still to come
        self._over = threading.Event()
        self._frame: Frame | None = None
        self._position = 0.0
        self._reached: dict[Kind, float] = {}  # media time to which each kind came
        self._told: dict[Kind, float] = {}  # and to which it was said to be absent

    # ---- where it is --------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        return self._frame

    @property
    def position(self) -> float:
        """Media time of the newest media, seconds."""
        return self._position

    def show(self, frame: Frame, gone: threading.Event) -> None:
        """A picture came, unless its source is ``gone`` meanwhile."""
        with self._lock:
            if not gone.is_set():
                self._frame = frame
                self._position = self._reached["video"] = frame.time

    def hear(self, block: AudioBlock, gone: threading.Event) -> None:
        """Sound came.  Beside pictures their times count, until sound has gone on for a while without."""
        with self._lock:
            if not gone.is_set():
                self._reached["audio"] = block.end
                if block.time - self._reached.get("video", -LAG) >= LAG:
                    self._position = block.time

    def lose(self, kind: Kind) -> None:
        """No media of this kind come any more: the last picture is not what is there now."""
        with self._lock:
            self._reached.pop(kind, None)
            if kind == "video":
                self._frame = None

    def absent(self, kind: Kind, time: float) -> bool:
        """Whether a file has come to ``time`` without media of this kind, and it is time to say so again."""
        with self._lock:
            missing = time - max(self._reached.get(kind, 0.0), self._told.get(kind, 0.0)) > LAG
            if missing:
                self._told[kind] = time
            return missing

    # ---- until when ---------------------------------------------------------------------------------------

    def start_live(self, kinds: Iterable[Kind]) -> None:
        """A live source starts; it has no end."""
        with self._lock:
            self._run += 1
            for kind in kinds:
                self._reached.pop(kind, None)
            if not self._reached:  # else the clock of the other one goes on
                self._position = 0.0

    def start_file(self, kinds: Iterable[Kind], time: float, waits_for: Iterable[str]) -> None:
        """A file starts, or goes to a media time; over when all these parts are through from there."""
        with self._lock:
            self._run += 1
            self._position = time
            self._reached = dict.fromkeys(kinds, time)
            self._told.clear()
            self._pending = set(waits_for)
            self._over.clear()

    @property
    def run(self) -> int:
        """Of what ends now, see `end`."""
        with self._lock:
            return self._run

    def end(self, part: str, run: int) -> tuple[bool, bool]:
        """A part is through.

        Returns
        -------
        counts, over : bool
            Whether ``run`` is what plays now, and whether this was the last part.
        """
        with self._lock:
            if run != self._run:
                return False, False
            self._pending.discard(part)
            over = not self._pending
            if over:
                self._over.set()
            return True, over

    @property
    def over(self) -> bool:
        """Whether a file is through, its last prediction included."""
        return self._over.is_set()

    def wait(self, timeout: float | None) -> bool:
        """Wait until `over`; whether it is."""
        return self._over.wait(timeout)

    def release(self) -> None:
        """Let whoever waits go: the session closes."""
        self._over.set()
