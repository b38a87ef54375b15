"""One timer takes the session's newest state, and every widget of the window shows its part of it."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from app.pipeline.memory import return_free
from app.pipeline.state import Prediction, Snapshot
from app.ui.prediction_panel import PredictionPanel
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow

TICK_MS = 33
COLLECT_ALL = 60.0  # seconds between collections of all that Python holds, a tick's time each


class Refresh(QObject):
    """Thirty times a second, what moves; words and numbers a few times a second.

    Parameters
    ----------
    window : MainWindow
        Its widgets are shown the state of its session.
    snapshot : Snapshot
        That they show first.

    Attributes
    ----------
    timer : QTimer
    tick_times : deque of float
        Seconds that the UI thread spent on each of the newest ticks: the timer's work and the paint after it.
    """

    def __init__(self, window: MainWindow, snapshot: Snapshot) -> None:
        super().__init__(window)
        self.tick_times: deque[float] = deque(maxlen=4096)
        self._window = window
        self._session = window.session
        self._busy = 0.0  # seconds of this tick so far
        self._ticks = 0
        self._collected = time.perf_counter()  # when all was collected last
        self._sound_serial = 0
        self._audio_name = ""
        self._serials = dict.fromkeys(snapshot.tasks, 0)
        self._recordings = dict.fromkeys(snapshot.tasks, 0)  # generation of the history that is shown
        # Words and numbers: every part in turn, so that no tick has to do all of them.
        self._slow_parts: tuple[Callable[[Snapshot], None], ...] = (
            self._refresh_answers,
            self._refresh_numbers,
            window.transport.slow_update,
            self._refresh_sources,
            self._refresh_banners,
            self._refresh_models,
            self._collect,
            window.choices.slow_update,
            window.recordings.slow_update,
        )
        for part in self._slow_parts:
            part(snapshot)
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self._tick)
        self.timer.start()

    def stop(self) -> None:
        """Show nothing more."""
        self.timer.stop()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what the block takes into this tick's time."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._busy += time.perf_counter() - start

    def _tick(self) -> None:
        if self._busy:
            self.tick_times.append(self._busy)
        self._busy = 0.0
        with self.counted():
            self._show()

    def _show(self) -> None:
        window, snapshot = self._window, self._session.snapshot()
        self._ticks += 1
        if window.stage is not None and window.stage.isVisible():
            window.stage.show_state(snapshot, _empty_text(snapshot))  # the rest catches up when it is back
        else:
            window.video.show_state(snapshot.frame, snapshot.people, _empty_text(snapshot))
            window.transport.show_state(snapshot)
            # Sound and answers in turn, fifteen times a second each: no tick has to do both.
            if self._ticks % 2:
                self._refresh_sound(snapshot)
            else:
                self._refresh_predictions(snapshot)
        self._slow_parts[self._ticks % len(self._slow_parts)](snapshot)

    def _refresh_sound(self, snapshot: Snapshot) -> None:
        sound = self._window.sound
        mel, envelope, self._sound_serial = self._session.sound(self._sound_serial)
        if snapshot.audio_name != self._audio_name:
            self._audio_name = snapshot.audio_name
            sound.clear()
        sound.add(mel, envelope)
        sound.set_level(snapshot.level)

    def _refresh_predictions(self, snapshot: Snapshot) -> None:
        new, pages = {}, self._window.pages
        for task, panel in self._window.panels.items():
            if (generation := self._session.history(task).generation) != self._recordings[task]:
                self._recordings[task] = generation
                panel.clear()
                pages.clear(task)
            fresh, self._serials[task] = self._session.predictions(task, self._serials[task])
            new[task] = [one for one in fresh if _is_of(one, panel)]
            panel.add(new[task])
        pages.show_state(new, snapshot)

    def _refresh_answers(self, snapshot: Snapshot) -> None:
        for task, panel in self._window.panels.items():
            latest = snapshot.latest.get(task)
            answer = latest if latest is not None and _is_of(latest, panel) else None
            panel.slow_update(answer, snapshot.feeds.get(task, "none"))

    def _refresh_numbers(self, snapshot: Snapshot) -> None:
        window = self._window
        if window.stage is not None and window.stage.isVisible():
            window.stage.slow_update(snapshot, window.settings.unit)
        else:
            window.pages.slow_update(snapshot)

    def _refresh_sources(self, snapshot: Snapshot) -> None:
        for notice in self._window.sources.poll(snapshot):
            self._session.notify(notice)

    def _refresh_banners(self, snapshot: Snapshot) -> None:
        self._window.banners.show_notices(snapshot.notices)

    def _refresh_models(self, snapshot: Snapshot) -> None:
        panels = self._window.panels
        if changed := [task for task, panel in panels.items() if panel.info is not snapshot.tasks[task]]:
            self._window.show_models(snapshot, changed)

    def _collect(self, _snapshot: Snapshot) -> None:
        """Free what refers to itself alone; the automatic collector is off, see app.ui.run.

        Most of it is young.  What lived for a while and then went, a source, a race, a card, is found only
        where all is looked through; and what that leaves free in the heaps goes back to the system.
        """
        if time.perf_counter() - self._collected < COLLECT_ALL:
            gc.collect(1)
            return
        self._collected = time.perf_counter()
        gc.collect()
        return_free()


def _is_of(prediction: Prediction, panel: PredictionPanel) -> bool:
    """Whether it is the answer of the model that the panel shows, not of one that was replaced."""
    return len(prediction.probabilities) == len(panel.info.labels)


def _empty_text(snapshot: Snapshot) -> str:
    if snapshot.video_name:
        return tr("Waiting for a picture")
    if snapshot.audio_name:
        return tr("Sound only: no picture in this source")
    return tr("Choose a camera or a microphone above, open a file, or drop one here")
