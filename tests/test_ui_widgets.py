"""The window's parts, with real Qt on a real (or offscreen) display, and a session that only holds values."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

if sys.platform == "linux" and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

from app import settings as store
from app.capture.media import Frame, Notice
from app.pipeline.history import History
from app.pipeline.state import Cost, Counters, Person, Prediction, Snapshot, TaskInfo
from app.ui import cost_bars, cost_panel, faults, theme
from app.ui.banner import BannerStack
from app.ui.check_view import CheckView
from app.ui.faults import FaultHooks
from app.ui.history_plot import HistoryPlot
from app.ui.main_window import MainWindow
from app.ui.model_card import ModelCard
from app.ui.prediction_panel import PredictionPanel
from app.ui.sound_view import BANDS, COLUMNS, SoundView
from app.ui.transport import Transport, clock
from app.ui.video_view import VideoView
from tests.devices import PROMPT

CARD = {"data": "UTD-MHAD <b>", "scores": {"top1": 0.9123}, "licence": "CC BY 4.0", "limits": "one person"}


def described(task: str, labels: str, rate: float, window: int, threshold: float, macs: dict) -> TaskInfo:
    names = tuple(labels.split())
    return TaskInfo(
        task, names, rate, window, threshold, CARD | {"labels": names, "threshold": threshold}, macs
    )


ACTIONS = described("actions", "idle clap wave jump squat kick", 15.0, 64, 0.5, {"pose": 217_000_000})
GENRES = described("genres", "blues jazz metal pop rock", 2.0, 60, 0.4, {"MusiCNN": 1_200_000_000})


def prediction(info: TaskInfo, tick: int, top: int, p: float = 0.9, **changes) -> Prediction:
    """A prediction with probability ``p`` on the class ``top``, the rest shared by the others."""
    probabilities = np.full(len(info.labels), (1 - p) / (len(info.labels) - 1))
    probabilities[top] = p
    status = changes.pop("status", "")
    confident = p >= info.threshold and not status
    values = {
        "task": info.task,
        "tick": tick,
        "time": tick / info.rate,
        "mode": "continual",
        "probabilities": probabilities,
        "label": status or (info.labels[top] if confident else "not sure"),
        "confident": confident,
        "nearest": top,
        "confidence": p,
        "status": status,
        "repeated": False,
        "unavailable": (),
        "filled": min(tick + 1, info.window),
        "macs": 1000,
        "macs_regular": 64_000,
        "seconds": 2e-4,
        "seconds_regular": None,
        "max_delta": None,
        "delta_bound": None,
        "latency": 0.05,
    }
    return Prediction(**(values | changes))


def snapshot(**changes) -> Snapshot:
    """What a session without a source would show, but for the changes."""
    values = {
        "frame": None,
        "people": (),
        "video_name": "",
        "audio_name": "",
        "is_file": False,
        "is_demo": False,
        "playing": True,
        "ended": False,
        "position": 0.0,
        "duration": float("nan"),
        "mode": "continual",
        "tasks": {"actions": ACTIONS, "genres": GENRES},
        "latest": {"actions": None, "genres": None},
        "costs": {"actions": Cost(), "genres": Cost()},
        "counters": Counters(),
        "level": float("-inf"),
        "notices": (),
    }
    return Snapshot(**(values | changes))


def picture(
    width: int = 64, height: int = 48, bgr: tuple[int, int, int] = (0, 0, 255), when: float = 0.0
) -> Frame:
    return Frame(np.full((height, width, 3), bgr, np.uint8), when, when)


class Device:
    def __init__(self, name: str, index: int) -> None:
        self.name, self.index = name, index


class Held:
    """A session that plays nothing: it holds the state that a test gives it, and notes what it is told."""

    def __init__(self) -> None:
        self.state = snapshot()
        self.given: dict[str, list[Prediction]] = {"actions": [], "genres": []}
        self.histories = {task: History() for task in self.given}
        self.columns = np.zeros((0, BANDS), np.float32)
        self.told: list[tuple] = []
        self.notices: list[Notice] = []
        self.shown = 0

    def __getattr__(self, name: str):
        if name in (
            "open_file",
            "open_demo",
            "choose_stream",
            "set_camera",
            "set_microphone",
            "play",
            "pause",
            "replay",
            "seek",
            "step_frame",
            "set_speed",
            "set_loop",
            "set_options",
            "listen",
            "load_weights",
            "reset",
            "dismiss",
        ):
            return lambda *arguments: self.told.append((name, *arguments))
        raise AttributeError(name)

    def set_mode(self, mode: str) -> None:
        self.change(mode=mode)

    def change(self, **changes) -> None:
        fields = {name: getattr(self.state, name) for name in Snapshot.__slots__}
        self.state = Snapshot(**(fields | changes))

    def predict(self, *predictions: Prediction) -> None:
        for one in predictions:
            self.given[one.task].append(one)
            self.histories[one.task].add(one)
            self.change(latest=self.state.latest | {one.task: one})

    def snapshot(self) -> Snapshot:
        return self.state

    def predictions(self, task: str, since: int) -> tuple[list[Prediction], int]:
        return self.given[task][since:], len(self.given[task])

    def history(self, task: str) -> History:
        return self.histories[task]

    def sound(self, since: int) -> tuple[np.ndarray, np.ndarray, int]:
        fresh = self.columns[since:]
        return fresh, np.tile(np.float32([-0.5, 0.5]), (len(fresh), 1)), len(self.columns)

    def frame_shown(self) -> None:
        self.shown += 1

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    def cameras(self) -> list[Device]:
        return [Device("Front camera", 0), Device("Back camera", 2)]

    def microphones(self) -> list[Device]:
        raise OSError("no sound server")

    def close(self, timeout: float = 3.0) -> bool:
        self.told.append(("close",))
        return True


@pytest.fixture
def session() -> Held:
    return Held()


@pytest.fixture
def window(qtbot, session: Held) -> Iterator[MainWindow]:
    before = set(threading.enumerate())
    made = MainWindow(session, store.Settings(theme="dark"))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    assert not made.refresh.timer.isActive()
    assert set(threading.enumerate()) <= before, "the window left a thread"


def color_at(widget: QWidget, x: float, y: float) -> QColor:
    """The colour of a point of a widget, given in shares of its size."""
    image = widget.grab().toImage()
    return image.pixelColor(round(x * (image.width() - 1)), round(y * (image.height() - 1)))


# ---- the binding --------------------------------------------------------------------------------------


def test_the_binding_keeps_its_references_to_none(qtbot):
    """PySide6 6.12.0 drops one on every call that returns nothing; Python 3.11 aborts in the end."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.update()
    assert before - sys.getrefcount(None) < 500


