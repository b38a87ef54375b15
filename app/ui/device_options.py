"""How the camera and the microphone are opened: resolution, mirror, channel, behind one button."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.pipeline.sources import DeviceOptions
from app.pipeline.state import Snapshot
from app.ui.keyboard import keyed
from app.ui.words import tr

SIZES = (None, (640, 480), (1280, 720), (1920, 1080))
CHANNELS = 8  # offered at most
_SETTLED = 4.0  # seconds after which a camera gives what it will


class DeviceOptionsButton(QToolButton):
    """A menu; sizes that a camera turned out not to have are greyed for it.

    Signals
    -------
    chosen(DeviceOptions)
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.options = DeviceOptions()
        self._channels = 0  # of the microphone in use
        self._refused: set[tuple[str, tuple[int, int]]] = set()  # (camera, size)
        self._chosen_at = 0.0
        self._camera, self._size = "", ""  # in use, and what it gives
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tip = tr("Resolution and mirror of the camera, channel of the microphone")
        keyed(self, "F4", tip, tr("Camera and microphone options"))
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    def poll(self, snapshot: Snapshot, channels: int) -> None:
        """A few times a second: see what is in use.

        Parameters
        ----------
        channels : int
            Of the microphone in use; 0 where that is not known.
        """
        self._channels = channels
        self._camera = "" if snapshot.is_file else snapshot.video_name
        self._size = ""
        if self._camera and snapshot.frame is not None:
            height, width = snapshot.frame.image.shape[:2]
            self._size = f"{width} × {height}"
            asked = self.options.size
            if asked not in (None, (width, height)) and time.perf_counter() - self._chosen_at > _SETTLED:
                self._refused.add((self._camera, asked))

    def choose(self, options: DeviceOptions) -> None:
        """Open the devices so from now on."""
        self.options = options
        self._chosen_at = time.perf_counter()
        self.chosen.emit(options)

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        network = "://" in self._camera
        self._head(
            tr("Resolution of the camera") + (tr(": now {size}", size=self._size) if self._size else "")
        )
        sizes = QActionGroup(menu)
        for size in SIZES:
            name = tr("As it comes") if size is None else f"{size[0]} × {size[1]}"
            action = self._add(sizes, name, self.options.size == size, {"size": size})
            action.setEnabled(size is None or not (network or (self._camera, size) in self._refused))
            if network and size is not None:
                action.setToolTip(tr("A network camera has its own"))
        menu.addSeparator()
        mirrored = self.options.mirror
        mirror = self._add(None, tr("Mirror the picture"), mirrored, {"mirror": not mirrored})
        mirror.setToolTip(
            tr("Turns what the camera sees left to right, for you and for the model, which learnt both ways")
        )
        menu.addSeparator()
        self._head(tr("Channel of the microphone"))
        channels = QActionGroup(menu)
        self._add(channels, tr("Mean of all"), self.options.channel is None, {"channel": None})
        most = max(min(self._channels, CHANNELS), self.options.channel or 1)
        for channel in range(1, most + 1):
            self._add(
                channels,
                tr("Channel {number}", number=channel),
                self.options.channel == channel,
                {"channel": channel},
            )

    def _head(self, text: str) -> None:
        self.menu().addAction(text).setEnabled(False)

    def _add(self, group: QActionGroup | None, name: str, on: bool, change: dict[str, Any]) -> QAction:
        action = QAction(name, self.menu(), checkable=True)
        action.setChecked(on)
        action.triggered.connect(self._chooser(change))
        if group is not None:
            group.addAction(action)
        self.menu().addAction(action)
        return action

    def _chooser(self, change: dict[str, Any]) -> Callable[[], None]:
        return lambda: self.choose(replace(self.options, **change))
