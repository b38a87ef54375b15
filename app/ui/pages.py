"""The pages under the window's tabs: cost, timeline, check and race."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.pipeline.state import Prediction, Snapshot
from app.ui.check_view import CheckView
from app.ui.cost_panel import CostPanel
from app.ui.race_view import RaceView
from app.ui.theme import Theme
from app.ui.timeline import Timeline
from app.ui.words import tr

if TYPE_CHECKING:
    from app.pipeline.session import Session


OPEN_HEIGHT = 196  # pixels at least, with the tabs
_UNBOUNDED = 16_777_215  # Qt's QWIDGETSIZE_MAX


class Pages(QWidget):
    """One page is shown, all have the same height, and the digits 1 to 4 choose among them.

    Folded, the tabs alone are there: a press on the shown page's tab, or 0, folds and opens.
    A bar and a stack, and no QTabWidget: that one paints all of itself whenever a label in it changes.

    Signals
    -------
    fold_asked(fold)

    Parameters
    ----------
    session : Session
    snapshot : Snapshot
        Its tasks are shown.
    unit : {"MACs", "FLOPs"}
        What costs are counted in.

    Attributes
    ----------
    cost, timeline, check, race : QWidget
    folded : bool
    """

    fold_asked = Signal(bool)

    def __init__(
        self, session: Session, snapshot: Snapshot, unit: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.folded = False
        self.tabs = QTabBar()
        self._stack = QStackedWidget()
        self.race = RaceView(session, snapshot.tasks)
        self._make(snapshot, unit)
        for key in range(self._stack.count()):
            QShortcut(QKeySequence(str(key + 1)), self).activated.connect(partial(self.open, key))
        QShortcut(QKeySequence("0"), self).activated.connect(lambda: self.fold_asked.emit(not self.folded))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(tr("Cost, timeline, check and race"))
        self.tabs.currentChanged.connect(self._stack.setCurrentIndex)
        self.tabs.tabBarClicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack, 1)
        self.setMinimumHeight(OPEN_HEIGHT)

    def open(self, index: int) -> None:
        """Show a page by its place."""
        self.tabs.setCurrentIndex(index)
        if self.folded:
            self.fold_asked.emit(False)

    def setCurrentWidget(self, page: QWidget) -> None:
        """Show a page."""
        self.open(self._stack.indexOf(page))

    def fold(self, folded: bool) -> None:
        """Leave the tabs alone, or show the page again."""
        self.folded = folded
        self._stack.setVisible(not folded)
        height = self.tabs.sizeHint().height()
        self.setMinimumHeight(height if folded else OPEN_HEIGHT)
        self.setMaximumHeight(height if folded else _UNBOUNDED)

    def _clicked(self, index: int) -> None:
        """Before the tab changes: a press on the one that is shown folds, on another opens."""
        if self.folded or index == self.tabs.currentIndex():
            self.fold_asked.emit(not self.folded)

    def currentWidget(self) -> QWidget | None:
        """The page that is shown."""
        return self._stack.currentWidget()

    def _make(self, snapshot: Snapshot, unit: str) -> None:
        self.cost = CostPanel(snapshot.tasks, unit)
        self.timeline = Timeline(self._session, snapshot.tasks)
        self.timeline.seek_asked.connect(self._session.seek)
        self.check = CheckView(snapshot.tasks)
        for key, (page, name, tip) in enumerate(
            (
                (self.cost, tr("Cost"), tr("What each prediction costs, and what is saved")),
                (self.timeline, tr("Timeline"), tr("The whole recording; a click seeks a file")),
                (self.check, tr("Check"), tr("How far the two modes lie apart on the same tokens")),
                (self.race, tr("Race"), tr("Both modes as fast as they can, side by side")),
            )
        ):
            if self._stack.indexOf(page) < 0:  # the race stays, with other weights, too
                self._stack.insertWidget(key, page)
            if self.tabs.count() <= key:
                self.tabs.addTab(name)
                self.tabs.setTabToolTip(key, f"{tip} ({key + 1})")

    def show_models(self, snapshot: Snapshot) -> None:
        """Make what is of certain models anew, with other weights."""
        unit = self.cost.unit
        for page in (self.cost, self.timeline, self.check):
            self._stack.removeWidget(page)
            page.deleteLater()
        self._make(snapshot, unit)
        self._stack.setCurrentIndex(self.tabs.currentIndex())

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        for page in (self.cost, self.timeline, self.check, self.race):
            page.set_theme(new)

    def clear(self, task: str) -> None:
        """Forget what a task showed of another recording; the timeline reads what there is."""
        self.check.clear(task)

    def show_state(self, fresh: Mapping[str, Sequence[Prediction]], snapshot: Snapshot) -> None:
        """Take new predictions, and the current moment."""
        for task, predictions in fresh.items():
            self.check.add(task, predictions)
        self.timeline.show_state(fresh, snapshot)

    def slow_update(self, snapshot: Snapshot) -> None:
        """Write the words and numbers of the page that is shown; a few times a second."""
        page = None if self.folded else self.currentWidget()
        if page is self.cost:
            self.cost.slow_update(snapshot)
        elif page is self.check:
            self.check.slow_update(snapshot)
        elif page is self.race:
            self.race.slow_update()

    def start_race(self) -> None:
        """Show the race, and start or end it."""
        self.setCurrentWidget(self.race)
        self.race.toggle()
