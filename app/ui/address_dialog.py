"""Asks for the address of a network camera, and for its login where it has one."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QWidget

from app.capture.addresses import HIDDEN, has_login, with_login
from app.capture.camera import SCHEMES
from app.ui.words import later, tr

_WORDS = later("A network camera (http, https, rtsp …); nothing else is ever contacted.")
_WIDTH = 460  # pixels
_KEEP = later("Keep the login on this computer, in a file that only you can read")


class AddressDialog(QDialog):
    """An address, a user name and a password, and whether they are to be kept.

    Parameters
    ----------
    address : str
        What it starts with.
    why : str
        Said above; what addresses are for, by default.

    Attributes
    ----------
    url : str
        The whole address, once accepted.
    keep : bool
        Whether its login may be kept.
    """

    def __init__(self, address: str, why: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Camera URL"))
        self.url, self.keep = "", False
        self.address = QLineEdit(address or "http://")
        self.user = QLineEdit()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.user.setPlaceholderText(tr("none"))
        self.password.setPlaceholderText(tr("none"))
        self.keep_box = QCheckBox(tr(_KEEP))
        self._why = QLabel(why or tr(_WORDS), wordWrap=True)
        self._fault = QLabel(wordWrap=True)
        self._fault.hide()
        for words in (self._why, self._fault):
            words.setFixedWidth(_WIDTH)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QFormLayout(self)
        layout.addRow(self._why)
        layout.addRow(tr("Address"), self.address)
        layout.addRow(tr("User name"), self.user)
        layout.addRow(tr("Password"), self.password)
        layout.addRow(self.keep_box)
        layout.addRow(self._fault)
        layout.addRow(buttons)
        layout.setSizeConstraint(QFormLayout.SizeConstraint.SetFixedSize)  # and so it grows with the fault
        (self.user if why else self.address).setFocus(Qt.FocusReason.OtherFocusReason)

    def accept(self) -> None:
        """Close, unless what was typed is no address."""
        url = self.address.text().strip()
        fault = _fault(url)
        if fault:
            self._fault.setText(fault)
            self._fault.setFixedHeight(self._fault.heightForWidth(_WIDTH))
            self._fault.show()
            return
        self.url = with_login(url, self.user.text(), self.password.text())
        self.keep = has_login(self.url) and self.keep_box.isChecked()
        super().accept()


def _fault(url: str) -> str:
    """Why this cannot be the address of a camera; "" where it can."""
    try:
        parts = urlsplit(url)
        known = parts.scheme.lower() in SCHEMES and bool(parts.hostname)
    except ValueError:
        known = False
    if not known:
        return f"No such address: expected one of {', '.join(SCHEMES)}, then :// and the camera's host."
    return f"Type what belongs in place of {HIDDEN}" if HIDDEN in url else ""
