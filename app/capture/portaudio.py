"""The one place that loads PortAudio, late, and knows when its list of devices may be read anew."""

from __future__ import annotations

import atexit
import ctypes
import shutil
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any

from app.capture.media import CaptureError

lock = threading.RLock()  # over a listing of devices, so that no rescan comes between
_open = 0
_silencers: list[Any] = []  # C callbacks, which must outlive every call


def load() -> ModuleType:
    """Import sounddevice.

    Raises
    ------
    CaptureError
        When it or the PortAudio library is not installed, or finds no way to start.
    """
    with lock:
        try:
            if _silencers and "sounddevice" in sys.modules:
                return sys.modules["sounddevice"]
            _silence_drivers()
            import sounddevice  # MediaPipe may have done so before us

            atexit.register(_leave, sounddevice)  # runs before sounddevice's own
        except Exception as error:  # also sounddevice's own, which has no name before it is imported
            remedy = "Install it: pip install sounddevice."
            if sys.platform == "linux" and isinstance(error, OSError):
                remedy = "Install PortAudio and ALSA's plugins with the system's package manager."
                if shutil.which("apt-get"):
                    remedy = "Install it: sudo apt-get install libportaudio2 libasound2-plugins."
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


def in_use() -> bool:
    """Whether a stream is open, so that there is no `rescan`."""
    return _open > 0


def hold() -> None:
    """Count a stream that is about to be opened: no `rescan` until it is closed."""
    global _open
    with lock:
        _open += 1


def release() -> None:
    """Count a held stream that was not opened, or is closed."""
    global _open
    with lock:
        _open -= 1


def started(kind: type, settings: Iterable[dict[str, Any]], named: str, remedy: str) -> Any:
    """A running float32 stream with the first of some settings that its device takes.

    Parameters
    ----------
    kind : sounddevice.InputStream or sounddevice.OutputStream
    settings : iterable of dict
        Its arguments, best first.
    named, remedy : str
        The device, for the error's cause, and the error's remedy.

    Raises
    ------
    CaptureError
        When the device takes none of them.
    """
    failures = []
    for arguments in settings:
        try:
            stream = kind(dtype="float32", **arguments)
            stream.start()
        except (load().PortAudioError, ValueError) as error:
            failures.append(str(error))
        else:
            return stream
    raise CaptureError(f"{named} cannot be opened: {failures[0]}.", remedy)


def close(stream: Any, limit: float) -> None:
    """Close and release a held stream; one that hangs in its driver is left behind after ``limit`` s."""

    def run() -> None:
        with suppress(load().PortAudioError):
            stream.close()
        release()

    closing = threading.Thread(target=run, name="portaudio-close", daemon=True)
    closing.start()
    closing.join(limit)


def _leave(sounddevice: ModuleType) -> None:
    """At exit: PortAudio aborts the process when it is ended with a stream that hangs."""
    if _open:
        atexit.unregister(sounddevice._exit_handler)


def _silence_drivers() -> None:
    """Keep ALSA and JACK from writing a page to stderr about all that a machine does not have."""
    silence = ctypes.CFUNCTYPE(None)(lambda: None)
    for library, setters in (
        ("libasound.so.2", ("snd_lib_error_set_handler",)),
        ("libjack.so.0", ("jack_set_error_function", "jack_set_info_function")),
    ):
        with suppress(OSError):  # what matters of that, PortAudio's own import will say
            loaded = ctypes.CDLL(library)
            for setter in setters:
                getattr(loaded, setter)(silence)
    _silencers.append(silence)