# ---- the picture --------------------------------------------------------------------------------------


def test_the_picture_is_letterboxed_in_its_own_colours_and_counted_once(qtbot):
    shown = []
    view = VideoView(lambda: shown.append(1))
    qtbot.addWidget(view)
    view.resize(400, 200)
    frame = picture(5, 5, (10, 20, 200))  # an odd width: rows of 15 bytes, which Qt would round up to 16
    view.show_state(frame, (), "")
    assert color_at(view, 0.5, 0.5) == QColor(200, 20, 10)
    assert color_at(view, 0.05, 0.5) != QColor(200, 20, 10)
    rect = view.picture_rect()
    assert (rect.width(), rect.height(), rect.x()) == (200, 200, 100)
    view.show_state(frame, (), "")
    view.grab()
    assert len(shown) == 1
    view.show_state(picture(), (), "")
    view.grab()
    assert len(shown) == 2


def test_a_picture_with_reversed_columns_is_refused():
    with pytest.raises(ValueError, match="strides"):
        theme.image_of(np.zeros((4, 6, 3), np.uint8)[:, ::-1])
    with pytest.raises(ValueError, match="float64"):
        theme.image_of(np.zeros((4, 6, 3)))


def test_the_followed_skeleton_lies_on_the_body_and_the_others_are_faint(qtbot):
    view = VideoView(lambda: None)
    qtbot.addWidget(view)
    view.resize(400, 400)
    landmarks = np.full((33, 2), 0.5)
    landmarks[[11, 23]] = (0.25, 0.2), (0.25, 0.8)  # one long bone, upright at a quarter of the width
    seen = np.zeros(33)
    seen[[11, 23]] = 1.0
    black = picture(100, 100, (0, 0, 0))
    view.show_state(black, (Person(landmarks, seen, True, np.zeros((33, 3))),), "")
    bright = color_at(view, 0.25, 0.5).lightness()
    assert bright > 200
    assert color_at(view, 0.75, 0.5).lightness() < 30
    view.show_state(black, (Person(landmarks, seen, False, np.zeros((33, 3))),), "")
    assert 20 < color_at(view, 0.25, 0.5).lightness() < bright / 2
    view.show_state(black, (Person(landmarks, np.zeros(33), True, np.zeros((33, 3))),), "")
    assert color_at(view, 0.25, 0.5).lightness() < 30, "an unseen landmark was drawn"


