"""The microphone: PortAudio's callback only copies into a queue; our thread stamps and delivers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from app.capture import portaudio
from app.capture.clocks import SampleClock
from app.capture.devices import MicrophoneInfo, microphones
from app.capture.live import SILENCE, LiveSource
from app.capture.media import AudioBlock, CaptureError, Notice
from app.program import COMMAND

BLOCK = 0.02  # seconds of one callback
QUEUE = 100  # blocks: 2 s
FIRST_BLOCK = 5.0  # seconds a sound server may take to wake up
CLOSING = 1.0  # seconds a stream may take to close before it is left behind


class Microphone(LiveSource):
    """Sound from a microphone, mono, at the device's own rate.

    Parameters
    ----------
    device : int, str or None
        Index or name (or the only part of a name) as `microphones` lists them; None: the default one.
    channel : int, optional
        Which one to hear, from 1; the mean of the channels by default, and where there is no such channel.

    Attributes
    ----------
    device : int, str or None
        As given.
    """

    _key = "microphone"
    _kind = "audio"

    def __init__(self, device: int | str | None = None, channel: int | None = None) -> None:
        if isinstance(device, bool) or not isinstance(device, int | str | None):
            raise TypeError(f"device must be an index, a name or None, not {device!r}")
        if device == "" or (isinstance(device, int) and device < 0):
            raise ValueError(f"device must be a name or an index from 0, not {device!r}")
        if isinstance(device, str) and device.isdigit():
            device = int(device)
        if channel is not None and channel < 1:
            raise ValueError(f"channel is {channel}, expected 1 or above, or None for the mean")
        super().__init__(device if isinstance(device, str) else _label(device))
        self.device = self._device = device
        self._channel = channel

    def check(self) -> MicrophoneInfo:
        """Find the device without opening it.

        Raises
        ------
        CaptureError
            When there is no such device, or no PortAudio.
        """
        return _find(self._device)

    def _deliver_until_lost(self) -> None:
        sounddevice = portaudio.load()
        info = _find(self._device)
        self.name = info.name
        if isinstance(self._device, int):
            self._device = info.name  # an index means another device after a rescan
        blocks: queue.Queue[tuple[np.ndarray, float, bool]] = queue.Queue(QUEUE)
        finished = threading.Event()
        dropped = False

        def callback(data: np.ndarray, frames: int, clock: Any, status: Any) -> None:
            # Runs in PortAudio's thread: copy, note the time, nothing else.
            nonlocal dropped
            try:
                blocks.put_nowait((data.copy(), time.perf_counter(), dropped or bool(status.input_overflow)))
                dropped = False
            except queue.Full:
                dropped = True

        with _opened(sounddevice, info, self._channel, callback, finished.set) as stream:
            self._tell_channels(stream.channels)
            self._pump(blocks, finished, stream)

    def _tell_channels(self, channels: int) -> None:
        """Say when the microphone has not the channel that was asked for."""
        if self._channel is not None and self._channel > channels and not self._stopped.is_set():
            cause = f"{self.name} has no channel {self._channel}: the mean of its {channels} is heard."
            self._sink.notice(Notice("microphone-channel", cause, "Choose another channel.", "info"))

    def _pump(self, blocks: queue.Queue, finished: threading.Event, stream: Any) -> None:
        """Deliver blocks until the stream dies or `stop` is called."""
        rate = round(stream.samplerate)
        clock = SampleClock(rate)
        heard, patience = time.perf_counter(), FIRST_BLOCK
        while not self._stopped.is_set():
            try:
                data, arrived, overflow = blocks.get(timeout=0.1)
            except queue.Empty:
                # A sound server that dies raises nothing: the stream ends, or the callbacks just stop.
                if finished.is_set() or not stream.active:
                    raise _lost(self.name, "stopped delivering") from None
                if time.perf_counter() - heard > patience:
                    raise _lost(self.name, f"has been silent for {patience:.0f} s") from None
                continue
            heard, patience = arrived, SILENCE
            if clock.place(len(data), arrived):
                self._gap(clock.time, "The samples fell behind the clock, so some were lost")
            elif overflow:
                clock.restart(len(data), arrived)
                self._gap(clock.time, "The computer was too slow for the sound")
            if not self._delivered:
                self._delivered = True
                self._resolve()
            samples = self._heard(data)
            self._sink.audio(AudioBlock(samples, rate, clock.time - self._epoch, arrived))

    def _heard(self, data: np.ndarray) -> np.ndarray:
        """The chosen channel of a block (n, channels), or their mean: (n,)."""
        if self._channel is None or self._channel > data.shape[1]:
            return data.mean(axis=1, dtype=np.float32)
        return data[:, self._channel - 1].copy()

    def _gap(self, at: float, reason: str) -> None:
        if self._delivered and not self._stopped.is_set():
            self._sink.gap("audio", at - self._epoch, reason)


@contextmanager
def _opened(
    sounddevice: ModuleType, info: MicrophoneInfo, channel: int | None, callback: Any, finished: Any
) -> Iterator[Any]:
    """A running input stream, closed at the end."""
    portaudio.hold()
    try:
        stream = _open(sounddevice, info, channel, callback, finished)
    except BaseException:
        portaudio.release()
        raise
    try:
        yield stream
    except sounddevice.PortAudioError as error:
        raise _lost(info.name, f"failed ({error})") from error
    finally:
        portaudio.close(stream, CLOSING)


def _open(
    sounddevice: ModuleType, info: MicrophoneInfo, channel: int | None, callback: Any, finished: Any
) -> Any:
    """Start a stream at the device's own rate if it will, else at one that it takes."""
    try:
        if sounddevice.query_devices(info.index)["name"] != info.name:
            raise ValueError("the list of devices changed")
    except (sounddevice.PortAudioError, ValueError) as error:
        raise _lost(info.name, f"was not found again ({error})") from error
    settings = (
        {
            "device": info.index,
            "samplerate": rate,
            "channels": channels,
            "blocksize": round(rate * BLOCK),
            "latency": "high",
            "callback": callback,
            "finished_callback": finished,
        }
        for rate, channels in _ladder(info, channel)
    )
    return portaudio.started(
        sounddevice.InputStream,
        settings,
        f"The microphone {info.name}",
        "Close other programs that use it, and check the sound settings and permissions.",
    )


