"""What sources might have said instead: predictive draws of claims have the distribution that the likelihood states."""

import numpy as np
import pytest
from scipy.stats import ks_1samp, logistic

from forcest.models.reporting.description import Reporting
from small_models import claim, ledger, prior_draws, waves_model

DRAWS = 20_000


def repeated(bound, seed=3):
    """One prior draw, many times: what then varies is the claim alone."""
    return {name: np.repeat(value, DRAWS, axis=0) for name, value in prior_draws(bound, 1, seed=seed).items()}


def predicted(bound, *, read=False, seed=3):
    p = repeated(bound, seed)
    curves = bound.read_curves(bound.curves_forward(p))
    given = bound.likelihood.forward(p, curves, bound.data) if read else None
    beliefs = bound.likelihood.belief(p, curves, bound.data)
    return bound.likelihood.predict(p, curves, bound.data, np.random.default_rng(1), given=given), beliefs, given


@pytest.mark.parametrize(("share", "agrees"), [(0.0, True), (0.3, True), (0.15, False)])
def test_replicated_beliefs_have_the_distribution_of_the_likelihood(share, agrees):
    """Kolmogorov-Smirnov on 20,000 draws at a false-alarm rate of 0.001; half the share of gross errors must be noticed."""
    said = 0.3 if not agrees else share
    bound = waves_model(reporting=Reporting(gross_error_share=said)).on(ledger(claim("a", "deployed", 5_000)))
    found, (_, _, mean, scale), _ = predicted(bound)

    def cdf(x):
        narrow, wide = (logistic.cdf(x, mean[0, 0], width * scale[0, 0]) for width in (1.0, 5.0))
        return (1 - share) * narrow + share * wide

    # a count starts at 0: what would be believed below is said as 0, on the log1p scale too
    x = np.log1p(found["replicated"][:, 0])
    inside = x[x > 0]
    p_value = ks_1samp(inside, lambda y: (cdf(y) - cdf(0.0)) / (1 - cdf(0.0))).pvalue
    assert bool(p_value > 0.001) is agrees


def test_a_vague_date_is_each_of_its_days_equally_often():
    row = claim("a", "deployed", 5_000, window_start="2025-01-10", window_end="2025-01-13", as_of="2025-01-12")
    found, (count, *_), _ = predicted(waves_model().on(ledger(row)))
    days, times = np.unique(found["quantity"][:, 0], return_counts=True)
    np.testing.assert_array_equal(days, np.sort(count[0]))
    np.testing.assert_allclose(times / DRAWS, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / DRAWS))


@pytest.mark.parametrize("read", [False, True])
def test_what_casualties_mean_is_as_probable_as_the_claims_make_it(read):
    rows = [claim("a", "casualties", 700, as_of=f"2025-02-{day:02d}") | {"id": f"a{day}"} for day in (5, 8, 11)]
    found, (count, *_), given = predicted(waves_model(reporting=Reporting()).on(ledger(*rows)), read=read)
    narrow = found["quantity"][:, 0] == count[0, 0]
    expected = 0.5
    if read:
        first, second = np.exp(given[0, [0, 2, 4]].sum()), np.exp(given[0, [1, 3, 5]].sum())
        expected = first / (first + second)
        assert abs(expected - 0.5) > 0.01  # else nothing would be tested
    assert narrow.mean() == pytest.approx(expected, abs=5 * np.sqrt(0.25 / DRAWS))
    # the same choice in all claims of the source
    np.testing.assert_array_equal(found["quantity"][:, 2] == count[0, 4], narrow)
