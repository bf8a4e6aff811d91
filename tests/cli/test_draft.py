"""The command draft: rows are shown with their quotes, written as drafts, and named by check until a person accepts them."""

from __future__ import annotations

import pandas as pd
import pytest

import forcest as fc
from forcest.ledger.schema import DRAFT

ARTICLE = "The ministry said some 520 of its men had been killed by mid-January.\n\nAnother 40 were wounded on Friday, it said."


@pytest.fixture
def run(run, tmp_path):
    (tmp_path / "report.txt").write_text(ARTICLE, encoding="utf-8")
    return run


def test_rows_are_shown_and_none_is_written_without_a_file(run, tmp_path):
    shown = run("draft", "report.txt", "--published", "2025-02-14")
    assert shown.exit_code == 0
    assert "killed (cumulative): about 520" in shown.output
    assert "some 520 of its men" in shown.output
    assert "2 rows proposed, none written. Write them to a file: --out drafts.csv" in shown.output
    assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]


def test_the_file_is_a_ledger_of_drafts_that_check_names(run):
    written = run("draft", "report.txt", "--published", "2025-02-14", "--out", "drafts.csv", "--force", "Corps", "--url", "u")
    assert written.exit_code == 0
    assert "clear its cell in the column exclude. Then: forcest check drafts.csv" in written.output
    table = pd.read_csv("drafts.csv", dtype=str, keep_default_na=False)
    assert table[["id", "value", "as_of", "force", "url", "exclude"]].to_numpy().tolist() == [
        ["report-1", "520", "2025-01-15", "Corps", "u", DRAFT],
        ["report-2", "40", "2025-02-14", "Corps", "u", DRAFT],
    ]
    checked = run("check", "drafts.csv")
    assert checked.exit_code == 1
    assert "Draft rows, which are not fitted: report-1, report-2. Compare each with its quote" in checked.output
    assert "must not be empty" not in checked.output


def test_accepted_rows_are_fitted_and_the_others_stay_drafts(run):
    run("draft", "report.txt", "--published", "2025-02-14", "--out", "drafts.csv", "--force", "Corps")
    table = pd.read_csv("drafts.csv", dtype=str, keep_default_na=False)
    table.loc[0, ["exclude", "stance"]] = ["", "own"]
    table.to_csv("drafts.csv", index=False)
    assert fc.read_ledger("drafts.csv").usable()["id"].tolist() == ["report-1"]
    checked = run("check", "drafts.csv")
    assert checked.exit_code == 0
    assert "Draft rows, which are not fitted: report-2." in checked.output
    assert "2 rows: 1 to be fitted, 1 excluded, superseded or planned; 0 warnings." in checked.output


def test_nothing_is_overwritten(run, tmp_path):
    (tmp_path / "drafts.csv").write_text("precious")
    refused = run("draft", "report.txt", "--published", "2025-02-14", "--out", "drafts.csv")
    assert refused.exit_code == 2
    assert "drafts.csv exists already and is not overwritten. Name another file." in refused.output
    assert (tmp_path / "drafts.csv").read_text() == "precious"
    assert "must be a .csv file" in run("draft", "report.txt", "--published", "2025-02-14", "--out", "drafts.xlsx").output


def test_the_day_of_publication_is_never_guessed(run):
    refused = run("draft", "report.txt")
    assert refused.exit_code == 2
    assert "the day of publication must be known; the file gives none. Pass --published YYYY-MM-DD." in refused.output


def test_several_articles_make_one_table(run, tmp_path):
    (tmp_path / "second+.txt").write_text("Three of its men are missing, the army said.", encoding="utf-8")
    run("draft", "report.txt", "second+.txt", "--published", "2025-02-14", "--out", "drafts.csv")
    assert pd.read_csv("drafts.csv")["id"].tolist() == ["report-1", "report-2", "second--1"]


def test_an_article_without_numbers_says_so(run, tmp_path):
    (tmp_path / "empty.txt").write_text("Nobody would say.", encoding="utf-8")
    said = run("draft", "empty.txt", "--published", "2025-02-14", "--out", "drafts.csv")
    assert said.exit_code == 0
    assert "No numbers of soldiers were found in empty.txt." in said.output
    assert not (tmp_path / "drafts.csv").exists()
