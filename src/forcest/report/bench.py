# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""The page of a bench: what was reached, every interval against the truth, war by war, and how it is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from forcest.report.images import bench_image
from forcest.report.sections import Page, Section
from forcest.report.tables import Column, Table, markdown_table, number, persons

if TYPE_CHECKING:
    from forcest.checks import ClaimBench

LEAD = (
    "Ledgers of wars that are over, fitted as any user would fit them, and scored against what was established later. No outcome "
    "was used in a fit."
)
FOOTER = (
    "A bench says how well a method would have done on these wars. They are few, and were chosen because their claims and outcomes "
    "are public; claims of the next war may err differently."
)
QUICK = "QUICK: short and coarse runs, judged by a looser standard. Do not quote these numbers."
RULE = [
    "Inside: the geometric middle of the established range lies between the 5 and the 95 % quantile of the estimate for that "
    "force, measure and day. Overlaps: some of the range does. A quantity that is not estimated counts as an outcome and is never "
    "inside.",
    "Log score: log density of the log of that middle, by a normal kernel on the log draws; larger is better. CRPS: on "
    "log(1 + persons); smaller is better. Width: the 95 % over the 5 % quantile. A day outside the calendar of a fit reads its "
    "nearest end.",
    "Several outcomes for one force, measure and day are one range, from the lowest to the highest. Standard errors are clustered "
    "by war; differences are taken outcome by outcome, on those that both estimate.",
]
NO_LOSSES = "Where a force did not fight, an estimate must show no losses in battle. Such rows are checked, not scored."
RANGE = "90 % interval"


def bench_page(found: ClaimBench, *, with_figures: bool) -> Page:
    """All sections of a bench."""
    figure = [Section("figure", "Every interval against the truth", images=[bench_image(found)])] if with_figures else []
    failures = [
        f"FAILED: {row.model} on {row.war} ({found.claims_of(row.vintage)}): {row.error}" for row in found.failed.itertuples()
    ]
    return Page(
        title="ClaimBench: estimates against what was established later",
        lead=f"{LEAD} Model: {found.model}; {found.rows['war'].nunique()} wars.",
        sections=[
            Section("result", "What was reached", str(found).splitlines(), headline_tables(found)),
            *figure,
            Section("wars", "War by war", [], [_of_war(found, war) for war in found.rows["war"].drop_duplicates()]),
            *_without_battle(found),
            Section("rule", "How it is scored", RULE),
        ],
        banners=[*([QUICK] if found.quick else []), *failures],
        marks="[QUICK] " if found.quick else "",
        footer=FOOTER,
    )


def headline_tables(found: ClaimBench) -> list[Table]:
    """What the model reached by measure, what it gains over each baseline, and all models beside one another."""
    return [_by_measure(found), _gains(found), _by_model(found)]


def markdown_tables(found: ClaimBench) -> str:
    """The headline tables in Markdown, each with its caption under it."""
    parts = [f"{markdown_table(table)}\n\n*{table.caption}.*" for table in headline_tables(found)]
    mark = [f"**{QUICK}**"] if found.quick else []
    return "\n\n".join([*mark, *parts]) + "\n"


def _by_measure(found: ClaimBench) -> Table:
    table = found.summary[found.summary["model"] == found.model]
    rows = [
        [row.measure, _share(row.vintage), *_counts(row), _times(row.width), with_error(row.log_score, row.log_score_se)]
        for row in table.itertuples()
    ]
    heads = ("inside", "overlaps", "not estimated", "median width", "log score")
    columns = [Column("measure"), Column("claims"), *(Column(head, True) for head in heads)]
    return Table(f"{found.model} by measure, {RANGE}; mean log score ± standard error", columns, rows)


def _by_model(found: ClaimBench) -> Table:
    table = found.summary[found.summary["measure"] == "all measures"]
    shares = found.coverage.set_index(["vintage", "model", "level"])
    rows = []
    for row in table.itertuples():
        covered = [_covered(shares, row, level) for level in (0.5, 0.8, 0.9)]
        scores = [_times(row.width), with_error(row.log_score, row.log_score_se), with_error(row.crps, row.crps_se)]
        rows.append([row.model, _share(row.vintage), f"{row.estimated} of {row.outcomes}", *covered, *scores])
    heads = ("estimated", "inside 50 %", "inside 80 %", "inside 90 %", "median width", "log score", "CRPS")
    columns = [Column("model"), Column("claims"), *(Column(head, True) for head in heads)]
    caption = "All measures, each model on the outcomes that it estimates; too narrow or too wide by a binomial test, 2.5 % a side"
    return Table(caption, columns, rows)


