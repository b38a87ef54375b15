"""The picker of a camera or a microphone, by name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.ui.picker import Picker
from app.ui.words import later, tr

_URL = later("Camera URL…")
_OPENING = 3.0  # seconds that a device may take to open before the picker shows what is really in use


class DevicePicker(Picker):
    """Devices by name, with "off" and, for cameras, an address to type.

    Signals
    -------
    chosen(device)
        The device's id, what is shown of an address, or None for off.
    address_asked
        The user wants to type one.
    opening
        Before the list is shown.
    """

    chosen = Signal(object)
    address_asked = Signal()
    opening = Signal()

    def __init__(self, kind: str, with_url: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._with_url = with_url
        self._devices: list[tuple[str, Any]] = []
        self._urls: list[str] = []
        self._chosen_at = -_OPENING
        self._had: set[str] = set()  # names that were listed once
        name = tr("Camera") if kind == "camera" else tr("Microphone")
        self.setPlaceholderText(f"{name}…")
        self.setAccessibleName(name)
        self.setMinimumWidth(110)
        self.setMaximumWidth(280)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._activated)
        self.set_devices([])

    def set_devices(self, devices: Sequence[tuple[str, Any]]) -> None:
        """List these (name, id) pairs; what is chosen stays chosen when it is still there."""
        self._devices = list(devices)
        self._had |= {name for name, _ in devices}
        chosen = self.currentText()
        self.clear()
        self.addItem(tr("No camera") if self._kind == "camera" else tr("No microphone"), None)
        for name, device in [*devices, *((url, url) for url in self._urls)]:
            self.addItem(name, device)
        if self._with_url:
            self.addItem(tr(_URL), None)
        self.show_name(chosen)

    def showPopup(self) -> None:
        """Show the list, once its owner has seen to it."""
        self.opening.emit()
        super().showPopup()

    def show_name(self, name: str) -> None:
        """Show the device in use; "" shows that none is, unless one was just chosen and still opens."""
        if not name and time.perf_counter() - self._chosen_at < _OPENING:
            return
        if name in self._had and self.findText(name) < 0:  # gone, but taken up again when it is back
            self.insertItem(1, name, name)
        index = self.findText(name) if name else -1
        if index != self.currentIndex() and not self.view().isVisible():
            self.setCurrentIndex(index)

    def add_url(self, url: str) -> None:
        """Offer an address, as it may be shown, beside the devices."""
        if url and url not in self._urls:
            self._urls.append(url)
            self.set_devices(self._devices)

    def _activated(self, index: int) -> None:
        if self.itemText(index) != tr(_URL):
            self._chosen_at = time.perf_counter()
            self.chosen.emit(self.itemData(index))
            return
        self.setCurrentIndex(-1)
        self.address_asked.emit()

    def choose_url(self, url: str) -> None:
        """Show an address as the one that was just chosen."""
        self.add_url(url)
        self.show_name(url)
        self._chosen_at = time.perf_counter()
