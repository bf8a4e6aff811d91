"""``forcest bench``: from two files to a page, resumed, with a model of one's own, and compared with an earlier run."""

from functools import partial

import pandas as pd
import pytest

from past_war import write_war

MINE = """
import numpy as np

CENTRE = 300

def estimate(ledger, questions, random_seed):
    rng = np.random.default_rng(random_seed)
    return CENTRE * np.exp(rng.normal(0, 0.5, size=(1_000, len(questions))))

def broken(ledger, questions, random_seed):
    raise ValueError("out of ideas")
"""


@pytest.fixture
def run(run, tmp_path):
    write_war(tmp_path)
    (tmp_path / "own_model_of_the_test.py").write_text(MINE)
    return partial(run, "bench", "--war", "border_1990.csv", "--out", "out")


@pytest.mark.slow
def test_a_model_of_ones_own_goes_from_two_files_to_a_page_and_is_compared(run, tmp_path):
    result = run("--model", "own_model_of_the_test:estimate", "--known-by", "all", "--known-by", "1990-01-31")
    assert result.exit_code == 0, result.output
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"answers", "bench.html", "bench.csv", "bench.png", "table.md"}
    page = (tmp_path / "out" / "bench.html").read_text(encoding="utf-8")
    assert "Border 1990: estimate" in page
    assert "<script" not in page  # only the page of a fit has an explorer
    rows = pd.read_csv("out/bench.csv")
    assert sorted(rows.loc[~rows["baseline"], "vintage"]) == ["1990-01-31", "1990-01-31", "all", "all"]
    again = run("--model", "own_model_of_the_test:estimate", "--known-by", "all", "--compare", "out/bench.csv")
    assert again.exit_code == 0, again.output
    assert "Done" not in again.output  # everything was in store
    assert "border_1990" in again.output
    assert "0.00" in again.output
    assert "| killed | all | 1 of 1 |" in (tmp_path / "out" / "table.md").read_text(encoding="utf-8")


def test_what_fails_is_named_and_the_rest_is_written(run, tmp_path):
    result = run("--model", "own_model_of_the_test:broken", "--known-by", "all")
    assert result.exit_code == 1
    assert "Failed: border_1990, all, broken: ValueError: out of ideas" in result.output
    assert "FAILED: broken on border_1990" in (tmp_path / "out" / "bench.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model", "estimate"), "must be MODULE:FUNCTION"),
        (("--model", "no_such_module_anywhere:estimate"), "No module named"),
        (("--model", "own_model_of_the_test:guess"), "has no function guess"),
        (("--model", "own_model_of_the_test:estimate", "--quick"), "`quick` is for the default model"),
        (("--war", "waterloo_1815"), "name must be a shipped ledger"),
        (("--compare", "none.csv"), "none.csv"),
    ],
)
def test_wrong_use_is_one_paragraph(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_the_default_model_from_the_command_to_the_page(run, tmp_path):
    result = run("--quick", "--known-by", "all")
    assert result.exit_code == 0, result.output
    rows = pd.read_csv("out/bench.csv").query("model == 'forcest'").set_index("measure")
    assert rows["quick"].all()
    assert rows.loc["killed", ["truth_low", "truth_high"]].tolist() == [250, 360]
    assert 0 < rows.loc["killed", "low_90"] < rows.loc["killed", "median"] < rows.loc["killed", "high_90"]
    assert not rows.loc["wounded", "estimated"]  # the default model has no wounded where no claim counts any
    page = (tmp_path / "out" / "bench.html").read_text(encoding="utf-8")
    assert "[QUICK] ClaimBench" in page
    assert "not estimated" in page
