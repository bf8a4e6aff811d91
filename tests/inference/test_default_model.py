"""The default model converges on the shipped ledger, with its wave names and without them."""

from __future__ import annotations

import pytest

import forcest as fc
from forcest.ledger import Ledger, read_ledger


def without_wave_names(ledger: Ledger) -> Ledger:
    rows = ledger.to_dataframe().drop(columns=["row", "status"])
    dates = rows.select_dtypes("datetime").columns
    text = rows.assign(**{name: rows[name].dt.strftime("%Y-%m-%d") for name in dates}).astype(object)
    return read_ledger(text.where(text.notna(), "").assign(wave=""))


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False], ids=["waves", "smooth arrivals"])
def test_the_default_model_converges_on_the_shipped_ledger(named):
    shipped = fc.datasets.load("north_korea_kursk")
    ledger = shipped if named else without_wave_names(shipped)
    model = fc.ForceModel.default(ledger)
    assert isinstance(model.arrivals, fc.Waves) == named
    fit = fc.fit(model, ledger, random_seed=1)
    assert fit.attrs["converged"] == 1
    deployed = fc.summary(fit, at="2025-02-26").set_index("measure").loc["deployed"]
    assert deployed["low"] < 12_000 + 1_500 < deployed["high"]  # what most sources said of the first two waves


def test_the_earliest_wave_may_have_begun_before_its_name_was_used():
    """One report of 27 February names the first wave; the many claims of autumn name none and must be explained too."""
    known = fc.datasets.load("north_korea_kursk").known_by("2025-02-28")
    model = fc.ForceModel.default(known)
    first = model.arrivals.named["first"]
    assert (first.window[0] - model.start).days == 1
    assert str(first.window[1]) == "2025-02-27"
