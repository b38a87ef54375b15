"""A task's whole recording as a heat-map: time from left to right, a row for each class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.pipeline.history import GAP, RESET, SEEN, SILENT, History
from app.pipeline.state import Prediction, Snapshot, TaskInfo
from app.ui import theme
from app.ui.painting import painting
from app.ui.position import clock
from app.ui.theme import Theme

_AXIS = 18  # pixels under the rows
# Seconds between labels.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 36000, 86400)
_MEAN = 0.5  # seconds a column from which the pointer says that it tells a mean
_RANGES = (60, 120, 300, 600, 1200, 1800, 3600)  # seconds that a live timeline spans, then doubled


class Heatmap(QWidget):
    """One task's timeline.

    A picture with one column a pixel and one row a class is kept; a prediction changes the columns of its
    tick, and only these are read, drawn and painted.

    Parameters
    ----------
    info : TaskInfo
    history : History
        Where the probabilities are read.

    Signals
    -------
    seek_asked(seconds)
        A moment of a file was clicked or dragged to.

    Attributes
    ----------
    drawn : int
        Columns drawn so far: the work done.
    """

    seek_asked = Signal(float)

    def __init__(self, info: TaskInfo, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self._history = history
        self._generation = -1
        self._seconds = 0.0  # that the picture spans
        self._position = 0.0
        self._is_file = False
        self._pixels = np.zeros((len(info.labels), 0), np.uint32)  # (classes, columns)
        self._flags = np.zeros(0, np.uint8)  # (columns,)
        self._theme = theme.current()
        self._cursor = -1  # the column it was painted at
        metrics = QFontMetrics(theme.font(-2))
        self._names = max(metrics.horizontalAdvance(label) for label in info.labels) + 8  # pixels
        self.drawn = 0
        self._stale = True
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(300, 100)
        self.setAccessibleName(
            f"Timeline of {info.task}: probability of every class over the whole recording"
        )

    # ---- what the owner does ----------------------------------------------------------------------------

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        track = np.array(_rgb(new.color("track")))
        colors = np.array([_rgb(new.class_color(i)) for i in range(len(self.info.labels))])
        share = np.linspace(0, 1, 256)[None, :, None]
        blend = np.rint(track + share * (colors[:, None] - track)).astype(np.uint32)  # (classes, 256, 3)
        self._table = np.uint32(0xFF000000) | blend[..., 0] << 16 | blend[..., 1] << 8 | blend[..., 2]
        self._silent = new.color("window").rgb()
        self._empty = new.color("card").rgb()
        self._redraw()

    def show_state(self, fresh: Sequence[Prediction], snapshot: Snapshot) -> None:
        """Draw new predictions, and the current moment; thirty times a second."""
        self._is_file = snapshot.is_file
        self._position = snapshot.position
        if not self.isVisible():
            self._stale = True
            return
        seconds = _range(snapshot)
        if self._stale or seconds != self._seconds or self._history.generation != self._generation:
            self._seconds = seconds
            self._redraw()
        elif fresh:
            tick = 1 / self.info.rate
            spans = [(self._column(one.time), self._column(one.time + tick)) for one in fresh]
            for first, last in _joined(sorted(spans)):
                self._draw(first, last + 1)
        self._move_cursor()

    def describe(self, at: QPoint) -> str:
        """Time, class and probability under a point, or what stands there instead; "" outside the rows."""
        area, width = self._area(), len(self._flags)
        if not area.contains(at) or not width:
            return ""
        column = at.x() - area.x()
        row = int((at.y() - area.y()) * len(self.info.labels) / area.height())
        means, flags = self._history.read(self._edges(column, column + 1))
        seconds = column * self._seconds / width
        stretch = self._seconds / width
        when = clock(seconds) if stretch >= 1 else f"{clock(seconds)}.{int(10 * (seconds % 1))}"
        if flags[0] & SEEN and math.isfinite(means[0, row]):
            text = f"{when} · {self.info.labels[row]} {100 * means[0, row]:.0f} %"
            if stretch >= _MEAN:
                text += f" (mean of {stretch:.1f} s)"
        elif flags[0] & SILENT:
            text = f"{when} · nothing to name"
        else:
            text = f"{when} · not predicted"
        marks = [words for flag, words in ((GAP, "after a gap"), (RESET, "started anew")) if flags[0] & flag]
        return "\n".join([text, *marks])

    # ---- drawing ----------------------------------------------------------------------------------------

    def _area(self) -> QRect:
        return self.rect().adjusted(self._names, 0, 0, -_AXIS)

    def _column(self, seconds: float) -> int:
        width = len(self._flags)
        return max(0, min(width - 1, int(seconds * width / self._seconds + 1e-6)))

    def _edges(self, first: int, last: int) -> np.ndarray:
        """The ticks at which the columns ``first`` to ``last`` begin."""
        columns = np.arange(first, last + 1)
        ticks = columns * (self._seconds * self.info.rate / max(1, len(self._flags)))
        return np.floor(ticks + 1e-6).astype(np.int64)

    def _redraw(self) -> None:
        area = self._area()
        if not self.isVisible() or area.isEmpty() or not self._seconds:
            self._stale = True
            return
        self._stale = False
        self._generation = self._history.generation
        self._pixels = np.zeros((len(self.info.labels), area.width()), np.uint32)
        self._flags = np.zeros(area.width(), np.uint8)
        self._draw(0, area.width())
        self.update()

    def _draw(self, first: int, last: int) -> None:
        """Draw the columns from ``first`` up to ``last``."""
        means, flags = self._history.read(self._edges(first, last))
        self.drawn += last - first
        block = np.full((len(self.info.labels), last - first), self._empty, np.uint32)
        block[:, flags & SILENT > 0] = self._silent
        named = np.flatnonzero(flags & SEEN)
        if len(named):
            levels = np.rint(255 * means[named]).astype(int).T  # (classes, named)
            block[:, named] = np.take_along_axis(self._table, levels, 1)
        self._pixels[:, first:last] = block
        self._flags[first:last] = flags
        area = self._area()
        self.update(QRect(area.x() + first - 4, area.y(), last - first + 8, area.height()))

    def _move_cursor(self) -> None:
        column = self._column(self._position) if len(self._flags) else -1
        if column != self._cursor:
            area = self._area()
            for place in (column, self._cursor):
                self.update(QRect(area.x() + place - 1, area.y(), 3, area.height()))
            self._cursor = column

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            colors, area = self._theme, self._area()
            if not area.contains(event.rect()):
                painter.fillRect(event.rect(), colors.color("card"))
                self._paint_labels(painter, area)
            if not len(self._flags):
                painter.fillRect(area, colors.color("track"))
                return
            rows, width = self._pixels.shape
            image = QImage(
                self._pixels.data, width, rows, self._pixels.strides[0], QImage.Format.Format_RGB32
            )
            painter.drawImage(area, image)
            painter.setPen(colors.color("card"))
            for row in range(1, rows):
                y = area.y() + round(row * area.height() / rows)
                painter.drawLine(event.rect().left(), y, event.rect().right(), y)
            self._paint_marks(painter, area, event.rect())
            painter.fillRect(QRect(area.x() + self._cursor, area.y(), 1, area.height()), colors.color("text"))

    def _paint_labels(self, painter: QPainter, area: QRect) -> None:
        painter.setFont(theme.font(-2))
        metrics = painter.fontMetrics()
        rows = len(self.info.labels)
        for row, label in enumerate(self.info.labels):
            y = area.y() + row * area.height() / rows
            painter.setPen(self._theme.color("muted"))
            box = QRectF(0, y - 4, area.x() - 6, area.height() / rows + 8)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), label)
        if not self._seconds:
            return
        room = metrics.horizontalAdvance("0:00:00") + 24
        fitting = [s for s in _STEPS if s * area.width() >= room * self._seconds]
        step = fitting[0] if fitting else _STEPS[-1]
        for k in range(int(self._seconds / step) + 1):
            x = area.x() + k * step * area.width() / self._seconds
            painter.setPen(self._theme.color("grid"))
            painter.drawLine(round(x), area.bottom() + 1, round(x), area.bottom() + 4)
            painter.setPen(self._theme.color("muted"))
            text = clock(k * step)
            width = metrics.horizontalAdvance(text) + 2
            left = min(max(x - width / 2, area.x()), self.width() - width)
            box = QRectF(left, area.bottom() + 4, width, _AXIS - 4)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_marks(self, painter: QPainter, area: QRect, dirty: QRect) -> None:
        """Where the task started anew: dashed by itself or as asked, solid after a gap."""
        first = max(0, dirty.left() - area.x() - 3)
        near = self._flags[first : max(0, dirty.right() - area.x() + 3)]
        for flag, color, style in (
            (RESET, "accent", Qt.PenStyle.DashLine),
            (GAP, "warning", Qt.PenStyle.SolidLine),
        ):
            painter.setPen(QPen(self._theme.color(color), 2, style))
            for column in np.flatnonzero(near & flag).tolist():
                x = area.x() + first + column
                painter.drawLine(x, area.top(), x, area.bottom())

    # ---- what the user does -----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw everything again, to this size."""
        self._redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """What came while it was hidden is drawn at the next `show_state`."""
        self._stale = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer; dragged, seek."""
        at = event.position().toPoint()
        seekable = self._is_file and self._area().contains(at)
        self.setCursor(Qt.CursorShape.PointingHandCursor if seekable else Qt.CursorShape.ArrowCursor)
        text = self.describe(at)
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), text, self)
        else:
            QToolTip.hideText()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek a file to the moment that is clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek(event.position().toPoint())

    def _seek(self, at: QPoint) -> None:
        area = self._area()
        if self._is_file and area.contains(at) and len(self._flags):
            self.seek_asked.emit((at.x() - area.x()) * self._seconds / len(self._flags))


def _rgb(color: QColor) -> list[float]:
    return [float(color.red()), float(color.green()), float(color.blue())]


def _range(snapshot: Snapshot) -> float:
    """Seconds that a timeline spans: the whole file, or, live, a round time that has room for what comes."""
    if snapshot.is_file and snapshot.duration > 0:
        return snapshot.duration
    for seconds in _RANGES:
        if snapshot.position < seconds:
            return float(seconds)
    return _RANGES[-1] * 2.0 ** math.ceil(math.log2((snapshot.position + 1) / _RANGES[-1]))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Rising spans of columns, first and last, with those that touch made one."""
    joined: list[tuple[int, int]] = []
    for first, last in spans:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
