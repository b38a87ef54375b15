"""Training on every tick at once, where the Continual Transformer allows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.continual.classifier import ContinualTransformer
from models.training.actions.streams import UNSAID, Stream
from models.training.train import Batch

SPREAD = 0.05  # least spread of a token's number: one that never changes is not made large
IGNORED = -100  # cross-entropy's own mark of a target that does not count
SMOOTHED = 0.1  # of a target is spread over all classes, unless teachers say what is like what
BESIDE = 0.4  # what the motion counts against the class
TRUST = 0.7  # of a target is what teachers say, the rest what its label does; unless told otherwise


class StretchDropout(nn.Dropout):
    """Dropout that leaves out the same numbers at all ticks of a stretch (Gal and Ghahramani 2016).

    Neighbouring ticks are much alike, so that what is left out of one alone is found in the next.  And most
    of the time of a training step went into drawing a mask for each tick.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(B, S, d) -> (B, S, d)."""
        return x * super().forward(torch.ones_like(x[:, :1])) if self.training else x


class EveryTick(nn.Module):
    """The outputs of a model at every tick of a stretch, each over the window that ends there.

    With one block (or streaming-deep) a token's keys and values are the same in every window that it is in,
    for its positional encoding goes by its absolute tick.  So attention in a band of n gives, at a small part
    of the cost, exactly the logits of all windows of the stretch: of every length from 1 to n at its
    beginning, of length n from then on, and of every phase.

    Parameters
    ----------
    model : ContinualTransformer
    steady : bool
        Whether the model's dropout becomes :class:`StretchDropout`, without any of the attention's own.

    Raises
    ------
    ValueError
        A model whose windows have nothing in common: more than one block, and not streaming-deep.
    """

    def __init__(self, model: ContinualTransformer, steady: bool = False) -> None:
        super().__init__()
        if len(model.blocks) > 1 and not model.streaming:
            raise ValueError(f"{len(model.blocks)} blocks, expected 1 or a streaming-deep model")
        self.model = model
        if steady:
            model.dropout = StretchDropout(model.dropout.p)
            for block in model.blocks:
                block.dropout, block.attention.dropout = StretchDropout(block.dropout.p), 0.0

    def forward(self, tokens: Tensor, tick: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Stretches (B, S, F) whose oldest token is of ``tick`` (B,) -> logits (B · S, C)."""
        model = self.model
        place = torch.arange(tokens.shape[1], device=tokens.device)  # (S,)
        age = place[:, None] - place  # (S, S)
        mask = tokens.new_zeros(age.shape).masked_fill((age < 0) | (age >= model.window), -torch.inf)
        x = model._embed(tokens, tick[:, None] + place)  # (B, S, d)
        for block in model.blocks:
            x = block(x, mask)  # (B, S, d)
        return model.head(model.norm(x)).flatten(0, 1)  # (B · S, C)


class Standardised(nn.Module):
    """A model that learns from tokens whose numbers have mean 0 and spread 1, but takes them as they are.

    What of a token is small, as the amount of a movement is, else counts for little when training begins.

    Parameters
    ----------
    learner : nn.Module
        What :func:`models.training.train.fit` trains.
    linear : nn.Linear
        The layer of it that reads the tokens.
    tokens : ndarray of shape (N, F)
        Typical ones.
    """

    def __init__(self, learner: nn.Module, linear: nn.Linear, tokens: np.ndarray) -> None:
        super().__init__()
        self.learner = learner
        self._linear = [linear]  # in a list: not twice among the parameters
        self._mean = torch.from_numpy(tokens.mean(0, dtype=np.float64).astype(np.float32))
        self._spread = torch.from_numpy(tokens.std(0, dtype=np.float64).astype(np.float32)).clamp_min(SPREAD)

    def forward(self, tokens: Tensor, tick: Tensor, lengths: Tensor | None = None) -> Tensor:
        """As of the learner."""
        return self.learner((tokens - self._mean) / self._spread, tick=tick, lengths=lengths)

    @torch.no_grad()
    def take_up(self) -> None:
        """Once, before training goes on from a layer that takes tokens as they are."""
        (linear,) = self._linear
        linear.bias.add_(linear.weight @ self._mean)
        linear.weight.mul_(self._spread)

    @torch.no_grad()
    def settle(self) -> None:
        """Once, after training: from now on the layer itself takes tokens as they are."""
        (linear,) = self._linear
        linear.weight.div_(self._spread)
        linear.bias.sub_(linear.weight @ self._mean)


