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
    """The recording as it might have been: other speed, tone, room, noise and overload, each by chance."""
    if rng.random() < 0.5:
        sound = respeed(sound, rate, rng.uniform(0.92, 1.08))
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


def colour(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """A random tone control, a smooth response of some ±5 dB, and by chance a microphone's band limits."""
    frequency = np.fft.rfftfreq(len(sound), 1 / rate)  # (n / 2 + 1,)
    octave = np.log2(np.maximum(frequency, 20) / 20)
    gain = np.interp(octave, np.arange(11), rng.normal(0, rng.uniform(1, 5), size=11))  # dB
    if rng.random() < 0.4:  # small loudspeakers and microphones have no bass
        gain -= 18 * np.maximum(0, np.log2(rng.uniform(80, 400) / 20) - octave)
    if rng.random() < 0.4:
        gain -= 36 * np.maximum(0, octave - np.log2(rng.uniform(2500, 8000) / 20))
    return np.fft.irfft(np.fft.rfft(sound) * 10 ** (gain / 20), len(sound))


def reverberate(sound: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """In a room: exponentially decaying noise as its response, beside the direct sound."""
    decay = rng.uniform(0.15, 0.9)  # seconds to -60 dB
    time = np.arange(round(decay * rate)) / rate
    tail = rng.normal(size=len(time)) * 10 ** (-3 * time / decay)
    tail *= 10 ** (-rng.uniform(0, 15) / 20) / np.sqrt(np.sum(tail**2))  # direct to reverberant: 0 to 15 dB
    tail[0] += 1
    size = len(sound) + len(tail) - 1
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def add_noise(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise of a random colour, white to brown, 5 to 40 dB below the sound."""
    spectrum = np.fft.rfft(rng.normal(size=len(sound)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** rng.uniform(0, 1)
    noise = np.fft.irfft(spectrum, len(sound))
    level = np.sqrt(np.mean(sound**2) / np.mean(noise**2)) * 10 ** (-rng.uniform(5, 40) / 20)
    return sound + level * noise