def _covered(shares: pd.DataFrame, row: object, level: float) -> str:
    """Share inside an interval, with the verdict where it has one."""
    if (row.vintage, row.model, level) not in shares.index:
        return "–"
    found = shares.loc[(row.vintage, row.model, level)]
    return f"{100 * found['share']:.0f} %" + (f", {found['verdict']}" if found["verdict"] else "")


def _gains(found: ClaimBench) -> Table:
    rows = [[row.baseline, _share(row.vintage), str(row.n), str(row.wars), *_gain_cells(row)] for row in found.gains.itertuples()]
    heads = ("outcomes", "wars", "log score", "CRPS")
    columns = [Column("over"), Column("claims"), *(Column(head, True) for head in heads)]
    return Table(f"What {found.model} gains on the outcomes that both estimate (above 0: better), ± standard error", columns, rows)


def _gain_cells(row: object) -> list[str]:
    return [with_error(row.log_score_gain, row.log_score_gain_se), with_error(row.crps_gain, row.crps_gain_se)]


def _of_war(found: ClaimBench, war: str) -> Table:
    part = found.rows[found.rows["war"] == war]
    rows = []
    for _, outcome in part.groupby(["force", "measure", "date"], sort=False):
        for row in outcome.sort_values(["baseline", "known_by"], ascending=[True, False], kind="stable").itertuples():
            rows.append(_outcome_cells(row))
    titles = (
        "quantity",
        "day",
        "model",
        "claims up to",
        "established",
        "median",
        "5 %",
        "95 %",
        "inside",
        "overlaps",
        "log score",
        "CRPS",
    )
    numeric = {"established", "median", "5 %", "95 %", "log score", "CRPS"}
    return Table(str(war).replace("_", " "), [Column(title, title in numeric) for title in titles], rows)


def _outcome_cells(row: object) -> list[str]:
    truth = persons(row.truth_low) if row.truth_low == row.truth_high else f"{persons(row.truth_low)}–{persons(row.truth_high)}"
    marks = "" if row.converged else " (not converged)"
    named = [f"{row.force}: {row.measure}", f"{row.date:%Y-%m-%d}", f"{row.model}{marks}", row.known_by, truth]
    if not row.estimated:
        return [*named, "not estimated", *["–"] * 6]
    spans = [persons(x) for x in (row.median, row.low_90, row.high_90)]
    return [*named, *spans, *("yes" if x else "no" for x in (row.inside, row.overlaps)), f"{row.log_score:.2f}", f"{row.crps:.2f}"]


def _without_battle(found: ClaimBench) -> list[Section]:
    table = found.without_battle[~found.without_battle["baseline"].astype(bool)]
    if table.empty:
        return []
    rows = [
        [f"{row.force}: {row.measure}", row.known_by, persons(row.median), "shown" if row.shown else "none shown"]
        for row in table.itertuples()
    ]
    columns = [Column("losses in battle"), Column("claims up to"), Column("median", True), Column("verdict")]
    return [
        Section("without-battle", "Losses without a battle", [NO_LOSSES], [Table(f"{found.model}: must be none", columns, rows)])
    ]


def _counts(row: object) -> list[str]:
    return [f"{row.inside} of {row.outcomes}", f"{row.overlaps} of {row.outcomes}", str(row.outcomes - row.estimated)]


def _share(vintage: str) -> str:
    """Which claims were used, in few words."""
    return f"first {vintage}" if "/" in vintage else vintage if vintage == "all" else f"by {vintage}"


def _times(width: float) -> str:
    return "–" if pd.isna(width) else f"×{number(width)}"


def with_error(value: float, error: float) -> str:
    """A mean with its standard error, where it has one."""
    if pd.isna(value):
        return "–"
    return f"{value:z.2f}" + ("" if pd.isna(error) else f" ± {error:.2f}")
