"""Which sources run, and the one thread that opens and closes them so that no caller waits for a device."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.capture import devices
from app.capture.camera import Camera
from app.capture.listener import KEY as SPEAKER
from app.capture.listener import Listener
from app.capture.media import AudioBlock, CaptureError, Frame, Kind, Notice, Source
from app.capture.media_file import MediaFile
from app.capture.microphone import Microphone
from app.pipeline.memory import return_free

log = logging.getLogger(__name__)

OFF = "off"  # the name that stands for no device, where the user chose none


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """How a camera and a microphone are opened, see `Camera` and `Microphone`."""

    size: tuple[int, int] | None = None
    mirror: bool = False
    channel: int | None = None


class Receiver(Protocol):
    """Who takes the media; called from the sources' threads."""

    def on_frame(self, frame: Frame, live: bool, abandoned: threading.Event) -> None: ...

    def on_audio(self, block: AudioBlock, live: bool, abandoned: threading.Event) -> None: ...

    def on_gap(self, kind: Kind, time: float, reason: str, live: bool) -> None: ...

    def on_sought(self, kinds: frozenset[Kind], time: float) -> None: ...

    def on_resumed(self, kinds: frozenset[Kind]) -> None: ...

    def on_end(self, kinds: frozenset[Kind], time: float) -> None: ...

    def on_started(self, source: Source, epoch: float) -> None: ...

    def on_stopped(self, source: Source) -> None: ...

    def notify(self, notice: Notice) -> None: ...

    def dismiss(self, key: str) -> None: ...


class _Port:
    """The sink of one source.  Once closed, the late calls of a source that a driver holds up do nothing."""

    def __init__(self, receiver: Receiver, source: Source) -> None:
        self._receiver = receiver
        self._source = source
        self._closed = threading.Event()

    def close(self) -> None:
        self._closed.set()

    def frame(self, frame: Frame) -> None:
        if not self._closed.is_set():
            self._receiver.on_frame(frame, self._source.live, self._closed)

    def audio(self, block: AudioBlock) -> None:
        if not self._closed.is_set():
            self._receiver.on_audio(block, self._source.live, self._closed)

    def gap(self, kind: Kind, time: float, reason: str) -> None:
        if not self._closed.is_set():
            self._receiver.on_gap(kind, time, reason, self._source.live)

    def notice(self, notice: Notice) -> None:
        if not self._closed.is_set():
            self._receiver.notify(notice)

    def sought(self, time: float) -> None:
        if not self._closed.is_set():
            self._receiver.on_sought(self._source.kinds, time)

    def resumed(self) -> None:
        if not self._closed.is_set():
            self._receiver.on_resumed(self._source.kinds)

    def ended(self, time: float) -> None:
        if not self._closed.is_set():
            self._receiver.on_end(self._source.kinds, time)


