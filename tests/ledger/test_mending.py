"""What --fix writes: cells that say what is meant, listed one by one; nothing else, and never into the original."""

import pandas as pd
import pytest

from forcest.errors import ForcestError
from forcest.ledger import read_ledger
from forcest.ledger.mending import MENDED, mended
from forcest.ledger.rules import RULES


@pytest.fixture
def changes(spoiled):
    """The cells that mending changes in a ledger with some faults, as {(row, column): (before, after)}, and the ledger after it."""

    def of(faults):
        ledger = spoiled(faults)
        before = ledger.to_csv()
        after, found = mended(ledger)
        assert ledger.to_csv() == before
        return {(change.row, change.column): (change.before, change.after) for change in found}, after

    return of


@pytest.mark.parametrize(
    ("cells", "after"),
    [
        ({"value": "8k"}, {"value": "8000"}),
        ({"value": "8k+"}, {"value": "8000", "qualifier": "at_least"}),
        ({"value": "7-8k"}, {"value": "", "low": "7000", "high": "8000", "qualifier": "range"}),
        ({"value": "dozens"}, {"value": "", "qualifier": "dozens"}),
        ({"value": "", "qualifier": "at_least", "low": "2k"}, {"low": "2000"}),
        ({"as_of": "18 January 2025"}, {"as_of": "2025-01-18"}),
        ({"as_of": "January 2025"}, {"as_of": "2025-01-20", "window_start": "2025-01-01", "window_end": "2025-01-20"}),
        ({"as_of": "early Jan 2025"}, {"as_of": "2025-01-10", "window_start": "2025-01-01", "window_end": "2025-01-10"}),
        (
            {"scope": "flow", "window_start": "January 2025", "window_end": "2025-01-19"},
            {"window_start": "2025-01-01"},
        ),
        ({"measure": "At front"}, {"measure": "at_front"}),
        ({"stance": "third-party"}, {"stance": "third_party"}),
        ({"qualifier": "no more than"}, {"qualifier": "at_most"}),
        ({"as_of": "2025-01-19 12:00"}, {"as_of": "2025-01-19"}),
    ],
)
def test_a_cell_is_written_as_it_says_and_the_ledger_is_then_sound(changes, cells, after):
    found, ledger = changes({1: cells})
    assert {column: cell for (_, column), (_, cell) in found.items()} == after
    assert ledger.problems().empty


@pytest.mark.parametrize(
    ("cells", "column", "advice"),
    [
        ({"value": "11.000"}, "value", "Write 11000 if that is meant"),
        ({"value": "<900", "qualifier": "at_least"}, "value", 'The cell says "fewer_than", and the qualifier is "at_least"'),
        ({"value": "2-3k", "low": "100"}, "value", "The cell states a range, which belongs in low and high: correct the three"),
        ({"value": "many"}, "value", "Write digits only"),
        ({"as_of": "03/04/2024"}, "as_of", "Write 2024-03-04 or 2024-04-03"),
        ({"published": "January 2025"}, "published", "Look up the day: the cell names the period 2025-01-01 to 2025-01-31"),
        ({"as_of": "May 2024", "window_start": "2024-04-01", "window_end": "2024-04-30"}, "as_of", "Look up the day"),
        ({"qualifier": "rough"}, "qualifier", "Allowed: exact"),
    ],
)
def test_what_a_cell_does_not_surely_say_stays_a_problem(changes, cells, column, advice):
    found, ledger = changes({1: cells})
    assert found == {}
    problems = ledger.problems().query("severity == 'error'").set_index("column")
    assert advice in problems.loc[[column], "remedy"].iloc[0]


def test_the_remedy_of_a_problem_is_what_mending_writes(spoiled):
    problems = spoiled({1: {"value": "7-8k", "published": "20 January 2025"}}).problems().set_index("column")
    assert (
        problems.loc["value", "remedy"] == "If that is meant, write 7000 in low, 8000 in high, range in qualifier and clear value"
    )
    assert problems.loc["published", "remedy"] == "If that is meant, write 2025-01-20 in published"


def test_words_that_stand_in_both_columns_are_cleared_in_one(spoiled):
    remedies = spoiled({1: {"value": "dozens", "qualifier": "dozens"}}).problems()["remedy"].tolist()
    assert remedies == ["If that is meant, clear value"]


def test_each_change_names_the_rule_that_asks_for_it(spoiled):
    _, found = mended(spoiled({0: {"as_of": "45666"}, 1: {"value": "8k"}}))
    assert [(change.row, change.id, change.rule) for change in found] == [
        (2, "a1", "is written in its plain form"),
        (3, "a2", "must be a plain number"),
    ]
    assert {f"must {rule.must}" for rule in RULES} >= set(MENDED)


def test_a_file_that_holds_more_than_a_ledger_is_not_mended(clean, tmp_path):
    twice = read_ledger(pd.concat([clean, clean[["value"]]], axis=1))
    with pytest.raises(ForcestError, match="a file with cells that would be lost cannot be mended: value must occur once"):
        mended(twice)
    path = tmp_path / "long.csv"
    path.write_text(clean.to_csv(index=False) + "a9" + "," * 24 + "rest\n")
    with pytest.raises(ForcestError, match="cells that would be lost"):
        mended(read_ledger(path))


def test_what_may_mean_two_things_is_left_as_it_stands(changes):
    """1.200 is 1,200 to some and 1.2 to others: a person decides."""
    found, after = changes({1: {"value": "1.200"}})
    assert found == {}
    assert "1.200" in after.text["value"].tolist()
