"""The soak's own eyes and its verdict, on rows that grow and rows that do not."""

from __future__ import annotations

import numpy as np
import pytest

from app.capture.media import AudioBlock, Frame
from tests.soak import BEEP, BLOCK, PERIOD, Marks
from tests.soak_report import judge


def rows(**changed: list[float]) -> list[dict[str, object]]:
    """Half an hour of minutes; every fifth has a file open, and much memory with it."""
    flat: dict[str, object] = {"file": "", "rss_mb": 900.0, "tasks": 30, "descriptors": 20, "widgets": 300}
    made = []
    for minute in range(1, 31):
        row = flat | {"minute": minute, "drift_ms": 120.0 + minute % 3}
        row |= {name: float(np.interp(minute, (1, 30), ends)) for name, ends in changed.items()}
        made.append(row | ({"file": "film.mp4", "rss_mb": 2000.0} if minute % 5 == 0 else {}))
    return made


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, ""),
        ({"rss_mb": [900.0, 925.0]}, ""),
        ({"rss_mb": [900.0, 990.0]}, "memory"),
        ({"tasks": [30, 60]}, "tasks"),
        ({"descriptors": [20, 60]}, "descriptors"),
        ({"widgets": [300, 360]}, "widgets"),
        ({"drift_ms": [100.0, 350.0]}, "drifted"),
    ],
)
def test_what_grows_is_told(changed, says):
    wrong = judge(rows(**changed))
    assert len(wrong) == bool(says) and all(says in line for line in wrong)


def test_marks_of_the_wall_clock_are_read():
    marks = Marks()
    for second in np.arange(0.0, 40.0, 0.25):
        image = np.full((90, 160, 3), 60, np.uint8)
        left = round(second % PERIOD / PERIOD * (160 - BLOCK))
        image[-12:, left : left + BLOCK] = 255
        marks.see(Frame(image, second, 0.0), second + 0.3)
    rate, block = 44100, 882
    times = np.arange(40 * rate) / rate
    sound = 0.06 * np.sin(2 * np.pi * BEEP * times) * (times % PERIOD < 0.1)
    sound += 0.3 * np.sin(2 * np.pi * 440.0 * times)
    for first in range(0, len(times), block):
        at = first / rate
        marks.hear(AudioBlock(sound[first : first + block].astype(np.float32), rate, at, 0.0), at + 0.2)
    late = marks.take()
    assert late["video"] == pytest.approx(0.3, abs=0.03)
    assert late["audio"] == pytest.approx(0.2, abs=0.01)
    assert np.isnan(list(marks.take().values())).all()
