"""Tiles in rows and columns, so that their pictures are as large as they can be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.ui.theme import SPACE

SHAPE = 16 / 9  # of a picture, for which the tiles are laid out
AROUND = 90  # pixels of a tile's height that are not picture
LITTLE = 0.9  # of the largest pictures' width that may do


class TileGrid(QWidget):
    """Lays out the tiles it is given, anew when its size changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: list[QWidget] = []
        self._columns = 0
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_tiles(self, tiles: Sequence[QWidget]) -> None:
        """Show these, in their order, and no others."""
        for tile in self._tiles:
            self._layout.removeWidget(tile)
            tile.setVisible(tile in tiles)
        self._tiles = list(tiles)
        self._arrange(columns_for(len(tiles), self.width(), self.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as this size asks for."""
        columns = columns_for(len(self._tiles), self.width(), self.height())
        if columns != self._columns:
            self._arrange(columns)

    def _arrange(self, columns: int) -> None:
        self._columns = columns
        for at, tile in enumerate(self._tiles):
            self._layout.removeWidget(tile)
            self._layout.addWidget(tile, at // columns, at % columns)
            tile.show()
        for at in range(self._layout.columnCount()):
            self._layout.setColumnStretch(at, int(at < columns))
        for at in range(self._layout.rowCount()):
            self._layout.setRowStretch(at, int(at * columns < len(self._tiles)))


def columns_for(count: int, width: int, height: int) -> int:
    """In how many columns to lay out so many tiles, in a box of this size.

    Their pictures are the largest that there can be, or little smaller where fewer places stay empty.
    """

    def scale(columns: int) -> float:
        rows = max(1, -(-count // columns))
        return min(width / columns, (height / rows - AROUND) * SHAPE)

    choices = range(1, max(1, count) + 1)
    enough = LITTLE * max(scale(columns) for columns in choices)
    good = [columns for columns in choices if scale(columns) >= enough] or [1]
    return min(good, key=lambda columns: (-count % columns, columns))
