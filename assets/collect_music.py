"""Collect music that is not GTZAN's, to see what the genre model is worth elsewhere.

    python assets/collect_music.py OUT [--fma FOLDER]

From Debian's packages (free licences; downloaded with apt-get, not installed): two metal bands of the game
Frets on Fire, and the orchestral score of Battle for Wesnoth, which is named classical here for want of a
nearer genre.  ``--fma`` adds four pieces of known genre from the folder that holds them.  Of each piece 30
seconds from its middle are written, as ``genre.SOURCE-PIECE.flac``; then:

    python main.py evaluate genres --data OUT
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import soundfile

from models.training.genres.audio import read

SECONDS = 30
PACKAGES = {
    "fretsonfire-songs-muldjord": ("metal", "song.ogg"),
    "fretsonfire-songs-sectoid": ("metal", "song.ogg"),
    "wesnoth-1.16-music": ("classical", "*.ogg"),
}
FMA = {
    "Hungarian_Dance": "classical",
    "Karissa_Hobbs": "country",
    "Kevin_MacLeod_-_P_I_Tchaikovsky": "classical",
    "Kevin_MacLeod_-_Vibe_Ace": "jazz",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--fma", type=Path, help="folder of the four pieces")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pieces = []
        for package, (genre, pattern) in PACKAGES.items():
            subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
            (archive,) = folder.glob(f"{package}_*.deb")
            subprocess.run(["dpkg-deb", "-x", archive, folder / package], check=True)
            for path in sorted((folder / package).rglob(pattern)):
                title = path.parent.name if path.stem == "song" else path.stem
                pieces.append((genre, f"{package.split('-')[0]}-{title}", path))
        for path in sorted(args.fma.glob("*.ogg")) if args.fma else ():
            genre = next(genre for start, genre in FMA.items() if path.name.startswith(start))
            pieces.append((genre, f"fma-{path.stem}", path))
        for genre, title, path in pieces:
            sound, rate = read(path)
            begin = max(0, (len(sound) - SECONDS * rate) // 2)
            middle = sound[begin : begin + SECONDS * rate].clip(-1, 1)
            soundfile.write(args.out / f"{genre}.{title.replace('.', '-')}.flac", middle, rate)
    print(f"{len(list(args.out.glob('*.flac')))} files in {args.out}")


if __name__ == "__main__":
    main()
