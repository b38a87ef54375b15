"""The Continual Transformer: one set of weights, computed over a window (`forward`) or token by token (`step`)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.attention import Ring, RetroactiveState, SingleOutputState, padding_bias
from models.encoder import EncoderBlock
from models.positional import RecyclingPositionalEncoding


@dataclass(eq=False)
class StreamState:
    """What a batch of B streams remembers between steps; made by the model, updated in place by ``step``.

    Attributes
    ----------
    tick : Tensor of shape (B,), int64
        Absolute index of each stream's next token: its positional phase.
    attention : list of SingleOutputState or RetroactiveState
        Of the blocks that carry state.
    tokens : Tensor of shape (B, n, d), or None
        Retroactive first block: the embedded tokens of the window, which its residual needs again.
    """

    tick: Tensor
    attention: list[SingleOutputState | RetroactiveState]
    tokens: Tensor | None

    @property
    def ring(self) -> Ring:
        return self.attention[0].ring

    @property
    def filled(self) -> Tensor:
        """Tokens in each stream's window, (B,) int64."""
        return self.ring.filled

    @torch.inference_mode()
    def reset(self, rows: Tensor | list[int] | int | None = None) -> None:
        """Start the streams ``rows`` (indices or a mask (B,); None: all) afresh, from tick 0."""
        batch = len(self.tick)
        chosen = (
            torch.ones(batch, dtype=torch.bool) if rows is None else torch.atleast_1d(torch.as_tensor(rows))
        )
        if chosen.dtype == torch.bool:
            if chosen.shape != (batch,):
                raise ValueError(f"mask of rows has shape {tuple(chosen.shape)}, expected ({batch},)")
        elif chosen.is_floating_point() or ((chosen < 0) | (chosen >= batch)).any():
            raise ValueError(f"rows is {rows}, expected indices from 0 to {batch - 1}")
        self.tick[chosen] = 0
        for state in self.attention:
            state.ring.reset(chosen)


