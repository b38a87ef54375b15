"""A fault while something is painted is told once and ends nothing; Qt would end the process."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QPaintEvent

from app.capture.clocks import Playback
from app.capture.media import Frame
from app.pipeline.state import Prediction
from app.ui import painting, theme
from app.ui.answer_bars import Bars
from app.ui.position import Position
from app.ui.sound_view import BANDS, SoundView
from app.ui.video_view import VideoView
from tests.test_ui_widgets import ACTIONS, prediction

UI = Path(painting.__file__).parent


def test_a_fault_in_a_paint_is_told_once_and_the_window_goes_on(qtbot, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "excepthook", lambda *fault: told.append(fault))
    monkeypatch.setattr(painting, "_told", set())
    bars = Bars(("clap", "wave"))
    qtbot.addWidget(bars)
    bars.resize(200, 100)
    bars.show()
    qtbot.waitExposed(bars)
    sound = bars.grab().toImage()
    with monkeypatch.context() as patch:
        patch.setattr(bars, "_theme", None)
        for _ in range(3):
            bars.grab()
    assert [kind for kind, *_ in told] == [AttributeError]
    assert bars.grab().toImage() == sound


def test_bars_paint_the_rows_that_changed_and_no_other(qtbot):
    bars = Bars(ACTIONS.labels)
    qtbot.addWidget(bars)
    bars.resize(250, 120)
    bars.show()
    qtbot.waitExposed(bars)
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                painted.extend(event.region())
            return False

    watch = Watch()

    def rows() -> set[int]:
        """Those that were painted."""
        middles = {row: bars._row(row).center().y() for row in range(5)}
        return {row for row, y in middles.items() if any(box.top() <= y <= box.bottom() for box in painted)}

    def show(one: Prediction) -> None:
        qtbot.wait(50)
        painted.clear()
        bars.show_prediction(one)
        bars.sort()

    bars.installEventFilter(watch)
    first = prediction(ACTIONS, 0, 1, 0.9)
    show(first)
    qtbot.waitUntil(lambda: rows() == {0, 1, 2, 3, 4})
    show(prediction(ACTIONS, 1, 1, 0.9))  # the same again
    qtbot.wait(50)
    assert rows() == set()
    less = first.probabilities.copy()
    less[1], less[0] = 0.8, 0.12
    show(prediction(ACTIONS, 2, 1, probabilities=less))
    qtbot.waitUntil(lambda: rows() >= {0, 1})
    assert rows() == {0, 1}


def test_the_spectrogram_draws_its_new_columns_and_no_other(qtbot):
    view = SoundView()
    qtbot.addWidget(view)
    view.resize(600, 124)
    view.grab()
    rng = np.random.default_rng(0)
    before = view.drawn
    for _ in range(20):
        view.add(rng.uniform(0, 4.5, (3, BANDS)), rng.uniform(-1, 1, (3, 2)))
    view.grab()
    assert view.drawn - before == 60
    scrolled = view._canvas.copy()
    view.set_theme(theme.current())  # draws all of it anew
    view.grab()
    assert view.drawn - before > 600 and np.array_equal(view._canvas, scrolled)


def test_everything_paints_by_the_one_way():
    """Whoever makes a painter of its own leaves it active when it fails, which ends the process."""
    makers = [
        path.name for path in sorted(UI.glob("*.py")) if re.search(r"\bQPainter\(", path.read_text("utf-8"))
    ]
    assert makers == ["painting.py"]


@pytest.mark.parametrize("shape", [(2, 2000), (2000, 2), (1, 1), (1, 9000)])
def test_pictures_of_every_shape_are_shown(qtbot, shape):
    shown = []
    view = VideoView(lambda: shown.append(1))
    qtbot.addWidget(view)
    view.resize(480, 270)
    view.show_state(Frame(np.full((*shape, 3), 200, np.uint8), 0.0, 0.0), (), "")
    image = view.grab().toImage()
    assert shown and image.pixelColor(image.width() // 2, image.height() // 2).red() == 200


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 3e9, float("inf"), float("nan"), -5.0])
def test_the_slider_holds_any_length_and_place(qtbot, seconds):
    slider = Position()
    qtbot.addWidget(slider)
    slider.resize(300, 20)
    slider.show_position(seconds, seconds, Playback())
    slider.show_position(1.0, seconds, Playback())
    slider.grab()
    assert slider.minimum() <= slider.value() <= slider.maximum()
