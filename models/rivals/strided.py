"""The plain window, recomputed every few tokens: what is used where nobody thinks of continual inference.

So do the action blocks of common video pipelines: a window of 64 tokens, recomputed once in a stride;
between, the last answer stands.  The first comes after one stride.
"""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

from models.continual.classifier import ContinualTransformer


class StridedWindow:
    """A ContinualTransformer's regular window, recomputed every ``stride`` tokens.

    Parameters
    ----------
    model : ContinualTransformer
        Any; its weights are shared.
    stride : int
        Tokens from one answer to the next.
    """

    def __init__(self, model: ContinualTransformer, stride: int) -> None:
        if stride < 1:
            raise ValueError(f"stride is {stride}, expected at least 1")
        self.model, self.stride = model, stride
        self.reset()

    def reset(self) -> None:
        """Forget the stream."""
        self.tokens: deque[Tensor] = deque(maxlen=self.model.receptive_field)
        self.count = 0
        self.logits: Tensor | None = None

    @torch.inference_mode()
    def step(self, token: Tensor) -> Tensor | None:
        """Newest token (B, F) -> the answer that stands (B, C); None before the first."""
        self.tokens.append(token)
        self.count += 1
        if self.count % self.stride == 0:
            window = torch.stack(list(self.tokens), 1)  # (B, m, F)
            self.logits = self.model(window, tick=self.count - len(self.tokens))
        return self.logits

    def macs(self) -> int:
        """Multiply-accumulates a token, on average."""
        return round(sum(self.model.macs("regular").values()) / self.stride)