class ContinualTransformer(nn.Module):
    """Embedding, recycling positional encoding, encoder blocks, and a head on the newest token.

    ``step`` equals ``forward`` over the tokens still in the window, at every step, whatever the number of blocks:

    - 1 block: single-output attention (CoSi);
    - 2 blocks: retroactive (CoRe), then single-output;
    - more: retroactive, regular ..., single-output.

    With ``deep="streaming"`` every block is single-output and keeps its own ring of keys and values: cost linear in
    depth, the newest output depends on the last L(n−1)+1 tokens.  That is another function than an encoder over the
    window of n, and must be trained as such; ``forward`` is then the banded attention that ``step`` equals.

    Parameters
    ----------
    input_size : int
        Features F of a token.
    classes : int
        C.
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
        T of the positional encoding; 2n − 1 by default.
    deep : {"retroactive", "streaming"}
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
    ) -> None:
        super().__init__()
        period = 2 * window - 1 if period is None else period
        self.config = {
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
        }
        for name in ("input_size", "classes", "window", "model_size", "blocks"):
            if not isinstance(self.config[name], int) or self.config[name] < 1:
                raise ValueError(f"{name} is {self.config[name]!r}, expected an int of at least 1")
        if deep not in ("retroactive", "streaming"):
            raise ValueError(f"deep is {deep!r}, expected 'retroactive' or 'streaming'")
        self.window = window
        self.streaming = deep == "streaming"
        self.receptive_field = blocks * (window - 1) + 1 if self.streaming else window
        self.embedding = nn.Linear(input_size, model_size)
        self.positional = RecyclingPositionalEncoding(period, model_size, positional)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            EncoderBlock(model_size, heads, feedforward, norm, activation, qkv_bias, dropout)
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(model_size)
        self.head = nn.Linear(model_size, classes)

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
            1 to n tokens (streaming-deep: to L(n−1)+1), newest last.
        tick : int or Tensor of shape (B,)
            Absolute index of the oldest column: the positional phase.
        lengths : Tensor of shape (B,), optional
            How many of the last tokens of each row are real, 1 to m; all by default.
        all_outputs : bool
            Whether the last block computes the outputs of all tokens, as a regular encoder does, though only
            the newest is classified: to time what the headline counts.

        Returns
        -------
        Tensor of shape (B, C)
        """
        self._check_tokens(tokens)
        lengths = self._lengths(tokens, lengths)
        mask = self._mask(tokens, lengths)
        x = self._embed(tokens, self._ticks(tokens, tick)[:, None] + _arange(tokens))  # (B, m, d)
        for block in self.blocks[:-1]:
            x = block(x, mask)  # (B, m, d)
        if mask is not None and not all_outputs:
            mask = mask[..., -1:, :]  # the newest token's row
        x = self.blocks[-1](x, mask, last=not all_outputs)  # (B, m or 1, d)
        return self._classify(x)

    def _embed(self, tokens: Tensor, tick: Tensor) -> Tensor:
        """Tokens (..., F) with absolute ticks (...) -> (..., d)."""
        return self.dropout(self.embedding(tokens) + self.positional(tick))

    def _classify(self, x: Tensor) -> Tensor:
        """Logits (B, C) of the newest, which is the last, of (B, r, d)."""
        return self.head(self.norm(x[:, -1]))

    def _mask(self, tokens: Tensor, lengths: Tensor | None) -> Tensor | None:
        """What is added to the logits, (B, 1, 1, m); streaming-deep: (B or 1, 1, m, m), a band of n."""
        columns = tokens.shape[1]
        mask = None
        if lengths is not None:
            mask = padding_bias(lengths, columns, tokens)[:, None, None]  # (B, 1, 1, m)
        if self.streaming:
            position = _arange(tokens)  # (m,)
            age = position[:, None] - position  # (m, m), of the key as its query sees it
            band = tokens.new_zeros(columns, columns)
            band.masked_fill_((age < 0) | (age >= self.window), -torch.inf)  # (m, m)
            mask = band[None, None] if mask is None else band + mask  # (B, 1, m, m)
            # Padding sees itself, for a softmax over nothing is NaN; nobody sees padding.
            mask = mask.masked_fill(age == 0, 0.0)
        return mask

    # --- Continual: token by token ---

    def initial_state(self, batch: int) -> StreamState:
        """State of ``batch`` streams that have seen nothing."""
        if not isinstance(batch, int) or batch < 1:
            raise ValueError(f"batch is {batch!r}, expected an int of at least 1")
        like = self.head.weight
        retroactive = len(self.blocks) > 1 and not self.streaming
        stateful = self.blocks if self.streaming else self.blocks[:1]
        return StreamState(
            tick=torch.zeros(batch, dtype=torch.int64, device=like.device),
            attention=[b.attention.initial_state(batch, self.window, retroactive) for b in stateful],
            tokens=like.new_zeros(batch, self.window, self.head.in_features) if retroactive else None,
        )

    @torch.inference_mode()
    def step(self, token: Tensor, state: StreamState) -> Tensor:
        """Take each stream's next token (B, F); give the logits (B, C) of its window.  Updates ``state``."""
        x = self._embed(token, state.tick)  # (B, d)
        state.tick += 1
        if state.tokens is None:
            for block, attention in zip(self.blocks, state.attention, strict=True):
                y = block.attention.step(block.attention_input(x), attention)[:, 0]  # (B, d)
                x = block.after_attention(x, y)  # (B, d)
            return self._classify(x[:, None])
        return self._retroactive_step(x, state)

    def _retroactive_step(self, x: Tensor, state: StreamState) -> Tensor:
        """The newest embedded token (B, d) -> logits (B, C), through refreshed outputs of the whole window."""
        assert state.tokens is not None
        ring, first, last = state.ring, self.blocks[0], self.blocks[-1]
        slot = ring.slot
        state.tokens[:, slot] = x
        y = first.attention.step(
            first.attention_input(x), state.attention[0]
        )  # (B, m, d), in the ring's order
        x = first.after_attention(state.tokens[:, : ring.used], y)  # (B, m, d)
        mask = ring.mask()  # (B, 1, 1, m)
        for block in self.blocks[1:-1]:
            x = block(x, mask)  # (B, m, d)
        y = last.attention_input(x)  # (B, m, d)
        newest = slice(slot, slot + 1)
        x = last.after_attention(x[:, newest], last.attention(y[:, newest], y, mask))  # (B, 1, d)
        return self._classify(x)

    @torch.inference_mode()
    def prefill(self, tokens: Tensor, tick: int | Tensor = 0, lengths: Tensor | None = None) -> StreamState:
        """State after these tokens, computed at once; arguments as in :meth:`forward`."""
        self._check_tokens(tokens)
        lengths = self._lengths(tokens, lengths)
        batch, columns = tokens.shape[:2]
        state = self.initial_state(batch)
        ticks = self._ticks(tokens, tick)  # (B,)
        mask = self._mask(tokens, lengths)
        kept = min(columns, self.window)
        filled = torch.full_like(ticks, columns) if lengths is None else lengths
        x = self._embed(tokens, ticks[:, None] + _arange(tokens))  # (B, m, d)
        state.tick.copy_(ticks + columns)
        for block, attention in zip(self.blocks, state.attention, strict=False):
            attention.ring.extend(filled.clamp(max=kept), kept)
            y = block.attention_input(x[:, -kept:])  # (B, kept, d)
            if isinstance(attention, RetroactiveState):
                rings = (attention.q, attention.k, attention.v)
                projected = block.attention.project(y)
            else:
                rings = (attention.k, attention.v)
                projected = block.attention.project(y, 1, 3)
            for ring, part in zip(rings, projected, strict=True):
                ring[:, :, :kept] = part  # (B, h, kept, e)
            if block is not self.blocks[len(state.attention) - 1]:
                x = block(x, mask)  # (B, m, d)
        if state.tokens is not None:
            state.tokens[:, :kept] = x[:, -kept:]
        return state

    # --- What it costs ---

    def macs(self, mode: str, filled: int | None = None) -> dict[str, int]:
        """Multiply-accumulates of one prediction, by part: matrix products only, as the paper counts "FLOPs".

        Parameters
        ----------
        mode : {"regular", "regular_last", "continual"}
            All outputs of the window recomputed; only the last one; one step.  For a streaming-deep model the
            regular figures are those of an ordinary encoder of the same size over the window.
        filled : int
            Tokens in the window, 1 to n; n by default.
        """
        m = self.window if filled is None else filled
        if mode not in ("regular", "regular_last", "continual"):
            raise ValueError(f"mode is {mode!r}, expected 'regular', 'regular_last' or 'continual'")
        if not 1 <= m <= self.window:
            raise ValueError(f"filled is {filled}, expected 1 to {self.window}")
        d, f, blocks = self.head.in_features, self.config["feedforward"], len(self.blocks)
        # (tokens projected to queries, to keys and values, tokens whose outputs are computed) of each block
        every, newest, carried = (m, m, m), (1, m, 1), (1, 1, 1)
        if mode == "regular":
            shapes = [every] * blocks
        elif mode == "regular_last":
            shapes = [every] * (blocks - 1) + [newest]
        elif self.streaming or blocks == 1:
            shapes = [carried] * blocks
        else:
            shapes = [(1, 1, m)] + [every] * (blocks - 2) + [newest]
        return {
            "embedding": (1 if mode == "continual" else m) * self.config["input_size"] * d,
            "qkv": sum((q + 2 * kv) * d * d for q, kv, _ in shapes),
            "attention": sum(2 * out * m * d for _, _, out in shapes),
            "output": sum(out * d * d for _, _, out in shapes),
            "feedforward": sum(2 * out * d * f for _, _, out in shapes),
            "head": d * self.config["classes"],
        }

    # --- Arguments ---

    def _check_tokens(self, tokens: Tensor) -> None:
        if tokens.ndim != 3 or tokens.shape[2] != self.embedding.in_features:
            raise ValueError(
                f"tokens has shape {tuple(tokens.shape)}, expected (B, m, {self.embedding.in_features})"
            )
        if not 1 <= tokens.shape[1] <= self.receptive_field:
            raise ValueError(f"{tokens.shape[1]} tokens in a window, expected 1 to {self.receptive_field}")

    def _ticks(self, tokens: Tensor, tick: int | Tensor) -> Tensor:
        ticks = torch.as_tensor(tick, dtype=torch.int64, device=tokens.device)
        if ticks.shape not in ((), tokens.shape[:1]):
            raise ValueError(f"tick has shape {tuple(ticks.shape)}, expected () or ({len(tokens)},)")
        return ticks.expand(len(tokens))  # (B,)

    def _lengths(self, tokens: Tensor, lengths: Tensor | None) -> Tensor | None:
        """Checked lengths (B,), or None when every token is real: then no mask is needed."""
        if lengths is None:
            return None
        lengths = torch.as_tensor(lengths, dtype=torch.int64, device=tokens.device)
        batch, columns = tokens.shape[:2]
        if lengths.shape != (batch,):
            raise ValueError(f"lengths has shape {tuple(lengths.shape)}, expected ({batch},)")
        if not 1 <= int(lengths.min()) <= int(lengths.max()) <= columns:
            raise ValueError(f"lengths is {lengths.tolist()}, expected 1 to {columns}")
        return None if int(lengths.min()) == columns else lengths


def _arange(tokens: Tensor) -> Tensor:
    return torch.arange(tokens.shape[1], device=tokens.device)  # (m,)
