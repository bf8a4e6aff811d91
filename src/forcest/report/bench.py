# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""The page of a bench: what was reached, every interval against the truth, war by war, and how it is scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from forcest.estimates.draws import day_in_words, with_days_in_words
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
        lead=f"{LEAD} Model: {found.model}. Wars: {', '.join(map(found.title_of, found.rows['war'].drop_duplicates()))}.",
        sections=[
            Section("result", "What was reached", str(found).splitlines(), headline_tables(found)),
            *figure,
            Section("wars", "War by war", [], [t for war in found.rows["war"].drop_duplicates() for t in _of_war(found, war)]),
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
    rows, coverage = [], found.coverage.groupby(["vintage", "model"], sort=False)
    told = found.summary[(found.summary["measure"] == "all measures") & (found.summary["estimated"] > 0)]
    for row in told.itertuples():
        covered = coverage.get_group((row.vintage, row.model))
        verdict = " and ".join(dict.fromkeys(v for v in covered["verdict"] if v)) or "–"
        shares = [f"{100 * share:.0f} %" for share in covered["share"]]
        scores = [_times(row.width), with_error(row.log_score, row.log_score_se), with_error(row.crps, row.crps_se)]
        rows.append([row.model, _share(row.vintage), f"{row.estimated} of {row.outcomes}", *shares, verdict, *scores])
    heads = ("estimated", "in 50 %", "in 80 %", "in 90 %", "intervals", "width", "log score", "CRPS")
    columns = [Column("model"), Column("claims"), *(Column(head, True) for head in heads)]
    caption = (
        "All measures, each model on the outcomes that it estimates. Intervals: too narrow or too wide where a binomial test of "
        "any of the three shares rejects at 2.5 % a side, outcomes taken as independent"
    )
    return Table(caption, columns, rows)


def _gains(found: ClaimBench) -> Table:
    rows = [[row.baseline, _share(row.vintage), str(row.n), str(row.wars), *_gain_cells(row)] for row in found.gains.itertuples()]
    heads = ("outcomes", "wars", "log score", "CRPS")
    columns = [Column("over"), Column("claims"), *(Column(head, True) for head in heads)]
    return Table(f"What {found.model} gains on the outcomes that both estimate (above 0: better), ± standard error", columns, rows)


def _gain_cells(row: object) -> list[str]:
    return [with_error(row.log_score_gain, row.log_score_gain_se), with_error(row.crps_gain, row.crps_gain_se)]


def _of_war(found: ClaimBench, war: str) -> list[Table]:
    """Every outcome of a war: by the model, then, folded, by the baselines."""
    part, title = found.rows[found.rows["war"] == war], found.title_of(war)
    baselines = part["baseline"].astype(bool)
    heads = ("established", "median", RANGE, "inside", "overlaps", "log score", "CRPS")
    numbers, quantity = [Column(head, True) for head in heads], [Column("quantity"), Column("day")]
    own = Table(f"{title}: {found.model}", [*quantity, Column("claims up to"), *numbers], _rows(part[~baselines]))
    by_name = _rows(part[baselines], with_model=True)
    return [own, Table(f"{title}: baselines", [*quantity, Column("model"), Column("claims up to"), *numbers], by_name, folded=True)]


def _rows(part: pd.DataFrame, *, with_model: bool = False) -> list[list[str]]:
    groups = [group for _, group in part.groupby(["force", "measure", "date"], sort=False)]
    ordered = [group.sort_values("known_by", ascending=False, kind="stable") for group in groups]
    return [_outcome_cells(row, with_model=with_model) for group in ordered for row in group.itertuples()]


def _outcome_cells(row: object, *, with_model: bool) -> list[str]:
    marks = "" if row.converged else " (not converged)"
    known = with_days_in_words(str(row.known_by))
    day = day_in_words(row.date) + (f" ({row.days_off} days off the calendar)" if row.days_off else "")
    named = [
        f"{row.force}: {row.measure}",
        day,
        *([row.model] if with_model else []),
        known + marks,
    ]
    truth = _span(row.truth_low, row.truth_high)
    if not row.estimated:
        return [*named, truth, "not estimated", *["–"] * 5]
    verdicts = ["yes" if x else "no" for x in (row.inside, row.overlaps)]
    spans = [persons(row.median), _span(row.low_90, row.high_90)]
    return [*named, truth, *spans, *verdicts, f"{row.log_score:.2f}", f"{row.crps:.2f}"]


def _span(low: float, high: float) -> str:
    return persons(low) if low == high else f"{persons(low)}–{persons(high)}"


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
