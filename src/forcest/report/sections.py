"""The sections of a report, in their order, each with its texts, tables and figures."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from forcest.errors import ForcestError
from forcest.estimates.anchors import Anchors, anchors
from forcest.estimates.draws import group, of_one_fit
from forcest.models.scenario import Scenario
from forcest.report import tables
from forcest.report.asked import SHOWN, model_of, reasons_of
from forcest.report.images import Image, images, scenario_images
from forcest.report.tables import Table

NOT_FOR = (
    "These are estimates from public claims by parties with a stake: no count of identified people, no evidence about any "
    "person or unit, no basis for targeting. An interval holds if the model is right; the level rests on what is named above."
)
OF_THE_FIT = (
    "Claims against the fit, influence of the sources and contradictions stand on the page of the fit that this forecast "
    "goes on from."
)
CARRIED = "What follows the last claim is carried by assumptions, those of the model and those named here."
AS_FILE = (
    "Saved as model.toml, it is fitted again by: forcest estimate LEDGER --model model.toml. Every number in it may be changed."
)
CLASHES = (
    "Sets of claims that can hardly all be true. Claims of different days and kinds are compared by what the model, before it has "
    "read any claim, thinks likely to happen between them: the distance says how unlikely their ratio is then, the factor by how "
    "many times it would have to change to be likely."
)
COUNTED = "The last column counts the fitted claims about this very measure, on any day; copies of one claim count once."
NOT_GIVEN = "Not computed for this page."
REFITS = "forcest report estimate.nc --refit fits again without each source that needs it (in Python: fc.influence)."


@dataclass(frozen=True)
class Section:
    """One section of the report."""

    id: str
    title: str
    texts: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    code: str = ""
    code_title: str = ""


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

    rests, flow = anchors(fit), drawn("flow")
    found = [
        Section("numbers", "Headline numbers", [str(rests), *_notes(fit)], [tables.numbers(fit), tables.statements(fit)]),
        *_forecast(fit),
        Section("curves", "Curves and claims", images=drawn("curves")),
        *([Section("scenarios", "Scenarios", *_scenarios(fit, extras, draw=draw))] if extras.scenarios else []),
        Section("explore-title", "Explore"),
        Section("flow", "Where the people are", images=flow),
        *(
            [Section("claims", "Claims against the fit, by source", [], [tables.claims(fit)], drawn("claims"))]
            if _is_fit(fit)
            else []
        ),
        Section("bias", "Bias by source", [], [tables.bias(fit)] if "bias" in group(fit, "posterior") else [], drawn("bias")),
        *([_influence(extras.influence), _contradictions(extras.contradictions)] if _is_fit(fit) else []),
        Section("anchors", "What anchors the level", [str(rests)], [_shares(rests)]),
        Section("left-out", "What was left out, and why", *_left_out(fit)),
        _model(fit),
        Section("diagnostics", "Diagnostics", *_diagnostics(fit)),
        _provenance(fit),
    ]
    skipped = {"curves", "flow", "explore-title"} if not draw else set() if flow else {"flow"}
    return [section for section in found if section.id not in skipped]


def _is_fit(fit: xr.DataTree) -> bool:
    """Whether claims can be set beside predictions, which a forecast does not keep."""
    return "posterior_predictive" in fit.children


def _forecast(fit: xr.DataTree) -> list[Section]:
    """What a forecast assumes to happen; nothing in a fit."""
    if "forecast_from" not in fit.attrs:
        return []
    begins, happens = tables.happening(fit)
    return [Section("forecast", "What is assumed to happen", [f"From {begins} on {happens}.", OF_THE_FIT])]


def _notes(fit: xr.DataTree) -> list[str]:
    """What must be known to read the table of numbers, and which rows are empty or the same."""
    posterior = group(fit, "posterior")
    notes = [COUNTED]
    if "rear" in posterior and not (posterior["rear"] > 0.5).any():
        notes.append("Nobody is in the rear on any day.")
    if "invalided" in posterior and np.allclose(posterior["withdrawn_home"], posterior["invalided"], atol=0.5):
        notes.append("The withdrawn home are the invalided alone.")
    return notes


def _contradictions(table: pd.DataFrame | None) -> Section:
    title = "Contradictions"
    if table is None:
        return Section("contradictions", title, [NOT_GIVEN])
    if table.empty:
        return Section("contradictions", title, ["None was found."])
    units = {"distance": "distance [standard errors]", "factor": "factor [times]"}
    return Section("contradictions", title, [CLASHES], [tables.table_of(table.rename(columns=units), "The worst first")])


def _influence(table: pd.DataFrame | None) -> Section:
    """Shifts of each headline number; parts without a reliable number are counted, not listed row by row."""
    title = "Influence of each source"
    if table is None or table.empty:
        return Section("influence", title, [NOT_GIVEN, REFITS])
    known = table.loc[table["shift"].notna(), [name for name in SHOWN if name in table]]
    unknown = sorted(set(table.loc[table["shift"].isna(), "source"])) if "source" in table else []
    moves = "How far the median moves when a source is left out, in persons and in posterior standard deviations."
    texts = [] if known.empty else [moves]
    if unknown:
        texts += [f"These probably carry much, and only a fit without them can tell: {', '.join(unknown)}.", REFITS]
    shown = (
        [] if known.empty else [tables.table_of(known.round({"shift": 0, "shift_sd": 2}), "Shift of each median without a source")]
    )
    return Section("influence", title, texts, shown)


def _scenarios(fit: xr.DataTree, extras: Extras, *, draw: bool) -> tuple[list[str], list[Table], list[Image]]:
    forecasts = extras.scenarios
    strange = [name for name, tree in forecasts.items() if "forecast_from" not in tree.attrs or not of_one_fit(fit, tree)]
    if strange:
        raise ForcestError(f"`scenarios` must be forecasts of this fit; not so {', '.join(strange)}. Use fc.forecast(fit, ...).")
    drawn = scenario_images(forecasts) if draw else []
    return [CARRIED], [tables.happenings(forecasts), tables.scenarios(forecasts)], drawn


def _shares(rests: Anchors) -> Table:
    return tables.table_of(rests.table.dropna(axis=1, how="all"), "Shares by measure")


def _model(fit: xr.DataTree) -> Section:
    """The model as a file that can be fitted again, and its priors beside what they became."""
    model, priors = model_of(fit), tables.priors(fit, reasons_of(fit))
    texts, code = [], ""
    if model is not None:
        code = model.to_toml()
        texts = [f"A {model.kind} from {model.start} to {model.end}, step {model.step}. {AS_FILE}"]
    return Section("model", "Model and priors", texts, [priors] if priors.rows else [], code=code, code_title="model.toml")


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
    table = Table("What made these numbers", [tables.Column("what"), tables.Column("which")], rows)
    if "scenario" in attrs:
        scenario = Scenario.model_validate_json(attrs["scenario"]).model_dump_json(exclude_defaults=True)
        table.rows.extend([["forecast from", str(attrs["forecast_from"])], ["scenario", scenario]])
        return Section("provenance", "Provenance", ["The same fit, scenario and last day give the same forecast."], [table])
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
