"""Whether a wave took place: known marginal likelihoods, claims that cannot tell, and claims that can."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

import forcest as fc
from forcest.checks import existence
from forcest.checks.existence import log_bridge, parts_of
from forcest.errors import ForcestError
from small_models import claim, ledger, prior_draws

WINDOWS = {"first": ("2025-01-02", "2025-01-10"), "second": ("2025-01-20", "2025-01-30")}
QUIET = pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")


def model_of(**fields):
    waves = {name: fc.Wave(size=fc.between(1_000, 4_000), window=window) for name, window in WINDOWS.items()}
    given = {"start": "2025-01-01", "end": "2025-03-10", "step": "W", "arrivals": fc.Waves(**waves)}
    return fc.ForceModel(**(given | fields))


def deployed(*counts):
    """Claims of a third party on those who have arrived by 16 January, 10 February, ..."""
    days = ("2025-01-16", "2025-02-10", "2025-02-20")
    third = {"source": "T", "stance": "third_party"}
    return ledger(
        *(claim(f"t{k}", "deployed", n, as_of=day, **third) for k, (n, day) in enumerate(zip(counts, days, strict=False)))
    )


def test_the_bridge_finds_the_known_ratio_of_two_normal_densities():
    """Likelihoods N(y; x, 1) and N(y; 0, 1) under x ~ N(0, 1), y = 3: marginals N(0, sqrt 2) and N(0, 1) at y."""
    rng, y, n = np.random.default_rng(1), 3.0, 20_000
    first, second = y / 2 + np.sqrt(0.5) * rng.standard_normal(n), rng.standard_normal(n)
    ratios = [norm.logpdf(y, x) - norm.logpdf(y) for x in (first, second)]
    value, overlap = log_bridge(*ratios)
    expected = norm.logpdf(y, scale=np.sqrt(2)) - norm.logpdf(y)
    assert value == pytest.approx(expected, abs=0.05)  # 20,000 draws: four standard errors
    assert 0.3 < overlap < 1
    # The wrong twin compares the fits by their mean likelihood after the claims were read, which rewards a part for its own fit.
    assert np.logaddexp.reduce(ratios[0]) - np.log(n) > expected + 0.5


@QUIET
@pytest.mark.parametrize(("later", "exists"), [(2_000, False), (6_000, True)])
def test_a_wave_is_probable_where_the_deployed_have_grown(later, exists):
    """2,000 people by 16 January; a second wave of 1,000 to 4,000 is there if 6,000 are claimed later, and not if 2,000 are."""
    fit = fc.fit(model_of(), deployed(2_000, later, later), random_seed=1, quick=True)
    row = existence(fit).set_index("part").loc["second wave"]
    assert row["reliable"]
    # The same ratio from 4,000 draws of the prior, which needs no posterior; both have an error below 0.25.
    bound = model_of().on(deployed(2_000, later, later))
    draws = prior_draws(bound, 4_000)
    part = parts_of(bound.model, deployed(2_000, later, later))["second wave"]
    without = draws | {"wave_size": np.column_stack([draws["wave_size"][:, 0], np.full(4_000, 1e-9)])}
    marginal = [np.logaddexp.reduce(_total(bound, p)) for p in (draws, without)]
    assert part.index == 1
    assert row["log_bayes_factor"] == pytest.approx(marginal[0] - marginal[1], abs=0.75)
    assert bool(row["probability"] > 0.5) is exists


def _total(bound, p):
    likelihood = bound.likelihood
    return likelihood.total(likelihood.forward(p, bound.read_curves(bound.curves_forward(p)), bound.data), bound.data)


@QUIET
def test_claims_that_cannot_tell_leave_the_prior_probability():
    """A second wave in March, claims until January: the likelihood is the same with it and without."""
    late = fc.Waves(
        first=fc.Wave(size=fc.between(1_000, 4_000), window=WINDOWS["first"]),
        second=fc.Wave(size=fc.between(1_000, 4_000), window=("2025-03-01", "2025-03-05"), shift=fc.normal(0, 1)),
    )
    fit = fc.fit(model_of(arrivals=late), deployed(2_000), random_seed=1, quick=True)
    row = existence(fit, prior=0.2).set_index("part").loc["second wave"]
    assert row["probability"] == pytest.approx(0.2, abs=1e-3)
    assert row["overlap"] == pytest.approx(1, abs=1e-3)


def test_claims_that_name_a_wave_are_no_evidence_for_it():
    named = ledger(
        claim("t1", "deployed", 2_000, as_of="2025-01-16", stance="third_party", source="T"),
        claim("t2", "deployed", 2_000, as_of="2025-02-16", stance="third_party", source="T", wave="second"),
    )
    home = fc.Withdrawal(window=("2025-02-05", "2025-02-07"), share=fc.between(0.05, 0.4), to="home")
    parts = parts_of(model_of(withdrawals=[home]), named)
    assert list(parts) == ["first wave", "second wave", "withdrawal 2025-02-05 to 2025-02-07"]
    assert parts["second wave"].ledger.text["id"].tolist() == ["t1"]
    assert parts["withdrawal 2025-02-05 to 2025-02-07"].model.withdrawals == ()


def test_a_prior_that_is_no_probability_is_refused(fit):
    with pytest.raises(ForcestError, match="between 0 and 1"):
        existence(fit, prior=1.0)
    with pytest.raises(ForcestError, match="not a forecast"):
        existence(fc.forecast(fit))
