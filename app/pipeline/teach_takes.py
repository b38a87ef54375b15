"""Takes: what a task sees or hears of one who does a thing, from a file or the running session.

No picture and no sound is kept: a take is a person's joints, or what the networks made of a sound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from app.capture.media import AudioBlock, CaptureError, Frame
from app.capture.recording import Gap, Recording
from app.features.music import MusicTokens
from app.features.pose import PoseTokens
from app.features.tokens import Token
from app.pipeline.tasks import KIND
from models.training.teach import Take

NOTHING = ("nothing", "rest", "none")  # folders and names of takes in which nothing is done
SHORTEST = {"actions": 1.0, "genres": 1.0}  # seconds of a take
LONGEST = 30.0  # seconds of a take that are used, from its middle
SEEN = 0.6  # share of a take's ticks at which there must be somebody
WORDS = {"actions": "person seen", "genres": "sound heard"}


def is_nothing(name: str) -> bool:
    """Whether a class of this name means that nothing is done."""
    return name.strip().casefold() in NOTHING


def take_of(task: str, label: str, tokens: Sequence[Token], rate: float, source: str) -> Take:
    """A take of these tokens.

    Parameters
    ----------
    task : {"actions", "genres"}
    label : str
        The class; "nothing" for nothing.
    tokens : sequence of Token
        Of consecutive ticks.
    rate : float
        Ticks a second.
    source : str
        Where it comes from.

    Raises
    ------
    ValueError
        It is too short, or nobody is seen or nothing heard in it; one line that says so.
    """
    what = WORDS[task]
    there = [not token.status for token in tokens]
    if not any(there):
        far = any(token.status == "too far away" for token in tokens)
        why = "the person is too far away" if far else f"there is no {what} in it"
        raise ValueError(f"{source} is no take: {why}.")
    first, last = there.index(True), len(there) - there[::-1].index(True)
    kept, there = tokens[first:last], there[first:last]
    if len(kept) < SHORTEST[task] * rate:
        raise ValueError(
            f"{source} is no take: {len(kept) / rate:.1f} s with a {what}, expected at least "
            f"{SHORTEST[task]:g} s."
        )
    if np.mean(there) < SEEN:
        raise ValueError(
            f"{source} is no take: a {what} in {np.mean(there):.0%} of it, expected {SEEN:.0%} at least."
        )
    spare = max(0, len(kept) - round(LONGEST * rate))
    kept = kept[spare // 2 : len(kept) - (spare - spare // 2)]
    rows = [token.pose if task == "actions" else token.vector for token in kept]
    data = np.stack([row for row in rows if row is not None]).astype(np.float32)
    return Take("" if is_nothing(label) else label, data, source)


class Reader:
    """Reads takes from media files; one at a time, on whatever thread asks.

    Parameters
    ----------
    task : {"actions", "genres"}
    """

    def __init__(self, task: str) -> None:
        self.task = task
        self._extractor = PoseTokens() if task == "actions" else MusicTokens()

    def take(self, label: str, path: Path, stopped: Callable[[], bool] = lambda: False) -> Take:
        """The take that a file is.

        Raises
        ------
        ValueError, CaptureError
            It is none; one line that says why.
        """
        recording = Recording(path)
        if KIND[self.task] not in recording.kinds:
            lacking = {"actions": "picture", "genres": "sound"}[self.task]
            raise ValueError(f"{path.name} is no take: it has no {lacking}.")
        tokens = self._tokens(recording, stopped)
        return take_of(self.task, label, tokens, self._extractor.rate, path.name)

    def close(self) -> None:
        if isinstance(self._extractor, PoseTokens):
            self._extractor.close()
        else:
            self._extractor.gap(0.0)

    def _tokens(self, recording: Recording, stopped: Callable[[], bool]) -> list[Token]:
        extractor, tokens, end = self._extractor, [], 0.0
        extractor.gap(0.0)
        for event in recording.events(stopped):
            if isinstance(event, Gap):
                if event.kind == KIND[self.task]:
                    extractor.gap(event.time)
            elif isinstance(event, Frame) and isinstance(extractor, PoseTokens):
                tokens += extractor.frame(event)
                end = event.time
            elif isinstance(event, AudioBlock) and isinstance(extractor, MusicTokens):
                tokens += extractor.audio(event)
        if isinstance(extractor, PoseTokens):
            return tokens + extractor.flush(end + 0.5 / extractor.rate)
        return tokens + extractor.flush()


def read_folder(
    folder: Path, reader: Reader, told: Callable[[str], None] = lambda line: None
) -> tuple[list[Take], list[str]]:
    """The takes in a folder, which has a folder for each class; and a line for each that is none.

    Raises
    ------
    ValueError
        There is no such folder, or none of classes in it.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: expected one that has a folder for each class.")
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not classes:
        raise ValueError(f"{folder} has no folder in it: expected one for each class, of films or sounds.")
    takes, faults = [], []
    for own in classes:
        for path in sorted(path for path in own.iterdir() if path.is_file() and path.name[0] != "."):
            told(f"{own.name}/{path.name}")
            try:
                takes.append(reader.take(own.name, path))
            except (ValueError, CaptureError) as error:
                faults.append(f"{own.name}: {' '.join(str(error).split())}")
    return takes, faults


class Recorder:
    """Keeps the tokens of a task between `begin` and `end`; called on the task's worker's thread."""

    def __init__(self) -> None:
        self._tokens: list[Token] | None = None
        self.newest: Token | None = None

    def __call__(self, token: Token) -> None:
        self.newest = token
        if (tokens := self._tokens) is not None:
            tokens.append(token)

    def begin(self) -> None:
        self._tokens = []

    def end(self) -> list[Token]:
        tokens, self._tokens = self._tokens or [], None
        return tokens
