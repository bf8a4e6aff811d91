r"""Positive curves whose logarithm is a random walk on knots, linear in between.

.. math:: \log x_j = \log x_0 + s \sqrt{every/30} \sum_{i \le j} \varepsilon_i
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forcest.models.process.term import Term


@dataclass(frozen=True)
class LogWalk(Term):
    """A random walk of the logarithm on a grid.

    Parameters
    ----------
    reader : ndarray, shape (date, knot)
        Interpolates the knots.
    every : int  [days]
        Distance of the knots.
    """

    reader: np.ndarray
    every: int

    @property
    def walk_scale(self) -> float:
        """Square root of the months between knots."""
        return float(np.sqrt(self.every / 30))

    @property
    def later_knots(self) -> list[int]:
        """Labels of the knots after the first, one for each step."""
        return list(range(1, self.reader.shape[1]))

    def curve(self, xp: Any, level: Any, scale: Any, offset: Any) -> Any:
        """The curve at each node, shape (..., date).

        Parameters
        ----------
        xp : module
        level : ndarray or TensorVariable, shape (...)
            Value at the first knot.
        scale : ndarray or TensorVariable, shape (...)  [per sqrt(30 days)]
            Standard deviation of the walk.
        offset : ndarray or TensorVariable, shape (..., step)
            Standard normal steps.
        """
        walk = scale[..., None] * self.walk_scale * xp.cumsum(offset, axis=-1)
        knots = xp.concatenate([xp.zeros_like(walk[..., :1]), walk], axis=-1)
        return xp.exp(xp.log(level)[..., None] + knots @ self.reader.T)
