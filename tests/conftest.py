"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from threadpoolctl import threadpool_limits

from app.pipeline.session import Session
from tests.devices import PATIENCE, PROMPT, ffmpeg, need
from tests.films import PICTURE, SOUND
from tests.screens import own_screen

ROOT = Path(__file__).resolve().parents[1]
LONGEST = (  # modules that take more than a quarter of a minute
    "test_headless",
    "test_models_engines",
    "test_window_pages",
    "test_real_actions",
    "test_genres",
    "test_oad_train",
    "test_teach",
    "test_actions_training",
    "test_seek",
    "test_window",
    "test_capture_microphone",
    "test_window_files",
    "test_capture_camera",
    "test_machines",
    "test_film",
    "test_music",
    "test_pose",
    "test_window_devices",
    "test_listener",
    "test_models_classifier",
    "test_many",
    "test_session",
    "test_oad_live",
    "test_faults_actions",
    "test_own_video",
    "test_privacy",
    "test_fleet",
)


def pytest_configure(config: pytest.Config) -> None:
    """Tests run on one thread each, as the program does, and beside each other (``make test``)."""
    torch.set_num_threads(1)
    threadpool_limits(1)
    if hasattr(config, "workerinput"):
        own_screen()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first: of those that run at once, none is left with much at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data (CONTINUAL_LIVE_DATA, else ``../shared/data``); skips where it is absent."""
    folder = Path(os.environ.get("CONTINUAL_LIVE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set CONTINUAL_LIVE_DATA")
    return folder


@pytest.fixture
def qtbot(qtbot):
    """pytest-qt's, with our patience: when a wait gives up is no claim about speed."""

    def patient(wait):
        return lambda awaited, *, timeout=0: wait(awaited, timeout=max(timeout, round(1000 * PATIENCE)))

    qtbot.waitUntil, qtbot.waitActive = patient(qtbot.waitUntil), patient(qtbot.waitActive)
    return qtbot


@pytest.fixture(scope="session")
def assets() -> Path:
    return ROOT / "assets"


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """A folder for the films of a module."""
    need("ffmpeg")
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def whole(files) -> Path:
    """Two seconds, 25 pictures a second, B-frames, AAC at 44.1 kHz, the index at the end."""
    path = files / "whole.mp4"
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libx264", "-bf", "2", "-g", "25", "-c:a", "aac", path)
    return path


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session without a window; no thread of it is left behind."""
    made = Session()
    yield made
    assert made.close(PROMPT)
