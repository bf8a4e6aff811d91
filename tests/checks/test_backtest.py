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
    rows = result.revisions
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
            "forecaster": ["forcest", "forcest", "rival", "rival"],
            "briefing": ["x", "y", "x", "y"],
            "log_score": [-1.0, -2.0, -1.5, np.nan],
            **{name: 1.0 for name in ("crps", "wis", "width_90", "pit", "in50", "in80", "in90", "in95")},
        }
    )
    table = compare(scores).set_index("forecaster")
    assert table.loc["rival", "log_score_gain"] == 0.5
    assert table["n_claims"].tolist() == [1, 1]


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
