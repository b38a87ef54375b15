"""Our own icons."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.ui.painting import painting

# Drawn on a 24 × 24 grid; "currentColor" is replaced by the text colour.
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


def icon(name: str, color: str, size: int = 20) -> QIcon:
    """One of them, in ``color``, sharp on every screen."""
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
