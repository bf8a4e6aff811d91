import csv
import io

import matplotlib as mpl
import pandas as pd
import pytest
from typer.testing import CliRunner

import forcest as fc
import synthetic_fit
from forcest.cli import app
from forcest.errors import ForcestError
from forcest.report.likelihood_words import likelihood_word, percent

mpl.use("Agg")


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build()


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.01, "almost no chance"),
        (0.1, "very unlikely"),
        (0.3, "unlikely"),
        (0.5, "roughly even chance"),
        (0.7, "likely"),
        (0.9, "very likely"),
        (0.99, "almost certain"),
    ],
)
def test_words_are_those_of_the_directive(probability, word):
    assert likelihood_word(probability) == word


def test_words_mirror_each_other_around_even():
    twins = {
        "almost no chance": "almost certain",
        "very unlikely": "very likely",
        "unlikely": "likely",
        "roughly even chance": "roughly even chance",
    }
    for p in [0.02, 0.05, 0.1, 0.2, 0.4, 0.45, 0.48]:
        assert twins[likelihood_word(p)] == likelihood_word(1 - p)


def test_draws_never_show_certainty():
    assert (percent(0.0), percent(1.0), percent(0.994)) == ("under 1 %", "over 99 %", "over 99 %")


def test_markdown_has_the_numbers_of_the_summary(fit, tmp_path):
    text = fc.report(fit, tmp_path / "r.md").read_text(encoding="utf-8")
    row = fc.summary(fit).set_index("measure").loc["killed"]
    assert f"| Killed, cumulative | {row['median']:,.0f} | {row['low']:,.0f} | {row['high']:,.0f} |" in text


def test_csv_is_the_summary(fit, tmp_path):
    text = fc.report(fit, tmp_path / "r.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["measure"] for r in rows] == list(fc.summary(fit)["measure"])
    assert {r["converged"] for r in rows} == {"True"}


def test_other_endings_are_refused_and_nothing_is_left(fit, tmp_path):
    with pytest.raises(ForcestError, match=r"must end in \.html"):
        fc.report(fit, tmp_path / "r.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("marks", "said"), [({"quick": 1}, "QUICK RUN"), ({"converged": 0}, "NOT CONVERGED")])
def test_what_must_not_be_relied_on_says_so_before_any_number(marks, said, tmp_path):
    text = fc.report(synthetic_fit.build(**marks), tmp_path / "r.md").read_text(encoding="utf-8")
    assert text.index(said) < text.index("## ")


def test_given_tables_and_left_out_rows_are_on_the_page(fit, tmp_path):
    row = {"n_claims": 2, "measure": "killed", "shift": 12.0, "shift_sd": 0.25, "method": "refit"}
    given = pd.DataFrame([{"source": "<b>Ministry</b>", **row}, {"source": "Only <i>fits</i>", **row, "shift": float("nan")}])
    text = fc.report(fit, tmp_path / "r.html", influence=given, contradictions=given.head(0)).read_text(encoding="utf-8")
    assert "&lt;b&gt;Ministry&lt;/b&gt;" in text
    assert "<b>Ministry" not in text
    assert "which is likely much: Only &lt;i&gt;fits&lt;/i&gt;" in text
    assert "None was found." in text
    assert "announces a plan, not a count" in text


def test_page_is_small_and_the_same_every_time(fit, tmp_path):
    one, two = (fc.report(fit, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert len(one) < 2_000_000
    assert one == two


def test_command_writes_a_page_beside_the_fit(fit, tmp_path):
    fit.to_netcdf(tmp_path / "kursk.nc")
    done = CliRunner().invoke(app, ["report", str(tmp_path / "kursk.nc")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "kursk.html").read_text(encoding="utf-8").startswith("<!doctype html>")
