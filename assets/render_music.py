"""Render accompaniments in the ten genres, as extra training data that nobody's licence binds.

    python assets/render_music.py FOLDER [--each 24]

writes ``FOLDER/genre.mmaNN.flac``: MMA's grooves under common chord progressions, with a lead that improvises
on the chords, played by FluidSynth (Debian: ``apt-get install mma fluidsynth timgm6mb-soundfont``).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

LIBRARY = Path("/usr/share/mma/lib")
SOUND_FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE = 22050
SECONDS = 15
BARS = 16

# genre -> groove files, slowest and fastest tempo, chord progressions, leading instruments (General MIDI)
STYLES = {
    "blues": (
        "stdlib/blues stdlib/slowblues stdlib/fastblues stdlib/countryblues casio/blues zoom/blues",
        (70, 130),
        ("E7 A7 E7 E7 A7 A7 E7 E7 B7 A7 E7 B7", "A7 D7 A7 A7 D7 D7 A7 A7 E7 D7 A7 E7"),
        "Harmonica NylonGuitar JazzGuitar Piano1",
    ),
    "classical": (
        "stdlib/arpeggio44 stdlib/arpeggio68 stdlib/arpeggiowaltz stdlib/vienesewaltz stdlib/stringballad "
        "stdlib/hymn",
        (60, 120),
        ("C F G C Am Dm G C", "Am E Am Dm Am E Am Am", "G D Em Bm C G C D"),
        "Strings Violin Flute Oboe Harpsichord Piano1 Clarinet Cello",
    ),
    "country": (
        "stdlib/bluegrass stdlib/countryswing stdlib/countrywaltz stdlib/hillcountry stdlib/slowcountry "
        "zoom/country",
        (90, 150),
        ("G G C G G D D G", "C F C G C F G C", "D A G D D A A D"),
        "Fiddle Banjo SteelGuitar Harmonica",
    ),
    "disco": (
        "casio/discosoul stdlib/boneym casio/dancepop1 casio/dancepop2 casio/dancepop3",
        (110, 130),
        ("Am7 F C G", "Dm7 G7 CM7 Am7", "Em7 A7 Dm7 G7"),
        "Strings SynthBrass1 EPiano Trumpet",
    ),
    "hiphop": (
        "alexis/hiphop casio/hip-hop zoom/hiphop stdlib/bvfunk",
        (80, 105),
        ("Am Am Dm Am", "Cm Cm Gm Gm", "Em Em Em D"),
        "RhodesPiano SynthBass1 Vibraphone SynthVox",
    ),
    "jazz": (
        "stdlib/swing stdlib/nitejazz stdlib/jazzcombo stdlib/bebop stdlib/mellowjazz stdlib/evansish "
        "stdlib/easyswing stdlib/modernjazz stdlib/jazzguitar stdlib/fastswing stdlib/slowjazz "
        "stdlib/bossanova",
        (90, 200),
        ("Dm7 G7 CM7 CM7 Dm7 G7 CM7 A7", "Cm7 F7 BbM7 EbM7 Am7b5 D7 Gm6 Gm6", "F7 Bb7 F7 F7 Gm7 C7 F7 C7"),
        "Vibraphone Vibraphone JazzGuitar TenorSax AltoSax Piano1 MutedTrumpet Clarinet",
    ),
    "metal": (
        "pflib/metal1 pflib/metal2 casio/heavymetal zoom/punk",
        (120, 190),
        ("E5 E5 G5 A5", "D5 D5 F5 E5", "E5 C5 D5 E5"),
        "DistortonGuitar OverDriveGuitar",
    ),
    "pop": (
        "casio/8beatpop1 casio/80spop casio/poprock1 casio/electricpop stdlib/popballad zoom/pop",
        (80, 125),
        ("C G Am F", "F G Em Am", "G Em C D"),
        "Piano1 SynthVox RhodesPiano CleanGuitar",
    ),
    "reggae": (
        "zoom/reggae stdlib/ska",
        (70, 95),
        ("Am Dm Am Dm", "G C G D", "C F C G"),
        "Organ1 CleanGuitar Trombone MutedGuitar",
    ),
    "rock": (
        "stdlib/basicrock stdlib/50srock stdlib/60srock stdlib/bubblerock stdlib/softrock stdlib/folkrock",
        (100, 150),
        ("A D E A", "E A B A", "G F C G"),
        "OverDriveGuitar CleanGuitar Organ3 SteelGuitar",
    ),
}


def score(genre: str, rng: np.random.Generator) -> str:
    """A song in MMA's language."""
    files, (slow, fast), progressions, leads = STYLES[genre]
    file = LIBRARY / f"{rng.choice(files.split())}.mma"
    grooves = re.findall(r"(?mi)^DefGroove\s+(\S+)", file.read_text(errors="replace"))
    grooves = [name for name in grooves if not re.search("intro|end|fill", name, re.IGNORECASE)]
    chords = str(rng.choice(progressions)).split()
    lines = [f"include {file}", f"Tempo {rng.integers(slow, fast + 1)}", f"Groove {rng.choice(grooves)}"]
    lines.append(f"Transpose {rng.integers(-5, 7)}")
    if rng.random() < 0.7:
        lines += [
            f"Arpeggio-Lead Voice {rng.choice(leads.split())}",
            f"Arpeggio-Lead Sequence {{1 {rng.choice([4, 8, 8, 16])} 90 * {rng.choice([4, 8])}}}",
            f"Arpeggio-Lead RSkip {rng.integers(20, 60)}",
            "Arpeggio-Lead Direction Random",
            f"Arpeggio-Lead Octave {rng.integers(5, 7)}",
        ]
    lines += [f"{bar + 1} {chords[bar % len(chords)]}" for bar in range(BARS)]
    return "\n".join(lines) + "\n"


def render(song: str, folder: Path) -> np.ndarray:
    """The first seconds of a song, mono."""
    source, midi, wave = (folder / f"song.{suffix}" for suffix in ("mma", "mid", "wav"))
    source.write_text(song)
    subprocess.run(["mma", "-f", midi, source], check=True, capture_output=True)
    player = ["fluidsynth", "-ni", "-r", str(RATE), "-F", wave, SOUND_FONT, midi]
    subprocess.run(player, check=True, capture_output=True)
    sound, _ = soundfile.read(wave, frames=SECONDS * RATE, dtype="float32")
    return sound.mean(1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=24, help="songs a genre")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        for genre in tqdm(STYLES, unit="genre"):
            for number in range(arguments.each):
                target = arguments.folder / f"{genre}.mma{number:02}.flac"
                try:
                    song = score(genre, np.random.default_rng([number, *genre.encode()]))
                    sound = render(song, Path(work))
                except subprocess.CalledProcessError:
                    failed += 1
                    continue
                soundfile.write(target, 0.7 * sound / max(np.abs(sound).max(), 1e-6), RATE)
    if failed:
        sys.exit(f"{failed} songs could not be rendered: a groove that this version of MMA does not take")


if __name__ == "__main__":
    main()
