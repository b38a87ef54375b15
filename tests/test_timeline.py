"""The timeline: everything that was predicted, drawn bit by bit, read by the pointer, sought by a click."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from app.pipeline.history import CAPACITY, History
from app.pipeline.state import Prediction
from app.ui import theme
from app.ui.heatmap import Heatmap
from tests.test_ui_widgets import ACTIONS, prediction, snapshot


class Feed:
    """A heat-map that is fed as the window feeds it."""

    def __init__(self, qtbot) -> None:
        self.history = History()
        self.map = Heatmap(ACTIONS, self.history)
        qtbot.addWidget(self.map)
        self.map.set_theme(theme.DARK)
        self.map.resize(700, 160)
        self.map.show()
        qtbot.waitExposed(self.map)

    def show(self, *predictions: Prediction, position: float | None = None, **changes) -> None:
        for one in predictions:
            self.history.add(one)
        where = position if position is not None else predictions[-1].time if predictions else 0.0
        self.map.show_state(predictions, snapshot(position=where, **changes))

    def play(self, ticks: range, top, step: int = 5, **changes) -> None:
        for first in range(ticks.start, ticks.stop, step):
            group = range(first, min(first + step, ticks.stop))
            self.show(*(prediction(ACTIONS, tick, top(tick)) for tick in group), **changes)

    def at(self, seconds: float, row: int) -> QPoint:
        area = self.map._area()
        x = area.x() + int(seconds * area.width() / self.map._seconds)
        return QPoint(x, area.y() + int((row + 0.5) * area.height() / len(ACTIONS.labels)))

    def color(self, seconds: float, row: int) -> QColor:
        return self.map.grab().toImage().pixelColor(self.at(seconds, row))


@pytest.fixture
def feed(qtbot) -> Feed:
    return Feed(qtbot)


FILE = {"is_file": True, "duration": 100.0}


def like(color: QColor, other: QColor) -> bool:
    return all(
        abs(a - b) < 40
        for a, b in zip(color.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[arg-type]
    )


def test_every_class_has_its_row_and_every_moment_its_column(feed):
    feed.play(range(600), lambda tick: tick // 150, **FILE)
    for top in range(4):
        assert like(feed.color(10 * top + 5, top), theme.DARK.class_color(top))
        assert like(feed.color(10 * top + 5, 5), QColor(theme.DARK.track))
    assert feed.color(70, 2) == QColor(theme.DARK.card), "what was not predicted yet is empty"
    assert feed.color(40 - 1 / 15, 4).lightness() > 200, "the current moment"


@pytest.mark.parametrize(("duration", "step"), [(100.0, 1), (100.0, 4), (4.0, 3)])  # and of few ticks
def test_drawn_bit_by_bit_is_drawn_all_at_once(feed, duration, step):
    feed.play(range(int(9 * duration)), lambda tick: tick // 7 % 6, step, is_file=True, duration=duration)
    bit_by_bit = feed.map.grab().toImage()
    feed.map.set_theme(theme.DARK)  # draws everything anew
    assert feed.map.grab().toImage() == bit_by_bit


def test_the_pointer_tells_time_class_and_probability(feed):
    feed.play(range(600), lambda tick: 1 if tick < 300 else 2, **FILE)
    feed.show(prediction(ACTIONS, 600, 1, status="no person"), **FILE)
    feed.show(prediction(ACTIONS, 601, 3), **FILE)  # alone in a long column, after somebody came
    assert feed.map.describe(feed.at(10.05, 1)) in ("0:09.9 · clap 90 %", "0:10.0 · clap 90 %")
    assert feed.map.describe(feed.at(30.0, 2)).endswith("wave 90 %")
    assert feed.map.describe(feed.at(30.0, 1)).endswith("clap 2 %")
    assert feed.map.describe(feed.at(80.0, 2)).endswith("not predicted")
    assert feed.map.describe(QPoint(2, 2)) == ""
    feed.show(position=61.0, is_file=True, duration=3600.0)
    stretch = 3600 / feed.map._area().width()
    assert feed.map.describe(feed.at(30.0, 2)).endswith(f"wave 90 % (mean of {stretch:.1f} s)")


def test_a_click_seeks_a_file_and_nothing_live(feed, qtbot):
    feed.play(range(300), lambda tick: 1, **FILE)
    for seconds in (0.5, 40.0, 99.0):  # also where nothing was predicted yet
        with qtbot.waitSignal(feed.map.seek_asked, timeout=1000) as asked:
            QTest.mouseClick(feed.map, Qt.MouseButton.LeftButton, pos=feed.at(seconds, 3))
        assert asked.args[0] == pytest.approx(seconds, abs=0.2)
    asked = []
    feed.map.seek_asked.connect(asked.append)
    feed.show(prediction(ACTIONS, 300, 1))  # live
    QTest.mouseClick(feed.map, Qt.MouseButton.LeftButton, pos=feed.at(10.0, 3))
    assert not asked


def test_resets_gaps_and_silence_are_seen(feed):
    feed.play(range(300), lambda tick: 1, **FILE)
    feed.show(prediction(ACTIONS, 300, 1, filled=1), **FILE)
    feed.play(range(301, 450), lambda tick: 1, **FILE)
    feed.show(*(prediction(ACTIONS, tick, 1, status="no person") for tick in range(450, 600)), **FILE)
    feed.show(prediction(ACTIONS, 900, 1, filled=1), **FILE)
    feed.play(range(901, 1000), lambda tick: 1, **FILE)
    image = feed.map.grab().toImage()
    area = feed.map._area()

    def column(seconds: float) -> set[str]:
        x = feed.at(seconds, 0).x()
        return {image.pixelColor(x, y).name() for y in range(area.top() + 2, area.bottom() - 2)}

    assert QColor(theme.DARK.accent).name() in column(20.0)
    assert "started anew" in feed.map.describe(feed.at(20.0, 1))
    assert feed.color(35.0, 1) == QColor(theme.DARK.window)
    assert feed.map.describe(feed.at(35.0, 1)).endswith("nothing to name")
    assert feed.color(50.0, 1) == QColor(theme.DARK.card)
    assert QColor(theme.DARK.warning).name() in column(60.0)
    assert "after a gap" in feed.map.describe(feed.at(60.0, 1))


def test_what_came_while_it_was_hidden_is_drawn_when_it_is_shown(feed, qtbot):
    feed.play(range(150), lambda tick: 1, **FILE)
    feed.map.hide()
    before = feed.map.drawn
    feed.play(range(150, 600), lambda tick: 2, **FILE)
    assert feed.map.drawn == before
    feed.map.show()
    qtbot.waitExposed(feed.map)
    feed.show(position=40.0, **FILE)
    assert like(feed.color(30, 2), theme.DARK.class_color(2))


def test_another_source_starts_an_empty_timeline(feed):
    feed.play(range(300), lambda tick: 1, **FILE)
    feed.history.clear()
    feed.show(position=0.0, **FILE)
    assert feed.color(10, 1) == QColor(theme.DARK.card)


@pytest.mark.parametrize("live", [True, False])
def test_an_hour_at_full_rate_costs_the_same_to_its_end(feed, live):
    """Work and memory are counted, not timed: columns drawn an update, bytes held."""
    hour, step = 3600 * 15, 30
    changes = {} if live else {"is_file": True, "duration": 3600.0}
    width = feed.map._area().width()
    work = []
    for first in range(0, hour, step):
        before = feed.map.drawn
        group = [prediction(ACTIONS, tick, tick // 900 % 6) for tick in range(first, first + step)]
        feed.show(*group, **changes)
        work.append(feed.map.drawn - before)
    everything = [columns for columns in work if columns == width]
    bit = [columns for columns in work if columns != width]
    assert len(everything) <= (8 if live else 1), "drawn anew only where the scale of a live timeline changes"
    assert max(bit) <= 25, max(bit)  # the two seconds of an update, on the first minute's scale
    assert max(bit[-1000:]) <= 3
    assert feed.history.nbytes <= CAPACITY * 7
    assert feed.map._pixels.nbytes <= 6 * 4 * 700
    for minute in (0, 17, 31, 58):
        seconds = 60 * minute + 30
        assert like(feed.color(seconds, minute % 6), theme.DARK.class_color(minute % 6))
