# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportCallIssue=false
# pyright: reportIndexIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""Baselines of the bench: what a reader of the claims might say without a model, each with the signature of any model.

They read the numbers that claims state for the whole force up to a date: no counts of a part, of a wave or of a window, no bounds,
and copies of one claim once. A quantity without such a number is not estimated. The published model of Radford et al. (2023) counts
Russian and Ukrainian losses alone and cannot be fitted to another war; its likelihood without bias stands for it
(:func:`independent_counts`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forcest.checks.baselines import (
    DRAWS,
    LEAST_SPREAD,
    UNKNOWN_SPREAD,
    mean_walk,
    numbered,
    random_effects,
    recent_claims,
)
from forcest.checks.bench.estimates import Model
from forcest.models.reporting.arrays import claim_table
from forcest.models.reporting.origins import merge_origins, roots_of

if TYPE_CHECKING:
    from forcest.ledger import Ledger

NORMAL = ndtri((np.arange(DRAWS) + 0.5) / DRAWS)
"""Evenly spaced quantiles of a normal distribution: draws without noise."""
OFFICIAL = ("own", "record")

Centre = Callable[[pd.DataFrame], tuple[float, float]]
"""From the claims about a quantity, at least one, to mean and standard deviation of log(1 + persons)."""


def last_official_figure(ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> np.ndarray:
    """The latest figure of the force's own side or of a record, with a lognormal error of standard deviation 0.5."""
    official = figures(ledger)
    return _lognormal(official[official["stance"].isin(OFFICIAL)], questions, _last)


def median_of_recent_claims(ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> np.ndarray:
    """The median of the claims about the last 30 days, with the spread of these claims (0.5 for a single one, at least 0.1)."""
    return _lognormal(figures(ledger), questions, _median)


def meta_analysis(ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> np.ndarray:
    """Random-effects meta-analysis (DerSimonian and Laird 1986) of the logs of the claims about the last 30 days.

    The variance within a claim is that of a number anywhere in the interval it was read as. The distribution is that of the pooled
    mean, its standard deviation at least 0.1; 0.5 for a single claim.
    """
    return _lognormal(figures(ledger), questions, _pooled)


def independent_counts(ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> np.ndarray:
    """Independent negative binomial claims without bias around a random walk by month.

    The likelihood of Radford et al. (2023, PNAS) with every bias at zero; the mean of the claims is taken as the truth.
    """
    found, draws = figures(ledger), []
    for question in questions.to_dict("records"):
        series = _of_quantity(found, question)
        if series.empty:
            draws.append(np.full(DRAWS, np.nan))
            continue
        log_mean, _ = mean_walk(series, pd.Series([question["date"]]), random_seed)
        draws.append(np.exp(log_mean[:, 0]))
    return np.stack(draws, axis=1)


BASELINES: dict[str, Model] = {
    "last official figure": last_official_figure,
    "median of recent claims": median_of_recent_claims,
    "meta-analysis": meta_analysis,
    "independent counts": independent_counts,
}


def figures(ledger: Ledger) -> pd.DataFrame:
    """Claims that state a number for the whole force up to a date, on the log scale (``y``)."""
    claims, _ = merge_origins(ledger.usable(), roots_of(ledger))
    table = numbered(claim_table(claims))
    return table[(table["scope"] != "flow") & (table["wave"] == "") & (table["item"] == "")]


def _of_quantity(claims: pd.DataFrame, question: dict) -> pd.DataFrame:
    return claims[(claims["force"] == question["force"]) & (claims["measure"] == question["measure"])]


def _lognormal(claims: pd.DataFrame, questions: pd.DataFrame, centre: Centre) -> np.ndarray:
    """Draws around a centre of the claims about days up to that of each question, NaN where there is none."""
    columns = []
    for question in questions.to_dict("records"):
        series = _of_quantity(claims, question)
        series = series[series["as_of"] <= question["date"]]
        mean, sd = (np.nan, np.nan) if series.empty else centre(series)
        columns.append(np.maximum(np.expm1(mean + sd * NORMAL), 0.0))
    return np.stack(columns, axis=1)


def _last(series: pd.DataFrame) -> tuple[float, float]:
    return float(series.sort_values(["as_of", "published"], kind="stable")["y"].iloc[-1]), UNKNOWN_SPREAD


def _median(series: pd.DataFrame) -> tuple[float, float]:
    y = recent_claims(series)["y"]
    return float(y.median()), UNKNOWN_SPREAD if len(y) == 1 else max(float(y.std()), LEAST_SPREAD)


def _pooled(series: pd.DataFrame) -> tuple[float, float]:
    recent = recent_claims(series)
    within = np.maximum((np.log1p(recent["claim_high"]) - np.log1p(recent["claim_low"])).to_numpy() ** 2 / 12, 1e-6)
    mean, _, error = random_effects(recent["y"].to_numpy(), within)
    return mean, UNKNOWN_SPREAD if len(recent) == 1 else max(float(np.sqrt(error)), LEAST_SPREAD)
