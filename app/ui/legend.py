"""What the colours mean, and how much of its window a model has seen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pipeline.state import TaskInfo
from app.ui import theme
from app.ui.painting import painting
from app.ui.theme import Theme
from app.ui.words import tr


class Legend(QWidget):
    """Every class with its colour, in as many rows as the width asks for; unavailable ones are struck out."""

    def __init__(self, labels: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = labels
        self._unavailable: tuple[str, ...] = ()
        self._theme = theme.current()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Legend") + ": " + ", ".join(labels))

    def set_unavailable(self, names: tuple[str, ...]) -> None:
        """Strike out the classes that cannot be told now."""
        if names != self._unavailable:
            self._unavailable = names
            reason = (
                tr("Out of the picture is what these are done with: {names}", names=", ".join(names))
                if names
                else ""
            )
            self.setToolTip(reason)
            self.setAccessibleDescription(reason)
            self.update()

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, int(self._places(self.width())[-1].bottom()) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many rows as this width asks for."""
        if self.sizeHint().height() != self.height():
            self.updateGeometry()

    def _places(self, width: int) -> list[QRectF]:
        metrics = QFontMetrics(theme.font(-1))
        places, x, y, height = [], 0.0, 0.0, metrics.height() + 1.0
        for label in self._labels:
            need = metrics.horizontalAdvance(label) + 28.0
            if x > 0 and x + need - 12 > width:
                x, y = 0.0, y + height
            places.append(QRectF(x, y, need, height))
            x += need
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect().adjusted(-1, -1, 1, 1), self._theme.color("card"))
            plain, struck = theme.font(-1), theme.font(-1)
            struck.setStrikeOut(True)
            for index, place in enumerate(self._places(self.width())):
                barred = self._labels[index] in self._unavailable
                swatch = self._theme.color("track") if barred else self._theme.class_color(index)
                painter.fillRect(QRectF(place.x(), place.center().y() - 2, 11, 4), swatch)
                painter.setFont(struck if barred else plain)
                painter.setPen(self._theme.color("muted"))
                painter.drawText(
                    place.adjusted(16, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), self._labels[index]
                )


class Fill(QWidget):
    """How much of the window has been seen: "4.3 s window", and a gauge until it is full."""

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self._filled = 0
        self._theme = theme.current()
        seconds = info.window / info.rate
        self._text = tr("window {seconds} s", seconds=f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedSize(self.sizeHint())
        self.setToolTip(
            tr(
                "The Transformer looks back over {tokens} tokens, {rate} a second: {seconds} s",
                tokens=info.window,
                rate=f"{info.rate:g}",
                seconds=f"{seconds:.1f}",
            )
        )

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(-1))
        return QSize(metrics.horizontalAdvance(self._text) + 4, metrics.height() + 8)

    def set_theme(self, new: Theme) -> None:
        self._theme = new
        self.update()

    def set_filled(self, filled: int) -> None:
        if filled != self._filled:
            self._filled = filled
            self.setAccessibleName(f"{self._text}, {filled} of {self._info.window} tokens")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect().adjusted(-1, -1, 1, 1), self._theme.color("card"))
            painter.setFont(theme.font(-1))
            painter.setPen(self._theme.color("muted"))
            painter.drawText(self.rect().adjusted(0, 0, 0, -6), int(Qt.AlignmentFlag.AlignCenter), self._text)
            track = QRectF(0, self.height() - 5, self.width(), 3)
            painter.fillRect(track, self._theme.color("track"))
            share = min(1.0, self._filled / self._info.window)
            color = self._theme.color("muted" if share == 1 else "accent")
            painter.fillRect(QRectF(track.x(), track.y(), track.width() * share, track.height()), color)