# ---- the sound ----------------------------------------------------------------------------------------


def test_the_spectrogram_scrolls_left_with_low_bands_at_the_bottom(qtbot):
    view = SoundView()
    qtbot.addWidget(view)
    view.resize(900, 150)
    view.set_theme(theme.DARK)
    mel = np.zeros((COLUMNS // 2, BANDS), np.float32)
    mel[:, : BANDS // 4] = 6.0  # low bands loud
    wave = np.tile(np.float32([-0.9, 0.9]), (len(mel), 1))
    view.add(mel, wave)
    loud, quiet = QColor(theme.DARK.sound[-1]), QColor(theme.DARK.sound[0])
    assert color_at(view, 0.99, 0.97) == loud
    assert color_at(view, 0.99, 0.5) == quiet
    assert color_at(view, 0.3, 0.97) == quiet, "half of the time has passed, the other half is still empty"
    assert color_at(view, 0.99, 0.05) == QColor(theme.DARK.accent)  # the waveform reaches up here
    view.add(np.zeros_like(mel), np.zeros_like(wave))
    assert color_at(view, 0.99, 0.97) == quiet
    assert color_at(view, 0.3, 0.97) == loud
    view.add(np.zeros((10 * COLUMNS, BANDS), np.float32), np.zeros((10 * COLUMNS, 2), np.float32))
    assert color_at(view, 0.3, 0.97) == quiet


def test_the_level_meter_fills_from_below(qtbot):
    view = SoundView()
    qtbot.addWidget(view)
    view.resize(600, 120)
    view.set_theme(theme.DARK)
    x = 6 / 600
    view.set_level(float("-inf"))
    assert color_at(view, x, 0.95) == QColor(theme.DARK.track)
    view.set_level(-30.0)
    assert color_at(view, x, 0.75) == QColor(theme.DARK.good)
    assert color_at(view, x, 0.25) == QColor(theme.DARK.track)
    view.set_level(0.0)
    assert color_at(view, x, 0.75) == QColor(theme.DARK.good)
    assert color_at(view, x, 0.08) == QColor(theme.DARK.warning)


# ---- the answers --------------------------------------------------------------------------------------


def test_history_breaks_its_curves_where_nothing_is_named(qtbot):
    plot = HistoryPlot(ACTIONS, 30.0)
    qtbot.addWidget(plot)
    plot.add([prediction(ACTIONS, tick, 1) for tick in range(10)])
    plot.add([prediction(ACTIONS, 10, 1, status="no person")])
    plot.add([prediction(ACTIONS, tick, 2) for tick in range(11, 20)])
    x, rows = plot.points()
    known = np.isfinite(x)
    assert np.allclose(np.diff(x[known][-20:]), 1 / 15)
    assert x[-1] == 0
    assert np.isnan(rows[-10]).all()
    assert np.allclose(rows[-9:, 1], 0.02)
    assert np.allclose(rows[-20:-10, 1], 0.9)
    plot.add([prediction(ACTIONS, tick, 0) for tick in range(3)])  # the media time starts anew
    x, rows = plot.points()
    assert np.isnan(rows[-4]).all()
    assert np.all(np.diff(x[np.isfinite(x)]) > 0)


def test_the_dashed_line_is_the_threshold_of_what_is_nearest_to_a_name(qtbot):
    info = replace(ACTIONS, card=ACTIONS.card | {"thresholds": {"kick": 0.9}})
    plot = HistoryPlot(info, 30.0)
    qtbot.addWidget(plot)
    plot.resize(400, 180)

    def height() -> float:
        """Of the line, 0 to 1."""
        image, area = plot.grab().toImage(), plot._plot()
        muted = plot._theme.color("muted")
        rows = [
            sum(image.pixelColor(x, y) == muted for x in range(area.left(), area.right()))
            for y in range(area.top(), area.bottom())
        ]
        return 1 - int(np.argmax(rows)) / area.height()

    for tick, (top, line) in enumerate(((0, 0.5), (5, 0.9), (1, 0.5))):
        plot.add([prediction(info, tick, top)])
        assert height() == pytest.approx(line, abs=0.02)
    plot.add([prediction(info, 3, 1, p=0.6, nearest=5)])  # a kick that ends: what is on top is no name
    assert height() == pytest.approx(0.9, abs=0.02)


def test_history_is_bounded_by_its_seconds(qtbot):
    plot = HistoryPlot(GENRES, 60.0)
    qtbot.addWidget(plot)
    plot.add([prediction(GENRES, tick, 1) for tick in range(1000)])
    x, _ = plot.points()
    assert -60.0 <= x[0] <= -59.0
    assert len(x) == 121


def test_history_draws_only_what_is_new_and_the_same_as_all_at_once(qtbot):
    tops = [tick // 40 % 3 for tick in range(450)]
    bit_by_bit, at_once = HistoryPlot(ACTIONS, 30.0), HistoryPlot(ACTIONS, 30.0)
    for plot in (bit_by_bit, at_once):
        qtbot.addWidget(plot)
        plot.set_theme(theme.DARK)
        plot.resize(400, 180)
        plot.show()
        qtbot.waitExposed(plot)
    for tick, top in enumerate(tops):
        bit_by_bit.add([prediction(ACTIONS, tick, top)])
    assert bit_by_bit.drawn < 30 * len(tops)  # and not each time all that there are
    at_once.add([prediction(ACTIONS, tick, top) for tick, top in enumerate(tops)])
    for plot in (bit_by_bit, at_once):
        for seconds, top in ((-20.0, tops[150]), (-10.0, tops[300]), (-1.0, tops[435])):
            rect = plot._plot()
            at = QPointF(rect.right() + seconds * rect.width() / 30, rect.bottom() - 0.9 * rect.height())
            image = plot.grab().toImage()
            near = [
                image.pixelColor(round(at.x()) + dx, round(at.y()) + dy)
                for dx in (-1, 0, 1)
                for dy in (-2, -1, 0, 1, 2)
            ]
            hues = [color.hslHue() for color in near if color.hslSaturation() > 60]
            assert hues and all(abs(hue - theme.DARK.class_color(top).hslHue()) < 15 for hue in hues)


def test_a_panel_names_the_class_and_greys_what_it_does_not_believe(qtbot):
    panel = PredictionPanel(ACTIONS)
    qtbot.addWidget(panel)
    panel.resize(560, 280)
    panel.set_theme(theme.DARK)
    assert panel.label.text() == "waiting for a picture"

    def show(one: Prediction) -> None:
        panel.add([one])
        panel.slow_update(one)

    show(prediction(ACTIONS, 5, 3, 0.8))
    assert (panel.label.text(), panel.percent.text()) == ("jump", "80 %")
    assert panel.bars.order[0] == 3
    assert len(panel.bars.order) == 5
    place = 0.45, 0.5 / 5
    assert color_at(panel.bars, *place) == theme.DARK.class_color(3)
    show(prediction(ACTIONS, 6, 2, 0.45))
    assert panel.label.text() == "not sure"
    assert color_at(panel.bars, *place) != theme.DARK.class_color(2)
    assert panel.bars.order
    show(prediction(ACTIONS, 7, 2, 0.99, status="no person"))
    assert (panel.label.text(), panel.percent.text()) == ("no person", "")
    assert not panel.bars.order and not panel.bars.accessibleDescription()
    panel.slow_update(None)
    assert panel.label.text() == "waiting for a picture"


def shown_panel(qtbot) -> PredictionPanel:
    panel = PredictionPanel(ACTIONS)
    qtbot.addWidget(panel)
    panel.resize(430, 320)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def test_the_cards_folds_are_a_line_each(qtbot):
    fold = {"people": ["a", "b"], "recall": 0.5, "per_class": {"idle": 0.9, "wave": 0.25}}
    scores = {"validation": {"clips": 0.8}, "folds": {"folds": [fold, fold], "mean": {"recall": 0.5}}}
    card = ModelCard(replace(ACTIONS, card={**ACTIONS.card, "scores": scores}))
    qtbot.addWidget(card)
    lines = card.text.toPlainText().splitlines()
    assert lines.count("– people a; b, recall 0.5, per class idle 0.9, wave 0.25") == 2
    assert "validation: clips 0.8" in " ".join(lines) and "mean: recall 0.5" in lines


def test_numbers_are_painted_when_they_are_written(qtbot):
    """Words follow the bars: also those of the last prediction, after which nothing else is painted."""
    panel = shown_panel(qtbot)
    last = prediction(ACTIONS, 6, 3, 0.7)
    panel.add([prediction(ACTIONS, 5, 3, 0.8)])
    panel.add([last])
    qtbot.wait(100)
    painted = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    watch = Watch()
    panel.bars.installEventFilter(watch)
    panel.slow_update(last)
    qtbot.waitUntil(lambda: bool(painted))


def test_every_class_stands_in_the_legend_however_narrow(qtbot):
    panel = shown_panel(qtbot)
    for width in (430, 900):
        panel.resize(width, 320)
        qtbot.waitUntil(lambda: panel.legend.height() == panel.legend.sizeHint().height())
        assert panel.legend._places(panel.legend.width())[-1].bottom() <= panel.legend.height()


def test_classes_out_of_the_picture_are_struck_out(qtbot):
    panel = shown_panel(qtbot)
    panel.slow_update(prediction(ACTIONS, 0, top=0))
    before = panel.legend.grab().toImage()
    barred = ACTIONS.labels[2]
    panel.slow_update(prediction(ACTIONS, 1, top=0, unavailable=(barred,)))
    assert panel.legend.grab().toImage() != before and barred in panel.legend.toolTip()
    panel.slow_update(prediction(ACTIONS, 2, top=0))
    assert panel.legend.grab().toImage() == before and not panel.legend.toolTip()


def test_class_colours_differ_in_both_themes():
    for colors in (theme.DARK, theme.LIGHT):
        assert len(set(colors.classes)) == len(colors.classes) >= 12


# ---- the cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (121_344, "121 k"),
        (9_999_999, "10.0 M"),
        (3.2e9, "3.20 G"),
        (float("nan"), "–"),
    ],
)
def test_amounts_have_three_digits(value, text):
    assert cost_bars.amount(value) == text


def account(spent: int, regular: int, steps: int, **changes) -> Cost:
    parts = {
        "computed": {
            "embedding": 100,
            "qkv": 300,
            "attention": 200,
            "output": 100,
            "feedforward": 290,
            "head": 10,
        },
        "regular_last": {"embedding": 6400, "qkv": 31_600},
        "regular": {"embedding": 6400, "qkv": 57_600},
    }
    times = {"seconds": (2.1e-4, 5e-4, 9e-4), "latency": (0.051, 0.0984, 0.14)}
    return Cost(spent, regular, steps, parts=parts, **(times | changes))


def test_the_cost_is_named_and_counted(qtbot):
    panel = cost_panel.CostPanel({"actions": ACTIONS})
    qtbot.addWidget(panel)
    state = snapshot(costs={"actions": account(5000, 305_000, 5)}, counters=Counters(1234, 56, 1200))
    panel.slow_update(state)
    shown = panel.accounts["actions"]
    assert shown.ratio.text() == "64.0×"
    assert shown.whole_ratio.text() == "1.00×" and shown.whole_ratio.font() == shown.ratio.font()
    assert shown.total.text() == "300 k of 305 k (61.0×), 5 predictions"
    assert "300,000 of 305,000 MACs" in shown.total.toolTip()
    # 5 × 217 M in either mode, beside which the Transformer hardly counts
    assert shown.whole.text() == "300 k of 1.09 G (1.00×)"
    assert shown.apart.text() == "pose 217 M"
    assert [sum(parts) for _, parts in shown.bars.rows] == [1000, 38_000, 64_000]
    assert shown.parts.values == [100, 600, 290, 10]
    assert "multiply-accumulates (MACs)" in shown.title.text()
    flow = panel.flow
    assert [line.text() for line in (flow.captured, flow.skipped, flow.shown)] == ["1,234", "56", "1,200"]
    assert flow.step["actions"].text() == "0.21 · 0.50 · 0.90 ms"
    assert flow.latency["actions"].text() == "51.0 · 98.4 · 140 ms"
    panel.unit = "FLOPs"
    panel.slow_update(state)
    assert "FLOPs" in shown.title.text() and "(MACs)" not in shown.title.text()
    assert shown.total.text() == "600 k of 610 k (61.0×), 5 predictions"
    assert shown.apart.text() == "pose 434 M"
    assert shown.parts.values == [200, 1200, 580, 20]


def test_a_detector_that_runs_now_and_then_is_listed_and_not_summed():
    info = TaskInfo("actions", ("a",), 15.0, 64, 0.5, {}, {"landmarks": 7, "detector (when it runs)": 50})
    assert info.macs_apart == 7


def test_the_check_says_whether_float32_is_kept_and_draws_it(qtbot):
    check = CheckView({"actions": ACTIONS})
    qtbot.addWidget(check)
    check.set_theme(theme.DARK)
    check.resize(700, 170)
    check.show()
    qtbot.waitExposed(check)
    one = check.checks["actions"]
    off = [prediction(ACTIONS, tick, 1) for tick in range(5)]
    check.add("actions", off)
    check.slow_update(snapshot(latest={"actions": off[-1]}))
    assert one.now.text() == "–" and "off" in one.verdict.text()
    deltas = (2e-7, 0.0, 5e-7)
    both = [
        prediction(ACTIONS, 5 + k, 1, mode="both", max_delta=delta, delta_bound=4e-5)
        for k, delta in enumerate(deltas)
    ]
    check.add("actions", both)
    state = {"mode": "both", "costs": {"actions": account(1, 1, 8, max_delta=5e-7)}}
    check.slow_update(snapshot(**state, latest={"actions": both[-1]}))
    assert one.now.text() == "5.0e-07"
    assert one.verdict.text() == "within float32's 4.0e-05"
    assert one.worst.text() == "5.0e-07 at worst"
    assert one.steps.text() == "3 tokens compared"
    x, y = one.plot._curve.getData()
    np.testing.assert_allclose(y, np.log10([2e-7, 1e-9, 5e-7]))  # equal to the last bit: at the bottom
    np.testing.assert_allclose(x, [-2 / 15, -1 / 15, 0])
    np.testing.assert_allclose(one.plot._bound.getData()[1], np.log10(4e-5))
    over = prediction(ACTIONS, 9, 1, mode="both", max_delta=1e-3, delta_bound=4e-5)
    check.slow_update(snapshot(**state, latest={"actions": over}))
    assert one.verdict.text().startswith("OVER")


# ---- banners, transport, card -------------------------------------------------------------------------


def test_a_banner_stands_until_it_is_dismissed(qtbot):
    stack = BannerStack()
    qtbot.addWidget(stack)
    assert stack.isHidden()
    camera, demo = (
        Notice("camera", "The camera is gone.", "Plug it in."),
        Notice("demo", "A demo.", level="info"),
    )
    stack.show_notices((demo, camera))
    first = stack.banners()
    assert [banner.notice for banner in first] == [demo, camera]
    stack.show_notices((demo, camera))
    assert stack.banners() == first, "an unchanged notice was built anew"
    with qtbot.waitSignal(stack.dismissed) as asked:
        first[1].close_button.click()
    assert asked.args == ["camera"]
    stack.show_notices(())
    assert stack.isHidden()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (75.9, "1:15"), (3725, "1:02:05"), (float("nan"), "–:––")]
)
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_transport_plays_pauses_and_replays_a_file(qtbot):
    transport = Transport()
    qtbot.addWidget(transport)
    file = {
        "is_file": True,
        "video_name": "a.mp4",
        "audio_name": "a.mp4",
        "duration": 100.0,
        "position": 25.0,
    }
    transport.slow_update(snapshot(**file))
    transport.show_state(snapshot(**file))
    assert not transport.play.isHidden()
    assert transport.live.isHidden()
    assert transport.time.text() == "0:25 / 1:40"
    assert transport.name.text() == "a.mp4"
    with qtbot.waitSignal(transport.pause_asked):
        transport.play.click()
    transport.slow_update(snapshot(**file, playing=False))
    with qtbot.waitSignal(transport.play_asked):
        transport.play.click()
    transport.slow_update(snapshot(**file, playing=False, ended=True))
    with qtbot.waitSignal(transport.replay_asked):
        transport.play.click()
    transport.slow_update(snapshot(video_name="Front camera", position=3.0))
    assert transport.play.isHidden()
    assert not transport.live.isHidden()
    assert transport.time.text() == "0:03"


