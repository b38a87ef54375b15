"""Which streams of a file can be used, and which of them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from av.container import InputContainer
from av.stream import Disposition

from app.capture.file_faults import printable
from app.capture.media import Kind

LARGEST = 36_000_000  # pixels of a picture, that of 8K: the decoder holds a dozen of them
RATES = (4_000, 768_000)  # samples a second
LONGEST_TITLE = 48  # characters of a stream's title that are told

_STILL = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream that can be used.

    Attributes
    ----------
    kind : {"video", "audio"}
    index : int
        Its number in the file.
    words : str
        What is known of it: title, language, size in pixels or channels.
    """

    kind: Kind
    index: int
    words: str


def choose(
    container: InputContainer, wanted: Mapping[Kind, int], remarks: list[str]
) -> tuple[dict[Kind, int], tuple[StreamInfo, ...]]:
    """The stream to use of each kind, and all that could be.

    Of several the one that is wanted, else the one marked as the one to play, else the largest picture that
    is no cover, and the sound that belongs to it (a broadcast carries several programmes) or the first.

    Parameters
    ----------
    container : InputContainer
    wanted : mapping of {"video", "audio"} to int
        Numbers of streams; one that cannot be used is passed over.
    remarks : list of str
        Why a stream cannot be used is added to it.
    """
    index: dict[Kind, int] = {}
    infos: list[StreamInfo] = []
    kinds: tuple[Kind, ...] = ("video", "audio")
    for kind in kinds:
        usable = _usable(container, kind, remarks)
        infos += [StreamInfo(kind, stream.index, _words(stream)) for stream in usable]
        marked = [stream for stream in usable if stream.disposition & Disposition.default] or usable
        if wanted.get(kind) in [stream.index for stream in usable]:
            index[kind] = wanted[kind]
        elif kind == "video" and marked:
            index[kind] = max(marked, key=lambda s: s.codec_context.width * s.codec_context.height).index
        elif marked:
            index[kind] = _beside(container, index.get("video"), [stream.index for stream in marked])
    return index, tuple(infos)


def unusable_rate(rate: int) -> str:
    """Why sound of this rate is not used; "" where it is."""
    if RATES[0] <= rate <= RATES[1]:
        return ""
    return (
        f"sound of {rate:,} samples a second is outside {RATES[0] / 1e3:.0f} kHz to {RATES[1] / 1e3:.0f} kHz"
    )


def _usable(container: InputContainer, kind: Kind, remarks: list[str]) -> list[Any]:
    usable: list[Any] = []
    for stream in container.streams:
        context: Any = stream.codec_context
        if stream.type != kind or not context or stream.disposition & _STILL:
            continue
        if kind == "video" and context.width * context.height > LARGEST:
            remarks.append(
                f"a picture of {context.width} × {context.height} pixels is larger than "
                f"{LARGEST // 10**6} million"
            )
        elif kind == "audio" and context.sample_rate and (why := unusable_rate(context.sample_rate)):
            remarks.append(why)
        else:
            usable.append(stream)
    return usable


def _beside(container: InputContainer, picture: int | None, sounds: Sequence[int]) -> int:
    """The sound of the picture's programme; the first where there are no programmes."""
    if picture is not None and "mpegts" in container.format.name:
        best = container.streams.best("audio", related=container.streams[picture])
        if best is not None and best.index in sounds:
            return best.index
    return sounds[0]


def _words(stream: Any) -> str:
    context, told = stream.codec_context, stream.metadata
    title = printable(told.get("title", "")).strip()
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1] + "…"
    language = printable(told.get("language", ""))[:3]
    if stream.type == "video":
        size = f"{context.width} × {context.height}" if context.width else ""
    else:
        channels = context.channels
        size = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels" if channels else "")
    return ", ".join(part for part in (title, "" if language == "und" else language, size) if part)
