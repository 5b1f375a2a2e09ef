"""`./dev bench`: what the addon costs, each figure against a stated baseline.

A bench is a function in a file of its own: it takes a ``Setting`` and gives
``Figure``s. It is added to ``BENCHES`` in ``__main__``.
"""
