"""The school in which copies of a shipped model are taught new classes, and examined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from models.checkpoint import label_thresholds
from models.continual.classifier import ContinualTransformer
from models.training.calibration import softmax
from models.training.dense import EveryTick
from models.training.metrics import named, steadied
from models.training.streaming import continual_logits
from models.training.train import Batch, fit

UNSAID = -1  # label of a tick for which no right answer is known
TEACHER = -2  # of one for which the shipped model's answer is right
CALM = -3  # the same, but that nothing happens there that has a name: the user said so
RESTS = ("idle", "other", "no music")  # classes that name nothing
STREAMS = 80  # of a training, made of takes
HELD = 0.2  # share of the others that no training of the score sees
AVERAGE = 0.9  # decay of the mean of the weights: of two hundred steps the last count
SOFT = 0.02  # of a take's target that stays with what the shipped model says
MOST = 0.95  # threshold of a class that is still named wrongly above all lower ones
WRONG = 0.5  # times a minute that a class may be named of others, and
CONFUSED = 0.2  # share of the takes of nothing and of the other new classes, for its threshold to be chosen
THRESHOLDS = np.arange(0.5, MOST, 0.05)


#: The shipped model, how many classes are new, a seed -> what is to learn them all.
Pupil = Callable[[ContinualTransformer, int, int], ContinualTransformer]


@dataclass(frozen=True, eq=False)
class Lesson:
    """Tokens (K, F) float32, and a label for each tick (K,): a class, UNSAID, TEACHER or CALM."""

    tokens: np.ndarray
    labels: np.ndarray


class Material(Protocol):
    """What is made of the takes of a task: see :class:`models.training.teach_actions.Gestures`."""

    rate: float
    others: list[np.ndarray]  # tokens (K, F) of what is none of the new classes

    def prepared(self, take: np.ndarray) -> np.ndarray:
        """The part of a take that counts."""

    def stream(
        self,
        rng: np.random.Generator,
        takes: Sequence[Sequence[np.ndarray]],
        nothing: Sequence[np.ndarray],
        first: int,
    ) -> Lesson:
        """A stream in which the classes, whose labels begin with ``first``, come and go."""

    def exam(self, rng: np.random.Generator, take: np.ndarray, nothing: Sequence[np.ndarray]) -> Lesson:
        """A take as it would come in use; its own ticks have label 0."""

    def plain(self, take: np.ndarray) -> np.ndarray:
        """The tokens of a take alone."""


@dataclass(frozen=True)
class Pace:
    """How much a training does: steps, and stretches (``batch``) of ``length`` ticks a step."""

    steps: int = 200
    batch: int = 24
    length: int = 96
    lr: float = 1e-3

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps is {self.steps}, expected at least 1")


@dataclass(frozen=True, eq=False)
class Exam:
    """Logits (K, C) of what a pupil never saw."""

    takes: list[tuple[int, np.ndarray, np.ndarray]]  # class, logits, whether a tick is the take's (K,)
    nothing: list[np.ndarray]
    others: list[np.ndarray]


class _Page(NamedTuple):
    """Tokens (K, F), and the distribution over all classes that is right at each tick (K, C)."""

    tokens: np.ndarray
    targets: np.ndarray


class School:
    """Trains and examines copies of a base."""

    def __init__(
        self,
        base: ContinualTransformer,
        card: Mapping[str, Any],
        names: Sequence[str],
        material: Material,
        pace: Pace,
        seed: int,
        pupil: Pupil,
    ) -> None:
        self._base, self._card, self._names, self._pupil = base, card, list(names), pupil
        self._material, self._pace, self._seed = material, pace, seed
        self._old = len(card["labels"])
        self._labels = [*card["labels"], *names]
        self._rests = [k for k, name in enumerate(card["labels"]) if name in RESTS]
        self._held = max(1, round(len(material.others) * HELD))  # of the others: the first so many
        self._others = [self._page(Lesson(t, np.full(len(t), TEACHER))) for t in material.others]

    def learn(
        self,
        takes: Sequence[Sequence[np.ndarray]],
        nothing: Sequence[np.ndarray],
        progress: Callable[[float], None],
        everything: bool,
    ) -> ContinualTransformer:
        """A copy that was taught these takes; ``everything``: what is held for the score, too."""
        rng = np.random.default_rng(self._seed)
        made = [self._material.stream(rng, takes, nothing, self._old) for _ in range(STREAMS)]
        pages = [[self._page(lesson) for lesson in made], self._others[0 if everything else self._held :]]
        pupil = self._pupil(self._base, len(self._names), self._seed)
        steps = self._pace.steps
        done = 0

        def sample(rng: np.random.Generator) -> Batch:
            nonlocal done
            progress(done / (steps + 1))
            done += 1
            return self._batch(rng, pages)

        fit(
            EveryTick(pupil, steady=True),
            sample,
            steps=steps,
            lr=self._pace.lr,
            label_smoothing=0.0,
            seed=self._seed,
            average=AVERAGE,
            every=steps,
            progress=False,
        )
        return pupil

    def _batch(self, rng: np.random.Generator, pages: Sequence[Sequence[_Page]]) -> Batch:
        """Stretches half of takes, half of others."""
        batch, length = self._pace.batch, self._pace.length
        tokens, targets = [], []
        for row in range(batch):
            kind = pages[row % len(pages)]
            page = kind[int(rng.integers(len(kind)))]
            begin = int(rng.integers(0, max(0, len(page.tokens) - length) + 1))
            part = slice(begin, begin + length)
            short = ((0, length - len(page.tokens[part])), (0, 0))  # a recording that is shorter is repeated
            tokens.append(np.pad(page.tokens[part], short, "wrap"))
            targets.append(np.pad(page.targets[part], short, "wrap"))
        return Batch(
            torch.from_numpy(np.stack(tokens)),
            torch.full((batch,), length),
            torch.from_numpy(rng.integers(0, 2**20, batch)),
            torch.from_numpy(np.concatenate(targets)),
        )

    def _page(self, lesson: Lesson) -> _Page:
        """What is to be said at each tick; all zero where that is not known."""
        with torch.inference_mode():
            tokens = torch.from_numpy(lesson.tokens)[None]
            told = EveryTick(self._base)(tokens, torch.zeros(1, dtype=torch.int64)).softmax(-1).numpy()
        labels = lesson.labels
        targets = np.zeros((len(labels), len(self._labels)), np.float32)
        old = targets[:, : self._old]
        old[labels == TEACHER] = told[labels == TEACHER]
        rests = self._rests or list(range(self._old))
        rest = np.zeros_like(told)
        rest[:, rests] = told[:, rests] + 1e-3
        old[labels == CALM] = (rest / rest.sum(1, keepdims=True))[labels == CALM]
        new = labels >= self._old
        old[new] = SOFT * told[new]
        targets[new, labels[new]] = 1 - SOFT
        return _Page(lesson.tokens, targets)

    def examine(
        self,
        pupil: ContinualTransformer,
        held: Sequence[Sequence[np.ndarray]],
        nothing: Sequence[np.ndarray],
        unseen: Sequence[np.ndarray],
    ) -> Exam:
        """What a pupil says of takes and nothing that it never saw; ``nothing`` comes between takes."""
        rng = np.random.default_rng(self._seed)
        shown = [
            (self._old + k, self._material.exam(rng, take, nothing))
            for k, own in enumerate(held)
            for take in own
        ]
        calm = [self._material.plain(take) for take in unseen]
        streams = [*(lesson.tokens for _, lesson in shown), *calm, *self._material.others[: self._held]]
        logits = [part / self._card["temperature"] for part in continual_logits(pupil, streams)]
        count = len(shown)
        return Exam(
            [(k, z, lesson.labels == 0) for (k, lesson), z in zip(shown, logits[:count], strict=True)],
            logits[count : count + len(calm)],
            logits[count + len(calm) :],
        )

    def thresholds(self, exams: Sequence[Exam], hold: float) -> dict[str, float]:
        """For each new class the lowest threshold above which it is hardly ever named of what it is not."""
        chosen, ticks = {}, self._ticks(hold)
        for k, name in enumerate(self._names, self._old):
            others = np.array([sustained(z, k, ticks) for exam in exams for z in exam.others])
            minutes = sum(len(z) for exam in exams for z in exam.others) / self._card["rate"] / 60
            near = [z for exam in exams for z in exam.nothing]
            near += [z for exam in exams for other, z, _ in exam.takes if other != k]
            takes = np.array([sustained(z, k, ticks) for z in near])
            chosen[name] = MOST
            for threshold in THRESHOLDS:
                if (others >= threshold).sum() <= minutes * WRONG and (
                    takes >= threshold
                ).sum() <= CONFUSED * len(takes):
                    chosen[name] = round(float(threshold), 2)
                    break
        return chosen

    def scores(self, exams: Sequence[Exam], chosen: Mapping[str, float], hold: float) -> dict[str, Any]:
        """How takes were named by models that never saw them, and what else was."""
        every = self.of_all(chosen)
        first: dict[str, list[str]] = {name: [] for name in self._names}
        for exam in exams:
            for k, z, own in exam.takes:
                said, begin = named(softmax(z), every, self._ticks(hold)), int(np.flatnonzero(own)[0])
                fresh = np.append(True, said[1:] != said[:-1])[begin:]
                said = said[begin:][np.maximum.accumulate(fresh)]  # what was named before goes on for a bit
                said = said[(said >= 0) & ~np.isin(said, self._rests)]
                first[self._labels[k]].append(self._labels[said[0]] if len(said) else "not sure")
        wrong = ticks = 0
        for exam in exams:
            for z in (*exam.nothing, *exam.others):
                said = named(softmax(z), every, self._ticks(hold))
                begun = np.append(True, said[1:] != said[:-1]) & (said >= self._old)
                wrong, ticks = wrong + int(begun.sum()), ticks + len(said)
        right = {name: sum(one == name for one in said) for name, said in first.items()}
        count = sum(map(len, first.values()))
        return {
            "right": sum(right.values()) / count,
            "takes": count,
            "by_class": {name: f"{right[name]} of {len(said)}" for name, said in first.items()},
            "taken_for": {
                name: sorted(one for one in said if one != name)
                for name, said in first.items()
                if right[name] < len(said)
            },
            "wrong_names_a_minute": wrong / (ticks / self._card["rate"] / 60),
        }

    def of_all(self, chosen: Mapping[str, float]) -> np.ndarray:
        """Of all labels; those of new ones that are not ``chosen`` are out of reach."""
        return np.array([*label_thresholds(self._card), *(chosen.get(name, 1.0) for name in self._names)])

    def _ticks(self, hold: float) -> int:
        return max(1, round(hold * self._card["rate"]))


def any_of(rng: np.random.Generator, rows: Sequence[np.ndarray]) -> np.ndarray:
    """One of them, whichever."""
    return rows[int(rng.integers(len(rows)))]


def sustained(logits: np.ndarray, which: int, hold: int) -> float:
    """The highest threshold at which a class would be named somewhere; 0 for nowhere.

    Logits (K, C) divided by the temperature; the rule is :func:`models.training.metrics.named`.
    """
    probabilities = softmax(logits)
    mean, whole = steadied(probabilities, hold)
    sure = np.minimum(mean, probabilities)[:, which]  # the newest tick has to be, too
    return float(sure[whole & (mean.argmax(1) == which)].max(initial=0.0))


def with_classes(base: ContinualTransformer, new: int, seed: int) -> ContinualTransformer:
    """A copy whose head has rows for ``new`` classes more, which nothing is at first."""
    copy = ContinualTransformer(**base.config | {"classes": base.config["classes"] + new})
    weights = dict(base.state_dict())
    spread = float(weights["head.weight"].std())
    rows = torch.randn(new, weights["head.weight"].shape[1], generator=torch.Generator().manual_seed(seed))
    weights["head.weight"] = torch.cat([weights["head.weight"], rows * spread])
    weights["head.bias"] = torch.cat([weights["head.bias"], weights["head.bias"].mean().repeat(new) - 2.0])
    copy.load_state_dict(weights)
    return copy
