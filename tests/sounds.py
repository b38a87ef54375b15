"""Reading whole sounds, for the tests that compare with what was heard of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.capture.media import AudioBlock
from app.capture.recording import Gap, Recording


def read_audio(path: str | Path) -> tuple[np.ndarray, int]:
    """The whole sound of a file as the app hears it (n,), gaps filled with silence, and its rate."""
    recording = Recording(path)
    recording.kinds = frozenset({"audio"})
    pieces: list[np.ndarray] = []
    length, fresh, start = 0, False, None
    for event in recording.events():
        if isinstance(event, Gap):
            fresh = True
            continue
        assert isinstance(event, AudioBlock)
        start = event.time if start is None else start
        if fresh:
            silence = max(0, round((event.time - start) * event.rate) - length)
            pieces.append(np.zeros(silence, np.float32))
            length += silence
            fresh = False
        pieces.append(event.samples)
        length += len(event.samples)
    return np.concatenate(pieces), recording.rate
