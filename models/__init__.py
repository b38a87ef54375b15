"""Continual Transformers (Hedegaard, Bakhtiarnia and Iosifidis, ICLR 2023), usable on their own.

What is used most can be imported from here, and is loaded when it is first asked for: :data:`EXPORTS` lists
it by room.  ``docs/library.md`` shows how.  It needs PyTorch, NumPy and safetensors; an engine that needs
more says so.

Each kind has its room: :mod:`~models.continual`, the method itself; :mod:`~models.engines`, what steps it
fastest, exports it and times it; :mod:`~models.extractors`, from pictures and sound to tokens;
:mod:`~models.paper`, the paper's presets, costs and peers; :mod:`~models.rivals`, what else steps;
:mod:`~models.training`, by task: ``actions``, ``genres`` and ``oad``.  :mod:`~models.checkpoint` reads and
writes what they share.

Read in this order: :mod:`~models.continual.ring` (where a window lives), :mod:`~models.continual.attention`
(the paper's idea, on plain tensors), :mod:`~models.continual.multihead`, :mod:`~models.continual.block`,
:mod:`~models.continual.stack` (window and step), :mod:`~models.continual.positional`, and
:mod:`~models.continual.classifier` and :mod:`~models.continual.encoder`, which are made of them.

::

    import torch
    from models import preset

    model = preset("CoOadTR-b2", "Kin").build()         # n = 64, 4096 features, 22 classes
    tokens = torch.randn(1, 200, 4096)                  # a stream of 200 tokens
    state = model.initial_state(batch=1)
    for t in range(200):
        logits = model.step(tokens[:, t], state)        # (1, 22), from the first token on
        window = tokens[:, max(0, t - 63) : t + 1]
        with torch.no_grad():
            regular = model(window, tick=max(0, t - 63))    # the same, recomputed
        assert torch.allclose(logits, regular, atol=1e-5)
    print(sum(model.macs("regular").values()) / sum(model.macs("continual").values()), "times less work")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for who reads types; at run time `__getattr__` finds them
    from models.checkpoint import load_checkpoint as load_checkpoint
    from models.checkpoint import read_card as read_card
    from models.checkpoint import save_checkpoint as save_checkpoint
    from models.continual.attention import retroactive_attention as retroactive_attention
    from models.continual.attention import retroactive_update_attention as retroactive_update_attention
    from models.continual.attention import single_output_attention as single_output_attention
    from models.continual.block import EncoderBlock as EncoderBlock
    from models.continual.classifier import ContinualTransformer as ContinualTransformer
    from models.continual.convert import load_torch_attention as load_torch_attention
    from models.continual.convert import load_torch_encoder as load_torch_encoder
    from models.continual.convert import torch_attention as torch_attention
    from models.continual.convert import torch_encoder as torch_encoder
    from models.continual.encoder import ContinualEncoder as ContinualEncoder
    from models.continual.multihead import MultiheadAttention as MultiheadAttention
    from models.continual.multihead import RetroactiveMultiheadAttention as RetroactiveMultiheadAttention
    from models.continual.multihead import SingleOutputMultiheadAttention as SingleOutputMultiheadAttention
    from models.continual.positional import RecyclingPositionalEncoding as RecyclingPositionalEncoding
    from models.continual.state import StreamState as StreamState
    from models.engines.engine import fastest as fastest
    from models.engines.engine import make_engine as make_engine
    from models.engines.export import export_step as export_step
    from models.engines.shared import SharedEngine as SharedEngine
    from models.paper.presets import PRESETS as PRESETS
    from models.paper.presets import preset as preset

__version__ = "0.1.0"

EXPORTS = {
    "continual.classifier": ("ContinualTransformer",),
    "continual.encoder": ("ContinualEncoder",),
    "continual.state": ("StreamState",),
    "continual.positional": ("RecyclingPositionalEncoding",),
    "continual.block": ("EncoderBlock",),
    "continual.multihead": (
        "MultiheadAttention",
        "RetroactiveMultiheadAttention",
        "SingleOutputMultiheadAttention",
    ),
    "continual.attention": (
        "retroactive_attention",
        "retroactive_update_attention",
        "single_output_attention",
    ),
    "continual.convert": (
        "load_torch_attention",
        "load_torch_encoder",
        "torch_attention",
        "torch_encoder",
    ),
    "checkpoint": ("load_checkpoint", "read_card", "save_checkpoint"),
    "engines.engine": ("fastest", "make_engine"),
    "engines.export": ("export_step",),
    "engines.shared": ("SharedEngine",),
    "paper.presets": ("PRESETS", "preset"),
}
_ROOMS = {name: f"models.{room}" for room, names in EXPORTS.items() for name in names}

__all__ = ["EXPORTS", "__version__", *_ROOMS]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'models' has no attribute {name!r}")
    value = getattr(importlib.import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})
