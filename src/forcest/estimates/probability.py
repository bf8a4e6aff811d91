"""How probable a statement is under a fit, and the Monte Carlo error of that probability."""

from __future__ import annotations

from math import sqrt
from typing import cast

import numpy as np
import xarray as xr

from forcest.errors import ForcestError
from forcest.estimates.draws import SAMPLE_DIMS


class Probability(float):
    """A probability with its Monte Carlo standard error.

    Attributes
    ----------
    mcse : float
        Monte Carlo standard error: how far another run of the sampler would typically come out.
    n_draws : int
        Draws it was counted on.

    Examples
    --------
    >>> p = fc.probability(fit["posterior"]["killed"].sel(date="2025-02-26") > 1_000)
    >>> bool(0 < p < 1), p.n_draws == fit["posterior"].sizes["chain"] * fit["posterior"].sizes["draw"]
    (True, True)
    """

    mcse: float
    n_draws: int

    def __new__(cls, value: float, mcse: float, n_draws: int) -> Probability:
        """A float with two attributes."""
        self = super().__new__(cls, value)
        self.mcse = mcse
        self.n_draws = n_draws
        return self

    def __reduce__(self) -> tuple:
        """What pickle and copy need."""
        return Probability, (float(self), self.mcse, self.n_draws)

    def __repr__(self) -> str:
        return f"{float(self):.3f} (Monte Carlo standard error {self.mcse:.2g}, {self.n_draws:,} draws)"


def probability(condition: xr.DataArray) -> Probability:
    """The probability that a statement about the draws is true.

    Parameters
    ----------
    condition : DataArray of bool, dims (chain, draw, ...)
        A comparison of posterior draws. Other dims must have length one.

    Returns
    -------
    Probability
        A float with attributes `mcse`, its Monte Carlo standard error (autocorrelation of the chains included), and
        `n_draws`. Where every draw agrees the error is that of half a draw more or less: "never in 4,000 draws" is
        not "impossible".

    Raises
    ------
    ForcestError
        The condition is not boolean, lacks draws, or still has several dates, forces or sources.

    Examples
    --------
    >>> p = fc.probability(fit["posterior"]["killed"].sel(date="2025-02-26") > 1_000)
    >>> p
    0... (Monte Carlo standard error 0..., ... draws)
    >>> bool(p.mcse < 0.03)
    True
    """
    from arviz_stats.base.array import array_stats  # a second to import, and no table needs it

    truth = _one_statement(condition)
    mean, n = float(truth.mean()), truth.size
    if 0 < mean < 1:
        error = float(cast(float, array_stats.mcse(truth.astype(float), chain_axis=0, draw_axis=1)))
    else:
        half = 0.5 / (n + 1)
        error = sqrt(half * (1 - half) / n)
    return Probability(mean, error, n)


def _one_statement(condition: xr.DataArray) -> np.ndarray:
    if not isinstance(condition, xr.DataArray) or not set(SAMPLE_DIMS) <= set(condition.dims) or condition.dtype != bool:
        raise ForcestError(
            "`condition` must be a comparison of draws, true or false in each chain and draw; "
            f'got {type(condition).__name__}. Write for example fit["posterior"]["killed"].sel(date="2025-02-26") > 1_000.'
        )
    several = {d: n for d, n in condition.sizes.items() if d not in SAMPLE_DIMS and n > 1}
    if several:
        what = ", ".join(f"{n} of {d}" for d, n in several.items())
        raise ForcestError(f"`condition` must be one statement; got {what}. Select one with .sel(...), or reduce with .all(...).")
    return condition.squeeze([d for d in condition.dims if d not in SAMPLE_DIMS]).transpose(*SAMPLE_DIMS).to_numpy()
