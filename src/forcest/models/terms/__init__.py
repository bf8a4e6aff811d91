"""Factors of a model's density, one file each; every term states its quantities twice.

``graph`` is the PyMC statement and the authority; ``forward`` is the same arithmetic on arrays of draws (draw axis first), which
computes curves from posterior or prior draws without compiling anything. Tests hold the two together.
"""
