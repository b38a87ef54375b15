"""Takes as cards: a small picture of each, how long it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.painting import painting
from app.ui.theme import SPACE
from app.ui.words import tr
from models.training.teach import Take

PICTURE = QSize(132, 99)
_BONES = ((1, 2), (1, 7), (2, 8), (7, 8), (1, 3), (3, 5), (2, 4), (4, 6), (7, 9), (9, 11), (8, 10), (10, 12))
_TRACED = (5, 6)  # the wrists, whose ways are drawn
_HUES = ("#ffb000", "#56b4e9")
_INK = "#0b0d10"
_POSE = 3  # dimensions of a take of joints: (T, 13, 6)


class TakeCard(QFrame):
    """One take.

    Signals
    -------
    dropped(take), again(take)
        It is to be forgotten; it is to be done once more.
    """

    dropped = Signal(object)
    again = Signal(object)

    def __init__(self, take: Take, number: int, rate: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.take = take
        colors = theme.current()
        picture = QLabel()
        picture.setPixmap(thumbnail(take, self.devicePixelRatioF()))
        words = QLabel(f"{len(take.data) / rate:.1f} s")
        words.setProperty("muted", True)
        self.retake, self.delete = QToolButton(), QToolButton()
        for button, icon, tip, signal in (
            (self.retake, "replay", tr("Do it once more, in place of this one"), self.again),
            (self.delete, "close", tr("Delete this take"), self.dropped),
        ):
            button.setProperty("flat", True)
            button.setIcon(icons.icon(icon, colors.muted))
            button.setToolTip(tip)
            button.setAccessibleName(tr("Take {number}: {tip}", number=number, tip=tip))
            button.clicked.connect(lambda _=False, emit=signal.emit: emit(self.take))
        below = QHBoxLayout()
        below.addWidget(words, 1)
        below.addWidget(self.retake)
        below.addWidget(self.delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 4)
        layout.setSpacing(2)
        layout.addWidget(picture)
        layout.addLayout(below)
        self.setToolTip(take.source)
        self.setAccessibleName(tr("Take {number}, {source}", number=number, source=take.source))


class TakeStrip(QScrollArea):
    """The takes of a class, side by side.

    Signals
    -------
    dropped(take), again(take)
    """

    dropped = Signal(object)
    again = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(PICTURE.height() + 62)
        self.setAccessibleName(tr("Takes"))
        self.cards: list[TakeCard] = []

    def show_takes(self, takes: Sequence[Take], rate: float, empty: str) -> None:
        """Show these; ``empty`` is said where there is none."""
        within = QWidget()
        layout = QHBoxLayout(within)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        self.cards = [TakeCard(take, number, rate) for number, take in enumerate(takes, 1)]
        for card in self.cards:
            card.dropped.connect(self.dropped)
            card.again.connect(self.again)
            layout.addWidget(card, 0, Qt.AlignmentFlag.AlignTop)
        if not takes:
            label = QLabel(empty, wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
            label.setProperty("muted", True)
            layout.addWidget(label, 1)
        else:
            layout.addStretch(1)
        self.setWidget(within)


def thumbnail(take: Take, ratio: float) -> QPixmap:
    """What a take looks like: the person in the middle of it and the ways of the hands, or the sound."""
    pixmap = QPixmap(PICTURE * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(_INK))
    with painting(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if take.data.ndim == _POSE:
            _draw_person(painter, take.data)
        else:
            _draw_sound(painter, take.data)
    return pixmap


def _draw_person(painter: QPainter, poses: np.ndarray) -> None:
    """The middle pose (13, 6) of some, and where the wrists went."""
    there = poses[poses.any((1, 2))]
    seen = there[there[..., 2] > 0.5][:, :2]  # (N, 2)
    low, high = (seen.min(0), seen.max(0)) if len(seen) else (np.zeros(2), np.ones(2))
    room = np.array([PICTURE.width(), PICTURE.height()]) - 16.0
    scale = float((room / np.maximum(high - low, 0.05)).min())
    middle = (low + high) / 2

    def at(joint: np.ndarray) -> QPointF:
        x, y = (joint[:2] - middle) * scale + room / 2 + 8
        return QPointF(float(x), float(y))

    for joint, hue in zip(_TRACED, _HUES, strict=True):
        color = QColor(hue)
        color.setAlpha(130)
        painter.setPen(QPen(color, 1.5))
        way = there[there[:, joint, 2] > 0.5][:, joint]
        painter.drawPolyline([at(place) for place in way])
    pose = there[len(there) // 2]
    painter.setPen(QPen(QColor("#ffffff"), 2.4, c=Qt.PenCapStyle.RoundCap))
    for a, b in _BONES:
        if min(pose[a, 2], pose[b, 2]) > 0.5:
            painter.drawLine(at(pose[a]), at(pose[b]))
    painter.setBrush(QColor("#ffffff"))
    painter.drawEllipse(at(pose[0]), 4.0, 4.0)


def _draw_sound(painter: QPainter, tokens: np.ndarray) -> None:
    """Tokens (T, F) as columns, the strongest numbers of each a bright cell."""
    rows = 24
    parts = np.array_split(tokens[:, tokens.std(0).argsort()[-6 * rows :]], rows, axis=1)
    cells = np.stack([part.mean(1) for part in parts])  # (rows, T)
    cells = (cells - cells.min()) / max(float(np.ptp(cells)), 1e-6)
    width, height = PICTURE.width() / cells.shape[1], PICTURE.height() / rows
    colors = theme.sound_colors(theme.DARK)
    for (row, column), value in np.ndenumerate(cells):
        color = QColor.fromRgb(int(colors[int(255 * value)]))
        painter.fillRect(QRectF(column * width, row * height, width + 1, height + 1), color)
