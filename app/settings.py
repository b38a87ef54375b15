"""What the user chose last time, kept as a small JSON file."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from app.capture.addresses import shown
from app.outputs import whole
from app.pipeline.sources import DeviceOptions

log = logging.getLogger(__name__)

RECENT = 8  # files
RECORDED = ("film", "csv", "lines", "picture")
_LARGEST = 1_000_000  # bytes of a file of ours: a larger one is not read


@dataclass
class Settings:
    """The choices that come back at the next start.

    Attributes
    ----------
    camera, microphone : str
        By name, because the index changes with what is plugged in; ``""`` for none chosen, ``"off"`` for
        none wanted.  Of a network camera the address without its login: see `app.logins`.
    camera_url : str
        The last address typed under "Camera URL…", without its login.
    logins : list of str
        The addresses, so shown, that were opened with a login.
    resolution : str
        Asked of the camera, as ``"1280x720"``; ``""`` for what it gives by itself.
    mirror : bool
        Whether the camera's picture is turned left to right.
    channel : int
        Of the microphone, from 1; 0 for the mean.
    folder : str
        Where the last file was opened.
    recent : list of str
        The files opened last, the newest first.
    listen : bool
        Whether a file's sound is played.
    volume : float
        Of it, 0 to 1.
    loop : bool
        Whether a file begins again at its end.
    mode : {"continual", "regular"}
    theme : {"system", "light", "dark"}
    language : {"system", "en", "de"}
        What the window speaks.
    unit : {"MACs", "FLOPs"}
        What costs are counted in.
    folded : bool
        Whether the pages are folded, where there is room for them.
    toured : bool
        Whether the tour was seen, or skipped.
    record : list of str
        What goes into a recording, of "film", "csv", "lines" and "picture".
    record_folder : str
        Where recordings go; ``""`` for a folder of ours among the user's videos.
    geometry : str
        The window's place and size as Qt packs it, base64.
    """

    camera: str = ""
    microphone: str = ""
    camera_url: str = ""
    logins: list[str] = field(default_factory=list)
    resolution: str = ""
    mirror: bool = False
    channel: int = 0
    folder: str = ""
    recent: list[str] = field(default_factory=list)
    listen: bool = False
    volume: float = 0.8
    loop: bool = False
    mode: str = "continual"
    theme: str = "system"
    language: str = "system"
    unit: str = "MACs"
    folded: bool = False
    toured: bool = False
    record: list[str] = field(default_factory=lambda: list(RECORDED))
    record_folder: str = ""
    geometry: str = ""

    def opened(self, path: str) -> None:
        """Put a file in front of the recent ones."""
        self.folder = str(Path(path).parent)
        self.recent = [path, *(other for other in self.recent if other != path)][:RECENT]

    @property
    def device_options(self) -> DeviceOptions:
        """How a camera and a microphone are to be opened."""
        width, _, height = self.resolution.partition("x")
        return DeviceOptions((int(width), int(height)) if width else None, self.mirror, self.channel or None)

    @device_options.setter
    def device_options(self, options: DeviceOptions) -> None:
        self.resolution = "" if options.size is None else "{}x{}".format(*options.size)
        self.mirror, self.channel = options.mirror, options.channel or 0


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 4096 or any(ord(sign) < 32 for sign in value):
        raise ValueError("no text of one line")
    os.fsencode(value)  # a file's name may hold bytes that are no text, but nothing else that cannot be kept
    return value


def _address(value: Any) -> str:
    return shown(_text(value))  # an earlier version kept passwords here


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return [one for one in value if _is(_text, one)][:RECENT]


def _parts(value: Any) -> list[str]:
    return [part for part in RECORDED if part in _texts(value)]


def _is(validate: Callable[[Any], Any], value: Any) -> bool:
    try:
        validate(value)
    except ValueError:
        return False
    return True


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("no yes or no")
    return value


def _channel(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 64:
        raise ValueError("no whole number from 0 to 64")
    return value


def _volume(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError("no number from 0 to 1")
    return float(value)


def _one_of(*choices: str) -> Callable[[Any], str]:
    def validate(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"none of {', '.join(choices)}")
        return value

    return validate


def _resolution(value: Any) -> str:
    if value != "" and not re.fullmatch(r"[1-9][0-9]{1,3}x[1-9][0-9]{1,3}", _text(value)):
        raise ValueError("no width x height of two to four digits")
    return value


def _base64(value: Any) -> str:
    base64.b64decode(_text(value), validate=True)
    return value


# One a field: it returns what is kept, or raises a ValueError, and the default stands.
_FIELDS: dict[str, Callable[[Any], Any]] = {
    "camera": _address,
    "microphone": _text,
    "camera_url": _address,
    "logins": _texts,
    "resolution": _resolution,
    "mirror": _flag,
    "channel": _channel,
    "folder": _text,
    "recent": _texts,
    "listen": _flag,
    "volume": _volume,
    "loop": _flag,
    "mode": _one_of("continual", "regular"),
    "theme": _one_of("system", "light", "dark"),
    "language": _one_of("system", "en", "de"),
    "unit": _one_of("MACs", "FLOPs"),
    "folded": _flag,
    "toured": _flag,
    "record": _parts,
    "record_folder": _text,
    "geometry": _base64,
}


def recordings(settings: Settings) -> Path:
    """The folder that recordings go into."""
    chosen = settings.record_folder
    return Path(chosen) if chosen else Path(platformdirs.user_videos_dir()) / "Continual Live"


def folder() -> Path | None:
    """Where the settings are kept; None where this user has no home."""
    found = Path(platformdirs.user_config_dir("continual-live", appauthor=False))
    return found if found.is_absolute() else None


def read_json(file: Path) -> Any:
    """What a small file of ours holds; None where it is missing, broken, or none of ours."""
    try:
        with file.open("rb") as opened:
            return json.loads(opened.read(_LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s is not read: %s", file, error)
        return None


def write_json(content: Any, file: Path) -> None:
    """Write a small file, whole or not at all, that its owner alone can read.

    Raises
    ------
    OSError
        When the disk refuses.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole(file, 0o600) as out:
        json.dump(content, out, indent=1)


def load(file: Path | None = None) -> Settings:
    """Read the settings; whatever is missing or cannot be keeps its default."""
    chosen = Settings()
    if file is None and (home := folder()) is not None:
        file = home / "settings.json"
    stored = read_json(file) if file is not None else None
    if not isinstance(stored, dict):
        return chosen
    for name, validate in _FIELDS.items():
        if name not in stored:
            continue
        try:
            setattr(chosen, name, validate(stored[name]))
        except ValueError as error:
            log.warning("Setting %s is not taken, its default stands: %s", name, error)
    return chosen


def save(settings: Settings, file: Path | None = None) -> None:
    """Write the settings; a disk that refuses is logged, not raised."""
    if file is None and (home := folder()) is not None:
        file = home / "settings.json"
    if file is None:
        return
    try:
        write_json(asdict(settings), file)
    except OSError as error:
        log.warning("Settings not saved: %s", error)
