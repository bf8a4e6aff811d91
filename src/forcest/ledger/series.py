"""Series: the claims of one source about one count, by date, and warnings about series that no author would mean.

Each warning is a function from a series to findings: a claim, and what to do about it. The claims stay usable, since a source may
indeed lower its total, or report ten times as many as the day before.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from forcest.ledger import lineage
from forcest.ledger.cells import number_text
from forcest.ledger.problems import Problem
from forcest.ledger.rows import Mask, Rows

SAME = ("source", "stance", "force", "measure", "item", "scope", "definition", "wave")
"""Columns in which the claims of a series agree; their windows are of one length too."""
FEWEST = 3
"""Claims from which an even spacing, or a habit of falling, is more than chance."""
CLOSE = 1.5
"""Ratio within which the neighbours of a number count as alike."""
TENFOLD = (7.0, 14.0)
"""Ratio to its neighbours of a number with a digit too many or too few."""
LAST_STEP = 1.2
"""Growth up to which another number for the first or last total is proposed: with no total beyond it, nearly any would fit."""


@dataclass(frozen=True)
class Claim:
    """One claim of a series: its row, what it states, and bounds that allow for rounding."""

    line: int
    row: Mapping[str, Any]
    value: float
    low: float
    high: float

    @property
    def day(self) -> dt.date:
        """The date that it refers to."""
        return self.row["as_of"].date()

    @property
    def number(self) -> float:
        """The number that it states, or the first of two."""
        return next(x for x in (self.value, self.low, self.high) if math.isfinite(x))

    def __str__(self) -> str:
        """How remedies name it."""
        return f"row {self.line} ({number_text(self.number)} on {self.day})"


@dataclass(frozen=True)
class Finding:
    """A claim that its series makes doubtful, the column, the rule, and what to do."""

    claim: Claim
    column: str
    must: str
    remedy: str


Series = Sequence[Claim]


def series_problems(rows: Rows) -> list[Problem]:
    """Warnings about all series of a ledger."""
    found = [finding for series in series_of(rows) for warning in WARNINGS for finding in warning(series)]
    return [_problem(finding, rows.text.loc[finding.claim.line].to_dict()) for finding in found]


def _problem(finding: Finding, cells: Mapping[str, str]) -> Problem:
    column = finding.column if finding.column != "value" else next(name for name in ("value", "low", "high") if cells[name])
    return Problem(
        finding.claim.line, cells["id"], column, f"must {finding.must}", cells[column], finding.remedy, severity="warning"
    )


# --- the series of a ledger -------------------------------------------------------------------------------------------


def series_of(rows: Rows) -> list[Series]:
    """The series among original claims to be fitted about the whole force, each in the order of its dates."""
    found: dict[tuple, list[Claim]] = defaultdict(list)
    for line, row in rows.typed.loc[_original(rows)].to_dict("index").items():
        length = None if pd.isna(row["window_start"]) else row["window_end"] - row["window_start"]
        found[*(row[name] for name in SAME), length].append(Claim(int(str(line)), row, row["value"], *_bounds(row)))
    return [sorted(series, key=lambda claim: (claim.row["as_of"], claim.row["published"], claim.line)) for series in found.values()]


def _original(rows: Rows) -> Mask:
    """Rows with a number and dates that neither repeat another claim nor are corrected by one."""
    corrected = {id_ for cell in rows.text["supersedes"][~rows.given("exclude")] for id_ in lineage.linked_ids(cell)}
    left_out = rows.given("exclude") | rows.given("origin") | rows.isin("id", corrected) | rows.isin("measure", ["planned"])
    number = np.logical_or.reduce([np.isfinite(rows[name]) for name in ("value", "low", "high")])
    dated = ~np.isnat(rows["as_of"]) & ~np.isnat(rows["published"])
    return ~left_out & ~rows.isin("coverage", ["partial"]) & number & dated


def _bounds(row: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the most that a claim can mean; a number stated as approximate may have been rounded to its last digit."""
    value, low, high = (row[name] for name in ("value", "low", "high"))
    number = next(x for x in (value, low, high) if math.isfinite(x))
    match row["qualifier"]:
        case "exact":
            return number, number
        case "at_least" | "more_than":
            return number, math.inf
        case "up_to" | "fewer_than" | "at_most" | "none_seen":
            return -math.inf, number
        case "range" | "derived":
            return low, high
    half = _unit(number) / 2
    return number - half, number + half


def _unit(number: float) -> float:
    """The power of ten of the last digit that is not 0."""
    unit = 1
    while number and number % (unit * 10) == 0:
        unit *= 10
    return unit


# --- warnings ---------------------------------------------------------------------------------------------------------


def repeated(series: Series) -> Iterator[Finding]:
    """The same statement twice: a source counts once, however many relay it."""
    columns = ("as_of", "window_start", "window_end", "value", "low", "high", "qualifier")
    first: dict[tuple, Claim] = {}
    for claim in series:
        statement = tuple(None if pd.isna(claim.row[name]) else claim.row[name] for name in columns)
        earlier = first.setdefault(statement, claim)
        if earlier.row["id"] != claim.row["id"]:  # one id twice is an error of its own
            remedy = f'It repeats row {earlier.line} and counts twice: delete it, or write "{earlier.row["id"]}" in origin'
            yield Finding(claim, "id", "be stated once by a source", remedy)


