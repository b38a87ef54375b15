"""The Transformer encoder block: what surrounds an attention, the same for the window and for the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from torch import Tensor, nn
from torch.nn import functional as F

from models.continual.multihead import MultiheadAttention

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"gelu": F.gelu, "relu": F.relu}

Attention = TypeVar("Attention", bound=MultiheadAttention)


class EncoderBlock(nn.Module, Generic[Attention]):
    """Attention and feed-forward, each with its residual and LayerNorm.

    ::

        post-norm   y = LN1(x + Att(x)),       z = LN2(y + FF(y))        (CoOadTR)
        pre-norm    y = x + Att(LN1(x)),       z = y + FF(LN2(y))        (OadTR)

    Only the attention looks at more than one token.  So a continual step is the attention's own step between
    :meth:`attention_input` and :meth:`after_attention`.

    Parameters
    ----------
    attention : MultiheadAttention
        Any of its kinds.
    feedforward : int
        Width f of the hidden layer.
    norm : {"post", "pre"}
    activation : {"gelu", "relu"}
    dropout : float
        While training: of the hidden layer, and of what is added to the residual.
    """

    def __init__(
        self, attention: Attention, feedforward: int, norm: str, activation: str, dropout: float
    ) -> None:
        super().__init__()
        if norm not in ("post", "pre"):
            raise ValueError(f"norm is {norm!r}, expected 'post' or 'pre'")
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}, expected 'gelu' or 'relu'")
        size = attention.model_size
        self.pre_norm = norm == "pre"
        self.activation = ACTIVATIONS[activation]
        self.attention = attention
        self.norm1 = nn.LayerNorm(size)
        self.linear1 = nn.Linear(size, feedforward)
        self.linear2 = nn.Linear(feedforward, size)
        self.norm2 = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Regular: all outputs of a window, (B, m, d) -> (B, m, d); ``mask`` is added to the logits."""
        y = self.attention_input(x)  # (B, m, d)
        return self.after_attention(x, self.attention.attend(y, y, mask))

    def at(self, position: slice, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """The outputs (B, r, d) at a ``position`` of the window (B, m, d) only."""
        y = self.attention_input(x)  # (B, m, d)
        return self.after_attention(x[:, position], self.attention.attend(y[:, position], y, mask))

    def attention_input(self, x: Tensor) -> Tensor:
        return self.norm1(x) if self.pre_norm else x

    def after_attention(self, x: Tensor, attended: Tensor) -> Tensor:
        """All that acts on each token alone: (..., d) and its attention (..., d) -> output (..., d)."""
        y = x + self.dropout(attended)
        if self.pre_norm:
            return y + self.feedforward(self.norm2(y))
        y = self.norm1(y)
        return self.norm2(y + self.feedforward(y))

    def feedforward(self, x: Tensor) -> Tensor:
        hidden = self.dropout(self.activation(self.linear1(x)))  # (..., f)
        return self.dropout(self.linear2(hidden))  # (..., d)
