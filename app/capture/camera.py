"""The camera: one thread grabs without pause, one watches that it does."""

from __future__ import annotations

import threading
import time
from urllib.parse import urlsplit

import numpy as np

from app.capture.addresses import is_address, shown
from app.capture.devices import CameraInfo, cameras
from app.capture.diagnosis import no_local_camera, no_network_camera
from app.capture.live import SILENCE, LiveSource
from app.capture.media import CaptureError, Frame, Notice
from app.capture.opencv import BACKEND, cv2
from app.program import COMMAND

SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "srt", "tcp", "udp")
ANSWERS = 5.0  # seconds within which a network camera must answer
OPENING = {True: ANSWERS + 1.0, False: 15.0}  # seconds that opening a network camera, a local one may take
WATCH = 0.05  # seconds between looks at the grabbing thread


class Camera(LiveSource):
    """Pictures from a local or a network camera, each stamped when it was grabbed.

    Parameters
    ----------
    device : int or str
        Index, name (or the only part of a name) as `cameras` lists them, or the URL of an MJPEG or RTSP
        stream.
    size : (width, height), optional
        Asked of a local camera, which may give another and then is told of; a network camera has its own.
    mirror : bool
        Turn pictures left to right, as a mirror does.

    Attributes
    ----------
    device : int or str
        As given.
    mirror : bool
        May be set at any time; pictures before and after are kept apart by a gap.
    """

    _key = "camera"
    _kind = "video"

    def __init__(
        self, device: int | str = 0, size: tuple[int, int] | None = None, mirror: bool = False
    ) -> None:
        if isinstance(device, bool) or not isinstance(device, int | str):
            raise TypeError(f"device must be an index, a name or a URL, not {device!r}")
        if device == "" or (isinstance(device, int) and device < 0):
            raise ValueError(f"device must be a name, a URL or an index from 0, not {device!r}")
        if isinstance(device, str) and device.isdigit():
            device = int(device)
        self._url = is_address(device)
        if self._url and urlsplit(str(device)).scheme.lower() not in SCHEMES:
            raise ValueError(
                f"the URL of a camera must begin with one of {', '.join(SCHEMES)}, not {shown(str(device))!r}"
            )
        if size is not None and not (len(size) == 2 and min(size) > 0):
            raise ValueError(f"size is {size}, expected a width and a height in pixels")
        self.device = self._device = device
        self.mirror = self._mirrored = mirror
        self._size = size
        super().__init__(shown(str(device)) if self._url else _label(device))
        self._grabber: _Grabber | None = None
        self._still: np.ndarray | None = None  # the picture that the camera hung on

    def check(self) -> CameraInfo | None:
        """Find a local camera without opening it; None for a URL.

        Raises
        ------
        CaptureError
            When there is no such camera.
        """
        return None if self._url else _find(self._device)

    def _deliver_until_lost(self) -> None:
        target: int | str = str(self._device)
        if not self._url:
            info = _find(self._device)
            target, self.name = info.index, info.name
            self._device = info.name if isinstance(self._device, str) else self._device
        grabber = self._grabber = _Grabber(target, self._size, self._take)
        grabber.start()
        try:
            while not self._stopped.is_set():
                if grabber.done.wait(WATCH):
                    raise self._why(target, grabber)
                self._watch(grabber)
        finally:
            self._grabber = None
            grabber.closing.set()
            grabber.join(1.0)  # then it is left behind: it ends when its driver lets go

    def _watch(self, grabber: _Grabber) -> None:
        """Raise when the grabbing thread hangs, or the camera repeats one picture for ever."""
        now = time.perf_counter()
        if grabber.seen is None:
            if now - grabber.began > OPENING[self._url]:
                raise CaptureError(f"{self.name} does not open.", "Plug it in again, or check its address.")
            return
        if now - grabber.seen > SILENCE + WATCH:
            raise _lost(self.name, f"has sent no picture for {SILENCE:.0f} s")
        if now - grabber.changed <= SILENCE:
            return
        if self._still is None:
            # After unplugging, some drivers hand out the last picture for ever: connect anew and see.
            self._still = grabber.image
            raise _lost(self.name, f"has sent the same picture for {SILENCE:.0f} s")
        self._tell(
            Notice(
                self._key,
                f"The picture of {self.name} does not change.",
                "Check that it is not covered or switched off.",
                "warning",
            )
        )

    def _take(self, grabber: _Grabber, image: np.ndarray, at: float) -> None:
        """Deliver a picture, called from the grabbing thread."""
        if grabber is not self._grabber or self._stopped.is_set():
            return  # it was left behind
        if not self._delivered:
            self._tell_size(image)
        self._delivered = True
        if self._still is None or not _same(image, self._still):
            self._still = None
            self._resolve()
        if self.mirror != self._mirrored:
            self._mirrored = not self._mirrored
            self._sink.gap("video", at - self._epoch, "The picture is turned left to right")
        if self._mirrored:
            image = cv2.flip(image, 1)
        self._sink.frame(Frame(image, at - self._epoch, at))

    def _tell_size(self, image: np.ndarray) -> None:
        """Say when the camera does not give the size that was asked for."""
        size = image.shape[1], image.shape[0]
        if self._size is None or self._url or size == self._size:
            return
        cause = "{} gives {} × {} pixels in place of {} × {}.".format(self.name, *size, *self._size)
        self._sink.notice(Notice("camera-size", cause, "Choose another resolution.", "info"))

    def _why(self, target: int | str, grabber: _Grabber) -> CaptureError:
        """Find out why a camera did not open or stopped."""
        if grabber.seen is not None:
            return _lost(self.name, "stopped sending pictures")
        if isinstance(target, str):
            return no_network_camera(target, self.name)
        return no_local_camera(f"/dev/video{target}", self.name)


