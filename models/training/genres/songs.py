"""Recordings of music -> streams of tokens (cached on disk) -> windows to train on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import soxr
import torch
from tqdm import tqdm

from models.extractors.logmel import RATE
from models.training import kept
from models.training.genres.audio import augment, join, read
from models.training.train import Batch

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
LABELS = (*GENRES, "no music")  # its files are named none.track.*
BOOST = (-4.0, 8.0)  # dB, the range of an augmented recording's level
FOLDS = 5  # the tracks of each genre are dealt to so many
EXTRA = -1  # fold of what is only ever trained on


class Tokenise(Protocol):
    """Sound (n,) of a rate, made louder by a boost in dB after levelling, to tokens (m, F)."""

    def __call__(self, sound: np.ndarray, rate: int, boost: float = 0.0) -> np.ndarray: ...


class Recording(NamedTuple):
    """A file ``genre.track.*``; files of one track never come on both sides of a split."""

    path: Path
    genre: int
    track: str


class Stream(NamedTuple):
    """Tokens (m, F) of joined excerpts of one genre and one fold."""

    tokens: np.ndarray
    genre: int
    fold: int


def find_recordings(folders: Iterable[str | Path]) -> tuple[list[Recording], list[str]]:
    """Files named ``genre.track.*`` in the folders and below, and why others were skipped.

    Raises
    ------
    ValueError
        No folder, or nothing in it that can be used.
    """
    found, skipped = [], []
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise ValueError(f"{folder} is not a folder of recordings named genre.track.*")
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            genre, *rest = path.name.split(".")
            genre = "no music" if genre == "none" else genre
            if genre not in LABELS:
                skipped.append(f"{path.name}: {genre!r} is none of {', '.join(GENRES)}, none")
            elif len(rest) < 2:
                skipped.append(f"{path.name}: expected genre.track.suffix")
            else:
                found.append(Recording(path, LABELS.index(genre), f"{genre}.{rest[0]}"))
    if not found:
        raise ValueError("no recordings named genre.track.* found" + (f" ({skipped[0]})" if skipped else ""))
    return found, skipped


def deal(recordings: Sequence[Recording]) -> dict[str, int]:
    """Track -> fold: each genre's tracks in the order of their names' hashes, dealt in turn."""
    folds: dict[str, int] = {}
    for genre in range(len(LABELS)):
        tracks = {recording.track for recording in recordings if recording.genre == genre}
        ordered = sorted(tracks, key=lambda track: hashlib.sha256(track.encode()).hexdigest())
        folds |= {track: turn % FOLDS for turn, track in enumerate(ordered)}
    return folds


def make_streams(
    recordings: Sequence[Recording],
    extra: Sequence[Recording],
    tokenise: Tokenise,
    features: Mapping[str, Any],
    *,
    passes: int,
    seed: int,
    cache: Path,
    progress: bool = True,
) -> list[Stream]:
    """Every recording ``passes`` times, first as it is, then augmented; the excerpts of a fold are joined.

    What is extra is heard once, augmented, for it is no more than an augmentation itself.
    Each pass is kept in ``cache`` under the hash of all that it depends on.
    """
    folds = deal(recordings)
    real: dict[tuple[int, int, int], list[Path]] = {}
    for recording in recordings:
        real.setdefault((recording.genre, folds[recording.track], 0), []).append(recording.path)
    added: dict[tuple[int, int, int], list[Path]] = {}
    for number, recording in enumerate(extra):
        added.setdefault((recording.genre, EXTRA, number // 4), []).append(recording.path)
    streams: list[Stream] = []
    turns = [(real, turn) for turn in range(passes)] + ([(added, 1)] if added else [])
    for groups, turn in tqdm(turns, disable=not progress, desc="tokens", unit="pass"):
        sizes = [(path.name, path.stat().st_size) for paths in groups.values() for path in paths]
        key = json.dumps([sorted(sizes), dict(features), seed, turn], sort_keys=True)
        file = cache / f"genres-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
        stored = kept.load(file, ("tokens", "lengths"))
        if stored is None or len(stored[1]) != len(groups):
            stored = _tokenise_all(groups, turn, seed, tokenise)
            kept.save(file, tokens=stored[0], lengths=stored[1])
        rows = np.split(stored[0].astype(np.float32), np.cumsum(stored[1])[:-1])
        for (genre, fold, _), tokens in zip(sorted(groups), rows, strict=True):
            streams.append(Stream(tokens, genre, fold))
    return streams


def _tokenise_all(
    groups: Mapping[tuple[int, int, int], Sequence[Path]],
    turn: int,
    seed: int,
    tokenise: Tokenise,
) -> list[np.ndarray]:
    """Join the excerpts of each group in a random order, but for turn 0 augmented.

    Gives the tokens (N, F) float16 of all groups, and how many each has.
    """
    made = []
    for group, paths in sorted(groups.items()):
        rng = np.random.default_rng([seed, turn, group[0], group[1] - EXTRA, group[2]])
        sounds = [soxr.resample(*read(paths[i]), RATE) for i in rng.permutation(len(paths))]
        if turn:
            sounds = [augment(sound, RATE, rng) for sound in sounds]
        boost = rng.uniform(*BOOST) if turn else 0.0
        made.append(tokenise(join(sounds, RATE), RATE, boost).astype(np.float16))
    return [np.concatenate(made), np.array([len(tokens) for tokens in made])]


class Windows:
    """Windows for :func:`models.training.train.fit`: every genre alike, every length 1 to n and phase.

    A window is pieced together from segments of streams of its genre, mixed by chance with another window of
    its genre and then with one of any genre (mixup), and blurred with noise: four hundred recordings are few.

    Parameters
    ----------
    streams : sequence of Stream
        Standardised tokens.
    window : int
        n.
    teacher : callable
        Tokens (B, m, F), lengths (B,) -> probabilities (B, C), blended with the labels.
    """

    batch = 64
    widths = (4, 8, 16, 32, 60)  # of a batch's longest window; short ones are what is hard
    odds = (0.25, 0.25, 0.2, 0.2, 0.1)
    extra = 0.25  # share of segments that are taken from EXTRA streams, where there are any
    trust = 0.85  # in the teacher
    mask, noise = 0.1, 0.3

    def __init__(
        self,
        streams: Sequence[Stream],
        window: int,
        teacher: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        self.window = window
        self.teacher = teacher
        genres = range(len(LABELS))
        self._real = [[s.tokens for s in streams if s.genre == g and s.fold != EXTRA] for g in genres]
        self._present = [genre for genre in genres if self._real[genre]]
        self._extra = [[s.tokens for s in streams if s.genre == g and s.fold == EXTRA] for g in genres]

    def __call__(self, rng: np.random.Generator) -> Batch:
        width = min(self.window, int(rng.choice(self.widths, p=self.odds)))
        genres = rng.choice(self._present, size=self.batch)
        lengths = rng.integers(1, width + 1, size=self.batch)
        size = self._real[self._present[0]][0].shape[1]
        tokens = np.zeros((self.batch, width, size))
        for row, genre, length in zip(tokens, genres, lengths, strict=True):
            row[width - length :] = self._piece(genre, length, rng)
            if rng.random() < 0.5:
                share = rng.uniform(0, 0.5)
                row[width - length :] *= 1 - share
                row[width - length :] += share * self._piece(genre, length, rng)
        targets = np.eye(len(LABELS))[genres]
        if rng.random() < 0.5:
            tokens, targets = self._mixup(tokens, targets, lengths, rng)
        targets = (1 - self.trust) * targets + self.trust * self.teacher(tokens, lengths)
        kept = rng.random((self.batch, 1, size)) >= self.mask
        tokens = tokens * kept / (1 - self.mask) + rng.normal(0, self.noise, tokens.shape)
        ticks = rng.integers(2 * self.window - 1, size=self.batch)
        return Batch(
            torch.from_numpy(tokens.astype(np.float32)),
            torch.from_numpy(lengths),
            torch.from_numpy(ticks),
            torch.from_numpy(targets.astype(np.float32)),
        )

    def _piece(self, genre: int, length: int, rng: np.random.Generator) -> np.ndarray:
        """Tokens (length, F) of one genre: segments of its streams, long and short ones."""
        segments: list[np.ndarray] = []
        missing = length
        while missing:
            pool = (
                self._extra[genre] if self._extra[genre] and rng.random() < self.extra else self._real[genre]
            )
            stream = pool[rng.integers(len(pool))]
            wanted = missing if rng.random() < 0.5 else min(missing, int(rng.integers(1, 21)))
            wanted = min(wanted, len(stream))
            start = rng.integers(len(stream) - wanted + 1)
            segments.append(stream[start : start + wanted])
            missing -= wanted
        return np.concatenate(segments)

    def _mixup(
        self, tokens: np.ndarray, targets: np.ndarray, lengths: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Each row with another that is at least as long, the larger share its own."""
        other = rng.permutation(self.batch)
        share = rng.beta(0.4, 0.4, size=self.batch)
        share = np.where(lengths <= lengths[other], np.maximum(share, 1 - share), 1)
        tokens = share[:, None, None] * tokens + (1 - share)[:, None, None] * tokens[other]
        return tokens, share[:, None] * targets + (1 - share)[:, None] * targets[other]
