"""The one place that loads PortAudio, late, and knows when its list of devices may be read anew."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from app.capture.media import CaptureError

_lock = threading.RLock()
_open = 0
_silencer = None  # the C callback must outlive every call of ALSA


def load() -> ModuleType:
    """Import sounddevice.

    Raises
    ------
    CaptureError
        When it or the PortAudio library is not installed, or finds no way to start.
    """
    with _lock:
        try:
            _silence_alsa()
            import sounddevice
        except (ImportError, OSError) as error:
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
    with _lock:
        if not _open:
            sounddevice._terminate()
            sounddevice._initialize()


@contextmanager
def in_use() -> Iterator[None]:
    """Hold off `rescan` while a stream is open."""
    global _open
    with _lock:
        _open += 1
    try:
        yield
    finally:
        with _lock:
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
