"""Banners: what went wrong and what to do about it, never in the way."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.capture.media import Notice
from app.ui import icons, theme
from app.ui.keyboard import keyed
from app.ui.theme import SPACE, Theme
from app.ui.words import tr

MOST = 3  # banners shown at once; the newest ones


class Banner(QFrame):
    """One notice.

    Signals
    -------
    dismissed(key)
    """

    dismissed = Signal(str)

    def __init__(self, notice: Notice, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        cause = QLabel(notice.cause)
        remedy = QLabel(notice.remedy)
        for label in (cause, remedy):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        cause.setFont(theme.font(bold=notice.level != "info"))
        remedy.setProperty("muted", True)
        remedy.setVisible(bool(notice.remedy))
        self.close_button = QToolButton()
        self.close_button.setProperty("flat", True)
        self.close_button.setIcon(icons.icon("close", colors.muted))
        keyed(self.close_button, "Backspace", tr("Dismiss; the key takes the newest"), connect=False)
        self.close_button.setAccessibleName(f"Dismiss: {notice.cause}")
        self.close_button.clicked.connect(lambda: self.dismissed.emit(notice.key))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(cause)
        words.addWidget(remedy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 6, 5)
        layout.setSpacing(SPACE)
        layout.addLayout(words, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        edge = {"info": colors.accent, "warning": colors.warning}.get(notice.level, colors.error)
        self.setObjectName("banner")
        self.setStyleSheet(
            f"QFrame#banner {{ background: {colors.raised}; border: 1px solid {colors.border};"
            f" border-left: 4px solid {edge}; border-top-right-radius: 6px;"
            " border-bottom-right-radius: 6px; }"
        )
        self.setAccessibleName(f"{notice.level}: {notice.cause} {notice.remedy}")


class BannerStack(QWidget):
    """The newest banners, one for each key; it takes no room while there is none.

    Signals
    -------
    dismissed(key)
    """

    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme.current()
        self._shown: tuple[Notice, ...] = ()
        self._banners: list[Banner] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE // 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setVisible(False)
        QShortcut(QKeySequence("Backspace"), self).activated.connect(self._dismiss_newest)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self._rebuild(self._shown)

    def show_notices(self, notices: tuple[Notice, ...]) -> None:
        """Show these, newest last; does nothing when they are those that stand."""
        if notices[-MOST:] != self._shown:
            self._rebuild(notices[-MOST:])

    def banners(self) -> list[Banner]:
        """The banners on show, oldest first."""
        return list(self._banners)

    def _dismiss_newest(self) -> None:
        if self._banners:
            self._banners[-1].close_button.click()

    def _rebuild(self, notices: tuple[Notice, ...]) -> None:
        for banner in self._banners:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self._banners = [Banner(notice, self._theme) for notice in notices]
        for banner in self._banners:
            banner.dismissed.connect(self.dismissed)
            self._layout.addWidget(banner)
        self._shown = notices
        self.setVisible(bool(notices))
