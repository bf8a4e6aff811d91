"""What a ledger reports about itself, and what a selection from it holds."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forcest import datasets
from forcest.errors import ForcestError, LedgerError
from forcest.ledger import Ledger, read_ledger, schema

KURSK = datasets.load("north_korea_kursk")


def ids(ledger):
    return ledger.usable()["id"].tolist()


@pytest.fixture
def corrected(spoiled):
    """NIS corrects its count twice: a1 by a2, ten days later, and a2 by a3."""
    return spoiled({1: {"source": "NIS", "supersedes": "a1"}, 2: {"source": "NIS", "supersedes": "a2"}})


@pytest.fixture
def repeated(spoiled):
    """a2 repeats a1, a3 repeats a2, a4 adds up a2 and a3."""
    return spoiled({1: {"origin": "a1"}, 2: {"origin": "a2"}, 3: {"origin": "a2+a3"}})


# --- contents --------------------------------------------------------------------------------------------------


def test_usable_rows_are_typed_and_in_the_order_of_the_schema():
    usable = KURSK.usable()
    assert list(usable.columns) == list(schema.NAMES)
    assert {str(usable[name].dtype) for name in schema.DATES} == {"datetime64[ns]"}
    assert {str(usable[name].dtype) for name in schema.NUMBERS} == {"float64"}
    assert not usable[list(schema.TEXTS)].isna().to_numpy().any()
    assert usable.index.tolist() == list(range(85))
    claim = usable.set_index("id").loc["nk097"]
    assert (claim["high"], claim["window_start"]) == (1000, pd.Timestamp("2025-01-15"))
    assert np.isnan(claim["value"])
    assert (claim["origin"], claim["exclude"]) == ("", "")


def test_what_usable_returns_can_be_changed_without_changing_the_ledger():
    for table in (KURSK.usable(), KURSK.to_dataframe()):
        table["value"] = -1.0
    assert KURSK.usable()["value"].min() == 2


def test_the_status_says_why_a_row_is_not_fitted(corrected):
    status = corrected.to_dataframe().set_index("id")["status"]
    assert status.tolist() == ["superseded by a3", "superseded by a3", "usable", "usable", "planned: an announcement"]
    counts = KURSK.to_dataframe()["status"].str.split(":").str[0].value_counts().to_dict()
    assert counts == {"usable": 85, "excluded": 36}


def test_an_excluded_correction_corrects_nothing(corrected):
    text = corrected.text.assign(exclude=["", "", "misprint", "", ""])
    assert ids(read_ledger(text)) == ["a2", "a4"]


def test_a_ledger_without_usable_rows_counts_the_others(spoiled):
    ledger = spoiled({i: {"exclude": "hearsay"} for i in range(4)})
    with pytest.raises(LedgerError, match="got 4 excluded, 1 planned"):
        ledger.usable()
    with pytest.raises(LedgerError, match="got no rows"):
        ledger.known_by("1999-01-01").usable()


def test_sources_are_counted(spoiled):
    sources = spoiled({1: {"source": "NIS", "stance": "enemy", "force": "others"}}).sources().set_index("source")
    nis = sources.loc["NIS"]
    assert (nis["stance"], nis["n_claims"], nis["n_fitted"]) == ("enemy, third_party", 3, 2)
    assert (nis["first"], nis["last"]) == (pd.Timestamp("2025-01-10"), pd.Timestamp("2025-02-20"))
    assert nis["measures"] == "at_front, killed, planned"
    assert sources.index[0] == "NIS"
    assert KURSK.sources()["n_fitted"].sum() == 85


def test_origins_lead_to_the_root(repeated):
    table = repeated.origins()
    assert table[["id", "origin", "root"]].to_numpy().tolist() == [
        ["a2", "a1", "a1"], ["a3", "a2", "a1"], ["a4", "a2", "a1"], ["a4", "a3", "a1"],
    ]  # fmt: skip
    kursk = KURSK.origins().set_index("id")
    assert kursk.loc["nk112", "root"] == "nk098"
    assert kursk.loc["nk091", ["same_date", "same_measure"]].tolist() == [True, True]
    assert kursk.loc["nk100", ["same_date", "same_measure"]].tolist() == [False, True]
    assert kursk.loc["nk116", "same_measure"].tolist() == [False, False]


def test_forces_are_those_of_usable_rows(spoiled):
    assert spoiled({1: {"force": "B"}, 2: {"force": "C", "exclude": "x"}}).forces() == ["KPA", "B"]


# --- selection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("date", "known"), [("2025-01-09", []), ("2025-01-10", ["a1"]), ("2025-01-30", ["a1", "a2", "a3"])])
def test_known_by_keeps_what_was_published_by_the_end_of_that_day(spoiled, date, known):
    for value in (date, dt.date.fromisoformat(date), pd.Timestamp(date)):
        assert spoiled({}).known_by(value).to_dataframe()["id"].tolist() == known


def test_before_a_correction_is_published_the_earlier_claim_counts(corrected):
    assert ids(corrected) == ["a3", "a4"]
    assert ids(corrected.known_by("2025-01-29")) == ["a2"]
    assert ids(corrected.known_by("2025-01-19")) == ["a1"]


def test_a_correction_of_a_removed_correction_corrects_what_that_one_did(corrected):
    assert ids(corrected.exclude(id="a2")) == ["a3", "a4"]
    assert ids(corrected.exclude(id=["a2", "a3"])) == ["a1", "a4"]


def test_copies_of_a_removed_claim_stay_copies_of_its_original(repeated):
    kept = repeated.exclude(id="a2")
    assert kept.origins()[["id", "origin"]].to_numpy().tolist() == [["a3", "a1"], ["a4", "a1"], ["a4", "a3"]]
    orphans = repeated.exclude(id="a1")
    assert orphans.origins()["root"].unique().tolist() == ["a1"]
    assert orphans.origins()["same_date"].isna().tolist() == [True, False, False, False]
    assert orphans.problems().empty


def test_a_part_of_a_ledger_reads_back_from_its_text(repeated):
    part = repeated.exclude(id="a1").known_by("2025-02-15")
    back = Ledger.from_csv(part.to_csv())
    assert back == part
    pd.testing.assert_frame_equal(back.usable(), part.usable())
    with pytest.raises(LedgerError, match="must name ids of this ledger"):
        read_ledger(part.text).usable()
    assert read_ledger(part.text, part=True) == part


def test_filters_keep_the_row_numbers_of_the_file(spoiled):
    part = spoiled({3: {"value": "x"}}).exclude(source=["NIS", "HUR"])
    assert part.to_dataframe()["row"].tolist() == [4, 5]
    assert part.problems()["row"].tolist() == [5]


def test_filter_and_exclude_divide_the_ledger():
    criteria = {"source": ["HUR", "NIS"], "measure": "killed"}
    kept, dropped = KURSK.filter(**criteria), KURSK.exclude(**criteria)
    assert kept.to_dataframe()["id"].tolist() == ["nk059", "nk078", "nk113"]
    assert len(dropped) == 118
    assert set(kept.to_dataframe()["id"]).isdisjoint(dropped.to_dataframe()["id"])


def test_excluding_an_origin_drops_every_claim_that_goes_back_to_it(repeated):
    assert ids(repeated.filter(origin="a2")) == ["a2", "a3", "a4"]
    assert ids(repeated.exclude(origin="a2")) == ["a1"]
    assert ids(repeated.exclude(id="a1").filter(origin="a1")) == ["a2", "a3", "a4"]


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({"source": "Zelenski"}, 'Did you mean "Zelensky"'),
        ({"source": ["HUR", "hur"]}, "got 'hur'. Did you mean \"HUR\""),
        ({"id": "nk999"}, "Did you mean"),
        ({"origin": "zz"}, "origin must be an id in the ledger"),
        ({"soruce": "HUR"}, 'column must be a text column .* Did you mean "source"'),
        ({"value": "3"}, "column must be a text column of the ledger"),
        ({}, "at least one column must be given"),
    ],
)
def test_an_unknown_name_is_refused_with_similar_ones(criteria, message):
    with pytest.raises(ForcestError, match=message):
        KURSK.exclude(**criteria)


@pytest.mark.parametrize("date", ["yesterday", "03/04/2025", "", None, 7])
def test_an_unreadable_date_is_refused(date):
    with pytest.raises(ForcestError, match='date must be a date such as "2025-01-31"'):
        KURSK.known_by(date)


def test_renaming_joins_two_spellings(spoiled):
    ledger = spoiled({1: {"source": "nis"}})
    joined = ledger.rename_sources({"nis": "NIS"})
    assert joined.problems().empty
    assert joined.sources().set_index("source").loc["NIS", "n_claims"] == 3
    assert ledger.text["source"].tolist() == ["NIS", "nis", "BBC", "ISW", "NIS"]
    with pytest.raises(ForcestError, match='Did you mean "nis"'):
        ledger.rename_sources({"nsi": "NIS"})


def test_a_row_whose_date_cannot_be_read_is_not_lost_by_a_filter(spoiled):
    assert spoiled({1: {"published": "soon"}}).known_by("2025-01-12").problems()["row"].tolist() == [3]


@pytest.mark.parametrize(("old", "new"), [("where", "filter"), ("without", "exclude"), ("table", "to_dataframe")])
def test_an_old_name_is_refused_with_the_new_one(old, new):
    with pytest.raises(AttributeError, match=rf"Ledger\.{old} is now called {new}\. Write {new}\(\.\.\.\) in place of {old}"):
        getattr(KURSK, old)
    assert not hasattr(KURSK, old)
    assert old not in dir(KURSK)
    with pytest.raises(AttributeError, match="no attribute 'filtered'"):
        KURSK.filtered  # noqa: B018


# --- identity ---------------------------------------------------------------------------------------------------


def test_the_repr_of_a_ledger_is_one_line(spoiled):
    assert repr(spoiled({1: {"value": "x"}, 3: {"source": "bbc"}})) == (
        "<Ledger: 5 claims, 4 usable, 4 sources, published 2025-01-10 to 2025-02-20; 1 errors, 1 warnings>"
    )
    assert "&lt;b&gt;" in spoiled({0: {"source": "<b>"}})._repr_html_()
    assert repr(KURSK.known_by("1999-01-01")) == "<Ledger: 0 claims, 0 usable, 0 sources; 0 errors, 0 warnings>"


def test_equal_ledgers_have_equal_hashes():
    assert {KURSK: 1}[Ledger.from_csv(KURSK.to_csv())] == 1
    assert KURSK != KURSK.exclude(source="HUR")
    assert KURSK != "a ledger"


@pytest.mark.parametrize("text", ["mine.csv", "id,published\na1,2025-01-01\n", ""])
def test_a_text_that_is_no_ledger_is_refused_with_the_way_to_read_a_file(text, tmp_path):
    for given in (text, tmp_path / "mine.csv"):
        with pytest.raises(
            ForcestError, match=r"text must be what Ledger.to_csv\(\) returns; got .* To read a file, use read_ledger"
        ):
            Ledger.from_csv(given)
