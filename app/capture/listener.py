"""A file's sound through the speakers, in time with its pictures.

Two threads: ours decodes a little ahead of the file's clock and minds the device; PortAudio's asks for the
samples that will be heard at a moment, and gets those of that moment's media time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
import soxr

from app.capture import portaudio
from app.capture.live import FIRST_WAIT, LONGEST_WAIT
from app.capture.media import AudioBlock, CaptureError, Notice
from app.capture.media_file import MediaFile

log = logging.getLogger(__name__)

KEY = "speaker"  # of its notices
AHEAD = 0.7  # seconds decoded ahead of the file's clock
HELD = 4.0  # seconds of samples held
STRAY = 0.015  # seconds by which what is heard may differ from the file's clock before it jumps
LOOK = 0.05  # seconds between looks at the file's clock
CLOSING = 1.0  # seconds a stream may take to close before it is left behind


class Listener:
    """Plays the sound of a file while the file plays at its own speed; silent otherwise.

    Parameters
    ----------
    file : MediaFile
        With sound.
    volume : float
        0 to 1.
    notify : callable
        Takes a `Notice` when there is no speaker, or when it is lost or back.

    Attributes
    ----------
    volume : float
        May be set at any time.
    """

    def __init__(self, file: MediaFile, volume: float, notify: Callable[[Notice], None]) -> None:
        self.volume = volume
        self._file = file
        self._notify = notify
        self._told = ""  # the cause on the banner that stands
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        # Shared with the callback: only ever replaced, never changed in parts.
        self._base: float | None = None  # monotonic time of media time 0; None for silence
        self._held = (0, 0)  # from which sample to which the ring holds what is to be heard
        self._cursor: int | None = None  # the next sample to be heard
        self._gain = 0.0
        self._open_ring(1)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop and join; True when the thread ended within ``timeout`` seconds."""
        self._stopped.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # ---- our thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._stopped.is_set():
            try:
                sounddevice = portaudio.load()
                with self._opened(sounddevice) as stream:
                    wait = FIRST_WAIT
                    self._resolve()
                    self._fill(stream)
            except CaptureError as error:
                self._tell(Notice(KEY, error.cause, error.remedy, "warning"))
            except Exception as error:  # whatever a driver throws: the picture goes on, and it is tried again
                log.exception("listener")
                cause = f"The file's sound cannot be played: {type(error).__name__}: {error}"
                self._tell(Notice(KEY, cause, "The rest goes on; details are in the log.", "warning"))
            self._base = None
            self._stopped.wait(wait)
            wait = min(2.0 * wait, LONGEST_WAIT)
        self._resolve()

    def _tell(self, notice: Notice) -> None:
        if notice.cause != self._told and not self._stopped.is_set():
            self._told = notice.cause
            self._notify(notice)

    def _resolve(self) -> None:
        if self._told:
            self._told = ""
            self._notify(Notice(KEY, "The speaker is back.", level="resolved"))

    def _fill(self, stream: Any) -> None:
        """Keep the ring ahead of the file's clock until stopped.

        Raises
        ------
        CaptureError
            When the speaker is lost.
        """
        sound: Generator[AudioBlock, None, None] | None = None
        block: AudioBlock | None = None  # decoded, but not due yet
        resampler: Any = None
        while not self._stopped.is_set():
            if not stream.active:
                raise CaptureError("The speaker stopped.", "It is taken up again by itself when it is back.")
            clock = self._file.clock
            if clock is None or clock[1] != 1.0:
                self._base = None
                self._stopped.wait(LOOK)
                continue
            self._base = clock[0]
            now = round((time.perf_counter() - clock[0]) * self._rate)  # the sample that is due
            ahead = now + round(AHEAD * self._rate)
            start, end = self._held
            if sound is None or not start <= now <= end + round(AHEAD * self._rate):
                if sound is not None:
                    sound.close()
                self._held = now, now
                sound, block = self._file.sound_from(now / self._rate), None
                resampler = self._resampler()
            while self._held[1] < ahead:
                block = block or next(sound, None)
                if block is None or round(block.time * self._rate) > ahead:
                    self._be_silent(ahead)  # the file's sound has a hole here, or is over
                    break
                self._put(block, resampler)
                block = None
            self._stopped.wait(LOOK)
        if sound is not None:
            sound.close()

    def _resampler(self) -> Any:
        if self._rate == self._file.rate:
            return None
        return soxr.ResampleStream(self._file.rate, self._rate, 1, dtype="float32")

    def _put(self, block: AudioBlock, resampler: Any) -> None:
        """Add a block to the ring."""
        samples = block.samples if resampler is None else resampler.resample_chunk(block.samples)
        start, end = self._held
        first = round(block.time * self._rate)
        if start == end:
            self._held = first, first
        elif first - end > STRAY * self._rate:  # after missing sound; else blocks follow without a seam
            self._be_silent(first)
        self._hold(samples)

    def _be_silent(self, until: int) -> None:
        """Hold silence up to this sample; of a hole longer than the ring, only the end."""
        room = len(self._ring)
        if until - self._held[1] > room:
            self._held = until - room, until - room
        self._hold(np.zeros(max(0, until - self._held[1]), np.float32))

    def _hold(self, samples: np.ndarray) -> None:
        """Append to what the ring holds, over its oldest."""
        start, end = self._held
        after, room = end + len(samples), len(self._ring)
        samples = samples[-room:]
        self._ring[np.arange(after - len(samples), after) % room] = samples
        self._held = max(start, after - room), after

    def _open_ring(self, rate: int) -> None:
        self._rate = rate
        self._held = (0, 0)
        self._cursor = None
        self._ring = np.zeros(round(HELD * rate), np.float32)

    # ---- the device -------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self, sounddevice: ModuleType) -> Iterator[Any]:
        """A running output stream, closed at the end."""
        with portaudio.lock:
            portaudio.rescan()
            try:
                speaker = sounddevice.query_devices(kind="output")
            except (sounddevice.PortAudioError, ValueError) as error:
                raise CaptureError(
                    "There is no speaker to play the file's sound.",
                    "Plug one in or start the sound server, or mute the sound; all else goes on.",
                ) from error
            portaudio.hold()
        try:
            stream = portaudio.started(
                sounddevice.OutputStream,
                self._settings(speaker),
                f"The speaker {speaker['name']}",
                "Close other programs that use it, or mute the sound; all else goes on.",
            )
        except BaseException:
            portaudio.release()
            raise
        try:
            yield stream
        finally:
            portaudio.close(stream, CLOSING)

    def _settings(self, speaker: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What to try, best first; the ring is made for what is tried."""
        for rate in dict.fromkeys((self._file.rate, round(speaker["default_samplerate"]), 48000)):
            self._open_ring(rate)
            channels = min(2, speaker["max_output_channels"])
            yield {
                "device": speaker["index"],
                "samplerate": rate,
                "channels": channels,
                "callback": self._callback,
            }

    def _callback(self, out: np.ndarray, frames: int, clock: Any, status: Any) -> None:
        """Runs in PortAudio's thread: copies what is due when this buffer will be heard, nothing else."""
        out.fill(0.0)
        base, (start, end), rate = self._base, self._held, self._rate
        gain, self._gain = self._gain, 0.0 if base is None else self.volume**2
        if base is None:
            self._cursor = None
            return
        delay = max(0.0, clock.outputBufferDacTime - clock.currentTime)
        due = round((time.perf_counter() + delay - base) * rate)
        cursor = self._cursor
        if cursor is None or abs(due - cursor) > STRAY * rate:
            cursor = due
        self._cursor = cursor + frames
        first, last = max(cursor, start), min(cursor + frames, end)
        if first < last:
            samples = self._ring[np.arange(first, last) % len(self._ring)]
            ramp = np.linspace(gain, self._gain, frames, dtype=np.float32)  # no click when it changes
            out[first - cursor : last - cursor] = (samples * ramp[first - cursor : last - cursor])[:, None]
