"""Event data, UCDP GED and ACLED, as ledgers.

All rows are invented after the documentation of the columns: no file of either project was available.
"""

import pandas as pd
import pytest

from forcest.datasets import read_acled, read_ucdp_ged
from forcest.datasets.adapting import LeftOutWarning
from forcest.errors import ForcestError, NotATableError

GED = "id side_a side_b date_start date_end deaths_a deaths_b deaths_civilians deaths_unknown best low high".split()
A, B = "Government of A", "B"
GED_ROWS = [
    ("101", A, B, "2020-10-01 00:00:00.000", "2020-10-01 00:00:00.000", "3", "5", "0", "0", "8", "8", "12"),
    ("102", A, B, "2020-10-05 00:00:00.000", "2020-10-07 00:00:00.000", "0", "7", "0", "0", "7", "4", "20"),
    ("103", A, "Civilians", "2020-10-08 00:00:00.000", "2020-10-08 00:00:00.000", "0", "0", "2", "0", "2", "2", "2"),
    ("104", A, B, "2020-10-30 00:00:00.000", "2020-11-02 00:00:00.000", "2", "0", "0", "1", "3", "3", "3"),
    ("105", A, B, "2020-11-09 00:00:00.000", "2020-11-09 00:00:00.000", "0", "0", "0", "4", "4", "4", "4"),
]
ACLED = "event_id_cnty event_date event_type actor1 actor2 fatalities source notes time_precision civilian_targeting".split()
ACLED_ROWS = [
    ("AAA1", "01 October 2020", "Battles", "Military of A", "Military of B", "8", "Paper", "A clash.", "1", ""),
    ("AAA2", "03 October 2020", "Battles", "Military of B", "Military of A", "10", "Paper", "Tens.", "2", ""),
    ("AAA3", "05 October 2020", "Violence against civilians", "Military of A", "Civilians (B)", "2", "Paper", "", "1", "Yes"),
    ("AAA4", "06 October 2020", "Battles", "Military of A", "Military of B", "0", "Paper", "", "1", ""),
    ("AAA5", "09 October 2020", "Battles", "Military of A", "", "4", "Paper", "", "1", ""),
    ("AAA6", "10 October 2020", "Protests", "Militia", "Military of A", "1", "Paper", "", "1", ""),
    ("AAA7", "12 October 2020", "Explosions/Remote violence", "Military of A", "Military of B", "5", "Paper", "", "1", ""),
]


def ged(rows=GED_ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=GED)


def acled(rows=ACLED_ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=ACLED)


def test_an_event_is_a_partial_count_of_each_side_with_deaths():
    claims = read_ucdp_ged(ged(), quiet=True).to_dataframe().set_index("id")
    assert claims["value"].to_dict() == {"ucdp-101-a": 3, "ucdp-101-b": 5, "ucdp-102-b": 7, "ucdp-104-a": 2}
    assert claims["force"].to_dict() == {"ucdp-101-a": A, "ucdp-101-b": B, "ucdp-102-b": B, "ucdp-104-a": A}
    assert (claims[["measure", "scope", "stance", "coverage"]] == ["killed", "flow", "third_party", "partial"]).all(axis=None)
    assert claims.loc["ucdp-102-b", ["window_start", "window_end"]].tolist() == [
        pd.Timestamp("2020-10-05"),
        pd.Timestamp("2020-10-07"),
    ]


def test_the_bounds_of_an_event_apply_to_a_side_only_if_it_has_all_deaths():
    claims = read_ucdp_ged(ged(), quiet=True).to_dataframe().set_index("id")
    assert claims.loc["ucdp-102-b", ["qualifier", "low", "high"]].tolist() == ["range", 4, 20]
    assert claims.loc["ucdp-101-a", "qualifier"] == "about"
    assert claims.loc["ucdp-101-a", ["low", "high"]].isna().all()
    assert "best 8, 8-12" in claims.loc["ucdp-101-a", "note"]
    assert "of unknown status 1" in claims.loc["ucdp-104-a", "note"]


