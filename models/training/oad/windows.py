"""Windows of videos to train an online action detector on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.paper.oadtr import OadTR
from models.training.dense import IGNORED
from models.training.oad.data import Video
from models.training.oad.metrics import scored_frames
from models.training.train import Batch

DECODER_WEIGHT = 0.5  # of OadTR's loss on the frames to come


class Windows:
    """Windows that end at a frame drawn at random among those that are scored, for any model.

    Parameters
    ----------
    videos : sequence of Video
    window, batch : int
        n, and windows a step.
    ambiguous : int or None
        The class whose frames end no window.
    phases : int
        Positional phases to draw from; 1 for a model with absolute positions, whose phase is always 0.
    queries : int
        OadTR's: frames after the window whose labels are targets too; 0 for none.
    as_in_paper : bool
        Only windows that the authors' loader makes: complete ones, away from the video's end.  Otherwise a
        window before frame n is simply shorter.

    Raises
    ------
    ValueError
        No frame is left.
    """

    def __init__(
        self,
        videos: Sequence[Video],
        window: int,
        batch: int,
        *,
        ambiguous: int | None,
        phases: int,
        queries: int = 0,
        as_in_paper: bool = False,
    ) -> None:
        self.videos = videos
        self.window, self.batch, self.phases, self.queries = window, batch, phases, queries
        self.ambiguous = ambiguous
        counts = [np.flatnonzero(scored_frames(v.targets, ambiguous, as_in_paper)) for v in videos]
        self.ends = np.concatenate(counts)  # (N,), frames that a window may end at
        self.of = np.repeat(np.arange(len(videos)), [len(c) for c in counts])  # (N,), their videos
        if not len(self.ends):
            raise ValueError("no frame to train on is left")

    def __len__(self) -> int:
        return len(self.ends)

    def __call__(self, rng: np.random.Generator) -> Batch:
        n, classes = self.window, self.videos[0].targets.shape[1]
        tokens = np.zeros((self.batch, n, self.videos[0].size), np.float32)
        lengths = np.zeros(self.batch, np.int64)
        targets = np.zeros((self.batch, classes), np.float32)
        coming = np.zeros((self.batch, self.queries, classes), np.float32)
        for row, chosen in enumerate(rng.integers(len(self.ends), size=self.batch)):
            video, end = self.videos[self.of[chosen]], int(self.ends[chosen])
            begin = max(0, end + 1 - n)
            lengths[row] = end + 1 - begin
            tokens[row, n - lengths[row] :] = video.tokens(begin, end + 1)
            targets[row] = video.targets[end]
            ahead = np.asarray(video.targets[end + 1 : end + 1 + self.queries])
            if len(ahead) and self.ambiguous is not None:
                ahead = ahead * (ahead.argmax(1) != self.ambiguous)[:, None]  # nothing is asked of these
            coming[row, : len(ahead)] = ahead
        if self.queries:
            # The mean over all rows of the cross-entropy is then that of the windows, and the decoder's
            # weight times that of the queries: see OadTR.forward for the order.
            rows = self.batch * (1 + self.queries)
            targets *= rows / self.batch
            coming *= DECODER_WEIGHT * rows / (self.batch * self.queries)
            targets = np.concatenate([targets, coming.reshape(-1, classes)])
        return Batch(
            torch.from_numpy(tokens),
            torch.from_numpy(lengths),
            torch.from_numpy(rng.integers(self.phases, size=self.batch)),
            torch.from_numpy(targets),
        )


class Stretches:
    """Stretches of videos for :class:`models.training.dense.EveryTick`: a target at every frame.

    Targets are the frames whose window is complete within the stretch, or begins with the video.

    Parameters
    ----------
    videos, window, ambiguous, phases, as_in_paper
        As for `Windows`.
    batch, length : int
        Stretches a step, frames of each.
    """

    def __init__(
        self,
        videos: Sequence[Video],
        window: int,
        batch: int,
        length: int,
        *,
        ambiguous: int | None,
        phases: int,
        as_in_paper: bool = False,
    ) -> None:
        self.videos = videos
        self.window, self.batch, self.length, self.phases = window, batch, length, phases
        self.named = [
            np.where(scored_frames(v.targets, ambiguous, as_in_paper), v.targets.argmax(1), IGNORED)
            for v in videos
        ]
        frames = np.array([len(video.targets) for video in videos], float)
        self.odds = frames / frames.sum()

    def __len__(self) -> int:
        return sum(int((named != IGNORED).sum()) for named in self.named)

    def __call__(self, rng: np.random.Generator) -> Batch:
        tokens = np.zeros((self.batch, self.length, self.videos[0].size), np.float32)
        targets = np.full((self.batch, self.length), IGNORED)
        for row, chosen in enumerate(rng.choice(len(self.videos), size=self.batch, p=self.odds)):
            video = self.videos[chosen]
            begin = int(rng.integers(-self.window, max(1, len(video.targets) - self.window)))
            warm = 0 if begin <= 0 else self.window - 1  # frames whose window began before the stretch
            begin = max(0, begin)
            part = video.tokens(begin, begin + self.length)
            tokens[row, : len(part)] = part
            named = self.named[chosen][begin + warm : begin + self.length]
            targets[row, warm : warm + len(named)] = named
        return Batch(
            torch.from_numpy(tokens),
            torch.full((self.batch,), self.length),
            torch.from_numpy(rng.integers(self.phases, size=self.batch)),
            torch.from_numpy(targets.reshape(-1)),
        )


class Objective(nn.Module):
    """A model as it is trained: the class that nothing is ever called takes no part in the softmax."""

    def __init__(self, model: nn.Module, ambiguous: int | None) -> None:
        super().__init__()
        self.model = model
        self.ambiguous = ambiguous

    def forward(self, tokens: Tensor, tick: Tensor, lengths: Tensor) -> Tensor:
        logits = self.model(tokens, tick=tick, lengths=lengths)  # (N, C)
        if self.ambiguous is None:
            return logits
        hidden = torch.arange(logits.shape[1]) == self.ambiguous  # (C,)
        return logits.masked_fill(hidden, -1e4)  # not -inf, which a target of 0 would make nan


def queries_of(model: nn.Module) -> int:
    """Frames after the window that the model is trained on as well."""
    return len(model.queries) if isinstance(model, OadTR) else 0
