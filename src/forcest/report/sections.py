"""The sections of a report, in their order, each with its texts, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from forcest.attributes import LIMITS_OF_USE
from forcest.checks.contradictions import CONTRADICTION, summary_of
from forcest.datasets.reporting_record import MEASURE_CLASS, reporting_record
from forcest.estimates.anchors import STANCES
from forcest.estimates.draws import day_in_words, group, with_days_in_words
from forcest.models.default import choice
from forcest.report import tables
from forcest.report.headline import Headline
from forcest.report.images import Image, images, scenario_images
from forcest.report.results import Results
from forcest.report.tables import Table

ON_THE_PAGE_OF_THE_FIT = (
    "Claims against the fit, influence of the sources and contradictions are on the page of the fit that this forecast continues."
)
ASSUMED = "Beyond the last claim the curves rest on assumptions: those of the model and those listed here."
AS_FILE = (
    "Saved as model.toml, it can be fitted again with: forcest estimate LEDGER --model model.toml. Every number in it may be "
    "changed."
)
HOW_CONTRADICTORY = (
    "Pairs and sets of claims that are unlikely to be true together. Claims, also about different days and measures, are compared "
    "with the prior predictions of the model. The distance says how unlikely their ratio is, the factor by how much it would have "
    "to change to be likely. The p-value is the share of ledgers without contradictions, simulated from the priors, that hold "
    "claims as far apart anywhere; the column beside it counts how many they hold on average."
)
COUNTED = "The last column counts the fitted claims about this measure, on any day; copies of one claim count once."
NOT_COMPUTED = "Not computed for this page."
NOT_COMPUTABLE = (
    "Not computed for this page: this needs the likelihood of the claims in the fit, and Numba where the page is written. "
    "It does not mean that there is nothing to find."
)
REFITS = "forcest report estimate.nc --refit makes these fits (in Python: fc.influence(fit))."


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
    folded: bool = False


@dataclass(frozen=True)
class Page:
    """A page in any format.

    Parameters
    ----------
    title, lead : str
    sections : list of Section
    figure : list of Image
        Drawn with the headline.
    banners : list of str
        What must be read before any number.
    marks : str
        Before the title in the head of the page, such as ``[QUICK] ``.
    headline : Headline, optional
        The answer, before all sections.
    explore : dict, optional
        Data for readers to choose a date and sources, from :func:`forcest.report.exploration.exploration`.
    footer : str
    """

    title: str
    lead: str
    sections: list[Section]
    banners: list[str] = field(default_factory=list)
    marks: str = ""
    headline: Headline | None = None
    figure: list[Image] = field(default_factory=list)
    explore: dict | None = None
    footer: str = LIMITS_OF_USE


def sections(results: Results, *, with_figures: bool) -> list[Section]:
    """All sections; without figures, those that contain only figures are left out."""

    def drawn(name: str) -> list[Image]:
        return images(results.fit, name) if with_figures else []

    flow = drawn("flow")
    first = [
        *_forecast(results),
        *([Section("curves", "Curves and claims", images=drawn("curves"))] if with_figures else []),
        *_scenarios(results, with_figures=with_figures),
        *([Section("explore-title", "Explore")] if with_figures else []),
    ]
    below = [
        *([Section("flow", "States of the people deployed", images=flow)] if flow else []),
        Section("numbers", "All numbers", _notes(results), [tables.numbers(results), tables.exceedances(results)]),
        _anchors(results),
        *_claims(results, drawn("claims")),
        Section("bias", "Bias by source", [], [] if results.bias.empty else [tables.bias(results)], drawn("bias")),
        *_checks(results),
        _left_out(results),
        _model(results),
        _diagnostics(results),
        _provenance(results),
    ]
    return [*first, *(replace(section, folded=True) for section in below)]


def _anchors(results: Results) -> Section:
    """What anchors the level: a sentence and a table; of several forces the table alone, since the sentences would be a page."""
    caption = "Share of the uncertainty that is bias of a side, and the part of it that is learnt from past wars (from record)"
    shares = tables.table_of(results.anchors.table.dropna(axis=1, how="all"), caption)
    said = [str(results.anchors)] if len(results.forces) == 1 else []
    return Section("anchors", "What anchors the level", [*said, *_of_past_wars(results)], [shares])


def _of_past_wars(results: Results) -> list[str]:
    """Which levels are learnt, from how many claims of how many wars, and where these can be looked up."""
    levels = group(results.fit, "posterior").get("stance_level")
    if levels is None or "learnt" not in levels.coords:
        return []
    labels = [str(label).split(":") for label in levels["stance_class"].values[levels["learnt"].values.astype(bool)]]
    record = reporting_record()
    told = [_told(record, stance, cls) for stance, cls in dict.fromkeys((stance, cls) for stance, cls, *_ in labels)]
    lookup = "In Python, fc.datasets.reporting_record() lists every claim with its source and what was established later."
    return [f"Learnt from past wars: {'; '.join(told)}. {lookup}"] if told else []


def _told(record: pd.DataFrame, stance: str, cls: str) -> str:
    """How much the shipped record says of a stance and a class of measures."""
    rows = record[(record["stance"] == stance) & record["measure"].isin([m for m, of in MEASURE_CLASS.items() if of == cls])]
    return f"how {STANCES[stance]} state {cls} ({len(rows)} claims of {len(set(rows['war']))} wars)"


def banners(results: Results) -> list[str]:
    """Warnings above the numbers."""
    begins = results.opened.forecast_from
    forecast = [f"FORECAST from {day_in_words(begins)}: beyond the last claim the curves rest on assumptions."] if begins else []
    return [*results.opened.verdict.sentences, *forecast]


def _notes(results: Results) -> list[str]:
    """Notes on the table of numbers, including rows that are empty or equal."""
    posterior = group(results.fit, "posterior")
    notes = [COUNTED]
    if "rear" in posterior and not (posterior["rear"] > 0.5).any():
        notes.append("Nobody is in the rear on any day.")
    if results.all_home_invalided:
        notes.append("Everyone withdrawn home was invalided.")
    return notes


def _forecast(results: Results) -> list[Section]:
    """The assumptions of a forecast; empty for a fit."""
    if not results.opened.forecast_from:
        return []
    begins, happens = tables.assumption(results.opened)
    return [Section("forecast", "Assumptions of the forecast", [f"From {begins} on: {happens}.", ON_THE_PAGE_OF_THE_FIT])]


def _scenarios(results: Results, *, with_figures: bool) -> list[Section]:
    if not results.scenarios:
        return []
    figures = scenario_images(results.scenarios) if with_figures else []
    shown = [tables.assumptions(results.scenarios), tables.scenario_ends(results)]
    return [Section("scenarios", "Scenarios", [ASSUMED], shown, figures)]


def _claims(results: Results, figures: list[Image]) -> list[Section]:
    if results.claims is None:
        return []
    return [Section("claims", "Claims against the fit, by source", [], [tables.claims(results.claims)], figures)]


def _checks(results: Results) -> list[Section]:
    """Influence and contradictions of a fit; a forecast has none."""
    if results.claims is None:
        return []
    return [_influence(results.influence), _contradictions(results.contradictions)]


def _influence(table: pd.DataFrame | None) -> Section:
    """Shifts of each headline number; sources without a reliable number are named, not listed row by row."""
    title = "Influence of each source"
    if table is None or table.empty:
        return Section("influence", title, [NOT_COMPUTABLE if table is None else NOT_COMPUTED, REFITS])
    known = table.loc[table["shift"].notna(), [name for name in tables.INFLUENCE_COLUMNS if name in table]]
    unknown = sorted(set(table.loc[table["shift"].isna(), "source"])) if "source" in table else []
    texts, shown = [], []
    if not known.empty:
        texts.append("How far the median moves when a source is left out, in persons and in posterior standard deviations.")
        shown.append(tables.table_of(known.round({"shift": 0, "shift_sd": 2}), "Shift of each median without a source"))
    if unknown:
        names = ", ".join(unknown)
        texts += [f"The influence of these sources is probably large, and needs a fit without each of them: {names}.", REFITS]
    return Section("influence", title, texts, shown)


def _contradictions(table: pd.DataFrame | None) -> Section:
    title = "Contradictions"
    if table is None:
        return Section("contradictions", title, [NOT_COMPUTABLE])
    found = table.loc[table["finding"] == CONTRADICTION, :]
    if found.empty:
        return Section("contradictions", title, [summary_of(table)])
    shown = found.drop(columns=["sources", "finding"]).rename(
        columns={
            "distance": "distance [standard errors]",
            "p_value": "p-value",
            "expected_by_chance": "expected by chance",
            "factor": "factor [times]",
        }
    )
    texts = [summary_of(table), HOW_CONTRADICTORY]
    return Section("contradictions", title, texts, [tables.table_of(shown, "Largest distance first")])


def _left_out(results: Results) -> Section:
    table = tables.left_out(results)
    texts = [] if table.rows else ["Every row of the ledger was fitted."]
    return Section("left-out", "Rows that were not fitted", texts, [table] if table.rows else [])


def _model(results: Results) -> Section:
    """The model as a file that can be fitted again, and its priors beside its posterior."""
    model, parameters = results.opened.model, tables.parameters(results)
    chosen = choice(model, results.opened.ledger)
    span = f"from {day_in_words(model.start)} to {day_in_words(model.end)}"
    text = f"A {model.kind} {span}, step {model.step}. {chosen} {AS_FILE}"
    shown = [parameters] if parameters.rows else []
    return Section("model", "Model and priors", [text], shown, code=model.to_toml(), code_title="model.toml")


def _diagnostics(results: Results) -> Section:
    posterior, seconds = group(results.fit, "posterior"), results.opened.seconds
    kept = f"{posterior.sizes['chain']} chains of {posterior.sizes['draw']} draws are kept in the file."
    took = f"Sampling took {seconds['sample']:.0f} s." if seconds.get("sample") else ""
    texts = [f"{results.opened.verdict} {kept} {took}".strip()]
    return Section("diagnostics", "Diagnostics", texts, [tables.diagnostics(results.fit)])


def _provenance(results: Results) -> Section:
    rows = [[name, value] for name, value in results.opened.provenance.items()]
    columns = [tables.Column("item"), tables.Column("value")]
    scenario, title = results.opened.scenario, "Provenance"
    if scenario is None:
        text = "The saved fit holds its ledger, model, settings and seed. This command repeats it and compares the results:"
        return Section("provenance", title, [text], [Table("Inputs and versions", columns, rows)], code="forcest rerun estimate.nc")
    rows += [
        ["forecast from", with_days_in_words(str(results.opened.forecast_from))],
        ["scenario", scenario.model_dump_json(exclude_defaults=True)],
    ]
    text = "The same fit, scenario and last day give the same forecast."
    return Section("provenance", title, [text], [Table("Inputs and versions", columns, rows)])
