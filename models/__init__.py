"""Continual Transformers (Hedegaard, Bakhtiarnia and Iosifidis, ICLR 2023), usable on their own.

Each kind has its room: :mod:`~models.continual`, the method itself; :mod:`~models.engines`, what steps it
fastest, exports it and times it; :mod:`~models.extractors`, from pictures and sound to tokens;
:mod:`~models.paper`, the paper's presets, costs and rivals; :mod:`~models.training`, by task: ``actions``,
``genres`` and ``oad``.  :mod:`~models.checkpoint` reads and writes what they share.

Read in this order: :mod:`~models.continual.ring` (where a window lives), :mod:`~models.continual.attention`
(the paper's idea, on plain tensors), :mod:`~models.continual.multihead`, :mod:`~models.continual.encoder`,
:mod:`~models.continual.positional`, and :mod:`~models.continual.classifier`, which puts them together.

::

    import torch
    from models.paper.presets import preset

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
