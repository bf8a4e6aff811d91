"""What drives the flow: the hazard and the partner force, by hand; arrivals are in ``test_arrivals.py``."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forcest.models.description.priors import between
from forcest.models.process.ar1 import AR1
from forcest.models.process.attrition import Attrition, Covariate
from forcest.models.process.partner import PartnerForce
from small_models import claim, ledger, prior_draws, prior_medians, waves_model

LEVEL = between(5e-3, 5e-2)
N_DAYS = 49


def curves(p=None, step="D", draws=None, **fields):
    bound = waves_model(step, **fields).on(ledger(claim("a", "killed", 3)))
    medians = prior_draws(bound, draws) if draws else prior_medians(bound)
    return bound, bound.curves_forward(medians | {name: np.array([value], dtype=float) for name, value in (p or {}).items()})


def test_the_hazard_climbs_from_a_hundredth_to_its_level_while_fighting_begins():
    begins = Attrition(hazard=LEVEL, begins=("2025-01-11", "2025-01-21"))
    _, found = curves({"hazard_level": [0.02]}, attrition=begins)
    expected = 0.02 * 0.01 ** np.clip((20 - np.arange(N_DAYS)) / 10, 0, 1)
    np.testing.assert_allclose(found["hazard"][0], expected, rtol=1e-12)
    assert found["hazard"][0, 15] == pytest.approx(0.002)


def test_a_step_has_the_mean_log_hazard_of_its_days():
    begins = Attrition(hazard=LEVEL, begins=("2025-01-11", "2025-01-21"))
    _, daily = curves({"hazard_level": [0.02]}, attrition=begins)
    _, coarse = curves({"hazard_level": [0.02]}, step="3D", attrition=begins)
    log_daily = np.log(daily["hazard"][0])
    for node in range(1, 16):
        assert np.log(coarse["hazard"][0, node]) == pytest.approx(log_daily[3 * node - 2 : 3 * node + 1].mean(), rel=1e-12)


def test_the_curve_of_the_hazard_is_stationary_and_forgets_with_its_correlation_time():
    n = 20_000
    _, found = curves(
        draws=n,
        attrition=Attrition(
            hazard=LEVEL, smooth=AR1(every="W", sd=between(0.6999, 0.7001), correlation_time=between(19.999, 20.001))
        ),
        end="2025-01-29",
    )
    bound, _ = curves(attrition=Attrition(hazard=LEVEL, smooth=AR1(every="W")), end="2025-01-29")
    level = np.log(prior_draws(bound, n)["hazard_level"][:, 0])
    knots = np.log(found["hazard"])[:, ::7] - level[:, None]
    error = 1 / np.sqrt(n)
    np.testing.assert_allclose(knots.std(axis=0), 0.7, rtol=4 * error)
    np.testing.assert_allclose(knots.mean(axis=0), 0, atol=4 * 0.7 * error)
    for lag in (1, 2, 3):
        correlation = np.corrcoef(knots[:, 0], knots[:, lag])[0, 1]
        assert correlation == pytest.approx(np.exp(-7 * lag / 20), abs=4 * error)
        assert correlation != pytest.approx(np.exp(-7 * lag / 16), abs=4 * error)


def test_a_covariate_multiplies_the_hazard_by_the_exponential_of_its_effect():
    days = pd.date_range("2025-01-01", "2025-02-18")
    storms = np.where(np.arange(N_DAYS) == 12, 2.0, 0.0)
    mud = {date(2025, 1, 1): 0.0, date(2025, 2, 18): 48.0}  # linear in between: one a day
    covariates = {"storms": Covariate(values=pd.Series(storms, index=days)), "mud": Covariate(values=mud)}
    attrition = Attrition(hazard=LEVEL, covariates=covariates)
    _, found = curves({"hazard_level": [0.02], "hazard_effect": [0.3, -0.05]}, attrition=attrition)
    np.testing.assert_allclose(found["hazard"][0], 0.02 * np.exp(0.3 * storms - 0.05 * np.arange(N_DAYS)), rtol=1e-12)


def test_the_partner_force_walks_slowly_and_adds_to_the_front():
    partner = PartnerForce(strength=between(20_000, 60_000), every="30D")
    p = {"partner_strength": [40_000.0], "partner_walk": [0.2], "partner_offset": np.array([[1.0, 0.0]])}
    _, found = curves(p, partner=partner)
    np.testing.assert_allclose(found["partner"][0, [0, 15, 30, 40]], 40_000 * np.exp([0, 0.1, 0.2, 0.2]), rtol=1e-12)
    np.testing.assert_allclose(found["combined_strength"], found["partner"] + found["at_front"], rtol=1e-12)


def test_without_a_partner_there_is_no_combined_strength():
    _, found = curves(partner=None)
    assert np.all(np.isnan(found["combined_strength"]))


def test_effective_strength_is_combat_value_times_the_front():
    _, found = curves({"combat_value": [2.5]})
    np.testing.assert_allclose(found["effective_strength"], 2.5 * found["at_front"], rtol=1e-12)
