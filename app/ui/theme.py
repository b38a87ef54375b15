"""Colours, type and icons: a light and a dark set, with class colours that colour-blind eyes tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QImage, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from app.ui.painting import painting

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
    ),
    sound=("#f7f8fa", "#cfd3ee", "#9a86cf", "#8b3f9a", "#5f1560", "#260c33"),
)

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
_asked = "system"

# Own icons, drawn on a 24 × 24 grid; "currentColor" is replaced by the text colour.
_ICONS = {
    "play": '<path d="M8 5.5v13l11-6.5z" fill="currentColor"/>',
    "pause": '<path d="M7 5h3.6v14H7zM13.4 5H17v14h-3.6z" fill="currentColor"/>',
    "replay": '<path d="M6.3 8.2A7.2 7.2 0 1 1 4.8 12" class="line"/><path d="M5.2 3.8v5h5" class="line"/>',
    "step back": '<path d="M16.5 6v12L9 12z" fill="currentColor"/><path d="M6.5 6v12" class="line"/>',
    "step forward": '<path d="M7.5 6v12L15 12z" fill="currentColor"/><path d="M17.5 6v12" class="line"/>',
    "loop": '<path d="M5 11.5V10a3.5 3.5 0 0 1 3.5-3.5H18M19 12.5V14a3.5 3.5 0 0 1-3.5 3.5H6" class="line"/>'
    '<path d="M15.5 3.5l3 3-3 3M8.5 20.5l-3-3 3-3" class="line"/>',
    "speaker": '<path d="M4 9.5h3.5L12 5.5v13L7.5 14.5H4z" fill="currentColor"/>'
    '<path d="M15 9.2a4 4 0 0 1 0 5.6M17.6 6.8a7.4 7.4 0 0 1 0 10.4" class="line"/>',
    "muted": '<path d="M4 9.5h3.5L12 5.5v13L7.5 14.5H4z" fill="currentColor"/>'
    '<path d="M15.5 9.5l5 5M20.5 9.5l-5 5" class="line"/>',
    "options": '<path d="M4 8h9M17.5 8H20M4 16h3M11.5 16H20" class="line"/>'
    '<circle cx="15.2" cy="8" r="2.2" class="line"/><circle cx="9.2" cy="16" r="2.2" class="line"/>',
    "down": '<path d="M7.5 10l4.5 4.5L16.5 10" class="line"/>',
    "refresh": '<path d="M19 8.5A7.6 7.6 0 0 0 5.2 9.8M5 15.5a7.6 7.6 0 0 0 13.8-1.3" class="line"/>'
    '<path d="M19.4 4v4.8h-4.8M4.6 20v-4.8h4.8" class="line"/>',
    "streams": '<path d="M12 4.5l8 4-8 4-8-4z" class="line"/>'
    '<path d="M4 12.3l8 4 8-4M4 15.9l8 4 8-4" class="line"/>',
    "open": '<path d="M3.5 18.5v-13h6l2 2.5h9v10.5z" class="line"/>',
    "demo": '<rect x="3.5" y="5" width="17" height="14" rx="2" class="line"/>'
    '<path d="M10 9v6l5-3z" fill="currentColor"/>',
    "record": '<circle cx="12" cy="12" r="7" fill="currentColor"/>',
    "camera": '<rect x="3" y="6.5" width="12" height="11" rx="2" class="line"/>'
    '<path d="M15 11l6-3.5v9L15 13z" class="line"/>',
    "microphone": '<rect x="9" y="3.5" width="6" height="11" rx="3" class="line"/>'
    '<path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" class="line"/>',
    "info": '<circle cx="12" cy="12" r="8.5" class="line"/><path d="M12 11v5.5M12 7.3v.6" class="line"/>',
    "close": '<path d="M6.5 6.5l11 11M17.5 6.5l-11 11" class="line"/>',
    "teach": '<path d="M2.8 9.8L12 5.4l9.2 4.4L12 14.2z" class="line"/>'
    '<path d="M7 12v3.8c0 1.2 2.4 2.5 5 2.5s5-1.3 5-2.5V12M21.2 9.8v4.7" class="line"/>',
    "stage": '<rect x="3" y="4.5" width="18" height="11.5" rx="1.5" class="line"/>'
    '<path d="M12 16v3.5M8 20h8" class="line"/>',
    "full screen": '<path d="M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15" class="line"/>',
    "menu": '<path d="M4.5 7h15M4.5 12h15M4.5 17h15" class="line"/>',
    "check": '<path d="M4 9.5h16M4 14.5h16M15.5 5.5l-7 13" class="line"/>',
}


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


def icon(name: str, color: str, size: int = 20) -> QIcon:
    """One of our own icons, in ``color``, sharp on every screen."""
    body = _ICONS[name].replace("currentColor", color)
    line = f'fill="none" stroke="{color}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">{body}</svg>'.replace(
        'class="line"', line
    )
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    result = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(QSize(size, size) * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with painting(pixmap) as painter:
            renderer.render(painter, QRectF(pixmap.rect()))
        pixmap.setDevicePixelRatio(scale)
        result.addPixmap(pixmap)
    return result


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