def test_two_quick_presses_are_two_steps_of_speed(qtbot):
    transport = Transport()
    qtbot.addWidget(transport)
    asked = []
    transport.speed_asked.connect(asked.append)
    for steps in (1, 1, 1, -1):
        transport.change_speed(steps)
    assert asked == [2.0, 4.0, 4.0, 2.0]


def test_the_model_card_shows_everything_and_trusts_nothing(qtbot):
    card = ModelCard(ACTIONS)
    qtbot.addWidget(card)
    text = card.text.toPlainText()
    for expected in ("UTD-MHAD <b>", "top1: 0.9123", "CC BY 4.0", "64 tokens", "idle, clap", "217,000,000"):
        assert expected in text


# ---- the window ---------------------------------------------------------------------------------------


def test_the_window_shows_what_the_session_holds(qtbot, window, session):
    session.predict(*(prediction(ACTIONS, tick, 1) for tick in range(70)), prediction(GENRES, 0, 1))
    session.columns = np.full((100, BANDS), 3.0, np.float32)
    session.change(frame=picture(), video_name="Front camera", notices=(Notice("x", "Something."),))
    qtbot.waitUntil(lambda: window.panels["actions"].label.text() == "clap")
    qtbot.waitUntil(lambda: window.panels["genres"].label.text() == "jazz")
    qtbot.waitUntil(lambda: session.shown == 1)
    assert window.panels["actions"].fill._filled == 64
    assert len(window.banners.banners()) == 1
    assert len(window.refresh.tick_times) > 5
    qtbot.wait(300)
    assert session.shown == 1, "an old frame was counted again"