def _ladder(info: MicrophoneInfo, channel: int | None) -> list[tuple[int, int]]:
    """What to try, best first: (samples a second, channels)."""
    rates = dict.fromkeys((info.rate, 48000, 44100))
    enough = max(2, channel or 0)  # the first channels hold the one that is wanted
    channels = dict.fromkeys((min(enough, info.channels), 1, info.channels))
    return [(rate, n) for rate in rates for n in channels]


def _find(device: int | str | None) -> MicrophoneInfo:
    found = microphones()
    if device is None:
        chosen = found[:1]
    elif isinstance(device, int):
        chosen = [m for m in found if m.index == device]
    else:
        chosen = [m for m in found if m.name == device] or [m for m in found if device in m.name]
    if len(chosen) > 1 and chosen[0].name != device:
        names = ", ".join(m.name for m in chosen)
        raise CaptureError(f"Several microphones are called {device!r}: {names}.", "Give the full name.")
    if chosen:
        return chosen[0]
    wanted = "no microphone" if device is None else f"no {_label(device)}"
    raise CaptureError(
        f"There is {wanted}.",
        f"Plug it in or start the sound server; `{COMMAND} devices` lists what there is.",
    )


def _label(device: int | str | None) -> str:
    return "the default microphone" if device is None else f"microphone {device}"


def _lost(name: str, what: str) -> CaptureError:
    return CaptureError(f"The microphone {name} {what}.", "Plug it in again; it is taken up by itself.")
