"""Statistics of the tokens of each genre, for `teach genres`: what a taught sound is to be told from.

    python assets/build_genres_statistics.py FOLDER …

The folders hold recordings ``genre.track.*`` as for ``train genres``; of no music those of
``assets/collect_no_music.py``.  A recording shorter than five seconds is heard again until it is as long.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soxr
from safetensors.numpy import save_file
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.features.music import MusicTokens
from app.learning import music_tokens
from models.extractors.logmel import RATE
from models.training.genres.audio import join, read
from models.training.genres.songs import LABELS, find_recordings
from models.training.teach_genres import statistics_of

OUT = Path(__file__).with_name("genres_statistics.safetensors")
LEAST = 5.02  # seconds


def main(folders: list[str]) -> None:
    """Write the statistics of the recordings in these folders beside this script."""
    extractor = MusicTokens()
    songs: list[list[np.ndarray]] = [[] for _ in LABELS]
    for recording in tqdm(find_recordings(folders)[0], unit="recording"):
        sound = soxr.resample(*read(recording.path), RATE).astype(np.float32)
        if len(sound) < LEAST * RATE:
            sound = join([sound] * (int(LEAST * RATE / len(sound)) + 1), RATE)[: int(LEAST * RATE)]
        tokens = music_tokens(extractor, sound, RATE)
        if len(tokens) > 1:
            songs[recording.genre].append(tokens)
    save_file(statistics_of(songs), OUT)
    OUT.chmod(0o644)
    print(f"{OUT.name}: {', '.join(f'{len(own)} {name}' for own, name in zip(songs, LABELS, strict=True))}")


if __name__ == "__main__":
    main(sys.argv[1:])
