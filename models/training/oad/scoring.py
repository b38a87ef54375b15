"""Logits of whole videos in both forms: every window recomputed; step by step, many videos at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from models.continual.classifier import ContinualTransformer
from models.rivals.base import Rival
from models.training.oad.data import Video

LANES = 64  # videos that are stepped together, at most
BLOCK = 64  # frames that are read at once, and windows that are computed together


class Scored(NamedTuple):
    """Logits (T, C) of each video, and the seconds it took, reading included."""

    logits: list[np.ndarray]
    seconds: float

    @property
    def rate(self) -> float:
        """Predictions a second."""
        return sum(len(rows) for rows in self.logits) / self.seconds


@torch.inference_mode()
def stream_videos(
    model: ContinualTransformer | Rival, videos: Sequence[Video], progress: bool = True
) -> Scored:
    """Step over every frame of every video; the state is reset between videos.

    Each of some lanes carries one video; when it ends, the next one starts in its place, long ones first, so
    that all lanes end at about the same time.
    """
    start = time.perf_counter()
    lengths = [len(video.targets) for video in videos]
    lanes = max(1, min(LANES, len(videos), sum(lengths) // max(lengths)))
    waiting = sorted(range(len(videos)), key=lambda k: lengths[k])  # the longest is popped first
    logits = [np.zeros((length, model.config["classes"]), np.float32) for length in lengths]
    state: Any = model.initial_state(lanes)
    current: list[int | None] = [None] * lanes  # the video in each lane
    at = [0] * lanes  # and its next frame
    bar = tqdm(total=sum(lengths), disable=not progress, desc="stream", unit="frame")
    with bar:
        while True:
            for lane in range(lanes):
                if current[lane] is None and waiting:
                    current[lane], at[lane] = waiting.pop(), 0
                    state.reset(lane)
            active = [(lane, video) for lane, video in enumerate(current) if video is not None]
            if not active:
                break
            steps = min(BLOCK, *(lengths[video] - at[lane] for lane, video in active))
            block = np.zeros((lanes, steps, videos[0].size), np.float32)  # an idle lane is fed zeros
            for lane, video in active:
                block[lane] = videos[video].tokens(at[lane], at[lane] + steps)
            tokens = torch.from_numpy(block)  # (B, steps, F)
            rows = torch.stack([model.step(tokens[:, k], state) for k in range(steps)], 1).numpy()
            for lane, video in active:
                logits[video][at[lane] : at[lane] + steps] = rows[lane]
                at[lane] += steps
                if at[lane] == lengths[video]:
                    current[lane] = None
            bar.update(steps * len(active))
    return Scored(logits, time.perf_counter() - start)


@torch.inference_mode()
def window_videos(
    model: nn.Module, videos: Sequence[Video], window: int, *, absolute: bool, progress: bool = True
) -> Scored:
    """Recompute the window of every frame of every video.

    With ``absolute`` positions the oldest place of a window has phase 0; otherwise the phase is the stream's.
    """
    start = time.perf_counter()
    logits = []
    bar = tqdm(total=sum(len(v.targets) for v in videos), disable=not progress, desc="windows", unit="frame")
    with bar:
        for video in videos:
            rows = []
            for begin in range(0, len(video.targets), BLOCK):
                end = min(begin + BLOCK, len(video.targets))
                windows, lengths = _windows(video, begin, end, window)
                ticks = torch.arange(begin, end) - (window - 1)  # (b,), of the oldest column
                rows.append(model(windows, tick=0 if absolute else ticks, lengths=lengths).numpy())
                bar.update(end - begin)
            logits.append(np.concatenate(rows))
    return Scored(logits, time.perf_counter() - start)


@torch.inference_mode()
def run_time(model: nn.Module, videos: Sequence[Video], form: str, frames: int = 50) -> float:
    """Seconds that one answer of one stream takes in a form, once its window is full: the median of some."""
    video = max(videos, key=lambda video: len(video.targets))
    window: int = model.window  # type: ignore[assignment]
    end = min(len(video.targets), window + frames)
    seconds = []
    state: Any = model.initial_state(1) if form == "streaming" else None  # type: ignore[operator]
    for k in range(end):
        if form == "streaming":
            token = torch.from_numpy(video.tokens(k, k + 1))
            start = time.perf_counter()
            model.step(token, state)  # type: ignore[operator]
        else:
            tokens, lengths = _windows(video, k, k + 1, window)
            start = time.perf_counter()
            model(tokens, tick=0, lengths=lengths)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[-frames:]))


def _windows(video: Video, begin: int, end: int, n: int) -> tuple[Tensor, Tensor]:
    """The windows (b, n, F) that end at frames ``begin`` to ``end`` - 1, and how long they are (b,)."""
    first = max(0, begin + 1 - n)
    span = torch.from_numpy(video.tokens(first, end))  # (S, F)
    span = F.pad(span, (0, 0, n - 1 - (begin - first), 0))  # zeros before the video began
    lengths = torch.arange(begin + 1, end + 1).clamp(max=n)
    return span.unfold(0, n, 1).mT, lengths  # (b, n, F), a view
