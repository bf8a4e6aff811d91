import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forcest as fc
from forcest.ledger.formulas import as_written, inert, inert_table

FORMULAS = ["=cmd|'/C calc'!A0", "@SUM(1)", "+1+1", "-2+3", "\t=1", "=", "＝1", '=HYPERLINK("http://x")', "+", "-"]
CLAIM = {
    "id": "a1",
    "published": "2025-02-01",
    "as_of": "2025-01-31",
    "force": "=1+1",
    "source": "@channel",
    "measure": "killed",
    "scope": "cumulative",
    "value": "300",
    "qualifier": "exact",
    "stance": "enemy",
    "note": "-cmd|x",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe_that_reading_removes(text):
    assert inert(text) == f"'{text}"
    assert as_written(inert(text)) == text


@pytest.mark.parametrize("text", ["-5", "+1,500.25", "-1e3", "300", "NIS", "'tis", "", "a=b", "2025-01-31"])
def test_numbers_and_other_texts_stay(text):
    assert inert(text) == as_written(text) == text


@given(st.text(alphabet="'=+-@\t15a", max_size=6))
def test_every_text_comes_back(text):
    assert as_written(inert(text)) == text


def test_numbers_of_a_table_stay_numbers():
    table = pd.DataFrame(
        {"=x": [-1.5, 2.0], "day": pd.to_datetime(["2025-01-01", None]), "text": ["-a", None], "ok": [True, False]}
    )
    assert inert_table(table).to_csv(index=False) == "'=x,day,text,ok\n-1.5,2025-01-01,'-a,True\n2.0,,,False\n"


def test_a_ledger_is_written_inert_and_read_back_as_it_was(tmp_path):
    ledger = fc.read_ledger(pd.DataFrame([CLAIM]))
    ledger.to_csv(tmp_path / "claims.csv")
    (row,) = pd.read_csv(io.StringIO((tmp_path / "claims.csv").read_text())).to_dict("records")
    assert (row["force"], row["source"], row["note"]) == ("'=1+1", "'@channel", "'-cmd|x")
    for again in (fc.read_ledger(tmp_path / "claims.csv"), fc.Ledger.from_csv(ledger.to_csv())):
        assert again == ledger
        assert again.to_dataframe().loc[0, ["force", "source", "note"]].tolist() == ["=1+1", "@channel", "-cmd|x"]
