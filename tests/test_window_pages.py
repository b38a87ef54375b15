"""The pages under the window's tabs, on a file that really plays, and the meter of it all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app import cli
from app.pipeline import tasks
from app.ui.cost_bars import amount
from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from tests.windows import Eyes, drop, settings, window  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "assets" / "demo.mp4"
BOUND = 5e-5  # of float32 for logits up to 5


def test_cost_timeline_check_and_race(qtbot, window, settings):  # noqa: F811
    eyes, session = Eyes(window), window.session
    drop(window, DEMO)
    qtbot.waitUntil(lambda: eyes.sees("actions", "genres"), timeout=30_000)

    # the cost, in multiply-accumulates and in twice as many FLOPs
    account = window.pages.cost.accounts["actions"]
    qtbot.waitUntil(lambda: account.parts.values[1] > 0 and "(MACs)" in account.title.text(), timeout=5_000)
    qtbot.waitUntil(lambda: "1.1" in account.whole.text(), timeout=20_000)  # beside the pose network
    assert window.pages.cost.flow.latency["actions"].text() != "–"
    (flops,) = [action for action in window.sources.menu.menu().actions() if "FLOPs" in action.text()]
    flops.trigger()
    qtbot.waitUntil(lambda: "FLOPs" in account.title.text(), timeout=5_000)
    assert settings.unit == "FLOPs"

    # the timeline: drawn while it is shown, and a click goes there
    QTest.keyClick(window, Qt.Key.Key_2)
    heatmap = window.pages.timeline.maps["actions"]
    assert window.pages.currentWidget() is window.pages.timeline
    qtbot.waitUntil(lambda: heatmap.drawn > 0 and bool(heatmap._flags[:5].any()), timeout=5_000)
    area = heatmap._area()
    qtbot.waitUntil(lambda: session.snapshot().position > 3.0, timeout=20_000)
    assert "idle" in heatmap.describe(QPoint(area.x() + 10, area.y() + 3))
    row = QPoint(area.x() + round(area.width() * 1.0 / session.snapshot().duration), area.center().y())
    QTest.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=row)
    qtbot.waitUntil(lambda: session.snapshot().position < 2.5, timeout=5_000)

    # the check, by key: its page comes up with a number within float32's bound, and a curve
    QTest.keyClick(window, Qt.Key.Key_C)
    check = window.pages.check.checks["actions"]
    qtbot.waitUntil(lambda: check.verdict.text().startswith("within"), timeout=10_000)
    assert window.pages.currentWidget() is window.pages.check
    assert float(check.now.text()) < BOUND
    qtbot.waitUntil(lambda: np.size(check.plot._curve.getData()[0]) > 3, timeout=10_000)
    assert np.nanmax(check.plot._curve.getData()[1]) < np.log10(BOUND)
    QTest.keyClick(window, Qt.Key.Key_M)

    # the race, by key: both modes run on what was recorded, and the window goes on
    QTest.keyClick(window, Qt.Key.Key_R)
    race = window.pages.race
    assert window.pages.currentWidget() is race
    qtbot.waitUntil(lambda: "max |Δ|" in race.note.text(), timeout=20_000)
    assert {thread.name for thread in threading.enumerate()} >= {"race-regular", "race-continual"}
    assert float(race.note.text().rsplit(" ", 1)[1]) < BOUND
    assert "recorded tokens" in race.note.text() and race.button.text() == "Stop"
    macs = {mode: sum(session.race("actions")[0].macs(mode).values()) for mode in ("regular", "continual")}
    assert {mode: race.rows[mode].macs.text() for mode in macs} == {m: amount(n) for m, n in macs.items()}
    assert race.rows["rival"].rate.isHidden()
    assert "reading" in race.rows["continual"].bound.text()
    assert "multiplying" in race.rows["regular"].bound.text()
    assert race.battery.share == pytest.approx(1 - macs["continual"] / macs["regular"])
    assert "MACs saved" in race.saved.text()
    eyes.look()
    qtbot.waitUntil(lambda: eyes.sees("actions"), timeout=10_000)
    QTest.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: race.button.text() == "Race", timeout=5_000)

    # and one of the paper's sizes, by another engine, beside a rival, closed while it runs
    race.rival.setCurrentIndex(race.rival.findData("GRU"))
    race.model.setCurrentIndex(race.model.findText("CoOadTR-b1", Qt.MatchFlag.MatchContains))
    race.engine.setCurrentIndex(race.engine.findData("numba"))
    race.button.click()
    qtbot.waitUntil(lambda: "random tokens" in race.note.text(), timeout=60_000)
    assert "untrained" in race.model.currentText()
    assert race.rows["continual"].macs.text() == "10.6 M"
    assert race.rows["rival"].name.text() == "GRU" and not race.rows["rival"].rate.isHidden()
    qtbot.waitUntil(lambda: race.rows["rival"].macs.text() == "10.5 M", timeout=60_000)


def test_a_race_without_tokens_says_what_to_do(qtbot, window):  # noqa: F811
    QTest.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: "play a file" in window.pages.race.note.text(), timeout=10_000)


def test_the_model_is_chosen_where_there_are_several(qtbot, window, tmp_path):  # noqa: F811
    panel = window.panels["genres"]
    shutil.copy(tasks.ASSETS / "genres.safetensors", tmp_path)
    panel.offer(tasks.choices("genres", panel.info.card, tmp_path))
    assert panel.models.isHidden(), "one model is no choice"
    model, card = load_checkpoint(tmp_path / "genres.safetensors")
    torch.manual_seed(0)
    two = ContinualTransformer(**{**model.config, "blocks": 2})
    save_checkpoint(tmp_path / "two.safetensors", two, {**card, "seed": 1})
    panel.offer(tasks.choices("genres", panel.info.card, tmp_path))
    assert not panel.models.isHidden()
    assert [panel.models.itemText(i) for i in range(2)] == ["b1 · 30.0 s", "b2 · 30.0 s"]
    assert panel.models.currentIndex() == 0
    panel.models.setCurrentIndex(1)
    panel.models.activated.emit(1)
    qtbot.waitUntil(lambda: window.panels["genres"] is not panel, timeout=10_000)
    assert window.session.race("genres")[0].config["blocks"] == 2


def test_the_window_times_itself():
    command = [sys.executable, ROOT / "main.py", "bench", "--window", "--json", "--seconds", "6"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    times = [f"{what}_ms" for what in ("paint_p50", "paint_p99", "latency_p50", "latency_p95")]
    assert list(figures) == [*times, "cpu", "rss_start_mb", "rss_end_mb"]
    assert 0 < figures["paint_p50_ms"] <= figures["paint_p99_ms"]
    assert 0 < figures["latency_p50_ms"] <= figures["latency_p95_ms"]
    assert figures["cpu"] > 0
    assert figures["rss_start_mb"] > 50


@pytest.mark.parametrize(("sent", "session"), [("SIGINT", "Session()"), ("SIGTERM", "Session")])
def test_who_ends_the_program_closes_the_window(sent, session):
    """On a session that is there, and on one that is made while a first window says so."""
    script = f"""
import os, signal
import app.pipeline.session, app.settings, app.ui
from PySide6.QtCore import QTimer
signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the command line has it
end = lambda window: QTimer.singleShot(500, lambda: os.kill(os.getpid(), signal.{sent}))
raise SystemExit(app.ui.run(app.pipeline.session.{session}, settings=app.settings.Settings(), begun=end))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr


def test_without_a_display_or_a_file_it_is_one_line(capsys, monkeypatch):
    assert cli.main(["bench", "--window", "--file", "nowhere.mp4"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "nowhere.mp4" in line
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["bench", "--window"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "No window can open" in line
