"""Rivals in a backtest: arithmetic of each rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forcest.checks import baselines
from forcest.checks.baselines import BASELINES

DAYS = pd.date_range("2024-01-01", periods=6, freq="10D")


def series(values, sources="ABABAB", measure="killed") -> pd.DataFrame:
    table = pd.DataFrame({"value": np.array(values, dtype=float), "source": list(sources)[: len(values)]})
    words = {"force": "f", "stance": "enemy", "measure": measure, "scope": "cumulative", "wave": "", "form": "point"}
    table = table.assign(**words, as_of=DAYS[: len(values)], published=DAYS[: len(values)])
    edges = {"claim_low": table["value"] - 0.5, "claim_high": table["value"] + 0.5}
    return table.assign(id=[f"{measure}{i}" for i in range(len(values))], **edges)


def later(measure="killed", value=500.0, day="2024-03-15") -> pd.DataFrame:
    return series([value], "Z", measure).assign(as_of=pd.Timestamp(day), published=pd.Timestamp(day))


def centre(rule, known) -> float:
    return float(np.expm1(np.median(BASELINES[rule](known, later(), np.random.default_rng(1)).beliefs)))


def test_the_official_figure_is_the_last_of_the_busiest_source():
    """A speaks three times, B twice; 1,500 draws of a spread of at most 0.5 give the median to 6 %."""
    assert centre("last official figure", series([100, 999, 200, 999, 300])) == pytest.approx(300, rel=0.06)


def test_the_median_is_that_of_the_last_thirty_days():
    """Claims 20 and 10 days before the last, and the last; the one of exactly 30 days ago is out."""
    assert centre("median of recent claims", series([10, 10, 10, 200, 300, 400])) == pytest.approx(300, rel=0.1)


@pytest.mark.parametrize(("n", "spread"), [(5, baselines.UNKNOWN_SPREAD), (6, np.log(2))])
def test_a_spread_is_learned_from_five_errors_or_more(n, spread):
    """Figures that double each time: n of them have n - 1 errors of log 2, nearly. Five standard errors of 1,500 draws: 8 %."""
    known = series([1000 * 2**i for i in range(n)], "AAAAAA")
    beliefs = baselines.last_official_figure(known, later(), np.random.default_rng(1)).beliefs
    assert beliefs.std() == pytest.approx(spread, rel=0.08)


def test_random_effects_by_hand():
    """DerSimonian and Laird: y 0, 1, 2 with variances 0.1: Q = 20, tau2 = (20 - 2) / 20 = 0.9, mean 1, its variance 1 / 3."""
    found = baselines.random_effects(np.array([0.0, 1.0, 2.0]), np.full(3, 0.1))
    np.testing.assert_allclose(found, [1.0, 0.9, 1 / 3], rtol=1e-12)


def test_the_gradient_of_the_counts_is_that_of_their_density():
    rng = np.random.default_rng(2)
    counts, design = np.array([3.0, 50.0, 700.0]), np.array([[1.0, 0, 0], [0.3, 0.7, 0], [0, 0.1, 0.9]])
    x = 0.7 * rng.standard_normal((2, 5))
    _, gradient = baselines._negative_binomial(x, counts, design, 3.0)
    for k in range(5):
        step = np.zeros(5)
        step[k] = 1e-6
        up, down = (baselines._negative_binomial(x + sign * step, counts, design, 3.0)[0] for sign in (1, -1))
        np.testing.assert_allclose(gradient[:, k], (up - down) / 2e-6, rtol=1e-5, atol=1e-6)  # central difference


def test_the_density_of_the_counts_is_negative_binomial():
    from scipy.stats import nbinom

    counts, design, x = np.array([3.0, 50.0]), np.eye(2), np.array([[0.2, -0.1, 0.3, 0.5]])
    level, size = baselines._levels(x, 3.0, 1)[0], 10 * np.exp(0.3)
    expected = nbinom.logpmf(counts, size, size / (size + np.exp(level))).sum() - 0.5 * (x**2).sum()
    from scipy.special import gammaln

    value = baselines._negative_binomial(x, counts, design, 3.0)[0][0] - gammaln(counts + 1).sum()
    assert value == pytest.approx(expected, rel=1e-10)


def test_counts_follow_their_claims():
    """Six claims of 1,000 persons: the next is expected near them, on average over the walk of half a month."""
    found = baselines.independent_counts(series([1000] * 6), later(day="2024-02-25"), np.random.default_rng(3))
    assert np.expm1(np.median(found.beliefs)) == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize("rule", BASELINES)
def test_a_series_nobody_has_spoken_of_is_not_predicted(rule):
    found = BASELINES[rule](series([10, 20]), later("wounded"), np.random.default_rng(1))
    assert np.isnan(found.log_mass).all()
