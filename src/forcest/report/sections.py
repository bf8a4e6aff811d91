"""The sections of a report, in their order, each with its texts, tables and figures."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd
import xarray as xr

from forcest.estimates.anchors import anchors
from forcest.estimates.draws import group
from forcest.report import tables
from forcest.report.asked import SHOWN
from forcest.report.images import Image, images
from forcest.report.tables import Table

NOT_FOR = (
    "These are estimates from public claims by parties with a stake: no count of identified people, no evidence about any "
    "person or unit, no basis for targeting. An interval holds if the model is right; the level rests on what is named above."
)
NO_CLAIMS = "A forecast keeps no predictions of claims; the page of its fit shows curves and claims."
NOT_GIVEN = "Not computed for this page."


@dataclass(frozen=True)
class Section:
    """One section of the report."""

    id: str
    title: str
    texts: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    code: str = ""


@dataclass(frozen=True)
class Extras:
    """What was computed elsewhere and belongs on the page."""

    influence: pd.DataFrame | None = None
    contradictions: pd.DataFrame | None = None
    scenarios: dict[str, xr.DataTree] = field(default_factory=dict)


def sections(fit: xr.DataTree, extras: Extras, *, draw: bool) -> list[Section]:
    """All sections; without figures where the format has none."""

    def drawn(name: str) -> list[Image]:
        return images(fit, name) if draw else []

    rests, predicted = anchors(fit), "posterior_predictive" in fit.children
    flow = drawn("flow")
    found = [
        Section("numbers", "Headline numbers", [str(rests)], [tables.numbers(fit), tables.statements(fit)]),
        Section("curves", "Curves and claims", [] if predicted else [NO_CLAIMS], images=drawn("curves")),
        Section("explore-title", "Explore"),
        Section("flow", "Where the people are", images=flow),
        Section(
            "claims",
            "Claims against the fit, by source",
            [] if predicted else [NO_CLAIMS],
            [tables.claims(fit)] if predicted else [],
            drawn("claims"),
        ),
        Section("bias", "Bias by source", [], [tables.bias(fit)] if "bias" in group(fit, "posterior") else [], drawn("bias")),
        _influence(extras.influence),
        _given("contradictions", "Contradictions", extras.contradictions),
        Section("scenarios", "Scenarios", *_scenarios(extras)),
        Section("anchors", "What anchors the level", [str(rests)], [tables.table_of(rests.table, "Shares by measure")]),
        Section("left-out", "What was left out, and why", *_left_out(fit)),
        Section("priors", "Priors", [], [tables.priors(fit)]),
        Section("diagnostics", "Diagnostics", *_diagnostics(fit)),
        _provenance(fit),
    ]
    skipped = {"curves", "flow", "explore-title"} if not draw else set() if flow else {"flow"}
    return [section for section in found if section.id not in skipped]


def _given(name: str, title: str, table: pd.DataFrame | None) -> Section:
    if table is None:
        return Section(name, title, [NOT_GIVEN])
    if table.empty:
        return Section(name, title, ["None was found."])
    return Section(name, title, [], [tables.table_of(table, title)])


def _influence(table: pd.DataFrame | None) -> Section:
    """Shifts of each headline number; parts without a reliable number are counted, not listed row by row."""
    title = "Influence of each source"
    if table is None or table.empty:
        return Section("influence", title, [NOT_GIVEN])
    known = table.loc[table["shift"].notna(), [name for name in SHOWN if name in table]]
    unknown = sorted(set(table.loc[table["shift"].isna(), "source"])) if "source" in table else []
    texts = ["How far the median moves when a source is left out, in persons and in posterior standard deviations."]
    if unknown:
        texts.append(f"Only a fit without them can tell what these carry, which is likely much: {', '.join(unknown)}.")
    return Section("influence", title, texts, [tables.table_of(known, title)])


def _scenarios(extras: Extras) -> tuple[list[str], list[Table]]:
    return ([], [tables.scenarios(extras.scenarios)]) if extras.scenarios else ([NOT_GIVEN], [])


def _left_out(fit: xr.DataTree) -> tuple[list[str], list[Table]]:
    table = tables.left_out(fit)
    return ([], [table]) if table.rows else (["Every row of the ledger was fitted."], [])


def _diagnostics(fit: xr.DataTree) -> tuple[list[str], list[Table]]:
    seconds = json.loads(fit.attrs.get("seconds", "{}"))
    posterior = group(fit, "posterior")
    kept = f"{posterior.sizes['chain']} chains of {posterior.sizes['draw']} draws are kept in the file."
    took = f"Sampling took {seconds['sample']:.0f} s." if seconds.get("sample") else ""
    verdict = "The fit converged." if fit.attrs.get("converged", 0) else "The fit did not converge."
    table = [tables.diagnostics(fit)] if "diagnostics" in fit.children else []
    return [f"{verdict} {kept} {took}".strip()], table


def _provenance(fit: xr.DataTree) -> Section:
    attrs = fit.attrs
    rows = [
        ["forcest", str(attrs.get("forcest_version", "unknown"))],
        ["ledger (SHA-256)", str(attrs.get("ledger_hash", "unknown"))],
        ["sampler", str(attrs.get("sampler", "unknown"))],
        ["seed", str(attrs.get("random_seed", "unknown"))],
        *([str(k), str(v)] for k, v in json.loads(attrs.get("versions", "{}")).items()),
    ]
    if "scenario" in attrs:
        rows += [["forecast from", str(attrs["forecast_from"])], ["scenario", str(attrs["scenario"])]]
    table = Table("What made these numbers", [tables.Column("what"), tables.Column("which")], rows)
    text = "The saved fit holds ledger, model, settings and seed. This repeats it and compares:"
    return Section("provenance", "Provenance", [text], [table], code="forcest rerun estimate.nc")


def banners(fit: xr.DataTree) -> list[str]:
    """What must be said before any number."""
    found = []
    if int(fit.attrs.get("quick", 0)):
        found.append("QUICK RUN: coarse and short, to try things out. Do not quote these numbers.")
    if not int(fit.attrs.get("converged", 0)):
        found.append("NOT CONVERGED: the sampler did not reach the posterior. Do not use these numbers.")
    if ended_by := str(fit.attrs.get("ended_by", "")):
        found.append(f"UNFINISHED: the run was {ended_by}. Do not use these numbers.")
    if "forecast_from" in fit.attrs:
        found.append(f"FORECAST from {fit.attrs['forecast_from']}: what follows the last claim is carried by assumptions.")
    return found
