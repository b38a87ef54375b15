"""The window of many streams: a tile each, and below them what all cost together."""

from __future__ import annotations

import gc
import time
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.pipeline.fleet import Fleet
from app.pipeline.fleet_state import FleetShot
from app.settings import Settings
from app.ui import files, theme
from app.ui.banner import BannerStack
from app.ui.fleet_cost import FleetCost
from app.ui.keyboard import focus_by_tab, press_focused
from app.ui.placing import place
from app.ui.refresh import COLLECT_ALL
from app.ui.stream_adder import StreamAdder
from app.ui.stream_tile import StreamTile
from app.ui.theme import SPACE
from app.ui.tile_grid import TileGrid
from app.ui.words import later, tr

WORDS_EVERY = 0.2  # seconds between two writings of words and numbers
SHORTCUTS = (
    ("Ctrl+O", later("add a file")),
    ("Ctrl+N", later("add a camera")),
    ("Space", later("hold the files, or go on")),
    ("L", later("files begin again at their end")),
    ("M", later("switch regular / continual")),
    ("1 … 9", later("new person in that stream")),
    ("Ctrl+1 … Ctrl+9", later("end that stream")),
    ("Esc", later("all streams again")),
    ("F11", later("full screen, and back")),
    ("F1", later("this list")),
    ("Ctrl+Q", later("quit")),
)


