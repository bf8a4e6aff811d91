"""The same people must not be counted twice: the key of every public table is checked before anything is summed."""

import pandas as pd
import pytest

from forcest.datasets import read_acled, read_economist_estimates, read_meduza_weekly, read_ucdp_ged, read_uk_mod_monthly
from forcest.errors import ForcestError
from forcest.ledger import read_ledger

CLASH = {
    "event_id_cnty": "YYY1", "event_date": "05 March 2024", "event_type": "Battles", "actor1": "Forces of A",
    "actor2": "Militia B", "fatalities": 8, "source": "Radio", "notes": "A clash.", "time_precision": 1, "timestamp": 1710200000,
}  # fmt: skip
BATTLE = {
    "id": 501, "side_a": "Government of A", "side_b": "B", "date_start": "2024-05-02", "date_end": "2024-05-02",
    "deaths_a": 10, "deaths_b": 0, "deaths_civilians": 0, "deaths_unknown": 0, "best": 10, "low": 10, "high": 10,
    "code_status": "Check deaths",
}  # fmt: skip


def refusal(read, rows, **options) -> str:
    with pytest.raises(ForcestError) as raised:
        read(pd.DataFrame(rows), quiet=True, **options)
    return str(raised.value)


@pytest.mark.parametrize("every", ["event", "month"])
def test_an_acled_event_by_source_is_refused_whatever_is_read(every):
    rows = [CLASH, CLASH | {"source": "Wire"}, CLASH | {"event_id_cnty": "YYY2", "fatalities": 4}]
    message = refusal(read_acled, rows, every=every)
    assert 'event_id_cnty must name each event once, or its people count twice; got "YYY1" in rows 1 and 2 (keep row 1)' in message
    once = [rows[0], rows[2]]
    assert read_acled(pd.DataFrame(once), every=every).usable()["value"].sum() == 12


def test_of_two_versions_of_an_acled_event_the_later_one_is_kept():
    newer = CLASH | {"fatalities": 9, "timestamp": 1710900000}
    assert "rows 1 and 2 (keep row 1)" in refusal(read_acled, [newer, CLASH])
    undated = [{**row, "timestamp": ""} for row in (newer, CLASH)]
    assert "(keep row" not in refusal(read_acled, undated), "without a timestamp, nothing tells which is the later one"


def test_an_acled_event_by_actor_is_one_event():
    turned = CLASH | {"actor1": "Militia B", "actor2": "Forces of A"}
    assert "rows 1 and 2 (keep row 1)" in refusal(read_acled, [CLASH, turned])


@pytest.mark.parametrize("every", ["event", "month"])
def test_a_ged_event_of_two_releases_is_refused_and_the_checked_one_kept(every):
    yearly = BATTLE | {"deaths_a": 14, "best": 14, "low": 14, "high": 14, "code_status": "Clear"}
    other = BATTLE | {"id": 502, "deaths_a": 6, "best": 6, "low": 6, "high": 6}
    message = refusal(read_ucdp_ged, [BATTLE, other, yearly], every=every)
    assert 'id must name each event once, or its people count twice; got "501" in rows 1 and 3 (keep row 3)' in message
    assert "the one of the later release" in message
    assert read_ucdp_ged(pd.DataFrame([other, yearly]), every=every).usable()["value"].sum() == 20


def test_an_id_that_became_a_float_is_the_same_id():
    assert 'got "501" in rows 1 and 2' in refusal(read_ucdp_ged, [BATTLE, BATTLE | {"id": "501.0"}])


def test_every_key_is_named_and_a_long_list_is_cut():
    rows = [CLASH | {"event_id_cnty": f"Z{i}"} for i in range(7)]
    message = refusal(read_acled, rows + rows)
    assert [f'"Z{i}" in rows {i + 1} and {i + 8}' in message for i in range(7)] == [True] * 5 + [False] * 2
    assert "; and 2 more. Keep one row" in message


def test_weeks_months_and_estimates_occur_once():
    week = {"Year": 2022, "Week": 9, "ED": 650.6, "EDPrediction": "", "EDAssembled": 691.0}
    week |= {"EDAssembledHigh": 822.3, "EDAssembledLow": 559.8}
    message = refusal(read_meduza_weekly, [week, week | {"EDAssembled": 700.0}])
    assert 'Year and Week must name each week once, or its people count twice; got "2022, 9" in rows 1 and 2. Keep' in message
    month = {"month": "march", "year": 2022, "casualties (average daily losses)": 386, "days in month": 31}
    month |= {"casualties in month": 11966, "date (at beginning of next month)": "01/04/2022", "source": "UK MoD", "source_url": ""}
    assert 'got "01/04/2022" in rows 1 and 2 (keep row 1)' in refusal(read_uk_mod_monthly, [month, month])
    estimate = {"date": "01/03/2023", "estimate_low": 40000, "estimate_high": 60000, "estimate": "", "type": "deaths"}
    estimate |= {"source": "CSIS", "source_url": "https://example.org", "country": "russia"}
    assert "in rows 1 and 2 (keep row 1)" in refusal(read_economist_estimates, [estimate, estimate])


def test_the_remedy_of_a_repeated_row_does_not_count_it_twice(tmp_path):
    claim = {"id": "a1", "published": "2025-02-01", "as_of": "2025-01-31", "force": "The force", "source": "A ministry"}
    claim |= {"measure": "killed", "scope": "cumulative", "value": 300, "qualifier": "more_than", "stance": "enemy"}
    again = read_ledger(pd.DataFrame([claim, claim])).problems()["remedy"].tolist()
    assert again == ["Delete the row: it repeats row 2, and would count twice under an id of its own"]
    other = read_ledger(pd.DataFrame([claim, claim | {"value": 400}])).problems()["remedy"].tolist()
    assert other == ["Row 2 already has this id: delete one of the two if they are one claim, else give this one an id of its own"]
