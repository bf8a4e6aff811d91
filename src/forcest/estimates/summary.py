"""The table of an estimate: every measure at a date, with a named interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import removed
from forcest.estimates.draws import DateLike, as_dates, claimed_of, group, interval_name, interval_probs, on_date, quantiles
from forcest.estimates.measures import MEASURES


@removed(prob="is called `ci_prob`")
def summary(fit: xr.DataTree, at: DateLike | Sequence[DateLike] | None = None, ci_prob: float = 0.9) -> pd.DataFrame:
    """Every measure at one or more dates: posterior median and interval, prior median, number of claims.

    Parameters
    ----------
    fit : DataTree
        A fit, from `forcest.fit` or `forcest.load`.
    at : date or sequence of dates, optional
        As ISO text or anything pandas reads; the last day with a fitted claim unless given.
    ci_prob : float, default 0.9
        Probability inside the interval, which is equal-tailed: as much lies below as above.

    Returns
    -------
    DataFrame
        One row per date, force and measure: `date`, `force`, `measure`, `unit`, `median`, `low`, `high`, `prior_median`,
        `prior_low`, `prior_high`,
        `n_claims` (fitted claims on that measure and force, on any date; merged copies count once) and `interval`, its name. Stocks
        hold at the end of the date, cumulative measures count up to it; rounded to a millionth of a person. Combat value and
        effective strength are left out where neither a claim nor a partner force makes them more than a prior. `attrs` repeats the
        interval, and whether the fit converged and was quick.

    Raises
    ------
    ForcestError
        A date outside the curves, or `ci_prob` outside (0, 1).

    Examples
    --------
    >>> table = fc.summary(fit, at="2025-02-26", ci_prob=0.9).set_index("measure")
    >>> table.loc["killed", ["unit", "interval"]].tolist()
    ['persons', 'equal-tailed 90 %']
    >>> bool(table.loc["killed", "low"] < table.loc["killed", "median"] < table.loc["killed", "high"])
    True
    """
    probs = interval_probs(ci_prob)
    claimed = Counter(claimed_of(fit))
    rows = [row for date in as_dates(fit, at) for row in _rows_of(fit, date, probs, claimed)]
    table = pd.DataFrame(rows).assign(interval=interval_name(ci_prob))
    table.attrs = {"interval": interval_name(ci_prob), **Attributes.of(fit).flags}
    return table


def _rows_of(fit: xr.DataTree, date: np.datetime64, probs: tuple[float, float], claimed: Counter) -> Iterator[dict]:
    posterior, prior_draws = group(fit, "posterior"), group(fit, "prior")
    compared = "combined_strength" in posterior or any(measure == "equivalence" for _, measure in claimed)
    for measure in (m for m in MEASURES.values() if m.name in posterior and (compared or not m.of_partner)):
        spans = quantiles(on_date(posterior[measure.name], date), (probs[0], 0.5, probs[1]))
        low, median, high = spans.round(6) + 0.0  # sums of draws leave some 1e-12 persons, and -0
        prior = np.full((3, *median.shape), np.nan)
        if measure.name in prior_draws:
            prior = quantiles(on_date(prior_draws[measure.name], date), (probs[0], 0.5, probs[1])).round(6) + 0.0
        for i, force in enumerate(posterior["force"].values.astype(str)):
            if np.isnan(median[i]):  # no claim counts that kind of this force
                continue
            yield {
                "date": pd.Timestamp(date),
                "force": str(force),
                "measure": measure.name,
                "unit": measure.unit,
                "median": median[i],
                "low": low[i],
                "high": high[i],
                "prior_median": prior[1, i],
                "prior_low": prior[0, i],
                "prior_high": prior[2, i],
                "n_claims": claimed[str(force), measure.claimed_as],
            }
