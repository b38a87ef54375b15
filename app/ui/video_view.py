"""The picture, letterboxed, with the skeletons over it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.capture.media import Frame
from app.capture.opencv import cv2
from app.pipeline.state import Person
from app.ui import theme
from app.ui.painting import painting
from app.ui.words import tr

# BlazePose's 33 landmarks; the face is left to the picture.  Left (odd) and right (even) limbs get two hues.
_TORSO = ((11, 12), (11, 23), (12, 24), (23, 24))
_LEFT = ((11, 13), (13, 15), (15, 19), (23, 25), (25, 27), (27, 31))
_RIGHT = ((12, 14), (14, 16), (16, 20), (24, 26), (26, 28), (28, 32))
_JOINTS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
_VISIBLE = 0.5
_SEAM = "#262a30"
_SKIN = {"torso": "#ffffff", "left": "#ffb000", "right": "#56b4e9"}  # on any picture, in both themes


class VideoView(QWidget):
    """Paints the newest frame, from a copy of the size at which it is shown.

    OpenCV makes that copy in half a millisecond, whatever the picture's size; scaled while it is painted, the
    picture would cost several.

    Parameters
    ----------
    shown : callable
        Called once for each frame that was painted for the first time.
    """

    def __init__(self, shown: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = shown
        self._frame: Frame | None = None
        self._image = QImage()
        self._scaled = QImage()  # of the newest frame, or null
        self._people: tuple[Person, ...] = ()
        self._new = False
        self._empty = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 135)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Picture"))

    def sizeHint(self) -> QSize:
        return QSize(848, 480)

    def show_state(self, frame: Frame | None, people: tuple[Person, ...], empty: str) -> None:
        """Take the newest frame and poses; paints only when something changed.

        Parameters
        ----------
        empty : str
            What to say in place of a picture.
        """
        if frame is self._frame and people is self._people and empty == self._empty:
            return
        if frame is not self._frame:
            self._image = QImage() if frame is None else theme.image_of(frame.image)
            self._scaled = QImage()
            self._new = frame is not None
        self._frame, self._people, self._empty = frame, people, empty
        self.update()

    def picture_rect(self) -> QRectF:
        """Where the picture lies within the widget, in logical pixels."""
        if self._image.isNull():
            return QRectF(self.rect())
        size = QSize(self._image.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRectF(
            (self.width() - size.width()) // 2,
            (self.height() - size.height()) // 2,
            max(1, size.width()),  # of a picture that is a thousand times as wide as high, too
            max(1, size.height()),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor("#0b0d10"))
            if self._image.isNull():
                painter.setFont(theme.font(1))
                painter.setPen(QColor("#a3acb8"))
                margins = self.rect().adjusted(24, 24, -24, -24)
                painter.drawText(
                    margins, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._empty
                )
                return
            target = self.picture_rect()
            self._scale((target.size() * self.devicePixelRatioF()).toSize().expandedTo(QSize(1, 1)))
            painter.drawImage(target, self._scaled)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(target)
            for person in sorted(self._people, key=lambda person: person.followed):  # the followed one on top
                self._draw(painter, person, target)
            if self._new:
                self._new = False
                self._shown()

    def _scale(self, size: QSize) -> None:
        if self._frame is None or self._scaled.size() == size:
            return
        small = cv2.resize(self._frame.image, size.toTuple(), interpolation=cv2.INTER_LINEAR)
        pixels: np.ndarray = cv2.cvtColor(small, cv2.COLOR_BGR2BGRA)  # as the screen has them
        self._scaled = QImage(
            pixels.data, size.width(), size.height(), pixels.strides[0], QImage.Format.Format_RGB32
        )

    def _draw(self, painter: QPainter, person: Person, target: QRectF) -> None:
        scale = max(1.0, target.height() / 320)
        points = [
            QPointF(target.x() + x * target.width(), target.y() + y * target.height())
            for x, y in person.landmarks.tolist()
        ]
        seen = (person.visibility >= _VISIBLE).tolist()
        painter.setOpacity(1.0 if person.followed else 0.3)
        limbs = {
            side: [QLineF(points[a], points[b]) for a, b in bones if seen[a] and seen[b]]
            for side, bones in (("torso", _TORSO), ("left", _LEFT), ("right", _RIGHT))
        }
        # One line at a time, and none that is half transparent: Qt strokes several together, or one
        # that shows what is under it, as one outline, in up to ten times the time.
        if person.followed:  # a dark seam keeps the lines readable on a bright picture
            painter.setPen(QPen(QColor(_SEAM), 4.2 * scale, c=Qt.PenCapStyle.RoundCap))
            for line in (line for lines in limbs.values() for line in lines):
                painter.drawLine(line)
        for side, lines in limbs.items():
            painter.setPen(QPen(QColor(_SKIN[side]), 2.2 * scale, c=Qt.PenCapStyle.RoundCap))
            for line in lines:
                painter.drawLine(line)
        painter.setPen(QPen(QColor("#ffffff"), 4.4 * scale, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints([points[joint] for joint in _JOINTS if seen[joint]])
        if person.followed and len(self._people) > 1:
            self._mark(painter, points, seen)
        painter.setOpacity(1.0)

    def _mark(self, painter: QPainter, points: list[QPointF], seen: list[bool]) -> None:
        """Say who is followed when there is a choice."""
        head = [point for point, visible in zip(points[:11], seen[:11], strict=True) if visible]
        if not head:
            return
        x = sum(point.x() for point in head) / len(head)
        y = min(point.y() for point in head) - 26
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setFont(theme.font(-1, bold=True))
        width = painter.fontMetrics().horizontalAdvance(tr("followed")) + 14
        box = QRectF(x - width / 2, max(4.0, y - 20), width, 20)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(box, 10, 10)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), tr("followed"))
