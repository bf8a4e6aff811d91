# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""The page of a comparison: what changed in sentences, the path of each measure, and every step as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from forcest.estimates.draws import day_in_words
from forcest.estimates.measures import name_of
from forcest.report.images import comparison_images
from forcest.report.sections import Page, Section
from forcest.report.tables import Column, Table, number, persons

if TYPE_CHECKING:
    from forcest.checks import Comparison

PATH = (
    "The old estimate is first read on the new day: this is what it expected to happen meanwhile. Then the new model is fitted to "
    "the old ledger, corrections are made, and new claims are added in the order in which their groups were first published."
)
FOUND = {
    "refit": "Every step after the first has a fit of its own. The last one ends at the new estimate, so that the shifts add up.",
    "reweight": "The numbers between the two estimates are weighted draws of the two estimates, without fits of their own. The "
    "last step ends at the new estimate, so that the shifts add up.",
}
ORDER = (
    "The order matters: of two claims that say the same, the first moves the estimate and the second confirms it. A small shift "
    "does not mean that a claim is worth little. A claim can also lower an estimate that it exceeds: it is read with the bias of "
    "its side, and a total that has hardly grown says that losses slow down."
)
NOISE = (
    "A shift below three Monte Carlo standard errors is not distinguishable from noise. In sentences, medians are rounded to three "
    "digits, and shifts are differences of the rounded medians."
)
NOT_CONVERGED = "NOT CONVERGED: some fit of this comparison does not represent its posterior. Do not use these numbers."
QUICK = "QUICK: one of the estimates is a short and coarse run. Do not quote these numbers."
HEADS = ("rows", "median", "5 %", "95 %", "shift", "± standard error")


def comparison_page(found: Comparison, *, with_figures: bool) -> Page:
    """All sections of a comparison."""
    images = comparison_images(found) if with_figures else []
    only = [f"Only the {age} estimate has: {', '.join(map(name_of, names))}." for age, names in _only(found).items() if names]
    days = [day_in_words(day) for day in found.dates]
    return Page(
        title=f"What changed: {', '.join(found.forces)}",
        lead=f"An estimate of {days[0]} beside one of {days[1]}. Every interval is equal-tailed 90 %.",
        sections=[
            Section("changed", "In words", [*found.sentences.values(), *only]),
            *([Section("figure", "Step by step", images=images)] if images else []),
            Section("steps", "Every step", [], [_steps(found, measure) for measure in found.measures]),
            Section("how", "How the steps are told apart", [f"{PATH} {FOUND[found.method]}", ORDER, NOISE]),
        ],
        banners=[*([] if found.converged else [NOT_CONVERGED]), *([QUICK] if found.quick else [])],
        marks=("" if found.converged else "[NOT CONVERGED] ") + ("[QUICK] " if found.quick else ""),
    )


def _only(found: Comparison) -> dict[str, tuple[str, ...]]:
    return {"old": found.only_old, "new": found.only_new}


def _steps(found: Comparison, measure: str) -> Table:
    rows = [[str(row.step), *_cells(row)] for row in found.path(measure).itertuples()]
    return Table(f"{name_of(measure)}, persons", [Column("step"), *(Column(head, True) for head in HEADS), Column("note")], rows)


def _cells(row: object) -> list[str]:
    spans = [number(row.n_claims), *(persons(x) for x in (row.median, row.low, row.high))]
    if pd.isna(row.shift):
        return [*spans, "–", "–", "" if row.converged else "not converged"]
    notes = [*([] if row.firm else ["within noise"]), *([] if row.converged else ["not converged"])]
    return [*spans, f"{row.shift:+,.0f}".replace("-", "−"), number(row.shift_mcse), ", ".join(notes)]
