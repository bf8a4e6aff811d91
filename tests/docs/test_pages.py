"""The code on the pages runs, and the numbers on the page of the model are those of the code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from typer.testing import CliRunner

import forcest as fc
from forcest.cli import app
from forcest.models.reporting.description import ERROR_SCALES, ERROR_SPREAD, GRIDS, STANCE_LEVELS

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(.*?)^```(?:\n\n^```text\n(.*?)^```)?", flags=re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")
PAGES = (
    "tutorial",
    "gallery",
    "howto/priors",
    "howto/forces",
    "howto/forecasts",
    "howto/leave-out",
    "howto/share",
    "howto/drafts-from-articles",
    "howto/public-data",
    "howto/what-changed",
    "howto/ask-next",
    "howto/many-fits",
    "reporting-record",
)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_code_of_a_page_runs_and_says_what_the_page_shows(page, given, monkeypatch, capsys):
    folder, names = given
    monkeypatch.chdir(folder)
    blocks = BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8"))
    assert blocks, f"{page}.md has no code"
    names = dict(names)
    for code, shown in blocks:
        capsys.readouterr()
        exec(compile(code, f"{page}.md", "exec"), names)
        plt.close("all")
        said = capsys.readouterr().out
        assert not shown or agree(said, shown), said


def agree(said, shown):
    """Whether two outputs have the same words, and numbers that differ by no more than another machine may make them."""
    numbers = [[float(number.replace(",", "")) for number in NUMBER.findall(text)] for text in (said, shown)]
    words = [NUMBER.sub("#", text).split() for text in (said, shown)]
    return words[0] == words[1] and np.allclose(*numbers, rtol=0.3, atol=0.3)


def test_other_words_or_numbers_do_not_agree():
    assert agree("killed 612 of 11,000", "killed   600\nof 10,500")
    assert not agree("killed 612", "killed 300")
    assert not agree("killed 612", "wounded 612")


def test_no_page_with_code_is_forgotten():
    pages = {str(page.relative_to(DOCS).with_suffix("")) for page in DOCS.rglob("*.md") if BLOCK.search(page.read_text("utf-8"))}
    assert pages - set(PAGES) == {"losses"}, "losses.md fetches public data; benchmarks/radford_better.py runs what it shows"


def test_the_ledger_of_the_how_to_passes_its_check():
    ledger = DOCS / "examples" / "ten_claims.csv"
    said = CliRunner().invoke(app, ["check", str(ledger)])
    assert said.exit_code == 0
    page = (DOCS / "your-own-ledger.md").read_text(encoding="utf-8")
    assert said.output.strip() in page
    assert f"```text\n{ledger.read_text(encoding='utf-8')}```" in page


def test_the_table_of_the_reporting_record_is_that_of_the_record():
    script = runpy.run_path(str(DOCS / "record_table.py"))
    assert (DOCS / "reporting-record-table.md").read_text(encoding="utf-8") == script["page"]()


def test_the_page_of_the_reporting_record_states_its_counts():
    record = fc.datasets.reporting_record()
    page = (DOCS / "reporting-record.md").read_text(encoding="utf-8")
    assert f"{len(record)} claims of {record['war'].nunique()} campaigns" in page
    said = {row[0].strip("`"): int(row[1]) for row in re.findall(r"^\| (`\w+`) \| (\d+) \|", page, flags=re.MULTILINE)}
    assert said == record["established_by"].value_counts().to_dict()


def rows_after(heading):
    """Cells of the first table after some words of the page of the model."""
    lines = (DOCS / "model.md").read_text(encoding="utf-8").partition(heading)[2].splitlines()
    first = next(i for i, line in enumerate(lines) if line.strip().startswith("|"))
    rows = []
    for line in lines[first:]:
        if not line.strip().startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def test_stance_levels_on_the_page_are_those_of_the_code():
    head, _, *rows = rows_after("mean and standard deviation of the log factor")
    said = {
        cls: {stance: tuple(float(number) for number in cell.split(" ± ")) for stance, cell in zip(head[1:], cells, strict=True)}
        for cls, *cells in rows
    }
    assert said == STANCE_LEVELS


def test_error_scales_and_rounding_weights_on_the_page_are_those_of_the_code():
    names, _, medians = rows_after(f"LogNormal with log-sd {ERROR_SPREAD} and median")
    assert dict(zip(names, map(float, medians), strict=True)) == ERROR_SCALES
    grids, _, weights = rows_after("for a source with one they are integrated out")
    assert tuple(map(int, grids)) == GRIDS
    assert tuple(map(float, weights)) == fc.Reporting().grid_weights
