"""MusiCNN (Pons and Serra 2019) in torch, whole and continual.

The network names what is heard in a log-mel spectrogram: convolutions over time and frequency (the front
end), three short convolutions over time (the mid end), pooling over all time, a dense layer of 200 units,
50 tags.  The Continual Transformer eats the dense layer.

:class:`ContinualMusiCNN` is the same network for a stream: what was computed is kept, and only what is new or
was seen without its future is computed.
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
_REACH = 3 * (_MID_KERNEL // 2)  # columns that the mid end looks to either side
CHUNK = 32  # columns that are taken at once: what comes between two tokens
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
        return self.activate(highest.transpose(1, 2))  # (B, m, filters)

    def activate(self, highest: Tensor) -> Tensor:
        """Highest of the bare convolution over the bands (..., filters) -> features (..., filters)."""
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
        return self.pool(torch.cat([front, self.middle(front)], 2))

    def middle(self, front: Tensor) -> Tensor:
        """Front-end features (B, T, 561) -> those of the mid end (B, T, 192), zeros beyond both ends."""
        first = self.mid[0](front.transpose(1, 2))  # (B, 64, T)
        second = self.mid[1](first) + first
        third = self.mid[2](second) + second
        return torch.cat([first, second, third], 1).transpose(1, 2)

    def pool(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features of both (B, T, 753) -> embedding (B, 200) and tag logits (B, 50)."""
        pooled = torch.stack([features.amax(1), features.mean(1)], 2).flatten(1)  # (B, 1506), interleaved
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


class _Spread:
    """A convolution over time alone that takes columns as they come, each once.

    A new column is spread at once over all outputs that it belongs to, past and future ones: what an output
    has so far is kept, for every band.  So no column is ever looked at again.
    """

    def __init__(self, part: _MaxOverBands) -> None:
        self.part = part
        self._taps = part.kernel[0]
        # Row u: what the u-th new column adds to the outputs from `ahead` before the first of them on.
        self._rows = torch.zeros(CHUNK, self._taps - 1 + CHUNK, len(part.bias))
        for u, row in enumerate(self._rows):
            row[u : u + self._taps] = part.weight[:, 0, :, 0].T.flip(0)
        self.reset()

    def reset(self) -> None:
        self._sums = torch.zeros(MELS, self._taps - 1, len(self.part.bias))

    def __call__(self, new: Tensor) -> Tensor:
        """New columns (m <= CHUNK, 96) -> features (ahead + m, filters) with zeros taken for what comes."""
        m = len(new)
        rows = self._rows[:m, : self._taps - 1 + m].flatten(1)  # (m, (taps - 1 + m) · filters)
        sums = (new.T @ rows).view(MELS, -1, len(self.part.bias))  # (96, taps - 1 + m, filters)
        sums[:, : self._taps - 1] += self._sums
        self._sums = sums[:, m:]
        return self.part.activate(sums[:, : self.part.ahead + m].amax(0))

    def macs(self, new: int) -> int:
        """Multiply-accumulates of ``new`` columns."""
        return MELS * new * (self._taps - 1 + new) * len(self.part.bias)


class ContinualMusiCNN:
    """MusiCNN over a stream of log-mel columns: a call costs what is new.

    What it gives is defined by the whole stream: the front end over every column so far (zeros beyond both
    ends), then mid end and pooling over the newest ``window`` columns of that, or fewer at the start.  Of the
    front end, convolutions over time alone keep the sums of their outputs, the others their features, of
    which the three whose kernels reached past the newest column, where they saw zeros, are computed again.
    Of the mid end, what is away from both ends of the window and looks on finished features is kept.
    """

    def __init__(self, model: MusiCNN, window: int = WINDOW) -> None:
        self.model = model
        self.window = window
        self._front: list[_MaxOverBands | _Spread] = [
            part if part.kernel[1] > 1 else _Spread(part) for part in model.parts()
        ]
        timbral = [part for part in self._front if isinstance(part, _MaxOverBands)]
        self._past = max(part.past for part in timbral)
        self._ahead = max(part.ahead for part in timbral)
        self._unfinished = max(part.ahead for part in model.parts())
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        for part in self._front:
            if isinstance(part, _Spread):
                part.reset()
        # Newest columns, normalised: as many as any feature still to be computed looks back on.
        self._columns = torch.zeros(self._past + self._ahead, MELS)
        self._features = torch.zeros(0, _FRONT)
        self._middle = torch.zeros(0, _POOLED - _FRONT)
        self._new = torch.zeros(0, MELS)

    def push(self, columns: Tensor) -> None:
        """Take log-mel columns (m, 96)."""
        self._new = torch.cat([self._new, self.model.normalise(columns)])

    @torch.inference_mode()
    def __call__(self) -> tuple[Tensor, Tensor]:
        """Embedding (200,) and tag logits (50,) of the newest window.

        Raises
        ------
        ValueError
            Nothing was pushed yet.
        """
        known = len(self._features)
        if known + len(self._new) == 0:
            raise ValueError("no columns yet: push some first")
        features = self._features  # (known, 561), then (known + new, 561)
        for new in self._new.split(CHUNK):
            features = self._advance(features, new)
        self._new = self._new[:0]
        dropped = max(0, len(features) - self.window)
        self._features = features[dropped:]  # (<= window, 561)
        self._middle = self._renew(self._middle[dropped:], known - dropped, dropped)
        embedding, tags = self.model.pool(torch.cat([self._features, self._middle], 1)[None])
        return embedding[0], tags[0]

    def _advance(self, features: Tensor, new: Tensor) -> Tensor:
        """Features (m, 561) of the front end, brought up to date and longer by new columns (n, 96)."""
        self._columns = torch.cat([self._columns, new])[-(self._past + self._ahead + len(new)) :]
        x = F.pad(self._columns, (0, 0, 0, self._ahead))[None]  # (1, past + ahead + new + ahead, 96)
        parts, offset = [], 0
        for part in self._front:
            ahead = part.part.ahead if isinstance(part, _Spread) else part.ahead
            fresh = part(new) if isinstance(part, _Spread) else part(x)[0]  # (ahead + new, filters)
            stale = min(ahead, len(features))  # computed when their future was still zero
            kept = features[: len(features) - stale, offset : offset + fresh.shape[1]]
            parts.append(torch.cat([kept, fresh[ahead - stale :]]))  # (m + n, filters)
            offset += fresh.shape[1]
        return torch.cat(parts, 1)

    def _renew(self, middle: Tensor, known: int, dropped: int) -> Tensor:
        """Features of the mid end of the window, of which (known, 192) are from before; some still hold."""
        begin = _REACH if dropped else 0  # those before it now look on the zeros of the border
        end = known - self._unfinished - _REACH  # those from there on looked on unfinished features
        if end < begin + _REACH:
            return self.model.middle(self._features[None])[0]
        left = self.model.middle(self._features[None, : begin + _REACH])[0, :begin]
        right = self.model.middle(self._features[None, end - _REACH :])[0, _REACH:]
        return torch.cat([left, middle[begin:end], right])

    def macs(self, new: int) -> int:
        """Multiply-accumulates of one call in the steady state after ``new`` columns, at most CHUNK."""
        front = sum(
            part.macs(new) if isinstance(part, _Spread) else part.macs(part.ahead + new)
            for part in self._front
        )
        kept = self.window - new - self._unfinished - 2 * _REACH
        renewed = self.window - kept + 2 * _REACH if kept >= _REACH else self.window
        return front + self.model.macs(0, renewed)
