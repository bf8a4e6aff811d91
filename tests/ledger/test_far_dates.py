"""Dates far from the others of a ledger: a mistyped century is named with the date that is probably meant."""

import pandas as pd
import pytest

import forcest as fc

CLAIM = {"force": "F", "measure": "deployed", "scope": "stock", "qualifier": "about", "source": "S", "stance": "enemy"}


def warned(*claims):
    rows = [CLAIM | {"id": f"a{i}", "value": 100 + i} | claim for i, claim in enumerate(claims)]
    found = fc.read_ledger(pd.DataFrame(rows).fillna("")).problems()
    found = found[found["rule"] == "must lie near the other dates"]
    return found[["row", "column", "value"]].to_numpy().tolist(), found["remedy"].tolist()


def dated(*days):
    return [{"as_of": day, "published": max(day, "2024-12-01")} for day in days]


@pytest.mark.parametrize(
    ("typed", "meant"), [("1924-11-04", "2024-11-04"), ("2014-11-04", "2024-11-04"), ("2004-11-04", "2024-11-04")]
)
def test_a_mistyped_year_is_named_with_what_is_meant(typed, meant):
    places, (remedy,) = warned(*dated("2024-10-20", "2024-10-30", "2024-11-20", typed))
    assert places == [[5, "as_of", typed]]
    assert f"Is {meant} meant? The other dates lie between 2024-10-20 and 2024-11-20" in remedy


def test_a_date_of_publication_in_another_century_is_named():
    places, _ = warned(*dated("2024-10-20", "2024-10-30"), {"as_of": "2024-11-04", "published": "2124-11-05"})
    assert places == [[4, "published", "2124-11-05"]]


def test_a_count_published_ten_years_later_and_a_war_of_four_years_are_not_warned_of():
    assert warned(*dated("2014-08-01", "2018-07-01"), {"as_of": "2014-09-01", "published": "2028-09-01"}) == ([], [])


def test_of_two_dates_far_apart_the_earlier_one_is_named():
    places, _ = warned(*dated("1924-11-04", "2024-11-04"))
    assert places == [[2, "as_of", "1924-11-04"]]