class _Grabber(threading.Thread):
    """Opens one connection and grabs until it breaks or ``closing`` is set.

    OpenCV's calls may block for ever in a driver, so the watching thread must be able to leave this one
    behind: nothing waits for it without a limit, and what it delivers is then ignored.

    Attributes
    ----------
    began, changed : float
        Monotonic time of the start, and of the newest picture that differs from the one before.
    seen : float or None
        Monotonic time of the newest picture.
    image : ndarray or None
        The newest picture.
    done : threading.Event
        Set at the end.
    """

    def __init__(self, target: int | str, size: tuple[int, int] | None, take) -> None:
        super().__init__(name="camera-grabber", daemon=True)
        self._target = target
        self._size = size
        self._take = take
        self.closing = threading.Event()
        self.done = threading.Event()
        self.began = self.changed = time.perf_counter()
        self.seen: float | None = None
        self.image: np.ndarray | None = None

    def run(self) -> None:
        capture = _open(self._target, self._size)
        try:
            while not self.closing.is_set() and capture.grab():
                at = time.perf_counter()
                had, image = capture.retrieve()
                if not had:
                    break
                if self.image is None or not _same(image, self.image):
                    self.changed = at
                self.image, self.seen = image, at
                self._take(self, image, at)
        except cv2.error:
            pass  # as a failed grab: the watching thread finds out why
        finally:
            capture.release()
            self.done.set()


def _open(target: int | str, size: tuple[int, int] | None) -> cv2.VideoCapture:
    if isinstance(target, int):
        capture = cv2.VideoCapture(target, BACKEND)
        if size is not None:  # what it refuses is seen in its pictures
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        return capture
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        round(1000 * ANSWERS),
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        round(1000 * SILENCE),
    ]
    return cv2.VideoCapture(target, cv2.CAP_FFMPEG, limits)


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two pictures are equal; some rows tell nearly always, and cost nothing."""
    return a.shape == b.shape and np.array_equal(a[::32], b[::32]) and np.array_equal(a, b)


def _find(device: int | str) -> CameraInfo:
    found = cameras()
    if isinstance(device, int):
        chosen = [c for c in found if c.index == device]
        if not chosen:
            raise no_local_camera(f"/dev/video{device}", _label(device))
    else:
        chosen = [c for c in found if c.is_called(device)] or [c for c in found if device in c.name]
    if not chosen:
        raise CaptureError(
            f"There is no {_label(device)}.", f"Plug it in; `{COMMAND} devices` lists what there is."
        )
    return chosen[0]


def _label(device: int | str) -> str:
    return f"camera {device}"


def _lost(name: str, what: str) -> CaptureError:
    return CaptureError(f"{name} {what}.", "Check its cable or network; it is taken up again by itself.")
