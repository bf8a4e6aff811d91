"""A ledger to begin with: it is read, its examples are not fitted, and with claims in their place it is."""

from pathlib import Path

import pandas as pd

import forcest as fc
from forcest.ledger.schema import NAMES


def test_the_new_ledger_has_no_fault_but_nothing_to_fit(run):
    assert run("new", "mine.csv").exit_code == 0
    ledger = fc.read_ledger("mine.csv")
    problems = ledger.problems()
    assert list(problems[problems["severity"] == "error"]["rule"]) == []
    checked = run("check", "mine.csv")
    assert checked.exit_code == 1
    assert "Example rows, which are not fitted: example1" in checked.output
    assert "clear their cells in the column exclude" in checked.output
    estimated = run("estimate", "mine.csv", "--out", "out")
    assert estimated.exit_code != 0
    assert "Traceback" not in estimated.output


def test_with_the_reasons_emptied_the_examples_are_sound_claims(run):
    run("new", "mine.csv")
    table = pd.read_csv("mine.csv", dtype=str).assign(exclude="")
    table.to_csv("mine.csv", index=False)
    ledger = fc.read_ledger("mine.csv")
    assert ledger.problems().empty
    assert len(ledger.usable()) == len(table)
    assert fc.ForceModel.default(ledger).on(ledger).claims  # a model covers them


def test_every_column_is_there_and_explained(run):
    run("new", "mine.csv")
    assert tuple(pd.read_csv("mine.csv", nrows=0).columns) == NAMES
    text = Path("mine.columns.txt").read_text(encoding="utf-8")
    assert all(f"\n{name}" in text for name in NAMES)


def test_nothing_is_overwritten(run, tmp_path):
    (tmp_path / "mine.csv").write_text("precious")
    refused = run("new", "mine.csv")
    assert refused.exit_code == 2
    assert "exists already" in refused.output
    assert (tmp_path / "mine.csv").read_text() == "precious"
    assert not (tmp_path / "mine.columns.txt").exists()
    assert run("new", "mine.xlsx").exit_code == 2
