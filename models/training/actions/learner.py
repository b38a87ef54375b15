"""The trainings of the action model: without one fold of the people or with all, some of them at once."""

from __future__ import annotations

import pickle
import re
import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from models.checkpoint import load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.extractors.pose import IN_SPACE, SIZE
from models.training.actions.acted import Acted, acted_streams
from models.training.actions.lift import lifter
from models.training.actions.recordings import Flat
from models.training.actions.reels import FLATTENED
from models.training.actions.simulation import simulate
from models.training.actions.skeletons import Clip
from models.training.actions.soup import Soup
from models.training.actions.stills import Still
from models.training.actions.streams import Stream, Studio
from models.training.actions.teachers import Teachers
from models.training.baselines import Probe
from models.training.dense import TRUST, EveryTick, Standardised, Stretches, TwoQuestions
from models.training.train import fit

RATE = 15.0  # ticks a second
WINDOW = 64  # tokens: 4.3 s
FOLDS = 5
#: How often a class counts in training, against 1 for the others.
OFTEN = {"idle": 2.0, "other": 7.5}
PROBED = 1000  # steps of the probe, which has learnt then what it can
BATCH = 24  # stretches a step
#: Nats by which "other" is less likely in the end than in training, where it has to be frequent for what it
#: is made of to be learnt; unless a training is told.
RARER = 0.3
MODEL = {
    "model_size": 192,
    "heads": 4,
    "feedforward": 576,
    "blocks": 1,
    "dropout": 0.2,
    "token_hidden": 384,
}

TAUGHT = 2  # times as many streams where there are teachers: what they say is no less true of new ones
#: What of MODEL is another then: soft targets leave less to be got by heart.
PUPIL = {"dropout": 0.1}

#: Where training goes on from weights that are there: its rate, and how much of a target teachers say, for
#: what labels say has been learnt.
GENTLE, TRUSTING = 5e-4, 0.9

Learnt = tuple[ContinualTransformer, Probe]


def fold(person: str) -> int:
    """Which of the five folds a person ("set/number", or any name of theirs) belongs to."""
    name = person.rpartition("/")[2]
    number = re.sub("[^0-9]", "", name) or str(zlib.crc32(name.encode()))
    return (int(number) - 1) % FOLDS


