"""What each kind of attention remembers: rings of keys, values and the like, for B streams.

A state can be read in the order of time and filled again from that, so that streams that write different
slots come together in one batch, and nothing that is saved depends on where a ring stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from models.continual.ring import Ring


@dataclass(eq=False)
class AttentionState:
    """A ring, and the tensors that have a row for each of its slots.

    Attributes
    ----------
    ring : Ring
    SLOTS : dict of str to tuple of int
        By name of such a tensor, its dimensions that run over the slots.
    """

    ring: Ring

    SLOTS: ClassVar[dict[str, tuple[int, ...]]] = {}

    def kept(self) -> dict[str, Tensor]:
        """The tensors by name."""
        return {name: kept for name in self.SLOTS if (kept := getattr(self, name)) is not None}

    def reset(self, rows: Tensor) -> None:
        """Forget the streams ``rows`` (indices or a mask)."""
        self.ring.reset(rows)
        for kept in self.kept().values():  # zeroed, for a NaN would shine through the mask
            kept[rows] = 0

    def in_time(self) -> dict[str, Tensor]:
        """Copies of the tensors over the longest window, from its oldest token to the newest."""
        order = self.ring.order()
        copies = self.kept()
        for name, dims in self.SLOTS.items():
            for dim in dims if name in copies else ():
                copies[name] = copies[name].index_select(dim, order)
        return copies

    def refill(self, lengths: Tensor, copies: dict[str, Tensor]) -> None:
        """Hold the last ``lengths`` (B,) of these tokens, as :meth:`in_time` gives them, and nothing else.

        What ``copies`` has no tensor for is zero.
        """
        self.ring.refill(lengths, copies["k"].shape[2])
        for name, kept in self.kept().items():
            kept.zero_()
            if name in copies:
                copy = copies[name]
                kept[tuple(slice(size) for size in copy.shape)] = copy


@dataclass(eq=False)
class SingleOutputState(AttentionState):
    """What single-output attention remembers.

    Attributes
    ----------
    ring : Ring
    k, v : Tensor of shape (B, h, n, e)
        Keys and values of the window.
    q : Tensor of shape (B, h, n, e), or None
        Queries of the window, kept only for a look-ahead.
    ahead : int
        Tokens that must follow a token before its output is given: 0 for none.
    """

    k: Tensor
    v: Tensor
    q: Tensor | None
    ahead: int

    SLOTS: ClassVar[dict[str, tuple[int, ...]]] = {"k": (2,), "v": (2,), "q": (2,)}

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int], like: Tensor, ahead: int = 0) -> SingleOutputState:
        """State of new streams: ``shape`` is (B, h, n, e), dtype and device are those of ``like``."""
        if not 0 <= ahead < shape[2]:
            raise ValueError(f"ahead is {ahead}, expected 0 to {shape[2] - 1} (the window less one)")
        ring = Ring.empty(shape[0], shape[2], like)
        q = like.new_zeros(shape) if ahead else None
        return cls(ring, like.new_zeros(shape), like.new_zeros(shape), q, ahead)

    @property
    def waiting(self) -> Tensor:
        """How many more tokens each stream needs before it has an output, (B,); 0: it has one."""
        return (self.ahead + 1 - self.ring.filled).clamp(min=0)


@dataclass(eq=False)
class RetroactiveState(AttentionState):
    """What retroactive attention by exact refresh remembers: q, k, v of the window, each (B, h, n, e)."""

    q: Tensor
    k: Tensor
    v: Tensor

    SLOTS: ClassVar[dict[str, tuple[int, ...]]] = {"q": (2,), "k": (2,), "v": (2,)}

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int], like: Tensor) -> RetroactiveState:
        """State of new streams: ``shape`` is (B, h, n, e), dtype and device are those of ``like``."""
        return cls(Ring.empty(shape[0], shape[2], like), *(like.new_zeros(shape) for _ in range(3)))


@dataclass(eq=False)
class UpdateState(RetroactiveState):
    """What the paper's update remembers besides: A (B, h, n, n), d = A 1 (B, h, n), and AV (B, h, n, e)."""

    a: Tensor
    d: Tensor
    av: Tensor

    SLOTS: ClassVar[dict[str, tuple[int, ...]]] = {
        "q": (2,),
        "k": (2,),
        "v": (2,),
        "a": (2, 3),
        "d": (2,),
        "av": (2,),
    }

    @classmethod
    def empty(cls, shape: tuple[int, int, int, int], like: Tensor) -> UpdateState:
        batch, heads, window, _ = shape
        ring = Ring.empty(batch, window, like)
        q, k, v, av = (like.new_zeros(shape) for _ in range(4))
        a = like.new_zeros(batch, heads, window, window)
        return cls(ring, q, k, v, a, like.new_zeros(shape[:3]), av)
