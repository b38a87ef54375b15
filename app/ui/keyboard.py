"""Where keys go: to the window, but for what the Tab key chose."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QTabBar, QWidget


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
