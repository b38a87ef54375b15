"""The race, watched: both modes side by side, what each costs and what bounds it, and what was saved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.pipeline.race import Bound, Lane, Material, Race, RaceState
from app.pipeline.state import TaskInfo
from app.ui import theme
from app.ui.cost_bars import amount, milliseconds, percentiles, ratio
from app.ui.cost_panel import NAMES, Line
from app.ui.keyboard import keyed
from app.ui.picker import Picker
from app.ui.race_bars import Battery, SpeedBar
from app.ui.theme import SPACE, Theme
from app.ui.words import tr
from models.continual.classifier import ContinualTransformer
from models.engines.bench import PRESETS
from models.engines.engine import NAMES as ENGINES
from models.paper.presets import preset
from models.rivals.catalogue import RIVALS

if TYPE_CHECKING:
    from app.pipeline.session import Session

SETS = {"Kin": "Kinetics features", "VGGish": "VGGish features"}
_RANDOM = 128  # tokens of a round where there are no recorded ones
_COLUMNS = (
    "",
    "predictions a second",
    "",
    "time of a prediction",
    "MACs",
    "CPU",
    "least time on this machine, and p50 beside it",
)


class LaneRow:
    """The widgets of one lane, a row of the table."""

    def __init__(self, name: str) -> None:
        self.name = QLabel(name.capitalize())
        self.rate = QLabel("–")
        self.rate.setFont(theme.font(4, bold=True))
        self.rate.setAccessibleName(f"{name}: predictions a second")
        self.bar = SpeedBar("accent" if name == "continual" else "muted")
        self.times = Line(f"{name}: time of a prediction")
        self.macs = Line(f"{name}: multiply-accumulates of a prediction")
        self.cpu = Line(f"{name}: share of one core")
        self.bound = Line(f"{name}: what bounds it")

    def widgets(self) -> tuple[QWidget, ...]:
        return (self.name, self.rate, self.bar, self.times, self.macs, self.cpu, self.bound)

    def show_lane(self, lane: Lane | None, fastest: float) -> None:
        """Write the figures of a lane; None before it starts."""
        if lane is None or not lane.predictions:
            for line in (self.rate, self.times, self.macs, self.cpu, self.bound):
                line.setText("–")
            self.bar.show_share(0.0)
            return
        self.rate.setText(f"{lane.rate:,.0f}")
        self.bar.show_share(lane.rate / fastest)
        self.times.setText(percentiles(lane.times))
        self.macs.setText(amount(lane.macs))
        self.cpu.setText(f"{100 * lane.cpu:.0f} %")
        words = bound_words(lane.bound, lane.times[0])
        self.bound.setText(words)
        self.bound.setToolTip(
            f"{words}.\nA prediction must read every weight and all that is remembered, and multiply: "
            "whichever takes longer, at the rates measured at the start. The rest is overhead, and what else "
            "runs."
        )


def bound_words(bound: Bound, measured: float) -> str:
    """What bounds a lane, and how far it is from there."""
    unit = "B/s" if bound.by == "reading" else " MACs/s"
    times = measured / bound.seconds
    far = f"{times:.1f}" if times < 99.95 else f"{times:.0f}"
    return f"{milliseconds(bound.seconds)}, {bound.by} at {amount(bound.rate)}{unit}; p50 is {far}×"


class RaceView(QFrame):
    """Choose a model and an engine, and let both modes run.

    Parameters
    ----------
    session : Session
        Its models and newest tokens race.
    tasks : dict of str to TaskInfo
    """

    def __init__(
        self, session: Session, tasks: Mapping[str, TaskInfo], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session = session
        self._race: Race | None = None
        self._recorded = True
        self.model = Picker()
        tip = tr("A model of this window on the newest recorded tokens, or one of the paper's sizes")
        keyed(self.model, "Alt+1", tip, tr("Model that races"))
        for task in tasks:
            self.model.addItem(f"{NAMES.get(task, task)}, recorded tokens", task)
        for name, features in PRESETS:  # random weights: their time says something, their answers do not
            self.model.addItem(f"{name}, {SETS[features]}, untrained: timing only", (name, features))
        self.engine = Picker()
        tip = tr(
            "What computes the continual steps; live: NumPy, or Numba when it is compiled and faster. The "
            "regular window has the fastest there is"
        )
        keyed(self.engine, "Alt+2", tip, tr("Engine of the continual mode"))
        for name in ENGINES:
            self.engine.addItem(f"Step by {name}", name)
        self.rival = Picker()
        tip = tr("What one would use instead, of the same size and untrained: its time alone")
        keyed(self.rival, "Alt+3", tip, tr("Rival that races beside both modes"))
        self.rival.addItem("No rival", "")
        for name in RIVALS:
            self.rival.addItem(f"Beside {name}", name)
        self.button = QPushButton(tr("Race"))
        tip = tr("Let both modes run as fast as they can for twenty seconds")
        keyed(self.button, "R", tip, connect=False)
        self.button.clicked.connect(self.toggle)
        self.note = Line("Race")
        self.rows = {name: LaneRow(name) for name in ("regular", "continual", "rival")}
        self._show_rival("")
        self.battery = Battery()
        self.battery.setToolTip(
            "Of the multiply-accumulates that the regular mode spends on the same predictions"
        )
        self.saved = QLabel("–")
        self.saved.setFont(theme.font(-1))
        self.saved.setAccessibleName("Multiply-accumulates saved in this race")
        self._lay_out()
        self.slow_update()

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        controls.addWidget(self.model)
        controls.addWidget(self.engine)
        controls.addWidget(self.rival)
        controls.addWidget(self.button)
        controls.addSpacing(SPACE)
        controls.addWidget(self.note, 1)
        table = QGridLayout()
        table.setHorizontalSpacing(2 * SPACE)
        table.setVerticalSpacing(SPACE)
        for column, words in enumerate(_COLUMNS):
            head = QLabel(words)
            head.setProperty("muted", True)
            head.setFont(theme.font(-1))
            table.addWidget(head, 0, column)
        for row, lane in enumerate(self.rows.values()):
            for column, widget in enumerate(lane.widgets()):
                table.addWidget(widget, row + 1, column)
        for column, stretch in enumerate((0, 0, 2, 4, 1, 1, 6)):
            table.setColumnStretch(column, stretch)
        charge = QVBoxLayout()
        charge.setSpacing(4)
        charge.addStretch(1)
        charge.addWidget(self.battery, 0, Qt.AlignmentFlag.AlignHCenter)
        charge.addWidget(self.saved, 0, Qt.AlignmentFlag.AlignHCenter)
        charge.addStretch(1)
        box = QWidget()
        box.setLayout(charge)
        box.setFixedWidth(164)
        charge.setContentsMargins(0, 0, 0, 0)
        lower = QHBoxLayout()
        lower.setSpacing(2 * SPACE)
        lower.addLayout(table, 1)
        lower.addWidget(box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(controls)
        layout.addStretch(1)
        layout.addLayout(lower)
        layout.addStretch(2)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.battery.set_theme(new)
        for row in self.rows.values():
            row.bar.set_theme(new)

    def toggle(self) -> None:
        """Start a race, or end the one that runs."""
        if self._race is not None and self._race.running:
            self._race.halt()
            return
        chosen = self.model.currentData()
        self._recorded = isinstance(chosen, str)
        material: Material = partial(_untrained, *chosen)
        if self._recorded:
            material = partial(self._session.race, chosen)
        rival = self.rival.currentData()
        self._race = Race(material, self.engine.currentData(), rival=rival)
        self._show_rival(rival)
        self._race.start()
        self.slow_update()

    def _show_rival(self, name: str) -> None:
        self.rows["rival"].name.setText(name or "Rival")
        for widget in self.rows["rival"].widgets():
            widget.setVisible(bool(name))

    def slow_update(self) -> None:
        """Write how it stands; a few times a second."""
        race = self._race
        state = race.state() if race is not None else None
        running = race is not None and race.running
        self.button.setText(tr("Stop") if running else tr("Race"))
        self.note.setText(self._words(state))
        lanes = state.lanes if state is not None else {}
        fastest = max([lane.rate for lane in lanes.values()] + [0.0])
        for name, row in self.rows.items():
            row.show_lane(lanes.get(name), fastest or 1.0)
        if lanes and lanes["continual"].predictions:
            regular, continual = lanes["regular"], lanes["continual"]
            self.battery.show_share(1 - continual.macs / regular.macs)
            self.saved.setText(
                f"{amount(continual.predictions * (regular.macs - continual.macs))} MACs saved"
            )
        else:
            self.battery.show_share(0.0)
            self.saved.setText("–")

    def stop(self, timeout: float) -> bool:
        """End the race; True when its threads ended in time."""
        return self._race is None or self._race.stop(timeout)

    def _words(self, state: RaceState | None) -> str:
        if state is None:
            return tr("Both modes on the same tokens, each on a thread of its own, as fast as it can.")
        if state.status == "failed":
            if "tokens are (0" in state.fault:
                return tr("No token was recorded yet: play a file, or choose a camera or a microphone.")
            return f"It could not run. {state.fault}"
        if state.status == "preparing":
            compiling = self._race is not None and self._race.engine not in ("torch", "numpy")
            return "Preparing: the step is compiled, some seconds…" if compiling else "Preparing…"
        if not state.lanes or not state.lanes["regular"].predictions:
            return "Starting…"
        regular, continual = state.lanes["regular"], state.lanes["continual"]
        words = [
            f"{continual.rate / regular.rate:.1f}× as fast, {ratio(regular.macs, continual.macs)} fewer MACs",
            f"{state.compared} {'recorded' if self._recorded else 'random'} tokens, round after round",
        ]
        words.append(f"stepped by {continual.engine}, windows by {regular.engine}")
        if state.max_delta is not None and math.isfinite(state.max_delta):
            words.append(f"max |Δ| {state.max_delta:.1e}")
        return " · ".join(words)


def _untrained(name: str, features: str) -> tuple[ContinualTransformer, np.ndarray]:
    model = preset(name, features).build()
    size = model.config["input_size"]
    return model, np.random.default_rng(0).normal(size=(_RANDOM, size)).astype(np.float32)
