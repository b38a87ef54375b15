"""Weights to and from PyTorch's own ``nn.MultiheadAttention`` and ``nn.TransformerEncoder``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.continual.multihead import MultiheadAttention
from models.continual.stack import EncoderStack

_TORCH_ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}

Copies = Iterator[tuple[Tensor, Tensor | None]]  # our parameter and theirs, or None for zeros


@torch.no_grad()
def load_torch_attention(ours: MultiheadAttention, theirs: nn.MultiheadAttention) -> None:
    """Copy the weights of PyTorch's attention into ours, of any kind.

    Raises
    ------
    ValueError
        The two differ in size, or theirs has what ours cannot express.
    """
    _copy(_attention(ours, theirs))


@torch.no_grad()
def torch_attention(ours: MultiheadAttention) -> nn.MultiheadAttention:
    """PyTorch's attention with our weights (batch first); a bias that ours lacks is zero."""
    theirs = nn.MultiheadAttention(ours.model_size, ours.heads, dropout=ours.dropout, batch_first=True)
    theirs.to(ours.qkv.weight).train(ours.training)
    theirs.in_proj_weight.copy_(ours.qkv.weight)
    theirs.in_proj_bias.zero_()
    if ours.qkv.bias is not None:
        theirs.in_proj_bias.copy_(ours.qkv.bias)
    theirs.out_proj.load_state_dict(ours.output.state_dict())
    return theirs


@torch.no_grad()
def load_torch_encoder(model: EncoderStack, encoder: nn.TransformerEncoder) -> None:
    """Copy the layers of PyTorch's encoder into the blocks of ``model``, and its last norm.

    Raises
    ------
    ValueError
        The two differ in depth, size, norm order, activation, epsilon, or in whether there is a last norm;
        nothing is copied then.
    """
    _copy(_encoder(model, encoder))


def encoder_config(encoder: nn.TransformerEncoder) -> dict[str, Any]:
    """The sizes and kinds of PyTorch's encoder, as the models here call them.

    Raises
    ------
    ValueError
        It has no layers, or none of PyTorch's own.
    """
    layer = _layer(encoder.layers[0]) if len(encoder.layers) else None
    if layer is None:
        raise ValueError("their encoder has no layers, expected at least one")
    activations = [name for name in _TORCH_ACTIVATIONS if _same_activation(layer, name)]
    if not activations:
        raise ValueError(
            f"their activation is {layer.activation}, expected 'gelu' (not approximate) or 'relu'"
        )
    return {
        "model_size": layer.self_attn.embed_dim,
        "heads": layer.self_attn.num_heads,
        "feedforward": layer.linear1.out_features,
        "blocks": len(encoder.layers),
        "norm": "pre" if layer.norm_first else "post",
        "activation": activations[0],
        "dropout": layer.dropout.p,
        "final_norm": encoder.norm is not None,
    }


@torch.no_grad()
def torch_encoder(model: EncoderStack) -> nn.TransformerEncoder:
    """PyTorch's encoder with our blocks and last norm, if there is one, batch first.

    With x = embedding + positional encoding of a window, ``model.head(encoder(x)[:, -1])`` are the logits of
    a ContinualTransformer.
    """
    if model.streaming and len(model.blocks) > 1:
        raise ValueError("a streaming-deep model is not an encoder over a window")
    config = model.config
    layer = nn.TransformerEncoderLayer(
        config["model_size"],
        config["heads"],
        config["feedforward"],
        config["dropout"],
        config["activation"],
        batch_first=True,
        norm_first=config["norm"] == "pre",
    )
    norm = nn.LayerNorm(config["model_size"]) if config["final_norm"] else None
    encoder = nn.TransformerEncoder(layer, config["blocks"], norm=norm, enable_nested_tensor=False)
    encoder.to(model.blocks[0].linear1.weight).train(model.training)
    for block, theirs in zip(model.blocks, encoder.layers, strict=True):
        theirs.self_attn.load_state_dict(torch_attention(block.attention).state_dict())
        for name in ("linear1", "linear2", "norm1", "norm2"):
            getattr(theirs, name).load_state_dict(getattr(block, name).state_dict())
    if encoder.norm is not None:
        encoder.norm.load_state_dict(model.norm.state_dict())
    return encoder


