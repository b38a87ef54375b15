"""The models of the paper, by name and by size.

The paper's FLOPs are multiply-accumulates.  Published figures were checked against the authors' logs where
those exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.continual import macs
from models.continual.classifier import ContinualTransformer

# Features of a token: TSN with ActivityNet or Kinetics weights, RGB and flow, "+A" with AudioSet's VGGish.
# TVSeries has 31 classes, THUMOS14 22 (20 actions, background, ambiguous).
FEATURES = {"ANet": 3072, "Kin": 4096, "ANet+A": 3072 + 4096, "Kin+A": 4096 + 4096, "TVSeries": 4096}
CLASSES = {name: 31 if name == "TVSeries" else 22 for name in FEATURES}

_THUMOS = {
    "window": 64,
    "model_size": 1024,
    "heads": 8,
    "feedforward": 1024,
    "qkv_bias": False,
    "activation": "gelu",
}
# Regular models: pre-norm, absolute positions.  Continual ones: post-norm, static cyclic encoding of 2n - 1.
_OADTR = {**_THUMOS, "norm": "pre", "positional": "learned", "period": 64}
_COOADTR = {**_THUMOS, "norm": "post", "positional": "cyclic"}
# VGGish embeddings every 0.25 s of 30 s.  The paper's parameter counts imply a table of 192 encodings.
_GTZAN = {
    "window": 120,
    "model_size": 192,
    "heads": 16,
    "feedforward": 192,
    "norm": "post",
    "activation": "gelu",
    "positional": "learned",
    "period": 192,
}


@dataclass(frozen=True)
class Preset:
    """A model of the paper.

    Attributes
    ----------
    model, features : str
    config : dict
        Arguments of :class:`ContinualTransformer`; of OadTR's encoder, which has a decoder besides.
    continual : bool
        Whether the paper runs it token by token.
    published_regular, published_continual : float or None
        Multiply-accumulates of a prediction as published: of the regular model of that size, and of this one.
    """

    model: str
    features: str
    config: dict[str, Any]
    continual: bool
    published_regular: float | None = None
    published_continual: float | None = None

    @property
    def blocks(self) -> int:
        return self.config["blocks"]

    def macs(self, mode: str) -> dict[str, int]:
        """Multiply-accumulates of a prediction, by part: see :func:`models.continual.macs.model_macs`."""
        if self.model == "OadTR":  # the decoder wants every output of the encoder: nothing to leave out
            return oadtr_macs(self.config["input_size"], self.config["classes"])
        return macs.model_macs({"deep": "retroactive", "retroactive": "refresh", **self.config}, mode)

    def build(self) -> ContinualTransformer:
        """The model, freshly initialised, in evaluation mode."""
        if self.model == "OadTR":
            raise ValueError("OadTR has a class token and a decoder: it is models.paper.oadtr.OadTR")
        return ContinualTransformer(**self.config).eval()


def preset(model: str, features: str = "Kin") -> Preset:
    """Find a preset.

    Raises
    ------
    ValueError
        There is none of that name; lists those there are.
    """
    for candidate in PRESETS:
        if (candidate.model, candidate.features) == (model, features):
            return candidate
    names = ", ".join(f"{candidate.model}/{candidate.features}" for candidate in PRESETS)
    raise ValueError(f"no preset {model}/{features}; there are {names}")


def oadtr_macs(input_size: int, classes: int) -> dict[str, int]:
    """Multiply-accumulates of OadTR (Wang et al., 2021), by part, in closed form.

    64 tokens and a class token through 3 encoder blocks; 8 queries through 5 decoder layers, each with
    attention among the queries, attention to the encoder's outputs, and a feed-forward part; a head on the
    class token and the mean of the queries, and one on each query.
    """
    n, queries, encoder_blocks, decoder_layers, d, f = 64, 8, 3, 5, 1024, 1024
    m = n + 1
    parts = macs.encoder(
        [macs.regular(m)] * encoder_blocks,
        embedded=n,
        input_size=input_size,
        model_size=d,
        feedforward=f,
        classes=classes,
    )
    layer = {
        "qkv": (3 * queries + queries + 2 * m) * d * d,  # of the queries; then of the queries and the tokens
        "attention": 2 * (queries * queries + queries * m) * d,
        "output": 2 * queries * d * d,
        "feedforward": 2 * queries * d * f,
    }
    for part, count in layer.items():
        parts[part] += decoder_layers * count
    parts["head"] = (2 * d + queries * d) * classes
    return parts


def _presets() -> list[Preset]:
    # In millions: OadTR, OadTR-b2, OadTR-b1, CoOadTR-b2, CoOadTR-b1.
    published: dict[str, tuple[float | None, ...]] = {
        "ANet": (2445.6, 1008.1, 605.5, 410.9, 9.6),
        "Kin": (2513.5, 1075.7, 673.0, 411.9, 10.6),
        "ANet+A": (2714.9, 1277.0, 874.1, 415.0, 13.8),
        "Kin+A": (2781.9, 1344.1, 941.2, 416.0, 14.8),
        "TVSeries": (None, None, None, None, 10.7),
    }
    found = []
    for features, millions in published.items():
        full, b2, b1, co_b2, co_b1 = (None if x is None else x * 1e6 for x in millions)
        sizes = {"input_size": FEATURES[features], "classes": CLASSES[features]}
        found += [
            Preset("OadTR", features, {**_OADTR, **sizes, "blocks": 3}, False, full),
            Preset("OadTR-b2", features, {**_OADTR, **sizes, "blocks": 2}, False, b2),
            Preset("OadTR-b1", features, {**_OADTR, **sizes, "blocks": 1}, False, b1),
            Preset("CoOadTR-b2", features, {**_COOADTR, **sizes, "blocks": 2}, True, b2, co_b2),
            Preset("CoOadTR-b1", features, {**_COOADTR, **sizes, "blocks": 1}, True, b1, co_b1),
        ]
    sizes = {"input_size": 128, "classes": 10}
    found += [Preset(f"GTZAN-b{b}", "VGGish", {**_GTZAN, **sizes, "blocks": b}, True) for b in (2, 1)]
    return found


PRESETS = _presets()
