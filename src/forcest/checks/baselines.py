"""Baselines for a backtest: predictions of later claims without a model.

Each takes the claims known by a date and gives predictive distributions of later ones, series by series (force, measure, scope,
wave); a series without a known number is not predicted. Spreads are learned from how the same rule erred on the known claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy.special import gammaln, psi
from scipy.stats import nbinom

from forcest.checks.predictive import Predictive, is_ratio, mixture, on_log_scale
from forcest.checks.score import stated

SERIES = ["force", "measure", "scope", "wave"]
RECENT = pd.Timedelta(days=30)
FEWEST_ERRORS = 5
UNKNOWN_SPREAD = 0.5
"""Standard deviation of a log error where the known claims do not tell it."""
LEAST_SPREAD = 0.1
LOGISTIC = np.sqrt(3) / np.pi
"""Scale of a logistic distribution of unit standard deviation."""
DRAWS = 1_500

Centre = Callable[[pd.DataFrame, pd.Timestamp], float]
Baseline = Callable[[pd.DataFrame, pd.DataFrame, np.random.Generator], Predictive]


def numbered(claims: pd.DataFrame) -> pd.DataFrame:
    """Claims that state a number, with it on the log scale (``y``), in the order of publication."""
    with_number = claims.assign(y=stated(claims))
    return with_number[np.isfinite(with_number["y"])].sort_values(["published", "as_of", "id"], kind="stable")


def last_official_figure(known: pd.DataFrame, later: pd.DataFrame, rng: np.random.Generator) -> Predictive:
    """The latest figure of the source that reports the series most often."""
    return _centred(_last_figure, known, later, rng)


def median_of_recent_claims(known: pd.DataFrame, later: pd.DataFrame, rng: np.random.Generator) -> Predictive:
    """The median of the claims on the 30 days up to the last one."""
    return _centred(_recent_median, known, later, rng)


def meta_analysis(known: pd.DataFrame, later: pd.DataFrame, rng: np.random.Generator) -> Predictive:
    """Random-effects meta-analysis (DerSimonian and Laird 1986) of the claims on the 30 days up to the last one.

    The variance within a claim is that of a number anywhere in the interval it was read as.
    """
    mean, sd = np.full(len(later), np.nan), np.full(len(later), np.nan)
    for rows, series in _by_series(numbered(known), later):
        recent = recent_claims(series)
        low, high = on_log_scale(recent, "claim_low"), on_log_scale(recent, "claim_high")
        within = np.maximum((high - low) ** 2 / 12, 1e-6)
        mean[rows], between, error = random_effects(recent["y"].to_numpy(), within)
        spread = np.sqrt(between + error + within.mean())
        sd[rows] = max(spread, LEAST_SPREAD) if len(recent) > 1 else UNKNOWN_SPREAD
    return _logistic(later, mean, sd, rng)


def independent_counts(known: pd.DataFrame, later: pd.DataFrame, rng: np.random.Generator) -> Predictive:
    """Independent negative binomial claims without bias around a random walk by month, as published models of claims have it.

    The likelihood of Radford et al. (2023, PNAS) with every bias at zero; flows are not predicted.
    """
    beliefs = np.full((DRAWS, len(later)), np.nan)
    mass, pit = np.full(len(later), np.nan), np.full(len(later), np.nan)
    counted = numbered(known)
    for rows, series in _by_series(counted[counted["scope"] != "flow"], later):
        if not is_ratio(series).any():
            targets = later.iloc[rows]
            log_mean, log_size = mean_walk(series, targets["as_of"], int(rng.integers(2**31)))
            beliefs[:, rows], mass[rows], pit[rows] = _counts(targets, log_mean, log_size, rng)
    return Predictive(later, beliefs, mass, pit)


BASELINES: dict[str, Baseline] = {
    "last official figure": last_official_figure,
    "median of recent claims": median_of_recent_claims,
    "meta-analysis": meta_analysis,
    "independent counts": independent_counts,
}


def _by_series(known: pd.DataFrame, later: pd.DataFrame) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
    """Positions of later claims of one series, and its known claims; series without any are left out."""
    series = dict(iter(known.groupby(SERIES, sort=False)))
    for key, rows in later.groupby(SERIES, sort=False).indices.items():
        if key in series:
            yield rows, series[key]


def _centred(centre: Centre, known: pd.DataFrame, later: pd.DataFrame, rng: np.random.Generator) -> Predictive:
    """A rule for the centre, with the spread of its errors on the known claims of all series."""
    mean, counted = np.full(len(later), np.nan), numbered(known)
    errors = [error for _, series in counted.groupby(SERIES, sort=False) for error in _errors(centre, series)]
    learned = float(np.sqrt(np.mean(np.square(errors)))) if len(errors) >= FEWEST_ERRORS else UNKNOWN_SPREAD
    sd = max(learned, LEAST_SPREAD)
    for rows, series in _by_series(counted, later):
        mean[rows] = centre(series, series["published"].max())
    return _logistic(later, mean, np.full(len(later), sd), rng)


def _errors(centre: Centre, series: pd.DataFrame) -> Iterator[float]:
    """How far the rule was off each claim, from what had been published before it."""
    for when, y in zip(series["published"], series["y"], strict=True):
        before = series[series["published"] < when]
        if len(before):
            yield float(y - centre(before, when))


def _last_figure(series: pd.DataFrame, _when: pd.Timestamp) -> float:
    busiest = series["source"].value_counts(sort=True).index[0]
    own = series[series["source"] == busiest]
    return float(own.sort_values(["as_of", "published"], kind="stable")["y"].iloc[-1])


def _recent_median(series: pd.DataFrame, _when: pd.Timestamp) -> float:
    return float(recent_claims(series)["y"].median())


def recent_claims(series: pd.DataFrame) -> pd.DataFrame:
    """The claims about the 30 days up to the last one."""
    return series[series["as_of"] > series["as_of"].max() - RECENT]


def random_effects(y: np.ndarray, within: np.ndarray) -> tuple[float, float, float]:
    """Pooled mean, variance between claims, and variance of the mean."""
    w = 1 / within
    fixed = float(w @ y / w.sum())
    q, scale = float(w @ (y - fixed) ** 2), float(w.sum() - (w**2).sum() / w.sum())
    between = max(0.0, (q - (len(y) - 1)) / scale) if len(y) > 1 else 0.0
    w = 1 / (within + between)
    return float(w @ y / w.sum()), between, float(1 / w.sum())


def _logistic(later: pd.DataFrame, mean: np.ndarray, sd: np.ndarray, rng: np.random.Generator) -> Predictive:
    """A logistic belief around the centre of every claim that has one, NaN for the others."""
    has_one = np.flatnonzero(np.isfinite(mean))
    shape = (DRAWS, len(has_one))
    centres, scales = (np.broadcast_to(values[has_one], shape) for values in (mean, LOGISTIC * sd))
    found = mixture(later.iloc[has_one], centres, scales, rng)
    beliefs, (mass, pit) = np.full((DRAWS, len(later)), np.nan), np.full((2, len(later)), np.nan)
    beliefs[:, has_one], mass[has_one], pit[has_one] = found.beliefs, found.log_mass, found.pit
    return Predictive(later, beliefs, mass, pit)


def mean_walk(series: pd.DataFrame, days: pd.Series, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the log mean on some days, shape (draw, day), and of the log size of a negative binomial, shape (draw,)."""
    from forcest.sampling import sample

    first, last = min(series["as_of"].min(), days.min()), max(series["as_of"].max(), days.max())
    knots = np.linspace(0.0, max(1.0, (last - first).days), 2 + (last - first).days // 30)

    def hats(when: pd.Series) -> np.ndarray:
        at = (when - first).dt.days.to_numpy(float)
        return np.stack([np.interp(at, knots, unit) for unit in np.eye(len(knots))], axis=1)

    counts = np.round(np.expm1(series["y"].to_numpy()))
    design, centre, steps = hats(series["as_of"]), float(series["y"].mean()), len(knots) - 1
    result = sample(
        lambda x: _negative_binomial(x, counts, design, centre),
        lambda rng, n: 0.1 * rng.standard_normal((n, steps + 3)),
        random_seed=seed,
        chains=16,
        cores=1,
    )
    x = result.draws.reshape(-1, steps + 3)
    x = x[np.linspace(0, len(x) - 1, DRAWS).round().astype(int)]
    level = _levels(x, centre, steps)
    return level @ hats(days).T, _log_size(x)


def _levels(x: np.ndarray, centre: float, steps: int) -> np.ndarray:
    """Log mean at the knots: wide at the first (sd 2), then a walk whose step has a scale of its own (median 0.3)."""
    scale = 0.3 * np.exp(0.7 * x[:, [1]])
    return centre + 2 * x[:, [0]] + np.concatenate([np.zeros((len(x), 1)), scale * np.cumsum(x[:, 3 : 3 + steps], axis=1)], axis=1)


def _log_size(x: np.ndarray) -> np.ndarray:
    return np.log(10.0) + x[:, 2]


def _negative_binomial(x: np.ndarray, counts: np.ndarray, design: np.ndarray, centre: float) -> tuple[np.ndarray, np.ndarray]:
    """Log density and gradient of many chains, shape (chain, dim): standard normal coordinates, negative binomial counts."""
    steps = design.shape[1] - 1
    level = _levels(x, centre, steps)
    log_mean, log_size = level @ design.T, _log_size(x)[:, None]
    mean, size = np.exp(log_mean), np.exp(log_size)
    log_total = np.logaddexp(log_mean, log_size)
    value = gammaln(counts + size) - gammaln(size) + size * (log_size - log_total) + counts * (log_mean - log_total)
    by_mean = counts - mean * (counts + size) / (mean + size)
    by_size = size * (psi(counts + size) - psi(size) + log_size - log_total + 1 - (counts + size) / (mean + size))
    by_level = by_mean @ design
    later = np.cumsum(by_level[:, :0:-1], axis=1)[:, ::-1]  # a step moves every later knot
    walk, scale = level[:, 1:] - level[:, :1], 0.3 * np.exp(0.7 * x[:, [1]])
    of_scale = 0.7 * (by_level[:, 1:] * walk).sum(axis=1)
    gradient = np.concatenate(
        [2 * by_level.sum(axis=1)[:, None], of_scale[:, None], by_size.sum(axis=1)[:, None], scale * later], axis=1
    )
    return value.sum(axis=1) - 0.5 * (x**2).sum(axis=1), gradient - x


def _counts(
    targets: pd.DataFrame, log_mean: np.ndarray, log_size: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Beliefs, log mass and probability integral transform of negative binomial claims."""
    size = np.exp(log_size)[:, None]
    share = size / (size + np.exp(log_mean))
    low = np.ceil(targets["claim_low"].to_numpy(float)) - 1  # the largest count below the interval
    high = np.floor(targets["claim_high"].to_numpy(float))
    below, upto = (nbinom.cdf(edge, size, share).mean(axis=0) for edge in (low, high))
    with np.errstate(divide="ignore"):
        mass = np.log(upto - below)
    return np.log1p(rng.negative_binomial(size, share)), mass, (below + upto) / 2