def test_sides_are_chosen_and_named():
    claims = read_ucdp_ged(ged(), forces={A: "Forces of A"}, quiet=True).to_dataframe()
    assert claims["force"].unique().tolist() == ["Forces of A"]


def test_events_of_a_month_are_summed_and_those_across_two_months_stay_partial():
    claims = read_ucdp_ged(ged(), every="month", quiet=True).to_dataframe()
    october = claims[(claims["force"] == B) & (claims["coverage"] != "partial")].iloc[0]
    assert (october["value"], october["low"], october["high"], october["qualifier"]) == (12, 9, 25, "range")
    assert [october["window_start"], october["window_end"]] == [pd.Timestamp("2020-10-01"), pd.Timestamp("2020-10-31")]
    over_two = claims[claims["coverage"] == "partial"]
    assert over_two["id"].tolist() == ["ucdp-104-a"]


def test_a_release_in_the_next_year_is_assumed_unless_a_date_is_given():
    assert read_ucdp_ged(ged(), quiet=True).to_dataframe()["published"].unique().tolist() == [pd.Timestamp("2021-06-30")]
    given = read_ucdp_ged(ged(), published="2020-10-06", quiet=True).to_dataframe()["published"]
    assert given.min() == pd.Timestamp("2020-10-06")
    assert given.max() == pd.Timestamp("2020-11-02"), "no event is known before it ends"


def test_ged_counts_rows_left_out_and_names_missing_columns():
    with pytest.warns(
        LeftOutWarning,
        match="events with civilian deaths only: 1; events with deaths of unknown status, or of sides not selected: 1",
    ):
        read_ucdp_ged(ged())
    with pytest.raises(NotATableError, match="missing: deaths_a"):
        read_ucdp_ged(ged().drop(columns="deaths_a"))
    with pytest.raises(ForcestError, match='every must be "event" or "month"'):
        read_ucdp_ged(ged(), every="week")


def test_acled_counts_both_sides_together():
    claims = read_acled(acled(), quiet=True).to_dataframe().set_index("id")
    assert claims["value"].to_dict() == {"acled-AAA1": 8, "acled-AAA2": 10, "acled-AAA7": 5}
    assert claims["force"].unique().tolist() == ["Military of A + Military of B"], "whichever is named first"
    assert (claims[["measure", "scope", "coverage", "via"]] == ["killed", "flow", "partial", "Paper"]).all(axis=None)


def test_an_imprecise_day_is_a_window():
    claims = read_acled(acled(), quiet=True).to_dataframe().set_index("id")
    assert claims.loc["acled-AAA2", ["window_start", "window_end"]].tolist() == [
        pd.Timestamp("2020-09-30"),
        pd.Timestamp("2020-10-06"),
    ]
    assert claims.loc["acled-AAA1", "window_start"] == claims.loc["acled-AAA1", "window_end"] == pd.Timestamp("2020-10-01")


def test_acled_events_that_may_belong_to_two_months_are_not_summed():
    claims = read_acled(acled(), every="month", quiet=True).to_dataframe()
    assert claims.loc[claims["coverage"] != "partial", "value"].tolist() == [13]
    assert claims.loc[claims["coverage"] == "partial", "id"].tolist() == ["acled-AAA2"]


def test_acled_gives_the_reason_why_events_are_left_out():
    with pytest.warns(LeftOutWarning) as warned:
        read_acled(acled())
    for reason in (
        "that involve civilians",
        "without a second actor",
        "of other types",
        "without reported fatalities",
    ):
        assert f"events {reason}: 1" in str(warned[0].message)


@pytest.mark.parametrize("day", ["0025-09-20", "20 September 0025", "2608-01-14", "14-January-2608", "31 June 2025"])
def test_a_date_no_calendar_of_ours_has_is_refused_with_its_row_in_any_spelling(day):
    rows = [ACLED_ROWS[0], ("AAA2", day, *ACLED_ROWS[1][2:])]
    with pytest.raises(ForcestError, match=f'event_date must be a date, 1900 to 2199; got "{day}" \\(row 2\\)'):
        read_acled(acled(rows))
    event = dict(zip(GED, GED_ROWS[0], strict=True))
    with pytest.raises(ForcestError, match=f'date_end must be a date, 1900 to 2199; got "{day}" \\(row 1\\)'):
        read_ucdp_ged(pd.DataFrame([event | {"date_end": day}]))


