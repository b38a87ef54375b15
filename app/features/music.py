"""Sound -> music tokens, every half second of media time: what MusiCNN and YAMNet make of it."""

from __future__ import annotations

import math
from collections import deque
from pathlib import Path

import numpy as np
import soxr
import torch

from app.capture.media import AudioBlock
from app.features.tokens import Token
from app.program import ASSETS
from models.extractors.logmel import (
    FFT,
    HOP,
    LOUDEST,
    MELS,
    RATE,
    SILENCE,
    Leveller,
    MelPower,
    compress,
)
from models.extractors.musicnn import EMBEDDING, WINDOW, ContinualMusiCNN, load_musicnn
from models.extractors.yamnet import BANDS, FRAMES, PATCH, SOUNDS, likelihoods, load_yamnet

FIRST = 1.0  # seconds of sound before the first token: less says nothing about music
SHOWN = 625  # log-mel columns kept for the display, 10 s


class MusicTokens:
    """Tokens of a stream of sound.

    The token of tick k is made of the sound up to media time k / rate (and the few milliseconds that the
    resampler's filter reaches past it): 200 numbers of MusiCNN, of all of it in the front end and of the
    newest 3 s in the pooling; and 521 of YAMNet, of the newest second.  Both hear it levelled.  Not a bit of
    it depends on how the sound is cut into blocks.

    Parameters
    ----------
    assets : path
        The folder of the converted networks, ``musicnn.safetensors`` and ``yamnet.safetensors``.
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
    macs : dict of str to int
        Multiply-accumulates of one token, by part.
    boost : float
        dB by which the next stream is made louder than usual: training varies it.
    """

    size = EMBEDDING + SOUNDS

    def __init__(self, assets: str | Path = ASSETS, rate: float = 2.0) -> None:
        if not rate > 0:
            raise ValueError(f"rate is {rate}, expected ticks a second above 0")
        self.rate = rate
        self._network = ContinualMusiCNN(load_musicnn(Path(assets) / "musicnn.safetensors"))
        self._sounds = load_yamnet(Path(assets) / "yamnet.safetensors")
        columns = round(RATE / HOP / self.rate)
        self.macs = {
            "log-mel": columns * (FFT // 2 + 1) * MELS + FRAMES * (FFT // 2 + 1) * BANDS,
            "MusiCNN": self._network.macs(columns),
            "YAMNet": self._sounds.macs(),
        }
        self.features = {
            "extractor": "continual MusiCNN (MSD, musicnn 0.1.0) and YAMNet (AudioSet)",
            "window": WINDOW,
            "rate": self.rate,
            "loudest": LOUDEST,
        }
        self.boost = 0.0
        self._shown: deque[np.ndarray] = deque(maxlen=SHOWN)
        self._reset()

    def _reset(self) -> None:
        self._input_rate = 0
        self._resampler: soxr.ResampleStream | None = None
        self._mel = MelPower()
        self._leveller = Leveller(self.boost)
        self._network.reset()
        self._heard = np.zeros(0, np.float32)  # newest samples of 16 kHz, as YAMNet needs them
        self._powers: deque[float] = deque(maxlen=WINDOW)  # mean mel power of the newest columns
        self._newest = np.zeros(0, np.float32)  # newest 100 ms as they came
        self._received = 0  # samples as they came, and
        self._taken = 0  # samples of 16 kHz, since the start or the last gap
        self._tick = 0
        self._captured = 0.0

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
            self._resampler = soxr.ResampleStream(block.rate, RATE, 1, dtype="float32")
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
        """Feed samples of 16 kHz, stopping at each tick for its token."""
        tokens: list[Token] = []
        while True:
            time = self._tick / self.rate
            wanted = max(0, round((time - self._origin) * RATE) - self._taken)
            self._feed(samples[:wanted])
            if wanted > len(samples):
                return tokens
            samples = samples[wanted:]
            tokens.append(self._token(time))
            self._tick += 1

    def _feed(self, samples: np.ndarray) -> None:
        self._taken += len(samples)
        self._heard = np.concatenate([self._heard, samples])[-PATCH:]
        power = self._mel.push(samples)  # (m, 96)
        self._shown.extend(compress(power))
        self._powers.extend(power.mean(1))
        self._network.push(torch.from_numpy(compress(self._leveller.push(power))))

    def _token(self, time: float) -> Token:
        embedding, _ = self._network()
        sounds = likelihoods(self._sounds, self._heard * np.float32(math.sqrt(self._leveller.gain)))
        vector = np.concatenate([embedding.numpy(), sounds])  # (721,)
        silent = sum(self._powers) < SILENCE * len(self._powers)
        return Token(self._tick, time, vector, self._captured, status="no music" if silent else "")


def decibels(samples: np.ndarray) -> float:
    """Level of samples (n,) of full scale ±1, dB of full scale; -inf for silence, and for none."""
    power = float(np.mean(samples**2, dtype=np.float64)) if len(samples) else 0.0
    return 10 * math.log10(power) if power > 0 else -math.inf


def tokenise(sound: np.ndarray, rate: int, extractor: MusicTokens | None = None) -> list[Token]:
    """All tokens of a whole sound (n,) float32; ``extractor`` spares loading the weights again."""
    extractor = extractor or MusicTokens()
    extractor.gap(0.0)
    tokens = extractor.audio(AudioBlock(np.asarray(sound, np.float32), rate, 0.0, 0.0))
    return tokens + extractor.flush()
