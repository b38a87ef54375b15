"""Teaching a task classes of the user's own: takes from files or the running session, a trained model.

No Qt.  The command ``teach`` and the window share it.  What is kept of a take are its joints, or what the
networks made of its sound: no picture and no sound.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from app.capture.media import AudioBlock, CaptureError, Frame
from app.capture.recording import Gap, Recording
from app.features.music import MusicTokens
from app.features.pose import PoseTokens
from app.features.tokens import Token
from app.pipeline.priority import stand_back
from app.pipeline.stream import HOLD
from app.pipeline.tasks import ASSETS, KIND
from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.teach import Take, sort_out, teach
from models.training.teach_actions import Gestures
from models.training.teach_genres import Sounds
from models.training.teach_school import Material, Pace

log = logging.getLogger(__name__)

NOTHING = ("nothing", "rest", "none")  # folders and names of takes in which nothing is done
SHORTEST = {"actions": 1.0, "genres": 1.0}  # seconds of a take
LONGEST = 30.0  # seconds of a take that are used, from its middle
SEEN = 0.6  # share of a take's ticks at which there must be somebody
WORDS = {"actions": "person seen", "genres": "sound heard"}
STATISTICS = ASSETS / "genres_statistics.safetensors"
CACHE = Path(platformdirs.user_cache_dir("continual-live", appauthor=False)) / "teaching"


@dataclass(frozen=True, eq=False)
class Taught:
    """A model that was taught, and its card."""

    model: ContinualTransformer
    card: dict[str, Any]

    @property
    def scores(self) -> dict[str, Any]:
        return self.card["taught"]["leave_one_take_out"]

    def save(self, path: Path) -> None:
        """Write the checkpoint, whole or not at all; errors as of `save_checkpoint`, and OSError."""
        save_checkpoint(path, self.model, self.card)


def is_nothing(name: str) -> bool:
    """Whether a class of this name means that nothing is done."""
    return name.strip().casefold() in NOTHING


def take_of(task: str, label: str, tokens: Sequence[Token], source: str) -> Take:
    """A take of these tokens.

    Parameters
    ----------
    task : {"actions", "genres"}
    label : str
        The class; "nothing" for nothing.
    tokens : sequence of Token
        Of consecutive ticks.
    source : str
        Where it comes from.

    Raises
    ------
    ValueError
        It is too short, or nobody is seen or nothing heard in it; one line that says so.
    """
    rate = {"actions": 15.0, "genres": 2.0}[task]
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
        return take_of(self.task, label, self._tokens(recording, stopped), path.name)

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


class Teaching:
    """The takes that a task is taught, and what comes of them; used by one thread at a time.

    Parameters
    ----------
    task : {"actions", "genres"}
    weights : Path, optional
        The shipped model, by default that in assets.

    Attributes
    ----------
    takes : list of Take
    pace : Pace
        How long it learns.

    Raises
    ------
    ValueError, OSError
        The weights cannot be used.
    """

    def __init__(self, task: str, weights: Path | None = None) -> None:
        self.task = task
        self.weights = weights or ASSETS / f"{task}.safetensors"
        self._base, self._card = load_checkpoint(self.weights)
        if self._card["task"] != task:
            raise ValueError(f"{self.weights.name} is for {self._card['task']}, expected weights for {task}")
        if "taught" in self._card:
            raise ValueError(f"{self.weights.name} was taught already: name the model that it was taught on")
        self.takes: list[Take] = []
        self.pace = Pace()
        self._before: list[list[Take]] = []  # what `undo` goes back to
        self._material: Material | None = None

    @property
    def labels(self) -> list[str]:
        """What the shipped model names."""
        return list(self._card["labels"])

    @property
    def rate(self) -> float:
        """Ticks a second."""
        return float(self._card["rate"])

    def add(self, take: Take, in_place_of: Take | None = None) -> None:
        """Take one more, or another one for one that was not good."""
        self._before.append(self.takes)
        at = self.takes.index(in_place_of) if in_place_of in self.takes else len(self.takes)
        self.takes = [*self.takes[:at], take, *self.takes[at + (in_place_of in self.takes) :]]

    def remove(self, *takes: Take) -> None:
        """Forget takes."""
        self._before.append(self.takes)
        self.takes = [take for take in self.takes if take not in takes]

    def undo(self) -> bool:
        """Go back by one `add` or `remove`; False where there is none."""
        if not self._before:
            return False
        self.takes = self._before.pop()
        return True

    def name_fault(self, name: str) -> str:
        """Why a class cannot be called so; "" where it can."""
        if not name.strip():
            return "Type a name first."
        if is_nothing(name):
            return f"{name} is where nothing is done: it is in the list already."
        taken = {label.casefold() for label in self.labels}
        return (
            f"The model has a class {name} already: choose another name." if name.casefold() in taken else ""
        )

    def train(
        self, progress: Callable[[float], None] = lambda share: None, command: str = "", seed: int = 0
    ) -> tuple[Taught, list[str]]:
        """Teach a copy of the shipped model, and what of the takes was left out of it; see `teach`.

        Raises
        ------
        ValueError
            No class is left; one line for each reason.
        """
        kept, faults = sort_out(self.takes, self.labels)
        if not any(take.label for take in kept):
            raise ValueError("\n".join([*faults, "There is nothing to learn: no class has two takes."]))
        if all(take.label for take in kept):
            faults.append(
                "There is no take of nothing: with one or two of your rest there would be fewer wrong names."
            )
        if self._material is None:
            self._material = (
                Gestures(self.labels, self.rate, CACHE)
                if self.task == "actions"
                else Sounds(STATISTICS, self.rate)
            )
        model, card = teach(
            self._base,
            self._card,
            kept,
            self._material,
            hold=HOLD,
            seed=seed,
            pace=self.pace,
            progress=progress,
            command=command,
        )
        on = hashlib.sha256(self.weights.read_bytes()).hexdigest()
        card["taught"] |= {"on": f"{self.weights.name} ({on[:12]})"}
        return Taught(model, card), faults


def in_words(scores: dict[str, Any]) -> list[str]:
    """The score of takes left out, a line each."""
    right = round(scores["right"] * scores["takes"])
    lines = [
        f"{right} of {scores['takes']} takes named rightly by a training that had not seen them; "
        f"{scores['wrong_names_a_minute']:.1f} wrong names a minute of everything else"
    ]
    for name, said in scores["by_class"].items():
        others = scores["taken_for"].get(name, [])
        lines.append(f"  {name}: {said}" + (f", else {', '.join(others)}" if others else ""))
    return lines


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


class Stopped(Exception):
    """The user has had enough."""


class Errand:
    """Something that takes a while, on a thread of its own: a training, or the reading of files.

    Parameters
    ----------
    do : callable
        Given a callable that is to be told the share that is done, and raises `Stopped` when it is time to.

    Attributes
    ----------
    share : float
        What is done, 0 to 1.
    """

    def __init__(self, do: Callable[[Callable[[float], None]], Any]) -> None:
        self.share = 0.0
        self._do = do
        self._stop = threading.Event()
        self._outcome: tuple[Any, str] = None, ""
        self._thread = threading.Thread(target=self._run, name="teach", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def outcome(self) -> tuple[Any, str]:
        """What was done, None for nothing, and what went wrong, "" for nothing; once it is over."""
        return self._outcome

    def stop(self, timeout: float) -> bool:
        """Ask it to end, and wait; True when it did."""
        self._stop.set()
        self._thread.join(timeout)
        return self.over

    def _run(self) -> None:
        stand_back()
        try:
            self._outcome = self._do(self._told), ""
        except Stopped:
            pass
        except (ValueError, OSError, ImportError, CaptureError) as error:
            self._outcome = None, str(error)
        except Exception as error:
            log.exception("teaching")
            self._outcome = None, f"{type(error).__name__}: {error}; details are in the log."

    def _told(self, share: float) -> None:
        self.share = share
        if self._stop.is_set():
            raise Stopped
