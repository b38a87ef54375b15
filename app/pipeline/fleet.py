"""Many streams at once: a session each, and one batched step of the Transformer for all of them.

Threads: each stream is a `Session` with threads of its own, which grab, decode, and make tokens in a pose
tracker of its own (that has a memory).  Where its worker would step the Transformer, it brings its token to
the `SharedEngine`, and whichever worker completes the batch steps it for all.  All cameras count their time
from one moment, so that their ticks, and with them their tokens, fall due together.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from app.capture.addresses import is_address, shown
from app.capture.media import Notice, Source
from app.pipeline.fleet_state import FleetShot, Rate, StreamShot, Totals
from app.pipeline.memory import bound_heaps
from app.pipeline.session import Session
from app.pipeline.sources import DeviceOptions
from app.pipeline.state import Mode, Prediction
from app.pipeline.stream import MODES
from app.pipeline.tasks import ACTIONS, SharedActions

log = logging.getLogger(__name__)

MOST = 16  # streams
NEWEST = 64  # steps of which the median time is taken: some four seconds


class _Stream:
    def __init__(self, number: int, name: str, session: Session, leave: Callable[[], None]) -> None:
        self.number, self.name, self.session = number, name, session
        self._leave = leave
        self._ticks, self._pictures = Rate(), Rate()
        self._sound = "genres" in session.tasks

    def shot(self) -> StreamShot:
        snapshot = self.session.snapshot()
        steps = snapshot.costs["actions"].steps
        ticks, pictures = self._ticks.of(steps), self._pictures.of(snapshot.counters.captured)
        name = snapshot.video_name or self.name
        return StreamShot(self.number, name, snapshot, ticks, pictures, self._sound)

    def totals(self) -> Totals:
        if (info := self.session.tasks.get("actions")) is None:
            return Totals()
        cost = self.session.cost("actions")
        return Totals(cost.macs_spent, cost.macs_regular, cost.steps * info.macs_apart, cost.steps)

    def close(self) -> bool:
        ended = self.session.close()
        self._leave()
        return ended


class Fleet:
    """Streams that come and go; any thread may call, but one alone takes the `snapshot`.

    Parameters
    ----------
    mode : {"continual", "regular", "both"}
        Regular windows are computed stream by stream, as there is nothing to share but the weights.
    actions : path, optional
        Weights for the actions in place of those in assets.
    options : DeviceOptions, optional
        How cameras and microphones are opened.
    on_prediction : callable, optional
        Called on a stream's worker thread with its number and each of its predictions.

    Attributes
    ----------
    card : dict
        Of the model of actions.

    Raises
    ------
    ValueError, OSError, ImportError, CaptureError
        If the weights cannot be used.
    """

    def __init__(
        self,
        *,
        mode: Mode = "continual",
        actions: Path | None = None,
        options: DeviceOptions | None = None,
        on_prediction: Callable[[int, Prediction], None] | None = None,
    ) -> None:
        bound_heaps()  # before threads of ours begin
        self._mode: Mode = mode
        self._options = options or DeviceOptions()
        self._on_prediction = on_prediction
        self._shared = SharedActions(actions or ACTIONS)
        self.card = self._shared.card
        self._epoch = time.perf_counter()
        self._adding, self._lock = threading.Lock(), threading.Lock()
        self._streams: dict[int, _Stream] = {}  # replaced, never changed
        self._ending: list[_Stream] = []  # likewise: those that are being closed
        self._count = 0
        self._gone = Totals()
        self._loop = False
        self._notices: dict[str, Notice] = {}
        self._closed = False

    # ---- streams come and go ------------------------------------------------------------------------------

    def add_camera(self, device: int | str, microphone: int | str | None = None) -> int:
        """Watch one camera more, by index, name or address; gives the stream's number.

        A camera that is not there is told in the stream's notices, and taken up when it comes.

        Parameters
        ----------
        device : int or str
        microphone : int or str, optional
            What is heard with it: its genres are named, too.

        Raises
        ------
        ValueError
            If there are `MOST` streams already, or the fleet is closed.
        """
        name = shown(str(device)) if is_address(device) else f"camera {device}"
        session, number = self._add(name, sound=microphone is not None)
        session.set_camera(device)
        if microphone is not None:
            session.set_microphone(microphone)
        return number

    def add_file(self, path: Path | str, sound: bool = False) -> int:
        """Play one file more, at its own speed; a file that cannot be read is told in the stream's notices.

        Parameters
        ----------
        path : path
        sound : bool
            Whether its genres are named, too.

        Raises
        ------
        As `add_camera`.
        """
        session, number = self._add(Path(path).name, sound)
        session.set_loop(self._loop)
        session.open_file(path)
        return number

    def add_source(self, source: Source) -> int:
        """Take one source more that the caller made; errors as of `add_camera`."""
        session, number = self._add(source.name, sound=False)
        session.open_source(source)
        return number

    def remove(self, number: int) -> None:
        """End a stream; the others go on.  One that is not there is none the less ended."""
        with self._lock:
            if (stream := self._streams.get(number)) is None:
                return
            self._streams = {key: other for key, other in self._streams.items() if other is not stream}
            self._ending = [*self._ending, stream]
        if not stream.close():
            log.warning("Stream %d did not stop in time and was abandoned", number)
        with self._lock:
            self._ending = [other for other in self._ending if other is not stream]
            self._gone += stream.totals()

    def _add(self, name: str, sound: bool) -> tuple[Session, int]:
        with self._adding:  # loading takes a moment, in which the others are shown
            if self._closed:
                raise ValueError("no stream can be added: the fleet is closed")
            if len(self._streams) >= MOST:
                raise ValueError(f"there are {MOST} streams, and no more can be added")
            self._count += 1
            number, tell = self._count, self._on_prediction
            seat = self._shared.engine.seat()
            session = Session(
                mode=self._mode,
                actions=partial(self._shared.load, seat),
                tasks=("actions", "genres") if sound else ("actions",),
                epoch=self._epoch,
                on_prediction=partial(tell, number) if tell is not None else None,
            )
            session.set_options(self._options)
            with self._lock:
                self._streams = self._streams | {number: _Stream(number, name, session, seat.leave)}
            return session, number

    # ---- what a user does ---------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Change the mode of all from their next tokens on.

        Raises
        ------
        ValueError
            If ``mode`` is none of the three.
        """
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
        self._mode = mode
        for session in self.sessions():
            session.set_mode(mode)

    def play(self) -> None:
        """Go on with the files, those that are through from their beginning."""
        for session in self.sessions():
            session.replay() if session.snapshot().ended else session.play()

    def pause(self) -> None:
        """Hold the files; cameras go on."""
        for session in self.sessions():
            session.pause()

    def set_loop(self, loop: bool) -> None:
        """Let files begin again at their end."""
        self._loop = loop
        for session in self.sessions():
            session.set_loop(loop)

    def reset(self, number: int) -> None:
        """Forget what one stream has seen: a new person."""
        stream = self._streams.get(number)
        if stream is not None and "actions" in stream.session.tasks:
            stream.session.reset("actions")

    def frame_shown(self, number: int) -> None:
        """Count a picture of a stream that was painted."""
        if (stream := self._streams.get(number)) is not None:
            stream.session.frame_shown()

    def notify(self, notice: Notice) -> None:
        """Show a banner in place of the one with the same key."""
        with self._lock:
            self._notices = {**self._notices, notice.key: notice}

    def dismiss(self, key: str) -> None:
        """Take a banner away."""
        with self._lock:
            self._notices = {other: notice for other, notice in self._notices.items() if other != key}

    def hasten(self) -> None:
        """Compile what may step faster: the genres; the actions are stepped in one batch."""
        for session in self.sessions():
            session.hasten()

    # ---- what a reader gets -------------------------------------------------------------------------------

    def sessions(self) -> list[Session]:
        """Of the streams, in the order of their numbers."""
        return [stream.session for stream in self._streams.values()]

    def snapshot(self) -> FleetShot:
        """The newest state of all."""
        with self._lock:
            streams, ending, gone = list(self._streams.values()), self._ending, self._gone
        newest = self._shared.engine.steps()[-NEWEST:]
        return FleetShot(
            streams=tuple(stream.shot() for stream in streams),
            mode=self._mode,
            totals=_sum([gone, *(stream.totals() for stream in (*streams, *ending))]),
            step_seconds=float(np.median([step.seconds for step in newest])) if newest else float("nan"),
            step_streams=float(np.mean([step.streams for step in newest])) if newest else float("nan"),
            notices=tuple(self._notices.values()),
        )

    def predictions(self, number: int, since: int) -> tuple[list[Prediction], int]:
        """A stream's predictions after serial ``since``, and the serial to pass the next time."""
        stream = self._streams.get(number)
        return stream.session.predictions("actions", since) if stream is not None else ([], since)

    def close(self) -> bool:
        """Stop everything; True when every thread ended in time.  Idempotent."""
        with self._adding, self._lock:
            self._closed = True
            streams, self._streams = [*self._streams.values(), *self._ending], {}
        ended = True
        if streams:
            with ThreadPoolExecutor(len(streams)) as closing:  # one that is stuck holds up no other
                ended = all(closing.map(lambda stream: stream.close(), streams))
        if ended:  # else it is still used
            self._shared.close()
        return ended


def _sum(totals: Iterable[Totals]) -> Totals:
    return sum(totals, start=Totals())
