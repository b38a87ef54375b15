"""The one place that imports OpenCV: ``from app.capture.opencv import cv2``.

Importing cv2 itself elsewhere would let its bundled Qt hide PySide6's.
"""

from __future__ import annotations

import os
import sys

# Seconds a V4L2 camera may take for one picture (by default 10); OpenCV reads it when it is loaded.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
# A camera that does not open is told in a banner, not by FFmpeg and OpenCV on stderr (-8 is "quiet").
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2

# OpenCV's wheel points Qt at its own plugins, with which PySide6 cannot start.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)

cv2.setNumThreads(1)  # the threads belong to the pipeline
cv2.utils.logging.setLogLevel(
    cv2.utils.logging.LOG_LEVEL_SILENT
)  # a camera that does not open is told in a banner, not by warnings on stderr

#: The backend that local cameras are opened with; their indices mean something only within it.
BACKEND = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}.get(
    sys.platform, cv2.CAP_ANY
)

__all__ = ["BACKEND", "cv2"]
