"""What came of reading a file: what was decoded, what was not, and what was taken otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from app.capture.file_faults import promises_duration, riff_cut
from app.capture.layout import Layout
from app.capture.media import Kind
from app.capture.stamps import FileClock, Jump
from app.capture.streams import LARGEST

SHORTFALL, SHORTFALL_EXACT = 0.5, 0.05  # seconds a file may end before its header says
_EXACT_FORMS = frozenset({"flac", "wav", "w64", "aiff"})  # they count samples


class Account:
    """Of one reading.

    Parameters
    ----------
    layout : Layout
    kinds : iterable of {"video", "audio"}

    Attributes
    ----------
    ends : dict of {"video", "audio"} to float
        Media time up to which each was decoded.
    damage : dict of {"video", "audio"} to int
        Packets that do not decode, or decode to what is damaged.
    broken : dict of {"video", "audio"} to str
        Why a stream could not be read on.
    clocks : dict of {"video", "audio"} to FileClock
    jumps : dict of {"video", "audio"} to list of Jump
    """

    def __init__(self, layout: Layout, kinds: Iterable[Kind]) -> None:
        self._layout = layout
        self._size = 0  # of the file when the reading began
        kinds = list(kinds)
        self.ends: dict[Kind, float] = dict.fromkeys(kinds, 0.0)
        self.damage: dict[Kind, int] = dict.fromkeys(kinds, 0)
        self.broken: dict[Kind, str] = {}
        self.clocks: dict[Kind, FileClock] = {}
        self.jumps: dict[Kind, list[Jump]] = {kind: [] for kind in kinds}

    def begin(self) -> None:
        """The reading of the whole file begins."""
        with suppress(OSError):
            self._size = self._layout.path.stat().st_size

    @property
    def end(self) -> float:
        """Media time up to which anything was decoded."""
        return max(self.ends.values(), default=0.0)

    @property
    def nothing(self) -> str:
        """Why nothing could be read; "" where nothing is known against it."""
        words = {
            "video": f"of its pictures none decodes, or it has more than {LARGEST // 10**6} million pixels",
            "audio": "no sound decodes",
        }
        return next(iter((*self.broken.values(), *(words[k] for k, n in self.damage.items() if n))), "")

    def remarks(self) -> list[str]:
        """What was not taken as the file states it."""
        remarks = [
            f"{kind}: {clock.guessed} time stamps stand still and are taken by the rate"
            for kind, clock in self.clocks.items()
            if clock.guessed
        ]
        if jumps := max(self.jumps.values(), key=len, default=[]):
            more = f", and {len(jumps) - 1} times more" if len(jumps) > 1 else ""
            remarks.append(f"{jumps[0].words} at {jumps[0].time:.1f} s{more}")
        with suppress(OSError):
            if self._layout.path.stat().st_size > self._size > 0:
                remarks.append(f"is still being written; read up to {self.end:.1f} s")
        return remarks

    def missing(self) -> str:
        """What the header promised, and was not decoded; "" for nothing."""
        path = self._layout.path
        shortfall = SHORTFALL_EXACT if self._layout.form in _EXACT_FORMS else SHORTFALL
        reasons = [f"{kind}: {text}" for kind, text in self.broken.items()]
        counted = [f"{kind}: {n} damaged packet{'s' * (n > 1)}" for kind, n in self.damage.items() if n]
        try:
            size = path.stat().st_size
            if size < self._size:
                counted.append(f"file: was cut while it was read, up to {self.end:.1f} s")
            elif size == self._size and promises_duration(self._layout.form, path):
                reasons += [
                    f"{part}: ends at {had:.1f} s, the header says {self._layout.promised[part]:.1f} s"
                    for part, had in self._had()
                    if self._layout.promised[part] - had > shortfall
                ]
            counted += riff_cut(path)
        except OSError as error:
            counted.append(f"file: is gone or cannot be read any more ({error.strerror})")
        return "; ".join(reasons + counted)

    def _had(self) -> list[tuple[str, float]]:
        """The end, seconds, of each part of which the header promises one."""
        promised = self._layout.promised
        streams = [(str(kind), end) for kind, end in self.ends.items() if kind in promised]
        return streams or ([("file", self.end)] if "file" in promised else [])
