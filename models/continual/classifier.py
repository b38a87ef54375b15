"""The Continual Transformer: one set of weights, computed over a window or carried on token by token."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.continual.attention import RetroactiveState
from models.continual.checks import check_lengths, check_size, check_ticks, check_tokens
from models.continual.encoder import EncoderBlock
from models.continual.macs import model_macs
from models.continual.multihead import (
    MultiheadAttention,
    RetroactiveMultiheadAttention,
    SingleOutputMultiheadAttention,
)
from models.continual.positional import RecyclingPositionalEncoding
from models.continual.ring import padding_bias
from models.continual.state import StreamState

_serial = itertools.count()


class ContinualTransformer(nn.Module):
    """Embedding, recycling positional encoding, encoder blocks, and a head on the newest token.

    ``step`` equals ``forward`` over the tokens still in the window, at every step, as in the paper's encoder:

    - 1 block: single-output attention;
    - 2 blocks: retroactive, then single-output;
    - more: retroactive, regular ..., single-output, at nearly the cost of a regular encoder.

    ``deep="streaming"`` is another network: every block is single-output and keeps its own keys and values (a
    sliding-window cache).  Its cost is linear in depth, and its output depends on the last L(n−1)+1 tokens.
    It does not equal an encoder over a window of n, and must be trained as what it is: here ``forward`` is
    attention in a band of n, over up to L(n−1)+1 tokens, and ``step`` equals that.

    Use it in evaluation mode, but for training.

    Parameters
    ----------
    input_size, classes : int
        Features F of a token, and C.
    window : int
        n, tokens.
    model_size, heads, feedforward, blocks : int
        d, h, f, L.
    norm : {"post", "pre"}
    activation : {"gelu", "relu"}
    qkv_bias : bool
    dropout : float
    positional : {"learned", "cyclic"}
    period : int, optional
        T of the positional encoding, at least n; 2n − 1 by default.
    deep : {"retroactive", "streaming"}
    retroactive : {"refresh", "update"}
        How a retroactive block brings old outputs up to date: exactly, or by the paper's update, which is for
        small logits only.
    """

    def __init__(
        self,
        *,
        input_size: int,
        classes: int,
        window: int,
        model_size: int,
        heads: int,
        feedforward: int,
        blocks: int = 1,
        norm: str = "post",
        activation: str = "gelu",
        qkv_bias: bool = True,
        dropout: float = 0.1,
        positional: str = "learned",
        period: int | None = None,
        deep: str = "retroactive",
        retroactive: str = "refresh",
    ) -> None:
        super().__init__()
        period = 2 * window - 1 if period is None else period
        self.config: dict[str, Any] = {
            "input_size": input_size,
            "classes": classes,
            "window": window,
            "model_size": model_size,
            "heads": heads,
            "feedforward": feedforward,
            "blocks": blocks,
            "norm": norm,
            "activation": activation,
            "qkv_bias": qkv_bias,
            "dropout": dropout,
            "positional": positional,
            "period": period,
            "deep": deep,
            "retroactive": retroactive,
        }
        for name in ("input_size", "classes", "window", "model_size", "heads", "feedforward", "blocks"):
            check_size(name, self.config[name])
        if period < window:
            raise ValueError(f"period is {period}, expected at least the window, {window}")
        if deep not in ("retroactive", "streaming"):
            raise ValueError(f"deep is {deep!r}, expected 'retroactive' or 'streaming'")
        if retroactive not in ("refresh", "update"):
            raise ValueError(f"retroactive is {retroactive!r}, expected 'refresh' or 'update'")

        def attention(block: int) -> MultiheadAttention:
            if blocks == 1 or deep == "streaming":
                return SingleOutputMultiheadAttention(
                    model_size, heads, window, bias=qkv_bias, dropout=dropout
                )
            if block == 0:
                return RetroactiveMultiheadAttention(
                    model_size, heads, window, retroactive, bias=qkv_bias, dropout=dropout
                )
            return MultiheadAttention(model_size, heads, qkv_bias, dropout)

        self.window = window
        self.streaming = deep == "streaming"
        self.receptive_field = blocks * (window - 1) + 1 if self.streaming else window
        self.embedding = nn.Linear(input_size, model_size)
        self.positional = RecyclingPositionalEncoding(period, model_size, positional)
        self.dropout = nn.Dropout(dropout)
        # A ModuleList, told to the type checker as what it holds.
        self.blocks = cast(
            "Sequence[EncoderBlock[Any]]",
            nn.ModuleList(
                EncoderBlock(attention(i), feedforward, norm, activation, dropout) for i in range(blocks)
            ),
        )
        self.norm = nn.LayerNorm(model_size)
        self.head = nn.Linear(model_size, classes)
        self._serial = next(_serial)

    # --- Regular: the whole window at once ---

    def forward(
        self,
        tokens: Tensor,
        tick: int | Tensor = 0,
        lengths: Tensor | None = None,
        all_outputs: bool = False,
    ) -> Tensor:
        """Classify windows.

        Parameters
        ----------
        tokens : Tensor of shape (B, m, F)
            1 to ``receptive_field`` tokens, newest last.
        tick : int or Tensor of shape (B,)
            Absolute index of the oldest column: the positional phase.
        lengths : Tensor of shape (B,), optional
            How many of the last tokens of each row are real, 1 to m; all by default.
        all_outputs : bool
            Whether the last block computes the outputs of all tokens, as the paper's regular encoder does,
            though only the newest is classified: what ``macs("regular")`` counts.

        Returns
        -------
        Tensor of shape (B, C)

        Raises
        ------
        ValueError, TypeError
            Wrong shape, lengths, device or dtype.
        """
        ticks, lengths = self._check(tokens, tick, lengths)
        mask = self._mask(tokens, lengths)
        x = self._embed(tokens, ticks[:, None] + _columns(tokens))  # (B, m, d)
        for block in self.blocks[:-1]:
            x = block(x, mask)  # (B, m, d)
        if all_outputs:
            return self._classify(self.blocks[-1](x, mask)[:, -1])
        newest = slice(x.shape[1] - 1, None)
        mask = None if mask is None else mask[..., -1:, :]  # (B, 1, 1, m): the newest token's row
        return self._classify(self.blocks[-1].at(newest, x, mask)[:, 0])

    def _check(
        self, tokens: Tensor, tick: int | Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """The ticks (B,) of the oldest column and, if some tokens are padding, the lengths (B,)."""
        check_tokens(tokens, self.embedding.weight, "B, m, F")
        if tokens.shape[1] > self.receptive_field:
            raise ValueError(f"{tokens.shape[1]} tokens in a window, expected 1 to {self.receptive_field}")
        return check_ticks(tick, tokens), check_lengths(lengths, tokens)

    def _embed(self, tokens: Tensor, tick: Tensor) -> Tensor:
        """Tokens (..., F) of absolute ticks (...) -> (..., d)."""
        return self.dropout(self.embedding(tokens) + self.positional(tick))

    def _classify(self, x: Tensor) -> Tensor:
        """Newest token's output (B, d) -> logits (B, C)."""
        return self.head(self.norm(x))

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

    def initial_state(self, batch: int) -> StreamState:
        """State of ``batch`` streams that have seen nothing."""
        check_size("batch", batch)
        like = self.head.weight
        remembering = self.blocks if self.streaming else self.blocks[:1]
        attention = [block.attention.initial_state(batch) for block in remembering]
        retroactive = isinstance(attention[0], RetroactiveState)
        return StreamState(
            model=self._serial,
            tick=torch.zeros(batch, dtype=torch.int64, device=like.device),
            attention=attention,
            tokens=like.new_zeros(batch, self.window, like.shape[1]) if retroactive else None,
        )

    @torch.inference_mode()
    def step(self, token: Tensor, state: StreamState) -> Tensor:
        """Take each stream's next token (B, F); give the logits (B, C) of its window.  Updates ``state``.

        Raises
        ------
        ValueError, TypeError
            A token of wrong shape, device or dtype; a state of another model, batch or dtype.
        """
        check_tokens(token, self.embedding.weight, "B, F")
        if state.model != self._serial:
            raise ValueError("this state belongs to another model: make one with this model's initial_state")
        if len(state.tick) != len(token):
            raise ValueError(f"{len(token)} tokens for a state of {len(state.tick)} streams")
        if state.ring.bias.dtype != token.dtype or state.tick.device != token.device:
            raise TypeError(
                f"the state is {state.ring.bias.dtype} on {state.tick.device}, "
                f"the token {token.dtype} on {token.device}"
            )
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
        y = first.attention.step(first.attention_input(x), state.attention[0])  # (B, m, d), in ring order
        x = first.after_attention(tokens[:, : ring.used], y)  # (B, m, d)
        mask = ring.mask()  # (B, 1, 1, m)
        for block in self.blocks[1:-1]:
            x = block(x, mask)  # (B, m, d)
        return self.blocks[-1].at(slice(ring.newest, ring.newest + 1), x, mask)[:, 0]

    @torch.inference_mode()
    def prefill(self, tokens: Tensor, tick: int | Tensor = 0, lengths: Tensor | None = None) -> StreamState:
        """State after these tokens, computed at once; the arguments are those of :meth:`forward`.

        To go on exactly where a longer stream stands, give its last n − 1 tokens or more (streaming-deep:
        L(n−1)).
        """
        ticks, lengths = self._check(tokens, tick, lengths)
        batch, columns = tokens.shape[:2]
        kept = min(columns, self.window)
        filled = torch.full_like(ticks, columns) if lengths is None else lengths
        mask = self._mask(tokens, lengths)
        x = self._embed(tokens, ticks[:, None] + _columns(tokens))  # (B, m, d)
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
