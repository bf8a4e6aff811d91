# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""The page of revisions: the estimate over time, each earlier interval beside what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forcest.estimates.anchors import headline_measures
from forcest.estimates.draws import day_in_words
from forcest.estimates.measures import name_of
from forcest.report.images import revisions_images
from forcest.report.sections import Page, Section
from forcest.report.tables import Column, Table, number, persons

if TYPE_CHECKING:
    from forcest.checks import Revisions

HOW = [
    "Each vintage is an estimate from what was known by its day. A day in the past is estimated again by every later vintage; the "
    "last one stands for what came. An interval that does not hold the median of the last vintage was surprised.",
    "The last vintage is not the truth: it may err as the earlier ones did, where all rest on the same assumptions.",
]
NOT_CONVERGED = "NOT CONVERGED: some fit of these revisions does not represent its posterior. Do not use these numbers."
QUICK = "QUICK: the estimates are short and coarse runs. Do not quote these numbers."
HEADS = ("median", "5 %", "95 %", "last median")


def revisions_page(found: Revisions, *, with_figures: bool) -> Page:
    """All sections of the page of revisions."""
    forces, vintages = found.estimates["force"].drop_duplicates(), sorted(found.estimates["origin"].unique())
    shown = [
        (force, measure)
        for force in forces
        for measure in headline_measures(set(found.table["measure"]))
        if _has(found, force, measure)
    ]
    images = revisions_images(found, shown) if with_figures else []
    return Page(
        title=f"The estimate over time: {', '.join(forces)}",
        lead=f"{len(vintages)} vintages, from what was known by {day_in_words(vintages[0])} to what was known by "
        f"{day_in_words(vintages[-1])}. Every interval is equal-tailed 90 %.",
        sections=[
            Section("held", "Did earlier intervals hold?", [str(found)]),
            *([Section("figure", "Each day by what was known when", images=images)] if images else []),
            Section("rows", "Every earlier estimate", [], [_rows(found, *pair, several=len(forces) > 1) for pair in shown]),
            Section("how", "How to read it", HOW),
        ],
        banners=[*([] if found.converged else [NOT_CONVERGED]), *([QUICK] if found.quick else [])],
        marks=("" if found.converged else "[NOT CONVERGED] ") + ("[QUICK] " if found.quick else ""),
    )


def _has(found: Revisions, force: str, measure: str) -> bool:
    return bool(((found.table["force"] == force) & (found.table["measure"] == measure)).any())


def _rows(found: Revisions, force: str, measure: str, *, several: bool) -> Table:
    table = found.table[(found.table["force"] == force) & (found.table["measure"] == measure)]
    rows = [
        [
            day_in_words(row.date),
            day_in_words(row.origin),
            *(persons(x) for x in (row.median, row.low, row.high, row.last)),
            "yes" if row.covers_last else "no",
        ]
        for row in table.itertuples()
    ]
    name = name_of(f"{force}: {measure}" if several else measure)
    columns = [Column("day"), Column("known by"), *(Column(head, True) for head in HEADS), Column("held")]
    return Table(f"{name}, persons: {number(len(rows))} earlier estimates", columns, rows)
