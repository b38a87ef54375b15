"""What a camera and a microphone have in common: a thread that stays connected."""

from __future__ import annotations

import logging
import threading
import time

from app.capture.media import CaptureError, Kind, Notice, Sink

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 5.0  # seconds between attempts to connect, doubling
SILENCE = 2.0  # seconds without media after which a device counts as lost


class LiveSource:
    """A live source: connects, delivers, and when the device is lost says so and connects again.

    A subclass names its ``_key`` (of notices) and ``_kind``, and implements `_deliver_until_lost`.

    Parameters
    ----------
    name : str
        What the user knows the device by.
    """

    live = True
    _key: str
    _kind: Kind

    def __init__(self, name: str) -> None:
        self.name = name
        self.kinds: frozenset[Kind] = frozenset({self._kind})
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._sink: Sink
        self._epoch = 0.0
        self._told = ""  # the cause on the banner that stands
        self._delivered = False  # on this connection

    def start(self, sink: Sink, epoch: float) -> None:
        """Start delivering to ``sink``, with media time ``time.perf_counter() - epoch``."""
        if self._thread is not None:
            raise RuntimeError(f"{self.name} was already started: make a new {type(self).__name__}")
        self._sink, self._epoch = sink, epoch
        self._thread = threading.Thread(target=self._run, name=self._key, daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop; True when the thread ended within ``timeout`` seconds.

        One that is stuck in a driver is abandoned: whatever it still says is ignored.
        """
        self._stopped.set()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _deliver_until_lost(self) -> None:
        """Connect and deliver; return when stopped.

        Raises
        ------
        CaptureError
            When the device cannot be had or is lost.
        """
        raise NotImplementedError

    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._stopped.is_set():
            self._delivered = False
            try:
                self._deliver_until_lost()
            except Exception as error:
                if self._stopped.is_set():
                    return
                fault = error if isinstance(error, CaptureError) else self._unforeseen(error)
                if self._delivered:
                    wait = FIRST_WAIT
                    self._sink.gap(self._kind, time.perf_counter() - self._epoch, fault.cause)
                self._tell(Notice(self._key, fault.cause, fault.remedy))
            self._stopped.wait(wait)
            wait = min(2.0 * wait, LONGEST_WAIT)

    def _unforeseen(self, error: Exception) -> CaptureError:
        """Whatever a driver or a library throws: the device is tried again all the same."""
        log.error("%s", self._key, exc_info=error)
        cause = f"{self.name} failed: {type(error).__name__}: {error}"
        return CaptureError(cause, "It is tried again by itself; details are in the log.")

    def _tell(self, notice: Notice) -> None:
        """Pass a notice on, unless it says what stands on the banner already."""
        if notice.cause != self._told and not self._stopped.is_set():
            self._told = notice.cause
            self._sink.notice(notice)

    def _resolve(self) -> None:
        """The device delivers: take its banner away."""
        if self._told and not self._stopped.is_set():
            self._told = ""
            self._sink.notice(Notice(self._key, f"{self.name} is back.", level="resolved"))
