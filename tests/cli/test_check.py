"""What ``forcest check`` says: every problem, what becomes of every row, what it mends, and what an estimate would refuse."""

import pandas as pd
import pytest

import forcest as fc
from forcest.models.presets import north_korea_kursk

HEADER = "id,published,as_of,force,measure,scope,value,qualifier,source,stance\n"
GOOD = HEADER + "a1,2025-01-02,2025-01-01,KPA,deployed,cumulative,11000,about,NIS,third_party\n"
BAD = HEADER + "a1,2025-01-02,2025-31-01,KPA,slain,cumulative,11000,about,NIS,third_party\n"


def test_check_of_a_clean_ledger_is_0(run, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    done = run("check", "good.csv")
    assert done.exit_code == 0
    assert done.output == "good.csv: 1 row: 1 to be fitted; 0 warnings.\n"


def test_check_says_how_many_rows_repeat_another(run, tmp_path):
    (tmp_path / "good.csv").write_text(fc.datasets.load("north_korea_kursk").to_csv())
    said = run("check", "good.csv").output
    assert "121 rows: 81 to be fitted, 4 merged into others, 36 excluded, superseded or planned; 0 warnings." in said
    assert "nk091 is merged into nk086, which it repeats for the same date." in said
    assert "nk100 is fitted for its own date, but shares most of its error with nk076, which it repeats." in said
    assert len(north_korea_kursk("3D").on(fc.datasets.load("north_korea_kursk")).claims) == 81


def test_check_of_a_total_of_parts_says_what_becomes_of_each(run, tmp_path):
    part = "a{},2025-01-02,2025-01-01,KPA,deployed,cumulative,{},about,NIS,third_party,{},{}\n"
    rows = [part.format(1, 9000, "partial", ""), part.format(2, 3000, "partial", ""), part.format(3, 12000, "", "a1+a2")]
    (tmp_path / "parts.csv").write_text(HEADER.strip() + ",coverage,origin\n" + "".join(rows))
    said = run("check", "parts.csv").output
    assert "3 rows: 1 to be fitted, 2 computed from others or part of a total; 0 warnings." in said
    assert "a1 is not fitted: a part of a3, which is fitted in its place." in said


def test_check_does_not_count_equipment_as_rows_to_be_fitted(run, tmp_path):
    text = HEADER.strip() + ",item\na1,2025-01-02,2025-01-01,KPA,destroyed,cumulative,11,exact,NIS,third_party,tanks\n"
    (tmp_path / "tanks.csv").write_text(text)
    said = run("check", "tanks.csv").output
    assert "1 row: 0 to be fitted, 1 not of people; 0 warnings." in said
    assert "forcest estimate would refuse this ledger with its default model" in said
    assert "count something else (tanks)" in said


def test_check_shows_every_problem_at_once_and_is_1(run, tmp_path):
    (tmp_path / "bad.csv").write_text(BAD)
    done = run("check", "bad.csv")
    assert done.exit_code == 1
    assert "slain" in done.output
    assert "2025-31-01" in done.output
    assert "2 problems to fix in 1 row" in done.output


@pytest.mark.parametrize(("name", "content"), [("empty.csv", b""), ("zip.csv", b"PK\x03\x04\x00\xff\xfe"), ("no.txt", b"a,b")])
def test_check_of_what_is_no_table_is_2_without_traceback(run, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    done = run("check", name)
    assert done.exit_code == 2
    assert done.output.startswith("Error: ")
    assert "Traceback" not in done.output


def test_check_of_a_file_that_is_not_there_is_2(run):
    done = run("check", "nowhere.csv")
    assert done.exit_code == 2
    assert "nowhere.csv" in done.output


def test_check_of_a_ledger_with_nothing_to_fit_is_1(run, tmp_path):
    (tmp_path / "plans.csv").write_text(GOOD.replace("deployed", "planned"))
    done = run("check", "plans.csv")
    assert done.exit_code == 1
    assert "usable" in done.output


def test_fix_writes_a_mended_copy_lists_the_changes_and_leaves_the_original(run, tmp_path):
    text = GOOD.replace("2025-01-01", "1 January 2025").replace("11000", "10-11k")
    (tmp_path / "raw.csv").write_text(text)
    done = run("check", "raw.csv", "--fix", "mended.csv")
    assert done.exit_code == 0
    for line in ("as_of     │ 1 January 2025 │ 2025-01-01", "value     │ 10-11k         │", "low       │                │ 10000"):
        assert line in done.output
    assert "mended.csv: a copy of raw.csv with 5 changes. Confirm each of them before you use it." in done.output
    assert "mended.csv: 1 row: 1 to be fitted; 0 warnings." in done.output
    assert (tmp_path / "raw.csv").read_text() == text
    row = fc.read_ledger(tmp_path / "mended.csv").usable().iloc[0]
    assert (row["low"], row["high"], row["qualifier"], row["as_of"]) == (10_000, 11_000, "range", pd.Timestamp("2025-01-01"))


def test_fix_names_what_it_cannot_mend_and_words_that_it_clears(run, tmp_path):
    (tmp_path / "raw.csv").write_text(HEADER + "a1,2025-01-02,1/2/2024,KPA,deployed,cumulative,12k,NA,NIS,third_party\n")
    done = run("check", "raw.csv", "--fix", "mended.csv")
    assert done.exit_code == 1
    assert "Write 2024-01-02 or 2024-02-01" in done.output
    assert 'file must leave cells without a value empty; got "NA (1 in qualifier)"' in done.output


def test_fix_never_overwrites(run, tmp_path):
    (tmp_path / "raw.csv").write_text(GOOD.replace("11000", "11k"))
    for name, message in (("raw.csv", "exists and is not overwritten"), ("raw.xlsx", "must name a .csv file")):
        done = run("check", "raw.csv", "--fix", name)
        assert done.exit_code == 2
        assert message in done.output
    (tmp_path / "good.csv").write_text(GOOD)
    assert "no cell can be mended, and new.csv is not written" in run("check", "good.csv", "--fix", "new.csv").output
    assert {path.name for path in tmp_path.iterdir()} == {"raw.csv", "good.csv"}


def test_check_says_what_an_estimate_would_refuse(run, tmp_path):
    """Strengths of one force beside losses of another: nothing is wrong in any row, but no default model covers both."""
    (tmp_path / "two.csv").write_text(GOOD + "a2,2025-01-02,2025-01-01,Militia,killed,cumulative,10,exact,NIS,third_party\n")
    checked = run("check", "two.csv")
    assert checked.exit_code == 0
    assert "2 rows: 2 to be fitted; 0 warnings." in checked.output
    assert "would refuse this ledger with its default model: a ForceModel covers one force" in checked.output
    refused = run("estimate", "two.csv").output
    assert "a ForceModel covers one force" in refused
    assert not (tmp_path / "forcest-out").exists()


def test_another_sheet_is_read_by_its_name(run, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"about": ["x"]}).to_excel(book, sheet_name="Read me", index=False)
        pd.read_csv(tmp_path / "good.csv").to_excel(book, sheet_name="Claims", index=False)
    assert "--sheet 'Claims'" in run("check", "book.xlsx").output
    assert run("check", "book.xlsx", "--sheet", "Claims").exit_code == 0
