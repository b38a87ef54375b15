"""What opens beside the window: model cards, settings, about, the tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.ui.about import About
from app.ui.model_card import ModelCard
from app.ui.settings_dialog import SettingsDialog
from app.ui.tour import Stop, Tour
from app.ui.words import tr

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


class Dialogs:
    """Opens them; each is there once, and none blocks the window.

    Attributes
    ----------
    tour : Tour or None
        While it runs.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._open: dict[str, QDialog] = {}
        self.tour: Tour | None = None

    def opened(self) -> dict[str, QDialog]:
        """Those that are open, by name."""
        return dict(self._open)

    def card(self, task: str, _checked: bool = False) -> None:
        """Open a task's model card."""
        if self._raised(f"card of {task}"):
            return
        card = ModelCard(self._window.panels[task].info, self._window)
        card.weights_asked.connect(self._window.ask_weights)
        self._show(f"card of {task}", card)

    def settings(self) -> None:
        """Open the settings."""
        if not self._raised("settings"):
            self._show("settings", SettingsDialog(self._window))

    def about(self) -> None:
        """Open what there is to know about this program."""
        if not self._raised("about"):
            infos = [panel.info for panel in self._window.panels.values()]
            self._show("about", About(infos, self._window))

    def start_tour(self) -> None:
        """Show a newcomer around; that this was done is remembered."""
        if self.tour is not None:
            return
        window = self._window
        window.leave_stage()

        def around(*parts: QWidget) -> QRect:
            """The place in the window that those of these parts take which are there."""
            place = QRect()
            for part in parts:
                if part.isVisible():
                    place = place.united(QRect(part.mapTo(window, part.rect().topLeft()), part.size()))
            return place

        bar = window.sources
        self.tour = Tour(
            (
                Stop(
                    lambda: around(bar.camera, bar.microphone, bar.open, bar.demo),
                    tr("What is watched and heard"),
                    tr(
                        "Choose a camera and a microphone, open a file or drop one on the window, or play "
                        "the demo. Nothing that is seen or heard leaves this machine."
                    ),
                ),
                Stop(
                    lambda: around(*window.panels.values()),
                    tr("What it is"),
                    tr(
                        "An action fifteen times a second, a genre twice a second. “Not sure” is an answer, "
                        "too: nothing gets a name that is below the model's threshold. The round i tells "
                        "how good a model is."
                    ),
                ),
                Stop(
                    lambda: around(bar.regular, bar.continual, bar.check),
                    tr("Two ways to compute it"),
                    tr(
                        "Regular recomputes the whole window at every step, continual only what is new. The "
                        "answers are the same: M switches, C runs both and shows the difference."
                    ),
                ),
                Stop(
                    lambda: around(window.pages),
                    tr("What that saves"),
                    tr(
                        "What every answer costs, and what is saved: by the Transformer alone, and by the "
                        "whole pipeline. P is for a projector, F1 lists all keys."
                    ),
                ),
            ),
            window,
        )
        self.tour.ended.connect(self._toured)

    def _toured(self) -> None:
        self.tour = None
        self._window.settings.toured = True
        self._window.setFocus()

    def _raised(self, name: str) -> bool:
        if (dialog := self._open.get(name)) is None:
            return False
        dialog.raise_()
        dialog.activateWindow()
        return True

    def _show(self, name: str, dialog: QDialog) -> None:
        self._open[name] = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda: self._open.pop(name, None))
        dialog.show()