def test_an_export_that_went_through_r_has_na_for_empty(tmp_path):
    fields = dict(zip(ACLED, ACLED_ROWS[0], strict=True)) | {"civilian_targeting": "NA", "event_date": "2020-10-01"}
    shelling = fields | {"event_id_cnty": "AAA2", "event_type": "Explosions/Remote violence", "actor2": "NA"}
    unknown = fields | {"event_id_cnty": "AAA3", "fatalities": "NA"}
    pd.DataFrame([fields, shelling, unknown]).to_csv(tmp_path / "from_r.csv")
    with pytest.warns(LeftOutWarning, match="events without a second actor: 1; events without reported fatalities: 1"):
        claims = read_acled(tmp_path / "from_r.csv").usable()
    assert claims[["id", "force", "value"]].to_numpy().tolist() == [["acled-AAA1", "Military of A + Military of B", 8]]


def test_codes_that_became_floats_are_codes():
    claims = read_acled(acled().assign(time_precision=[1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 3.0]).astype("str"), quiet=True).to_dataframe()
    widths = (claims["window_end"] - claims["window_start"]).dt.days
    assert dict(zip(claims["id"], widths, strict=True)) == {"acled-AAA1": 0, "acled-AAA2": 6, "acled-AAA7": 30}


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("time_precision", "", 'time_precision must be one of 1, 2, 3; got "" \\(row 2\\)'),
        ("time_precision", "NA", 'time_precision must be one of 1, 2, 3; got "" \\(row 2\\)'),
        ("time_precision", "4", 'time_precision must be one of 1, 2, 3; got "4" \\(row 2\\)'),
        ("event_type", "battles", 'event_type must be one of Battles, .*; got "battles" \\(row 2\\)'),
        ("civilian_targeting", "maybe", 'civilian_targeting must be one of \\(empty\\), No, .*; got "maybe" \\(row 2\\)'),
        ("fatalities", "-3", 'fatalities must be a number, 0 or more; got "-3" \\(row 2\\)'),
    ],
)
def test_an_unknown_code_is_never_read_as_an_exact_day_or_an_armed_clash(column, cell, message):
    events = acled()
    events.loc[1, column] = cell
    with pytest.raises(ForcestError, match=message):
        read_acled(events)


def test_an_acled_export_without_time_precision_is_refused():
    with pytest.raises(NotATableError, match="missing: time_precision"):
        read_acled(acled().drop(columns="time_precision"))


def test_logical_values_of_r_say_whether_civilians_were_the_target():
    events = acled().assign(civilian_targeting=["FALSE", "TRUE", "TRUE", "FALSE", "FALSE", "FALSE", "FALSE"])
    assert read_acled(events, quiet=True).to_dataframe()["id"].tolist() == ["acled-AAA1", "acled-AAA7"]


def test_an_empty_count_of_deaths_is_not_a_count_of_none():
    uncounted = ("103", A, B, *GED_ROWS[0][3:5], "2", "NA", "0", "0", "2", "2", "2")
    with pytest.raises(ForcestError, match='deaths_b must be a number, 0 or more; got "" \\(row 3\\)'):
        read_ucdp_ged(ged([*GED_ROWS[:2], uncounted]))


@pytest.mark.parametrize("mark", [";", "\t"])
def test_an_export_with_semicolons_is_read(tmp_path, mark):
    acled().to_csv(tmp_path / "acled.csv", sep=mark, index=False)
    assert read_acled(tmp_path / "acled.csv", quiet=True) == read_acled(acled(), quiet=True)


def test_a_comma_in_a_number_of_an_export_with_semicolons_is_refused(tmp_path):
    acled().assign(fatalities=["1,500", *["3"] * 6]).to_csv(tmp_path / "acled.csv", sep=";", index=False)
    with pytest.raises(ForcestError, match='fatalities must have decimal points and no commas; got "1,500" \\(row 1\\)'):
        read_acled(tmp_path / "acled.csv")
