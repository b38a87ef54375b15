"""What the user chooses: passed on to the session, and kept for the next start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pipeline.sources import OFF, DeviceOptions
from app.settings import Settings
from app.ui.source_bar import SourceBar
from app.ui.transport import Transport

if TYPE_CHECKING:
    from app.pipeline.session import Session


class Choices:
    """Connects the pickers and the transport to the session, and shows in them what was chosen last time."""

    def __init__(
        self, session: Session, settings: Settings, sources: SourceBar, transport: Transport
    ) -> None:
        self._session = session
        self._settings = settings
        self._sources = sources
        sources.camera.url = settings.camera_url
        sources.show_recent(settings.recent)
        sources.options.options = settings.device_options
        sources.camera_chosen.connect(self._camera)
        sources.microphone_chosen.connect(self._microphone)
        sources.options.chosen.connect(self._options)
        sources.demo_asked.connect(session.open_demo)
        sources.file_chosen.connect(self.file)
        transport.set_volume(settings.volume, settings.listen)
        transport.play_asked.connect(session.play)
        transport.pause_asked.connect(session.pause)
        transport.replay_asked.connect(session.replay)
        transport.seek_asked.connect(session.seek)
        transport.step_asked.connect(session.step_frame)
        transport.speed_asked.connect(session.set_speed)
        transport.loop_asked.connect(self._loop)
        transport.volume_asked.connect(self._volume)
        session.set_options(settings.device_options)
        session.set_loop(settings.loop)
        session.listen(settings.volume if settings.listen else None)

    def file(self, path: str) -> None:
        """Play a file, and remember it."""
        self._settings.opened(path)
        self._sources.show_recent(self._settings.recent)
        self._session.open_file(path)

    def _camera(self, device: int | str | None) -> None:
        self._settings.camera = OFF if device is None else self._sources.camera.currentText()
        self._settings.camera_url = self._sources.camera.url
        self._session.set_camera(device)

    def _microphone(self, device: int | str | None) -> None:
        self._settings.microphone = OFF if device is None else self._sources.microphone.currentText()
        self._session.set_microphone(device)

    def _options(self, options: DeviceOptions) -> None:
        self._settings.device_options = options
        self._session.set_options(options)

    def _loop(self, on: bool) -> None:
        self._settings.loop = on
        self._session.set_loop(on)

    def _volume(self, volume: float | None) -> None:
        self._settings.listen = volume is not None
        if volume is not None:
            self._settings.volume = volume
        self._session.listen(volume)
