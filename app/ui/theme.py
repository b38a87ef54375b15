"""Colours and type: a light and a dark set, with class colours that colour-blind eyes tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication

SPACE = 8  # every gap in the window is this or half of it


@dataclass(frozen=True)
class Theme:
    """The colours of one appearance.  ``classes`` are for lines and bars on ``card``."""

    dark: bool
    window: str
    card: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    good: str
    warning: str
    error: str
    track: str
    grid: str
    classes: tuple[str, ...]
    sound: tuple[str, ...]  # stops of the spectrogram, quiet to loud

    def color(self, name: str, alpha: int = 255) -> QColor:
        """The colour called ``name``, as Qt wants it."""
        color = QColor(getattr(self, name))
        color.setAlpha(alpha)
        return color

    def class_color(self, index: int) -> QColor:
        """The colour of the class with this index."""
        return QColor(self.classes[index % len(self.classes)])


# Classes: Okabe and Ito's set (without black), filled up from Tol's "muted", then moved apart until eyes
# without any one kind of cones see at least ΔE 10 between two (tests/test_comfort.py).
DARK = Theme(
    dark=True,
    window="#15181d",
    card="#1d2127",
    raised="#2a2f37",
    border="#353b45",
    text="#eceff3",
    muted="#a3acb8",
    accent="#5ab4f0",
    on_accent="#0d1620",
    good="#3cc492",
    warning="#f0b429",
    error="#f2766b",
    track="#2a2f37",
    grid="#343a44",
    classes=(
        "#56b7ee",
        "#e9a209",
        "#2db68c",
        "#f0e542",
        "#e4742f",
        "#d284af",
        "#7e8ef1",
        "#b8c0c9",
        "#b3db67",
        "#c2566c",
        "#4bdfed",
        "#ab8c6b",
        "#dbd6cc",
        "#a5f6a0",
        "#8d3bf9",
        "#d800aa",
    ),
    sound=("#15181d", "#2b1c52", "#71207c", "#c33b6e", "#f98a5a", "#fcf0b4"),
)

LIGHT = Theme(
    dark=False,
    window="#f1f3f6",
    card="#ffffff",
    raised="#e9ecf1",
    border="#d3d9e1",
    text="#1a1f26",
    muted="#566170",
    accent="#0a66c2",
    on_accent="#ffffff",
    good="#0a7a55",
    warning="#9a6400",
    error="#c0342b",
    track="#e6eaef",
    grid="#dfe4ea",
    classes=(
        "#0b83c3",
        "#a66100",
        "#029064",
        "#98991f",
        "#e6690b",
        "#cb6fa4",
        "#372f9e",
        "#586573",
        "#77a13d",
        "#882255",
        "#0ea3ae",
        "#876742",
        "#7c7f7e",
        "#896af8",
        "#8e15fe",
        "#8b348e",
    ),
    sound=("#f7f8fa", "#cfd3ee", "#9a86cf", "#8b3f9a", "#5f1560", "#260c33"),
)

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
_asked = "system"


def current() -> Theme:
    """The theme that the user, or else the system, asks for."""
    scheme = _SCHEMES.get(_asked) or QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def set_scheme(name: str) -> None:
    """Follow the system, or force light or dark.

    Parameters
    ----------
    name : {"system", "light", "dark"}
    """
    global _asked
    _asked = name
    # Not every desktop lets itself be told (bare X11 does not): `current` remembers what was asked.
    QGuiApplication.styleHints().setColorScheme(_SCHEMES.get(name, Qt.ColorScheme.Unknown))


def apply(theme: Theme) -> None:
    """Give the whole application this theme."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.card,
        QPalette.ColorRole.AlternateBase: theme.raised,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Link: theme.accent,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    app.setPalette(palette)
    app.setStyleSheet(_style(theme))