class Sources:
    """One file, or a camera and a microphone.

    Parameters
    ----------
    receiver : Receiver
    epoch : float, optional
        Monotonic time from which live media time counts; by default the start of the first live source.

    Attributes
    ----------
    current : dict of {"video", "audio"} to Source
        What runs now; replaced, never changed, so that any thread may read it.
    file : MediaFile or None
        The file among them.
    demo : bool
        Whether that file is the bundled demo.
    """

    def __init__(self, receiver: Receiver, epoch: float | None = None) -> None:
        self._receiver = receiver
        self._shared_clock = epoch is not None
        self.current: dict[Kind, Source] = {}
        self.file: MediaFile | None = None
        self.demo = False
        self._speed = 1.0
        self._volume: float | None = None  # of the file's sound; None: it is not played
        self._listener: Listener | None = None
        self._options = DeviceOptions()
        self._ports: dict[Source, _Port] = {}
        self._closing = False
        self._epoch = epoch or 0.0
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._control, name="control", daemon=True)
        self._thread.start()

    def do(self, command: Callable[[], None]) -> None:
        """Run ``command`` on the control thread; its failure becomes a notice."""
        self._commands.put(command)

    def open(self, source: Source, demo: bool = False) -> None:
        """Let one source replace all others (control thread, or a caller without one)."""
        self.stop()
        self._receiver.dismiss("source")
        if demo:
            self._receiver.notify(
                Notice(
                    "demo",
                    "This is the bundled demo clip: a drawn figure and rendered music.",
                    "Choose a camera, a microphone or a file above.",
                    level="info",
                )
            )
        self.demo = demo
        self._start(source)

    def set_live(self, kind: Kind, source: Source | None) -> None:
        """Let a live source replace a file, or the live source of its kind; None for none."""
        if self.file is not None:
            self.stop()
        elif kind in self.current:
            self._stop(self.current[kind])
        self._receiver.dismiss("source")
        if source is not None:
            self._start(source)

    def set_speed(self, speed: float) -> None:
        """Play this and every later file at this speed, see `MediaFile.set_speed`."""
        file = self.file
        if file is not None:
            file.set_speed(speed)
        self._speed = speed

    def listen(self, volume: float | None) -> None:
        """Play the file's sound at this volume, 0 to 1; None for not at all (control thread)."""
        self._volume = volume
        if self._listener is not None and volume is not None:
            self._listener.volume = volume
            return
        self._stop_listening()
        if self.file is not None:
            self._start_listening(self.file)

    def _start_listening(self, file: MediaFile) -> None:
        if file.paced and file.has_audio and self._volume is not None:
            self._listener = Listener(file, self._volume, self._receiver.notify)
            self._listener.start()

    def _stop_listening(self) -> None:
        if self._listener is not None and not self._listener.stop():
            log.warning("The speaker did not stop in time and was abandoned")
        self._listener = None
        self._receiver.dismiss(SPEAKER)

    def set_device(self, kind: Kind, device: int | str | None) -> None:
        """Let a camera (video) or a microphone (audio) replace a file or one of its kind; None for none."""
        source: Source | None = None
        if device is not None and kind == "video":
            source = Camera(device, self._options.size, self._options.mirror)
        elif device is not None:
            source = Microphone(device, self._options.channel)
        self.set_live(kind, source)

    def set_options(self, options: DeviceOptions) -> None:
        """Open devices so from now on; one that runs is opened anew where it has to be (control thread)."""
        before, self._options = self._options, options
        camera, microphone = self.current.get("video"), self.current.get("audio")
        if isinstance(camera, Camera):
            camera.mirror = options.mirror
            if options.size != before.size:
                self.set_device("video", camera.device)
        if isinstance(microphone, Microphone) and options.channel != before.channel:
            self.set_device("audio", microphone.device)

    def stop(self) -> None:
        """Stop whatever runs."""
        for source in set(self.current.values()):
            self._stop(source)
        self._receiver.dismiss("demo")
        self.demo = False

    def close(self, timeout: float) -> bool:
        """Stop everything, the control thread too; True when it ended within ``timeout`` seconds."""
        self._closing = True
        for port in list(self._ports.values()):
            port.close()  # a file that waits for room gives up at once
        self.do(self.stop)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _control(self) -> None:
        while not (self._closing and self._commands.empty()):
            command = self._commands.get()
            if self._closing and command != self.stop:
                continue
            try:
                command()
            except CaptureError as error:
                self._receiver.notify(Notice("source", error.cause, error.remedy))
            except Exception as error:  # a bug must not silence the pickers
                log.exception("control")
                cause = f"{type(error).__name__}: {error}"
                self._receiver.notify(Notice("source", cause, "Details are in the log."))

    def _start(self, source: Source) -> None:
        if isinstance(source, MediaFile):
            self.file = source
            source.set_speed(self._speed)
        if not self._shared_clock and not any(other.live for other in self.current.values()):
            self._epoch = time.perf_counter()  # one clock for a camera and the microphone that joins it later
        self.current = self.current | dict.fromkeys(source.kinds, source)
        self._ports[source] = port = _Port(self._receiver, source)
        self._receiver.on_started(source, self._epoch)
        source.start(port, self._epoch)
        if isinstance(source, MediaFile):
            self._start_listening(source)

    def _stop(self, source: Source) -> None:
        self._ports.pop(source).close()
        if source is self.file:
            self._stop_listening()
        if not source.stop():
            log.warning("%s did not stop in time and was abandoned", source.name)
        self.current = {kind: other for kind, other in self.current.items() if other is not source}
        if source is self.file:
            self.file = None
        self._receiver.dismiss(
            "file" if not source.live else "camera" if "video" in source.kinds else "microphone"
        )
        self._receiver.on_stopped(source)
        return_free()


def choose_devices(
    camera: int | str | None, microphone: int | str | None, preferred: tuple[str, str]
) -> dict[str, int | str | None]:
    """The devices to open: those named, else last time's where they are there, else the first of each."""
    try:
        microphones = devices.microphones()
    except CaptureError:  # no sound system is as good as no microphone
        microphones = []
    return {
        "camera": _pick(devices.cameras(), preferred[0]) if camera is None else camera,
        "microphone": _pick(microphones, preferred[1]) if microphone is None else microphone,
    }


def _pick(found: Sequence[devices.CameraInfo | devices.MicrophoneInfo], preferred: str) -> int | str | None:
    if preferred == OFF:
        return None
    if "://" in preferred or any(info.is_called(preferred) for info in found):
        return preferred
    return found[0].index if found else None
