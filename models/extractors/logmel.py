"""Log-mel spectrogram as MusiCNN wants it, column by column as the sound comes, and blind to its level."""

from __future__ import annotations

import functools
import math

import numpy as np

RATE = 16000  #: samples a second
FFT = 512  #: samples a frame
HOP = 256  #: samples between frames
MELS = 96  #: bands

# The mean mel power of the loudest column, which the leveller steers to.  What MusiCNN hears depends on
# level: louder, sparse jazz sounds like reggae; softer, GTZAN's tracks are told apart some points worse.
LOUDEST = -8.0  # dB
# Mean mel power of white noise at -60 dB of full scale: below it is silence, which does not move the level.
SILENCE = 10 ** (-52.0 / 10)


@functools.cache
def filterbank() -> np.ndarray:
    """Slaney's mel filterbank, area-normalised, (257, 96) float32, as librosa makes it."""
    edges = _slaney_hertz(np.linspace(0, _SLANEY_LINEAR + np.log(RATE / 2 / 1000) / _SLANEY_STEP, MELS + 2))
    return (triangles(edges) * (2 / (edges[2:] - edges[:-2]))).astype(np.float32)


def triangles(edges: np.ndarray) -> np.ndarray:
    """Filters over the FFT's bins (257, bands) float32, each rising from an edge to the next and falling.

    librosa's, without librosa: importing it takes two seconds.

    Parameters
    ----------
    edges : ndarray of shape (bands + 2,)
        Hz.
    """
    bins = np.fft.rfftfreq(FFT, 1 / RATE)[:, None]  # (257, 1)
    widths = np.diff(edges)
    rising, falling = (bins - edges[:-2]) / widths[:-1], (edges[2:] - bins) / widths[1:]  # (257, bands)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


# Slaney's mels: 200/3 Hz each up to 1 kHz, then 27 of them to a factor of 6.4.
_SLANEY_LINEAR, _SLANEY_STEP = 15, np.log(6.4) / 27


def _slaney_hertz(mels: np.ndarray) -> np.ndarray:
    above = 1000 * np.exp(_SLANEY_STEP * (mels - _SLANEY_LINEAR))
    return np.where(mels < _SLANEY_LINEAR, 200 / 3 * mels, above)


class MelPower:
    """Streaming mel power spectrogram.

    Column f is centred on sample 256 f and needs the 256 samples after it; the columns are those of
    ``librosa.feature.melspectrogram(..., center=True, pad_mode="constant")``, but for the last, which needs
    samples that never come.  Frames are computed one by one, so that no column depends on how the sound was
    cut into blocks, not even in its last bit.
    """

    def __init__(self) -> None:
        self._window = np.hanning(FFT + 1)[:-1].astype(np.float32)
        self._pending = np.zeros(FFT // 2, np.float32)  # the centring's padding

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Columns (m, 96) float32 that ``samples`` (n,) float32 at 16 kHz complete."""
        sound = np.concatenate([self._pending, samples])
        count = max(0, (len(sound) - FFT) // HOP + 1)
        self._pending = sound[count * HOP :]
        columns = np.empty((count, MELS), np.float32)
        for f in range(count):
            spectrum = np.fft.rfft(sound[f * HOP : f * HOP + FFT] * self._window)
            power = spectrum.real**2 + spectrum.imag**2  # (257,)
            columns[f] = power.astype(np.float32) @ filterbank()
        return columns


class Leveller:
    """Slow automatic gain on mel power, one gain a column, from that column and those before it only.

    It steers to the loudest column, as mastering does, and not to the mean: so sparse music stays quieter
    than dense.  The memory of the loudest fades while there is sound.  Music ±20 dB gives the same columns,
    silence stays silence, and a pause does not raise the gain.

    Parameters
    ----------
    boost : float
        dB above :data:`LOUDEST` to steer to.
    seconds : float
        Time constant of the fading.

    Attributes
    ----------
    gain : float
        Of the newest column, on power.
    """

    def __init__(self, boost: float = 0.0, seconds: float = 10.0) -> None:
        self._target = 10 ** ((LOUDEST + boost) / 10)
        self._keep = math.exp(-HOP / (RATE * seconds))
        self._loudest = 0.0
        self.gain = 1.0

    def push(self, columns: np.ndarray) -> np.ndarray:
        """Mel power (m, 96) in, levelled mel power (m, 96) out."""
        gains = np.empty((len(columns), 1), np.float32)
        for f, power in enumerate(columns.mean(1, dtype=np.float64)):
            if power > SILENCE:
                self._loudest = max(power, self._keep * self._loudest)
                self.gain = self._target / self._loudest
            gains[f] = self.gain
        return columns * gains


def compress(power: np.ndarray) -> np.ndarray:
    """MusiCNN's logarithm: log10(10000 x + 1)."""
    return np.log10(10000 * power + 1, dtype=np.float32)