def font(points: float = 0.0, bold: bool = False) -> QFont:
    """The application's font with digits of one width, so that numbers do not dance.

    Parameters
    ----------
    points : float
        Added to the application's own size.
    """
    result = QFont(QApplication.font())
    result.setPointSizeF(max(6.0, result.pointSizeF() + points))
    result.setBold(bold)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def sound_colors(theme: Theme) -> np.ndarray:
    """The 256 colours of the spectrogram, quiet to loud, as ``0xffRRGGBB``.

    Returns
    -------
    ndarray of shape (256,), uint32
    """
    stops = np.array(
        [[QColor(stop).red(), QColor(stop).green(), QColor(stop).blue()] for stop in theme.sound]
    )
    at = np.linspace(0, len(stops) - 1, 256)
    red, green, blue = (np.interp(at, np.arange(len(stops)), stops[:, i]).astype(np.uint32) for i in range(3))
    return np.uint32(0xFF000000) | red << 16 | green << 8 | blue


def image_of(pixels: np.ndarray) -> QImage:
    """A BGR picture as a QImage on the same memory: nothing is copied, so nobody may write to it again.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
        Its rows may be padded; its columns may not.

    Raises
    ------
    ValueError
        If the shape, the type or the strides are others.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.strides[1:] != (3, 1):
        raise ValueError(
            f"picture is {pixels.dtype} {pixels.shape} with strides {pixels.strides}, "
            "expected uint8 (height, width, 3) with contiguous rows"
        )
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_BGR888)


def _style(t: Theme) -> str:
    return f"""
    QWidget {{ color: {t.text}; }}
    QMainWindow, QDialog {{ background: {t.window}; }}
    QFrame#card {{ background: {t.card}; border: 1px solid {t.border}; border-radius: 8px; }}
    QLabel[muted="true"] {{ color: {t.muted}; }}
    QLabel[heading="true"] {{ color: {t.muted}; font-weight: 600; }}
    QPushButton, QToolButton {{ background: {t.raised}; border: 1px solid {t.border}; border-radius: 6px;
        padding: 4px 10px; min-height: 20px; }}
    QToolButton {{ padding: 4px; min-width: 20px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {t.muted}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {t.border}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus {{ border: 1px solid {t.accent}; }}
    QPushButton:checked {{ background: {t.accent}; border-color: {t.accent}; color: {t.on_accent}; }}
    QPushButton[record="true"]:checked {{ background: {t.raised}; border-color: {t.error}; color: {t.text}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {t.muted}; }}
    QPushButton[segment="left"] {{ border-top-right-radius: 0; border-bottom-right-radius: 0;
        border-right: none; }}
    QToolButton[segment="right"] {{ border-top-left-radius: 0; border-bottom-left-radius: 0;
        min-width: 14px; }}
    QPushButton[segment="right"] {{ border-top-left-radius: 0; border-bottom-left-radius: 0; }}
    QToolButton[flat="true"] {{ background: transparent; border: 1px solid transparent; }}
    QToolButton[flat="true"]:hover {{ background: {t.raised}; }}
    QToolButton[flat="true"]:focus {{ border-color: {t.accent}; }}
    QToolButton:checked {{ background: {t.border}; border-color: {t.accent}; }}
    QSlider::groove:horizontal {{ background: {t.track}; height: 4px; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
    QSlider::sub-page:horizontal:disabled {{ background: {t.muted}; }}
    QSlider::handle:horizontal {{ background: {t.accent}; width: 12px; margin: -4px 0; border-radius: 6px; }}
    QSlider::handle:horizontal:disabled {{ background: {t.muted}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; border: none; padding: 2px 4px 4px 4px;
        margin-right: 18px; border-bottom: 2px solid transparent; font-weight: 600; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QComboBox {{ background: {t.raised}; border: 1px solid {t.border}; border-radius: 6px; padding: 4px 8px;
        min-height: 20px; }}
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QComboBox::down-arrow {{ image: none; }}
    QComboBox:hover {{ border-color: {t.muted}; }}
    QComboBox QAbstractItemView {{ background: {t.card}; border: 1px solid {t.border};
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; outline: none;
        padding: 2px; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted}; border-radius: 3px;
        background: {t.card}; }}
    QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; }}
    QCheckBox:focus {{ color: {t.accent}; }}
    QMenu {{ background: {t.card}; border: 1px solid {t.border}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {t.muted}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 6px; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 4px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QTextBrowser {{ background: {t.card}; border: 1px solid {t.border}; border-radius: 6px; padding: 6px; }}
    QLineEdit {{ background: {t.card}; border: 1px solid {t.border}; border-radius: 6px; padding: 4px 6px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    """
