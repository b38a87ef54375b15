"""Films that tests make for themselves, and what is read of them."""

from __future__ import annotations

import hashlib

import numpy as np

from app.capture.media import AudioBlock, Frame
from app.capture.recording import Gap, Recording

PICTURE = ("-f", "lavfi", "-i", "testsrc=d=2:r=25:s=160x90")
SOUND = ("-f", "lavfi", "-i", "sine=440:d=2:r=44100")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def split(recording: Recording) -> tuple[list[Frame], list[AudioBlock], list[Gap]]:
    events = list(recording.events())
    times = [event.time for event in events]
    assert times == sorted(times)
    kinds = (Frame, AudioBlock, Gap)
    frames, blocks, gaps = ([e for e in events if isinstance(e, kind)] for kind in kinds)
    assert all(f.image.dtype == np.uint8 and f.image.flags.c_contiguous for f in frames)
    assert all(b.samples.dtype == np.float32 and b.samples.ndim == 1 for b in blocks)
    return frames, blocks, gaps


def digest(recording: Recording) -> str:
    sha = hashlib.sha256()
    for event in recording.events():
        sha.update(f"{type(event).__name__} {event.time!r}".encode())
        if isinstance(event, Frame):
            sha.update(event.image)
        elif isinstance(event, AudioBlock):
            sha.update(event.samples)
    return sha.hexdigest()
