"""A recording played as a source: one thread, picture and sound on one clock, nothing dropped.

The file is decoded in order once, for what is made of it (tokens) depends on all that came before.  A seek
back decodes from there a second time, for the eye and the ear; a seek ahead first runs through what lies
between, as fast as it is taken.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from bisect import bisect_left
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from app.capture.clocks import Playback, PlayClock
from app.capture.media import AudioBlock, Frame, Kind, Notice, Sink
from app.capture.recording import EXACT, Event, Gap, Recording

log = logging.getLogger(__name__)

SLOWEST, FASTEST = 0.25, 4.0
PATIENCE = 0.3  # seconds that a seek may take before it is told of, and a newer one puts an end to it


class MediaFile(Recording):
    """A `Recording` that plays itself to a sink.

    Parameters
    ----------
    path : str or Path
        The file.
    paced : bool
        Deliver at the speed of the wall clock, and stay at the end for a seek; else deliver once, as fast as
        the sink takes it.  When the sink is slower, playback waits for it.
    wanted : mapping of {"video", "audio"} to int, optional
        See `Recording`.

    Raises
    ------
    CaptureError
        See `Recording`.
    """

    live = False

    def __init__(
        self, path: str | Path, paced: bool = False, wanted: Mapping[Kind, int] = MappingProxyType({})
    ) -> None:
        super().__init__(path, wanted)
        self.paced = paced
        self._change = threading.Condition()
        self._stopping = False
        self._paused = False
        self._clock = PlayClock()
        self._asked: float | None = None  # the media time to go to
        self._target, self._asked_at = math.nan, math.inf  # that time, and since when it is waited for
        self._steps = 0  # pictures to show though it is paused
        self._catching_up = math.nan
        self._shown = 0.0  # media time of the newest picture, or where there is none, of the newest sound
        self._times: list[float] = []  # of the pictures delivered in order
        self._reached: dict[Kind, float] = {}  # what was delivered in order: newest picture, end of the sound
        self._known: Generator[Frame | AudioBlock, None, None] | None = None  # what is delivered again
        self._sought_at = -math.inf  # our clock at the newest seek
        self._thread: threading.Thread | None = None

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def playback(self) -> Playback:
        """How it plays now; any thread may ask."""
        reached = max(self._reached.copy().values(), default=0.0)
        seeking = time.perf_counter() - self._asked_at > PATIENCE
        return Playback(
            speed=self._clock.speed,
            real_speed=self._clock.real_speed,
            catching_up=self._catching_up,
            reached=reached,
            seeking=self._target if seeking else math.nan,
        )

    @property
    def clock(self) -> tuple[float, float] | None:
        """Monotonic time of media time 0 and the speed, None while the clock stands; any thread may ask."""
        base = self._clock.base
        return None if base is None or self._paused else (base, self._clock.speed)

    def start(self, sink: Sink, epoch: float = 0.0) -> None:
        """Start playing to ``sink``; ``epoch`` means nothing to a file."""
        if self._thread is not None:
            raise RuntimeError(f"{self.name} was already started: open a new MediaFile")
        self._thread = threading.Thread(target=self._run, args=(sink,), name="media-file", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Hold before the next event."""
        with self._change:
            self._paused = True
            self._change.notify_all()

    def resume(self) -> None:
        """Go on after `pause`; the media clock stood still meanwhile."""
        with self._change:
            self._paused = False
            self._steps = 0
            self._change.notify_all()

    def seek(self, seconds: float) -> None:
        """Go to a media time: its picture is shown even if paused.

        Raises
        ------
        ValueError
            If ``seconds`` is not a number.
        """
        if math.isnan(seconds):
            raise ValueError("seconds is nan, expected the media time to go to")
        with self._change:
            self._ask(min(max(0.0, seconds), self.duration))
            self._change.notify_all()

    def step(self, pictures: int) -> None:
        """Pause, and show the next picture (1) or the one before (-1)."""
        with self._change:
            self._paused = True
            if pictures > 0:
                self._steps += pictures
            elif self._times:
                now = self._shown if self._asked is None else self._asked
                self._ask(self._times[max(0, bisect_left(self._times, now - EXACT) + pictures)])
            self._change.notify_all()

    def set_speed(self, speed: float) -> None:
        """Play at this multiple of the file's own speed, or as near to it as the machine comes.

        Raises
        ------
        ValueError
            Outside 0.25 to 4.
        """
        if not SLOWEST <= speed <= FASTEST:
            raise ValueError(f"speed is {speed}, expected {SLOWEST} to {FASTEST}")
        with self._change:
            self._clock.speed = speed
            self._clock.halt()
            self._change.notify_all()

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop playing; True when the thread ended within ``timeout`` seconds."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _ask(self, target: float) -> None:
        """Go there; with the condition held."""
        self._asked = self._target = target
        self._asked_at = min(self._asked_at, time.perf_counter())

    # ---- the thread -------------------------------------------------------------------------------------

    def _run(self, sink: Sink) -> None:
        try:
            self._tell(sink)
            with closing(self.events(lambda: self._stopping)) as new:
                self._play(new, sink)
        except Exception as error:  # a fault of the file or of a library: told, and the file is over
            log.exception("%s", self.name)
            cause = f"{self.name} cannot be played on: {type(error).__name__}: {error}"
            sink.notice(Notice("file", cause, "Open it again, or another one."))
            sink.ended(self.decoded)
        finally:
            self._leave_known()
            self._asked_at = math.inf

    def _play(self, new: Generator[Event, None, None], sink: Sink) -> None:
        waiting: Event | None = None  # the next one that is new
        through = False  # nothing is new any more
        while not self._stopping:
            if (target := self._take_asked()) is not None:
                self._go_to(target, target > self.playback.reached and not through, sink)
            if self._known is not None:
                event: Event | None = next(self._known, None)
                if event is None and self._is_overtaken():
                    continue
                if event is None or not self._is_known(event):
                    self._leave_known()
                    sink.resumed()
                elif self._wait_for(event.time):
                    self._deliver(event, sink, again=True)
                continue
            if waiting is None and not through:
                waiting = next(new, None)
                through = waiting is None
                if through and not self._stopping:
                    self._tell(sink)
            if waiting is None:
                self._catching_up = math.nan
                sink.ended(self.decoded)
                if not self._wait_for_seek():
                    return
            elif self._wait_for(waiting.time):
                self._deliver(waiting, sink)
                waiting = None

    def _go_to(self, target: float, ahead: bool, sink: Sink) -> None:
        """Show ``target``; one that is ahead of all that was delivered is run up to, from there on."""
        self._leave_known()
        self._catching_up = target if ahead else math.nan
        sink.sought(self.playback.reached if ahead else target)
        if ahead:
            self._found()
            self._clock.halt()
            sink.resumed()
            return
        self._sought_at = time.perf_counter()
        self._known = self.events_from(target, self._times, self._is_overtaken)
        for event in self._known:  # up to the first picture at once, paused or not
            self._deliver(event, sink, again=True)
            if isinstance(event, Frame) or not self.has_video:
                break
        self._found()
        self._clock.start(target)

    def _found(self) -> None:
        """What was asked for is there, unless something else has been asked for meanwhile."""
        with self._change:
            if self._asked is None:
                self._asked_at = math.inf

    def _is_overtaken(self) -> bool:
        """Whether nobody waits any more for what is delivered again; asked at every packet of it."""
        late = time.perf_counter() - self._sought_at > PATIENCE
        return self._stopping or (self._asked is not None and late)

    def _leave_known(self) -> None:
        if self._known is not None:
            self._known.close()
            self._known = None

    def _take_asked(self) -> float | None:
        with self._change:
            asked, self._asked = self._asked, None
            return asked

    def _is_known(self, event: Event) -> bool:
        """Whether this was delivered before."""
        if isinstance(event, Frame):
            return event.time <= self._reached.get("video", -math.inf) + EXACT
        return isinstance(event, AudioBlock) and event.end <= self._reached.get("audio", -math.inf) + EXACT

    def _wait_for(self, media_time: float) -> bool:
        """Wait until ``media_time`` is due; False when the user wants something else before."""
        with self._change:
            while not self._stopping and self._asked is None:
                if not self.paced or media_time <= self._catching_up:
                    return True
                if not math.isnan(self._catching_up):
                    self._clock.start(self._catching_up)
                    self._catching_up = math.nan
                if self._paused:
                    if self._steps:
                        return True
                    self._clock.halt()  # the clock starts anew from the next event
                    self._change.wait()
                    continue
                early = self._clock.until(media_time)
                if early <= 0.0:
                    return True
                self._change.wait(early)
        return False

    def _wait_for_seek(self) -> bool:
        """At the end: wait for a seek; False when there will be none."""
        with self._change:
            self._clock.halt()
            while self.paced and not self._stopping and self._asked is None:
                self._steps = 0
                self._change.wait()
            return self.paced and not self._stopping

    def _deliver(self, event: Event, sink: Sink, again: bool = False) -> None:
        if isinstance(event, Gap):
            sink.gap(event.kind, event.time, event.reason)
            return
        # Media counts as had when it is due: it was decoded a moment ahead.
        event = replace(event, captured=time.perf_counter(), again=again)
        if isinstance(event, Frame):
            if not again:
                self._times.append(event.time)
                self._reached["video"] = event.time
            self._shown = event.time
            self._steps = max(0, self._steps - 1)
            sink.frame(event)
        else:
            if not again:
                self._reached["audio"] = event.end
            if not self.has_video:
                self._shown = event.time
                self._steps = max(0, self._steps - 1)
            sink.audio(event)
        self._clock.passed(event.time)

    def _tell(self, sink: Sink) -> None:
        """Say what of the file is not as it states: at the beginning, and with what is missing at its end."""
        if self.truncated:
            cause = "; ".join([self.truncated, *self.remarks])
            cause = f"{self.name} is cut short or damaged: {cause}."
            remedy = "It is used as far as it goes; copy or record it again to have the rest."
            sink.notice(Notice("file", cause, remedy, "warning"))
        elif self.remarks:
            sink.notice(Notice("file", f"{self.name}: {'; '.join(self.remarks)}.", level="info"))
