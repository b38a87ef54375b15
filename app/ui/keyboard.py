"""Where keys go: to the window, but for what the Tab key chose; and which key a control has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QComboBox, QTabBar, QToolButton, QWidget

_OPENS = QToolButton.ToolButtonPopupMode.InstantPopup  # a button that is a menu's


def keyed(widget: QWidget, keys: str, tip: str, name: str = "", connect: bool = True) -> None:
    """Give a control its key, and say so in its tooltip.

    Parameters
    ----------
    widget : QWidget
        A button is pressed by the key, a picker or a menu opened; others are only told of it.
    keys : str
        As Qt writes it: "Ctrl+O"; "" for none.
    tip : str
        What the control does.
    name : str, optional
        For screen readers, where the control has no words of its own.
    connect : bool
        Whether the key works from here; not, where the window has it.
    """
    widget.setToolTip(f"{tip} ({keys})" if keys else tip)
    if name:
        widget.setAccessibleName(name)
    if not keys or not connect:
        return
    if isinstance(widget, QComboBox):
        QShortcut(QKeySequence(keys), widget).activated.connect(widget.showPopup)
    elif (
        isinstance(widget, QToolButton) and widget.popupMode() == QToolButton.ToolButtonPopupMode.InstantPopup
    ):
        QShortcut(QKeySequence(keys), widget).activated.connect(widget.showMenu)
    elif isinstance(widget, QAbstractButton):
        widget.setShortcut(keys)


def focus_by_tab(parent: QWidget) -> None:
    """Let no press of the mouse give the focus to a button or a picker: keys would go there from then on."""
    for kind in (QAbstractButton, QComboBox, QTabBar):
        for widget in parent.findChildren(kind):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def press_focused(window: QWidget, event: QKeyEvent) -> bool:
    """Let Enter press the button that has the focus, for Space plays and pauses; whether it did."""
    focused = window.focusWidget()
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    if enter and isinstance(focused, QAbstractButton):
        focused.click()
        return True
    return False
