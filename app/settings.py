"""What the user chose last time, kept as a small JSON file."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from app.pipeline.sources import DeviceOptions

log = logging.getLogger(__name__)

RECENT = 8  # files


@dataclass
class Settings:
    """The choices that come back at the next start.

    Attributes
    ----------
    camera, microphone : str
        By name, because the index changes with what is plugged in; ``""`` for none chosen, ``"off"`` for
        none wanted.
    camera_url : str
        The last address typed under "Camera URL…".
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
    unit : {"MACs", "FLOPs"}
        What costs are counted in.
    geometry : str
        The window's place and size as Qt packs it, base64.
    """

    camera: str = ""
    microphone: str = ""
    camera_url: str = ""
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
    unit: str = "MACs"
    geometry: str = ""

    def opened(self, path: str) -> None:
        """Put a file in front of the recent ones."""
        self.folder = str(Path(path).parent)
        self.recent = [path, *(other for other in self.recent if other != path)][:RECENT]

    @property
    def device_options(self) -> DeviceOptions:
        """How a camera and a microphone are to be opened."""
        width, _, height = self.resolution.partition("x")
        size = (int(width), int(height)) if width.isdigit() and height.isdigit() else None
        return DeviceOptions(size, self.mirror, self.channel or None)

    @device_options.setter
    def device_options(self, options: DeviceOptions) -> None:
        self.resolution = "" if options.size is None else "{}x{}".format(*options.size)
        self.mirror, self.channel = options.mirror, options.channel or 0


def path() -> Path:
    """Where the settings are kept."""
    return Path(platformdirs.user_config_dir("continual-live", appauthor=False)) / "settings.json"


def load(file: Path | None = None) -> Settings:
    """Read the settings; whatever is missing or of another type keeps its default."""
    try:
        stored = json.loads((file or path()).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        log.warning("Settings not read, defaults stand: %s", error)
        return Settings()
    if not isinstance(stored, dict):
        return Settings()
    chosen = Settings()
    for name, default in asdict(chosen).items():
        value = stored.get(name)
        if type(value) is not type(default):
            continue
        if isinstance(value, list):
            value = [path for path in value if isinstance(path, str)][:RECENT]
        setattr(chosen, name, value)
    return chosen


def save(settings: Settings, file: Path | None = None) -> None:
    """Write the settings, whole or not at all; a disk that refuses is logged, not raised."""
    target = file or path()
    partial = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(asdict(settings), indent=1), encoding="utf-8")
        os.replace(partial, target)
    except OSError as error:
        log.warning("Settings not saved: %s", error)
