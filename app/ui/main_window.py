"""The window: what it is made of, and what the user does in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import settings as store
from app.logins import Logins
from app.pipeline.state import Snapshot, TaskInfo
from app.pipeline.tasks import choices
from app.ui import files, theme
from app.ui.banner import BannerStack
from app.ui.choices import Choices
from app.ui.dialogs import Dialogs
from app.ui.fitting import Fitting
from app.ui.keyboard import focus_by_tab, press_focused
from app.ui.menu import MainMenu
from app.ui.pages import Pages
from app.ui.prediction_panel import PredictionPanel
from app.ui.recordings import Recordings
from app.ui.refresh import Refresh
from app.ui.sound_view import SoundView
from app.ui.source_bar import SourceBar
from app.ui.stage import StageView
from app.ui.teach import TeachDialog
from app.ui.theme import SPACE
from app.ui.transport import SKIP, Transport
from app.ui.video_view import VideoView
from app.ui.words import tr

if TYPE_CHECKING:
    from app.pipeline.session import Session


class _Themed(Protocol):
    def set_theme(self, new: theme.Theme) -> None: ...


class MainWindow(QMainWindow):
    """Shows a session.

    Parameters
    ----------
    session : Session
        Already made; the window closes it.
    settings : Settings, optional
        Last time's choices; the window writes this time's into it.
    logins : Logins, optional
        Those of network cameras, by default those on disk.

    Attributes
    ----------
    refresh : Refresh
        Shows the session's state in the widgets, thirty times a second.
    dialogs : Dialogs
        What opens beside the window.
    stage : StageView or None
        Once it was asked for.
    """

    def __init__(
        self, session: Session, settings: store.Settings | None = None, logins: Logins | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.settings = settings or store.Settings()
        self.dialogs = Dialogs(self)
        self.stage: StageView | None = None
        self._closed = False
        self._teaching: TeachDialog | None = None
        snapshot = session.snapshot()
        self.setWindowTitle("Continual Live")
        self.setAcceptDrops(True)

        self.sources = SourceBar(session.cameras, session.microphones)
        self.banners = BannerStack()
        self.video = VideoView(session.frame_shown)
        self.transport = Transport()
        self.sound = SoundView()
        self.panels = {task: self._make_panel(info) for task, info in snapshot.tasks.items()}
        self.pages = Pages(session, snapshot, self.settings.unit)
        self._lay_out()
        self._menu = self._build_menu()
        self._connect()
        self.choices = Choices(session, self.settings, logins or Logins(), self.sources, self.transport)
        self.recordings = Recordings(self, session, self.settings, self.sources.record)
        self._apply_theme()
        self._fitting = Fitting(self, self.sources, self._upper, self.pages, self.settings)

        self.sources.list_devices()
        self.refresh = Refresh(self, snapshot)
        self.setFocus()

    # ---- building ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(SPACE)
        left.addWidget(self.banners)
        left.addWidget(self.video, 1)
        left.addWidget(self.transport)
        left.addWidget(self.sound)
        self._answers = right = QVBoxLayout()
        right.setSpacing(SPACE)
        for panel in self.panels.values():
            right.addWidget(panel, 1)
        if not self.panels:  # the banners say why
            right.addWidget(QLabel(tr("No model could be loaded."), alignment=Qt.AlignmentFlag.AlignCenter))
        self._upper = QWidget()
        upper = QHBoxLayout(self._upper)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(SPACE)
        upper.addLayout(left, 11)
        upper.addLayout(right, 10)
        self._everyday = central = QWidget()
        central.setObjectName("central")
        layout = QVBoxLayout(central)
        layout.setContentsMargins(SPACE + 4, SPACE, SPACE + 4, SPACE + 4)
        layout.setSpacing(SPACE)
        layout.addWidget(self.sources)
        layout.addWidget(self._upper, 7)
        layout.addWidget(self.pages, 2)
        self._layouts = QStackedWidget()
        self._layouts.addWidget(central)
        self.setCentralWidget(self._layouts)
        focus_by_tab(central)

    def _make_panel(self, info: TaskInfo) -> PredictionPanel:
        panel = PredictionPanel(info)
        panel.reset_asked.connect(self.session.reset)
        panel.card_asked.connect(self.dialogs.card)
        panel.weights_chosen.connect(self.session.load_weights)
        panel.offer(choices(info.task, info.card))
        focus_by_tab(panel)
        return panel

    def _connect(self) -> None:
        session, sources, transport = self.session, self.sources, self.transport
        sources.open_asked.connect(self._ask_file)
        sources.stage_asked.connect(self.toggle_stage)
        sources.teach_asked.connect(self.show_teaching)
        sources.mode_chosen.connect(self._choose_mode)
        self.banners.dismissed.connect(session.dismiss)
        for keys, slot in (
            ("Space", self._play_or_pause),
            ("P", self.toggle_stage),
            ("Ctrl+,", self.dialogs.settings),
            ("F11", lambda: self._fitting.toggle_full_screen()),
            ("Esc", self._leave),
            ("M", sources.toggle_mode),
            ("R", self.pages.start_race),
            ("[", partial(transport.change_speed, -1)),
            ("]", partial(transport.change_speed, 1)),
            ("F1", self._menu.show_shortcuts),
            (QKeySequence(QKeySequence.StandardKey.Quit), self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply_theme)

    def _build_menu(self) -> MainMenu:
        menu = MainMenu(self.panels, self.settings, self)
        menu.scheme_asked.connect(self.set_scheme)
        menu.flops_asked.connect(self.count_flops)
        menu.card_asked.connect(self.dialogs.card)
        menu.weights_asked.connect(self.ask_weights)
        menu.stage_asked.connect(self.toggle_stage)
        menu.settings_asked.connect(self.dialogs.settings)
        menu.about_asked.connect(self.dialogs.about)
        menu.tour_asked.connect(self.dialogs.start_tour)
        self.sources.menu.setMenu(menu)
        return menu

    def event(self, event: QEvent) -> bool:
        """Count the paint of the whole window into ``refresh.tick_times``."""
        if event.type() != QEvent.Type.UpdateRequest or not hasattr(self, "refresh"):
            return super().event(event)
        with self.refresh.counted():
            return super().event(event)

    def show_models(self, snapshot: Snapshot, changed: list[str]) -> None:
        """Show other weights in parts of their own: classes, window and threshold are theirs."""
        for task in changed:
            old, self.panels[task] = self.panels[task], self._make_panel(snapshot.tasks[task])
            self._answers.replaceWidget(old, self.panels[task])
            old.hide()
            old.deleteLater()
        self.pages.show_models(snapshot)
        self._apply_theme()

    # ---- what the user does -----------------------------------------------------------------------------

    def set_scheme(self, name: str, _checked: bool = True) -> None:
        """Follow the system, or force light or dark."""
        self.settings.theme = name
        theme.set_scheme(name)
        self._apply_theme()

    def count_flops(self, on: bool) -> None:
        """Show costs in FLOPs, two a multiply-accumulate, or as the paper does in multiply-accumulates."""
        self.pages.cost.unit = self.settings.unit = "FLOPs" if on else "MACs"

    def toggle_stage(self) -> None:
        """Show the stage, for a projector, or leave it."""
        if self.stage is None:
            self.stage = StageView(self.session.snapshot().tasks, self.session.frame_shown)
            self.stage.left.connect(self.leave_stage)
            self.stage.full_screen_asked.connect(self._fitting.toggle_full_screen)
            self.stage.banners.dismissed.connect(self.session.dismiss)
            self.stage.set_theme(theme.current())
            focus_by_tab(self.stage)
            self._layouts.addWidget(self.stage)
        self._layouts.setCurrentWidget(self._everyday if self.stage.isVisible() else self.stage)
        self.setFocus()

    def leave_stage(self) -> None:
        """Show the window of every day."""
        self._layouts.setCurrentWidget(self._everyday)

    def _leave(self) -> None:
        """Give the screen back, and leave the stage."""
        self._fitting.leave_full_screen()
        self.leave_stage()

    def show_teaching(self) -> None:
        """Open the dialog in which the program is taught; its takes stay while the window is open."""
        if self._teaching is None:
            self._teaching = TeachDialog(self.session, self.settings.folder, self)
        self._teaching.show()
        self._teaching.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, arrows skip and change the volume, unless a widget took them."""
        if press_focused(self, event):
            return
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not self.transport.play.isHidden():
            self.transport.skip(SKIP if event.key() == Qt.Key.Key_Right else -SKIP)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not self.transport.volume.isHidden():
            self.transport.volume.triggerAction(
                QSlider.SliderAction.SliderPageStepAdd
                if event.key() == Qt.Key.Key_Up
                else QSlider.SliderAction.SliderPageStepSub
            )
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        files.take(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Play what was dropped."""
        if dropped := files.take(event):
            self.choices.drop(dropped)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the pages where there is no room for them."""
        super().resizeEvent(event)
        if hasattr(self, "_fitting"):
            self._fitting.fit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the timer, then the session, before the widgets go."""
        if not self._closed:
            self._closed = True
            if self._teaching is not None:
                self._teaching.close()
            self.refresh.stop()
            QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._apply_theme)
            self._fitting.keep()
            self.sources.join(1.0)
            self.pages.race.stop(2.0)
            self.session.close(3.0)
        super().closeEvent(event)

    def _play_or_pause(self) -> None:
        if not self.transport.play.isHidden():
            self.transport.play.click()

    def _apply_theme(self) -> None:
        colors = theme.current()
        theme.apply(colors)
        parts: tuple[_Themed, ...] = (self.sources, self.banners, self.transport, self.sound, self.pages)
        stage = () if self.stage is None else (self.stage,)
        for part in (*parts, *self.panels.values(), *stage):
            part.set_theme(colors)
        self.update()

    def _choose_mode(self, mode: str) -> None:
        if mode in ("regular", "continual"):
            self.settings.mode = mode
        else:
            self.pages.setCurrentWidget(self.pages.check)
        self.session.set_mode(mode)  # type: ignore[arg-type]

    def _ask_file(self) -> None:
        if path := files.ask_media(self, self.settings.folder):
            self.session.open_file(path)

    def ask_weights(self, task: str) -> None:
        """Let the user choose other weights for a task."""
        if path := files.ask_weights(self, self.settings.folder, task):
            self.session.load_weights(task, path)
