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
    import librosa  # takes over a second to import: not before somebody listens

    return np.ascontiguousarray(librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=MELS).T, np.float32)


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
