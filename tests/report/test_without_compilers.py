"""A saved fit is read, summarised, drawn and reported where PyMC, PyTensor, nutpie and Numba cannot be imported."""

import json
import re
import subprocess
import sys

import pytest

import forcest as fc
import synthetic_fit

SCRIPT = """
import json, sys
for name in ("pymc", "pytensor", "nutpie", "numba", "llvmlite"):
    sys.modules[name] = None
import matplotlib
matplotlib.use("Agg")
import forcest as fc
from forcest.cli import app
from typer.testing import CliRunner

fit = fc.load("fit.nc")
for name in ("curves", "claims", "prior_predictive", "bias", "flow"):
    getattr(fc.plots, name)(fit)
fc.save(fit, "again.nc")
tables = [table.to_csv() for table in (fc.summary(fit), fc.claims_table(fit), fc.anchors(fit).table)]
told = [str(fc.anchors(fit)), str(fc.diagnose(fit)), float(fc.probability(fit["posterior"]["killed"].isel(date=-1, force=0) > 600))]
ran = [CliRunner().invoke(app, ["report", "fit.nc", "-o", f"page{ending}"]).exit_code for ending in (".html", ".md", ".csv")]
print(json.dumps({"tables": tables, "told": told, "ran": ran}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("without")


@pytest.fixture(scope="module")
def found(folder):
    """What a process without the four libraries prints; its files are in the folder."""
    fc.save(synthetic_fit.build(), folder / "fit.nc")
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_numbers_are_those_of_a_complete_installation(found, folder):
    fit = fc.load(folder / "fit.nc")
    assert found["tables"] == [table.to_csv() for table in (fc.summary(fit), fc.claims_table(fit), fc.anchors(fit).table)]
    killed = fit["posterior"]["killed"].isel(date=-1, force=0)
    assert found["told"] == [str(fc.anchors(fit)), str(fc.diagnose(fit)), float(fc.probability(killed > 600))]
    assert fc.load(folder / "again.nc").identical(fit)


def test_the_command_writes_every_format(found, folder):
    assert found["ran"] == [0, 0, 0]
    assert (folder / "page.csv").read_text() == written(fc.load(folder / "fit.nc"), folder / "here.csv")


def test_the_page_says_what_it_lacks_and_differs_in_nothing_else(found, folder):
    page, complete = (folder / "page.md").read_text(), written(fc.load(folder / "fit.nc"), folder / "here.md")
    sections, whole = by_title(page), by_title(complete)
    assert sections["Contradictions"] == (
        "Not computed for this page: this needs the likelihood of the claims in the fit, and Numba where the page is written. "
        "It does not mean that there is nothing to find."
    )
    assert whole["Contradictions"].startswith("None were found")
    assert [title for title in whole if sections[title] != whole[title]] == ["Contradictions"]
    assert "Not computed for this page: this needs" in (folder / "page.html").read_text()


def written(fit, path):
    return fc.report(fit, path).read_text()


def by_title(page):
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    return {"": parts[0].strip()} | {title: text.strip() for title, text in zip(parts[1::2], parts[2::2], strict=True)}