class GridWindow(QMainWindow):
    """Shows a fleet.

    Parameters
    ----------
    fleet : Fleet
        Already made; the window closes it.
    settings : Settings, optional
        Last time's choices.
    """

    def __init__(self, fleet: Fleet, settings: Settings | None = None) -> None:
        super().__init__()
        self.fleet = fleet
        self.settings = settings or Settings()
        self.tiles: dict[int, StreamTile] = {}
        self._serials: dict[int, int] = {}  # of each stream's predictions, as far as they are shown
        self._alone: int | None = None  # the stream that is shown alone
        self._closed = self._held = False
        self._wrote = self._collected = -COLLECT_ALL  # when words were written, and all was collected last
        self.setWindowTitle("Continual Live")
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 400)
        self.banners = BannerStack()
        self.grid = TileGrid()
        self.cost = FleetCost()
        self.adder = StreamAdder(fleet, self.settings)
        self.hold = self._button(tr("Hold"), "Space", tr("Hold all files, not the cameras"), checkable=True)
        self.loop = self._button(tr("Loop"), "L", tr("Files begin again at their end"), checkable=True)
        self.continual = self._button(tr("Continual"), "", tr("Step token by token (M)"), checkable=True)
        self.regular = self._button(tr("Regular"), "", tr("Recompute every window (M)"), checkable=True)
        self.keys = self._button(tr("Keys"), "F1", tr("All keyboard shortcuts"))
        self.empty = QLabel(
            tr("Add a file or a camera, or drop files here"), alignment=Qt.AlignmentFlag.AlignCenter
        )
        self.empty.setProperty("muted", True)
        self._lay_out()
        self._connect()
        self._apply_theme()
        place(self, self.settings)
        self._refresh()
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self._refresh)
        self.timer.start(self._interval())
        self.setFocus()

    # ---- building ---------------------------------------------------------------------------------------

    @staticmethod
    def _button(words: str, keys: str, tip: str, checkable: bool = False) -> QPushButton:
        button = QPushButton(words)
        button.setCheckable(checkable)
        if keys:
            button.setShortcut(keys)
            tip = f"{tip} ({keys})"
        button.setToolTip(tip)
        button.setAccessibleName(f"{words}: {tip}")
        return button

    def _lay_out(self) -> None:
        self.continual.setProperty("segment", "left")
        self.regular.setProperty("segment", "right")
        bar = QHBoxLayout()
        bar.setSpacing(SPACE)
        for part in (self.adder, self.hold, self.loop):
            bar.addWidget(part)
        bar.addStretch(1)
        modes = QHBoxLayout()
        modes.setSpacing(0)
        modes.addWidget(self.continual)
        modes.addWidget(self.regular)
        bar.addLayout(modes)
        bar.addWidget(self.keys)
        central = QWidget()
        central.setObjectName("central")
        layout = QVBoxLayout(central)
        layout.setContentsMargins(SPACE + 4, SPACE, SPACE + 4, SPACE + 4)
        layout.setSpacing(SPACE)
        layout.addLayout(bar)
        layout.addWidget(self.banners)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.cost)
        self.setCentralWidget(central)
        focus_by_tab(central)

    def _connect(self) -> None:
        self.hold.toggled.connect(self._set_held)
        self.loop.toggled.connect(self.fleet.set_loop)
        self.loop.setChecked(self.settings.loop)
        self.continual.clicked.connect(partial(self._set_mode, "continual"))
        self.regular.clicked.connect(partial(self._set_mode, "regular"))
        self.keys.clicked.connect(self._show_keys)
        self.banners.dismissed.connect(self.fleet.dismiss)
        for keys, slot in (
            ("M", self._toggle_mode),
            ("Esc", self._leave),
            ("F11", lambda: self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)),
            (QKeySequence(QKeySequence.StandardKey.Quit), self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply_theme)

    # ---- the timer --------------------------------------------------------------------------------------

    def _interval(self) -> int:
        """Milliseconds: more pictures to paint come less often."""
        return 33 if len(self.tiles) <= 2 else 50 if len(self.tiles) <= 4 else 66

    def _refresh(self) -> None:
        shot = self.fleet.snapshot()
        if [stream.number for stream in shot.streams] != list(self.tiles):
            self._show_tiles(shot)
        for stream in shot.streams:
            new, self._serials[stream.number] = self.fleet.predictions(
                stream.number, self._serials[stream.number]
            )
            self.tiles[stream.number].show_state(stream, new)
        now = time.perf_counter()
        if now - self._wrote >= WORDS_EVERY:
            self._wrote = now
            self._write(shot)

    def _write(self, shot: FleetShot) -> None:
        for stream in shot.streams:
            self.tiles[stream.number].slow_update(stream)
        self.cost.slow_update(shot)
        self.banners.show_notices(shot.notices)
        self.adder.poll()
        self.continual.setChecked(shot.mode != "regular")
        self.regular.setChecked(shot.mode == "regular")
        # The automatic collector is off, see app.ui.run; the young ones often, all now and then.
        if all_of_it := time.perf_counter() - self._collected >= COLLECT_ALL:
            self._collected = time.perf_counter()
        gc.collect(2 if all_of_it else 1)

    def _show_tiles(self, shot: FleetShot) -> None:
        """Make tiles for streams that came, and take away those of streams that went."""
        numbers = [stream.number for stream in shot.streams]
        for number in [number for number in self.tiles if number not in numbers]:
            tile = self.tiles.pop(number)
            tile.hide()
            tile.deleteLater()
        for number in numbers:
            if number not in self.tiles:
                self.tiles[number] = self._make_tile(StreamTile(number, float(self.fleet.card["rate"])))
        self._serials = {number: self._serials.get(number, 0) for number in numbers}
        if self._alone not in numbers:
            self._alone = None
        self.empty.setVisible(not numbers)
        self.grid.setVisible(bool(numbers))
        self._arrange()
        if hasattr(self, "timer"):
            self.timer.setInterval(self._interval())

    def _make_tile(self, tile: StreamTile) -> StreamTile:
        tile.reset_asked.connect(self.fleet.reset)
        tile.remove_asked.connect(self.adder.remove)
        tile.alone_asked.connect(self._show_alone)
        tile.shown.connect(self.fleet.frame_shown)
        tile.set_theme(theme.current())
        focus_by_tab(tile)
        return tile

    def _arrange(self) -> None:
        self.grid.show_tiles([tile for key, tile in self.tiles.items() if self._alone in (None, key)])

    # ---- what the user does -----------------------------------------------------------------------------

    def _set_held(self, held: bool) -> None:
        self.hold.setText(tr("Go on") if held else tr("Hold"))
        self.hold.setShortcut("Space")  # a button's new words take its key away
        (self.fleet.pause if held else self.fleet.play)()

    def _set_mode(self, mode: str, _checked: bool = True) -> None:
        self.settings.mode = mode
        self.fleet.set_mode(mode)  # type: ignore[arg-type]
        self._wrote = -COLLECT_ALL  # at the next tick

    def _toggle_mode(self) -> None:
        self._set_mode("regular" if self.continual.isChecked() else "continual")

    def _show_alone(self, number: int) -> None:
        self._alone = None if self._alone == number or len(self.tiles) == 1 else number
        self._arrange()

    def _leave(self) -> None:
        if self._alone is not None:
            self._show_alone(self._alone)
        else:
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowFullScreen)

    def _show_keys(self) -> None:
        cell = "<td style='padding:2px 16px 2px 0'>"
        rows = "".join(f"<tr>{cell}<b>{keys}</b></td>{cell}{tr(what)}</td></tr>" for keys, what in SHORTCUTS)
        text = f"<table>{rows}</table>"
        box = QMessageBox(QMessageBox.Icon.NoIcon, tr("Keyboard shortcuts"), text, parent=self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(False)
        box.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus."""
        if not press_focused(self, event):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        files.take(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """A stream more of each file that was dropped."""
        if dropped := [files.path_of(url) for url in files.take(event) if url.isLocalFile()]:
            self.adder.add_files(dropped)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the timer, then the fleet, before the widgets go."""
        if not self._closed:
            self._closed = True
            self.timer.stop()
            QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._apply_theme)
            self.fleet.close()
            self.adder.join(2.0)
        super().closeEvent(event)

    def _apply_theme(self) -> None:
        colors = theme.current()
        theme.apply(colors)
        self.banners.set_theme(colors)
        for tile in self.tiles.values():
            tile.set_theme(colors)
        self.update()
