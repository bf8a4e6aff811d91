"""Estimates of one date at several vintages: what is fitted, what is compared, and how a run goes on."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.revisions import month_ends
from forcest.errors import ForcestError

DATES = ["2024-02-11", "2024-02-22"]
QUICK = {"quick": True, "random_seed": 3}


@pytest.fixture(scope="module")
def run(model, ledger, tmp_path_factory):
    folder = tmp_path_factory.mktemp("revisions") / "run"
    return fc.revisions(ledger, DATES, model, folder=folder, **QUICK), folder


def made(killed):
    """Revisions of the killed: a table from (date, vintage, median, low, high)."""
    rows = pd.DataFrame(killed, columns=["date", "origin", "median", "low", "high"]).assign(force="The force", measure="killed")
    rows[["date", "origin"]] = rows[["date", "origin"]].apply(pd.to_datetime)
    fits = pd.DataFrame({"origin": rows["origin"].unique(), "n_claims": 1, "converged": True})
    return fc.Revisions(rows, fits)


MADE = made(
    [
        ("2025-01-31", "2025-01-31", 400, 200, 900),
        ("2025-01-31", "2025-02-28", 600, 350, 1000),
        ("2025-02-28", "2025-02-28", 800, 500, 1200),
        ("2025-01-31", "2025-03-31", 950, 600, 1300),
        ("2025-02-28", "2025-03-31", 1000, 700, 1400),
        ("2025-03-31", "2025-03-31", 1100, 700, 1600),
    ]
)


def test_each_earlier_interval_is_set_beside_the_last_median():
    assert MADE.table[["median", "last", "covers_last"]].values.tolist() == [[400, 950, False], [600, 950, True], [800, 1000, True]]
    assert str(MADE) == "2 of 3 earlier intervals hold the median of the last vintage."


def test_a_vintage_is_the_fit_of_what_was_known(run, model, ledger):
    found, _ = run
    early = fc.fit(model, ledger.known_by(DATES[0]), **QUICK)
    expected = fc.summary(early, at=DATES[0])
    own = found.estimates[found.estimates["origin"] == DATES[0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[expected.columns], expected, check_dtype=False)
    assert found.fits["n_claims"].tolist() == [3, 5]
    assert found.estimates.groupby("origin")["date"].unique().map(len).tolist() == [1, 2]


def test_a_stored_run_goes_on_with_a_later_date_and_refuses_another_seed(run, model, ledger):
    found, folder = run
    done = []
    more = fc.revisions(ledger, [*DATES, "2024-03-05"], model, folder=folder, callback=done.append, **QUICK)
    assert done == ["2024-03-05"]
    pd.testing.assert_frame_equal(more.estimates[more.estimates["origin"] <= DATES[1]], found.estimates)
    between = fc.revisions(ledger, [DATES[0], "2024-02-20", DATES[1]], model, folder=folder, callback=done.append, **QUICK)
    assert done == ["2024-03-05", "2024-02-20", "2024-02-22"]  # the later vintage lacked the day in between
    assert len(between.fits) == 3
    with pytest.raises(ForcestError, match="random_seed differ"):
        fc.revisions(ledger, DATES, model, folder=folder, quick=True, random_seed=4)


def test_ledgers_by_date_and_a_function_give_the_same(run, model, ledger):
    by_date = {day: ledger.known_by(day) for day in DATES}
    again = fc.revisions(by_date, model=lambda known: model, **QUICK)
    pd.testing.assert_frame_equal(again.estimates, run[0].estimates)


def test_saved_revisions_are_read_back_number_for_number(run, tmp_path):
    run[0].save(tmp_path / "revisions.json")
    again = fc.Revisions.load(tmp_path / "revisions.json")
    pd.testing.assert_frame_equal(again.table, run[0].table)
    with pytest.raises(ForcestError, match="must hold a comparison"):
        fc.Comparison.load(tmp_path / "revisions.json")


def test_month_ends_begin_with_a_month_of_claims(ledger):
    assert month_ends(ledger) == ["2024-02-29"]  # published from 20 January to 2 March
    with pytest.raises(ForcestError, match="must span two months or more"):
        month_ends(ledger.known_by("2024-02-10"))


@pytest.mark.parametrize(
    ("dates", "message"),
    [([], "give at least one date"), (["tomorrow"], "date must be a date such as"), (["2024-02-11", "soon"], 'got "?.soon')],
)
def test_wrong_dates_are_refused_before_any_fit(ledger, dates, message):
    with pytest.raises(ForcestError, match=message):
        fc.revisions(ledger, dates)
    with pytest.raises(ForcestError, match="it has none for 2024-02-12"):
        fc.revisions({"2024-02-11": ledger}, ["2024-02-12"])


def test_the_figure_has_an_interval_per_vintage_and_marks_what_was_missed():
    ax = fc.plots.revisions(MADE, "killed")
    intervals = [segment[:, 1].tolist() for bars in ax.containers for segment in bars[2][0].get_segments()]
    assert intervals == [[200, 900], [350, 1000], [500, 1200], [600, 1300], [700, 1400], [700, 1600]]
    crosses = [line.get_ydata().tolist() for line in ax.get_lines() if line.get_marker() == "x"]
    assert crosses == [[400], [], []]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["31 January\n2025", "28 February\n2025", "31 March\n2025"]
    assert np.allclose(ax.get_xticks(), [0, 1, 2])
    plt.close("all")
    with pytest.raises(ForcestError, match="`measure` must be one of killed; got 'sick'"):
        fc.plots.revisions(MADE, "sick")
    with pytest.raises(ForcestError, match="`force` must be one of The force; got 'other'"):
        fc.plots.revisions(MADE, "killed", force="other")
