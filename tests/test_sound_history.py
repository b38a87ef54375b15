"""Mel columns and envelope stay on one grid, whatever the rate and the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from app.capture.media import AudioBlock
from app.pipeline.sound import COLUMNS_PER_SECOND, SoundHistory


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("block", [160, 1024, 4096])
def test_envelope_is_that_of_the_whole_signal(rate, block):
    signal = np.random.default_rng(0).uniform(-1, 1, rate * 3).astype(np.float32)
    history = SoundHistory(bands=4)
    columns_before = 0
    for start in range(0, len(signal), block):
        samples = signal[start : start + block]
        columns = int((start + len(samples)) / rate * COLUMNS_PER_SECOND)
        mel = np.full((columns - columns_before, 4), 1.0, np.float32)
        columns_before = columns
        history.add(AudioBlock(samples, rate, start / rate, 0.0), mel)
    mel, envelope, serial = history.since(0)
    assert serial == len(mel) == len(envelope)
    assert abs(serial - 3 * COLUMNS_PER_SECOND) <= 1
    width = rate / COLUMNS_PER_SECOND
    for column in range(serial):
        piece = signal[round(column * width) : round((column + 1) * width)]
        assert envelope[column].tolist() == [piece.min(), piece.max()]


def test_a_reader_gets_each_column_once():
    history = SoundHistory(bands=2)
    block = AudioBlock(np.ones(1600, np.float32), 16000, 0.0, 0.0)
    seen, serial = 0, 0
    for k in range(20):
        history.add(block, np.full((6 + k % 2, 2), k, np.float32))
        mel, envelope, serial = history.since(serial)
        assert len(mel) == len(envelope)
        seen += len(mel)
    assert seen == serial > 100
    history.gap()
    mel, _, serial = history.since(serial)
    assert len(history.since(serial)[0]) == 0
