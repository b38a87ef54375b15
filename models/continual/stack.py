"""The stack of encoder blocks that all continual models are made of: over a window, or token by token."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.continual.attention_state import RetroactiveState, UpdateState
from models.continual.block import EncoderBlock
from models.continual.checks import check_lengths, check_size, check_ticks, check_tokens
from models.continual.macs import model_macs
from models.continual.multihead import (
    MultiheadAttention,
    RetroactiveMultiheadAttention,
    SingleOutputMultiheadAttention,
    window_lengths,
    windows,
)
from models.continual.ring import padding_bias
from models.continual.state import StreamState, outlasting

_serial = itertools.count()

TOGETHER = 32  # tokens that are at least taken at once
LARGEST = 1 << 22  # numbers in the windows that are computed at once


class EncoderStack(nn.Module):
    """Encoder blocks and a last norm, with all that steps them; base of the models.

    What a model puts before and after it is told by :meth:`_embed` and :meth:`_classify`.  A subclass sets
    ``config``, checked by :func:`models.continual.checks.check_config`, and calls :meth:`_build`.

    Attributes
    ----------
    config : dict
        Arguments that build the same model, JSON-ready.
    window : int
        n.
    streaming : bool
        Whether every block keeps its own keys and values.
    receptive_field : int
        Newest tokens that an output depends on: n, or streaming-deep L(n−1)+1.
    """

    config: dict[str, Any]

    def _build(self) -> None:
        """Make the blocks and the last norm of ``config``."""
        config = self.config
        deep, retroactive = config["deep"], config["retroactive"]
        blocks, window, size = config["blocks"], config["window"], config["model_size"]
        heads, bias, dropout = config["heads"], config["qkv_bias"], config["dropout"]

        def attention(block: int) -> MultiheadAttention:
            if blocks == 1 or deep == "streaming":
                return SingleOutputMultiheadAttention(size, heads, window, bias=bias, dropout=dropout)
            if block == 0:
                return RetroactiveMultiheadAttention(
                    size, heads, window, retroactive, bias=bias, dropout=dropout
                )
            return MultiheadAttention(size, heads, bias, dropout)

        self.window: int = window
        self.streaming = deep == "streaming"
        self.receptive_field: int = blocks * (window - 1) + 1 if self.streaming else window
        # A ModuleList, told to the type checker as what it holds.
        self.blocks = cast(
            "Sequence[EncoderBlock[Any]]",
            nn.ModuleList(
                EncoderBlock(
                    attention(i), config["feedforward"], config["norm"], config["activation"], dropout
                )
                for i in range(blocks)
            ),
        )
        self.norm: nn.LayerNorm | nn.Identity = nn.LayerNorm(size) if config["final_norm"] else nn.Identity()
        self._serial = next(_serial)

    # --- What stands around the blocks ---

    @property
    def _reads(self) -> Tensor:
        """The weight (…, F) that tokens must fit in size, dtype and device."""
        return self.blocks[0].attention.qkv.weight

    def _embed(self, tokens: Tensor, tick: Tensor) -> Tensor:
        """Tokens (..., F) of absolute ticks (...) -> what the first block takes, (..., d)."""
        return tokens

    def _classify(self, x: Tensor) -> Tensor:
        """Outputs of the last block (..., d) -> what the model gives."""
        return self.norm(x)

    # --- Regular: the whole window at once ---

    def _check(
        self, tokens: Tensor, tick: int | Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """The tokens, zero where padding was, the ticks (B,) of the oldest column, and the lengths (B,).

        The lengths are None if there is no padding.
        """
        check_tokens(tokens, self._reads, "B, m, F")
        columns = tokens.shape[1]
        if columns > self.receptive_field:
            raise ValueError(f"{columns} tokens in a window, expected 1 to {self.receptive_field}")
        ticks, lengths = check_ticks(tick, tokens), check_lengths(lengths, tokens)
        if lengths is not None:  # a mask hides no NaN
            hidden = padding_bias(lengths, columns, tokens) != 0  # (B, m)
            tokens = tokens.masked_fill(hidden[..., None], 0)
        return tokens, ticks, lengths

    def _enter(self, tokens: Tensor, ticks: Tensor) -> Tensor:
        """Tokens (B, m, F), the oldest of ``ticks`` (B,) -> what the first block takes, (B, m, d)."""
        return self._embed(tokens, ticks[:, None] + _columns(tokens))

    def _mask(self, tokens: Tensor, lengths: Tensor | None) -> Tensor | None:
        """What is added to the logits: (B, 1, 1, m), or streaming-deep (B or 1, 1, m, m), or None."""
        columns = tokens.shape[1]
        padding = None if lengths is None else padding_bias(lengths, columns, tokens)[:, None, None]
        if not self.streaming:
            return padding
        position = _columns(tokens)  # (m,)
        age = position[:, None] - position  # (m, m), of a key as its query sees it
        band = tokens.new_zeros(columns, columns)  # (m, m)
        band.masked_fill_((age < 0) | (age >= self.window), -torch.inf)
        mask = band[None, None] if padding is None else band + padding  # (B or 1, 1, m, m)
        # Padding sees itself, for a softmax over nothing is NaN; no token sees padding.
        return mask.masked_fill(age == 0, 0)

    # --- Continual: token by token ---

    @outlasting
    def initial_state(self, batch: int) -> StreamState:
        """State of ``batch`` streams that have seen nothing."""
        batch = check_size("batch", batch)
        like = self.blocks[0].attention.qkv.weight  # (3d, d)
        remembering = self.blocks if self.streaming else self.blocks[:1]
        attention = [block.attention.initial_state(batch) for block in remembering]
        retroactive = isinstance(attention[0], RetroactiveState)
        return StreamState(
            model=self._serial,
            tick=torch.zeros(batch, dtype=torch.int64, device=like.device),
            attention=attention,
            tokens=like.new_zeros(batch, self.window, like.shape[1]) if retroactive else None,
        )

    @torch.no_grad()
    def step(self, token: Tensor, state: StreamState) -> Tensor:
        """Take each stream's next token (B, F); give what the model says of its window, (B, C) or (B, d).

        Updates ``state``.  No gradient flows to the model; what follows it can be trained on the outputs.

        Raises
        ------
        ValueError, TypeError
            A token of wrong shape, device or dtype; a state of another model, batch or dtype.
        RuntimeError
            The model is in training mode: dropout would make what the state keeps random.
        """
        self._check_next(token, state, "B, F")
        x = self._embed(token, state.tick)  # (B, d)
        state.tick += 1
        if state.tokens is not None:
            return self._classify(self._retroactive_step(x, state, state.tokens))
        for block, attention in zip(self.blocks, state.attention, strict=True):
            y = block.attention.step(block.attention_input(x), attention)[:, 0]  # (B, d)
            x = block.after_attention(x, y)  # (B, d)
        return self._classify(x)

    def _retroactive_step(self, x: Tensor, state: StreamState, tokens: Tensor) -> Tensor:
        """The newest embedded token (B, d) -> its output (B, d), by way of all refreshed ones (B, m, d)."""
        ring, first = state.ring, self.blocks[0]
        tokens[:, ring.slot] = x
        y = first.attention.refresh(first.attention_input(x), state.attention[0])  # (B, m, d), in ring order
        x = first.after_attention(tokens[:, : ring.used], y)  # (B, m, d)
        mask = ring.mask()  # (B, 1, 1, m)
        for block in self.blocks[1:-1]:
            x = block(x, mask)  # (B, m, d)
        return self.blocks[-1].at(slice(ring.newest, ring.newest + 1), x, mask)[:, 0]

    @torch.no_grad()
    def forward_steps(self, tokens: Tensor, state: StreamState) -> Tensor:
        """What :meth:`step` gives for each of the next tokens (B, m, F), at once -> (B, m, C) or (B, m, d).

        Any number of tokens; goes on from ``state`` and updates it.  Some ten times faster than stepping for
        single-output blocks, which see the tokens of all windows once.  The paper's update is stepped.

        Raises
        ------
        As :meth:`step`.
        """
        self._check_next(tokens, state, "B, m, F")
        if any(isinstance(attention, UpdateState) for attention in state.attention):
            return torch.stack([self.step(token, state) for token in tokens.unbind(1)], 1)
        together = max(self.window, TOGETHER)
        if state.tokens is not None:
            widest = max(self.config["model_size"], self.config["feedforward"])
            together = max(1, LARGEST // (len(tokens) * self.window * widest))
        parts = []
        for part in tokens.split(together, 1):
            x = self._enter(part, state.tick)  # (B, c, d)
            state.tick += part.shape[1]
            if state.tokens is not None:
                x = self._retroactive_steps(x, state, state.tokens)
            else:
                for block, attention in zip(self.blocks, state.attention, strict=True):
                    x = block.after_attention(x, block.attention.steps(block.attention_input(x), attention))
            parts.append(self._classify(x))
        return torch.cat(parts, 1)

    def _retroactive_steps(self, x: Tensor, state: StreamState, tokens: Tensor) -> Tensor:
        """The next embedded tokens (B, c, d) -> their outputs (B, c, d), each over a window of its own."""
        first, ring, count = self.blocks[0], state.ring, x.shape[1]
        joined = torch.cat([tokens.index_select(1, ring.order()), x], 1)  # (B, p + c, d)
        lengths = window_lengths(ring.filled, count, self.window)  # (B · c,)
        mask = padding_bias(lengths, self.window, x)[:, None, None]  # (B · c, 1, 1, n)
        y = first.attention.steps(first.attention_input(x), state.attention[0])  # (B · c, n, d)
        newest = joined[:, -self.window :]
        tokens[:, : newest.shape[1]] = newest  # the ring now begins there
        x = first.after_attention(windows(joined, count, self.window).flatten(0, 1), y)  # (B · c, n, d)
        for block in self.blocks[1:-1]:
            x = block(x, mask)  # (B · c, n, d)
        return self.blocks[-1].at(slice(-1, None), x, mask)[:, 0].unflatten(0, (-1, count))

    def _check_next(self, tokens: Tensor, state: StreamState, shape: str) -> None:
        self._check_mode()
        check_tokens(tokens, self._reads, shape)
        if state.model != self._serial:
            raise ValueError("this state belongs to another model: make one with this model's initial_state")
        if len(state.tick) != len(tokens):
            raise ValueError(f"{len(tokens)} tokens for a state of {len(state.tick)} streams")
        if state.ring.bias.dtype != tokens.dtype or state.tick.device != tokens.device:
            raise TypeError(
                f"the state is {state.ring.bias.dtype} on {state.tick.device}, "
                f"the token {tokens.dtype} on {tokens.device}"
            )

    def _check_mode(self) -> None:
        if self.training:
            raise RuntimeError(
                "the model is in training mode, where dropout would make a state random: call eval() first"
            )

    @outlasting
    def prefill(self, tokens: Tensor, tick: int | Tensor = 0, lengths: Tensor | None = None) -> StreamState:
        """State after these tokens, computed at once; the arguments are those of ``forward``.

        To go on exactly where a longer stream stands, give its last n − 1 tokens or more (streaming-deep:
        L(n−1)).

        Parameters
        ----------
        tokens : Tensor of shape (B, m, F)
            1 to ``receptive_field`` tokens, newest last.
        tick : int or Tensor of shape (B,)
            Absolute index of the oldest column.
        lengths : Tensor of shape (B,), optional
            How many of the last tokens of each row are real, 1 to m; all by default.

        Raises
        ------
        ValueError, TypeError
            Wrong shape, lengths, device or dtype.
        RuntimeError
            The model is in training mode.
        """
        self._check_mode()
        tokens, ticks, lengths = self._check(tokens, tick, lengths)
        batch, columns = tokens.shape[:2]
        kept = min(columns, self.window)
        filled = torch.full_like(ticks, columns) if lengths is None else lengths
        mask = self._mask(tokens, lengths)
        x = self._enter(tokens, ticks)  # (B, m, d)
        state = self.initial_state(batch)
        state.tick = ticks + columns
        if state.tokens is not None:
            state.tokens[:, :kept] = x
        attention = []
        for block in self.blocks[: len(state.attention)]:
            y = block.attention_input(x[:, -kept:])  # (B, kept, d)
            attention.append(block.attention.prefill(y, filled.clamp(max=kept)))
            x = block(x, mask) if len(attention) < len(state.attention) else x  # (B, m, d)
        state.attention = attention
        return state

    # --- What it costs ---

    def macs(self, mode: str, filled: int | None = None) -> dict[str, int]:
        """Multiply-accumulates of one prediction, by part; :mod:`models.continual.macs` says what is counted.

        Parameters
        ----------
        mode : {"regular", "regular_last", "continual"}
            All outputs of the window recomputed (the headline); only the last one; one step.  For a
            streaming-deep model the regular figures are those of an ordinary encoder of the same size over
            the window: what it stands in for.
        filled : int, optional
            Tokens in the window, 1 to n; n by default.

        Returns
        -------
        dict of str to int
            ``embedding``, ``qkv``, ``attention``, ``output``, ``feedforward``, ``head``.
        """
        return model_macs(self.config, mode, filled)


def _columns(tokens: Tensor) -> Tensor:
    return torch.arange(tokens.shape[1], device=tokens.device)  # (m,)
