"""What all streams cost together, beside what regular Transformers would spend on the same windows."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.pipeline.fleet_state import FleetShot
from app.ui import theme
from app.ui.cost_bars import COUNTED, amount, milliseconds, ratio, saved
from app.ui.cost_panel import Line
from app.ui.prediction_panel import spoken
from app.ui.theme import SPACE
from app.ui.words import tr


class FleetCost(QFrame):
    """A card below the grid."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.ratio = QLabel("–")
        self.ratio.setFont(theme.font(11, bold=True))
        self.ratio.setAccessibleName(tr("Regular over computed, all streams"))
        self.fewer = QLabel(tr("fewer MACs"))
        self.fewer.setProperty("muted", True)
        self.fewer.setFont(theme.font(-1))
        self.saved = Line(tr("Saved by all streams in total, the Transformer alone"))
        self.saved.setToolTip(COUNTED)
        self.whole = Line(tr("The whole pipeline of all streams, pose networks included"))
        self.whole.setToolTip(tr("The pose network runs for every stream and tick in either mode"))
        self.step = Line(tr("Time of one step for all streams"))
        self.step.setToolTip(
            tr("Median of the newest batched steps, joining of rows that come and go included")
        )
        self.latency = Line(tr("From capture to prediction"))
        self.latency.setToolTip(
            tr("Medians of the fastest and the slowest stream, waiting for the batch included")
        )
        self.genre = Line(tr("Music genre"))
        self.genre.setToolTip(tr("Of the first stream with sound"))
        names = (
            (tr("saved in total"), self.saved),
            (tr("whole pipeline"), self.whole),
            (tr("one step"), self.step),
            (tr("latency"), self.latency),
            (tr("genre"), self.genre),
        )
        big_box = QWidget()
        big_box.setFixedWidth(112)
        big = QVBoxLayout(big_box)
        big.setContentsMargins(0, 0, 0, 0)
        big.setSpacing(0)
        big.addStretch(1)
        big.addWidget(self.ratio, 0, Qt.AlignmentFlag.AlignHCenter)
        big.addWidget(self.fewer, 0, Qt.AlignmentFlag.AlignHCenter)
        big.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        self._genre_name = QLabel()
        for place, (words, value) in enumerate(names):
            name = self._genre_name if value is self.genre else QLabel()
            name.setText(words)
            name.setProperty("muted", True)
            name.setFont(theme.font(-1))
            row, column = place % 3, 2 * (place // 3)
            grid.addWidget(name, row, column)
            grid.addWidget(value, row, column + 1)
        grid.setColumnStretch(1, 11)
        grid.setColumnStretch(3, 9)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, SPACE, 12, SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(big_box)
        layout.addLayout(grid, 1)

    def slow_update(self, shot: FleetShot) -> None:
        """Write everything; a few times a second."""
        totals, count = shot.totals, len(shot.streams)
        self.ratio.setText(ratio(totals.regular, totals.spent))
        self.fewer.setText(tr("as regular") if shot.mode == "regular" else tr("fewer MACs"))
        self.saved.setText(
            tr(
                "{saved}, {number} predictions, streams now: {streams}",
                saved=saved(totals.spent, totals.regular),
                number=f"{totals.steps:,}",
                streams=count,
            )
        )
        regular, spent = totals.regular + totals.apart, totals.spent + totals.apart
        whole = tr(
            "{spent} in place of {regular} ({ratio}), pose networks included",
            spent=amount(spent),
            regular=amount(regular),
            ratio=ratio(regular, spent),
        )
        self.whole.setText(whole if totals.steps else "–")
        self.step.setText(_step(shot))
        p50s = [one.snapshot.costs["actions"].latency[0] for one in shot.streams]
        known = [seconds for seconds in p50s if math.isfinite(seconds)]
        between = {milliseconds(seconds): None for seconds in (min(known), max(known))} if known else ["–"]
        self.latency.setText(" – ".join(between))
        heard = next((one for one in shot.streams if one.sound), None)
        self._genre_name.setVisible(heard is not None)
        self.genre.setVisible(heard is not None)
        if heard is not None:
            newest = heard.snapshot.latest["genres"]
            words = spoken(newest) if newest is not None else tr("no sound yet")
            if newest is not None and not newest.status:
                words += f", {100 * newest.confidence:.0f} %"
            self.genre.setText(tr("{genre} (stream {number})", genre=words, number=heard.number))


def _step(shot: FleetShot) -> str:
    if shot.mode == "regular":
        medians = [one.snapshot.costs["actions"].seconds[0] for one in shot.streams]
        known = [seconds for seconds in medians if math.isfinite(seconds)]
        by_itself = tr("{time}: each stream's window by itself", time=milliseconds(sum(known)))
        return by_itself if known else "–"
    if not math.isfinite(shot.step_seconds):
        return "–"
    each = milliseconds(shot.step_seconds / shot.step_streams)
    return tr(
        "{time} for {streams} streams at once, {each} each",
        time=milliseconds(shot.step_seconds),
        streams=f"{shot.step_streams:.1f}",
        each=each,
    )
