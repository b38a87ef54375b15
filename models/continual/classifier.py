"""The Continual Transformer: one set of weights, computed over a window or carried on token by token."""

from __future__ import annotations

from torch import Tensor, nn

from models.continual.block import ACTIVATIONS
from models.continual.checks import check_config, check_size
from models.continual.positional import RecyclingPositionalEncoding
from models.continual.stack import EncoderStack


class ContinualTransformer(EncoderStack):
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
    final_norm : bool
        Whether a LayerNorm stands between the last block and the head.
    token_hidden : int, optional
        Width of a hidden layer that each token passes before it is embedded; by default it is embedded as it
        is, as in the paper.  Attention averages what is linear in its tokens: what counts only together in
        one of them has to be seen before.
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
        final_norm: bool = True,
        token_hidden: int | None = None,
    ) -> None:
        super().__init__()
        window = check_size("window", window)
        period = 2 * window - 1 if period is None else check_size("period", period)
        if period < window:
            raise ValueError(f"period is {period}, expected at least the window, {window}")
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
            "retroactive": retroactive,
            "final_norm": bool(final_norm),
        }
        if token_hidden is not None:
            self.config["token_hidden"] = token_hidden
        check_config(self.config)
        size, hidden = self.config["input_size"], self.config.get("token_hidden")
        self.inner = nn.Linear(size, hidden) if hidden else None
        self.embedding = nn.Linear(hidden or size, self.config["model_size"])
        self.positional = RecyclingPositionalEncoding(period, self.config["model_size"], positional)
        self.dropout = nn.Dropout(dropout)
        self._build()
        self.head = nn.Linear(self.config["model_size"], self.config["classes"])

    @property
    def _reads(self) -> Tensor:
        return self.reader.weight

    @property
    def reader(self) -> nn.Linear:
        """The layer that reads tokens."""
        return self.embedding if self.inner is None else self.inner

    def _embed(self, tokens: Tensor, tick: Tensor) -> Tensor:
        """Tokens (..., F) of absolute ticks (...) -> (..., d)."""
        if self.inner is not None:
            tokens = self.dropout(ACTIVATIONS[self.config["activation"]](self.inner(tokens)))  # (..., hidden)
        return self.dropout(self.embedding(tokens) + self.positional(tick))

    def _classify(self, x: Tensor) -> Tensor:
        """Outputs of the last block (..., d) -> logits (..., C)."""
        return self.head(self.norm(x))

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
        tokens, ticks, lengths = self._check(tokens, tick, lengths)
        mask = self._mask(tokens, lengths)
        x = self._enter(tokens, ticks)  # (B, m, d)
        for block in self.blocks[:-1]:
            x = block(x, mask)  # (B, m, d)
        if all_outputs:
            return self._classify(self.blocks[-1](x, mask)[:, -1])
        newest = slice(x.shape[1] - 1, None)
        mask = None if mask is None else mask[..., -1:, :]  # (B, 1, 1, m): the newest token's row
        return self._classify(self.blocks[-1].at(newest, x, mask)[:, 0])
