"""Weights to and from PyTorch's own ``nn.MultiheadAttention`` and ``nn.TransformerEncoder``."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from models.continual.classifier import ContinualTransformer
from models.continual.multihead import MultiheadAttention

_TORCH_ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}


@torch.no_grad()
def load_torch_attention(ours: MultiheadAttention, theirs: nn.MultiheadAttention) -> None:
    """Copy the weights of PyTorch's attention into ours, of any kind.

    Raises
    ------
    ValueError
        The two differ in size, or theirs has what ours cannot express.
    """
    if (theirs.embed_dim, theirs.num_heads) != (ours.model_size, ours.heads):
        raise ValueError(
            f"their attention has size {theirs.embed_dim} and {theirs.num_heads} heads, "
            f"expected {ours.model_size} and {ours.heads}"
        )
    if theirs.in_proj_weight is None or theirs.bias_k is not None or theirs.add_zero_attn:
        raise ValueError(
            "their attention has kdim, vdim, add_bias_kv or add_zero_attn: ours has none of them"
        )
    ours.qkv.weight.copy_(theirs.in_proj_weight)
    _copy_bias(ours.qkv, theirs.in_proj_bias)
    ours.output.weight.copy_(theirs.out_proj.weight)
    _copy_bias(ours.output, theirs.out_proj.bias)


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
def load_torch_encoder(model: ContinualTransformer, encoder: nn.TransformerEncoder) -> None:
    """Copy the layers of PyTorch's encoder into the blocks of ``model``, and its last norm, if it has one.

    Raises
    ------
    ValueError
        The two differ in depth, size, norm order, activation or epsilon.
    """
    if len(encoder.layers) != len(model.blocks):
        raise ValueError(f"their encoder has {len(encoder.layers)} layers, expected {len(model.blocks)}")
    for block, layer in zip(model.blocks, encoder.layers, strict=True):
        if not isinstance(layer, nn.TransformerEncoderLayer):
            raise ValueError(f"their layer is a {type(layer).__name__}, expected nn.TransformerEncoderLayer")
        if layer.norm_first != block.pre_norm:
            order = "norm_first" if layer.norm_first else "norm last"
            raise ValueError(f"their layer is {order}, the model's norm is {model.config['norm']!r}")
        if not _same_activation(layer, model.config["activation"]):
            raise ValueError(
                f"their activation is {layer.activation}, expected {model.config['activation']!r}"
            )
        load_torch_attention(block.attention, layer.self_attn)
        for name in ("linear1", "linear2", "norm1", "norm2"):
            _copy(getattr(block, name), getattr(layer, name))
    if encoder.norm is not None:
        _copy(model.norm, encoder.norm)


@torch.no_grad()
def torch_encoder(model: ContinualTransformer) -> nn.TransformerEncoder:
    """PyTorch's encoder with our blocks and last norm, batch first.

    With x = embedding + positional encoding of a window, ``model.head(encoder(x)[:, -1])`` are the logits.
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
    encoder = nn.TransformerEncoder(
        layer, config["blocks"], norm=nn.LayerNorm(config["model_size"]), enable_nested_tensor=False
    )
    encoder.to(model.head.weight).train(model.training)
    for block, theirs in zip(model.blocks, encoder.layers, strict=True):
        theirs.self_attn.load_state_dict(torch_attention(block.attention).state_dict())
        for name in ("linear1", "linear2", "norm1", "norm2"):
            getattr(theirs, name).load_state_dict(getattr(block, name).state_dict())
    assert encoder.norm is not None
    encoder.norm.load_state_dict(model.norm.state_dict())
    return encoder


def _same_activation(layer: nn.TransformerEncoderLayer, name: str) -> bool:
    kind = {"gelu": nn.GELU, "relu": nn.ReLU}[name]
    if isinstance(layer.activation, nn.GELU) and layer.activation.approximate != "none":
        return False
    return layer.activation is _TORCH_ACTIVATIONS[name] or isinstance(layer.activation, kind)


def _copy(ours: nn.Linear | nn.LayerNorm, theirs: nn.Module) -> None:
    if isinstance(ours, nn.LayerNorm) and getattr(theirs, "eps", None) != ours.eps:
        raise ValueError(f"their norm is {theirs}, expected a LayerNorm with eps {ours.eps}")
    weight = theirs.weight
    if not isinstance(weight, torch.Tensor) or weight.shape != ours.weight.shape:
        raise ValueError(f"their weight is that of {theirs}, expected shape {tuple(ours.weight.shape)}")
    ours.weight.copy_(weight)
    bias = theirs.bias
    _copy_bias(ours, bias if isinstance(bias, torch.Tensor) else None)


def _copy_bias(ours: nn.Linear | nn.LayerNorm, theirs: torch.Tensor | None) -> None:
    if ours.bias is not None:
        ours.bias.copy_(torch.zeros_like(ours.bias) if theirs is None else theirs)
    elif theirs is not None and theirs.any():
        raise ValueError("their qkv projection has a bias, the model's has none: build it with qkv_bias=True")
