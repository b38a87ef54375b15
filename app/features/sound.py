"""A stream of sound -> tokens at its ticks: what all networks that hear have in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from typing import Any, ClassVar

import numpy as np
import soxr

from app.capture.media import AudioBlock
from app.features.tokens import Token
from models.extractors.logmel import MELS, RATE, SILENCE, Leveller, MelPower, compress

FIRST = 1.0  # seconds of sound before the first token: less says nothing about music
SILENT = 187  # log-mel columns, 3 s, that must be silent for "no music"
SHOWN = 625  # log-mel columns kept for the display, 10 s


class SoundTokens(ABC):
    """Tokens of a stream of sound, levelled.

    The token of tick k is made of the sound up to media time k / rate (and the few milliseconds that the
    resampler's filter reaches past it).  Not a bit of it depends on how the sound is cut into blocks.

    Parameters
    ----------
    rate : float
        Ticks a second.

    Attributes
    ----------
    rate : float
        Ticks a second.
    size : int
        Length of a token's vector.
    features : dict
        What the tokens are, for the model card: weights trained on other features are of no use here.
    level : float
        Of the newest 100 ms, dB of full scale; -inf for none.
    macs, macs_regular : dict of str to int
        Multiply-accumulates of one token, by part: as it is computed, and of the same networks over the
        whole of their windows.
    boost : float
        dB by which the next stream is made louder than usual: training varies it.
    """

    samples: ClassVar[int] = RATE  # a second that the networks hear; RATE or twice that
    size: int
    features: dict[str, Any]
    macs: dict[str, int]
    macs_regular: dict[str, int]

    def __init__(self, rate: float) -> None:
        if not rate > 0:
            raise ValueError(f"rate is {rate}, expected ticks a second above 0")
        self.rate = rate
        self.boost = 0.0
        self._shown: deque[np.ndarray] = deque(maxlen=SHOWN)
        self._reset()

    def _reset(self) -> None:
        self._input_rate = 0
        self._resampler: soxr.ResampleStream | None = None
        self._mel = MelPower()
        self._leveller = Leveller(self.boost)
        self._powers: deque[float] = deque(maxlen=SILENT)  # mean mel power of the newest columns
        self._newest = np.zeros(0, np.float32)  # newest 100 ms as they came
        self._odd = np.zeros(0, np.float32)  # a sample that waits for the other of its pair
        self._received = 0  # samples as they came, and
        self._taken = 0  # samples as the networks hear them, since the start or the last gap
        self._tick = 0
        self._captured = 0.0
        self._begin()

    @abstractmethod
    def _begin(self) -> None:
        """A new stream."""

    @abstractmethod
    def _hear(self, samples: np.ndarray, levelled: np.ndarray) -> None:
        """New samples (n,), as they came, and the mel columns (m, 96) that they completed, levelled."""

    @abstractmethod
    def _vector(self) -> np.ndarray:
        """The token (size,) of what was heard so far."""

    @property
    def level(self) -> float:
        return decibels(self._newest)

    def columns(self) -> np.ndarray:
        """Log-mel columns (m, 96) since the last call, 62.5 a second, at most 10 s of them; 0 to about 7."""
        columns = [self._shown.popleft() for _ in range(len(self._shown))]
        return np.stack(columns) if columns else np.zeros((0, MELS), np.float32)

    def audio(self, block: AudioBlock) -> list[Token]:
        """Take a block of sound; give the tokens of the ticks that it completes.

        Raises
        ------
        ValueError
            A block whose sample rate is not that of the block before, without a gap between them.
        """
        if not self._input_rate:
            self._input_rate = block.rate
            self._resampler = soxr.ResampleStream(block.rate, self.samples, 1, dtype="float32")
            self._tick = math.ceil((block.time + FIRST) * self.rate - 1e-6)
        elif block.rate != self._input_rate:
            raise ValueError(
                f"sound at {block.rate} Hz after {self._input_rate} Hz: announce a gap before it"
            )
        # Media time of the stream's first sample, corrected as the capture corrects its clock.
        self._origin = block.time - self._received / block.rate
        self._received += len(block.samples)
        self._captured = block.captured
        self._newest = np.concatenate([self._newest, block.samples])[-(block.rate // 10) :]
        assert self._resampler is not None
        return self._take(self._resampler.resample_chunk(block.samples))

    def gap(self, time: float) -> None:
        """Sound was lost before media time ``time``: what comes is a new stream."""
        self._reset()

    def flush(self) -> list[Token]:
        """The sound is at its end: tokens of the ticks that the resampler still held back."""
        if self._resampler is None:
            return []
        tokens = self._take(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        self._reset()
        return tokens

    def _take(self, samples: np.ndarray) -> list[Token]:
        """Feed resampled sound, stopping at each tick for its token."""
        tokens: list[Token] = []
        while True:
            time = self._tick / self.rate
            wanted = max(0, round((time - self._origin) * self.samples) - self._taken)
            self._feed(samples[:wanted])
            if wanted > len(samples):
                return tokens
            samples = samples[wanted:]
            silent = sum(self._powers) < SILENCE * len(self._powers)
            status = "no music" if silent else ""
            tokens.append(Token(self._tick, time, self._vector(), self._captured, status=status))
            self._tick += 1

    def _feed(self, samples: np.ndarray) -> None:
        self._taken += len(samples)
        power = self._mel.push(samples if self.samples == RATE else self._halved(samples))  # (m, 96)
        self._shown.extend(compress(power))
        self._powers.extend(power.mean(1))
        self._hear(samples, self._leveller.push(power))

    def _halved(self, samples: np.ndarray) -> np.ndarray:
        """At half the rate, in pairs: good enough for the level and for the eye."""
        sound = np.concatenate([self._odd, samples])
        pairs = len(sound) // 2
        self._odd = sound[2 * pairs :]
        return sound[: 2 * pairs].reshape(-1, 2).mean(1)


def decibels(samples: np.ndarray) -> float:
    """Level of samples (n,) of full scale ±1, dB of full scale; -inf for silence, and for none."""
    power = float(np.mean(samples**2, dtype=np.float64)) if len(samples) else 0.0
    return 10 * math.log10(power) if power > 0 else -math.inf


def tokenise(sound: np.ndarray, rate: int, extractor: SoundTokens) -> list[Token]:
    """All tokens of a whole sound (n,) float32."""
    extractor.gap(0.0)
    tokens = extractor.audio(AudioBlock(np.asarray(sound, np.float32), rate, 0.0, 0.0))
    return tokens + extractor.flush()
