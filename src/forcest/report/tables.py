"""Tables of a report as text, ready for any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from forcest.estimates.draws import day_in_words, group, with_days_in_words
from forcest.estimates.measures import MEASURES
from forcest.inference.opened import OpenedFit
from forcest.report.likelihood_words import likelihood_word, percent
from forcest.report.results import Results

SPECIAL_IN_MARKDOWN = "\\`*_{}[]<>#+!|~&"
INFLUENCE_COLUMNS = ["source", "n_claims", "measure", "shift", "shift_sd", "method"]


@dataclass(frozen=True)
class Column:
    """Title of a column, and whether it holds numbers."""

    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table as text; a folded one is opened by its readers."""

    caption: str
    columns: list[Column]
    rows: list[list[str]] = field(default_factory=list)
    folded: bool = False


def number(x: float) -> str:
    """A number with thousands separators, and three digits below twenty."""
    if pd.isna(x):
        return "–"
    if np.isinf(x):
        return "no limit"
    return f"{x:z,.0f}" if abs(x) >= 20 or float(x).is_integer() else f"{x:z.3g}"


def persons(x: float) -> str:
    """A number of people, whole as on the terminal; some are never none."""
    return "under 1" if 0.01 < x < 0.5 else number(float(np.rint(x)))


def table_of(frame: pd.DataFrame, caption: str) -> Table:
    """Any DataFrame as text, its numbers rounded for reading."""
    columns = [Column(str(c).replace("_", " "), pd.api.types.is_numeric_dtype(frame[c])) for c in frame.columns]
    return Table(caption, columns, [[_text(x) for x in row] for row in frame.itertuples(index=False)])


def _text(x: object) -> str:
    if isinstance(x, bool | np.bool_):
        return "yes" if x else "no"
    if isinstance(x, pd.Timestamp):
        return day_in_words(x)
    if isinstance(x, int | float | np.number):
        return number(float(x))
    return "–" if x is None or x is pd.NaT else str(x)


