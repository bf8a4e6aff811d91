"""The Economist's three tables as ledgers: rows made by hand, and the files themselves where they are."""

import pandas as pd
import pytest

from forcest.datasets import read_economist_estimates, read_meduza_weekly, read_uk_mod_monthly
from forcest.errors import ForcestError

PARTY = "ignore for chart, data from warring parties"
ESTIMATES = ["date", "estimate_low", "estimate_high", "estimate", "type", "source", "source_url", "country", PARTY]
ESTIMATE_ROWS = [
    ("16/01/2024", "", "", "390580", "casualties", "Armed Forces of Ukraine", "https://a.example/2024/02/06/x/", "russia", "yes"),
    ("19/12/2023", "", "", "383000", "casualties", "Russian Ministry of Defense", "https://a.example/1", "ukraine", "yes"),
    ("01/03/2023", "40000", "60000", "", "deaths", "UK Ministry of Defence (via NYT)", "https://a.example/2", "russia", ""),
    ("01/04/2023", "", "", "21000", "deaths", "UAlosses", "https://a.example/3", "ukraine", ""),
    ("01/05/2023", "35000", "", "", "deaths", "US officials", "https://a.example/personnel-killed-or-wounded", "russia", ""),
    ("01/06/2023", "", "", "200000", "casualties", "X", "https://a.example/personnel-killed-or-wounded", "russia", ""),
]
UK = [
    "month",
    "year",
    "casualties (average daily losses)",
    "days in month",
    "casualties in month",
    "date (at beginning of next month)",
    "source",
    "source_url",
]
UK_ROW = ("march", "2022", "386", "31", "11966", "01/04/2022", "UK MoD", "https://x.com/DefenceHQ/status/1876584633103507960")
MEDUZA = ["Year", "Week", "ED", "EDPrediction", "EDAssembled", "EDAssembledHigh", "EDAssembledLow"]
MEDUZA_ROWS = [
    ("2022", "8", "430.8", "", "456.2", "576.2", "336.2"),
    ("2022", "9", "650.6", "", "691.0", "559.8", "822.3"),
    ("2025", "1", "", "900", "900", "1000", "800"),
]


def estimates(rows=ESTIMATE_ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=ESTIMATES)


def test_estimates_state_ranges_bounds_and_numbers():
    claims = read_economist_estimates(estimates()).to_dataframe()
    assert claims["qualifier"].tolist() == ["about", "about", "range", "at_least", "at_least", "about"]
    assert claims["measure"].tolist() == ["casualties", "casualties", "killed", "killed", "killed", "casualties"]
    assert claims[["low", "high"]].iloc[2].tolist() == [40_000, 60_000]
    assert claims["as_of"].iloc[0] == pd.Timestamp("2024-01-16")
    assert claims["published"].iloc[0] == pd.Timestamp("2024-02-06"), "the address carries the day"


def test_stances_come_from_sides_registers_and_lists_of_names():
    claims = read_economist_estimates(estimates()).to_dataframe()
    assert claims["stance"].tolist() == ["enemy", "enemy", "third_party", "name_list", "third_party", "third_party"]
    chosen = read_economist_estimates(estimates(), stances={"X": "record"}).to_dataframe()
    assert chosen["stance"].iloc[5] == "record"


def test_a_source_has_one_spelling_and_its_relay_is_separate():
    claims = read_economist_estimates(estimates()).to_dataframe()
    assert claims[["source", "via"]].iloc[2].tolist() == ["UK MoD", "NYT"]


def test_a_definition_is_set_if_the_url_states_it_and_only_for_casualties():
    claims = read_economist_estimates(estimates()).to_dataframe()
    assert claims["definition"].tolist() == [""] * 5 + ["killed+wounded"]


def test_a_warring_party_without_a_side_is_refused():
    unknown = estimates([(*ESTIMATE_ROWS[0][:5], "Somebody", *ESTIMATE_ROWS[0][6:])])
    with pytest.raises(ForcestError, match=r'"Somebody" \(row 1\) is unknown\. Pass stances='):
        read_economist_estimates(unknown)


def test_an_estimate_dated_after_its_page_is_kept_and_not_fitted():
    late = estimates([("16/03/2024", *ESTIMATE_ROWS[0][1:]), ESTIMATE_ROWS[1]])
    ledger = read_economist_estimates(late)
    assert ledger.to_dataframe()["exclude"].tolist() == ["dated after the publication of its page (2024-02-06)", ""]


def test_a_month_of_the_ministry_is_a_flow_of_its_days():
    claim = read_uk_mod_monthly(pd.DataFrame([UK_ROW], columns=UK)).to_dataframe().iloc[0]
    assert (claim["value"], claim["scope"], claim["measure"], claim["stance"]) == (11_966, "flow", "casualties", "third_party")
    assert [claim["window_start"], claim["window_end"]] == [pd.Timestamp("2022-03-01"), pd.Timestamp("2022-03-31")]
    assert claim["published"] == pd.Timestamp("2025-01-07"), "the number of a post on X holds its time"


def test_a_month_that_is_not_its_average_times_its_days_is_refused():
    wrong = (*UK_ROW[:4], "11967", *UK_ROW[5:])
    with pytest.raises(ForcestError, match="row 1 is not"):
        read_uk_mod_monthly(pd.DataFrame([wrong], columns=UK))


def test_a_week_from_records_is_a_range_and_a_predicted_one_is_not_fitted():
    claims = read_meduza_weekly(pd.DataFrame(MEDUZA_ROWS, columns=MEDUZA)).to_dataframe()
    assert claims["stance"].unique().tolist() == ["record"]
    assert claims[["low", "value", "high"]].iloc[:2].to_numpy().tolist() == [[336, 456, 576], [560, 691, 822]]
    assert claims["window_start"].iloc[0] == pd.Timestamp("2022-02-24"), "the first week begins with the invasion"
    assert claims["window_end"].iloc[1] == pd.Timestamp("2022-03-06")
    assert claims["exclude"].tolist() == ["", "", "predicted by the authors' model, not from records"]


def test_the_files_sum_to_the_published_figures(public):
    weeks = read_meduza_weekly(public("meduza_weekly"), quiet=True).usable()
    first_year = weeks[weeks["as_of"] <= "2023-02-26"]
    sums = first_year[["low", "value", "high"]].sum().tolist()
    assert sums == pytest.approx([24_236, 29_729, 35_222], abs=len(first_year)), "to rounding of each week"
    assert len(read_economist_estimates(public("economist_estimates"), quiet=True).usable()) == 122
    months = read_uk_mod_monthly(public("uk_mod_monthly"), quiet=True).usable()
    assert months["as_of"].dt.to_period("M").is_unique
    assert len(months) == 47


@pytest.mark.parametrize(("year", "week"), [("2022", "60"), ("NA", "9"), ("22", "9"), ("2022", "nine")])
def test_a_week_that_no_year_has_is_refused_with_its_row(year, week):
    weeks = pd.DataFrame([{"Year": year, "Week": week, "ED": 1, "EDPrediction": "", "EDAssembled": 2}])
    with pytest.raises(ForcestError, match=r"Week must be an ISO week of its Year, 1900 to 2199; got .* \(row 1\)"):
        read_meduza_weekly(weeks.assign(EDAssembledHigh=3, EDAssembledLow=1))
