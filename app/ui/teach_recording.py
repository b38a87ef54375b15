"""The buttons that record a take: held, or counted down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.pipeline.teach_takes import Recorder
from app.ui.keyboard import keyed
from app.ui.words import tr

POLL_MS = 100
COUNT, RECORD = 3, 3.0  # seconds before a counted take, and of it


class TakeRecording(QWidget):
    """Two buttons in a row.

    Parameters
    ----------
    may : callable
        Whether a take may begin now.

    Attributes
    ----------
    recorder : Recorder
        What hears the tokens of the task.
    began : Signal
    taken : Signal(list)
        A take is over; its tokens.
    """

    began = Signal()
    taken = Signal(list)

    def __init__(self, may: Callable[[], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recorder = Recorder()
        self._may = may
        self._held = False  # whether a take is recorded until somebody lets go
        self._count = 0.0  # seconds to go until a counted take begins (above 0), or has lasted (below)
        self.hold = QPushButton()
        self.hold.setMinimumHeight(40)
        tip = tr("Record a take while it is held; the key starts and ends one")
        keyed(self.hold, "F8", tip, connect=False)
        self.hold.pressed.connect(self._begin)
        self.hold.released.connect(self._end)
        QShortcut(QKeySequence("F8"), self).activated.connect(self._begin_or_end)
        self.counted = QPushButton()
        self.counted.setMinimumHeight(40)
        keyed(self.counted, "F9", tr("Step back while it counts, and do it then"))
        self.counted.clicked.connect(self.count_down)
        self._show_rest()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.hold)
        row.addWidget(self.counted)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def recording(self) -> bool:
        return self._count < 0 or self._held

    def count_down(self) -> None:
        """Count, and then record for RECORD seconds."""
        if self._may() and not self.recording:
            self._count = float(COUNT)
            self._timer.start()

    def stop(self) -> None:
        """Leave off, whatever runs."""
        self._timer.stop()
        self._count, self._held = 0.0, False
        self.recorder.end()
        self._show_rest()

    def _begin(self) -> None:
        if self._may() and not self.recording:
            self.recorder.begin()
            self._held = True
            self.hold.setText("●  " + tr("Recording"))
            self.began.emit()

    def _end(self) -> None:
        if self.recording:
            self._finish()

    def _begin_or_end(self) -> None:
        (self._end if self.recording else self._begin)()

    def _finish(self) -> None:
        tokens = self.recorder.end()
        self.stop()
        self.taken.emit(tokens)

    def _show_rest(self) -> None:
        self.hold.setText(tr("Hold to record"))
        self.counted.setText(tr("Count, then {seconds} s", seconds=f"{RECORD:g}"))

    def _tick(self) -> None:
        """Ten times a second while it counts."""
        before, self._count = self._count, self._count - POLL_MS / 1000
        if before > 0 >= self._count:
            self.recorder.begin()
            self._count = -1e-9
        if self._count <= -RECORD:
            self._finish()
            return
        left = self._count if self._count > 0 else RECORD + self._count
        self.counted.setText(f"{'●  ' * (self._count < 0)}{max(1, round(left + 0.5))}")
