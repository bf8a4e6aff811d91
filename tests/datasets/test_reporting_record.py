"""The reporting record: what ships keeps the rules of its columns, and files of users that do not are refused whole."""

import pytest

from forcest.datasets.reporting_record import MEASURE_CLASS, reporting_record
from forcest.errors import ForcestError

RESERVED = ["Winter War", "Lebanon 2006", "Karabakh 2020", "Georgia 2008", "Ilovaisk", "Debaltseve", "Gulf War"]
RESERVED += ["Bakhmut", "Ethiopia", "Syria"]


@pytest.fixture
def record():
    return reporting_record()


def test_it_has_the_strengths_and_third_parties_that_one_can_learn_from(record):
    people = record[record["measure"].map(MEASURE_CLASS) != "equipment"]
    assert (people["measure"] == "strength").sum() >= 50
    assert people["stance"].isin(["third_party", "enemy_ally", "own_ally"]).sum() >= 45
    assert people["war"].nunique() >= 35


def test_wars_that_are_kept_for_later_comparison_are_not_in_it(record):
    found = [word for word in RESERVED if record[["war", "force"]].apply(lambda c, w=word: c.str.contains(w)).any().any()]
    assert found == []


def test_a_file_with_wrong_cells_is_refused_with_all_of_them(record, tmp_path):
    wrong = record.head(3).copy()
    wrong.loc[0, "stance"], wrong.loc[1, "claim_low"], wrong.loc[2, "row_id"] = "foe", -1, wrong.loc[1, "row_id"]
    wrong.to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(ForcestError) as refused:
        reporting_record(tmp_path / "mine.csv")
    text = str(refused.value)
    assert "`row_id` must be unique and not empty; not so in row 3, 4." in text
    assert "numbers must be positive, low <= high; not so in row 3." in text
    assert "`stance` must be one of own, enemy, own_ally, enemy_ally, third_party, record, name_list; not so in row 2." in text


def test_a_file_without_a_column_is_refused(record, tmp_path):
    record.drop(columns=["counted"]).to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(ForcestError, match=r"it lacks counted\. Add them\."):
        reporting_record(tmp_path / "mine.csv")


def test_what_is_written_is_read_back(record, tmp_path):
    record.to_csv(tmp_path / "mine.csv", index=False)
    assert reporting_record(tmp_path / "mine.csv").equals(record)
