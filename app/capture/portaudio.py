"""The one place that loads PortAudio, late, and knows when its list of devices may be read anew."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType

from app.capture.media import CaptureError

lock = threading.RLock()  # over a listing of devices, so that no rescan comes between
_open = 0
_silencer = None  # the C callback must outlive every call of ALSA


def load() -> ModuleType:
    """Import sounddevice.

    Raises
    ------
    CaptureError
        When it or the PortAudio library is not installed, or finds no way to start.
    """
    with lock:
        try:
            _silence_alsa()
            import sounddevice
        except Exception as error:  # also sounddevice's own, which has no name before it is imported
            remedy = "Install it: pip install sounddevice."
            if sys.platform == "linux" and isinstance(error, OSError):
                remedy = "Install it: sudo apt install libportaudio2 libasound2-plugins."
            raise CaptureError(
                f"The microphone library PortAudio cannot be loaded ({error}).", remedy
            ) from error
        return sounddevice


def rescan() -> None:
    """Let PortAudio look for devices again; it cannot while a stream is open, and then nothing happens."""
    sounddevice = load()
    with lock:
        if not _open:
            with suppress(sounddevice.PortAudioError):  # it had not started
                sounddevice._terminate()
            sounddevice._initialize()


@contextmanager
def in_use() -> Iterator[None]:
    """Hold off `rescan` while a stream is open."""
    global _open
    with lock:
        _open += 1
    try:
        yield
    finally:
        with lock:
            _open -= 1


def _silence_alsa() -> None:
    """Keep ALSA from writing a page to stderr about every plug-in that a machine does not have."""
    global _silencer
    if sys.platform != "linux" or _silencer is not None:
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
    except OSError:
        return  # PortAudio's own import will say what is missing
    _silencer = ctypes.CFUNCTYPE(None)(lambda: None)
    alsa.snd_lib_error_set_handler(_silencer)
