"""Default models: what claims count is in the model, and nothing else is stored or listed."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

import forcest as fc
from forcest.errors import ForcestError, ModelError
from forcest.models.default import choice
from forcest.report.exploration import exploration
from golden_values import fit_of_prior_draws
from small_models import claim, ledger, prior_draws

LOSSES = {"killed", "wounded", "captured", "missing", "casualties", "in_hospital", "returned_to_duty", "invalided", "hazard"}


def strengths(*more: dict):
    """Claims on the size of a force of whose losses nobody speaks."""
    return ledger(
        claim("d", "deployed", 5_000),
        claim("f", "at_front", 3_000, scope="stock", source="B", stance="own"),
        *more,
    )


def two_forces():
    """Prisoners, the missing and the wounded of one side alone; of the other, casualties of two kinds."""
    other = {"force": "Y", "source": "C"}
    return ledger(
        claim("k", "killed", 300),
        claim("p", "captured", 50),
        claim("m", "missing", 20, source="B", stance="own"),
        claim("q", "killed", 200, **other),
        claim("c", "casualties", 900, definition="killed+wounded", **other),
    )


def home(*days: str):
    return [claim(f"h{i}", "withdrawn_home", 300 * (i + 1), as_of=day) for i, day in enumerate(days)]


def curves_of(fit) -> set[str]:
    return {str(name) for name, values in fit["posterior"].data_vars.items() if "date" in values.dims}


# --- the calendar ---------------------------------------------------------------------------------------------------


LATE = {"published": "2026-10-10"}
WEEK = {"scope": "flow", "window_start": "2025-01-06", "window_end": "2025-01-12", "as_of": "2025-01-12"} | LATE
DAY = {"scope": "flow", "as_of": "2025-01-12"} | LATE
MONTH = WEEK | {"window_end": "2025-02-05", "as_of": "2025-02-05"}


@pytest.mark.parametrize(("last", "step"), [("2026-10-08", "W"), ("2026-10-07", "D")])
def test_a_calendar_of_more_than_two_years_goes_by_weeks(last, step):
    """From the day before the first window to 90 days after 7 October 2026 it is two years of 365 days."""
    claims = ledger(claim("w", "killed", 20, **MONTH), claim("k", "killed", 900, as_of=last, **LATE))
    model = fc.LossModel.default(claims)
    assert model.step == step
    assert ("The calendar goes by weeks" in choice(model, claims)) == (step == "W")


@pytest.mark.parametrize(("window", "losses", "force"), [(MONTH, "W", "W"), (WEEK, "D", "W"), (DAY, "D", "D")])
def test_what_needs_days_has_days(window, losses, force):
    """A battle or a strike in a loss model; in a force model, whose hazard has no events, a count of less than a week."""
    late = claim("k", "killed", 900, as_of="2026-10-08", **LATE)
    assert fc.LossModel.default(ledger(claim("w", "killed", 20, **window), late)).step == losses
    strength = claim("d", "deployed", 9_000, as_of="2025-02-20", **LATE)
    assert fc.ForceModel.default(ledger(claim("w", "killed", 20, **window), late, strength)).step == force


# --- forces that do not fight -------------------------------------------------------------------------------------


def test_a_force_of_whose_losses_nothing_is_claimed_has_none():
    claims = strengths()
    model = fc.ForceModel.default(claims)
    assert model.attrition is None
    fit = fit_of_prior_draws(model, claims)
    assert curves_of(fit).isdisjoint(LOSSES)
    assert set(fc.summary(fit)["measure"]) == {"deployed", "in_training", "at_front", "rear", "withdrawn_home"}
    assert not {p.name for p in model.on(claims).parameters} & {"hazard_level", "hazard_sd", "hazard_correlation", "hazard_offset"}


def test_nobody_is_lost_in_a_model_without_losses():
    claims = strengths()
    bound = fc.ForceModel.default(claims).on(claims)
    curves = bound.curves_forward(prior_draws(bound, 20))
    np.testing.assert_allclose(curves["in_training"] + curves["at_front"], curves["deployed"], rtol=1e-8)
    assert np.all(curves["casualties"] < 1e-6 * curves["deployed"])


@pytest.mark.parametrize(
    "row",
    [
        claim("x", "killed", 100),
        claim("x", "casualties", 100),
        claim("x", "in_hospital", 40, scope="stock"),
        claim("x", "returned_to_duty", 10),
        claim("x", "captured", 2),
    ],
    ids=lambda row: row["measure"],
)
def test_one_claim_of_losses_makes_a_force_that_fights(row):
    assert fc.ForceModel.default(strengths(row)).attrition == fc.Attrition()
    with pytest.raises(ModelError, match=rf"{row['measure']} needs losses \(row id 'x'\). Add attrition=Attrition\(\)"):
        fc.ForceModel.default(strengths()).replace(casualties=fc.CasualtyMix.counting(["captured"])).on(strengths(row))


def test_a_forecast_of_a_force_without_losses_has_none_either():
    claims = strengths(*home("2025-01-30"))
    fit = fit_of_prior_draws(fc.ForceModel.default(claims), claims)
    longer = fc.forecast(fit, until="2025-09-01", scenario=fc.Scenario(hazard=2.0))
    assert curves_of(longer).isdisjoint(LOSSES)
    people = longer["posterior"]
    states = people["in_training"] + people["at_front"] + people["withdrawn_home"]
    np.testing.assert_allclose(states, people["deployed"], rtol=1e-4)


# --- people who go home -------------------------------------------------------------------------------------------


def test_people_go_home_between_the_dates_of_claims_about_it():
    """The calendar begins 30 days before the first claim, and the first window on the day after its first day."""
    model = fc.ForceModel.default(strengths(*home("2025-01-30", "2025-02-15")))
    assert model.start == date(2024, 12, 21)
    assert [w.to for w in model.withdrawals] == ["home", "home"]
    assert [w.window for w in model.withdrawals] == [
        (date(2024, 12, 22), date(2025, 1, 30)),
        (date(2025, 1, 31), date(2025, 2, 15)),
    ]
    assert fc.ForceModel.default(strengths()).withdrawals == ()


def test_a_claim_of_a_window_has_a_window_of_its_own():
    window = {"scope": "flow", "window_start": "2025-01-25", "window_end": "2025-02-10", "as_of": "2025-02-10"}
    model = fc.ForceModel.default(strengths(claim("h", "withdrawn_home", 300, **window)))
    assert [w.window for w in model.withdrawals] == [
        (date(2024, 12, 22), date(2025, 1, 25)),
        (date(2025, 1, 26), date(2025, 2, 10)),
    ]


@pytest.mark.parametrize("first", ["2025-01-20", "2025-01-24", "2024-12-31", "2025-03-05"])
def test_no_window_of_those_who_go_home_begins_on_the_first_day_or_overlaps_another(first):
    model = fc.ForceModel.default(strengths(*home(first, "2025-03-06", "2025-03-08", "2025-03-09")))
    windows = [w.window for w in model.withdrawals]
    assert all(begins > model.start for begins, _ in windows)
    assert windows[-1][1] == date(2025, 3, 9), "claims close together share a window; none is left without one"
    assert all(end < begins for (_, end), (begins, _) in pairwise(windows))


def test_those_who_went_home_are_not_counted_twice():
    claims = strengths(*home("2025-01-30", "2025-02-15"), claim("k", "killed", 100))
    bound = fc.ForceModel.default(claims).on(claims)
    curves = bound.curves_forward(prior_draws(bound, 20))
    states = ("in_training", "at_front", "rear", "in_hospital", "withdrawn_home", "killed")
    np.testing.assert_allclose(sum(curves[name] for name in states), curves["deployed"], rtol=1e-9)


# --- kinds that claims count --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["captured", "missing"])
def test_a_kind_of_casualty_is_in_the_model_where_a_claim_counts_it(kind):
    deaths = claim("k", "killed", 100)
    alone = fc.ForceModel.default(strengths(deaths))
    assert alone.casualties == fc.CasualtyMix()
    counted = fc.ForceModel.default(strengths(deaths, claim("x", kind, 10)))
    assert counted.casualties.kinds == ("killed", "wounded", kind)
    named = fc.ForceModel.default(strengths(deaths, claim("x", "casualties", 400, definition=f"killed+wounded+{kind}")))
    assert named.casualties == counted.casualties
    fit = fit_of_prior_draws(alone, strengths(deaths))
    assert not {"captured", "missing"} & (curves_of(fit) | set(fc.summary(fit)["measure"]))


def test_a_claim_on_a_kind_outside_the_model_is_refused_with_the_remedy():
    with pytest.raises(ModelError, match=r"captured needs a share of casualties \(row id 'x'\).*CasualtyMix\(captured=between"):
        fc.ForceModel.default(strengths(claim("k", "killed", 100))).on(strengths(claim("x", "captured", 10)))


def test_a_force_has_the_kinds_that_claims_count_of_it():
    bound = fc.LossModel.default(two_forces()).on(two_forces())
    assert bound.model.kinds == ("killed", "wounded", "captured", "missing")
    assert bound.layout.kinds == {"X": ("killed", "captured", "missing"), "Y": ("killed", "wounded")}
    assert list(bound.rates.labels) == ["killed@X", "captured@X", "missing@X", "killed@Y", "wounded@Y"]


def test_casualties_of_a_force_are_the_sum_of_its_own_kinds():
    bound = fc.LossModel.default(two_forces()).on(two_forces())
    curves = bound.curves_forward(prior_draws(bound, 20))
    np.testing.assert_allclose(curves["casualties@Y"], curves["killed@Y"] + curves["wounded@Y"], rtol=1e-12)
    x = curves["killed@X"] + curves["captured@X"] + curves["missing@X"]
    np.testing.assert_allclose(curves["casualties@X"], x, rtol=1e-12)


def test_what_nobody_counts_of_a_force_is_not_listed_drawn_or_explored():
    fit = fit_of_prior_draws(fc.LossModel.default(two_forces()), two_forces())
    posterior = fit["posterior"].sel(force="Y")
    assert np.isnan(posterior["captured"]).all()
    np.testing.assert_allclose(posterior["casualties"], posterior["killed"] + posterior["wounded"], rtol=1e-5)
    table = fc.summary(fit)
    listed = {force: set(rows["measure"]) for force, rows in table.groupby("force")}
    assert listed == {"X": {"casualties", "killed", "captured", "missing"}, "Y": {"casualties", "killed", "wounded"}}
    assert np.isfinite(table[["median", "low", "high", "prior_median"]].to_numpy(dtype=float)).all()
    labels = {curve["label"] for curve in exploration(fit, "2025-01-20", {})["views"][0]["curves"]}
    assert labels == {"X: Casualties, cumulative", "X: Killed, cumulative"} | {
        f"Y: {kind}, cumulative" for kind in ("Casualties", "Killed", "Wounded")
    }
    panels = fc.plots.curves(fit, force="Y")
    titles = [panel.get_title(loc="left") for panel in panels]
    assert titles == ["Casualties, cumulative", "Killed, cumulative", "Wounded, cumulative"]
    with pytest.raises(ForcestError, match="`measures` must be among casualties, killed, wounded; got 'captured'"):
        fc.plots.curves(fit, "captured", force="Y")


def test_a_page_about_forces_with_different_kinds_is_written(tmp_path):
    claims = ledger(claim("k", "killed", 300), claim("w", "wounded", 500), claim("q", "killed", 200, force="Y", source="C"))
    fit = fit_of_prior_draws(fc.LossModel.default(claims), claims)
    page = fc.report(fit, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "X: Wounded, cumulative" in page
    assert "Y: Wounded, cumulative" not in page
