"""The authors' library with our weights: for the benchmark, and to show where its two-block step goes wrong.

Needs the ``bench`` extra (``continual-inference``).  ``python -m models.paper.peer`` is the demonstration.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from models.continual.classifier import ContinualTransformer
from models.continual.convert import torch_encoder


class AuthorsModel(nn.Module):
    """A post-norm ContinualTransformer whose encoder is the authors' ``TransformerEncoder``.

    Parameters
    ----------
    model : ContinualTransformer
        Post-norm, one or two blocks (the authors' library builds no more); shares its weights.

    Raises
    ------
    ImportError
        The authors' library is not installed.
    ValueError
        A model that it cannot express.
    """

    def __init__(self, model: ContinualTransformer) -> None:
        super().__init__()
        if model.config["norm"] != "post" or model.config["blocks"] > 2:
            raise ValueError("the authors' library has post-norm encoders of one or two blocks only")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import continual as co
        except ImportError as error:
            raise ImportError("continual-inference is not installed: pip install -e '.[bench]'") from error
        encoder = torch_encoder(model)
        encoder.norm = None
        # Their string "gelu" builds ReLU, and their conversion knows the module but not the function.
        encoder.layers[0].activation = {"gelu": nn.GELU, "relu": nn.ReLU}[model.config["activation"]]()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.encoder: Any = co.TransformerEncoder.build_from(encoder, model.window).eval()
        self.model = model
        self.tick = 0

    @torch.inference_mode()
    def step(self, token: Tensor) -> Tensor | None:
        """Newest token (B, F) -> logits (B, C), or None while the window fills."""
        x = self.model._embed(token, torch.full((len(token),), self.tick))  # (B, d)
        self.tick += 1
        y = self.encoder.forward_step(x)  # (B, d), or a placeholder
        return self.model._classify(y) if isinstance(y, Tensor) else None


def errors(window: int, steps: int, seed: int = 0) -> list[tuple[int, float, float]]:
    """Errors of two-block steps against the window: (step, the authors', ours), from step n − 1 on."""
    torch.manual_seed(seed)
    model = ContinualTransformer(
        input_size=16, classes=5, window=window, model_size=32, heads=4, feedforward=64, blocks=2
    ).eval()
    authors, state = AuthorsModel(model), model.initial_state(1)
    tokens = torch.randn(1, steps, 16)
    rows = []
    for t in range(steps):
        theirs, ours = authors.step(tokens[:, t]), model.step(tokens[:, t], state)
        first = max(0, t + 1 - window)
        with torch.inference_mode():
            reference = model(tokens[:, first : t + 1], tick=first)
        if theirs is not None:
            rows.append((t, float((theirs - reference).abs().max()), float((ours - reference).abs().max())))
    return rows


def main() -> None:
    window = 16
    print(f"Two blocks, n = {window}, same weights and tokens: max |error| against the regular window")
    print(f"{'step':>5} {'authors':>10} {'ours':>10}")
    for step, theirs, ours in errors(window, 3 * window):
        mark = f"  <- 2n − 2 = {2 * window - 2}" if step == 2 * window - 2 else ""
        print(f"{step:5} {theirs:10.1e} {ours:10.1e}{mark}")


if __name__ == "__main__":
    main()
