"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.pipeline.session import Session

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data (CONTINUAL_LIVE_DATA, else ``../shared/data``); skips where it is absent."""
    folder = Path(os.environ.get("CONTINUAL_LIVE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set CONTINUAL_LIVE_DATA")
    return folder


@pytest.fixture(scope="session")
def assets() -> Path:
    return ROOT / "assets"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session without a window; no thread of it is left behind."""
    made = Session()
    yield made
    assert made.close()
