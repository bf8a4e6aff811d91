"""The function draft: drafts are never fitted unreviewed, and an extractor is held to the same rules."""

import datetime as dt

import pandas as pd
import pytest

import forcest as fc
from forcest.errors import ForcestError, LedgerError
from forcest.ledger.schema import DRAFT, NAMES

TEXT = "At least 40 of the invaders were killed in Monday's raid, the ministry said."
GOOD = {"measure": "killed", "scope": "flow", "as_of": "2025-03-10", "qualifier": "at_least", "value": 40, "quote": "At least 40"}


def proposing(*rows):
    return lambda text, published: rows


def test_a_row_holds_what_the_passage_says_and_leaves_the_stance_to_a_person():
    table = fc.draft(TEXT, "2025-03-12", force="Raiders", url="https://example.org/a")
    assert list(table.columns) == [*NAMES, "quote"]
    (row,) = table.to_dict("records")
    assert (row["id"], row["force"], row["url"], row["exclude"], row["stance"]) == (
        "d1",
        "Raiders",
        "https://example.org/a",
        DRAFT,
        "",
    )
    assert (row["published"], row["as_of"]) == (pd.Timestamp("2025-03-12"), pd.Timestamp("2025-03-10"))
    assert (row["value"], row["coverage"], row["note"]) == (40.0, "partial", "side as the passage has it: enemy")
    assert row["quote"] == "At least 40 of the invaders"


def test_drafts_have_no_problems_and_are_not_fitted():
    ledger = fc.read_ledger(fc.draft(TEXT, "2025-03-12"))
    assert ledger.problems().empty
    with pytest.raises(LedgerError, match="1 excluded"):
        ledger.usable()


def test_an_accepted_row_needs_what_the_draft_left_open():
    accepted = fc.draft(TEXT, "2025-03-12").assign(exclude="")
    problems = fc.read_ledger(accepted).problems()
    assert problems[["column", "rule"]].to_numpy().tolist() == [["force", "must not be empty"], ["stance", "must not be empty"]]
    whole = fc.read_ledger(accepted.assign(force="Raiders", stance="enemy"))
    assert whole.problems().empty
    assert whole.usable()["value"].tolist() == [40.0]


def test_a_row_that_is_excluded_for_another_reason_still_needs_every_cell():
    problems = fc.read_ledger(fc.draft(TEXT, "2025-03-12").assign(exclude="doubtful")).problems()
    assert problems["column"].tolist() == ["force", "stance"]


def test_the_same_text_gives_the_same_rows():
    pd.testing.assert_frame_equal(fc.draft(TEXT * 2, "2025-03-12"), fc.draft(TEXT * 2, dt.date(2025, 3, 12)))


def test_a_text_without_numbers_gives_a_table_without_rows():
    table = fc.draft("Nobody would say.", "2025-03-12")
    assert list(table.columns) == [*NAMES, "quote"]
    assert len(table) == 0


def test_a_date_that_cannot_be_read_is_refused():
    with pytest.raises(
        ForcestError, match=r'published must be a date such as "2025-01-31"; got \'March\'. Write it as YYYY-MM-DD.'
    ):
        fc.draft(TEXT, "March")


def test_an_extractor_takes_the_place_of_the_rules():
    seen = []

    def extractor(text, published):
        seen.append((text, published))
        return [GOOD]

    (row,) = fc.draft(TEXT, "2025-03-12", force="Raiders", extractor=extractor).to_dict("records")
    assert seen == [(TEXT, dt.date(2025, 3, 12))]
    assert (row["measure"], row["value"], row["force"], row["exclude"], row["quote"]) == (
        "killed",
        40.0,
        "Raiders",
        DRAFT,
        "At least 40",
    )


def test_all_quotes_that_do_not_occur_and_all_unknown_columns_are_named_at_once():
    rows = [GOOD, GOOD | {"quote": "at least 40"}, GOOD | {"stance": "enemy"}, {"measure": "killed"}]
    with pytest.raises(ForcestError) as caught:
        fc.draft(TEXT, "2025-03-12", extractor=proposing(*rows))
    head, *problems = str(caught.value).splitlines()
    assert head == "The extractor must propose rows of a ledger, each with its quote:"
    assert problems[0] == "row 2: quote must occur in the text letter by letter; got 'at least 40'"
    assert problems[1].startswith("row 3: columns must be as_of, window_start")
    assert problems[1].endswith("; got stance")
    assert problems[2] == "row 4: quote must occur in the text letter by letter; got None"
    assert len(problems) == 3


def test_cells_that_a_ledger_cannot_read_are_refused():
    with pytest.raises(ForcestError) as caught:
        fc.draft(TEXT, "2025-03-12", extractor=proposing(GOOD, GOOD | {"measure": "kiled", "value": "forty"}))
    problems = str(caught.value).splitlines()[1:]
    assert problems[0].startswith('row 2: measure must be an allowed value; got "kiled". Did you mean "killed"?')
    assert problems[1].startswith('row 2: value must be a plain number; got "forty"')
    assert len(problems) == 2
