"""Series that no author would mean are warned of, with the rows; sound ones are not."""

import pandas as pd
import pytest

from forcest.ledger import read_ledger

DEFAULTS = {"force": "F", "measure": "killed", "scope": "cumulative", "qualifier": "exact", "source": "Office", "stance": "own"}


def ledger(*claims, **common):
    """A ledger of claims as (date, value) or dicts; the ids are a1, a2, ... in rows 2, 3, ..."""
    rows = []
    for i, claim in enumerate(claims, start=1):
        cells = claim if isinstance(claim, dict) else {"as_of": claim[0], "value": claim[1]}
        rows.append(DEFAULTS | {"id": f"a{i}", "published": cells["as_of"]} | common | cells)
    return read_ledger(pd.DataFrame(rows).fillna(""))


def days(*values, start="2024-03-01", every="D"):
    dates = pd.date_range(start, periods=len(values), freq=every).strftime("%Y-%m-%d")
    return list(zip(dates, values, strict=True))


def warnings(*claims, **common):
    found = ledger(*claims, **common).problems()
    assert set(found["severity"]) <= {"warning"}, found.to_string()
    return found[["row", "column", "rule", "remedy"]].to_numpy().tolist()


# --- totals that fall -------------------------------------------------------------------------------------------------


def test_a_total_below_the_one_before_is_named_with_both_rows():
    assert warnings(*days(615, 620, 394, 399)) == [
        [
            4,
            "value",
            "must not be below the source's earlier total, row 3 (620 on 2024-03-02)",
            'If it corrects row 3 (620 on 2024-03-02), write "a2" in supersedes; '
            "if it counts something else, say so in definition, item or coverage",
        ]
    ]


@pytest.mark.parametrize(
    ("values", "row", "advice"),
    [
        ((4104, 4327, 4324, 4506), 4, "4237 in row 3 (two digits exchanged) or 4342 in row 4 (two digits exchanged) would fit"),
        ((450, 4600, 470, 480), 4, "460 in row 3 (a digit too many) would fit"),
        ((450, 460, 47, 480), 4, "470 in row 4 (a digit too few) would fit"),
        ((8100, 810, 820), 3, "810 in row 2 (a digit too many) would fit"),
    ],
)
def test_a_misprint_that_explains_a_fall_is_proposed(values, row, advice):
    (found,) = warnings(*days(*values))
    assert (found[0], found[1]) == (row, "value")
    assert found[3].startswith(f"{advice}: look it up. If it corrects")


def test_a_fall_that_is_marked_as_a_correction_is_none():
    first, second, third = days(615, 620, 394)
    lowered = {"as_of": third[0], "value": third[1], "supersedes": "a1+a2"}
    found = ledger(first, second, lowered)
    assert found.problems().empty
    assert found.usable()["value"].tolist() == [394]


def test_totals_that_fall_again_and_again_are_asked_whether_they_are_flows():
    (found,) = warnings(*days(40, 55, 30, 62, 25, 48))
    assert found[:3] == [
        4, "scope", "must not fall as a total; of 6 totals of the source, those in rows 4, 6 are below the one before",
    ]  # fmt: skip
    assert "Are these counts of single days, weeks or months? Then the scope is flow" in found[3]


@pytest.mark.parametrize(
    "claims",
    [
        days(300, 300, 310),
        [("2024-03-01", 300), {"as_of": "2024-03-02", "value": 250, "source": "Staff"}],
        [("2024-03-01", 300), {"as_of": "2024-03-02", "value": 250, "coverage": "partial"}],
        [("2024-03-01", 300), {"as_of": "2024-03-02", "value": 250, "origin": "a1"}],
        [("2024-03-01", 300), {"as_of": "2024-03-02", "value": 250, "exclude": "misprint"}],
        [{"as_of": "2024-03-01", "value": 300, "qualifier": "up_to"}, ("2024-03-02", 250)],
        [("2024-03-01", 300), {"as_of": "2024-03-02", "value": 250, "qualifier": "at_least"}],
        [{"as_of": "2024-03-01", "value": 3000, "qualifier": "about"}, ("2024-03-02", 2600)],
        [("2024-03-01", 300), {"as_of": "2024-03-01", "value": 250, "published": "2029-03-01"}],
    ],
    ids=["level", "another source", "a part", "a copy", "excluded", "upper bound", "lower bound", "rounded", "said years later"],
)
def test_a_total_that_need_not_have_fallen_is_not_warned_of(claims):
    assert warnings(*claims) == []


