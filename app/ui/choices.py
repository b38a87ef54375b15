"""What the user chooses: passed on to the session, and kept for the next start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl

from app.capture.addresses import has_login, is_address, shown
from app.capture.file_faults import printable
from app.capture.media import Notice
from app.logins import Logins
from app.pipeline.sources import OFF, DeviceOptions
from app.pipeline.state import Snapshot
from app.settings import RECENT, Settings
from app.ui.address_dialog import AddressDialog
from app.ui.files import path_of
from app.ui.source_bar import SourceBar
from app.ui.transport import Transport

if TYPE_CHECKING:
    from app.pipeline.session import Session


class Choices:
    """Connects the pickers and the transport to the session, and shows in them what was chosen last time."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        logins: Logins,
        sources: SourceBar,
        transport: Transport,
    ) -> None:
        self._session = session
        self._settings = settings
        self._logins = logins
        self._sources = sources
        self._path = ""  # of the file that is open
        sources.camera.add_url(settings.camera_url)
        sources.camera.address_asked.connect(self._address)
        sources.show_recent(settings.recent)
        sources.options.options = settings.device_options
        sources.camera_chosen.connect(self._camera)
        sources.microphone_chosen.connect(self._microphone)
        sources.options.chosen.connect(self._options)
        sources.demo_asked.connect(session.open_demo)
        sources.streams.chosen.connect(session.choose_stream)
        sources.file_chosen.connect(session.open_file)
        transport.set_volume(settings.volume, settings.listen)
        transport.play_asked.connect(session.play)
        transport.pause_asked.connect(session.pause)
        transport.replay_asked.connect(session.replay)
        transport.seek_asked.connect(session.seek)
        transport.step_asked.connect(session.step_frame)
        transport.speed_asked.connect(session.set_speed)
        transport.loop_asked.connect(self.loop)
        transport.volume_asked.connect(self._volume)
        session.set_options(settings.device_options)
        session.set_loop(settings.loop)
        session.listen(settings.volume if settings.listen else None)

    def slow_update(self, snapshot: Snapshot) -> None:
        """Remember a file once it is open."""
        if snapshot.path != self._path:
            self._path = snapshot.path
            if self._path and not snapshot.is_demo:
                self._settings.opened(os.path.abspath(self._path))
                self._sources.show_recent(self._settings.recent)

    def drop(self, urls: Sequence[QUrl]) -> None:
        """Play the first file of these; that nothing, or not all, is played is told."""
        paths = [path_of(url) for url in urls if url.isLocalFile()]
        if not paths:
            address = shown(urls[0].toString())
            remedy = "Save it as a file first. The address of a camera goes into “Camera URL…” above."
            self._session.notify(Notice("drop", f"{address} is not on this computer.", remedy, "warning"))
            return
        self._session.dismiss("drop")
        self._session.open_file(paths[0])
        if len(urls) > 1:
            cause = (
                f"Of the {len(urls)} things dropped one is played: {printable(os.path.basename(paths[0]))}."
            )
            self._session.notify(Notice("drop", cause, "Drop the others one at a time.", "info"))

    def _camera(self, device: int | str | None) -> None:
        if is_address(device):
            self._watch_address(str(device))
            return
        self._settings.camera = OFF if device is None else self._sources.camera.currentText()
        self._session.set_camera(device)

    def _address(self, start: str = "", why: str = "") -> None:
        """Ask for an address, or for the login of one, and watch it."""
        dialog = AddressDialog(start or self._settings.camera_url, why, self._sources.window())
        if not dialog.exec():
            return
        url, with_login = dialog.url, self._settings.logins
        if not has_login(url) and url in with_login and not why:
            self._watch_address(url)
            return
        name = self._logins.add(url, dialog.keep)
        self._settings.logins = [one for one in with_login if one != name]
        if has_login(url):
            self._settings.logins = [name, *self._settings.logins][:RECENT]
        self._watch_address(name)

    def _watch_address(self, name: str) -> None:
        """Watch the address of which this is shown; asks for its login where it is not known any more."""
        whole = self._logins.whole(name)
        if whole is None and name in self._settings.logins:
            self._address(name, f"The login of {name} was not kept: type it again. Leave it empty for none.")
            return
        self._settings.camera = self._settings.camera_url = name
        self._sources.camera.choose_url(name)
        self._session.set_camera(whole or name)

    def _microphone(self, device: int | str | None) -> None:
        self._settings.microphone = OFF if device is None else self._sources.microphone.currentText()
        self._session.set_microphone(device)

    def _options(self, options: DeviceOptions) -> None:
        self._settings.device_options = options
        self._session.set_options(options)

    def loop(self, on: bool) -> None:
        """Begin a file again at its end, or not."""
        self._settings.loop = on
        self._session.set_loop(on)

    def _volume(self, volume: float | None) -> None:
        self._settings.listen = volume is not None
        if volume is not None:
            self._settings.volume = volume
        self._session.listen(volume)
