"""Recordings and pictures of the window: begun and ended by the user, into a folder of the user's choice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from app.capture.media import Notice
from app.pipeline.state import Snapshot
from app.pipeline.take import KEY, new_folder
from app.settings import Settings, recordings
from app.ui.record_button import RecordButton
from app.ui.words import tr

if TYPE_CHECKING:
    from app.pipeline.session import Session

PICTURE = "window.png"


class Recordings:
    """Connects the record button to the session, and keeps what is chosen."""

    def __init__(self, window: QWidget, session: Session, settings: Settings, button: RecordButton) -> None:
        self._window, self._session, self._settings, self._button = window, session, settings, button
        button.show_chosen(settings.record, str(recordings(settings)))
        button.asked.connect(self._toggle)
        button.picture_asked.connect(self._take_picture)
        button.folder_asked.connect(self._ask_folder)
        button.open_asked.connect(self._open_folder)
        button.parts_chosen.connect(self._choose)

    def slow_update(self, snapshot: Snapshot) -> None:
        """Show how far a recording is."""
        self._button.show_take(snapshot.take)

    def _toggle(self) -> None:
        snapshot = self._session.snapshot()
        take, parts = snapshot.take, set(self._settings.record)
        if take is not None and not take.ended:
            if "picture" in parts:
                self._save_picture(take.folder / PICTURE)
            self._session.stop_recording()
        elif not (snapshot.video_name or snapshot.audio_name):
            cause = "There is nothing to record yet."
            self._session.notify(
                Notice(KEY, cause, "Choose a camera, a microphone or a file above.", "warning")
            )
        elif not parts - {"picture"}:
            cause = "Neither film nor predictions are chosen to be recorded."
            self._session.notify(Notice(KEY, cause, "Choose beside the record button.", "warning"))
        else:
            self._session.record(new_folder(recordings(self._settings)), parts - {"picture"})
        self._button.show_take(self._session.snapshot().take)

    def _take_picture(self) -> None:
        take = self._session.snapshot().take
        place = recordings(self._settings)
        if take is not None and not take.ended:
            place = take.folder
        path = place / f"{datetime.now():%Y-%m-%d %H-%M-%S}.png"
        if self._save_picture(path):
            self._session.notify(Notice("picture", f"{path.name} is saved.", f"In {place}.", "info"))

    def _save_picture(self, path: Path) -> bool:
        why = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab"):  # Qt does not say why it cannot
                pass
        except OSError as error:
            why = f": {error.strerror}"
        saved = not why and self._window.grab().save(str(path))
        if not saved:
            cause = f"The picture of the window is not saved to {path}{why or ': the disk may be full'}."
            self._session.notify(Notice("picture", cause, "Choose another folder beside the record button."))
        return saved

    def _choose(self, parts: list[str]) -> None:
        self._settings.record = parts

    def _ask_folder(self) -> None:
        before = str(recordings(self._settings))
        if chosen := QFileDialog.getExistingDirectory(self._window, tr("Record into"), before):
            self._settings.record_folder = chosen
            self._button.show_chosen(self._settings.record, chosen)

    def _open_folder(self) -> None:
        place = recordings(self._settings)
        if not place.is_dir():
            self._session.notify(
                Notice("picture", f"Nothing is in {place} yet.", "Record something.", "info")
            )
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(place))):
            self._session.notify(Notice("picture", f"Recordings are in {place}.", "", "info"))
