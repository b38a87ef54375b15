"""The window: one timer takes the session's newest state, and every widget shows its part of it."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, Qt, QTimer
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
    QVBoxLayout,
    QWidget,
)

from app import settings as store
from app.logins import Logins
from app.pipeline.state import Prediction, Snapshot, TaskInfo
from app.pipeline.tasks import choices
from app.ui import files, theme
from app.ui.banner import BannerStack
from app.ui.choices import Choices
from app.ui.fitting import Fitting
from app.ui.keyboard import focus_by_tab, press_focused
from app.ui.menu import MainMenu
from app.ui.model_card import ModelCard
from app.ui.pages import Pages
from app.ui.prediction_panel import PredictionPanel
from app.ui.sound_view import SoundView
from app.ui.source_bar import SourceBar
from app.ui.theme import SPACE
from app.ui.transport import SKIP, Transport
from app.ui.video_view import VideoView

if TYPE_CHECKING:
    from app.pipeline.session import Session

TICK_MS = 33  # and every sixth of them, five times a second, words and numbers


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
    tick_times : deque of float
        Seconds that the UI thread spent on each of the newest ticks: the timer's work and the paint after it.
    """

    def __init__(
        self, session: Session, settings: store.Settings | None = None, logins: Logins | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.settings = settings or store.Settings()
        self.tick_times: deque[float] = deque(maxlen=4096)
        self._busy = 0.0  # seconds of this tick so far
        self._ticks = 0
        self._closed = False
        self._sound_serial = 0
        self._audio_name = ""
        snapshot = session.snapshot()
        self._serials = dict.fromkeys(snapshot.tasks, 0)
        self._recordings = dict.fromkeys(snapshot.tasks, 0)  # generation of the history that is shown
        self.setWindowTitle("Continual Live")
        self.setAcceptDrops(True)

        self.sources = SourceBar(session.cameras, session.microphones)
        self.banners = BannerStack()
        self.video = VideoView(session.frame_shown)
        self.transport = Transport()
        self.sound = SoundView()
        self.panels = {task: self._make_panel(info) for task, info in snapshot.tasks.items()}
        self.pages = Pages(session, snapshot, self.settings.unit)
        # Words and numbers: every part in turn, so that no tick has to do all of them.
        self._slow_parts: tuple[Callable[[Snapshot], None], ...] = (
            self._refresh_answers,
            self.pages.slow_update,
            self.transport.slow_update,
            self._refresh_sources,
            self._refresh_banners,
            self._refresh_models,
            self._collect,
            lambda snapshot: self._choices.slow_update(snapshot),
        )
        self._lay_out()
        self._menu = self._build_menu()
        self._connect()
        self._choices = Choices(session, self.settings, logins or Logins(), self.sources, self.transport)
        self._apply_theme()
        self._fitting = Fitting(self, self.sources, self._upper, self.pages, self.settings)

        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self._tick)
        self.sources.list_devices()
        for part in self._slow_parts:
            part(snapshot)
        self.timer.start()
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
            right.addWidget(QLabel("No model could be loaded.", alignment=Qt.AlignmentFlag.AlignCenter))
        self._upper = QWidget()
        upper = QHBoxLayout(self._upper)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(SPACE)
        upper.addLayout(left, 11)
        upper.addLayout(right, 10)
        central = QWidget()
        central.setObjectName("central")
        layout = QVBoxLayout(central)
        layout.setContentsMargins(SPACE + 4, SPACE, SPACE + 4, SPACE + 4)
        layout.setSpacing(SPACE)
        layout.addWidget(self.sources)
        layout.addWidget(self._upper, 7)
        layout.addWidget(self.pages, 2)
        self.setCentralWidget(central)
        focus_by_tab(central)

    def _make_panel(self, info: TaskInfo) -> PredictionPanel:
        panel = PredictionPanel(info)
        panel.reset_asked.connect(self.session.reset)
        panel.card_asked.connect(self.show_card)
        panel.weights_chosen.connect(self.session.load_weights)
        panel.offer(choices(info.task, info.labels))
        focus_by_tab(panel)
        return panel

    def _connect(self) -> None:
        session, sources, transport = self.session, self.sources, self.transport
        sources.open_asked.connect(self._ask_file)
        sources.mode_chosen.connect(self._choose_mode)
        self.banners.dismissed.connect(session.dismiss)
        for keys, slot in (
            ("Space", self._play_or_pause),
            ("F11", lambda: self._fitting.toggle_full_screen()),
            ("Esc", lambda: self._fitting.leave_full_screen()),
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
        menu.card_asked.connect(self.show_card)
        menu.weights_asked.connect(self._ask_weights)
        self.sources.menu.setMenu(menu)
        return menu

    # ---- the timer ---------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._busy:
            self.tick_times.append(self._busy)
        start = time.perf_counter()
        try:
            self._refresh()
        finally:
            self._busy = time.perf_counter() - start

    def _refresh(self) -> None:
        snapshot = self.session.snapshot()
        self._ticks += 1
        self.video.show_state(snapshot.frame, snapshot.people, _empty_text(snapshot))
        self.transport.show_state(snapshot)
        # Sound and answers in turn, fifteen times a second each: no tick has to do both.
        if self._ticks % 2:
            self._refresh_sound(snapshot)
        else:
            self._refresh_predictions(snapshot)
        self._slow_parts[self._ticks % len(self._slow_parts)](snapshot)

    def _refresh_sound(self, snapshot: Snapshot) -> None:
        mel, envelope, self._sound_serial = self.session.sound(self._sound_serial)
        if snapshot.audio_name != self._audio_name:
            self._audio_name = snapshot.audio_name
            self.sound.clear()
        self.sound.add(mel, envelope)
        self.sound.set_level(snapshot.level)

    def _refresh_predictions(self, snapshot: Snapshot) -> None:
        new = {}
        for task, panel in self.panels.items():
            if (generation := self.session.history(task).generation) != self._recordings[task]:
                self._recordings[task] = generation
                panel.clear()
                self.pages.clear(task)
            fresh, self._serials[task] = self.session.predictions(task, self._serials[task])
            new[task] = [one for one in fresh if _is_of(one, panel)]
            panel.add(new[task])
        self.pages.show_state(new, snapshot)

    def _refresh_answers(self, snapshot: Snapshot) -> None:
        for task, panel in self.panels.items():
            latest = snapshot.latest.get(task)
            answer = latest if latest is not None and _is_of(latest, panel) else None
            panel.slow_update(answer, snapshot.feeds.get(task, "none"))

    def _refresh_sources(self, snapshot: Snapshot) -> None:
        for notice in self.sources.poll(snapshot):
            self.session.notify(notice)

    def _refresh_banners(self, snapshot: Snapshot) -> None:
        self.banners.show_notices(snapshot.notices)

    def _refresh_models(self, snapshot: Snapshot) -> None:
        """Show other weights in parts of their own: classes, window and threshold are theirs."""
        changed = [task for task, panel in self.panels.items() if panel.info is not snapshot.tasks[task]]
        if not changed:
            return
        for task in changed:
            old, self.panels[task] = self.panels[task], self._make_panel(snapshot.tasks[task])
            self._answers.replaceWidget(old, self.panels[task])
            old.hide()
            old.deleteLater()
        self.pages.show_models(snapshot)
        self._apply_theme()

    def _collect(self, _snapshot: Snapshot) -> None:
        gc.collect(1)  # the automatic collector is off, see app.ui.run

    def event(self, event: QEvent) -> bool:
        """Count the paint of the whole window into ``tick_times``."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        start = time.perf_counter()
        try:
            return super().event(event)
        finally:
            self._busy += time.perf_counter() - start

    # ---- what the user does -----------------------------------------------------------------------------

    def set_scheme(self, name: str, _checked: bool = True) -> None:
        """Follow the system, or force light or dark."""
        self.settings.theme = name
        theme.set_scheme(name)
        self._apply_theme()

    def count_flops(self, on: bool) -> None:
        """Show costs in FLOPs, two a multiply-accumulate, or as the paper does in multiply-accumulates."""
        self.pages.cost.unit = self.settings.unit = "FLOPs" if on else "MACs"

    def show_card(self, task: str, _checked: bool = False) -> None:
        """Open a task's model card."""
        card = ModelCard(self.panels[task].info, self)
        card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        card.weights_asked.connect(self._ask_weights)
        card.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, arrows skip, unless a focused widget took them."""
        if press_focused(self, event):
            return
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not self.transport.play.isHidden():
            self.transport.skip(SKIP if event.key() == Qt.Key.Key_Right else -SKIP)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        files.take(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Play what was dropped."""
        if dropped := files.take(event):
            self._choices.drop(dropped)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the pages where there is no room for them."""
        super().resizeEvent(event)
        if hasattr(self, "_fitting"):
            self._fitting.fit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the timer, then the session, before the widgets go."""
        if not self._closed:
            self._closed = True
            self.timer.stop()
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
        for part in (*parts, *self.panels.values()):
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

    def _ask_weights(self, task: str) -> None:
        if path := files.ask_weights(self, self.settings.folder, task):
            self.session.load_weights(task, path)


def _is_of(prediction: Prediction, panel: PredictionPanel) -> bool:
    """Whether it is the answer of the model that the panel shows, not of one that was replaced."""
    return len(prediction.probabilities) == len(panel.info.labels)


def _empty_text(snapshot: Snapshot) -> str:
    if snapshot.video_name:
        return "Waiting for a picture"
    if snapshot.audio_name:
        return "Sound only: no picture in this source"
    return "Choose a camera or a microphone above, open a file, or drop one here"
