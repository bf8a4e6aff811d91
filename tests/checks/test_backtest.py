"""Backtests: the future is not seen, runs resume, and scores are compared claim by claim."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.backtest import clustered, compare
from forcest.checks.tables import as_table, as_text
from forcest.errors import ForcestError

ORIGINS = ("2024-02-11", "2024-02-22")
QUICK = {"quick": True, "random_seed": 3}


@pytest.fixture(scope="module")
def found(model, ledger, tmp_path_factory):
    seen = []

    def build(known):
        seen.append(known.to_dataframe()["published"].max())
        return model

    folder = tmp_path_factory.mktemp("backtest") / "run"
    result = fc.backtest(build, ledger, ORIGINS, [15, 30], folder=folder, **QUICK)
    return result, seen, folder, build


def test_the_model_is_built_from_what_was_known(found):
    _, seen, _, _ = found
    assert [day <= pd.Timestamp(origin) for day, origin in zip(seen, ORIGINS, strict=True)] == [True, True]


def test_later_claims_are_scored_once_per_origin_and_forecaster(found):
    result, *_ = found
    own = result.scores[result.scores["forecaster"] == "forcest"]
    assert own.groupby("origin")["id"].apply(list).tolist() == [["a4", "a5", "a6", "a7", "a8", "a9"], ["a6", "a7", "a8", "a9"]]
    assert own.set_index(["origin", "id"]).loc[(pd.Timestamp("2024-02-11"), "a4"), "horizon"] == 15
    assert own.set_index(["origin", "id"]).loc[(pd.Timestamp("2024-02-11"), "a8"), "horizon"] == 30


def test_a_stored_run_is_read_back_number_for_number(found, ledger):
    result, _, folder, build = found

    def never(_known):
        raise AssertionError("stored origins must not be fitted again")

    never.__qualname__ = build.__qualname__
    again = fc.backtest(never, ledger, ORIGINS, [15, 30], folder=folder, **QUICK)
    pd.testing.assert_frame_equal(again.scores, result.scores)
    with pytest.raises(ForcestError, match="horizons differ"):
        fc.backtest(never, ledger, ORIGINS, [15], folder=folder, **QUICK)


def test_revisions_compare_vintages_of_one_date(found):
    result, *_ = found
    rows = result.revisions.table
    assert set(rows["origin"]) == {pd.Timestamp("2024-02-11")}
    row = rows[(rows["measure"] == "killed")].iloc[0]
    assert row["covers_last"] == (row["low"] <= row["last"] <= row["high"])
    vintages = result.estimates.set_index(["origin", "date", "measure"])["median"]
    assert row["last"] == vintages[pd.Timestamp("2024-02-22"), row["date"], "killed"]


def test_forecasters_are_compared_on_claims_that_all_predict():
    scores = pd.DataFrame(
        {
            "origin": 1,
            "id": ["a", "b", "a", "b"],
            "forecaster": ["forcest", "forcest", "baseline", "baseline"],
            "briefing": ["x", "y", "x", "y"],
            "log_score": [-1.0, -2.0, -1.5, np.nan],
            **{name: 1.0 for name in ("crps", "wis", "width_90", "pit", "in50", "in80", "in90", "in95")},
        }
    )
    table = compare(scores).set_index("forecaster")
    assert table.loc["baseline", "log_score_gain"] == 0.5
    assert table["n_claims"].tolist() == [1, 1]


def scored(rows):
    """Scores of forcest and a baseline, rows of (origin, claim, briefing, log score of forcest, log score of the baseline)."""
    others = {name: 1.0 for name in ("crps", "wis", "width_90", "pit", "in50", "in80", "in90", "in95")}
    both = [
        {"origin": origin, "id": id_, "briefing": briefing, "forecaster": name, "log_score": score, **others}
        for origin, id_, briefing, *scores in rows
        for name, score in zip(("forcest", "baseline"), scores, strict=True)
    ]
    return pd.DataFrame(both)


def test_a_claim_counts_once_however_many_origins_predict_it():
    """Three origins predict a, which gains 3 on average; b gains -1, c gains 1. The wrong twin, all rows alike, gains 9 / 5."""
    rows = [(1, "a", "x", -1, -3), (2, "a", "x", -1, -4), (3, "a", "x", -1, -5), (3, "b", "y", -2, -1), (3, "c", "z", -1, -2)]
    row = compare(scored(rows)).set_index("forecaster").loc["baseline"]
    assert row["log_score_gain"] == pytest.approx((3 - 1 + 1) / 3)
    assert row["log_score_gain_se"] == pytest.approx(np.std([3, -1, 1], ddof=1) / np.sqrt(3))  # a briefing each
    assert row["log_score"] == pytest.approx((-4 - 1 - 2) / 3)
    assert row[["n_claims", "n_rows", "n_briefings"]].tolist() == [3, 5, 3]


def test_claims_and_rows_are_printed_in_all_and_by_measure(found):
    result, *_ = found
    wide = result.scores.pivot_table(index=["origin", "id"], columns="forecaster", values="log_score")
    shared = wide.dropna(axis=1, how="all").dropna().reset_index()
    table = result.table.set_index("forecaster")
    assert (table["n_rows"] == len(shared)).all()
    assert (table["n_claims"] == shared["id"].nunique()).all()
    header, by_measure = str(result).split("\n\n")[:2]
    assert {"n_claims", "n_rows"} <= set(header.split())
    assert by_measure.split()[:3] == ["measure", "n_claims", "n_rows"]


def test_each_measure_stands_beside_its_best_baseline():
    """Killed: the best baseline is 2 better; wounded: nobody but forcest predicts it."""
    killed = scored([(1, "a", "x", -3, -1), (1, "b", "y", -3, -1)]).assign(measure="killed")
    worse = killed[killed["forecaster"] == "baseline"].assign(forecaster="worse baseline", log_score=-9.0)
    wounded = scored([(1, "c", "x", -1, np.nan)]).assign(measure="wounded")
    empty = pd.DataFrame()
    found = fc.Backtest(pd.concat([killed, worse, wounded], ignore_index=True), empty, empty, empty).by_measure
    assert found["measure"].tolist() == ["killed"]
    assert found.loc[0, ["best_baseline", "log_score_gain", "n_claims"]].tolist() == ["baseline", -2.0, 2]


def test_errors_of_one_briefing_count_once():
    """Four equal pairs: the standard error is that of four values, sd / sqrt(4), whatever is repeated within a briefing."""
    values, cluster = pd.Series([1.0, 1, 2, 2, 3, 3, 4, 4]), pd.Series(list("aabbccdd"))
    mean, error = clustered(values, cluster)
    assert mean == 2.5
    assert error == pytest.approx(np.std([1, 2, 3, 4], ddof=1) / 2)


def test_wrong_dates_are_refused(model, ledger):
    with pytest.raises(ForcestError, match="at least one origin"):
        fc.backtest(lambda known: model, ledger, [])


def test_a_stored_table_keeps_infinite_missing_and_long_numbers():
    day = pd.Timestamp("2025-01-31")
    table = pd.DataFrame({"origin": [day, pd.NaT], "log_score": [-np.inf, 1 / 3], "claim_high": [np.inf, np.nan], "id": ["a", "b"]})
    pd.testing.assert_frame_equal(as_table(as_text(table)), table, check_dtype=False)
    assert as_table(as_text(table))["log_score"].tolist() == [-np.inf, 1 / 3]
