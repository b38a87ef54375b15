"""What the user chose last time, kept as a small JSON file."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import platformdirs

log = logging.getLogger(__name__)


@dataclass
class Settings:
    """The choices that come back at the next start.

    Attributes
    ----------
    camera, microphone : str
        By name, because the index changes with what is plugged in; ``""`` for none chosen.
    camera_url : str
        The last address typed under "Camera URL…".
    folder : str
        Where the last file was opened.
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
    folder: str = ""
    mode: str = "continual"
    theme: str = "system"
    unit: str = "MACs"
    geometry: str = ""


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
    known = {field.name for field in fields(Settings)}
    return Settings(
        **{key: value for key, value in stored.items() if key in known and isinstance(value, str)}
    )


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
