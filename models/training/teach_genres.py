"""Taught sounds: from a few takes of tokens to streams in which the sound comes and goes.

What else there is to hear stands in statistics of the tokens of music and of no music, by genre: whole pieces
are drawn from them, and what the shipped model says of these is to stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from models.training.teach_school import CALM, TEACHER, UNSAID, Lesson, any_of

Rng = np.random.Generator

PIECES = 100  # drawn from the statistics
TICKS = 120  # of a piece and of a stream of takes
SOUND = 0.5  # share of a stream's parts that are taught sounds,
NOTHING = 0.25  # and that are the user's own nothing; the rest is music
PART = (4, 30)  # ticks of nothing, or of music, between two sounds
FADE = 6  # ticks for which the networks still hear what was before: three seconds
SETTLE = 2  # ticks into a sound, and after it, for which no name is right or wrong
MIXED = 0.3  # share of something else that may sound with it, at most


class Sounds:
    """Makes streams of takes of sounds, for :func:`models.training.teach.teach`.

    Parameters
    ----------
    statistics : Path
        Of the tokens of each genre, as :func:`statistics_of` makes them.
    rate : float
        Ticks a second.
    """

    def __init__(self, statistics: Path, rate: float) -> None:
        self.rate = rate
        rng, known = np.random.default_rng(0), load_file(statistics)
        self.others = [_piece(rng, known) for _ in range(PIECES)]

    def prepared(self, take: np.ndarray) -> np.ndarray:
        """All of a take counts."""
        return take

    def exam(self, rng: Rng, take: np.ndarray, nothing: Sequence[np.ndarray]) -> Lesson:
        """A take as it is, with a little of something else before and after; its ticks have label 0."""
        before, after = self._other(rng, nothing)[0], self._other(rng, nothing)[0]
        labels = [np.full(len(part), UNSAID) for part in (before, take, after)]
        labels[1][:] = 0
        return _joined([before, take, after], labels)

    def plain(self, take: np.ndarray) -> np.ndarray:
        """The tokens of a take alone."""
        return take

    def stream(
        self,
        rng: Rng,
        takes: Sequence[Sequence[np.ndarray]],
        nothing: Sequence[np.ndarray],
        first: int,
    ) -> Lesson:
        """A stream of a minute; the labels of the classes begin with ``first``."""
        parts: list[np.ndarray] = []
        labels: list[np.ndarray] = []
        while sum(map(len, labels)) < TICKS:
            if rng.random() < SOUND:
                which = int(rng.integers(len(takes)))
                part = self._varied(rng, any_of(rng, takes[which]), nothing)
                label = np.full(len(part), first + which)
            else:
                part, label = self._other(rng, nothing)
            label[: min(SETTLE, len(label) - 1)] = UNSAID
            parts.append(part)
            labels.append(label)
        return _joined(parts, labels)

    def _varied(self, rng: Rng, take: np.ndarray, nothing: Sequence[np.ndarray]) -> np.ndarray:
        """A sound as it is heard another time: from a later beginning, for longer, with something else."""
        take = take[int(rng.integers(0, len(take) // 2 + 1)) :]
        if rng.random() < 0.3:
            take = np.concatenate([take, take[::-1]])
        other = self._other(rng, nothing)[0]
        share = rng.uniform(0, MIXED)
        mixed = take * (1 - share) + share * other[int(rng.integers(len(other)))]
        noise = 1 + rng.normal(0, 0.1, take.shape[1]) + rng.normal(0, 0.1, take.shape)
        return (mixed * noise).astype(np.float32)

    def _other(self, rng: Rng, nothing: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Some of the user's nothing, or of a piece of music; and its labels."""
        own = bool(nothing) and rng.random() < NOTHING / (1 - SOUND)
        whole = any_of(rng, nothing if own else self.others)
        ticks = min(len(whole), int(rng.integers(*PART)))
        begin = int(rng.integers(0, len(whole) - ticks + 1))
        return whole[begin : begin + ticks], np.full(ticks, CALM if own else TEACHER)


def statistics_of(songs: Sequence[Sequence[np.ndarray]], between: int = 8) -> dict[str, np.ndarray]:
    """What :class:`Sounds` draws from: of each genre the mean, how its songs differ, and how a song varies.

    Parameters
    ----------
    songs : sequence of sequence of ndarray of shape (m, F)
        Tokens of each song of each genre.
    between : int
        Directions in which a genre's songs are told apart.

    Returns
    -------
    dict
        ``mean`` (G, F); ``between`` (G, ``between``, F): those directions times their standard deviation;
        ``within`` (G, F): standard deviation in a song.  All float16.
    """
    rows: dict[str, list[np.ndarray]] = {"mean": [], "between": [], "within": []}
    for genre in songs:
        means = np.stack([song.mean(0) for song in genre])
        rows["mean"].append(means.mean(0))
        _, size, ways = np.linalg.svd(means - means.mean(0), full_matrices=False)
        ways = ways[:between] * (size[:between, None] / np.sqrt(len(genre)))
        rows["between"].append(np.pad(ways, ((0, between - len(ways)), (0, 0))))
        long = [song - song.mean(0) for song in genre if len(song) > 1]
        rows["within"].append(np.concatenate(long).std(0) if long else 0 * means[0])
    return {name: np.stack(parts).astype(np.float16) for name, parts in rows.items()}


def _piece(rng: Rng, known: dict[str, np.ndarray]) -> np.ndarray:
    """The tokens (TICKS, F) of a piece as the statistics have it."""
    genre = int(rng.integers(len(known["mean"])))
    mean, between, within = (known[name][genre].astype(np.float32) for name in ("mean", "between", "within"))
    song = mean + rng.normal(size=len(between)) @ between
    tokens = song + rng.normal(size=(TICKS, len(mean))) * within
    return np.maximum(tokens, np.minimum(mean - 3 * within, 0)).astype(np.float32)


def _joined(parts: Sequence[np.ndarray], labels: Sequence[np.ndarray]) -> Lesson:
    """Parts one after the other, each faded into the next: the networks look back for seconds."""
    whole = [parts[0]]
    for part in parts[1:]:
        ticks = min(FADE, len(part))
        share = (np.arange(1, ticks + 1) / (FADE + 1))[:, None]
        faded = part.copy()
        faded[:ticks] = whole[-1][-1] * (1 - share) + part[:ticks] * share
        whole.append(faded)
    return Lesson(np.concatenate(whole).astype(np.float32), np.concatenate(labels))
