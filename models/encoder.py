"""The Transformer encoder block, computed over a window or carried on step by step."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from models.attention import MultiheadAttention

ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}


class EncoderBlock(nn.Module):
    """Attention and feed-forward, each with its residual and LayerNorm.

    ::

        post-norm   y = LN1(x + Att(x)),       z = LN2(y + FF(y))
        pre-norm    y = x + Att(LN1(x)),       z = y + FF(LN2(y))

    Parameters
    ----------
    model_size, heads, feedforward : int
        d, h, and the width f of the feed-forward part.
    norm : {"post", "pre"}
    activation : {"gelu", "relu"}
    qkv_bias : bool
    dropout : float
        While training: of attention weights, of the hidden layer, and of what is added to the residual.
    """

    def __init__(
        self,
        model_size: int,
        heads: int,
        feedforward: int,
        norm: str = "post",
        activation: str = "gelu",
        qkv_bias: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if norm not in ("post", "pre"):
            raise ValueError(f"norm is {norm!r}, expected 'post' or 'pre'")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}, expected 'gelu' or 'relu'")
        if feedforward < 1:
            raise ValueError(f"feedforward is {feedforward}, expected at least 1")
        self.pre_norm = norm == "pre"
        self.activation = ACTIVATIONS[activation]
        self.attention = MultiheadAttention(model_size, heads, qkv_bias, dropout)
        self.norm1 = nn.LayerNorm(model_size)
        self.linear1 = nn.Linear(model_size, feedforward)
        self.linear2 = nn.Linear(feedforward, model_size)
        self.norm2 = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None, last: bool = False) -> Tensor:
        """Regular: (B, m, d) -> (B, m, d), or with ``last`` only the newest token's output (B, 1, d)."""
        y = self.attention_input(x)  # (B, m, d)
        newest = y[:, -1:] if last else y  # (B, 1 or m, d)
        return self.after_attention(x[:, -1:] if last else x, self.attention(newest, y, mask))

    def attention_input(self, x: Tensor) -> Tensor:
        return self.norm1(x) if self.pre_norm else x

    def after_attention(self, x: Tensor, attended: Tensor) -> Tensor:
        """All that acts on each token alone: (..., d) and its attention (..., d) -> (..., d)."""
        y = x + self.dropout(attended)
        if self.pre_norm:
            return y + self.feedforward(self.norm2(y))
        y = self.norm1(y)
        return self.norm2(y + self.feedforward(y))

    def feedforward(self, x: Tensor) -> Tensor:
        hidden = self.dropout(self.activation(self.linear1(x)))  # (..., f)
        return self.dropout(self.linear2(hidden))  # (..., d)