def test_devices_are_listed_by_name_and_a_failure_is_a_notice(qtbot, window, session):
    qtbot.waitUntil(lambda: window.sources.camera.findText("Back camera") > 0)
    camera = window.sources.camera
    assert [camera.itemText(i) for i in range(camera.count())] == [
        "No camera",
        "Front camera",
        "Back camera",
        "Camera URL…",
    ]
    qtbot.waitUntil(lambda: bool(session.notices))
    assert "no sound server" in session.notices[0].cause
    camera.activated.emit(camera.findText("Back camera"))
    assert session.told[-1] == ("set_camera", "Back camera")
    camera.activated.emit(0)
    assert session.told[-1] == ("set_camera", None)
    session.change(video_name="Front camera")
    qtbot.waitUntil(lambda: camera.currentText() == "Front camera")


def test_a_chosen_device_stays_chosen_while_it_opens(qtbot, window, session):
    camera = window.sources.camera
    qtbot.waitUntil(lambda: camera.findText("Back camera") > 0)
    camera.setCurrentIndex(2)
    camera.activated.emit(2)
    qtbot.wait(500)
    assert camera.currentText() == "Back camera"
    session.change(video_name="http://127.0.0.1:1/x")
    qtbot.waitUntil(lambda: camera.currentText() == "http://127.0.0.1:1/x")


