"""What a batch of streams remembers between the steps of a Continual Transformer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

from models.continual.ring import Ring

P = ParamSpec("P")
T = TypeVar("T")
Rows = Tensor | Sequence[int] | int


def outlasting(make: Callable[P, T]) -> Callable[P, T]:
    """Decorate what makes a state: no gradients, and tensors that live on outside of ``inference_mode``."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        with torch.inference_mode(False), torch.no_grad():
            return make(*args, **kwargs)

    return made


@dataclass(eq=False)
class StreamState:
    """State of B streams; made by a model, for that model, and updated in place by its ``step``.

    Streams are independent rows.  They can be copied, moved, picked out, joined and saved, and go on as if
    they had not been.

    Attributes
    ----------
    model : int
        Serial number of the model it belongs to.
    tick : Tensor of shape (B,), int64
        Absolute index of each stream's next token: its positional phase.
    attention : list of SingleOutputState, or of one RetroactiveState
        Of the blocks that remember.
    tokens : Tensor of shape (B, n, d), or None
        Retroactive first block: the embedded tokens of the window, for its residual.
    """

    model: int
    tick: Tensor
    attention: Sequence[Any]
    tokens: Tensor | None

    def __len__(self) -> int:
        return len(self.tick)

    @property
    def ring(self) -> Ring:
        return self.attention[0].ring

    @property
    def filled(self) -> Tensor:
        """Tokens in each stream's window, (B,) int64."""
        return self.ring.filled

    @torch.no_grad()
    def reset(self, rows: Rows | None = None) -> None:
        """Start streams afresh, from tick 0: the ``rows`` given as indices or as a mask (B,), or all."""
        chosen = torch.arange(len(self)) if rows is None else self._indices(rows)
        chosen = chosen.to(self.tick.device)
        self.tick[chosen] = 0
        for state in self.attention:
            state.reset(chosen)
        if self.tokens is not None:
            self.tokens[chosen] = 0

    @outlasting
    def clone(self) -> StreamState:
        """A copy that shares nothing."""
        return _changed(self, torch.clone)

    @outlasting
    def to(self, device: str | torch.device) -> StreamState:
        """A copy on another device, for a model that was moved there."""
        return _changed(self, lambda tensor: tensor.to(device, copy=True))

    @outlasting
    def select(self, rows: Rows) -> StreamState:
        """A copy of the streams ``rows``, given as indices, in any order, or as a mask (B,).

        Raises
        ------
        ValueError
            No row, or one that there is not.
        """
        chosen = self._indices(rows)
        if not len(chosen):
            raise ValueError("no rows are selected, expected at least one stream")
        chosen = chosen.to(self.tick.device)
        picked = _changed(self, lambda tensor: tensor[chosen])
        for attention in picked.attention:
            attention.ring.missing = attention.ring.window - int(attention.ring.filled.min())
        return picked

    @staticmethod
    @outlasting
    def cat(states: Sequence[StreamState]) -> StreamState:
        """The streams of several states of one model in one batch; shares nothing with them.

        Raises
        ------
        ValueError
            No states, or states of different models.
        TypeError
            States that differ in dtype or device.
        """
        if not states:
            raise ValueError("no states to join, expected at least one")
        first = states[0]
        if any(state.model != first.model for state in states):
            raise ValueError("the states belong to different models, expected one model's")
        kinds = {(state.ring.bias.dtype, state.ring.bias.device) for state in states}
        if len(kinds) > 1:
            raise TypeError(f"the states are {sorted(map(str, kinds))}: move them to one dtype and device")
        columns = max(int(state.filled.max()) for state in states)
        saved = [state.state_dict() for state in states]
        slots = _slots(first)
        joined = {
            name: torch.cat([_widened(one[name], slots.get(name, ()), columns) for one in saved])
            for name in saved[0]
        }
        both = first.clone()
        both.load_state_dict(joined)
        return both

    @outlasting
    def state_dict(self) -> dict[str, Tensor]:
        """Copies of all there is to know, by name, to be saved; windows in the order of time."""
        saved = {"tick": self.tick.clone(), "filled": self.filled.clone()}
        if self.tokens is not None:
            saved["tokens"] = self.tokens.index_select(1, self.ring.order())
        for number, attention in enumerate(self.attention):
            saved |= {f"attention.{number}.{name}": copy for name, copy in attention.in_time().items()}
        return {name: copy.contiguous() for name, copy in saved.items()}

    @outlasting
    def load_state_dict(self, saved: Mapping[str, Tensor]) -> None:
        """Go on where a state stood that was saved of a model with the same weights; takes its batch, too.

        Raises
        ------
        ValueError
            Names or shapes that are not those of this model's states; the state is left as it was.
        TypeError
            Another dtype.
        """
        self._check_saved(saved)
        device = self.tick.device
        filled = saved["filled"].to(device)
        made = _changed(self, lambda tensor: tensor.new_zeros(len(filled), *tensor.shape[1:]))
        made.tick.copy_(saved["tick"])
        for number, attention in enumerate(made.attention):
            names = {name: f"attention.{number}.{name}" for name in attention.kept()}
            attention.refill(filled, {name: saved[full].to(device) for name, full in names.items()})
        if made.tokens is not None:
            made.tokens[:, : saved["tokens"].shape[1]] = saved["tokens"]
        self.tick, self.attention, self.tokens = made.tick, made.attention, made.tokens

    def _check_saved(self, saved: Mapping[str, Tensor]) -> None:
        own, slots = self.state_dict(), _slots(self)
        if set(saved) != set(own):
            wrong = sorted(set(saved) ^ set(own))
            raise ValueError(f"the saved state and this one differ in {', '.join(wrong)}: another model's?")
        filled = saved["filled"]
        if filled.ndim != 1 or not len(filled):
            raise ValueError(f"filled has shape {tuple(filled.shape)}, expected (B,)")
        columns = int(filled.max())
        if not 0 <= int(filled.min()) <= columns <= self.ring.window:
            raise ValueError(f"filled is {filled.tolist()}, expected 0 to {self.ring.window}")
        for name, tensor in saved.items():
            expected = [len(filled), *own[name].shape[1:]]
            for dim in slots.get(name, ()):
                expected[dim] = columns
            if list(tensor.shape) != expected:
                raise ValueError(f"{name} has shape {tuple(tensor.shape)}, expected {tuple(expected)}")
            if tensor.dtype != own[name].dtype:
                raise TypeError(f"{name} is {tensor.dtype}, expected {own[name].dtype}")

    def _indices(self, rows: Rows) -> Tensor:
        """Rows as indices, whether given as such or as a mask."""
        batch, chosen = len(self), torch.atleast_1d(torch.as_tensor(rows))
        if not chosen.numel():
            return chosen.long().flatten()
        if chosen.is_floating_point() or chosen.ndim != 1:
            raise ValueError(f"rows is {rows}, expected indices of streams or a mask of them")
        if chosen.dtype == torch.bool:
            if len(chosen) != batch:
                raise ValueError(f"rows is a mask of {len(chosen)} streams, expected {batch}")
            return chosen.nonzero()[:, 0]
        if not 0 <= int(chosen.min()) <= int(chosen.max()) < batch:
            raise ValueError(f"rows is {rows}, expected indices from 0 to {batch - 1}")
        return chosen.long()


def _changed(state: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """A copy of a state, or of a part of one, with each of its tensors changed."""
    if isinstance(state, Tensor):
        return change(state)
    if isinstance(state, list):
        return [_changed(part, change) for part in state]
    if is_dataclass(state) and not isinstance(state, type):
        return replace(state, **{f.name: _changed(getattr(state, f.name), change) for f in fields(state)})
    return state


def _slots(state: StreamState) -> dict[str, tuple[int, ...]]:
    """By name in the state dict, the dimensions that run over the tokens of a window."""
    slots: dict[str, tuple[int, ...]] = {"tokens": (1,)}
    for number, attention in enumerate(state.attention):
        slots |= {f"attention.{number}.{name}": dims for name, dims in attention.SLOTS.items()}
    return slots


def _widened(tensor: Tensor, dims: tuple[int, ...], columns: int) -> Tensor:
    """Room for ``columns`` tokens in front of those there are, in these dimensions."""
    front = [0, 0] * tensor.ndim
    for dim in dims:
        front[2 * (tensor.ndim - 1 - dim)] = columns - tensor.shape[dim]
    return F.pad(tensor, front)
