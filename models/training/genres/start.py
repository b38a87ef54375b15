"""A Continual Transformer that starts as its own baseline: what training then changes has to pay."""

from __future__ import annotations

import torch

from models.continual.classifier import ContinualTransformer
from models.training.genres.scoring import Probe

SMALL = 0.5  # scale of the logits inside the model
CONSTANT = 8.0  # of two further channels, so large that LayerNorm divides by nearly the same at every token
REST = 0.3  # share of the usual random weights that all other channels start with


@torch.no_grad()
def start_as(model: ContinualTransformer, probe: Probe) -> None:
    """Set the weights so that the model gives, nearly, the mean of the probe's logits over its window.

    Of the d channels of a token the first C carry the probe's logits.  Keys are zero, so attention is even;
    its values are those logits, its output goes to the next C channels, and the head reads these.  The
    feed-forward parts add nothing, the positional encoding is zero, and of several blocks only the last
    attends.  Queries, and what is left of all other weights, are small and random, so that training can use
    them.

    Raises
    ------
    ValueError
        A model that is no such shape: post-norm, with a last norm, or narrower than 2 C + 2.
    """
    classes, size = model.config["classes"], model.config["model_size"]
    if model.config["norm"] != "pre" or model.config["final_norm"] or size < 2 * classes + 2:
        raise ValueError(
            f"norm {model.config['norm']!r}, final_norm {model.config['final_norm']}, model_size {size}: "
            f"expected 'pre', False, and at least {2 * classes + 2}"
        )
    own, heard = slice(0, classes), slice(classes, 2 * classes)
    weight, bias = torch.from_numpy(probe.weight.T).float(), torch.from_numpy(probe.bias).float()
    model.embedding.weight.mul_(REST)
    model.embedding.bias.zero_()
    model.embedding.weight[own], model.embedding.bias[own] = SMALL * weight, SMALL * bias
    model.embedding.weight[heard] = 0
    model.embedding.weight[-2:] = 0
    model.embedding.bias[-2:] = torch.tensor([CONSTANT, -CONSTANT])
    model.positional.table.zero_()
    for block in model.blocks:
        block.linear2.weight.zero_()
        block.linear2.bias.zero_()
        block.attention.output.weight.zero_()
    attention = model.blocks[-1].attention
    attention.qkv.weight.mul_(REST)
    attention.qkv.weight[size : 2 * size] = 0
    values = attention.qkv.weight[2 * size :]  # (d, d)
    values[own] = 0
    values[own, own] = CONSTANT * (2 / size) ** 0.5 * torch.eye(classes)  # what LayerNorm divided by
    attention.output.weight[heard, own] = torch.eye(classes)
    model.head.weight.zero_()
    model.head.bias.zero_()
    model.head.weight[:, heard] = torch.eye(classes) / SMALL