def test_a_window_without_a_model_still_opens(qtbot, session):
    session.change(tasks={}, latest={}, costs={})
    window = MainWindow(session, store.Settings())  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(100)
    assert window.panels == {}
    window.close()


def test_keys_switch_the_mode_and_the_check(qtbot, window, session):
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert session.state.mode == "regular"
    qtbot.waitUntil(window.sources.regular.isChecked)
    qtbot.keyClick(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: session.state.mode == "both")  # its press is shown first
    qtbot.waitUntil(window.sources.check.isChecked)
    qtbot.keyClick(window, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: session.state.mode == "regular")
    assert window.settings.mode == "regular"
    window.sources.continual.click()
    assert session.state.mode == "continual"


def test_space_pauses_and_the_reset_buttons_reset(qtbot, window, session):
    session.change(is_file=True, video_name="a.mp4", duration=9.0)
    qtbot.waitUntil(lambda: not window.transport.play.isHidden() and window.transport._playing)
    with qtbot.waitActive(window):
        window.activateWindow()
    # whatever was pressed last: Space is for the film, and Enter for what the Tab key chose
    qtbot.mouseClick(window.panels["genres"].reset, Qt.MouseButton.LeftButton)
    assert session.told[-1] == ("reset", "genres")
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Space)
    assert session.told[-1] == ("pause",)
    window.panels["genres"].reset.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert session.told[-2:] == [("pause",), ("pause",)]
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert session.told[-1] == ("reset", "genres")


