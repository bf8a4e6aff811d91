"""Contradictions: claims that cannot both hold are found, those that can are left alone, and the change named reconciles them."""

from __future__ import annotations

import pandas as pd
import pytest

import forcest as fc
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
    table = fc.contradictions(fit)
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
    assert fc.contradictions(fit, least=3.0).empty


@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")
def test_a_sum_contradicts_its_parts(model):
    """4,000 casualties against 300 killed and 900 wounded by the same day, each of them possible beside the other two."""
    fit = fit_with(
        model,
        {"id": "b1", "published": "2024-02-20", "as_of": "2024-02-19", "measure": "casualties", "value": "6000", "source": "One",
         "definition": "killed+wounded"},
    )  # fmt: skip
    table = fc.contradictions(fit, least=1.5, most=50)
    assert any("b1" in claims and "+" in claims for claims in table["claims"])
