"""The encoder alone: for models that bring their own embedding and head."""

from __future__ import annotations

from torch import Tensor, nn

from models.continual.checks import check_config
from models.continual.convert import encoder_config, load_torch_encoder
from models.continual.stack import EncoderStack


class ContinualEncoder(EncoderStack):
    """What ``nn.TransformerEncoder`` computes over a window of n tokens, window by window or token by token.

    ``step`` gives, from the first token on, the newest row of :meth:`forward` over the tokens still in the
    window, as in :class:`models.continual.classifier.ContinualTransformer`; there the roles of the blocks and
    streaming-deep are told, too.  Batch first, always.

    A token keeps its keys and values while it slides through the window, so its positional encoding must go
    by the stream and not by the window.  Add
    :class:`models.continual.positional.RecyclingPositionalEncoding` of ``state.tick`` to the tokens, or none.

    Parameters
    ----------
    model_size, heads, feedforward, window, blocks : int
        d, h, f, n, L.
    norm, activation, qkv_bias, dropout, deep, retroactive
        As of :class:`models.continual.classifier.ContinualTransformer`.
    final_norm : bool
        Whether a LayerNorm stands after the last block, as the ``norm`` of ``nn.TransformerEncoder`` does.
    """

    def __init__(
        self,
        *,
        model_size: int,
        heads: int,
        feedforward: int,
        window: int,
        blocks: int = 1,
        norm: str = "post",
        activation: str = "gelu",
        qkv_bias: bool = True,
        dropout: float = 0.1,
        deep: str = "retroactive",
        retroactive: str = "refresh",
        final_norm: bool = True,
    ) -> None:
        super().__init__()
        self.config = {
            "model_size": model_size,
            "heads": heads,
            "feedforward": feedforward,
            "window": window,
            "blocks": blocks,
            "norm": norm,
            "activation": activation,
            "qkv_bias": qkv_bias,
            "dropout": dropout,
            "deep": deep,
            "retroactive": retroactive,
            "final_norm": bool(final_norm),
        }
        check_config(self.config)
        self._build()

    @classmethod
    def from_torch(
        cls,
        encoder: nn.TransformerEncoder,
        window: int,
        *,
        deep: str = "retroactive",
        retroactive: str = "refresh",
    ) -> ContinualEncoder:
        """The same function as PyTorch's encoder, with copies of its weights; in evaluation mode.

        Parameters
        ----------
        encoder : nn.TransformerEncoder
            Of ``nn.TransformerEncoderLayer``s, batch first or not; any norm order, with or without last norm.
        window : int
            n, the tokens that it looks at.
        deep, retroactive
            As of the class.  Streaming-deep is another function than ``encoder`` over a window.

        Raises
        ------
        ValueError
            It has something that cannot be expressed; says what.
        """
        made = cls(**encoder_config(encoder), window=window, deep=deep, retroactive=retroactive)
        made.to(encoder.layers[0].linear1.weight)
        load_torch_encoder(made, encoder)
        return made.eval()

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """All outputs of windows, as ``nn.TransformerEncoder`` gives them.

        Parameters
        ----------
        x : Tensor of shape (B, m, d)
            1 to ``receptive_field`` tokens, newest last.
        lengths : Tensor of shape (B,), optional
            How many of the last tokens of each row are real, 1 to m; all by default.

        Returns
        -------
        Tensor of shape (B, m, d)
            Rows of padding mean nothing.

        Raises
        ------
        ValueError, TypeError
            Wrong shape, lengths, device or dtype.
        """
        x, _, lengths = self._check(x, 0, lengths)
        mask = self._mask(x, lengths)
        for block in self.blocks:
            x = block(x, mask)  # (B, m, d)
        return self._classify(x)
