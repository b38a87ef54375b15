"""A recording on disk: one decoding path for playing, for headless runs and for making data sets."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType

from app.capture.file_faults import remedy_for
from app.capture.layout import read_layout
from app.capture.media import AudioBlock, CaptureError, Frame, Kind
from app.capture.reading import EXACT, Event, Gap, Reading

__all__ = ["EXACT", "SUFFIXES", "Event", "Gap", "Recording"]

# What a folder is searched for and a dialog shows first; any other file can be named.
_FILMS = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg")
SUFFIXES = (*_FILMS, ".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aac", ".opus")


class Recording:
    """A media file, opened and looked through; `events` decodes it from the start as often as called.

    Parameters
    ----------
    path : str or Path
        The file.
    wanted : mapping of {"video", "audio"} to int, optional
        Which of its ``streams`` to use in place of those that would be chosen.

    Attributes
    ----------
    name : str
        The file's name, as it can be printed.
    streams : tuple of StreamInfo
        All that can be used.
    chosen : dict of {"video", "audio"} to int
        Those that are.
    has_video, has_audio : bool
        Whether there is moving picture (cover art is not) and sound that can be decoded.
    kinds : frozenset of {"video", "audio"}
        The same as a set.
    duration : float
        Seconds, from the header where it can be believed, else from the packets; never less than was decoded.
    fps : float
        Mean pictures a second by the timestamps of the first ones; nan without picture.
    size : tuple of int
        Width and height of the upright picture, pixels; (0, 0) without picture.
    rate : int
        Samples a second of the sound; 0 without sound.
    remarks : list of str
        What is not taken as the file states it, after `events` ran to its end the jumps of its clock as well.
    truncated : str
        After `events` ran to its end: why the recording is shorter or damaged, "" when it is whole.

    Raises
    ------
    CaptureError
        When the file is missing, empty, cut off before its index, no media, not readable, or beyond the
        limits of `app.capture.layout`.
    """

    def __init__(self, path: str | Path, wanted: Mapping[Kind, int] = MappingProxyType({})) -> None:
        self.path = Path(path)
        self.wanted = dict(wanted)
        self._layout = read_layout(self.path, self.wanted)
        self.name = self._layout.name
        self.streams, self.chosen = self._layout.streams, self._layout.index
        self.fps = self._layout.fps
        self.size = (0, 0)
        self.rate = 0
        self.truncated = ""
        self._look_at_first()
        words = {"video": "no picture of it decodes", "audio": "no sound of it decodes"}
        lost = [words[kind] for kind in self._layout.index if kind not in self.kinds]
        self._remarks = [*self._layout.remarks, *lost]  # what is known before it is read
        self.remarks = self._remarks.copy()
        self._reading = Reading(self._layout, self.kinds)  # the newest one of all of it

    @property
    def has_video(self) -> bool:
        return "video" in self.kinds

    @property
    def has_audio(self) -> bool:
        return "audio" in self.kinds

    @property
    def duration(self) -> float:
        return max(self._layout.duration, self.decoded)

    @property
    def decoded(self) -> float:
        """Seconds that the newest `events` has decoded so far."""
        return self._reading.account.end

    def events(self, given_up: Callable[[], bool] = lambda: False) -> Generator[Event, None, None]:
        """Decode the whole file.

        Parameters
        ----------
        given_up : callable
            Asked at every packet; once true, nothing follows.

        Yields
        ------
        Frame, AudioBlock or Gap
            Every picture, all sound as mono blocks at the file's own rate, in rising order of ``time``
            (seconds from the container's start), picture first among equals.  No frame is left out.
        """
        self.truncated = ""
        self.remarks = self._remarks.copy()
        reading = self._reading = Reading(self._layout, self.kinds, given_up)
        yield from reading.all()
        self.truncated = reading.account.missing()
        self.remarks += reading.account.remarks()

    def events_from(
        self, start: float, known: Sequence[float], given_up: Callable[[], bool] = lambda: False
    ) -> Generator[Frame | AudioBlock, None, None]:
        """Decode from ``start`` on, beside any run of `events`.

        Parameters
        ----------
        start : float
            Seconds.
        known : sequence of float
            The times of the pictures up to there, as `events` gave them: where a file's own index leads
            elsewhere (times that fall or are missing), it is decoded from its beginning instead.
        given_up : callable
            Asked at every packet; once true, nothing follows.

        Yields
        ------
        Frame or AudioBlock
            The newest picture of ``start`` or before, then as `events`; sound from the block that holds
            ``start``.

        Raises
        ------
        CaptureError
            The file can no longer be read: it was deleted, or its disk was taken out.
        """
        reading = Reading(self._layout, self.kinds, given_up, self._reading.shifts)
        nothing = True
        for event in reading.all_from(start, known):
            if not isinstance(event, Gap):
                nothing = False
                yield event
        if nothing and (why := next(iter(reading.account.broken.values()), "")):
            raise CaptureError(f"{self.name} cannot be read any more: {why}.", "Is it still where it was?")

    def sound_from(
        self, start: float, given_up: Callable[[], bool] = lambda: False
    ) -> Generator[AudioBlock, None, None]:
        """Decode the sound alone, from the block that holds ``start`` on, beside any run of `events`."""
        with ExitStack() as stack:
            reading = Reading(self._layout, frozenset({"audio"}), given_up, self._reading.shifts)
            for event in reading.sound_from(start, stack):
                if isinstance(event, AudioBlock):
                    yield event

    def _look_at_first(self) -> None:
        """Decode the first picture and the first sound: only what decodes is had."""
        found: set[Kind] = set()
        reading = Reading(self._layout, frozenset(self._layout.index))
        with ExitStack() as stack:
            for kind, read in (("video", reading.pictures), ("audio", reading.sound)):
                if kind not in self._layout.index:
                    continue
                first = next((event for event in read(stack) if not isinstance(event, Gap)), None)
                if isinstance(first, Frame):
                    self.size = (first.image.shape[1], first.image.shape[0])
                    found.add("video")
                elif first is not None:
                    self.rate = first.rate
                    found.add("audio")
        if not found:
            why = reading.account.nothing or "no stream with pictures or sound that decode"
            raise CaptureError(f"{self.name} has neither picture nor sound: {why}.", remedy_for(self.path))
        self.kinds: frozenset[Kind] = frozenset(found)
