"""The whole recording: a heat-map for each task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.pipeline.state import Prediction, Snapshot, TaskInfo
from app.ui.heatmap import Heatmap
from app.ui.theme import SPACE, Theme

if TYPE_CHECKING:
    from app.pipeline.session import Session


class Timeline(QWidget):
    """A heat-map for each task, side by side.

    Parameters
    ----------
    session : Session
        Its histories are read.
    tasks : dict of str to TaskInfo

    Signals
    -------
    seek_asked(seconds)
    """

    seek_asked = Signal(float)

    def __init__(
        self, session: Session, tasks: Mapping[str, TaskInfo], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.maps = {task: Heatmap(info, session.history(task)) for task, info in tasks.items()}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        for heatmap in self.maps.values():
            heatmap.seek_asked.connect(self.seek_asked)
            card = QFrame()
            card.setObjectName("card")
            inside = QHBoxLayout(card)
            inside.setContentsMargins(10, SPACE, 12, 4)
            inside.addWidget(heatmap)
            layout.addWidget(card, 1)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        for heatmap in self.maps.values():
            heatmap.set_theme(new)

    def show_state(self, fresh: Mapping[str, Sequence[Prediction]], snapshot: Snapshot) -> None:
        """Draw new predictions and the current moment."""
        for task, heatmap in self.maps.items():
            heatmap.show_state(fresh[task], snapshot)
