"""Teaching a task classes of the user's own: takes in, a trained model and its score out.

No Qt.  The command ``teach`` and the window share it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from app.capture.media import CaptureError
from app.pipeline.priority import stand_back
from app.pipeline.stream import HOLD
from app.pipeline.tasks import ASSETS
from app.pipeline.teach_takes import is_nothing
from models.checkpoint import load_checkpoint, save_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.teach import Take, sort_out, teach
from models.training.teach_actions import Gestures
from models.training.teach_genres import Sounds
from models.training.teach_school import Material, Pace, Pupil, with_classes

log = logging.getLogger(__name__)

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
    pupil : callable
        What learns, as of `teach`.

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
        self.pupil: Pupil = with_classes
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
            pupil=self.pupil,
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
