"""The top row: what is watched and heard, and in which mode it is answered."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.capture.devices import signs
from app.capture.file_faults import printable
from app.capture.media import Notice
from app.pipeline.state import Mode, Snapshot
from app.ui import icons
from app.ui.device_options import DeviceOptionsButton
from app.ui.device_picker import DevicePicker
from app.ui.keyboard import keyed
from app.ui.record_button import RecordButton
from app.ui.stream_button import StreamButton
from app.ui.theme import SPACE, Theme
from app.ui.words import tr

LOOK_MS = 2000  # between looks for devices that came or went
LISTING = 0.5  # seconds that a picker waits for the devices before it opens


class SourceBar(QWidget):
    """Pickers on the left, the mode on the right.

    Signals
    -------
    camera_chosen(device), microphone_chosen(device), open_asked, demo_asked, stage_asked, teach_asked
    file_chosen(path)
        One of the recent ones.
    mode_chosen(mode)
    """

    camera_chosen = Signal(object)
    microphone_chosen = Signal(object)
    open_asked = Signal()
    file_chosen = Signal(object)  # Qt's own strings lose what of a name is no text
    demo_asked = Signal()
    stage_asked = Signal()
    teach_asked = Signal()
    mode_chosen = Signal(str)

    def __init__(
        self,
        cameras: Callable[[], Sequence[Any]],
        microphones: Callable[[], Sequence[Any]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._list_of = {"camera": cameras, "microphone": microphones}
        self._found: queue.SimpleQueue[tuple[str, list[Any], str]] = queue.SimpleQueue()
        self._listing: threading.Thread | None = None
        self._signs: object = None  # of the devices, when they were listed last
        self._settled = False  # listed twice with these signs: a sound server may take a moment to answer
        self._faulty: set[str] = set()  # kinds that could not be listed
        self._notices: list[Notice] = []  # not yet told
        self._shown: dict[str, list[tuple[str, Any]]] = {}
        self._channels: dict[str, int] = {}  # of each microphone
        self._recent: list[str] = []
        self._base: Mode = "continual"  # the mode that the check leaves
        self._needed = 0  # pixels in which the button to open a file has room for its words
        self._narrow = False
        self.camera = DevicePicker("camera", with_url=True)
        keyed(self.camera, "F2", tr("The camera to watch, or a network camera's address"))
        self.camera.chosen.connect(self.camera_chosen)
        self.microphone = DevicePicker("microphone", with_url=False)
        keyed(self.microphone, "F3", tr("The microphone to listen to"))
        self.microphone.chosen.connect(self.microphone_chosen)
        self.refresh = QToolButton()
        keyed(self.refresh, "F5", tr("Look for cameras and microphones again"), tr("Look for devices again"))
        self.refresh.clicked.connect(self.list_devices)
        self.options = DeviceOptionsButton()
        self.open = QPushButton(tr("Open file…"))
        tip = tr("Play a video or sound file; dropping one on the window does the same")
        keyed(self.open, "Ctrl+O", tip, tr("Open file…"))
        self.open.clicked.connect(self.open_asked)
        self.open.setProperty("segment", "left")
        self.recent = QToolButton()
        self.recent.setProperty("segment", "right")
        self.recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        keyed(self.recent, "Ctrl+Shift+O", tr("Files opened lately"), tr("Recent files"))
        self.recent.setMenu(QMenu(self))
        self.recent.setEnabled(False)
        self.streams = StreamButton()
        self.demo = QToolButton()
        keyed(self.demo, "Ctrl+D", tr("Play the bundled demo clip"), tr("Demo"))
        self.demo.clicked.connect(self.demo_asked)

        self.record = RecordButton()
        self.teach = QToolButton()
        keyed(self.teach, "T", tr("Teach the program a gesture or a sound of your own"), tr("Teach"))
        self.teach.clicked.connect(self.teach_asked)

        self.regular = QPushButton(tr("Regular"))
        self.continual = QPushButton(tr("Continual"))
        tips = (
            tr("Recompute the whole window at every token"),
            tr("Compute only what the new token changes; the same answer"),
        )
        for button, tip in zip((self.regular, self.continual), tips, strict=True):
            keyed(button, "M", tip, connect=False)
        self._segments = QButtonGroup(self)
        for button, side in ((self.regular, "left"), (self.continual, "right")):
            button.setCheckable(True)
            button.setProperty("segment", side)
            button.setMinimumWidth(84)
            self._segments.addButton(button)
        self.regular.setAccessibleName(tr("Mode: regular"))
        self.continual.setAccessibleName(tr("Mode: continual"))
        self.regular.clicked.connect(lambda: self._choose("regular"))
        self.continual.clicked.connect(lambda: self._choose("continual"))
        self.check = QPushButton(tr("Check"))
        self.check.setCheckable(True)
        tip = tr("Run both modes on the same tokens and show the largest difference")
        keyed(self.check, "C", tip, tr("Check the two modes against each other"))
        self.check.clicked.connect(lambda on: self.mode_chosen.emit("both" if on else self._base))
        self.stage = QToolButton()
        keyed(
            self.stage, "P", tr("For a projector: large type, and little of it"), tr("Stage"), connect=False
        )
        self.stage.clicked.connect(self.stage_asked)
        self.menu = QToolButton()
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        keyed(self.menu, "F10", tr("Appearance, settings, model cards, keys, about"), tr("Menu"))

        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        self._camera_icon, self._microphone_icon = QLabel(), QLabel()
        layout.addWidget(self._camera_icon)
        layout.addWidget(self.camera, 4)
        layout.addWidget(self._microphone_icon)
        layout.addWidget(self.microphone, 4)
        layout.addWidget(self.refresh)
        layout.addWidget(self.options)
        layout.addSpacing(SPACE)
        files = QHBoxLayout()
        files.setSpacing(0)
        files.addWidget(self.open)
        files.addWidget(self.recent)
        layout.addLayout(files)
        layout.addWidget(self.streams)
        layout.addWidget(self.demo)
        layout.addWidget(self.record)
        layout.addWidget(self.teach)
        layout.addStretch(1)
        segments = QHBoxLayout()
        segments.setSpacing(0)
        segments.addWidget(self.regular)
        segments.addWidget(self.continual)
        layout.addLayout(segments)
        layout.addWidget(self.check)
        layout.addWidget(self.stage)
        layout.addWidget(self.menu)
        for picker in (self.camera, self.microphone):
            picker.opening.connect(self._look_before_opening)
        self._watch = QTimer(self)
        self._watch.setInterval(LOOK_MS)
        self._watch.timeout.connect(self._look)
        self._watch.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for words, the button to open a file shows its picture alone."""
        if not self._narrow:
            self._needed = self.minimumSizeHint().width()
        narrow = self.width() < self._needed
        if narrow != self._narrow:
            self._narrow = narrow
            keys = self.open.shortcut()  # which Qt forgets with the text
            self.open.setText("" if narrow else self.open.accessibleName())
            self.open.setShortcut(keys)

    def set_theme(self, new: Theme) -> None:
        """Take the colours of a theme."""
        self.refresh.setIcon(icons.icon("refresh", new.text))
        self.options.setIcon(icons.icon("options", new.text))
        self.recent.setIcon(icons.icon("down", new.text, 14))
        self.open.setIcon(icons.icon("open", new.text))
        self.streams.setIcon(icons.icon("streams", new.text))
        self.demo.setIcon(icons.icon("demo", new.text))
        self.teach.setIcon(icons.icon("teach", new.text))
        self.stage.setIcon(icons.icon("stage", new.text))
        self.record.set_theme(new)
        self.menu.setIcon(icons.icon("menu", new.text))
        for label, name in ((self._camera_icon, "camera"), (self._microphone_icon, "microphone")):
            label.setPixmap(icons.icon(name, new.muted).pixmap(20, 20))

    def toggle_mode(self) -> None:
        """Switch between regular and continual."""
        self._choose("regular" if self._base == "continual" else "continual")

    def list_devices(self) -> None:
        """Ask for the devices in a thread of its own; `poll` shows them."""
        if self._listing is None or not self._listing.is_alive():
            self.refresh.setEnabled(False)
            self._signs = None
            self._list()

    def show_recent(self, paths: Sequence[str]) -> None:
        """Offer these files."""
        menu = self.recent.menu()
        menu.clear()
        for path in paths:
            name = menu.fontMetrics().elidedText(printable(path), Qt.TextElideMode.ElideMiddle, 480)
            menu.addAction(name.replace("&", "&&"), partial(self.file_chosen.emit, path))
        self.recent.setEnabled(bool(paths))

    def _list(self) -> None:
        self._listing = threading.Thread(target=self._ask, name="list devices", daemon=True)
        self._listing.start()

    def _look(self) -> None:
        """Every two seconds, while somebody can see it: list the devices if there may be others."""
        shown = self.isVisible() and not self.window().isMinimized() and signs() is not None
        if shown and (self._listing is None or not self._listing.is_alive()):
            self._list()

    def _look_before_opening(self) -> None:
        """Where nothing tells of other devices, look for them before a picker shows its list."""
        if signs() is None:
            self.list_devices()
            assert self._listing is not None
            self._listing.join(LISTING)
            self._show_found()

    def poll(self, snapshot: Snapshot) -> list[Notice]:
        """A few times a second: show what was found and what is in use.

        Returns
        -------
        list of Notice
            What went wrong while the devices were listed.
        """
        self._show_found()
        if self._listing is not None and not self._listing.is_alive():
            self._listing = None
            self.refresh.setEnabled(True)
        self.options.poll(snapshot, self._channels.get(snapshot.audio_name, 0))
        self.streams.poll(snapshot)
        if "://" in snapshot.video_name:
            self.camera.add_url(snapshot.video_name)
        self.camera.show_name("" if snapshot.is_file else snapshot.video_name)
        self.microphone.show_name("" if snapshot.is_file else snapshot.audio_name)
        if snapshot.mode != "both":
            self._base = snapshot.mode
        button = self.regular if snapshot.mode == "regular" else self.continual
        if not button.isChecked():
            button.setChecked(True)
        if self.check.isChecked() != (snapshot.mode == "both"):
            self.check.setChecked(snapshot.mode == "both")
        notices, self._notices = self._notices, []
        return notices

    def _show_found(self) -> None:
        """Take what was listed into the pickers, unless one of them is open."""
        choosing = self.camera.view().isVisible() or self.microphone.view().isVisible()
        while not choosing and not self._found.empty():
            kind, devices, fault = self._found.get()
            if kind == "microphone":
                self._channels = {device.name: getattr(device, "channels", 0) for device in devices}
            # By name, for an index means another device after a replug; unless two have the same name.
            names = [device.name for device in devices]
            listed = [(d.name, d.name if names.count(d.name) == 1 else d.index) for d in devices]
            if listed != self._shown.get(kind):
                self._shown[kind] = listed
                (self.camera if kind == "camera" else self.microphone).set_devices(listed)
            if bool(fault) != (kind in self._faulty):
                self._faulty ^= {kind}
                level: Literal["warning", "resolved"] = "warning" if fault else "resolved"
                cause = f"The {kind}s cannot be listed: {fault}"
                self._notices.append(Notice(f"list-{kind}", cause, "", level))

    def join(self, timeout: float) -> None:
        """Look no more, and wait for the thread that lists devices."""
        self._watch.stop()
        if self._listing is not None:
            self._listing.join(timeout)

    def _choose(self, mode: Mode) -> None:
        (self.regular if mode == "regular" else self.continual).setChecked(True)
        self.check.setChecked(False)
        self._base = mode
        self.mode_chosen.emit(mode)

    def _ask(self) -> None:
        """In a thread of its own: list the devices, unless nothing tells of a change since the last time."""
        before, self._signs = self._signs, signs()
        same = before is not None and self._signs == before
        if same and self._settled:
            return
        self._settled = same
        for kind, ask in self._list_of.items():
            try:
                self._found.put((kind, list(ask()), ""))
            except Exception as error:  # whatever a driver throws: the other kind is still listed
                self._found.put((kind, [], f"{type(error).__name__}: {error}"))
