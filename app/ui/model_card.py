"""The model card behind one click: where a model comes from, how good it is, and where it ends."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from app.pipeline.state import TaskInfo
from app.ui.words import tr

_FIRST = (
    "data",
    "split",
    "scores",
    "limits",
    "licence",
    "features",
    "threshold",
    "temperature",
    "command",
    "seed",
    "date",
)
_SHOWN_APART = ("task", "labels", "rate", "window")


class ModelCard(QDialog):
    """Everything that stands in ``TaskInfo.card``, readable; it does not block the window.

    Signals
    -------
    weights_asked(task)
        The user wants other weights for it.
    """

    weights_asked = Signal(str)

    def __init__(self, info: TaskInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Model card: {task}", task=info.task))
        self.text = QTextBrowser()
        self.text.setHtml(page(info))
        self.text.setAccessibleName(tr("Model card: {task}", task=info.task))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.load = buttons.addButton(tr("Load weights…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.load.setToolTip(
            tr("Let another model of {task} answer: a .safetensors file made by `train`", task=info.task)
        )
        self.load.clicked.connect(lambda: self.weights_asked.emit(info.task))
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(buttons)
        self.resize(620, 560)


def page(info: TaskInfo) -> str:
    """The card as HTML."""
    rows = [
        ("labels", ", ".join(info.labels)),
        ("window", f"{info.window} tokens at {info.rate:g} a second: {info.window / info.rate:.1f} s"),
        (
            "extractors",
            ", ".join(f"{name} {macs:,} MACs" for name, macs in info.extractor_macs.items()) or "none listed",
        ),
    ]
    names = [name for name in _FIRST if name in info.card]
    names += sorted(set(info.card) - set(names) - set(_SHOWN_APART))
    rows += [(name, info.card[name]) for name in names]
    body = "".join(
        f"<tr><td style='padding:3px 14px 3px 0'><b>{html.escape(name.replace('_', ' '))}</b></td>"
        f"<td style='padding:3px 0'>{_value(value)}</td></tr>"
        for name, value in rows
    )
    return f"<h2>{html.escape(info.task.capitalize())}</h2><table>{body}</table>"


def _value(value: Any, depth: int = 0) -> str:
    """A value as text: a line each for what stands outside, one running line for what is nested in it."""
    if isinstance(value, dict):
        lines = depth == 0 or (depth == 1 and any(isinstance(item, dict | list) for item in value.values()))
        of = ": " if lines else " "
        named = [
            f"{html.escape(str(key).replace('_', ' '))}{of}{_value(item, depth + 1)}"
            for key, item in value.items()
        ]
        return ("<br>" if lines else ", ").join(named)
    if isinstance(value, list | tuple):
        parts = [_value(item, depth + 1) for item in value]
        if any(isinstance(item, dict) for item in value):
            return "".join(f"<br>– {part}" for part in parts)
        return "; ".join(parts)
    if isinstance(value, float):
        return f"{value:.4g}"
    return html.escape(str(value))
