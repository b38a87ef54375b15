"""The sound: a level meter, the waveform, and the mel spectrogram that scrolls to the left."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme
from app.ui.words import tr

SECONDS = 12.0
COLUMNS = round(SECONDS * 62.5)
BANDS = 96
LOUDEST = 4.5  # log-mel value of the last colour; music reaches it, quiet speech stays under it
FLOOR = -60.0  # dB, the bottom of the meter
FALL = 1.4  # dB that the peak mark sinks each update
_METER = 46  # pixels: bar and scale
_WAVE = 48  # rows of the canvas
_SEAM = 2
_ZONES = ((FLOOR, "good"), (-9.0, "warning"), (-1.0, "error"))  # dB from which a colour holds


class SoundView(QWidget):
    """Draws from two arrays of fixed size that scroll in place.

    A paint scales one canvas, a colour for every cell, to the widget: far cheaper than a polygon with a point
    for every column.  The canvas scrolls, too, and only its new columns are drawn.

    Attributes
    ----------
    drawn : int
        Columns drawn so far: the work done.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mel = np.zeros((BANDS, COLUMNS), np.uint8)
        self._wave = np.zeros((2, COLUMNS), np.float32)  # least, greatest
        self._canvas = np.zeros((_WAVE + _SEAM + BANDS, COLUMNS), np.uint32)
        self._stale = True
        self.drawn = 0
        self._level = float("-inf")
        self._peak = FLOOR
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Sound level, waveform and spectrogram"))
        self.setToolTip(
            tr(
                "Sound of the last {seconds} seconds: level in dB, waveform, and mel spectrogram (96 bands)",
                seconds=f"{SECONDS:.0f}",
            )
        )
        self.set_theme(theme.current())

    def sizeHint(self) -> QSize:
        return QSize(600, 124)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = new
        self._table = theme.sound_colors(new)
        self._stale = True
        self.update()

    def add(self, mel: np.ndarray, envelope: np.ndarray) -> None:
        """Scroll in new columns.

        Parameters
        ----------
        mel : ndarray of shape (m, 96)
            Log-mel, 0 and up.
        envelope : ndarray of shape (m, 2)
            Least and greatest sample of each column, full scale ±1.
        """
        m = min(len(mel), COLUMNS)
        if m == 0:
            return
        fresh = np.clip(mel[-m:] * (255 / LOUDEST), 0, 255).astype(np.uint8)  # (m, bands)
        self._mel[:, :-m] = self._mel[:, m:]
        self._mel[:, -m:] = fresh.T[::-1]  # low bands at the bottom
        self._wave[:, :-m] = self._wave[:, m:]
        self._wave[:, -m:] = envelope[-m:].T
        if not self._stale:
            self._canvas[:, :-m] = self._canvas[:, m:]
            self._draw(m)
        self.update(QRect(_METER, 0, self.width() - _METER, self.height()))

    def clear(self) -> None:
        """Forget the sound of another source."""
        self._mel[:] = 0
        self._wave[:] = 0
        self._stale = True
        self.update()

    def set_level(self, level: float) -> None:
        """Show the newest level in dB of full scale, −inf for none; the peak mark falls slowly."""
        level = max(FLOOR, min(0.0, level))
        peak = max(level, self._peak - FALL)
        if level != self._level or peak != self._peak:
            self._level, self._peak = level, peak
            self.update(QRect(0, 0, _METER, self.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if event.rect().left() < _METER:
                self._paint_meter(painter)
            if event.rect().right() < _METER:
                return
            if self._stale:
                self._draw(COLUMNS)
            rows = self._canvas
            image = QImage(rows.data, COLUMNS, len(rows), rows.strides[0], QImage.Format.Format_RGB32)
            painter.drawImage(QRect(_METER, 0, self.width() - _METER, self.height()), image)

    def _draw(self, columns: int) -> None:
        """Draw the newest columns of the canvas."""
        self.drawn += columns
        colors, canvas = self._theme, self._canvas[:, -columns:]
        middle = (_WAVE - 1) / 2
        low, high = middle - np.clip(self._wave[:, -columns:], -1, 1) * middle  # rows from the top
        row = np.arange(_WAVE)[:, None]
        inside = (row >= np.floor(high)) & (row <= np.ceil(low))  # (_WAVE, columns)
        canvas[:_WAVE] = np.where(inside, colors.color("accent").rgb(), colors.color("track").rgb())
        canvas[_WAVE : _WAVE + _SEAM] = colors.color("window").rgb()
        canvas[_WAVE + _SEAM :] = self._table[self._mel[:, -columns:]]
        self._stale = False

    def _paint_meter(self, painter: QPainter) -> None:
        colors = self._theme
        painter.fillRect(QRect(0, 0, _METER, self.height()), colors.color("window"))
        height = float(self.height())
        painter.fillRect(QRectF(0, 0, 12, height), colors.color("track"))
        for start, color in _ZONES:
            if self._level > start:
                end = min([zone for zone, _ in _ZONES if zone > start] + [0.0])
                top = height * min(self._level, end) / FLOOR if self._level < end else height * end / FLOOR
                painter.fillRect(QRectF(0, top, 12, height * start / FLOOR - top), colors.color(color))
        if self._peak > FLOOR:
            painter.fillRect(QRectF(0, height * self._peak / FLOOR, 12, 2), colors.color("text"))
        painter.setFont(theme.font(-2))
        painter.setPen(colors.color("muted"))
        for mark in (0, -20, -40, -60):
            y = height * mark / FLOOR
            box = QRectF(16, min(max(y - 7, 0), height - 14), _METER - 20, 14)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), str(mark).replace("-", "−"))
