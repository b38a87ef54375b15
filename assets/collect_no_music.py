"""Collect sounds that are no music, to train "no music" on: speech of many voices, and noises.

    sudo apt-get install flite espeak-ng
    python assets/collect_no_music.py OUT

The voices of real people are telephone prompts in five languages, from Debian's asterisk-core-sounds-*
(CC-BY-SA; downloaded with apt-get, not installed).  Synthetic voices come from flite and espeak-ng, noises
are computed.  Files are named ``none.VOICE.NUMBER.flac``: a voice or a kind of noise is what a track is to a
genre.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr

RATE = 16000
SECONDS = 20  # of a file
FILES = 4  # a voice
LANGUAGES = ("en", "es", "fr", "it", "ru")
FLITE = ("awb", "kal16", "rms", "slt")
ESPEAK = ("en-us", "de", "es+f3", "fr+m5", "en-gb+f2")
TEXT = (
    "Good morning, everybody. Before we begin, please look at the list on the wall and find your "
    "name. The second meeting starts at half past ten, in the room beside the kitchen. If you have "
    "brought a laptop, there are enough sockets along the window. Last week we talked about the cost "
    "of heating an old house; today somebody from the council will tell us which repairs are paid "
    "for, and who has to ask for them. I have counted forty three chairs, so a few of us will have "
    "to stand. Does anyone know how to open this door? It was locked yesterday, and nobody could "
    "find the key. Thank you, that is very kind of you. Well then, let us start with the first "
    "question, which was sent to me by a gentleman from the north."
)


def prompts(language: str, folder: Path) -> Iterator[np.ndarray]:
    """The prompts of one speaker, in an order of their own each time."""
    subprocess.run(
        ["apt-get", "download", f"asterisk-core-sounds-{language}-g722"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    (package,) = folder.glob(f"asterisk-core-sounds-{language}-*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder / language], check=True)
    # Short ones are letters and numbers; "silence" and the beeps are no speech.
    files = [f for f in sorted((folder / language).rglob("*.g722")) if f.stat().st_size > 16000]
    files = [f for f in files if "silence" not in f.parts and "beep" not in f.name and "tone" not in f.name]
    rng = np.random.default_rng(LANGUAGES.index(language))
    for i in rng.permutation(len(files)):
        with av.open(str(files[i]), format="g722") as container:
            pieces = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
        yield np.concatenate(pieces).astype(np.float32) / 32768
        yield np.zeros(int(rng.uniform(0.1, 0.8) * RATE), np.float32)


def spoken(command: list[str], folder: Path) -> Iterator[np.ndarray]:
    """TEXT by a synthetic voice."""
    path = folder / "spoken.wav"
    subprocess.run(
        [argument.replace("OUT", str(path)) for argument in command], check=True, capture_output=True
    )
    sound, rate = soundfile.read(path, dtype="float32")
    yield soxr.resample(sound, rate, RATE)


def noise(kind: str, number: int) -> Iterator[np.ndarray]:
    """Noise of a kind, other for each number."""
    rng = np.random.default_rng([len(kind), ord(kind[0]), number])
    size = SECONDS * RATE
    time = np.arange(size) / RATE
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    spectrum = np.fft.rfft(rng.normal(size=size))
    slope = {"white": 0.0, "pink": 0.5, "brown": 1.0}.get(kind, rng.uniform(0, 1))
    sound = np.fft.irfft(spectrum / np.maximum(frequency, 20) ** slope, size)
    if kind == "fan":  # hum of the mains and its harmonics
        base = rng.choice([50, 60, 100, 120, rng.uniform(80, 300)])
        sound /= sound.std()
        for k in range(1, 12):
            sound += rng.uniform(0, 2 / k) * np.sin(2 * np.pi * base * k * time + rng.uniform(0, 7))
    elif kind in ("typing", "steps"):  # short decaying bursts, at random and in a walk's time
        rate = rng.uniform(2, 7) if kind == "typing" else rng.uniform(1.5, 2.2)
        gaps = rng.exponential(1 / rate, 400) if kind == "typing" else rng.normal(1 / rate, 0.03, 400)
        decay = rng.uniform(40, 150) if kind == "typing" else rng.uniform(15, 50)
        envelope = np.zeros(size)
        at = np.cumsum(np.abs(gaps))
        envelope[(at[at < SECONDS - 0.01] * RATE).astype(int)] = rng.uniform(
            0.3, 1, (at < SECONDS - 0.01).sum()
        )
        kernel = np.exp(-decay * np.arange(RATE // 4) / RATE)
        sound = sound / sound.std() * (np.convolve(envelope, kernel)[:size] + rng.uniform(0.001, 0.02))
    elif kind == "wind":
        slow = np.interp(time, np.arange(SECONDS + 1), rng.uniform(0.1, 1, SECONDS + 1))
        sound = np.fft.irfft(spectrum / np.maximum(frequency, 60) ** rng.uniform(0.7, 1.3), size) * slow**2
    yield (0.1 * sound / sound.std()).astype(np.float32)


def files_of(voice: str, pieces: Iterator[np.ndarray], out: Path, count: int) -> list[np.ndarray]:
    """Write ``count`` files of joined pieces, fewer when they run out."""
    made = []
    for number in range(count):
        sound = np.zeros(0, np.float32)
        while len(sound) < SECONDS * RATE and (piece := next(pieces, None)) is not None:
            sound = np.concatenate([sound, piece])
        if len(sound) < 5 * RATE:
            break
        sound = (0.1 * sound / sound.std())[: SECONDS * RATE]
        soundfile.write(out / f"none.{voice}.{number}.flac", sound.clip(-1, 1), RATE)
        made.append(sound)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder to write to")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    speech = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for language in LANGUAGES:
            speech += files_of(f"speaker-{language}", prompts(language, folder), out, FILES)
        for voice in FLITE:
            speech += files_of(
                voice, spoken(["flite", "-voice", voice, "-t", TEXT, "-o", "OUT"], folder), out, FILES
            )
        for voice in ESPEAK:
            speech += files_of(
                voice, spoken(["espeak-ng", "-v", voice, "-w", "OUT", TEXT], folder), out, FILES
            )
    for kind in ("white", "pink", "brown", "fan", "typing", "steps", "wind"):
        for number in range(FILES):
            (sound,) = noise(kind, number)
            soundfile.write(out / f"none.{kind}.{number}.flac", sound.clip(-1, 1), RATE)
    rng = np.random.default_rng(0)
    for number in range(FILES):  # many at once
        chosen = [np.resize(speech[i], SECONDS * RATE) for i in rng.choice(len(speech), 6, replace=False)]
        soundfile.write(out / f"none.babble.{number}.flac", (np.sum(chosen, 0) / 3).clip(-1, 1), RATE)
    print(f"{len(list(out.glob('none.*.flac')))} files in {out}")


if __name__ == "__main__":
    main()
