"""``forcest revisions``: one ledger or a folder of them, what is written, and how it ends."""

import pandas as pd
import pytest

import forcest as fc
from inference_ledger import small_ledger_frame, small_model

DAYS = ("2024-02-11", "2024-02-22")
COARSE = ("--model", "model.toml", "--quick")


@pytest.fixture
def run(run, tmp_path):
    frame = small_ledger_frame()
    frame.to_csv("claims.csv", index=False)
    (tmp_path / "ledgers").mkdir()
    (tmp_path / "ledgers" / "README.txt").write_text("not a ledger")
    for day in DAYS:
        frame[frame["published"] <= day].to_csv(f"ledgers/{day}.csv", index=False)
    small_model().to_toml("model.toml")
    return run


def test_a_ledger_and_a_folder_of_its_vintages_give_the_same_numbers(run, tmp_path):
    one = run("revisions", "claims.csv", "--dates", ",".join(DAYS), *COARSE, "--out", "one")
    run("revisions", "ledgers", *COARSE, "--out", "many")
    assert one.exit_code in (0, 1), one.output
    assert {file.name for file in (tmp_path / "one").iterdir()} == {
        "revisions.html",
        "revisions.csv",
        "revisions.json",
        "vintages",
    }
    first, second = (pd.read_csv(f"{name}/revisions.csv") for name in ("one", "many"))
    pd.testing.assert_frame_equal(first, second)
    assert set(first["date"]) == {DAYS[0]}
    found = fc.Revisions.load("one/revisions.json")
    assert str(found) in one.output
    assert one.exit_code == (0 if found.converged else 1)
    assert "QUICK" in (tmp_path / "one" / "revisions.html").read_text(encoding="utf-8")


def test_it_goes_on_where_it_stopped(run):
    assert "Fitted what was known by 2024-02-11" in run("revisions", "claims.csv", "--dates", DAYS[0], *COARSE, "--out", "o").output
    later = run("revisions", "claims.csv", "--dates", ",".join(DAYS), *COARSE, "--out", "o").output
    assert "known by 2024-02-22" in later
    assert "known by 2024-02-11" not in later
    other = run("revisions", "claims.csv", "--dates", DAYS[0], *COARSE, "--seed", 2, "--out", "o")
    assert other.exit_code == 2
    assert "random_seed differ" in other.output


def test_one_vintage_alone_says_that_there_is_nothing_to_compare(run):
    done = run("revisions", "claims.csv", "--dates", DAYS[0], *COARSE, "--out", "o")
    assert done.exit_code in (0, 1)
    assert "No day has been estimated twice" in done.output


def test_wrong_names_of_a_folder_are_named_at_once(run, tmp_path):
    folder = tmp_path / "ledgers"
    for name in ("january.csv", "2024-02-30.csv", "2024-02-11.parquet"):
        (folder / name).write_text("")
    done = run("revisions", "ledgers")
    assert done.exit_code == 2
    assert "these are not named by date: 2024-02-30.csv, january.csv" in done.output
    assert "these share a date: 2024-02-11.csv, 2024-02-11.parquet" in done.output
    (tmp_path / "empty").mkdir()
    assert "no ledger ends in .csv, .parquet, .xlsx" in run("revisions", "empty").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("claims.csv", "--dates", "tomorrow"), "must be a date such as"),
        (("nowhere.csv",), "nowhere.csv"),
        (("ledgers", "--dates", "2024-03-01"), "it has none for 2024-03-01"),
    ],
)
def test_wrong_use_is_2_and_one_paragraph(run, arguments, message):
    done = run("revisions", *arguments)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output
