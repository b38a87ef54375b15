"""Why a file is no recording, or only part of one, where FFmpeg says no more than "invalid data"."""

from __future__ import annotations

import stat
from pathlib import Path
from unicodedata import category

from app.capture.media import CaptureError

PLAYABLE = "Choose a video or sound file, for example MP4, MKV, WebM, MOV, AVI, WAV, FLAC, OGG or MP3."

# FFmpeg "plays" text as teletype art, numbered pictures as film, and lists of other files.
_NOT_MEDIA = frozenset({"tty", "bin", "xbin", "adf", "idf", "image2", "concat", "hls", "dash", "sdp"})
# Their durations are guesses from the bit rate, so they prove nothing.
_GUESSED = frozenset({"aac", "ac3", "eac3", "mpeg", "mpegvideo", "h264", "hevc", "m4v", "amr", "dts"})


def printable(name: str | Path) -> str:
    """A name as it can be printed and written anywhere: what is no text in it is replaced."""
    return "".join("\ufffd" if category(sign) in ("Cc", "Cs") else sign for sign in str(name))


def check_file(path: Path) -> None:
    """Raise a `CaptureError` with what the operating system has against the file, if anything."""
    name, whole = printable(path.name), printable(path)
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise CaptureError(f"{name} is a folder, not a file.", PLAYABLE)
        if not stat.S_ISREG(state.st_mode):
            raise CaptureError(f"{name} is not a regular file.", PLAYABLE)
        if state.st_size == 0:
            raise CaptureError(f"{name} is empty (0 bytes).", "Copy or record it again.")
        with path.open("rb") as file:
            head = file.read(256).lstrip(b"\xef\xbb\xbf \r\n")
        # FFmpeg would follow its addresses, for ever if they do not answer.
        if head.startswith((b"#EXTM3U", b"ffconcat", b"[playlist]", b"v=0")) or b"<MPD" in head:
            raise CaptureError(f"{name} is a playlist, not a recording.", PLAYABLE)
    except FileNotFoundError:
        raise CaptureError(f"There is no file {whole}.", "Check the path.") from None
    except PermissionError:
        raise CaptureError(
            f"{whole} may not be read by this user.", "Change its permissions, or copy it."
        ) from None
    except (OSError, ValueError) as error:
        raise CaptureError(f"{whole} cannot be read: {error}.", "Check the path.") from error


def is_recording(form: str) -> bool:
    """Whether FFmpeg's name of the format means sound or moving pictures."""
    return not _NOT_MEDIA.intersection(form.split(",")) and not form.endswith("_pipe")


def remedy_for(path: Path) -> str:
    """What to do about a file that FFmpeg does not take."""
    if _lacks_index(path):
        return "It was cut off before its index (moov) was written: copy or record it again."
    return PLAYABLE


def promises_duration(form: str, path: Path) -> bool:
    """Whether the duration in the header is a promise, not a guess from the bit rate."""
    if form != "mp3":
        return form not in _GUESSED
    with path.open("rb") as file:
        head = file.read(1 << 20)  # the count of frames stands in the first, behind the cover art
    return b"Xing" in head or b"Info" in head


def riff_cut(path: Path) -> list[str]:
    """What is missing at the end of a WAV or AVI file by its own account: a list of no or one reason."""
    with path.open("rb") as file:
        head = file.read(8)
    said = int.from_bytes(head[4:], "little") + 8
    size = path.stat().st_size
    # Recorders that never came to the end leave 0 or the largest number.
    if head[:4] != b"RIFF" or said <= size or said > 0xFFFFFFF0:
        return []
    return [f"file: has {size} bytes, its header says {said}"]


def _lacks_index(path: Path) -> bool:
    """Whether this is an MP4 or MOV whose index, which comes last, never came."""
    size = path.stat().st_size
    kinds: list[bytes] = []
    at = 0
    with path.open("rb") as file:
        while at + 8 <= size and len(kinds) < 64:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[:4], "big")
            kinds.append(head[4:8])
            if length == 1:  # a 64-bit length follows
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                break
            at += length
    return kinds[:1] == [b"ftyp"] and b"moov" not in kinds