def test_an_approximate_total_falls_where_rounding_does_not_explain_it():
    claims = [{"as_of": "2024-03-01", "value": 3000, "qualifier": "about"}, ("2024-03-02", 2400)]
    assert [found[:2] for found in warnings(*claims)] == [[3, "value"]]


# --- ten times too many -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "row", "meant"), [((980, 10200, 1100, 1050), 3, 1020), ((9800, 990, 1010), 2, 980), ((980, 1020, 99), 4, 990)]
)
@pytest.mark.parametrize("cells", [{"measure": "at_front", "scope": "stock"}, {"scope": "flow"}])
def test_ten_times_what_the_source_said_before_and_after_is_asked_about(values, row, meant, cells):
    (found,) = warnings(*days(*values), **cells)
    assert found[:2] == [row, "value"]
    assert found[2].startswith("must be of the size of the source's numbers near it, row ")
    assert f"Is {meant} meant?" in found[3]


def test_a_last_total_ten_times_as_high_is_asked_about_and_steady_growth_is_not():
    assert [found[0] for found in warnings(*days(450, 460, 4700))] == [4]
    assert warnings(*days(10, 60, 450, 2600, 20_000)) == []


def test_flows_of_a_week_and_of_a_quarter_are_not_compared():
    week = {"scope": "flow", "window_start": "2024-03-01", "window_end": "2024-03-07", "as_of": "2024-03-07"}
    later = week | {"window_start": "2024-03-08", "window_end": "2024-03-14", "as_of": "2024-03-14"}
    quarter = week | {"window_end": "2024-05-30", "as_of": "2024-05-30"}
    assert warnings(week | {"value": 100}, later | {"value": 110}, quarter | {"value": 1200}) == []


# --- flows without a window -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", ["7D", "2D", "MS", "ME"])
def test_flows_at_even_distances_need_a_window(every):
    (found,) = warnings(*days(40, 55, 30, 62, every=every), scope="flow")
    assert found[:3] == [
        2, "window_start", "must have a window if it counts more than a day; the source has 4 flows at even distances",
    ]  # fmt: skip
    assert "it is read as the count of one day" in found[3]


def test_the_window_proposed_follows_from_the_dates():
    (found,) = warnings(*days(40, 55, 30, start="2024-03-04", every="7D"), scope="flow")
    assert found[3].endswith("such as 2024-03-12 to 2024-03-18 in row 4")


def test_a_week_left_out_is_no_reason_to_miss_them_and_days_are_days():
    weekly = days(40, 55, 30, 62, 41, every="7D")
    assert len(warnings(*weekly[:2], *weekly[3:], scope="flow")) == 1
    assert warnings(*days(40, 55, 30, 62), scope="flow") == []
    assert warnings(("2024-03-01", 4), ("2024-03-08", 5), ("2024-04-20", 6), scope="flow") == []
    assert warnings(*days(40, 55, every="7D"), scope="flow") == [], "two are one distance, which is always even"


# --- one statement twice ----------------------------------------------------------------------------------------------


def test_one_statement_under_two_ids_is_named():
    again = {"as_of": "2024-03-01", "value": 300, "published": "2024-03-09", "via": "A paper"}
    assert warnings(("2024-03-01", 300), again) == [
        [3, "id", "must be stated once by a source", 'It repeats row 2 and counts twice: delete it, or write "a1" in origin']
    ]
    assert warnings(("2024-03-01", 300), again | {"source": "Staff"}) == []
    assert warnings(("2024-03-01", 300), again | {"origin": "a1"}) == []
    two_events = {"coverage": "partial", "scope": "flow"}
    assert warnings(("2024-03-01", 3), ("2024-03-01", 3), **two_events) == [], "two places may have the same number of dead"
