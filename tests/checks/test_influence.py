"""Influence of sources and claims, by weights and by refits that agree; priors made stronger or replaced."""

from __future__ import annotations

import numpy as np
import pytest

import forcest as fc
from forcest.checks.headlines import headlines, refitted, weighted_median
from forcest.checks.influence import _without
from forcest.checks.power_scaling import power_scaled
from forcest.checks.sensitivity import alternative_priors
from forcest.errors import ForcestError, NotConvergedWarning


def test_weighted_median_by_hand():
    assert weighted_median(np.array([[3.0, 1.0], [2.0, 4.0]]), np.array([[0.1, 0.1], [0.6, 0.2]])) == 2.0


def test_a_source_left_out_moves_the_answer_as_a_refit_without_it_does(model, ledger, fit):
    table = fc.influence(fit, by="source")
    assert set(table["source"]) == {"Enemy staff", "Observer", "Paper", "Registers"}
    without = fc.fit(model, ledger.exclude(source="Observer"), random_seed=1)
    row = table[(table["source"] == "Observer") & (table["measure"] == "deployed")].iloc[0]
    refitted = float(np.median(without["posterior"]["deployed"].sel(date="2024-02-29", method="nearest")))
    spread = float(fit["posterior"]["deployed"].sel(date="2024-02-29", method="nearest").std())
    # By weights (k below 0.7) or by the same refit; a median of 400 effective draws is known to 0.06 sd, twice: four errors.
    assert abs(row["new_median"] - refitted) < 4 * 0.09 * spread
    assert row["shift"] == pytest.approx(row["new_median"] - row["median"])


def test_without_refits_unreliable_weights_give_no_number(fit):
    table = fc.influence(fit, by="source", refit=False)
    unreliable = table["pareto_k"] > 0.7
    assert table.loc[unreliable, "shift"].isna().all()
    assert table.loc[~unreliable, "shift"].notna().all()


@pytest.mark.parametrize("check", [fc.influence, fc.sensitivity])
def test_a_check_of_a_fit_takes_model_and_ledger_from_it(model, ledger, fit, check):
    with pytest.raises(TypeError, match=rf"fc\.{check.__name__}\(fit, \.\.\.\); got a ForceModel"):
        check(model, ledger, fit)
    with pytest.raises(ForcestError, match="a forecast has none"):
        check(fc.forecast(fit))


def test_a_refit_has_the_sampler_the_settings_and_the_seed_of_the_fit(model, ledger):
    options = {"sampler": fc.Batched(chains=8, draws=100, target_accept=0.85), "random_seed": 7, "quick": True}
    less = ledger.exclude(source="Observer")
    with pytest.warns(NotConvergedWarning):
        first, expected = (fc.fit(model, claims, **options) for claims in (ledger, less))
    medians, _ = refitted(first, less)
    assert medians["deployed"] == float(np.median(headlines(expected, "2024-02-29")["deployed"]))


def test_power_scaling_sees_what_matters():
    """A quantity that is the part's own log density moves with its power; an independent one does not (500 draws: below 0.05)."""
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 4, 500))
    found = power_scaled({"x": x, "y": y}, {"prior of x": -0.5 * (x - 1) ** 2})
    assert found["prior of x", "x"] > 0.1 > 0.05 > found["prior of x", "y"]


def test_claims_that_are_equally_probable_in_every_draw_have_no_influence():
    values = {"killed": np.random.default_rng(1).standard_normal((4, 500))}
    silent = np.full((4, 500), -1.5)
    assert power_scaled(values, {"source": silent}) == {("source", "killed"): 0.0}
    medians, note = _without(values, silent, lambda: pytest.fail("no refit is needed"), True)
    assert medians["killed"] == weighted_median(values["killed"], np.ones((4, 500)))
    assert note["method"] == "weights"


def test_alternatives_replace_what_they_name(model, ledger):
    found = alternative_priors(model, ledger)
    assert set(found) == {"stance means zero", "no stance bias", "few wounded per killed"}
    levels = found["stance means zero"].model.reporting.stance_levels
    assert {prior.mu for by_stance in levels.values() for prior in by_stance.values()} == {0.0}
    kursk, claims = fc.presets.north_korea_kursk(), fc.datasets.load("north_korea_kursk")
    no_third = alternative_priors(kursk, claims)["no third wave"]
    assert list(no_third.model.arrivals.named) == ["first", "second"]
    assert "third" not in set(no_third.ledger.usable()["wave"])


def test_zero_stance_means_leave_the_standard_deviations_of_the_model(model, ledger):
    doubting = model.replace(reporting=fc.Reporting(stance_levels={"losses": {"enemy": fc.normal(0.9, 1.5)}}))
    levels = alternative_priors(doubting, ledger)["stance means zero"].model.reporting.stance_levels
    assert levels["losses"]["enemy"] == fc.normal(0.0, 1.5)
    assert levels["losses"]["own"] == fc.normal(0.0, 0.7)


def test_a_prior_that_is_replaced_moves_what_rests_on_it(model, ledger, fit):
    """Taken at its word, an enemy that was thought to exaggerate twofold leaves more killed."""
    exact = {"at its word": alternative_priors(model, ledger)["no stance bias"]}
    table = fc.sensitivity(fit, exact)
    row = table[(table["kind"] == "refit") & (table["measure"] == "killed")].iloc[0]
    assert row["shift_sd"] > 0.2
    power = table[table["kind"] == "power-scaling"].set_index(["name", "measure"])["prior_sensitivity"]
    # 0.04 to 0.05 against 0.004 to 0.007 with several seeds: the customary limit of 0.05 lies within the first.
    assert power["stance_level", "killed"] > 4 * power["return_share", "deployed"]
