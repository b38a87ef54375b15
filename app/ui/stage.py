"""The stage: picture, answers and what was saved in type that is read from the last row of a hall."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.pipeline.state import Snapshot, TaskInfo
from app.ui import icons, theme
from app.ui.banner import BannerStack
from app.ui.keyboard import keyed
from app.ui.stage_parts import StageAnswer, StageCounter
from app.ui.theme import SPACE, Theme
from app.ui.video_view import VideoView
from app.ui.words import tr


class StageView(QWidget):
    """Stands in the window in place of everything else.

    Parameters
    ----------
    shown : callable
        Called once for each frame that was painted for the first time.

    Signals
    -------
    left, full_screen_asked
    """

    left = Signal()
    full_screen_asked = Signal()

    def __init__(
        self, tasks: Mapping[str, TaskInfo], shown: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.video = VideoView(shown)
        self.banners = BannerStack()
        self.counter = StageCounter()
        self.answers: dict[str, StageAnswer] = {}
        self._column = QVBoxLayout()
        self.full_screen, self.leave = QToolButton(), QToolButton()
        keyed(
            self.full_screen,
            "F11",
            tr("Take the whole screen, or give it back"),
            tr("Full screen"),
            connect=False,
        )
        keyed(self.leave, "P", tr("Leave the stage"), tr("Leave the stage"), connect=False)
        self.full_screen.clicked.connect(self.full_screen_asked)
        self.leave.clicked.connect(self.left)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.full_screen, self.leave):
            button.setProperty("flat", True)
            buttons.addWidget(button)
        right = QVBoxLayout()
        right.addLayout(buttons)
        right.addLayout(self._column, 1)
        self._grid = grid = QGridLayout(self)
        picture = QVBoxLayout()
        picture.addWidget(self.banners)
        picture.addWidget(self.video, 1)
        grid.addLayout(picture, 0, 0)
        grid.addLayout(right, 0, 1)
        grid.addWidget(self.counter, 1, 0, 1, 2)
        grid.setColumnStretch(0, 11)
        grid.setColumnStretch(1, 9)
        grid.setRowStretch(0, 80)
        grid.setRowStretch(1, 20)
        self.show_models(tasks)

    def show_models(self, tasks: Mapping[str, TaskInfo]) -> None:
        """Make the answers anew, with other weights."""
        for answer in self.answers.values():
            self._column.removeWidget(answer)
            answer.deleteLater()
        self.answers = {task: StageAnswer(info) for task, info in tasks.items()}
        for answer in self.answers.values():
            self._column.addWidget(answer, 1)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.full_screen.setIcon(icons.icon("full screen", new.muted))
        self.leave.setIcon(icons.icon("close", new.muted))
        self.banners.set_theme(new)
        self.counter.set_theme(new)
        for answer in self.answers.values():
            answer.set_theme(new)

    def show_state(self, snapshot: Snapshot, empty: str) -> None:
        """Show picture and answers; thirty times a second."""
        self.video.show_state(snapshot.frame, snapshot.people, empty)
        for task, answer in self.answers.items():
            newest = snapshot.latest.get(task)
            same = newest is None or len(newest.probabilities) == len(answer.info.labels)
            answer.show_answer(newest if same else None, snapshot.feeds.get(task, "none"))

    def slow_update(self, snapshot: Snapshot, unit: str) -> None:
        """Write what was saved; a few times a second."""
        if any(answer.info is not snapshot.tasks[task] for task, answer in self.answers.items()):
            self.show_models(snapshot.tasks)
            self.set_theme(theme.current())
        self.banners.show_notices(snapshot.notices)
        self.counter.show_state(snapshot, unit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Margins grow with the screen, as the type does."""
        margin = max(SPACE, self.height() // 36)
        self._grid.setContentsMargins(margin, margin, margin, margin)
        self._grid.setHorizontalSpacing(2 * margin)
        self._grid.setVerticalSpacing(margin)
        self._column.setSpacing(margin)
