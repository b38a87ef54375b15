"""MusiCNN (Pons and Serra 2019) in torch, whole and continual.

The network names what is heard in a log-mel spectrogram: convolutions over time and frequency (the front
end), three short convolutions over time (the mid end), pooling over all time, a dense layer of 200 units,
50 tags.  The Continual Transformer eats the dense layer.

:class:`ContinualMusiCNN` is the same network for a stream: nine tenths of its work is the front end, which is
computed once per column and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.extractors.converted import load_converted
from models.extractors.logmel import MELS

WINDOW = 187  #: columns of 16 ms: the 3 s that MusiCNN was trained on
EMBEDDING = 200  #: units of the dense layer

_TIMBRAL = ((7, 38), (7, 67))  # kernels (columns, bands)
_TEMPORAL = (128, 64, 32)  # kernels (columns)
_TIMBRAL_FILTERS, _TEMPORAL_FILTERS, _MID_FILTERS = 204, 51, 64
_MID_KERNEL = 7
_FRONT = 2 * _TIMBRAL_FILTERS + 3 * _TEMPORAL_FILTERS  # 561
_POOLED = _FRONT + 3 * _MID_FILTERS  # 753


class _MaxOverBands(nn.Module):
    """Convolution, ReLU, batch norm and the maximum over the bands.

    The affine map of the norm may turn the order round, so the kernels of channels with a negative scale are
    stored with their sign changed: one maximum of the bare convolution then serves all channels.
    """

    def __init__(self, filters: int, kernel: tuple[int, int]) -> None:
        super().__init__()
        self.kernel = kernel
        self.past = (kernel[0] - 1) // 2  # columns seen before, and
        self.ahead = kernel[0] - 1 - self.past  # after the one that is named (TensorFlow's "same")
        self.weight = nn.Parameter(torch.empty(filters, 1, *kernel))
        self.sign = nn.Parameter(torch.empty(filters))
        self.bias = nn.Parameter(torch.empty(filters))
        self.scale = nn.Parameter(torch.empty(filters))
        self.shift = nn.Parameter(torch.empty(filters))

    def forward(self, x: Tensor) -> Tensor:
        """Columns (B, past + m + ahead, 96) -> features (B, m, filters)."""
        if self.kernel[1] == 1:
            batch, columns, bands = x.shape
            rows = x.transpose(1, 2).reshape(batch * bands, 1, columns)  # (B·96, 1, T)
            highest = F.conv1d(rows, self.weight[..., 0])  # (B·96, filters, m)
            highest = highest.view(batch, bands, len(self.bias), -1).amax(1)  # (B, filters, m)
        else:
            highest = F.conv2d(x[:, None], self.weight).amax(3)  # (B, filters, m)
        highest = highest.transpose(1, 2)  # (B, m, filters)
        return F.relu(highest * self.sign + self.bias) * self.scale + self.shift

    def macs(self, columns: int) -> int:
        """Multiply-accumulates of ``columns`` columns of features."""
        return self.weight.numel() * (MELS - self.kernel[1] + 1) * columns


class _Mid(nn.Module):
    """Convolution over time (the same length), ReLU and batch norm."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(inputs, _MID_FILTERS, _MID_KERNEL, padding=_MID_KERNEL // 2)
        self.scale = nn.Parameter(torch.empty(_MID_FILTERS, 1))
        self.shift = nn.Parameter(torch.empty(_MID_FILTERS, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x)) * self.scale + self.shift  # (B, 64, T)


