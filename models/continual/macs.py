"""Multiply-accumulates in closed form.

Counted as the paper counts its "FLOPs": one for each multiply-accumulate of a matrix product; biases, norms,
softmax, activations and residuals are left out (about 0.02% in the THUMOS14 models).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Work(NamedTuple):
    """What one block computes for one prediction.

    Attributes
    ----------
    queries, keys : int
        Tokens projected to a query, and to a key and a value.
    outputs : int
        Tokens whose attention, output projection and feed-forward part are computed.
    attention : int
        Query-key pairs times two (Q K^T and A V): times d, the multiply-accumulates of the attention itself.
    """

    queries: int
    keys: int
    outputs: int
    attention: int


def regular(m: int) -> Work:
    """All outputs of a window of m tokens."""
    return Work(m, m, m, 2 * m * m)


def newest_only(m: int) -> Work:
    """The newest token's output, from m tokens without a cache."""
    return Work(1, m, 1, 2 * m)


def single_output(m: int) -> Work:
    """A continual single-output step (CoSiAtt): keys and values come from the cache."""
    return Work(1, 1, 1, 2 * m)


def retroactive(m: int, method: str) -> Work:
    """A continual retroactive step (CoReAtt): all outputs, by exact refresh or by the paper's update.

    The update takes three products with Q or K (q_new K^T, Q k_new and, in AV, the bottom row) and two outer
    products: 5m instead of 2m².
    """
    return Work(1, 1, m, 5 * m if method == "update" else 2 * m * m)


def encoder(
    blocks: list[Work],
    *,
    embedded: int,
    input_size: int,
    model_size: int,
    feedforward: int,
    classes: int,
    token_hidden: int = 0,
) -> dict[str, int]:
    """Sum up an encoder, by part.

    Parameters
    ----------
    blocks : list of Work
    embedded : int
        Tokens that go through the embedding.
    input_size, model_size, feedforward, classes : int
        F, d, f, C; the head sees one token.
    token_hidden : int
        Of a layer between token and embedding; 0: there is none.

    Returns
    -------
    dict of str to int
        ``embedding``, ``qkv``, ``attention``, ``output``, ``feedforward``, ``head``.
    """
    d, f, g = model_size, feedforward, token_hidden
    return {
        "embedding": embedded * (input_size * g + g * d if g else input_size * d),
        "qkv": sum(block.queries + 2 * block.keys for block in blocks) * d * d,
        "attention": sum(block.attention for block in blocks) * d,
        "output": sum(block.outputs for block in blocks) * d * d,
        "feedforward": sum(block.outputs for block in blocks) * 2 * d * f,
        "head": d * classes,
    }


def model_macs(config: Mapping[str, Any], mode: str, filled: int | None = None) -> dict[str, int]:
    """Multiply-accumulates of one prediction of a model of this configuration, by part.

    An encoder alone has no embedding and no head, which then cost nothing.

    The arguments are those of :meth:`models.continual.classifier.ContinualTransformer.macs`.
    """
    m, blocks = config["window"] if filled is None else filled, config["blocks"]
    if not 1 <= m <= config["window"]:
        raise ValueError(f"filled is {filled}, expected 1 to {config['window']}")
    if mode == "regular":
        work = [regular(m)] * blocks
    elif mode == "regular_last":
        work = [regular(m)] * (blocks - 1) + [newest_only(m)]
    elif mode != "continual":
        raise ValueError(f"mode is {mode!r}, expected 'regular', 'regular_last' or 'continual'")
    elif blocks == 1 or config["deep"] == "streaming":
        work = [single_output(m)] * blocks
    else:
        first = retroactive(m, config["retroactive"])
        work = [first, *[regular(m)] * (blocks - 2), newest_only(m)]
    named = ("input_size", "model_size", "feedforward", "classes", "token_hidden")
    sizes = {name: config.get(name, 0) for name in named}
    return encoder(work, embedded=1 if mode == "continual" else m, **sizes)
