"""Recordings of music -> streams of tokens (cached on disk) -> windows to train on."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import soxr
import torch
from tqdm import tqdm

from models.extractors.logmel import RATE
from models.training import kept
from models.training.genres.audio import CROSSFADE, augment, join, read
from models.training.train import Batch

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
LABELS = (*GENRES, "no music")  # its files are named none.track.*
BOOST = (-4.0, 8.0)  # dB, the range of an augmented recording's level
LEAST = 5.1  # seconds of a recording that the training hears
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
    """Tokens (m, F) of one recording, of its genre and its fold."""

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


def alone(
    recordings: Sequence[Recording],
    tokenise: Tokenise,
    features: Mapping[str, Any],
    cache: Path,
    progress: bool = True,
) -> list[np.ndarray]:
    """The tokens (m, F) of each recording as it is; kept in ``cache``.

    Raises
    ------
    ValueError
        A recording that cannot be read, or that is too short for a token.
    """

    def make() -> list[np.ndarray]:
        made = []
        for recording in tqdm(recordings, disable=not progress, desc="tokens", unit="file"):
            made.append(tokenise(*read(recording.path)).astype(np.float16))
            if not len(made[-1]):
                raise ValueError(f"{recording.path} is too short for a token")
        return made

    sizes = [(recording.path.name, recording.path.stat().st_size) for recording in recordings]
    return _kept(cache, [sizes, dict(features)], len(recordings), make) if recordings else []


def make_streams(
    recordings: Sequence[Recording],
    extra: Sequence[Recording],
    single: Sequence[np.ndarray],
    tokenise: Tokenise,
    features: Mapping[str, Any],
    rate: float,
    *,
    passes: int,
    seed: int,
    cache: Path,
    progress: bool = True,
) -> list[Stream]:
    """Every recording ``passes`` times, first as it is (``single``: its tokens (m, F)), then augmented.

    One that lasts less than LEAST seconds is repeated until it does: joined to others, the newest three
    seconds would be of several songs, and no model that learns from such hears like one that does not.
    What is extra is heard once, augmented, for it is no more than an augmentation itself.
    Each pass is kept in ``cache`` under the hash of all that it depends on.
    """
    folds = deal(recordings)
    streams = []
    short = []
    for recording, tokens in zip(recordings, single, strict=True):
        if len(tokens) < LEAST * rate - 1:  # the first is of the first second
            short.append(recording)
        else:
            streams.append(Stream(tokens, recording.genre, folds[recording.track]))
    turns = [(short, 0), *((recordings, turn) for turn in range(1, passes)), *([(extra, 1)] if extra else [])]
    for chosen, turn in turns:
        key = [[(r.path.name, r.path.stat().st_size) for r in chosen], dict(features), seed, turn, "alone"]
        made = _kept(
            cache, key, len(chosen), functools.partial(_hear_each, chosen, turn, seed, tokenise, progress)
        )
        for recording, tokens in zip(chosen, made, strict=True):
            fold = EXTRA if chosen is extra else folds[recording.track]
            streams.append(Stream(tokens, recording.genre, fold))
    return streams


def _hear_each(
    recordings: Sequence[Recording], turn: int, seed: int, tokenise: Tokenise, progress: bool
) -> list[np.ndarray]:
    """The tokens (m, F), float16, of each recording, repeated if short, and but for turn 0 augmented."""
    made = []
    for number, recording in enumerate(tqdm(recordings, disable=not progress, desc=f"pass {turn + 1}")):
        rng = np.random.default_rng([seed, turn, number])
        sound = soxr.resample(*read(recording.path), RATE)
        if len(sound) < LEAST * RATE:
            times = math.ceil(LEAST * RATE / max(1, len(sound) - round(CROSSFADE * RATE)))
            sound = join([sound] * times, RATE)[: round(LEAST * RATE)]
        if turn:
            sound = augment(sound, RATE, rng)
        made.append(tokenise(sound, RATE, rng.uniform(*BOOST) if turn else 0.0).astype(np.float16))
    return made


def _kept(cache: Path, key: Any, count: int, make: Callable[[], list[np.ndarray]]) -> list[np.ndarray]:
    """The ``count`` arrays of tokens that ``make`` gives (float16), or gave once for this key."""
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    file = cache / f"genres-{digest}.npz"
    stored = kept.load(file, ("tokens", "lengths"))
    if stored is None or len(stored[1]) != count:
        made = make()
        stored = [np.concatenate(made), np.array([len(tokens) for tokens in made])]
        kept.save(file, tokens=stored[0], lengths=stored[1])
    return np.split(stored[0].astype(np.float32), np.cumsum(stored[1])[:-1])


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
            stream = pool[self._pick(pool, rng)]
            wanted = missing if rng.random() < 0.5 else min(missing, int(rng.integers(1, 21)))
            wanted = min(wanted, len(stream))
            start = rng.integers(len(stream) - wanted + 1)
            segments.append(stream[start : start + wanted])
            missing -= wanted
        return np.concatenate(segments)

    @staticmethod
    def _pick(pool: Sequence[np.ndarray], rng: np.random.Generator) -> int:
        """Which stream of a pool: every token alike, so that a joined one counts for all that it holds."""
        ends = np.cumsum([len(stream) for stream in pool])
        return int(np.searchsorted(ends, rng.integers(ends[-1]), side="right"))

    def _mixup(
        self, tokens: np.ndarray, targets: np.ndarray, lengths: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Each row with another that is at least as long, the larger share its own."""
        other = rng.permutation(self.batch)
        share = rng.beta(0.4, 0.4, size=self.batch)
        share = np.where(lengths <= lengths[other], np.maximum(share, 1 - share), 1)
        tokens = share[:, None, None] * tokens + (1 - share)[:, None, None] * tokens[other]
        return tokens, share[:, None] * targets + (1 - share)[:, None] * targets[other]
