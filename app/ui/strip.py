"""Curves that scroll to the left: a picture is kept, and only its newest columns are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 18, 7, 22  # around the curves: axis labels
_AGAIN = 4  # pixels drawn again beside the new ones, so that the joints of a curve are smooth

_FLAT = 0.01  # a curve that stays below lies on the axis: it is not drawn


class Strip(QWidget):
    """Curves over the seconds before now, on a fixed scale of 0 to 1.

    What was drawn is moved, and only the newest columns are drawn: the work of an update does not grow with
    the time shown.  A rolling array holds all points, for another size or theme.

    Parameters
    ----------
    curves : int
    seconds : float
        How far back the strip reaches.
    rate : float
        Points a second.
    marks : sequence of (float, str)
        Heights of 0 to 1 and what the axis says there.

    Attributes
    ----------
    drawn : int
        Points drawn so far, over all updates: the work done.
    """

    def __init__(
        self,
        curves: int,
        seconds: float,
        rate: float,
        marks: Sequence[tuple[float, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        size = round(seconds * rate) + 2
        self._seconds = seconds
        self._marks = tuple(marks)
        self._clock = np.full(size, -np.inf)  # running seconds of each row; never steps back
        self._rows = np.full((size, curves), np.nan)  # (rows, curves), newest last
        self._picture = QPixmap()
        self._edge = 0  # where the picture ends, in pixels of the running clock
        self._theme = theme.current()
        self.drawn = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 80)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ---- what a subclass knows --------------------------------------------------------------------------

    def order(self) -> Sequence[tuple[int, QColor, float]]:
        """The curves from below to above: index, colour, width of the line."""
        return [(i, self._theme.class_color(i), 1.0) for i in range(self._rows.shape[1])]

    def paint_over(self, painter: QPainter, plot: QRect) -> None:
        """Draw what stands still, over the curves."""

    # ---- what the owner does ----------------------------------------------------------------------------

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self._draw_all()

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Seconds before now (m,) and rows (m, curves) of what is shown, oldest first."""
        if not np.isfinite(self._clock[-1]):
            return self._clock[:0], self._rows[:0]
        x = self._clock - self._clock[-1]
        first = int(np.searchsorted(x, -self._seconds))
        return x[first:], self._rows[first:]

    def push(self, step: float, row: np.ndarray | None) -> None:
        """Add a point ``step`` seconds after the last one; None breaks the curves.  `show_new` draws it."""
        now = self._clock[-1] + step if np.isfinite(self._clock[-1]) else 0.0
        self._clock[:-1] = self._clock[1:]
        self._rows[:-1] = self._rows[1:]
        self._clock[-1] = now
        self._rows[-1] = np.nan if row is None else row

    def clear(self) -> None:
        """Forget all points: another recording."""
        self._clock.fill(-np.inf)
        self._rows.fill(np.nan)
        self._draw_all()

    def show_new(self) -> None:
        """Draw the points that were pushed since the last time."""
        plot, scale = self._plot(), self.devicePixelRatioF()
        if self._picture.isNull():
            return
        edge = int(np.ceil(self._clock[-1] * self._pixels_a_second()))
        shift, self._edge = edge - self._edge, edge
        width = self._picture.width()
        if not 0 <= shift < width:
            self._draw_all()
            return
        self._picture.scroll(-shift, 0, self._picture.rect())
        self._draw(max(0, width - shift - round(_AGAIN * scale)))
        self.update(plot)

    # ---- drawing ----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw everything again, to this size."""
        self._draw_all()

    def _plot(self) -> QRect:
        return self.rect().adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _pixels_a_second(self) -> float:
        return self._picture.width() / self._seconds

    def _draw_all(self) -> None:
        plot, scale = self._plot(), self.devicePixelRatioF()
        if plot.isEmpty():
            return
        self._picture = QPixmap(round(plot.width() * scale), round(plot.height() * scale))
        if np.isfinite(self._clock[-1]):
            self._edge = int(np.ceil(self._clock[-1] * self._pixels_a_second()))
        self._draw(0)
        self.update()

    def _draw(self, left: int) -> None:
        """Draw the picture from column ``left`` on."""
        width, height = self._picture.width(), self._picture.height()
        with painting(self._picture) as painter:
            painter.setClipRect(left, 0, width - left, height)
            painter.fillRect(left, 0, width - left, height, self._theme.color("card"))
            if not np.isfinite(self._clock[-1]):
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            scale = self.devicePixelRatioF()
            x = self._clock * self._pixels_a_second() - self._edge + width
            first = max(0, int(np.searchsorted(x, left - 2 * scale)) - 1)
            x, rows = x[first:], self._rows[first:]
            y = (1.0 - rows) * (height - 2 * scale) + scale  # a line at 0 or 1 is not cut
            self.drawn += len(x)
            pieces = _unbroken(rows[:, 0])
            tallest = np.fmax.reduce(rows, 0)
            for index, color, line in self.order():
                if not tallest[index] > _FLAT:
                    continue
                painter.setPen(QPen(color, line * scale, j=Qt.PenJoinStyle.RoundJoin))
                for first, last in pieces:
                    points = zip(x[first:last].tolist(), y[first:last, index].tolist(), strict=True)
                    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in points]))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            plot, colors = self._plot(), self._theme
            if not plot.contains(event.rect()):
                painter.fillRect(event.rect(), colors.color("card"))
                self._paint_axes(painter, plot)
            if not self._picture.isNull():
                painter.drawPixmap(plot, self._picture)
            self.paint_over(painter, plot)

    def _paint_axes(self, painter: QPainter, plot: QRect) -> None:
        painter.setPen(self._theme.color("grid"))
        painter.drawLine(plot.left() - 1, plot.top(), plot.left() - 1, plot.bottom() + 1)
        painter.drawLine(plot.left() - 1, plot.bottom() + 1, plot.right(), plot.bottom() + 1)
        painter.setPen(self._theme.color("muted"))
        painter.setFont(theme.font(-2))
        for share, text in self._marks:
            y = plot.bottom() - share * plot.height()
            middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT - 5, 16), int(middle), text)
        for third in range(4):
            x = plot.left() + plot.width() * third / 3
            seconds = self._seconds * (1 - third / 3)
            text = f"−{seconds:.0f} s" if third < 3 else "now"
            painter.drawText(
                QRectF(x - 30, plot.bottom() + 4, 60, 16), int(Qt.AlignmentFlag.AlignHCenter), text
            )


def _unbroken(curve: np.ndarray) -> list[list[int]]:
    """The stretches between a curve's gaps (nan), which are those of all: from, and up to."""
    known = np.isfinite(curve)
    return np.flatnonzero(np.diff(known, prepend=False, append=False)).reshape(-1, 2).tolist()


def dashed(painter: QPainter, plot: QRect, share: float, color: QColor) -> None:
    """A dashed line across the plot at a height of 0 to 1."""
    y = plot.bottom() - share * plot.height()
    painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
