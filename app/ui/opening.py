"""The window while the models load: at once and in its place, so that nobody wonders whether it starts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from app.settings import Settings
from app.ui import theme
from app.ui.placing import place
from app.ui.words import tr

if TYPE_CHECKING:
    from app.pipeline.fleet import Fleet
    from app.pipeline.session import Session

_POLL_MS = 20


class Opening(QWidget):
    """Says that the models load, where the window will stand.

    Parameters
    ----------
    settings : Settings
        Where the window stood last.

    Attributes
    ----------
    closed : bool
        Whether the user has closed it.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.closed = False
        self.setWindowTitle("Continual Live")
        name = QLabel("Continual Live", alignment=Qt.AlignmentFlag.AlignCenter)
        name.setFont(theme.font(8, bold=True))
        self.words = QLabel(tr("The models are loading…"), alignment=Qt.AlignmentFlag.AlignCenter)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(240)
        bar.setAccessibleName(tr("The models are loading"))
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(name)
        layout.addWidget(self.words)
        layout.addWidget(bar, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        place(self, settings)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed = True
        super().closeEvent(event)

    def wait(self, make: Callable[[], Session | Fleet]) -> Session | Fleet | None:
        """Make the session, or several, on a thread of its own; None when the window was closed meanwhile.

        Raises
        ------
        Exception
            Whatever ``make`` raised.
        """
        made: list[Session | Fleet] = []
        faults: list[BaseException] = []

        def run() -> None:
            try:
                made.append(make())
            except BaseException as fault:
                faults.append(fault)

        thread = threading.Thread(target=run, name="opening", daemon=True)
        thread.start()
        import app.ui.main_window  # noqa: F401  # half a second, beside the models

        loop = QEventLoop()
        timer = QTimer()
        timer.timeout.connect(lambda: None if thread.is_alive() else loop.quit())
        timer.start(_POLL_MS)
        loop.exec()
        timer.stop()
        thread.join()  # closing the last window ends the loop before
        if faults:
            raise faults[0]
        if self.closed:
            made[0].close()
            return None
        return made[0]
