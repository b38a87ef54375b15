"""The newest sound as the window draws it: mel columns and the waveform's envelope, on one grid."""

from __future__ import annotations

import threading

import numpy as np
import soxr

from app.capture.media import AudioBlock
from app.features.sound import decibels
from models.extractors.logmel import RATE, MelPower, compress

COLUMNS_PER_SECOND = 62.5  # the log-mel's hop: 256 samples at 16 kHz
_KEPT = 4096  # columns, about a minute


class SoundHistory:
    """Written by the music worker, read by the window.

    A reader passes the serial it got the last time and gets only what is new.
    """

    def __init__(self, bands: int) -> None:
        self._lock = threading.Lock()
        self._mel = np.zeros((0, bands), np.float32)
        self._envelope = np.zeros((0, 2), np.float32)
        self._serials = {"mel": 0, "envelope": 0}  # columns ever added
        self._rest = np.zeros(0, np.float32)  # samples of the column that is not yet full
        self._done = 0  # columns cut from the current run of blocks

    def add(self, block: AudioBlock, columns: np.ndarray) -> None:
        """Add a block of sound and the mel columns (m, bands) that became complete with it."""
        samples = np.concatenate([self._rest, block.samples])
        width = block.rate / COLUMNS_PER_SECOND  # samples a column, seldom a whole number
        first = round(self._done * width)
        count = int((first + len(samples)) / width) - self._done
        edges = np.round((self._done + np.arange(count + 1)) * width).astype(int) - first
        edges = edges[edges <= len(samples)]
        count = len(edges) - 1
        envelope = np.zeros((max(count, 0), 2), np.float32)
        if count > 0:
            body = samples[: edges[-1]]
            envelope[:, 0] = np.minimum.reduceat(body, edges[:-1])
            envelope[:, 1] = np.maximum.reduceat(body, edges[:-1])
            self._done += count
            samples = samples[edges[-1] :]
        self._rest = samples
        with self._lock:
            self._mel = np.concatenate([self._mel, columns])[-_KEPT:]
            self._envelope = np.concatenate([self._envelope, envelope])[-_KEPT:]
            self._serials["mel"] += len(columns)
            self._serials["envelope"] += len(envelope)

    def gap(self) -> None:
        """Sound is lost, or its rate changes: start a new run."""
        self._rest = np.zeros(0, np.float32)
        self._done = 0
        with self._lock:  # level the two, so that one column index means one moment again
            both = max(self._serials.values())
            for name, kept in (("mel", self._mel), ("envelope", self._envelope)):
                filler = np.zeros((both - self._serials[name], kept.shape[1]), np.float32)
                setattr(self, f"_{name}", np.concatenate([kept, filler])[-_KEPT:])
                self._serials[name] = both

    def since(self, serial: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Columns added after ``serial``.

        Returns
        -------
        mel : ndarray of shape (m, bands)
        envelope : ndarray of shape (m, 2)
            Least and greatest sample of each column.
        serial : int
            To pass the next time.
        """
        with self._lock:
            newest = min(self._serials.values())
            m = min(max(0, newest - serial), _KEPT // 2)
            mel = self._mel[len(self._mel) - (self._serials["mel"] - newest) - m :][:m]
            envelope = self._envelope[len(self._envelope) - (self._serials["envelope"] - newest) - m :][:m]
            return mel, envelope, newest


class Spectrum:
    """Mel columns and level of sound whose tokens are known: for the window alone."""

    def __init__(self) -> None:
        self._rate = 0
        self._resampler: soxr.ResampleStream | None = None
        self._mel = MelPower()
        self._newest = np.zeros(0, np.float32)  # newest 100 ms as they came

    def push(self, block: AudioBlock) -> tuple[np.ndarray, float]:
        """Columns (m, 96) that a block completes, and the level after it in dB of full scale."""
        if self._resampler is None or block.rate != self._rate:
            self._rate = block.rate
            self._resampler = soxr.ResampleStream(block.rate, RATE, 1, dtype="float32")
        self._newest = np.concatenate([self._newest, block.samples])[-(block.rate // 10) :]
        columns = compress(self._mel.push(self._resampler.resample_chunk(block.samples)))
        return columns, decibels(self._newest)
