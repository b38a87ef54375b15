"""Ring buffers for the tokens of a window.

Softmax does not care about the order of the keys.  So the newest token of a window is written over the
oldest, in place, and nothing is rolled or copied.  What must be known is which slots hold tokens: while the
window fills, when streams of a batch started at different times, after one of them was reset.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(eq=False)
class Ring:
    """Which of n slots hold tokens, for B streams that may have started at different times.

    All streams write the same slot; one that started later has more empty slots.

    Attributes
    ----------
    slot : int
        Where the next token goes.
    used : int
        Slots that any stream has written, 0 to n.
    missing : int
        Steps until the window of every stream is full.
    filled : Tensor of shape (B,), int64
        Tokens in each stream's window.
    bias : Tensor of shape (B, n)
        0 where a stream has a token, -inf where it has none: what is added to the logits.
    """

    slot: int
    used: int
    missing: int
    filled: Tensor
    bias: Tensor

    @classmethod
    def empty(cls, batch: int, window: int, like: Tensor) -> Ring:
        """A ring without tokens, with the dtype and on the device of ``like``."""
        filled = torch.zeros(batch, dtype=torch.int64, device=like.device)  # (B,)
        return cls(0, 0, window, filled, like.new_full((batch, window), -torch.inf))

    @property
    def window(self) -> int:
        return self.bias.shape[1]

    @property
    def newest(self) -> int:
        """The slot written last."""
        return (self.slot - 1) % self.window

    def advance(self) -> int:
        """Give the slot of the next token and count it as filled."""
        slot = self.slot
        self.slot = (slot + 1) % self.window
        self.used = max(self.used, slot + 1)
        if self.missing:
            self.bias[:, slot] = 0
            self.filled.add_(1).clamp_(max=self.window)  # (B,)
            self.missing -= 1
        return slot

    def order(self) -> Tensor:
        """The slots of the longest window, from its oldest token to the newest, (max ``filled``,) int64."""
        columns = int(self.filled.max())
        return torch.arange(self.slot - columns, self.slot, device=self.filled.device) % self.window

    def refill(self, lengths: Tensor, columns: int) -> None:
        """Hold the last ``lengths`` (B,) of ``columns`` <= n tokens, newest last, and nothing else."""
        self.slot = columns % self.window
        self.used = columns
        self.missing = self.window - int(lengths.min())
        self.filled.copy_(lengths)
        self.bias.fill_(-torch.inf)
        self.bias[:, :columns] = padding_bias(lengths, columns, self.bias)  # (B, m)

    def reset(self, rows: Tensor) -> None:
        """Empty the windows of the streams ``rows`` (indices or a mask)."""
        self.filled[rows] = 0
        self.bias[rows] = -torch.inf
        self.missing = self.window

    def mask(self) -> Tensor | None:
        """(B, 1, 1, used), to be added to the logits; None when every stream has filled every used slot."""
        if self.missing == self.window - self.used:
            return None
        return self.bias[:, None, None, : self.used]


def padding_bias(lengths: Tensor, columns: int, like: Tensor) -> Tensor:
    """(B, columns): -inf on all but the last ``lengths`` (B,) columns, with the dtype of ``like``."""
    age = torch.arange(columns - 1, -1, -1, device=lengths.device)  # (m,), 0 for the newest
    return like.new_zeros(len(lengths), columns).masked_fill_(age >= lengths[:, None], -torch.inf)  # (B, m)
