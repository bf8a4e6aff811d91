"""Influence of sources and claims, by weights and by refits that agree; priors made stronger or replaced."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.headlines import headlines
from forcest.checks.influence import _by_weights, _parts
from forcest.checks.power_scaling import power_scaled
from forcest.checks.refits import Refit, refits
from forcest.checks.sensitivity import alternative_priors
from forcest.checks.weights import weighted_quantiles
from forcest.errors import ForcestError, NotConvergedWarning
from forcest.inference.opened import OpenedFit
from inference_ledger import small_ledger_frame


def refitted(fit, ledger):
    """Medians of the headline measures in a fit of another ledger, and whether it has converged."""
    return Refit.read(refits(fit, {"other": (ledger, None)})[0].run())


def test_weighted_median_by_hand():
    assert weighted_quantiles(np.array([[3.0, 1.0], [2.0, 4.0]]), 0.5, np.array([[0.1, 0.1], [0.6, 0.2]])) == 2.0


def test_a_source_left_out_moves_the_answer_as_a_refit_without_it_does(model, ledger, fit):
    table = fc.influence(fit, by="source")
    assert set(table["source"]) == {"Enemy staff", "Observer", "Paper", "Registers"}
    without = fc.fit(model, ledger.exclude(source="Observer"), random_seed=1)
    row = table[(table["source"] == "Observer") & (table["measure"] == "deployed")].iloc[0]
    deployed = without["posterior"]["deployed"].sel(date="2024-02-29", method="nearest")
    refitted, spread = float(np.median(deployed)), float(deployed.std())
    # By weights (k below 0.7) or by the same refit; a median of 400 effective draws is known to 0.06 sd of what remains
    # without the source, twice: four errors.
    assert abs(row["new_median"] - refitted) < 4 * 0.09 * spread
    assert row["shift"] == pytest.approx(row["new_median"] - row["median"])


def with_a_copied_claim(**more):
    """The small ledger and "at least 350 killed" by Monitor, which Herald repeats for the same day, and other rows like them."""
    frame = small_ledger_frame().assign(origin="", supersedes="")
    day = {"as_of": "2024-02-28", "published": "2024-02-29", "stance": "record", "qualifier": "at_least", "value": "350"}
    claim = frame[frame["id"] == "a4"].assign(id="d1", source="Monitor", **day)
    copy = claim.assign(id="d3", source="Herald", origin="d1", published="2024-03-04")
    others = [claim.assign(id=id_, **values) for id_, values in more.items()]
    return fc.read_ledger(pd.concat([frame, claim, copy, *others], ignore_index=True))


def test_weights_and_refit_ask_what_would_be_if_the_source_had_published_nothing(model):
    """Its copies go too; where they come back as claims of another source, hardly anything changes."""
    ledger = with_a_copied_claim()
    fit = fc.fit(model, ledger, random_seed=1)
    table = fc.influence(fit, refit=False).set_index(["source", "measure"])
    by_weights = table.loc["Monitor", "killed"]
    assert by_weights["method"] == "weights"
    by_refit, _ = refitted(fit, ledger.exclude(origin="d1"))
    copies_return, _ = refitted(fit, ledger.exclude(source="Monitor"))
    spread = float(headlines(fit)["killed"].std())
    # A median has an error of 1.25 sd / sqrt(n): n is 150 effective weights, and 400 effective draws of a refit. Three of both.
    error = 3 * 1.25 * spread * np.sqrt(1 / 150 + 1 / 400)
    assert abs(by_weights["new_median"] - by_refit["killed"]) < error
    assert abs(copies_return["killed"] - by_refit["killed"]) > error
    assert abs(by_weights["shift"]) > error


@pytest.mark.parametrize(
    ("by", "name", "left"),
    [
        ("source", "Monitor", set()),  # its claim, both versions, and every copy
        ("claim", "d2", set()),  # without the correction its first version does not come back
        ("origin", "d2", set()),
    ],
)
def test_what_goes_with_a_part_is_what_traces_back_to_it(model, by, name, left):
    other_day = {"source": "Herald", "origin": "d1", "as_of": "2024-02-20", "published": "2024-03-01"}
    ledger = with_a_copied_claim(d2={"supersedes": "d1", "value": "360", "published": "2024-03-02"}, d4=other_day)
    opened = OpenedFit(
        {"model_kind": model.kind, "model": model.model_dump_json(), "ledger": ledger.to_csv(), "ledger_hash": ledger.hash}, {}
    )
    parts = _parts(opened, by)
    rest = ledger.exclude(origin=parts[name])
    assert {"d1", "d2", "d3", "d4"} & set(rest.text["id"]) == left


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
    medians, note = _by_weights(values, silent)
    assert medians["killed"] == weighted_quantiles(values["killed"], 0.5, np.ones((4, 500)))
    assert note["method"] == "weights"


def test_alternatives_replace_what_they_name(model, ledger):
    found = alternative_priors(model, ledger)
    assert set(found) == {"stance means zero", "no stance bias", "third parties as the enemy", "few wounded per killed"}
    levels = found["stance means zero"].model.reporting.stance_levels
    assert {prior.mu for by_stance in levels.values() for prior in by_stance.values()} == {0.0}


def test_each_wave_and_withdrawal_is_missing_in_turn():
    kursk, claims = fc.presets.north_korea_kursk(), fc.datasets.load("north_korea_kursk")
    found = alternative_priors(kursk, claims)
    missing = [name for name in found if name.endswith("wave") or "withdrawal" in name]
    assert missing == ["no first wave", "no second wave", "no third wave", "no withdrawal 2025-01-10 to 2025-01-31"]
    for wave in ("first", "second", "third"):
        without = found[f"no {wave} wave"]
        assert set(without.model.arrivals.named) == {"first", "second", "third"} - {wave}
        assert wave in set(claims.usable()["wave"])
        assert wave not in set(without.ledger.usable()["wave"])
        without.model.on(without.ledger)  # the rest can be fitted
    assert found["no withdrawal 2025-01-10 to 2025-01-31"].model == kursk.replace(withdrawals=())


def test_third_parties_as_the_enemy_have_its_levels_and_nobody_else_has(model, ledger):
    doubting = model.replace(reporting=fc.Reporting(stance_levels={"losses": {"enemy": fc.normal(0.9, 1.5)}}))
    before = doubting.reporting.stance_levels
    after = alternative_priors(doubting, ledger)["third parties as the enemy"].model.reporting.stance_levels
    for name, levels in after.items():
        assert levels["third_party"] == before[name]["enemy"]
        assert levels["third_party"] != before[name]["third_party"] or name == "other"  # equal by default
        assert {s: levels[s] for s in ("own", "enemy", "record")} == {s: before[name][s] for s in ("own", "enemy", "record")}
    enemy_alone = ledger.filter(stance="enemy")
    assert "third parties as the enemy" not in alternative_priors(doubting, enemy_alone)


def test_allies_as_their_side_have_its_levels_where_they_make_claims(model, ledger):
    kursk = fc.datasets.load("north_korea_kursk")
    assert "allies as their side" not in alternative_priors(model, ledger)
    after = alternative_priors(model, kursk)["allies as their side"].model.reporting.stance_levels
    assert after["losses"]["enemy_ally"] == fc.normal(0.7, 0.7)
    assert after["losses"]["own_ally"] == fc.normal(-0.5, 0.7)
    assert after["losses"]["third_party"] == model.reporting.stance_levels["losses"]["third_party"]


def test_few_wounded_leaves_all_other_kinds(model, ledger):
    mix = fc.CasualtyMix(sick=fc.between(0.1, 0.3), missing=fc.between(0.2, 0.4))
    few = alternative_priors(model.replace(casualties=mix), ledger)["few wounded per killed"].model.casualties
    assert few.replace(wounded_per_killed=mix.wounded_per_killed) == mix
    assert few.wounded_per_killed.quantile(0.5) < 2


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
    # Of seven fits with three seeds, 0.034 to 0.064 against 0.004 to 0.007: the customary limit of 0.05 lies within the first.
    assert power["stance_level", "casualties"] > 2.5 * power["return_share", "deployed"]
