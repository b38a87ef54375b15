"""Continual Transformers (Hedegaard, Bakhtiarnia and Iosifidis, ICLR 2023), usable on their own.

Read in this order: :mod:`~models.ring` (where a window lives), :mod:`~models.attention` (the paper's idea, on
plain tensors), :mod:`~models.multihead`, :mod:`~models.encoder`, :mod:`~models.positional`, and
:mod:`~models.classifier`, which puts them together.  Then what surrounds it: :mod:`~models.macs`,
:mod:`~models.presets` and :mod:`~models.flops` (costs), :mod:`~models.checkpoint`, :mod:`~models.convert`,
:mod:`~models.engines`, :mod:`~models.export` and :mod:`~models.bench` (speed).

::

    import torch
    from models.presets import preset

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
