"""The grid: the real window on a real fleet, driven as its user would."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from app import cli
from app.arguments import parser
from app.capture import devices
from app.pipeline import fleet as fleet_module
from app.pipeline.fleet import Fleet
from app.settings import Settings
from app.ui.address_dialog import AddressDialog
from app.ui.grid_window import GridWindow
from app.ui.stream_tile import NamesStrip
from app.ui.tile_grid import columns_for
from tests.devices import ffmpeg, need, wait_until
from tests.test_ui_widgets import ACTIONS, prediction

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    need("ffmpeg")
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    ffmpeg("-i", DEMO, "-t", "2", "-c", "copy", "-an", path)
    return path


@pytest.fixture
def grid(qtbot, clip):
    """Two streams, of which one is a camera that is not there; closing leaves no thread."""
    before = set(threading.enumerate())
    fleet = Fleet()
    fleet.add_file(clip)
    fleet.add_camera("no such camera")
    window = GridWindow(fleet, Settings(loop=True))
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    yield window
    window.close()
    wait_until(lambda: set(threading.enumerate()) <= before, what="no thread is left")
    assert not window.timer.isActive()


def drop(window: GridWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(QPointF(9, 9), copy, mime, left, NONE))


def test_streams_come_and_go_and_one_that_is_missing_says_so(grid, qtbot, clip):
    first, second = grid.tiles[1], grid.tiles[2]
    qtbot.waitUntil(lambda: first.video.grab().toImage().pixelColor(first.video.rect().center()).value() > 60)
    qtbot.waitUntil(lambda: "There is no camera no such camera" in second.video._empty)
    qtbot.waitUntil(lambda: "fps" in first.meter.text() and "%" in first.percent.text())
    assert first.title.text() == "1  clip.mp4" and "no such camera" in second.title.text()
    assert second.meter.text() == "" and second.label.text() == "waiting for a picture"
    drop(grid, clip)
    qtbot.waitUntil(lambda: list(grid.tiles) == [1, 2, 3])
    second.remove.click()
    qtbot.waitUntil(lambda: list(grid.tiles) == [1, 3])
    qtbot.waitUntil(lambda: "streams now: 2" in grid.cost.saved.text() and "at once" in grid.cost.step.text())
    assert "pose networks included" in grid.cost.whole.text()
    for tile in list(grid.tiles.values()):
        tile.remove.click()
    qtbot.waitUntil(lambda: not grid.tiles and grid.empty.isVisible())


def test_keys(grid, qtbot):
    shot = grid.fleet.snapshot
    qtbot.waitUntil(lambda: shot().totals.steps > 20)
    QTest.keyClick(grid, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: shot().mode == "regular" and grid.regular.isChecked())
    QTest.keyClick(grid, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: shot().mode == "continual" and grid.continual.isChecked())

    def forgot() -> bool:
        newest = shot().streams[0].snapshot.latest["actions"]
        return newest is not None and newest.filled < min(newest.tick, 60)

    assert not forgot()
    QTest.keyClick(grid, Qt.Key.Key_1)
    qtbot.waitUntil(forgot)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: grid.hold.text() == "Go on")
    qtbot.waitUntil(lambda: not shot().streams[0].snapshot.playing)
    QTest.keyClick(grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shot().streams[0].snapshot.playing)


def test_a_camera_is_added_from_a_menu_or_by_its_address(grid, qtbot, monkeypatch):
    monkeypatch.setattr(devices, "cameras", lambda: [devices.CameraInfo("Desk camera", 3, "")])
    QTest.keyClick(grid, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(grid.adder.menu.isVisible)
    camera, _, address = grid.adder.menu.actions()
    grid.adder.menu.close()
    assert camera.text() == "Desk camera"
    camera.trigger()
    qtbot.waitUntil(lambda: list(grid.tiles) == [1, 2, 3])
    qtbot.waitUntil(lambda: "Desk camera" in grid.tiles[3].title.text())

    def fill_in() -> None:
        dialog = grid.findChild(AddressDialog)
        assert dialog is not None and dialog.keep_box.isHidden()
        dialog.address.setText("http://me:secret@127.0.0.1:9/camera")
        dialog.accept()

    QTimer.singleShot(100, grid, fill_in)
    address.trigger()
    qtbot.waitUntil(lambda: list(grid.tiles) == [1, 2, 3, 4])
    qtbot.waitUntil(lambda: "127.0.0.1:9/camera" in grid.tiles[4].title.text())
    assert "secret" not in grid.tiles[4].title.text()


def test_a_stream_that_cannot_be_added_is_told(grid, qtbot, monkeypatch, clip):
    monkeypatch.setattr(fleet_module, "MOST", 2)
    drop(grid, clip)
    qtbot.waitUntil(lambda: bool(grid.banners.banners()))
    (banner,) = grid.banners.banners()
    assert banner.notice.cause == "clip.mp4 is not added: there are 2 streams, and no more can be added."
    banner.close_button.click()
    qtbot.waitUntil(lambda: not grid.banners.banners())


def test_one_stream_alone_and_all_again(grid, qtbot):
    first, second = grid.tiles[1], grid.tiles[2]
    QTest.mouseDClick(first.video, Qt.MouseButton.LeftButton)
    assert first.isVisible() and not second.isVisible()
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert first.isVisible() and second.isVisible()


def test_everything_that_can_be_pressed_says_what_it_does(grid):
    buttons = [one for one in grid.findChildren(QAbstractButton) if one.isVisible()]
    assert len(buttons) >= 11
    assert all(button.toolTip() and button.accessibleName() for button in buttons)


@pytest.mark.parametrize(("count", "columns"), [(0, 1), (1, 1), (2, 2), (3, 3), (4, 2), (9, 3), (16, 6)])
def test_tiles_fill_a_wide_window(count, columns):
    assert columns_for(count, 1256, 670) == columns
    assert columns_for(2, 500, 900) == 1


def test_the_strip_tells_what_was_named(qtbot):
    strip = NamesStrip(ACTIONS.rate)
    qtbot.addWidget(strip)
    one, two = prediction(ACTIONS, 0, top=1), prediction(ACTIONS, 0, top=0)
    not_sure = prediction(ACTIONS, 0, top=1, p=0.2)
    strip.add([one, one, not_sure, two])
    end = strip._named.maxlen
    assert strip.runs() == [(1, end - 4, 2), (0, end - 1, 1)]
    strip.add([two] * (2 * end))
    assert strip.runs() == [(0, 0, end)]


def test_several_sources_on_the_command_line():
    args = parser().parse_args(["--camera", "0", "--camera", "http://a/b", "--file", "x.mp4"])
    assert args.cameras == [0, "http://a/b"] and args.files == [Path("x.mp4")]
    assert args.camera == 0 and args.file == Path("x.mp4")
    alone = parser().parse_args(["--file", "x.mp4"])
    assert alone.files == [Path("x.mp4")] and alone.cameras == [] and alone.camera is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--camera", "0", "--camera", "0"], "camera 0 is given twice"),
        (["--camera", "0", "--camera", "-1"], "not -1"),
        (["--camera", "0", "--camera", "gopher://a"], "must begin with one of http"),
        (["--file", "a.mp4", "--file", "b.mp4", "--mic", "0"], "--mic goes with a camera"),
        ([word for k in range(17) for word in ("--file", f"{k}.mp4")], "17 streams are asked for"),
    ],
)
def test_what_is_no_set_of_streams_is_refused_before_a_window_opens(arguments, told, capsys):
    assert cli.main(arguments) == 2
    assert told in capsys.readouterr().err