def markdown_table(table: Table) -> str:
    """A table in Markdown, without its caption."""
    heads = [plain(column.title) for column in table.columns]
    rule = ["---:" if column.numeric else "---" for column in table.columns]
    lines = [heads, rule, *([plain(cell) for cell in row] for row in table.rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return "".join("\\" + c if c in SPECIAL_IN_MARKDOWN else c for c in " ".join(text.split()))


def _labels(frame: pd.DataFrame, forces: list[str]) -> list[str]:
    """Names of measures, with that of the force where there are several."""
    pairs = zip(frame["force"], (MEASURES[measure].label for measure in frame["measure"]), strict=True)
    return [f"{force}: {label}" if len(forces) > 1 else label for force, label in pairs]


def numbers(results: Results) -> Table:
    """Every measure at the day of the numbers."""
    found = results.summary
    titles = {"median": "median", "low": "5 %", "high": "95 %"}
    if not np.isnan(found["prior_median"].to_numpy()).all():  # a forecast has no prior
        titles |= {"prior_median": "prior median", "prior_low": "prior 5 %", "prior_high": "prior 95 %"}
    rows = []
    for label, row in zip(_labels(found, results.forces), found.to_dict("records"), strict=True):
        if row["measure"] == "invalided" and results.all_home_invalided:
            continue
        unit = "" if row["unit"] == "persons" else f" [{row['unit']}]"
        spans = [(number if " per " in row["unit"] else persons)(row[name]) for name in titles]
        rows.append([label + unit, *spans, str(row["n_claims"])])
    columns = [Column("measure"), *(Column(title, numeric=True) for title in (*titles.values(), "claims"))]
    return Table(
        f"Numbers at {day_in_words(results.date)}, {found.attrs['interval']} intervals, in persons unless stated", columns, rows
    )


def exceedances(results: Results) -> Table:
    """How probable it is that each headline measure exceeds round numbers, in percent and in words."""
    found, rows = results.exceedances, []
    for label, row in zip(_labels(found, results.forces), found.to_dict("records"), strict=True):
        p, error = row["probability"], f"{100 * row['mcse']:.1f} points"
        rows.append([f"{label}: more than {row['bound']:,.0f}", percent(p), likelihood_word(p), error])
    columns = [Column("statement"), Column("probability", numeric=True), Column("in words (ICD 203)")]
    return Table(
        f"Probabilities at {day_in_words(results.date)}", [*columns, Column("Monte Carlo standard error", numeric=True)], rows
    )


def claims(frame: pd.DataFrame) -> Table:
    """Every fitted claim, by source, beside what the fit expects the source to claim."""
    frame = frame.sort_values(["source", "as_of"])
    shown = pd.DataFrame({"source": frame["source"], "measure": frame["measure"].str.replace("_", " ")})
    claimed = frame["claimed"] + np.where(frame["coverage"] == "partial", " (part of the force)", "")
    shown = shown.assign(day=frame["as_of"], claimed=claimed, expected=frame["median"])
    shown = shown.assign(
        **{"5 %": frame["low_90"], "95 %": frame["high_90"], "distance [sd]": frame["z"].round(1), "id": frame["id"]}
    )
    caption = (
        "Each claim beside what the fit expects its source to claim for the whole force; the distance is 0 where the claim covers "
        "the median, or where a claim about a part lies below it"
    )
    return table_of(shown, caption)


def bias(results: Results) -> Table:
    """The factor by which each source exaggerates."""
    titles = {"median": "median", "low": "5 %", "high": "95 %", "prior_low": "prior 5 %", "prior_high": "prior 95 %"}
    columns = [Column(titles.get(name) or name.replace("_", " "), name in titles) for name in map(str, results.bias.columns)]
    rows = [[_bias_cell(name, value) for name, value in row.items()] for row in results.bias.to_dict("records")]
    return Table("Bias: the factor by which claims exceed what they count; above 1 is exaggeration", columns, rows)


def _bias_cell(name: object, value: object) -> str:
    if isinstance(value, str):
        return value.replace("_", " ") if name == "measure_class" else value
    return f"{value:.2f}" if np.isfinite(value) else "–"  # pyright: ignore[reportArgumentType, reportCallIssue]


def parameters(results: Results) -> Table:
    """Every parameter with few entries: its prior and its posterior."""
    named = results.parameters.assign(parameter=results.parameters["parameter"].map(with_days_in_words))
    return table_of(named, "Parameters: prior and posterior, from draws of each")


def left_out(results: Results) -> Table:
    """Rows of the ledger that were not fitted, with the reason."""
    rows = [[row["id"], row["reason"]] for row in results.opened.left_out]
    data = group(results.fit, "constant_data")
    for id_, copies in zip(data["claim"].values.astype(str), data["copies"].values.astype(str), strict=True):
        rows += [[copy, f"repeats {id_}; the two count as one claim"] for copy in copies.split("+") if copy]
    return Table("Rows of the ledger that were not fitted", [Column("id"), Column("reason")], rows)


def diagnostics(fit: xr.DataTree) -> Table:
    """The ten quantities with the fewest effective draws."""
    frame = group(fit, "diagnostics").to_dataframe().reset_index().sort_values("ess_bulk").head(10)
    frame = frame[["quantity", "r_hat", "ess_bulk", "ess_tail"]].assign(
        quantity=frame["quantity"].map(with_days_in_words), r_hat=[f"{x:.3f}" for x in frame["r_hat"]]
    )
    return table_of(frame, "The ten quantities with the fewest effective draws")


def assumption(opened: OpenedFit) -> tuple[str, str]:
    """The first day on which a forecast differs from the fit, and the assumption from then on."""
    scenario = opened.scenario
    assert scenario is not None
    begins = scenario.begins or opened.forecast_from
    assert begins is not None
    return day_in_words(begins), with_days_in_words(str(scenario))


def assumptions(forecasts: Mapping[str, xr.DataTree]) -> Table:
    """The assumptions of each forecast."""
    rows = [[name, *assumption(OpenedFit.of(forecast))] for name, forecast in forecasts.items()]
    return Table("Assumptions of each scenario", [Column("scenario"), Column("from"), Column("assumption")], rows)


def scenario_ends(results: Results) -> Table:
    """Headline measures at the end of each forecast, and how much they differ from the first, draw by draw."""
    found, first, rows = results.scenario_ends, next(iter(results.scenarios)), []
    for label, row in zip(_labels(found, results.forces), found.to_dict("records"), strict=True):
        spans = [persons(row[name]) for name in ("median", "low", "high")]
        apart = [persons(row[f"difference_{name}"]) for name in ("median", "low", "high")]
        rows.append([label, row["scenario"], *spans, *(["–"] * 3 if row["scenario"] == first else apart)])
    heads = ("median", "5 %", "95 %", "difference", "difference 5 %", "difference 95 %")
    end = day_in_words(group(results.scenarios[first], "posterior")["date"].values[-1])
    caption = f"Forecasts to {end}, equal-tailed 90 % intervals; differences from “{first}” are taken draw by draw"
    return Table(caption, [Column("measure"), Column("scenario"), *(Column(h, True) for h in heads)], rows)
