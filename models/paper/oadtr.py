"""OadTR (Wang et al., ICCV 2021): the regular Transformer that the paper makes continual, as published.

An encoder over the window and a class token behind it; a decoder whose learned queries stand for the frames
to come; a head on the class token and the mean of the queries.  Both look at all outputs of a window, so
there is nothing to carry on from one window to the next: it has no ``step``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.continual.block import EncoderBlock
from models.continual.checks import check_lengths, check_size, check_tokens
from models.continual.multihead import MultiheadAttention
from models.continual.ring import padding_bias


class OadTR(nn.Module):
    """A window of tokens -> logits, and while it trains those of the ``queries`` frames that follow.

    Parameters
    ----------
    input_size, classes : int
        F, C.
    window, model_size, heads, feedforward, blocks : int
        n, d, h, f, L of the encoder.
    queries, decoder_layers, decoder_heads : int
    dropout : float
    """

    def __init__(
        self,
        *,
        input_size: int,
        classes: int,
        window: int = 64,
        model_size: int = 1024,
        heads: int = 8,
        feedforward: int = 1024,
        blocks: int = 3,
        queries: int = 8,
        decoder_layers: int = 5,
        decoder_heads: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.config: dict[str, Any] = {
            "input_size": input_size,
            "classes": classes,
            "window": window,
            "model_size": model_size,
            "heads": heads,
            "feedforward": feedforward,
            "blocks": blocks,
            "queries": queries,
            "decoder_layers": decoder_layers,
            "decoder_heads": decoder_heads,
            "dropout": dropout,
        }
        for name, size in self.config.items():
            if name != "dropout":
                check_size(name, size)
        self.window = window
        self.embedding = nn.Linear(input_size, model_size)
        self.token = nn.Parameter(torch.zeros(model_size))  # (d,), the class token
        self.positional = nn.Parameter(torch.empty(window + 1, model_size))  # (n + 1, d)
        nn.init.normal_(self.positional, std=0.02)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            EncoderBlock(
                MultiheadAttention(model_size, heads, False, dropout), feedforward, "pre", "gelu", dropout
            )
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(model_size)
        self.queries = nn.Parameter(torch.zeros(queries, model_size))  # (q, d)
        self.decoder = nn.ModuleList(
            DecoderLayer(model_size, decoder_heads, feedforward, dropout) for _ in range(decoder_layers)
        )
        self.decoder_norm = nn.LayerNorm(model_size)
        self.head = nn.Linear(2 * model_size, classes)
        self.query_head = nn.Linear(model_size, classes)
        # Zeros would leave the causal mask as all that tells them apart.
        nn.init.normal_(self.queries, std=0.02)

    def forward(self, tokens: Tensor, tick: int | Tensor = 0, lengths: Tensor | None = None) -> Tensor:
        """Classify windows.

        Parameters
        ----------
        tokens : Tensor of shape (B, m, F)
            1 to n tokens, newest last.
        tick : int or Tensor
            Not looked at: positions are absolute, the newest token's is always the last.  Here so that all
            models are called alike.
        lengths : Tensor of shape (B,), optional
            How many of the last tokens of each row are real, 1 to m; all by default.

        Returns
        -------
        Tensor of shape (B, C)
            In training mode (B + B·q, C): the logits, then those of each row's queries.

        Raises
        ------
        ValueError, TypeError
            Wrong shape, lengths, device or dtype.
        """
        check_tokens(tokens, self.embedding.weight, "B, m, F")
        if tokens.shape[1] > self.window:
            raise ValueError(f"{tokens.shape[1]} tokens in a window, expected 1 to {self.window}")
        lengths = check_lengths(lengths, tokens)
        m = tokens.shape[1] + 1
        # The class token stands behind the newest one, so padding stays in front.
        mask = None  # or (B, 1, 1, m)
        if lengths is not None:
            mask = padding_bias(lengths + 1, m, tokens)[:, None, None]
        x = torch.cat([self.embedding(tokens), self.token.expand(len(tokens), 1, -1)], 1)  # (B, m, d)
        x = self.dropout(x + self.positional[-m:])
        for block in self.blocks:
            x = block(x, mask)  # (B, m, d)
        x = self.norm(x)
        y = self.queries.expand(len(x), -1, -1)  # (B, q, d)
        for layer in self.decoder:
            y = layer(y, x, mask)  # (B, q, d)
        y = self.dropout(self.decoder_norm(y))
        logits = self.head(torch.cat([x[:, -1], y.mean(1)], -1))  # (B, C)
        if not self.training:
            return logits
        return torch.cat([logits, self.query_head(y).flatten(0, 1)])  # (B + B·q, C)


class DecoderLayer(nn.Module):
    """Attention among the queries, each to those before it, and to the tokens; feed-forward; post-norm."""

    def __init__(self, model_size: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.own = MultiheadAttention(model_size, heads, True, dropout)
        self.cross = MultiheadAttention(model_size, heads, True, dropout)
        self.linear1 = nn.Linear(model_size, feedforward)
        self.linear2 = nn.Linear(feedforward, model_size)
        self.norm1 = nn.LayerNorm(model_size)
        self.norm2 = nn.LayerNorm(model_size)
        self.norm3 = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, y: Tensor, x: Tensor, mask: Tensor | None) -> Tensor:
        """Queries (B, q, d) over tokens (B, m, d), of which ``mask`` (B, 1, 1, m) hides some -> (B, q, d)."""
        causal = y.new_full((y.shape[1], y.shape[1]), -torch.inf).triu(1)  # (q, q)
        y = self.norm1(y + self.dropout(self.own(y, causal)))
        y = self.norm2(y + self.dropout(self.cross.attend(y, x, mask)))
        hidden = self.dropout(F.gelu(self.linear1(y)))  # (B, q, f)
        return self.norm3(y + self.dropout(self.linear2(hidden)))