def test_both_themes_reach_every_part(qtbot, window):
    for name, colors in (("light", theme.LIGHT), ("dark", theme.DARK)):
        window.set_scheme(name)
        qtbot.wait(50)
        image = window.grab().toImage()
        assert image.pixelColor(2, 2) == QColor(colors.window)
        panel = window.panels["actions"]
        corner = panel.mapTo(window, QPoint(panel.width() // 2, 4))
        scale = image.devicePixelRatio()
        assert image.pixelColor(round(corner.x() * scale), round(corner.y() * scale)) == QColor(colors.card)


def test_every_control_has_a_name_and_a_tip(window):
    controls = window.centralWidget().findChildren(QAbstractButton) + window.centralWidget().findChildren(
        QComboBox
    )
    controls = [
        control
        for control in controls
        if not control.isHidden() and control.objectName() != "qt_toolbar_ext_button"
    ]
    assert len(controls) > 8
    for control in controls:
        assert control.toolTip(), f"{control} {control.accessibleName()} has no tooltip"
        assert control.accessibleName() or control.text(), f"{control} has no name"


def test_nothing_is_clipped_at_the_smallest_size(qtbot, window):
    def check(*parts: QWidget) -> None:
        qtbot.wait(100)
        for part in (window.sources, window.pages, *parts):
            assert part.isVisible()
            assert part.width() >= part.minimumSizeHint().width()
            assert part.height() >= part.minimumSizeHint().height()
            assert window.rect().contains(part.mapTo(window, part.rect().bottomRight()))

    upper = (*window.panels.values(), window.sound, window.transport, window.video)
    window.resize(1100, 700)
    check(*upper, window.pages.cost)
    window.resize(window.minimumSize())
    check(*upper)
    assert (window.width(), window.height()) == (1000, 500)
    assert window.pages.folded and not window.pages.cost.isVisible()
    window.pages.open(1)  # in place of picture and answers
    check(window.pages.timeline)
    assert not window.video.isVisible()
    window.pages.tabs.tabBarClicked.emit(1)
    check(*upper)


def test_closing_stops_the_timer_and_the_session(qtbot, session):
    window = MainWindow(session, store.Settings())  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    start = time.monotonic()
    window.close()
    assert time.monotonic() - start < PROMPT
    assert session.told[-1] == ("close",)
    assert not window.refresh.timer.isActive()
    assert window.settings.geometry
    again = MainWindow(session, window.settings)  # type: ignore[arg-type]
    qtbot.addWidget(again)
    if window.screen().availableSize().width() >= window.width():  # Qt fits a window to a smaller screen
        assert again.size() == window.size()
    again.close()


# ---- faults and settings ------------------------------------------------------------------------------


def test_an_exception_anywhere_becomes_a_notice_and_a_log_line(qtbot, caplog):
    notices: list[Notice] = []
    hooks = FaultHooks(notices.append)
    before = sys.excepthook, threading.excepthook
    hooks.install()
    try:
        with caplog.at_level(logging.ERROR):
            thread = threading.Thread(target=lambda: 1 / 0, name="a worker")
            thread.start()
            thread.join()
            QTimer.singleShot(0, lambda: [].pop())  # Qt calls this, and nobody above it catches
            qtbot.wait(50)
    finally:
        hooks.remove()
    assert (sys.excepthook, threading.excepthook) == before
    assert [notice.cause for notice in notices] == [
        "ZeroDivisionError in a worker: division by zero",
        "IndexError in the window: pop from empty list",
    ]
    assert "division by zero" in caplog.text


def test_warnings_are_kept_on_disk_and_a_disk_that_refuses_is_survived(tmp_path, monkeypatch):
    monkeypatch.setattr(faults, "log_path", lambda: tmp_path / "deep" / "the.log")
    kept = faults.LogFile()
    logger = logging.getLogger("test of the log")
    logger.addHandler(kept)
    try:
        logger.info("nothing of interest")
        assert not (tmp_path / "deep" / "the.log").exists()
        logger.warning("the sky falls")
        assert "WARNING test of the log: the sky falls" in (tmp_path / "deep" / "the.log").read_text("utf-8")
    finally:
        logger.removeHandler(kept)
        kept.close()
    (tmp_path / "file").touch()
    monkeypatch.setattr(faults, "log_path", lambda: tmp_path / "file" / "the.log")
    refused = faults.LogFile()
    refused.handle(logger.makeRecord("x", logging.ERROR, "", 0, "unheard", (), None))
    refused.close()
