"""The numeric library of formulas, beside the symbolic one of :mod:`forcest.models.parameters.tensors`.

A formula takes the library as its argument ``xp`` and counts axes from the last. With the symbolic library it gives the graph of
one draw; with the numeric one it is evaluated on arrays of draws, whose first axis is the draw.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special


class _Numeric:
    """NumPy, with the functions of SciPy that ``pytensor.tensor`` has as well."""

    expit = staticmethod(special.expit)
    gammaln = staticmethod(special.gammaln)
    logsumexp = staticmethod(special.logsumexp)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


NUMERIC: Any = _Numeric()


def pick(xp: Any, values: Any, index: Any) -> Any:
    """Entries of the last axis by position, an appended zero where the position is -1.

    Parameters
    ----------
    xp : module
    values : ndarray or TensorVariable, shape (..., entry)
    index : ndarray or TensorVariable of int, shape (...)

    Returns
    -------
    ndarray or TensorVariable
        The shape of ``index``, after the leading axes of ``values``.
    """
    return xp.concatenate([values, xp.zeros_like(values[..., :1])], axis=-1)[..., index]
