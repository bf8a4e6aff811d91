import csv
import html
import io
import re
from urllib.parse import unquote

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

import forcest as fc
import synthetic_fit
from forcest.cli import app
from forcest.errors import ForcestError
from forcest.estimates.measures import MEASURES
from forcest.report.exploration import exploration
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


def test_persons_are_whole_and_empty_or_equal_rows_are_explained(fit, tmp_path):
    still = fit.copy()
    posterior = still["posterior"].to_dataset()
    captured = posterior["captured"] * 0 + 2.62
    still["posterior"] = posterior.assign(rear=posterior["rear"] * 0, withdrawn_home=posterior["invalided"], captured=captured)
    text, moving = (fc.report(f, tmp_path / "r.md").read_text(encoding="utf-8") for f in (still, fit))
    assert "| Captured, cumulative | 3 | 3 | 3 |" in text
    assert "Nobody is in the rear" in text
    assert "Nobody is in the rear" not in moving
    assert "Everyone withdrawn home was invalided." in text


def test_csv_is_the_summary(fit, tmp_path):
    text = fc.report(fit, tmp_path / "r.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["measure"] for r in rows] == list(fc.summary(fit)["measure"])
    assert {r["converged"] for r in rows} == {"True"}


def test_no_cell_of_the_csv_runs_in_a_spreadsheet(tmp_path):
    fit = synthetic_fit.build()
    for group in ("posterior", "prior"):
        fit[group] = fit[group].to_dataset().assign_coords(force=["=1+1"])
    text = fc.report(fit, tmp_path / "r.csv").read_text(encoding="utf-8")
    assert {row["force"] for row in csv.DictReader(io.StringIO(text))} == {"'=1+1"}


def test_other_endings_are_refused_and_nothing_is_left(fit, tmp_path):
    with pytest.raises(ForcestError, match=r"must end in \.html"):
        fc.report(fit, tmp_path / "r.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("marks", "mark"), [({"quick": 1}, "QUICK: "), ({"converged": 0}, "NOT CONVERGED: ")])
def test_what_must_not_be_relied_on_says_so_before_any_number(marks, mark, tmp_path):
    text = fc.report(synthetic_fit.build(**marks), tmp_path / "r.md").read_text(encoding="utf-8")
    assert text.index(mark) < text.index("## ")


def test_the_page_says_how_many_claims_of_past_wars_are_behind_a_level_and_where_they_are(tmp_path):
    fit = synthetic_fit.build()
    posterior = fit["posterior"].to_dataset()
    fit["posterior"] = posterior.assign_coords(learnt=("stance_class", [True, False, False]))
    page = fc.report(fit, tmp_path / "page.md").read_text(encoding="utf-8")
    record = fc.datasets.reporting_record()
    rows = record[(record["stance"] == "enemy") & record["measure"].isin(["killed", "casualties", "killed_and_missing", "wounded"])]
    told = f"Learnt from past wars: how the enemy's side state losses ({len(rows)} claims of {rows['war'].nunique()} wars). "
    assert f"{told}In Python, fc.datasets.reporting\\_record() lists every claim with its source" in page
    assert "Learnt from past wars" not in fc.report(synthetic_fit.build(), tmp_path / "other.md").read_text(encoding="utf-8")


def test_dates_are_words_wherever_people_read_them(fit, tmp_path):
    """Model files, scenarios and the data of the explorer keep ISO dates; so do ids and reasons of the ledger, which are quoted."""
    label, labelled = {"of": ["2025-01-10/2025-01-31 to rear"]}, fit.copy()
    for name in ("posterior", "prior"):
        values = fit[name].to_dataset()
        ones = np.ones((values.sizes["chain"], values.sizes["draw"], 1))
        labelled[name] = xr.DataTree(values.assign(share=(("chain", "draw", "of"), ones)).assign_coords(label))
    for made, days in (
        (labelled, ["share (10 January 2025 to 31 January 2025 to rear)"]),
        (synthetic_fit.forecast(), ["FORECAST from"]),
    ):
        text = fc.report(made, tmp_path / "r.html").read_text(encoding="utf-8")
        shown = re.sub(r"<(script|pre).*?</\1>|data:image[^\"]*", "", text, flags=re.DOTALL)
        figures = [unquote(address) for address in re.findall(r"data:image/svg\+xml,([^\"]*)", text)]
        dated = [html.unescape(found) for found in re.findall(r"[^<>]*\d{4}-\d\d-\d\d[^<>]*", shown)]
        assert [found for found in dated if not found.startswith("{")] == []  # a scenario is quoted as JSON
        assert [found for figure in figures for found in re.findall(r">([^<]*\d{4}-\d\d-\d\d[^<]*)</text>", figure)] == []
        assert all(day in shown for day in days)


def test_given_tables_and_left_out_rows_are_on_the_page(fit, tmp_path):
    row = {"n_claims": 2, "measure": "killed", "shift": 12.0, "shift_sd": 0.25, "method": "refit"}
    given = pd.DataFrame([{"source": "<b>Ministry</b>", **row}, {"source": "Only <i>fits</i>", **row, "shift": float("nan")}])
    text = fc.report(fit, tmp_path / "r.html", influence=given).read_text(encoding="utf-8")
    assert "&lt;b&gt;Ministry&lt;/b&gt;" in text
    assert "<b>Ministry" not in text
    assert "needs a fit without each of them: Only &lt;i&gt;fits&lt;/i&gt;" in text
    assert "announces a plan, not a count" in text


def test_the_page_lists_contradictions_and_says_that_chance_makes_none(fit, tmp_path):
    row = {"claims": "a vs b", "sources": "X, Y", "claimed": "1, against 9", "distance": 6.25, "p_value": 0.013}
    row |= {
        "expected_by_chance": 0.02,
        "finding": "contradiction",
        "factor": 4.0,
        "outlier": "b",
        "change": "b would have to claim at most 4",
    }
    by_chance = row | {"claims": "c vs d", "distance": 2.5, "p_value": 0.4, "finding": "no more than chance"}
    both = pd.DataFrame([row, by_chance])
    text = fc.report(fit, tmp_path / "r.md", contradictions=both).read_text(encoding="utf-8")
    assert row_of(text, "a vs b")[:4] == ["1, against 9", "6.25", "0.013", "0.02"]
    assert "| c vs d |" not in text
    sentence = (
        "What is expected by chance is not called a contradiction. The farthest that is not, c vs d, is 2.5 standard errors apart"
    )
    assert f"1 listed. {sentence}, and 40 % of ledgers" in text
    text = fc.report(fit, tmp_path / "r.md", contradictions=both[1:]).read_text(encoding="utf-8")
    assert f"None were found: no claims lie farther apart than chance explains. {sentence}" in text


def test_page_is_small_and_the_same_every_time(fit, tmp_path):
    one, two = (fc.report(fit, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert len(one) < 1_000_000  # what most mail servers let through, with room for the rest
    assert one == two


def parts_of(page):
    """Title, text and number of figures of every section of an HTML page, by id."""
    parts = page.read_text(encoding="utf-8").split('<section aria-labelledby="')[1:]
    return {part.partition('"')[0]: part for part in parts}


def row_of(table, *cells):
    """The cells of the first row of a Markdown table that begins with some."""
    start = "| " + " | ".join(cells) + " |"
    return next(line for line in table.splitlines() if line.startswith(start)).strip("| ").split(" | ")[len(cells) :]


def test_a_forecast_has_its_curves_and_says_what_it_assumes(tmp_path):
    made = synthetic_fit.forecast(2.0)
    made["posterior"]["in_training"][...] = 2e-6
    sections = parts_of(fc.report(made, tmp_path / "r.html"))
    assert sections["curves"].count("<img") == 1
    assert "From 21 February 2025 on: the hazard at the front is 2 times that of the model." in sections["forecast"]
    assert not {"claims", "influence", "contradictions", "scenarios"} & set(sections)
    assert "prior median" not in sections["numbers"]
    assert "prior 5 %" not in sections["bias"]
    text = fc.report(made, tmp_path / "r.md").read_text(encoding="utf-8")
    assert text.startswith("# Forecast: the force")
    assert row_of(text, "Killed, cumulative")[:3] == ["1,200", "660", "1,740"]  # twice 600, 330 and 870
    assert row_of(text, "In training")[:3] == ["0", "0", "0"]


def test_scenarios_stand_side_by_side_with_their_differences(fit, tmp_path):
    forecasts = {"as before": synthetic_fit.forecast(1.0), "doubled": synthetic_fit.forecast(2.0)}
    section = parts_of(fc.report(fit, tmp_path / "r.html", scenarios=forecasts))["scenarios"]
    assert section.count("<img") == 1
    text = fc.report(fit, tmp_path / "r.md", scenarios=forecasts).read_text(encoding="utf-8")
    assert row_of(text, "as before", "21 February 2025") == ["no change from the model"]
    assert row_of(text, "Killed, cumulative", "as before") == ["600", "330", "870", "–", "–", "–"]
    assert row_of(text, "Killed, cumulative", "doubled") == ["1,200", "660", "1,740", "600", "330", "870"]
    assert row_of(text, "Wounded, cumulative", "doubled")[3:] == ["0", "0", "0"]


def test_without_forecasts_there_is_no_section_for_them(fit, tmp_path):
    assert "scenarios" not in parts_of(fc.report(fit, tmp_path / "r.html"))


def test_forecasts_of_another_fit_are_refused(fit, tmp_path):
    strange = synthetic_fit.forecast()
    strange.attrs["ledger_hash"] = "1" * 64
    with pytest.raises(ForcestError, match="must be forecasts of this fit; got others: far off"):
        fc.report(fit, tmp_path / "r.html", scenarios={"near": synthetic_fit.forecast(), "far off": strange})
    assert list(tmp_path.iterdir()) == []


def test_the_page_holds_the_model_as_a_file_and_the_reasons_of_its_priors(tmp_path):
    ledger, model = fc.datasets.load("north_korea_kursk"), fc.presets.north_korea_kursk()
    described = synthetic_fit.build()
    described.attrs |= {"model_kind": model.kind, "model": model.model_dump_json()}
    described.attrs |= {"ledger": ledger.to_csv(), "ledger_hash": ledger.hash}
    section = parts_of(fc.report(described, tmp_path / "r.html"))["model"]
    (tmp_path / "model.toml").write_text(html.unescape(section.partition("<pre")[2].partition(">")[2].partition("</pre>")[0]))
    assert fc.read_model(tmp_path / "model.toml") == model
    text = fc.report(described, tmp_path / "r.md").read_text(encoding="utf-8")
    # 12,000 a, a from 0.8 to 1.2 before the claims and from 0.9 to 1.1 after
    expected = ["12,000", "9,840", "14,160", "12,000", "10,920", "13,080", "persons"]
    assert row_of(text, "wave\\_size (first)")[:7] == expected
    assert row_of(text, "wave\\_size (first)")[7].startswith("elicited for the wave")


def test_command_writes_a_page_beside_the_fit(fit, tmp_path):
    fit.to_netcdf(tmp_path / "kursk.nc")
    done = CliRunner().invoke(app, ["report", str(tmp_path / "kursk.nc")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "kursk.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_claim_that_was_merged_into_another_is_named(tmp_path):
    fit = synthetic_fit.build()
    copies = fit["constant_data"]["copies"].to_numpy().astype(object)
    copies[0] = "x1+x2"
    fit["constant_data"] = fit["constant_data"].to_dataset().assign(copies=("claim", copies.astype(str)))
    text = fc.report(fit, tmp_path / "r.md").read_text(encoding="utf-8")
    first = str(fit["constant_data"]["claim"].values[0])
    assert all(f"repeats {first}; the two count as one claim" in line for line in text.splitlines() if line.startswith("| x"))
    assert sum(line.startswith(("| x1", "| x2")) for line in text.splitlines()) == 2


def test_a_claim_about_a_part_says_so(fit, tmp_path):
    text = fc.report(fit, tmp_path / "r.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "(part of the force)" in line]
    assert len(lines) == 1
    assert "| t15 |" in lines[0]


def test_influence_without_a_reliable_number_names_the_refits_and_has_no_empty_table(fit, tmp_path):
    none = pd.DataFrame({"source": ["Ministry", "Agency"], "measure": "killed", "shift": np.nan, "shift_sd": np.nan, "method": "-"})
    text = fc.report(fit, tmp_path / "r.md", influence=none).read_text(encoding="utf-8").partition("## Influence of each source")[2]
    section = text.partition("\n## ")[0]
    assert "Agency, Ministry" in section
    assert "forcest report" in section
    assert "| source |" not in section


def test_the_explorer_begins_with_the_numbers_of_the_tables(fit):
    table = fc.summary(fit).set_index("measure")
    data = exploration(fit, str(table["date"].iloc[0].date()), {})
    view = data["views"][0]
    for curve in view["curves"]:
        measure = next(m for m in MEASURES.values() if m.label == curve["label"])
        spans = table.loc[measure.name, ["median", "low", "high"]].to_numpy(dtype=float)
        np.testing.assert_array_equal(curve["spans"][view["start"]][:3], np.rint(spans))
