"""What one would use instead of a Continual Transformer: each from its paper, stepping with a state.

:mod:`~models.rivals.base` says what they share.  :mod:`~models.rivals.gru` is MiniROAD, the strongest
streaming model on THUMOS14; :mod:`~models.rivals.deepcot` a deep stack of caches;
:mod:`~models.rivals.rwkv` a linear attention; :mod:`~models.rivals.smoothing` TeSTra's;
:mod:`~models.rivals.strided` the plain window, recomputed every few tokens.  :mod:`~models.rivals.table`
compares them (``python main.py bench --rivals``).
"""