@dataclass(frozen=True)
class Learner:
    """Trains a model and its probe without one fold of the people, in whichever process.

    Attributes
    ----------
    clips, stills : list
        What there is to learn from.
    classes : list of str
    shape : dict
        The model's, as in MODEL.
    streams, steps, seed : int
    cache : Path or None
        Where streams, and under the name ``stem`` the state of an interrupted training, are kept.
    stem : str
    progress : bool
        Whether to show bars on stderr.
    acted : list of Acted
        Trains with the people whose movements it shows.
    depth : bool
        Whether the body in space is learnt from; else all weights of it are zero.
    teachers : sequence of Path
        Checkpoints whose answers are learnt, see :class:`models.training.actions.teachers.Teachers`.
    start : Path or None
        A checkpoint of this shape and these classes to go on from.
    soup : sequence of Path
        Checkpoints whose mean weights are taken; nothing is trained then.
    rarer : float or None
        Nats by which "other" is less likely than it was learnt, or than the soup has it; None: RARER of what
        is trained, 0 of a soup.
    """

    clips: list[Clip | Flat]
    stills: list[Still]
    classes: list[str]
    shape: dict[str, Any]
    streams: int
    steps: int
    seed: int
    cache: Path | None
    stem: str
    progress: bool
    acted: list[Acted] = field(default_factory=list)
    depth: bool = True
    teachers: Sequence[Path] = ()
    start: Path | None = None
    soup: Sequence[Path] = ()
    rarer: float | None = None

    def __call__(self, left_out: int | None) -> Learnt:
        """The model and the probe that everybody but this fold trains; None: everybody.

        Raises
        ------
        ValueError
            There is nobody else, somebody of the fold trained a teacher, the weights to start from or those
            of the soup, or such weights are of another shape or other classes.
        """
        if self.soup:
            kept = Soup(self.soup, self.classes, WINDOW)
            self._check_strangers(left_out, kept.people, f"a part of the soup ({', '.join(kept.names)})")
            network, probe = kept()
            return self._rarer(network, 0.0), probe
        taught, known = self._taught_by(left_out), self._known(left_out)
        made = self.made(left_out)
        said = taught(made, self.progress) if taught is not None else None
        motions = 1 + max(int(stream.motions.max()) for stream in made)
        rate, trust = (1.5e-3, TRUST) if known is None else (GENTLE, TRUSTING)
        stretches = Stretches(made, self.classes, OFTEN, BATCH, motions=motions, taught=said, trust=trust)
        torch.manual_seed(self.seed)
        both = self._network(len(self.classes) + motions)
        state = f"actions-{self.stem}-{self.seed}-{left_out}.run"
        asked = TwoQuestions(EveryTick(both, steady=True), len(self.classes))
        learner = Standardised(asked, both.reader, _some(made))
        if known is not None:
            own = both.state_dict()
            for name, part in known.items():
                own[name][: len(part)] = part  # the head has rows for motions, too
            learner.take_up()
        fit(
            learner,
            stretches,
            steps=self.steps,
            lr=rate,
            label_smoothing=0.0,  # of what stretches with motions ask
            seed=self.seed,
            every=max(1, min(200, self.steps)),
            progress=self.progress,
            checkpoint=self.cache / state if self.cache is not None else None,
        )
        learner.settle()
        network = self._network(len(self.classes))  # motions were asked for what is learnt from them alone
        own = network.state_dict()
        network.load_state_dict({name: part[: len(own[name])] for name, part in both.state_dict().items()})
        self._rarer(network, RARER).eval()
        probe = Probe(SIZE, len(self.classes), WINDOW)
        fit(
            probe,
            Stretches(made, self.classes, OFTEN, BATCH),
            steps=min(self.steps, PROBED),
            lr=3e-3,
            label_smoothing=0.0,
            seed=self.seed,
            progress=self.progress,
        )
        if not self.depth:
            with torch.no_grad():
                network.reader.weight[:, IN_SPACE] = 0
                probe.linear.weight.view(len(self.classes), -1, SIZE)[..., IN_SPACE] = 0
        return network, probe

    def _network(self, classes: int) -> ContinualTransformer:
        return ContinualTransformer(input_size=SIZE, classes=classes, window=WINDOW, **self.shape)

    def _rarer(self, network: ContinualTransformer, usual: float) -> ContinualTransformer:
        """The network, to which "other" is rarer from now on."""
        with torch.no_grad():
            network.head.bias[self.classes.index("other")] -= usual if self.rarer is None else self.rarer
        return network

    def _taught_by(self, left_out: int | None) -> Teachers | None:
        if not self.teachers:
            return None
        teachers = Teachers(self.teachers, self.classes)
        self._check_strangers(left_out, teachers.people, f"a teacher ({', '.join(teachers.names)})")
        return teachers

    def _known(self, left_out: int | None) -> dict[str, Tensor] | None:
        """The weights to start from, "other" as frequent as it is in training."""
        if self.start is None:
            return None
        model, card = load_checkpoint(self.start)
        wanted = {"input_size": SIZE, "window": WINDOW} | self.shape
        wanted.pop("dropout", None)
        shape = {name: model.config.get(name) for name in wanted}
        if card["labels"] != self.classes or shape != wanted:
            raise ValueError(
                f"{self.start} has the classes {', '.join(card['labels'])} and the shape {shape}: expected "
                f"{', '.join(self.classes)} and {wanted} to start from"
            )
        self._check_strangers(left_out, card["split"]["training"], f"{self.start.name}, the start,")
        with torch.no_grad():
            model.head.bias[self.classes.index("other")] += RARER
        return model.state_dict()

    def _check_strangers(self, left_out: int | None, people: Iterable[str], what: str) -> None:
        theirs = {person for person in people if fold(person) == left_out}
        strangers = sorted(theirs & {clip.person for clip in self.clips})
        if strangers:
            raise ValueError(
                f"{', '.join(strangers)} trained {what} and would be held "
                "out: expected weights that were trained without --folds, as this has to be"
            )

    def made(self, left_out: int | None) -> list[Stream]:
        """Streams of everybody but this fold.

        Raises
        ------
        ValueError
            There is nobody else.
        """
        part = [clip for clip in self.clips if fold(clip.person) != left_out]
        if not part:
            raise ValueError("nobody to train with: the data has too few people")
        flat = any(isinstance(clip, Flat) for clip in part)
        deepen = lifter(self.cache, self.progress) if flat and self.depth else None
        flattened = FLATTENED if self.depth else 1.0
        studio = Studio(part, self.classes, RATE, self.stills, deepen, flattened)
        acted = [one for one in self.acted if one.fold != left_out]
        count = self.streams * (TAUGHT if self.teachers else 1)
        made = simulate(studio, count, self.seed, self.cache, self.progress)
        return made + acted_streams(acted, studio, self.seed)


def _some(streams: Sequence[Stream]) -> np.ndarray:
    """Tokens (N, F) of one in eight streams."""
    return np.concatenate([stream.tokens for stream in streams[::8]])


def learn(learner: Learner, left_out: Sequence[int | None], jobs: int) -> list[Learnt]:
    """All trainings, ``jobs`` of them at once, each in a process of its own.

    Raises
    ------
    ValueError
        Fewer than one job, or as of :class:`Learner`.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}, expected at least 1")
    if jobs == 1:
        return [learner(one) for one in left_out]
    # Bars of several processes would write over each other: one counts the trainings.
    threads = torch.get_num_threads()
    with ProcessPoolExecutor(jobs, get_context("spawn"), torch.set_num_threads, (threads,)) as pool:
        alone = replace(learner, progress=False)
        packed = pool.map(partial(_packed, alone), left_out)
        shown = tqdm(packed, "train", len(left_out), unit="training", disable=not learner.progress)
        return [pickle.loads(one) for one in shown]


def _packed(learner: Learner, left_out: int | None) -> bytes:
    """Networks as bytes: tensors would go by shared memory, of which a container may have next to none."""
    return pickle.dumps(learner(left_out))
