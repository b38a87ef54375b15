"""Addresses of network cameras with their logins, by what may be shown of them."""

from __future__ import annotations

import logging
from pathlib import Path

from app import settings
from app.capture.addresses import is_address, shown

log = logging.getLogger(__name__)


class Logins:
    """Remembers the whole of an address that is shown without its login, until the program ends.

    Only what the user asked to be kept is written to disk: apart from the settings, for its owner alone.

    Parameters
    ----------
    file : Path, optional
        Where logins are kept; by default beside the settings.  None is kept where this user has no home.
    """

    def __init__(self, file: Path | None = None) -> None:
        home = settings.folder()
        self._file = file or (home / "logins.json" if home is not None else None)
        stored = settings.read_json(self._file) if self._file is not None else None
        kept = [url for url in stored if is_address(url)] if isinstance(stored, list) else []
        self._kept = {shown(url): url for url in kept}
        self._whole = dict(self._kept)

    def whole(self, address: str) -> str | None:
        """The address with its login; None where it is not known (any more)."""
        return self._whole.get(shown(address))

    def add(self, url: str, keep: bool) -> str:
        """Remember an address, also on disk or no longer there; returns what is shown of it."""
        name = shown(url)
        self._whole[name] = url
        before = dict(self._kept)
        if keep:
            self._kept[name] = url
        else:
            self._kept.pop(name, None)
        if self._kept != before and self._file is not None:
            try:
                settings.write_json(list(self._kept.values()), self._file)
            except OSError as error:
                log.warning("Logins not kept: %s", error)
        return name
