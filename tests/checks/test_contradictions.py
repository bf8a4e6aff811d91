"""Contradictions: claims that cannot both hold are found, what chance does is not, and the change named reconciles them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.contradictions import _Comparisons, _simulated
from forcest.errors import ForcestError
from inference_ledger import small_ledger_frame

PLAIN = {
    "scope": "cumulative",
    "low": "",
    "high": "",
    "qualifier": "about",
    "window_start": "",
    "window_end": "",
    "stance": "third_party",
}


def fit_with(model, *rows):
    more = pd.DataFrame([{**PLAIN, "force": "The force", **row} for row in rows])
    ledger = fc.read_ledger(pd.concat([small_ledger_frame(), more], ignore_index=True).fillna(""))
    return fc.fit(model, ledger, random_seed=1, quick=True)


def three_hundred_against(model, source):
    """The row of 300 killed by one source against 2,500 on the same day by some source."""
    day = {"published": "2024-02-24", "as_of": "2024-02-24", "measure": "killed"}
    fit = fit_with(
        model, {"id": "b1", **day, "value": "300", "source": "One"}, {"id": "b2", **day, "value": "2500", "source": source}
    )
    table = fc.contradictions(fit, by_chance=True)
    return table[table["claims"].isin(["b1 vs b2", "b2 vs b1"])].iloc[0]


@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")
def test_killed_that_differ_by_eight_are_named_with_what_would_reconcile_them(model):
    row = three_hundred_against(model, "Two")
    assert row["outlier"] == "b2"
    # Between the nearest ends of what "about" means lie log(2450 / 350) = 1.95. The sources' own biases (0.15 and 0.1) and errors
    # (0.2 * 1.81), each with its uncertain scale, put 90 % of the log ratio within 1.15 = 1.645 * 0.70 of zero.
    assert row["distance"] == pytest.approx(1.95 / 0.70, rel=0.25)
    assert "b2 would have to claim at most" in row["change"]
    assert ", or Two to exaggerate" in row["change"]


@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")
def test_the_bias_of_one_source_does_not_reconcile_its_own_claims(model):
    change = three_hundred_against(model, "One")["change"]
    assert change.startswith("b2 would have to claim at most")
    assert ", or " not in change


def test_claims_that_agree_are_not_named(fit):
    assert fc.contradictions(fit).empty


@pytest.fixture(scope="module")
def family(fit, model, ledger):
    """Comparisons of the small ledger, 400 ledgers simulated from its priors, and the largest distance in each of 300 others."""
    table = fc.claims_table(fit)
    bound, rng = model.on(ledger), np.random.default_rng(11)
    draws = fit["prior_predictive"]["replicated"].to_numpy().reshape(-1, len(table)).astype(float)
    comparisons = _Comparisons.of(table.assign(force=""), draws)
    tested = zip(*_simulated(bound, rng, 400), strict=True)
    largest = [max((clash.distance for clash in comparisons.clashes(low, high)), default=0.0) for low, high in tested]
    return comparisons, np.array(largest), _simulated(bound, rng, 300)


# A right level of 5 %: 400 ledgers against 300, both counted at random, have a standard error of sqrt(.0475 (1 / 400 + 1 / 300)) =
# 1.7 points; four of them.
AT_MOST = 0.05 + 4 * 0.017


def test_ledgers_without_contradictions_show_one_as_rarely_as_stated(family):
    comparisons, largest, simulated = family
    p_value, _ = comparisons.chance(*simulated, largest)
    assert 0.005 < np.mean(p_value <= 0.05) < AT_MOST
    # The wrong twin: a fixed distance, whatever chance does, calls a third of them contradictory.
    assert np.mean(largest >= 2.0) > 2 * AT_MOST


def test_chance_is_counted_over_all_pairs_of_a_ledger():
    """Three claims that are independent of one another, sd 1 of each log ratio; two simulated ledgers, distances by hand."""
    comparisons = _Comparisons(
        [(0,), (1,), (2,)], np.array([0, 0, 1]), np.array([1, 2, 2]), np.outer([-1.645, 0, 1.645], np.ones(3))
    )
    counts = np.expm1(np.array([[1.0, 2.0, 4.0], [3.0, 3.0, 3.5]]))  # distances 1, 3, 2 and 0, 0.5, 0.5
    p_value, expected = comparisons.chance(counts, counts, [2.5, 0.4, 3.5])
    np.testing.assert_allclose(p_value, [2 / 3, 1.0, 1 / 3])
    np.testing.assert_allclose(expected, [1 / 2, 5 / 2, 0.0])


@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")
def test_a_claim_multiplied_by_twenty_is_found(model):
    frame = small_ledger_frame()
    frame.loc[frame["id"] == "a2", "value"] = "90000"
    fit = fc.fit(model, fc.read_ledger(frame), random_seed=1, quick=True)
    found = fc.contradictions(fit)
    assert "a2 vs a3" in set(found["claims"])
    assert found["claims"].str.contains("a2").all()
    assert (found["p_value"] <= 0.05).all()
    assert set(found["finding"]) == {"contradiction"}
    pd.testing.assert_frame_equal(found, fc.contradictions(fit))
    stricter = {"level": 0.001}  # below one in 301, the least that 300 simulated ledgers can tell
    assert fc.contradictions(fit, **stricter).empty
    assert set(fc.contradictions(fit, by_chance=True, **stricter)["finding"]) == {"no more than chance"}


def test_a_level_that_is_no_probability_is_refused(fit):
    with pytest.raises(ForcestError, match="between 0 and 1"):
        fc.contradictions(fit, level=5)


@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")
def test_a_sum_contradicts_its_parts(model):
    """4,000 casualties against 300 killed and 900 wounded by the same day, each of them possible beside the other two."""
    fit = fit_with(
        model,
        {"id": "b1", "published": "2024-02-20", "as_of": "2024-02-19", "measure": "casualties", "value": "6000", "source": "One",
         "definition": "killed+wounded"},
    )  # fmt: skip
    table = fc.contradictions(fit, by_chance=True, most=50)
    assert any("b1" in claims and "+" in claims for claims in table["claims"])