class TwoQuestions(nn.Module):
    """A learner whose last logits answer another question, as :class:`Stretches` with motions puts it.

    Both answers are log-probabilities, so that the cross-entropy with a row of targets is that of the one and
    of the other added up, weighted as the row is, but for what the gradient does not depend on.

    Parameters
    ----------
    learner : nn.Module
    classes : int
        C, logits of the first question.
    """

    def __init__(self, learner: nn.Module, classes: int) -> None:
        super().__init__()
        self.learner, self.classes = learner, classes

    def forward(self, tokens: Tensor, tick: Tensor, lengths: Tensor | None = None) -> Tensor:
        """As of the learner."""
        logits = self.learner(tokens, tick=tick, lengths=lengths)
        parts = logits.tensor_split([self.classes], dim=-1)
        return torch.cat([part.log_softmax(-1) for part in parts], -1)


class Stretches:
    """Stretches cut from streams at random, for :class:`EveryTick`.

    Parameters
    ----------
    streams : sequence of Stream
    classes : sequence of str
    often : dict of str to float
        How often a class should count, against 1 for the others; the targets of frequent classes are thinned
        out until it does.
    batch, length : int
        Stretches a step, ticks of each.
    motions : int, optional
        How many motions there are.  Then targets are soft rows, and of which motion a tick is is asked, too,
        for BESIDE of what its class counts: a model that tells apart what "other" is made of knows better
        what is not.  For :class:`TwoQuestions`.
    taught : sequence of ndarray of shape (K, C), optional
        With motions: what teachers say at each tick of each stream.
    trust : float
        How much of the target of its class is that.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        classes: Sequence[str],
        often: dict[str, float],
        batch: int = 40,
        length: int = 128,
        motions: int | None = None,
        taught: Sequence[np.ndarray] | None = None,
        trust: float = TRUST,
    ) -> None:
        long = [k for k, stream in enumerate(streams) if len(stream.labels) >= length]
        self.streams = [streams[k] for k in long]
        self.taught = None if taught is None else [taught[k] for k in long]
        self.batch, self.length, self.motions, self.trust = batch, length, motions, trust
        labels = np.concatenate([stream.labels for stream in self.streams])
        counts = np.bincount(labels[labels != UNSAID], minlength=len(classes)).astype(float)
        wanted = np.array([often.get(name, 1.0) for name in classes])
        scarcest = np.min((counts / wanted)[counts > 0])
        typical = max(scarcest, float(np.median((counts / wanted)[counts > 0])) * 0.8)
        self.kept = np.minimum(1.0, wanted * typical / np.maximum(counts, 1))  # (C,)

    def __call__(self, rng: np.random.Generator) -> Batch:
        tokens, targets = [], []
        for _ in range(self.batch):
            chosen = int(rng.integers(len(self.streams)))
            stream = self.streams[chosen]
            begin = int(rng.integers(len(stream.labels) - self.length + 1))
            part = slice(begin, begin + self.length)
            labels = stream.labels[part]
            counts = (labels != UNSAID) & (rng.random(self.length) < self.kept[labels])
            tokens.append(stream.tokens[part])
            labels = np.where(counts, labels, IGNORED)
            if self.motions is None:
                targets.append(labels)
                continue
            said = _rows(labels, len(self.kept), SMOOTHED if self.taught is None else 0.0)  # (S, C)
            if self.taught is not None:
                told = counts[:, None] * self.taught[chosen][part]  # (S, C)
                said = (1 - self.trust) * said + self.trust * told
            beside = BESIDE * _rows(stream.motions[part], self.motions, SMOOTHED)  # (S, M)
            targets.append(np.concatenate([said, beside], 1).astype(np.float32))
        return Batch(
            torch.from_numpy(np.stack(tokens)),
            torch.full((self.batch,), self.length),
            torch.from_numpy(rng.integers(0, 2**20, self.batch)),
            torch.from_numpy(np.concatenate(targets)),
        )


def _rows(targets: np.ndarray, classes: int, smoothed: float) -> np.ndarray:
    """Targets (S,) as probabilities (S, C), some of them spread over all classes; below 0 zeros."""
    rows = (targets[:, None] == np.arange(classes)) * (1 - smoothed) + smoothed / max(classes, 1)
    return rows * (targets >= 0)[:, None]