# Everything is checked before anything is copied: a model that is refused stays as it was.


def _copy(copies: Copies) -> None:
    for ours, theirs in list(copies):
        ours.copy_(torch.zeros_like(ours) if theirs is None else theirs)


def _attention(ours: MultiheadAttention, theirs: nn.MultiheadAttention) -> Copies:
    if (theirs.embed_dim, theirs.num_heads) != (ours.model_size, ours.heads):
        raise ValueError(
            f"their attention has size {theirs.embed_dim} and {theirs.num_heads} heads, "
            f"expected {ours.model_size} and {ours.heads}"
        )
    if theirs.in_proj_weight is None or theirs.bias_k is not None or theirs.add_zero_attn:
        raise ValueError(
            "their attention has kdim, vdim, add_bias_kv or add_zero_attn: ours has none of them"
        )
    yield ours.qkv.weight, theirs.in_proj_weight
    yield from _bias(ours.qkv, theirs.in_proj_bias)
    yield ours.output.weight, theirs.out_proj.weight
    yield from _bias(ours.output, theirs.out_proj.bias)


def _encoder(model: EncoderStack, encoder: nn.TransformerEncoder) -> Copies:
    if len(encoder.layers) != len(model.blocks):
        raise ValueError(f"their encoder has {len(encoder.layers)} layers, expected {len(model.blocks)}")
    if (encoder.norm is not None) != model.config["final_norm"]:
        has = "no last norm" if encoder.norm is None else "a last norm"
        raise ValueError(
            f"their encoder has {has}: build the model with final_norm={encoder.norm is not None}"
        )
    for block, layer in zip(model.blocks, map(_layer, encoder.layers), strict=True):
        if layer.norm_first != block.pre_norm:
            order = "norm_first" if layer.norm_first else "norm last"
            raise ValueError(f"their layer is {order}, the model's norm is {model.config['norm']!r}")
        if not _same_activation(layer, model.config["activation"]):
            raise ValueError(
                f"their activation is {layer.activation}, expected {model.config['activation']!r}"
            )
        yield from _attention(block.attention, layer.self_attn)
        for name in ("linear1", "linear2", "norm1", "norm2"):
            yield from _affine(getattr(block, name), getattr(layer, name))
    if encoder.norm is not None:
        assert isinstance(model.norm, nn.LayerNorm)
        yield from _affine(model.norm, encoder.norm)


def _layer(layer: nn.Module) -> nn.TransformerEncoderLayer:
    if not isinstance(layer, nn.TransformerEncoderLayer):
        raise ValueError(f"their layer is a {type(layer).__name__}, expected nn.TransformerEncoderLayer")
    return layer


def _same_activation(layer: nn.TransformerEncoderLayer, name: str) -> bool:
    kind = {"gelu": nn.GELU, "relu": nn.ReLU}[name]
    if isinstance(layer.activation, nn.GELU) and layer.activation.approximate != "none":
        return False
    return layer.activation is _TORCH_ACTIVATIONS[name] or isinstance(layer.activation, kind)


def _affine(ours: nn.Linear | nn.LayerNorm, theirs: nn.Module) -> Copies:
    if isinstance(ours, nn.LayerNorm) and getattr(theirs, "eps", None) != ours.eps:
        raise ValueError(f"their norm is {theirs}, expected a LayerNorm with eps {ours.eps}")
    weight = theirs.weight
    if not isinstance(weight, Tensor) or weight.shape != ours.weight.shape:
        raise ValueError(f"their weight is that of {theirs}, expected shape {tuple(ours.weight.shape)}")
    yield ours.weight, weight
    bias = theirs.bias
    yield from _bias(ours, bias if isinstance(bias, Tensor) else None)


def _bias(ours: nn.Linear | nn.LayerNorm, theirs: Tensor | None) -> Copies:
    if ours.bias is not None:
        yield ours.bias, theirs
    elif theirs is not None and theirs.any():
        raise ValueError("their qkv projection has a bias, the model's has none: build it with qkv_bias=True")
