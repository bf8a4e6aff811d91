"""What stands on a page, as tables and sentences; how it looks is the template's matter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forcest.checks import contradictions, influence, sensitivity
from forcest.errors import ForcestError
from forcest.estimates import anchors, claims_table, probability, summary
from forcest.estimates.draws import as_dates, group, on_date, quantiles
from forcest.estimates.measures import MEASURES
from forcest.ledger import Ledger
from forcest.models.files import MODELS
from forcest.report.words import day, in_words, number, percent, spaced

HEADLINES = ("deployed", "at_front", "casualties", "killed", "wounded", "captured", "returned_to_duty")
NOT_FOR = (
    "These are estimates from public claims by parties with a stake. They are no count of identified people, no evidence about any "
    "person or unit, and no basis for targeting or for decisions about individuals. Quote them with their interval, their date and "
    "what anchors their level."
)


@dataclass(frozen=True)
class Table:
    """A table of the page: texts only, so that every renderer says the same.

    Attributes
    ----------
    caption : str
    head : list of str
    rows : list of list of str
        The first cell names the row.
    numeric : frozenset of int
        Columns that are aligned as numbers.
    """

    caption: str
    head: list[str]
    rows: list[list[str]]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Content:
    """Everything a page says.

    Attributes
    ----------
    title, subtitle : str
    warnings : list of str
        Why the numbers must not be used, or only with care.
    headline : Table
    sentences : list of str
        Statements with a probability, in words and numbers.
    anchors : str
    claims, bias, left_out, priors, diagnostics, provenance : Table
    verdict : str
    influence, contradictions, sensitivity, scenarios : Table or None
    influence_data : DataFrame or None
    notes : list of str
        Sections that could not be made, and why.
    """

    title: str
    subtitle: str
    warnings: list[str]
    headline: Table
    sentences: list[str]
    anchors: str
    claims: Table
    bias: Table
    left_out: Table
    priors: Table | None
    diagnostics: Table
    verdict: str
    provenance: Table
    influence: Table | None = None
    influence_data: pd.DataFrame | None = None
    contradictions: Table | None = None
    sensitivity: Table | None = None
    scenarios: Table | None = None
    not_for: str = NOT_FOR
    notes: list[str] = field(default_factory=list)


def content_of(
    fit: xr.DataTree,
    title: str | None,
    influence_table: pd.DataFrame | None,
    sensitivity_table: pd.DataFrame | None,
    scenarios: Mapping[str, xr.DataTree],
) -> Content:
    """Gather what a fit says, and what can be asked of it without fitting again."""
    from forcest.inference import diagnose

    date = as_dates(fit, None)[0]
    posterior = group(fit, "posterior")
    forces = [str(force) for force in posterior["force"].values]
    model, notes = _model(fit), []
    ledger = Ledger.from_csv(fit.attrs["ledger"])
    if influence_table is None and "log_likelihood" in fit.children and fit.attrs.get("ledger_hash") == ledger.hash:
        influence_table = influence(model, ledger, fit, refit=False)
        notes.append("Influence is read off importance weights; where these are not reliable only a refit tells it.")
    if sensitivity_table is None and "log_likelihood" in fit.children and fit.attrs.get("ledger_hash") == ledger.hash:
        sensitivity_table = sensitivity(model, ledger, fit, {})
    verdict = diagnose(fit)
    return Content(
        title=title or f"{', '.join(forces)}: estimate from public claims",
        subtitle=f"Posterior at {day(date)}, the last day with a claim; intervals are equal-tailed 90 %",
        warnings=_warnings(fit),
        headline=_headline(fit, date),
        sentences=_sentences(fit, date),
        anchors=str(anchors(fit, pd.Timestamp(date).date())),
        claims=_claims(fit) if "posterior_predictive" in fit.children else Table("Claims", ["id"], []),
        bias=_bias(fit),
        left_out=_left_out(fit),
        priors=_priors(model, ledger),
        diagnostics=_diagnostics(fit),
        verdict="\n".join([str(verdict).splitlines()[0], *verdict.reasons, *([verdict.remedy] if verdict.remedy else [])]),
        provenance=_provenance(fit),
        influence=_influence(influence_table) if influence_table is not None else None,
        influence_data=influence_table,
        contradictions=_contradictions(fit) if "prior_predictive" in fit.children else None,
        sensitivity=_sensitivity(sensitivity_table) if sensitivity_table is not None else None,
        scenarios=_scenarios(scenarios) if scenarios else None,
        notes=notes,
    )


def _model(fit: xr.DataTree) -> Any:
    kind = fit.attrs.get("model_kind")
    if kind not in MODELS:
        raise ForcestError(f"a report must be of a fit of {' or '.join(MODELS)}; got {kind!r}. Fit one with forcest.fit.")
    return MODELS[kind].model_validate_json(fit.attrs["model"])


def _warnings(fit: xr.DataTree) -> list[str]:
    found = []
    if not fit.attrs.get("finished", 1):
        found.append("Unfinished: the run was stopped before its draws were good enough. Do not use these numbers.")
    if not fit.attrs.get("converged", 0):
        found.append("Not converged: do not use these numbers. The section on diagnostics says why and what to do.")
    if fit.attrs.get("quick", 0):
        found.append("Quick look: coarse and short, judged by looser limits. Not to be quoted.")
    if "forecast_from" in fit.attrs:
        found.append(f"A forecast: from {day(fit.attrs['forecast_from'])} on nothing is known from claims.")
    return found


def _headline(fit: xr.DataTree, date: np.datetime64) -> Table:
    table = summary(fit, at=pd.Timestamp(date).date())
    several = table["force"].nunique() > 1
    rows = []
    for row in table.to_dict("records"):
        label = MEASURES[row["measure"]].label
        unit = "" if row["unit"] == "persons" else f" [{row['unit']}]"
        numbers = [number(row[name], row["unit"]) for name in ("median", "low", "high", "prior_median")]
        rows.append([f"{row['force']}: {label}{unit}" if several else label + unit, *numbers, str(row["n_claims"])])
    head = ["Measure [persons]", "Median", "90 % from", "to", "Prior median", "Claims"]
    return Table(f"Posterior at {day(date)}", head, rows, frozenset(range(1, 6)))


def _sentences(fit: xr.DataTree, date: np.datetime64) -> list[str]:
    """For each headline measure: how probable it is that there are more than the last plain claim says."""
    table = claims_table(fit) if "posterior_predictive" in fit.children else pd.DataFrame()
    posterior, found = group(fit, "posterior"), []
    for i, force in enumerate(posterior["force"].values.astype(str)):
        for measure in (m for m in HEADLINES if m in posterior and len(table)):
            plain = table[(table["force"] == force) & (table["measure"] == MEASURES[measure].claimed_as)]
            plain = plain[(plain["wave"] == "") & (plain["scope"] != "flow") & (plain["form"] == "point")]
            if len(plain):
                last = plain.sort_values(["as_of", "published"], kind="stable").iloc[-1]
                when = np.clip(np.datetime64(last["as_of"], "D"), *_ends(posterior))
                draws = on_date(posterior[measure].isel(force=i), when)
                found.append(_sentence(measure, last, float(probability(draws > last["value"])), when))
    return found


def _ends(posterior: xr.Dataset) -> tuple[np.datetime64, np.datetime64]:
    dates = posterior["date"].values.astype("datetime64[D]")
    return dates[0], dates[-1]


def _sentence(measure: str, claim: pd.Series, p: float, when: np.datetime64) -> str:
    name = MEASURES[measure].label.replace(", cumulative", "").lower()
    word = in_words(p)
    chance = f"{word[0].upper()}{word[1:]} ({percent(p)})"
    return f"{chance}: more than {number(claim['value'])} {name} at {day(when)}, the number that {claim['source']} gave."


def _claims(fit: xr.DataTree) -> Table:
    table = claims_table(fit)
    rows = [
        [
            str(row["id"]),
            str(row["source"]),
            f"{row['as_of']:%Y-%m-%d}",
            f"{row['claimed']} {spaced(row['measure'])}{' (wave ' + row['wave'] + ')' if row['wave'] else ''}",
            *(number(row[name], _unit(row)) for name in ("median", "low_90", "high_90")),
            f"{row['z']:+.1f}" if row["z"] else "inside",
        ]
        for row in table.to_dict("records")
    ]
    head = ["Claim", "Source", "As of", "Said", "Expected", "90 % from", "to", "Distance [sd]"]
    return Table("Every fitted claim, and what the fit expects its source to say", head, rows, frozenset({4, 5, 6, 7}))


def _unit(row: dict[str, Any]) -> str:
    return "partner soldiers per soldier" if row["measure"] == "equivalence" else "persons"


def _bias(fit: xr.DataTree) -> Table:
    bias = group(fit, "posterior")["bias"]
    low, median, high = quantiles(bias, (0.05, 0.5, 0.95))
    dims = bias.dims[2:]
    rows = []
    for place in np.argwhere(np.isfinite(median)):
        labels = [str(bias[dim].values[k]) for dim, k in zip(dims, place, strict=True)]
        at = tuple(place)
        rows.append([labels[-2], *labels[:-2], labels[-1], f"×{median[at]:.2f}", f"×{low[at]:.2f}", f"×{high[at]:.2f}"])
    head = ["Source", *(["Force"] if len(dims) > 2 else []), "Class", "Median", "90 % from", "to"]
    return Table("Factor between what a source says and what there is", head, rows, frozenset(range(len(head) - 3, len(head))))


def _left_out(fit: xr.DataTree) -> Table:
    rows = [[str(row["id"]), str(row["reason"])] for row in json.loads(fit.attrs.get("left_out", "[]"))]
    return Table("Rows of the ledger that were not fitted", ["Claim", "Why"], rows)


def _priors(model: Any, ledger: Ledger) -> Table | None:
    table = model.priors(ledger)
    rows = [
        [str(row["name"]), *(f"{row[name]:.3g}" for name in ("median", "low", "high")), str(row["unit"]), str(row["why"])]
        for row in table.to_dict("records")
    ]
    head = ["Parameter", "Median", "90 % from", "to", "Unit", "What it is"]
    return Table("What was assumed before any claim was read", head, rows, frozenset({1, 2, 3}))


def _diagnostics(fit: xr.DataTree) -> Table:
    table = group(fit, "diagnostics").to_dataframe()
    worst = pd.concat([table.nlargest(5, "r_hat"), table.nsmallest(5, "ess_bulk"), table.nsmallest(5, "ess_tail")])
    worst = worst[~worst.index.duplicated()]
    columns = [name for name in ("r_hat", "nested_r_hat", "ess_bulk", "ess_tail") if name in worst]
    rows = [[str(name), *(f"{row[c]:.3f}" if "hat" in c else f"{row[c]:,.0f}" for c in columns)] for name, row in worst.iterrows()]
    names = {"r_hat": "R-hat", "nested_r_hat": "Nested R-hat", "ess_bulk": "Bulk ESS", "ess_tail": "Tail ESS"}
    caption = f"The worst of {len(table):,} quantities"
    return Table(caption, ["Quantity", *(names[c] for c in columns)], rows, frozenset(range(1, len(columns) + 1)))


def _provenance(fit: xr.DataTree) -> Table:
    attrs = fit.attrs
    versions = json.loads(attrs.get("versions", "{}"))
    rows = [
        ["Ledger (sha256 of its claims)", str(attrs.get("ledger_hash", ""))],
        ["Sampler and settings", str(attrs.get("sampler_settings", ""))],
        ["Seed", str(attrs.get("random_seed", ""))],
        ["Model", str(attrs.get("model_kind", ""))],
        ["Versions", ", ".join(f"{name} {value}" for name, value in versions.items())],
        ["Repeat it", "forcest rerun FIT.nc, with the file that this page was made from"],
    ]
    if "scenario" in attrs:
        rows.append(["Scenario", str(attrs["scenario"])])
    return Table("Where the numbers come from", ["What", "Value"], rows)


def _influence(table: pd.DataFrame) -> Table:
    by = str(table.columns[0])
    rows = []
    for row in table.to_dict("records"):
        known = np.isfinite(row["shift"])
        shift = f"{row['shift']:+,.0f}" if known else "–"
        sds = f"{row['shift_sd']:+.2f}" if known else "–"
        how = str(row["method"]) + ("" if row["converged"] else ", not converged")
        rows.append([str(row[by]), str(row["n_claims"]), spaced(row["measure"]), shift, sds, f"{row['power']:.2f}", how])
    head = [by.capitalize(), "Claims", "Measure", "Shift without it [persons]", "in sd", "Power", "Found by"]
    return Table(f"How far the median moves without one {by}", head, rows, frozenset({1, 3, 4, 5}))


def _contradictions(fit: xr.DataTree) -> Table:
    table = contradictions(fit)
    rows = [
        [str(row["claims"]), str(row["said"]), f"{row['distance']:.1f}", str(row["change"])] for row in table.to_dict("records")
    ]
    head = ["Claims", "Said", "Distance [standard errors]", "What would reconcile them"]
    return Table("Claims that can hardly hold together", head, rows, frozenset({2}))


def _sensitivity(table: pd.DataFrame) -> Table:
    notable = table[table["notable"].astype(bool)]
    rows = []
    for row in notable.to_dict("records"):
        power = row.get("power", np.nan)
        moved = f"{row['shift']:+,.0f} ({row['shift_sd']:+.2f} sd)" if row["kind"] == "refit" else f"{power:.2f}"
        rows.append([str(row["name"]), spaced(str(row["measure"])), str(row["kind"]), moved, str(row["note"])])
    head = ["Assumption", "Measure", "How", "Sensitivity or shift", "What it means"]
    return Table("Assumptions that the answer rests on", head, rows)


def _scenarios(scenarios: Mapping[str, xr.DataTree]) -> Table:
    rows = []
    for name, tree in scenarios.items():
        posterior = group(tree, "posterior")
        for measure in (m for m in HEADLINES if m in posterior):
            for i, force in enumerate(posterior["force"].values.astype(str)):
                last = posterior[measure].isel(force=i, date=-1)
                low, median, high = quantiles(last, (0.05, 0.5, 0.95))
                label = MEASURES[measure].label if len(posterior["force"]) == 1 else f"{force}: {MEASURES[measure].label}"
                rows.append([name, day(posterior["date"].values[-1]), label, *(number(float(x)) for x in (median, low, high))])
    return Table("What follows, if", ["Scenario", "At", "Measure", "Median", "90 % from", "to"], rows, frozenset({3, 4, 5}))