def falling(series: Series) -> Iterator[Finding]:
    """Totals below an earlier total of the source: corrections that are not marked, misprints, or flows."""
    if series[0].row["scope"] != "cumulative":
        return
    totals = [claim for claim in series if pd.isna(claim.row["window_start"])]
    falls = [i for i, (before, now) in enumerate(pairwise(totals), start=1) if now.high < before.low and now.day > before.day]
    if len(falls) >= FEWEST - 1 and 3 * len(falls) >= len(totals) - 1:
        remedy = "Are these counts of single days, weeks or months? Then the scope is flow, with window_start and window_end"
        lines = ", ".join(str(totals[i].line) for i in falls)
        must = f"not fall as a total; of {len(totals)} totals of the source, those in rows {lines} are below the one before"
        yield Finding(totals[falls[0]], "scope", must, remedy)
        return
    for i in falls:
        now, before = totals[i], totals[i - 1]
        remedy = (
            f'{_misprints(totals, i)}If it corrects {before}, write "{before.row["id"]}" in supersedes; if it counts something '
            "else, say so in definition, item or coverage"
        )
        yield Finding(now, "value", f"not be below the source's earlier total, {before}", remedy)


def _misprints(totals: Series, i: int) -> str:
    """Numbers that would fit in the place of a total or of the one before, with one slip of the hand."""
    before, now = totals[i - 1], totals[i]
    floor = totals[i - 2].number if i > 1 else now.number / LAST_STEP
    ceiling = totals[i + 1].number if i + 1 < len(totals) else before.number * LAST_STEP
    found = [(before, x, slip) for x, slip in slips(before.number) if floor <= x <= now.number]
    found += [(now, x, slip) for x, slip in slips(now.number) if before.number <= x <= ceiling]
    parts = [f"{number_text(x)} in row {claim.line} ({slip})" for claim, x, slip in found]
    return f"{' or '.join(parts)} would fit: look it up. " if parts else ""


def slips(number: float) -> list[tuple[float, str]]:
    """Numbers that one slip of the hand turns into this one: two digits exchanged, a digit too many or too few."""
    if not number.is_integer() or number <= 0:
        return []
    digits = number_text(number)
    exchanged = {digits[:k] + digits[k + 1] + digits[k] + digits[k + 2 :] for k in range(len(digits) - 1)} - {digits}
    found = [(float(text), "two digits exchanged") for text in sorted(exchanged) if text[0] != "0"]
    found += [(number / 10, "a digit too many")] if number % 10 == 0 else []
    return [*found, (number * 10, "a digit too few")]


def tenfold(series: Series) -> Iterator[Finding]:
    """A number ten times, or a tenth of, what the source stated before and after."""
    points = [claim for claim in series if math.isfinite(claim.low) and math.isfinite(claim.high) and claim.number > 0]
    for i, claim in enumerate(points):
        near = _near(points, i)
        if len(near) == 2 and _alike(near) and (number := _without_slip(claim.number, near)):
            remedy = f"Is {number_text(number)} meant? If {number_text(claim.number)} is right, leave it"
            yield Finding(claim, "value", f"be of the size of the source's numbers near it, {near[0]} and {near[1]}", remedy)


def _near(points: Series, i: int) -> Series:
    """The two claims nearest to a claim; of totals only the last has any, since one that is too high makes the next one fall."""
    if i + 1 == len(points):
        return points[max(i - 2, 0) : i]
    if points[i].row["scope"] == "cumulative":
        return []
    return points[1:3] if i == 0 else [points[i - 1], points[i + 1]]


def _alike(near: Series) -> bool:
    numbers = [claim.number for claim in near]
    return max(numbers) <= CLOSE * min(numbers)


def _without_slip(number: float, near: Series) -> float:
    """The number without a digit too many or too few, if that explains its distance from its neighbours; otherwise 0."""
    ratio = number / math.sqrt(math.prod(claim.number for claim in near))
    if TENFOLD[0] <= ratio <= TENFOLD[1]:
        return number / 10
    return number * 10 if TENFOLD[0] <= 1 / ratio <= TENFOLD[1] else 0.0


def evenly_spaced(series: Series) -> Iterator[Finding]:
    """Flows at even distances without a window: each would be read as the count of one day."""
    flows = [claim for claim in series if claim.row["scope"] == "flow" and pd.isna(claim.row["window_start"])]
    days = sorted({claim.day for claim in flows})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if len(days) < FEWEST or not _even(gaps):
        return
    window = f"{days[-2] + dt.timedelta(days=1)} to {days[-1]} in row {flows[-1].line}"
    remedy = f"As it stands, it is read as the count of one day. Fill in window_start and window_end, such as {window}"
    must = f"have a window if it counts more than a day; the source has {len(flows)} flows at even distances"
    yield Finding(flows[0], "window_start", must, remedy)


def _even(gaps: Sequence[int]) -> bool:
    """Whether days are a week apart, a month, or any number of days above 1, apart from periods left out."""
    gap = min(gaps)
    monthly = all(28 <= gap <= 31 for gap in gaps)
    return monthly or (gap > 1 and all(other % gap == 0 for other in gaps) and 2 * gaps.count(gap) >= len(gaps))


WARNINGS: tuple[Callable[[Series], Iterator[Finding]], ...] = (repeated, falling, tenfold, evenly_spaced)
