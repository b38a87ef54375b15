"""What every rival has: all outputs of a stretch to train on, a step with a state, and a price."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from models.continual.checks import check_size, check_tokens


class State(dict[str, Tensor]):
    """What a batch of streams remembers: tensors (B, ...), updated by ``step``; by name."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__(tensors)
        self.start = {name: value[0].clone() for name, value in tensors.items()}  # of one stream

    def reset(self, rows: Sequence[int] | int | None = None) -> None:
        """Start streams afresh: those given by index, or all."""
        chosen = slice(None) if rows is None else rows
        for name, start in self.start.items():
            self[name] = self[name].clone()
            self[name][chosen] = start


class Rival(nn.Module, ABC):
    """A stream of tokens -> logits at every tick.

    ``step`` equals the column of ``forward`` at every tick, whatever the length of the stream.

    Parameters
    ----------
    input_size, classes : int
        F, C.
    model_size : int
        d.
    **config
        What else the rival has; kept in ``config``, from which it can be built again.

    Attributes
    ----------
    receptive_field : int or None
        Tokens that an answer can depend on; None: all since the stream began.
    """

    name: ClassVar[str]
    window = 64  # what a model card says of it: the ticks that training lets it warm up

    def __init__(self, *, input_size: int, classes: int, model_size: int, **config: Any) -> None:
        super().__init__()
        self.config: dict[str, Any] = {
            "rival": self.name,
            "input_size": input_size,
            "classes": classes,
            "model_size": model_size,
            **config,
        }
        for key, size in self.config.items():
            if key not in ("rival", "dropout"):
                check_size(key, size)
        self.receptive_field: int | None = None
        self.embedding = nn.Linear(input_size, model_size)
        self.head = nn.Linear(model_size, classes)

    @property
    def reader(self) -> nn.Linear:
        """The layer that reads tokens."""
        return self.embedding

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """State of ``batch`` streams that have seen nothing."""

    @abstractmethod
    def _run(self, tokens: Tensor, state: State) -> Tensor:
        """Tokens (B, S, F), going on from ``state``, which is updated -> logits (B, S, C)."""

    @abstractmethod
    def macs(self) -> int:
        """Multiply-accumulates of one step, its window or memory full."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Streams from their beginning (B, S, F) -> logits (B, S, C)."""
        check_tokens(tokens, self.embedding.weight, "B, S, F")
        return self._run(tokens, self.initial_state(len(tokens)))

    @torch.inference_mode()
    def step(self, token: Tensor, state: State) -> Tensor:
        """Take each stream's next token (B, F); give the logits (B, C).  Updates ``state``."""
        check_tokens(token, self.embedding.weight, "B, F")
        return self._run(token[:, None], state)[:, 0]

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights that a step reads: each of them once."""
        return sum(p.numel() * p.element_size() for p in self.parameters())

    @property
    def state_bytes(self) -> int:
        """Bytes that one stream keeps between steps."""
        return sum(value.numel() * value.element_size() for value in self.initial_state(1).values())


class AllTicks(nn.Module):
    """A rival as :func:`models.training.train.fit` wants it: the logits of all ticks, (B · S, C)."""

    def __init__(self, model: Rival) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, tick: Tensor | int = 0, lengths: Tensor | None = None) -> Tensor:
        return self.model(tokens).flatten(0, 1)


class Newest(nn.Module):
    """A rival over windows as :class:`models.training.train.Batch` has them: the logits (B, C) of the newest
    tick."""

    def __init__(self, model: Rival) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, tick: Tensor | int = 0, lengths: Tensor | None = None) -> Tensor:
        batch, columns = tokens.shape[:2]
        if lengths is None:
            return self.model(tokens)[:, -1]
        # Rows begin with padding, which no stream ever held: it is moved to the end, where nobody looks.
        place = torch.arange(columns, device=tokens.device) + (columns - lengths)[:, None]  # (B, m)
        place = place.clamp(max=columns - 1)[..., None].expand_as(tokens)
        return self.model(tokens.gather(1, place))[torch.arange(batch), lengths - 1]


def feed_forward(model_size: int, feedforward: int, dropout: float) -> nn.Sequential:
    """Linear, GELU, dropout, linear."""
    return nn.Sequential(
        nn.Linear(model_size, feedforward),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Linear(feedforward, model_size),
    )
