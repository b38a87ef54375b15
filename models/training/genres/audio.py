"""Recordings for training: read them, and make of one many as other rooms and microphones would give them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import soxr

CROSSFADE = 0.02  # seconds over which two excerpts are joined


def read(path: str | Path) -> tuple[np.ndarray, int]:
    """Sound of a file in any format that PyAV reads.

    Returns
    -------
    sound : ndarray of shape (n,), float32
        Mean of the channels, full scale ±1.
    rate : int
        Samples a second.

    Raises
    ------
    ValueError
        Not readable, or without sound.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise ValueError(f"{path} has no sound")
            rate = container.streams.audio[0].rate
            resampler = av.AudioResampler(format="fltp", rate=rate)  # only the sample format changes
            frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    except (av.FFmpegError, OSError) as error:
        raise ValueError(f"{path} is not a readable recording: {error}") from error
    if not frames:
        raise ValueError(f"{path} has no sound")
    return np.concatenate([frame.to_ndarray().mean(0) for frame in frames]).astype(np.float32), rate


def join(sounds: Sequence[np.ndarray], rate: int) -> np.ndarray:
    """Excerpts one after the other, each faded into the next over 20 ms."""
    fade = np.linspace(0, 1, round(CROSSFADE * rate), dtype=np.float32)
    whole = sounds[0]
    for sound in sounds[1:]:
        seam = whole[-len(fade) :] * (1 - fade) + sound[: len(fade)] * fade
        whole = np.concatenate([whole[: -len(fade)], seam, sound[len(fade) :]])
    return whole


def augment(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """The recording as it might have been: other speed, master, tone, room, noise and overload, by chance."""
    if rng.random() < 0.5:
        sound = respeed(sound, rate, rng.uniform(0.92, 1.08))
    if rng.random() < 0.4:
        sound = master(sound, rate, rng)
    if rng.random() < 0.3:
        sound = reverberate(sound, rate, rng)
    if rng.random() < 0.7:
        sound = colour(sound, rate, rng)
    if rng.random() < 0.3:
        sound = add_noise(sound, rng)
    if rng.random() < 0.1:
        drive = rng.uniform(1, 4) / max(np.abs(sound).max(), 1e-6)
        sound = np.tanh(drive * sound) / drive
    return sound.astype(np.float32)


def respeed(sound: np.ndarray, rate: int, factor: float) -> np.ndarray:
    """Played ``factor`` times as fast, and as much higher."""
    return soxr.resample(sound, rate * factor, rate)


def master(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """As later records are made: more bass and treble, soft and loud brought together, the peaks cut."""
    octave = np.log2(_frequencies(sound, rate) / 1000)
    gain = rng.uniform(0, 8) / (1 + 4 ** (octave + np.log2(1000 / rng.uniform(80, 200))))  # dB, below
    gain += rng.uniform(0, 5) / (1 + 4 ** (np.log2(rng.uniform(4, 7)) - octave))  # and above
    sound = _equalise(sound, gain)
    span = round(rng.uniform(0.02, 0.2) * rate)
    total = np.cumsum(np.pad(sound**2, (span // 2 + 1, span - span // 2 - 1)))
    power = np.maximum(total[span:] - total[:-span], 0) / span  # (n,), of the `span` samples around each
    mean = max(float(np.mean(sound**2)), 1e-12)
    # What is louder than the mean by x dB becomes so by x / ratio; what is 30 dB softer is left, it is noise.
    sound = sound * np.maximum(power / mean, 1e-3) ** (-0.5 * (1 - 1 / rng.uniform(1.5, 5)))
    ceiling = np.quantile(np.abs(sound), rng.uniform(0.95, 0.999)) + 1e-9
    return ceiling * np.tanh(sound / ceiling)


def colour(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """A random tone control, a smooth response of some ±5 dB, and by chance a microphone's band limits."""
    octave = np.log2(_frequencies(sound, rate) / 20)
    gain = np.interp(octave, np.arange(11), rng.normal(0, rng.uniform(1, 5), size=11))  # dB
    if rng.random() < 0.4:  # small loudspeakers and microphones have no bass
        gain -= 18 * np.maximum(0, np.log2(rng.uniform(80, 400) / 20) - octave)
    if rng.random() < 0.4:
        gain -= 36 * np.maximum(0, octave - np.log2(rng.uniform(2500, 8000) / 20))
    return _equalise(sound, gain)


def _size(sound: np.ndarray) -> int:
    """The power of two of a transform that holds it: other sizes may take a hundred times as long."""
    return 1 << (len(sound) - 1).bit_length()


def _frequencies(sound: np.ndarray, rate: int) -> np.ndarray:
    """Hz, at least 20, that :func:`_equalise` wants a gain for."""
    return np.maximum(np.fft.rfftfreq(_size(sound), 1 / rate), 20)


def _equalise(sound: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """With a gain in dB at each of its frequencies."""
    spectrum = np.fft.rfft(sound, _size(sound)) * 10 ** (gain / 20)
    return np.fft.irfft(spectrum)[: len(sound)]


def reverberate(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """In a room: exponentially decaying noise as its response, beside the direct sound."""
    decay = rng.uniform(0.15, 0.9)  # seconds to -60 dB
    time = np.arange(round(decay * rate)) / rate
    tail = rng.normal(size=len(time)) * 10 ** (-3 * time / decay)
    tail *= 10 ** (-rng.uniform(0, 15) / 20) / np.sqrt(np.sum(tail**2))  # direct to reverberant: 0 to 15 dB
    tail[0] += 1
    size = 1 << (len(sound) + len(tail) - 2).bit_length()
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def add_noise(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise of a random colour, white to brown, 5 to 40 dB below the sound."""
    spectrum = np.fft.rfft(rng.normal(size=_size(sound)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** rng.uniform(0, 1)
    noise = np.fft.irfft(spectrum)[: len(sound)]
    level = np.sqrt(np.mean(sound**2) / np.mean(noise**2)) * 10 ** (-rng.uniform(5, 40) / 20)
    return sound + level * noise
