"""The settings on one page.  Each works at once, by the control of the window that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.pipeline.state import TaskInfo
from app.pipeline.stream import HOLD
from app.settings import recordings
from app.ui.cost_panel import NAMES
from app.ui.device_options import CHANNELS, SIZES
from app.ui.device_picker import DevicePicker
from app.ui.picker import Picker
from app.ui.words import LANGUAGES, tr

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


class SettingsDialog(QDialog):
    """What is kept for the next start; it does not block the window.

    Parameters
    ----------
    window : MainWindow
        Its controls are set, so that what is chosen here is chosen there.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        settings = window.settings
        self.setWindowTitle(tr("Settings"))
        self.theme = self._picker(
            {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}, settings.theme
        )
        self.theme.activated.connect(lambda: window.set_scheme(self.theme.currentData()))
        self.language = self._picker({"system": tr("As the system")} | LANGUAGES, settings.language)
        self.language.activated.connect(self._speak)
        self._spoken = QLabel(tr("From the next start on."))
        self._spoken.setProperty("muted", True)
        self._spoken.hide()
        self.unit = self._picker(
            {"MACs": tr("Multiply-accumulates, as the paper"), "FLOPs": tr("FLOPs, two of each")},
            settings.unit,
        )
        self.unit.activated.connect(lambda: window.count_flops(self.unit.currentData() == "FLOPs"))
        self.mode = self._picker({"continual": tr("Continual"), "regular": tr("Regular")}, settings.mode)
        self.mode.activated.connect(self._choose_mode)
        self.camera = self._mirror_of(window.sources.camera)
        self.microphone = self._mirror_of(window.sources.microphone)
        options = window.sources.options.options
        self.resolution = self._picker(
            {size: tr("As it comes") if size is None else f"{size[0]} × {size[1]}" for size in SIZES},
            options.size,
        )
        self.resolution.activated.connect(lambda: self._ask({"size": self.resolution.currentData()}))
        self.mirror = QCheckBox(tr("Turned left to right, for you and for the model"))
        self.mirror.setChecked(options.mirror)
        self.mirror.clicked.connect(lambda on: self._ask({"mirror": on}))
        channels: dict[Any, str] = {None: tr("Mean of all")}
        channels |= {k: tr("Channel {number}", number=k) for k in range(1, CHANNELS + 1)}
        self.channel = self._picker(channels, options.channel)
        self.channel.activated.connect(lambda: self._ask({"channel": self.channel.currentData()}))
        self.loop = QCheckBox(tr("Begin a file again at its end"))
        self.loop.setChecked(settings.loop)
        self.loop.clicked.connect(window.choices.loop)
        self.recordings = QPushButton()
        self.recordings.clicked.connect(self._ask_folder)
        self._show_folder()
        self._lay_out([_named_from(panel.info) for panel in window.panels.values()])

    def _lay_out(self, named: list[str]) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setVerticalSpacing(8)
        tips: dict[QWidget, str] = {
            self.theme: tr("Light, dark, or what the desktop has"),
            self.language: tr("What the window speaks; what the models name stays English"),
            self.unit: tr("What costs are counted in"),
            self.mode: tr("What computes the answers; both give the same"),
            self.camera: tr("The camera to watch, or a network camera's address"),
            self.resolution: tr("Asked of the camera; one that has it not gives what it will"),
            self.mirror: tr("Turned left to right, for you and for the model"),
            self.microphone: tr("The microphone to listen to"),
            self.channel: tr("Of a microphone with several"),
            self.loop: tr("Begin a file again at its end"),
            self.recordings: tr("The folder that recordings and pictures go into"),
        }
        groups: Sequence[tuple[str, Sequence[tuple[str, QWidget]]]] = (
            (
                tr("Appearance"),
                ((tr("Theme"), self.theme), (tr("Language"), self.language), (tr("Costs in"), self.unit)),
            ),
            (
                tr("Camera and microphone"),
                (
                    (tr("Camera"), self.camera),
                    (tr("Resolution"), self.resolution),
                    (tr("Mirror"), self.mirror),
                    (tr("Microphone"), self.microphone),
                    (tr("Channel"), self.channel),
                ),
            ),
            (tr("Files"), ((tr("Loop"), self.loop), (tr("Recordings"), self.recordings))),
            (tr("Answers"), ((tr("Mode"), self.mode),)),
        )
        for title, rows in groups:
            head = QLabel(title)
            head.setProperty("heading", True)
            form.addRow(head)
            for name, field in rows:
                field.setToolTip(tips[field])
                field.setAccessibleName(name)
                form.addRow(name, field)
                if field is self.language:
                    form.addRow("", self._spoken)
        for line in named:
            words = QLabel(line)
            words.setWordWrap(True)
            words.setProperty("muted", True)
            form.addRow("", words)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setText(tr("Close"))
        close.setToolTip(tr("Close (Esc)"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(460)

    def _picker(self, choices: dict[Any, str], chosen: object) -> Picker:
        picker = Picker()
        for value, words in choices.items():
            picker.addItem(words, value)
            if value == chosen:
                picker.setCurrentIndex(picker.count() - 1)
        return picker

    def _mirror_of(self, picker: DevicePicker) -> QComboBox:
        """A second picker on the same list: what is chosen in either is chosen in both."""
        mirror = Picker()
        mirror.setModel(picker.model())
        mirror.setPlaceholderText(picker.placeholderText())
        mirror.setCurrentIndex(picker.currentIndex())
        picker.currentIndexChanged.connect(mirror.setCurrentIndex)
        mirror.activated.connect(picker.setCurrentIndex)
        mirror.activated.connect(picker.activated)
        return mirror

    def _ask(self, change: dict[str, Any]) -> None:
        button = self._window.sources.options
        button.choose(replace(button.options, **change))

    def _ask_folder(self) -> None:
        self._window.sources.record.folder_asked.emit()
        self._show_folder()

    def _show_folder(self) -> None:
        folder = str(recordings(self._window.settings))
        metrics = self.recordings.fontMetrics()
        self.recordings.setText(metrics.elidedText(folder, Qt.TextElideMode.ElideMiddle, 320))
        self.recordings.setAccessibleDescription(folder)

    def _choose_mode(self) -> None:
        sources = self._window.sources
        (sources.regular if self.mode.currentData() == "regular" else sources.continual).click()

    def _speak(self) -> None:
        self._window.settings.language = self.language.currentData()
        self._spoken.show()


def _named_from(info: TaskInfo) -> str:
    least, most = (round(100 * bound(info.thresholds)) for bound in (min, max))  # by the class
    return tr(
        "{task}: a name comes from {percent} % on, on the mean of the last {seconds} s; soon after it is "
        "less, it is “not sure”. Both belong to the model: see its card.",
        task=tr(NAMES.get(info.task, info.task)),
        percent=f"{least:.0f}" if least == most else f"{least:.0f}–{most:.0f}",
        seconds=f"{HOLD:g}",
    )