class MusiCNN(nn.Module):
    """The network, with every batch norm folded to a scale and a shift.

    Attributes
    ----------
    tags : tuple of 50 str
        Names of the outputs.
    """

    def __init__(self, tags: Sequence[str] = ()) -> None:
        super().__init__()
        self.tags = tuple(tags)
        self.input_scale = nn.Parameter(torch.empty(1))
        self.input_shift = nn.Parameter(torch.empty(1))
        kernels = [(_TIMBRAL_FILTERS, k) for k in _TIMBRAL] + [(_TEMPORAL_FILTERS, (k, 1)) for k in _TEMPORAL]
        self.front = nn.ModuleList(_MaxOverBands(filters, kernel) for filters, kernel in kernels)
        self.mid = nn.ModuleList([_Mid(_FRONT), _Mid(_MID_FILTERS), _Mid(_MID_FILTERS)])
        self.dense = nn.Linear(2 * _POOLED, EMBEDDING)
        self.dense_scale = nn.Parameter(torch.empty(EMBEDDING))
        self.dense_shift = nn.Parameter(torch.empty(EMBEDDING))
        self.out = nn.Linear(EMBEDDING, 50)

    def parts(self) -> list[_MaxOverBands]:
        """The parts of the front end, in the order of their features."""
        return cast(list[_MaxOverBands], list(self.front))

    def normalise(self, columns: Tensor) -> Tensor:
        """The input's batch norm; the padding of the convolutions is zero after it."""
        return columns * self.input_scale + self.input_shift

    def forward(self, columns: Tensor) -> tuple[Tensor, Tensor]:
        """Log-mel columns (B, T, 96) -> embedding (B, 200) and tag logits (B, 50)."""
        x = self.normalise(columns)  # (B, T, 96)
        parts = [part(F.pad(x, (0, 0, part.past, part.ahead))) for part in self.parts()]
        return self.embed(torch.cat(parts, 2))

    def embed(self, front: Tensor) -> tuple[Tensor, Tensor]:
        """Front-end features (B, T, 561) -> embedding (B, 200) and tag logits (B, 50)."""
        front = front.transpose(1, 2)  # (B, 561, T)
        first = self.mid[0](front)  # (B, 64, T)
        second = self.mid[1](first) + first
        third = self.mid[2](second) + second
        features = torch.cat([front, first, second, third], 1)  # (B, 753, T)
        pooled = torch.stack([features.amax(2), features.mean(2)], 2).flatten(1)  # (B, 1506), interleaved
        embedding = F.relu(self.dense(pooled)) * self.dense_scale + self.dense_shift  # (B, 200)
        return embedding, self.out(embedding)

    def macs(self, columns: int, window: int) -> int:
        """Multiply-accumulates of ``columns`` columns of the front end and ``window`` columns of the rest."""
        front = sum(part.macs(columns) for part in self.parts())
        mid = sum(cast(_Mid, layer).conv.weight.numel() for layer in self.mid) * window
        return front + mid + self.dense.weight.numel() + self.out.weight.numel()


def load_musicnn(path: str | Path) -> MusiCNN:
    """The network of converted weights: see :func:`models.extractors.converted.load_converted`."""
    return load_converted(path, MusiCNN, "tags")


class ContinualMusiCNN:
    """MusiCNN over a stream of log-mel columns.

    What it gives is defined by the whole stream: the front end over every column so far (zeros beyond both
    ends), then mid end and pooling over the newest ``window`` columns of that, or fewer at the start.
    Features of the front end are kept; only those whose kernels reach past the newest column, where they saw
    zeros, are computed again when more columns have come.
    """

    def __init__(self, model: MusiCNN, window: int = WINDOW) -> None:
        self.model = model
        self.window = window
        self._past = max(part.past for part in model.parts())
        self._ahead = max(part.ahead for part in model.parts())
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        # Newest columns, normalised: as many as any feature still to be computed looks back on.
        self._columns = torch.zeros(self._past + self._ahead, MELS)
        self._features = torch.zeros(0, _FRONT)
        self._new = 0

    def push(self, columns: Tensor) -> None:
        """Take log-mel columns (m, 96)."""
        self._columns = torch.cat([self._columns, self.model.normalise(columns)])
        self._new += len(columns)

    @torch.inference_mode()
    def __call__(self) -> tuple[Tensor, Tensor]:
        """Embedding (200,) and tag logits (50,) of the newest window.

        Raises
        ------
        ValueError
            Nothing was pushed yet.
        """
        known = len(self._features)
        if known + self._new == 0:
            raise ValueError("no columns yet: push some first")
        parts = []
        x = F.pad(self._columns, (0, 0, 0, self._ahead))[None]  # (1, past + ahead + new + ahead, 96)
        offset = 0
        for part in self.model.parts():
            stale = min(part.ahead, known)  # computed when their future was still zero
            count = stale + self._new
            stop = x.shape[1] - self._ahead + part.ahead
            fresh = part(x[:, stop - count - part.past - part.ahead : stop])[0]  # (count, filters)
            filters = fresh.shape[1]
            kept = self._features[: known - stale, offset : offset + filters]
            parts.append(torch.cat([kept, fresh]))  # (known + new, filters)
            offset += filters
        self._features = torch.cat(parts, 1)[-self.window :]  # (<= window, 561)
        self._columns = self._columns[-(self._past + self._ahead) :]
        self._new = 0
        embedding, tags = self.model.embed(self._features[None])
        return embedding[0], tags[0]

    def macs(self, new: int) -> int:
        """Multiply-accumulates of one call in the steady state after ``new`` columns."""
        front = sum(part.macs(part.ahead + new) for part in self.model.parts())
        return front + self.model.macs(0, self.window)
