"""About this program: versions, licences, model cards and the log, a tab each."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QTextBrowser, QVBoxLayout, QWidget

import models
from app.pipeline.state import TaskInfo
from app.program import ASSETS
from app.ui.faults import log_path
from app.ui.model_card import page
from app.ui.words import tr

_LIBRARIES = (
    "torch",
    "numpy",
    "PySide6-Essentials",
    "pyqtgraph",
    "opencv-contrib-python",
    "mediapipe",
    "av",
    "sounddevice",
    "soxr",
    "numba",
)
_TAIL = 200  # lines of the log


class About(QDialog):
    """Everything that a report of a fault should name, and that a licence wants told.

    Parameters
    ----------
    infos : iterable of TaskInfo
        Of the models that are loaded: their cards.
    """

    def __init__(self, infos: Iterable[TaskInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Continual Live"))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName(tr("Versions, licences, model cards and log"))
        self.tabs.setToolTip(tr("Ctrl+Tab goes to the next"))
        self.versions = self._add(tr("Versions"))
        self.versions.setHtml(_versions_page())
        self.licences = self._add(tr("Licences"))
        self.licences.setSearchPaths([str(ASSETS / "licences")])
        self.licences.setSource(QUrl.fromLocalFile(str(ASSETS / "licences" / "README.md")))
        self.cards = self._add(tr("Model cards"))
        self.cards.setHtml("<hr>".join(page(info) for info in infos) or tr("No model could be loaded."))
        self.log = self._add(tr("Log"))
        self.log.setPlainText(log_text())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setText(tr("Close"))
        close.setToolTip(tr("Close (Esc)"))
        buttons.rejected.connect(self.reject)
        copy = buttons.addButton(tr("Copy versions"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.setToolTip(tr("For a report of a fault (Ctrl+Shift+C)"))
        copy.setShortcut("Ctrl+Shift+C")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.versions.toPlainText()))
        layout = QVBoxLayout(self)
        layout.addWidget(self.tabs)
        layout.addWidget(buttons)
        self.resize(680, 560)

    def _add(self, name: str) -> QTextBrowser:
        text = QTextBrowser()
        text.setAccessibleName(name)
        self.tabs.addTab(text, name)
        return text


def versions() -> dict[str, str]:
    """This program, Python, Qt, the system, and the libraries that matter, each with its version."""
    found = {
        "Continual Live": models.__version__,
        "Python": platform.python_version(),
        "Qt": qVersion(),
        tr("System"): platform.platform(terse=True),
    }
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = tr("not installed")
    return found


def log_text() -> str:
    """Where the log is, and its newest lines."""
    path = log_path()
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return tr("Nothing was logged yet. It will be in {path}.", path=path)
    return f"{path}\n\n" + "\n".join(lines[-_TAIL:])


def _versions_page() -> str:
    cell = "<td style='padding:2px 18px 2px 0'>"
    rows = "".join(f"<tr>{cell}{name}</td>{cell}{what}</td></tr>" for name, what in versions().items())
    words = (
        tr("Actions and music genres, named token by token by a Continual Transformer, and what that costs."),
        tr("Nothing that is seen or heard leaves this machine."),
        "Hedegaard, Bakhtiarnia, Iosifidis: Continual Transformers: Redundancy-Free Attention for Online "
        "Inference. ICLR 2023, arXiv 2201.06268.",
        tr("Apache-2.0. Qt is LGPL; the others' licences are under “Licences”."),
    )
    return "<h2>Continual Live</h2>" + "".join(f"<p>{line}</p>" for line in words) + f"<table>{rows}</table>"
