"""A recording played as a source: one thread, picture and sound on one clock, nothing dropped."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.capture.media import AudioBlock, CaptureError, Frame, Notice, Sink
from app.capture.recording import Event, Gap, Recording

LATE = 0.05  # seconds behind the wall clock after which playback gives in: it goes on late, without a rush


class MediaFile(Recording):
    """A `Recording` that plays itself to a sink, once.

    Parameters
    ----------
    path : str or Path
        The file.
    paced : bool
        Deliver at the speed of the wall clock; else as fast as the sink takes it.  When the sink is slower,
        playback waits for it.
    loop : bool
        Begin again at the end, for ever.  Times go on rising over the laps; a gap marks each new one.

    Raises
    ------
    CaptureError
        See `Recording`.
    """

    live = False

    def __init__(self, path: str | Path, paced: bool = False, loop: bool = False) -> None:
        super().__init__(path)
        self.paced = paced
        self.loop = loop
        self._change = threading.Condition()
        self._stopping = False
        self._paused = False
        self._base: float | None = None  # monotonic time at which media time 0 was or would have been due
        self._thread: threading.Thread | None = None

    @property
    def paused(self) -> bool:
        return self._paused

    def start(self, sink: Sink, epoch: float = 0.0) -> None:
        """Start playing to ``sink``; ``epoch`` means nothing to a file."""
        if self._thread is not None:
            raise RuntimeError(f"{self.name} was already started: open a new MediaFile")
        self._thread = threading.Thread(target=self._play, args=(sink,), name="media-file", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Hold before the next event."""
        with self._change:
            self._paused = True

    def resume(self) -> None:
        """Go on after `pause`; the media clock stood still meanwhile."""
        with self._change:
            self._paused = False
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

    def _play(self, sink: Sink) -> None:
        lap = 0.0  # media time at which this lap began
        while True:
            with closing(self.events()) as events:
                for event in events:
                    if not self._wait_for(lap + event.time):
                        return
                    _deliver(event, lap, sink)
            length = max(self._ends.values())
            if self.truncated:
                sink.notice(
                    Notice(
                        "file",
                        f"{self.name} is cut short or damaged: {self.truncated}.",
                        "It is used as far as it goes; copy or record it again to have the rest.",
                        "warning",
                    )
                )
            if not self.loop or length <= 0.0:
                sink.ended(lap + length)
                return
            lap += length
            for kind in sorted(self.kinds):
                sink.gap(kind, lap, f"{self.name} begins again")

    def _wait_for(self, media_time: float) -> bool:
        """Wait until ``media_time`` is due; False when playing was stopped."""
        with self._change:
            while not self._stopping:
                if self._paused:
                    self._base = None  # the clock starts anew from the next event
                    self._change.wait()
                    continue
                if not self.paced:
                    return True
                now = time.monotonic()
                if self._base is None:
                    self._base = now - media_time
                late = now - self._base - media_time
                if late >= 0.0:
                    if late > LATE:
                        self._base += late
                    return True
                self._change.wait(-late)
        return False


def _deliver(event: Event, lap: float, sink: Sink) -> None:
    if isinstance(event, Gap):
        sink.gap(event.kind, lap + event.time, event.reason)
        return
    # Media counts as had when it is due: it was decoded a moment ahead.
    event = replace(event, time=lap + event.time, captured=time.monotonic())
    if isinstance(event, Frame):
        sink.frame(event)
    else:
        sink.audio(event)


def read_audio(path: str | Path) -> tuple[np.ndarray, int]:
    """Read the whole sound of a file, as the app hears it.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    samples : ndarray of shape (n,), float32
        Mono, full scale ±1; the first sample is the first that decodes, gaps are filled with silence.
    rate : int
        Samples a second, the file's own.

    Raises
    ------
    CaptureError
        When there is no such file or no sound in it, or its sample rate changes on the way.
    """
    recording = Recording(path)
    if not recording.has_audio:
        raise CaptureError(f"{recording.name} has no sound.", "Choose a file with a sound track.")
    recording.kinds = frozenset({"audio"})
    pieces: list[np.ndarray] = []
    length, fresh, start = 0, False, None
    for event in recording.events():
        if isinstance(event, Gap):
            fresh = True
            continue
        assert isinstance(event, AudioBlock)
        if event.rate != recording.rate:
            raise CaptureError(
                f"{recording.name} changes its sample rate at {event.time:.1f} s.",
                "Convert it to one rate, for example with ffmpeg -i IN -ar 44100 OUT.wav.",
            )
        start = event.time if start is None else start
        if fresh:
            silence = max(0, round((event.time - start) * event.rate) - length)
            pieces.append(np.zeros(silence, np.float32))
            length += silence
            fresh = False
        pieces.append(event.samples)
        length += len(event.samples)
    return np.concatenate(pieces), recording.rate
