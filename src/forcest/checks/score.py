"""Scores of predictive distributions against the claims made later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.checks.predictive import Predictive, is_ratio, on_log_scale, predict

if TYPE_CHECKING:
    from forcest.ledger import Ledger

LEVELS = (0.5, 0.8, 0.9, 0.95)
DATES = ("as_of", "published", "window_start", "window_end")
TEXT = ("id", "force", "source", "stance", "measure", "scope", "wave", "coverage", "form", *DATES)


def score(fit: xr.DataTree, ledger: Ledger) -> pd.DataFrame:
    """Score the claims of another ledger against what the fit expects their sources to claim.

    Parameters
    ----------
    fit : DataTree
        A fit or a forecast.
    ledger : Ledger
        Claims; those that the fit has seen, and copies of them, are not scored. A claim published later that corrects one the
        fit has seen is.

    Returns
    -------
    DataFrame
        One row per claim: `id, force, source, stance, measure, scope, wave, coverage, form, as_of, published, window_start,
        window_end`; `value, claim_low, claim_high` [persons] (what it states, and the interval of counts that it stands for);
        `low_90, median, high_90` [persons], the equal-tailed predictive interval under the claim's own observation model, before
        rounding; `log_score`, the log probability of the interval of belief (larger is better); `crps` and `wis` (weighted interval
        score at 50, 80, 90 and 95 %) of log(1 + persons), smaller is better; `width_90` of the predictive interval on that scale;
        `pit`; `in50, in80, in90, in95`. What needs a number is NaN for claims that state none ("at least", "up to", "none seen").
        ``attrs["refused"]`` lists the claims that could not be scored, ``{id, reason}``.

    Notes
    -----
    Scores of claims measure agreement with reporters, not with the truth; set those against records apart (`stance`).

    Examples
    --------
    >>> import pandas as pd
    >>> claim = {"id": "later1", "published": "2025-05-01", "as_of": "2025-04-30", "force": "KPA in Russia", "source": "A paper"}
    >>> claim |= {"measure": "killed", "scope": "cumulative", "value": 600, "qualifier": "about", "stance": "third_party"}
    >>> scores = fc.score(fit, fc.read_ledger(pd.DataFrame([claim])))
    >>> scores[["id", "in90"]].values.tolist()
    [['later1', 1.0]]
    """
    predictive, refused = predict(fit, ledger)
    table = scores_of(predictive)
    table.attrs = {"refused": refused, **Attributes.of(fit).flags}
    return table


def scores_of(predictive: Predictive) -> pd.DataFrame:
    """Scores of predictive distributions, one row per claim; see :func:`score`."""
    claims = predictive.claims
    table = claims[[*TEXT, "value", "claim_low", "claim_high"]].copy()
    quantile = {q: np.quantile(predictive.beliefs, q, axis=0) for q in (0.5, *_edges())}
    ratio = is_ratio(claims)
    for name, q in (("low_90", 0.05), ("median", 0.5), ("high_90", 0.95)):
        table[name] = np.where(ratio, np.exp(quantile[q]), np.maximum(np.expm1(quantile[q]), 0.0))
    value = stated(claims)
    has_number = np.isfinite(value) & np.isfinite(quantile[0.5])
    table["log_score"] = predictive.log_mass
    table["crps"], table["wis"] = _proper(value, has_number, predictive.beliefs, quantile)
    table["width_90"] = quantile[0.95] - quantile[0.05]
    table["pit"] = predictive.pit
    for level in LEVELS:
        low, high = (quantile[q] for q in _interval(level))
        table[f"in{100 * level:.0f}"] = np.where(has_number, (low <= value) & (value <= high), np.nan)
    return table


def stated(claims: pd.DataFrame) -> np.ndarray:
    """The number each claim states on the scale of the predictive distributions: of a range the middle, of a bound none."""
    point = claims["form"].isin(["point", "range"]).to_numpy()
    low, high = on_log_scale(claims, "claim_low"), on_log_scale(claims, "claim_high")
    with np.errstate(invalid="ignore"):
        middle = np.where(claims["form"] == "point", on_log_scale(claims, "value"), (low + high) / 2)
    return np.where(point, middle, np.nan)


def _interval(level: float) -> tuple[float, float]:
    return round((1 - level) / 2, 4), round((1 + level) / 2, 4)


def _edges() -> list[float]:
    return [q for level in LEVELS for q in _interval(level)]


def _proper(value: np.ndarray, has_number: np.ndarray, beliefs: np.ndarray, quantile: dict[float, np.ndarray]) -> list[np.ndarray]:
    """CRPS and weighted interval score of the claims with a number and a prediction, NaN for the others."""
    import scoringrules

    out = [np.full(len(value), np.nan) for _ in range(2)]
    if has_number.any():
        observed = value[has_number]
        low, high = (np.stack([quantile[_interval(level)[side]][has_number] for level in LEVELS], axis=-1) for side in (0, 1))
        alpha = np.array([1 - level for level in LEVELS])
        out[0][has_number] = scoringrules.crps_ensemble(observed, beliefs[:, has_number].T)
        out[1][has_number] = scoringrules.weighted_interval_score(observed, quantile[0.5][has_number], low, high, alpha)
    return out
