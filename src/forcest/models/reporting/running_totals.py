"""Running totals of one source, read as what each adds to the one before.

A register or a bulletin that counts 67,200 and then 68,459 errs in both by nearly the same people, so that the 1,259 between
them are known far better than either total. Each total after the first is therefore read as a count of its own, of the days since
the total before it; the first is read as it stands. The level of the source then has the uncertainty of its bias, the growth
that of a count. Only totals stated exactly are read so: an estimate that is revised says something new of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd

from forcest.ledger.measures import LOSSES, MEASURES
from forcest.models.reporting.cells import cells_of
from forcest.models.reporting.origins import Claim

FEWEST = 3
"""Totals that make a series: two may be an estimate and its revision."""


def as_increments(claims: Sequence[Claim]) -> list[Claim]:
    """Claims in their order, those that continue a running total as counts of what it added.

    A total that does not exceed the one before it corrects or repeats it, and is read as it stands.
    """
    series: dict[tuple, list[Claim]] = defaultdict(list)
    for claim in claims:
        if _is_total(claim):
            series[tuple(claim.row[name] for name in ("source", "stance", "force", "measure", "definition"))].append(claim)
    changed: dict[str, Claim] = {}
    for totals in series.values():
        ordered = sorted(totals, key=lambda claim: (claim.row["as_of"], claim.row["published"], claim.id))
        if len(ordered) >= FEWEST:
            changed |= {now.id: _increment(before, now) for before, now in pairwise(ordered) if _grew(before.row, now.row)}
    return [changed.get(claim.id, claim) for claim in claims]


def _is_total(claim: Claim) -> bool:
    row = claim.row
    whole = row["scope"] == "cumulative" and row["coverage"] != "partial" and pd.isna(row["window_start"])
    exact = row["qualifier"] == "exact" and not pd.isna(row["value"])
    return whole and exact and not claim.group and row["measure"] in LOSSES and "flow" in MEASURES[row["measure"]].scopes


def _grew(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return now["as_of"] > before["as_of"] and now["value"] > before["value"]


def _increment(before: Claim, now: Claim) -> Claim:
    window = {"window_start": before.row["as_of"] + pd.Timedelta(days=1), "window_end": now.row["as_of"]}
    row = {**now.row, **window, "scope": "flow", "value": now.row["value"] - before.row["value"]}
    return replace(now, row=row, cells=cells_of(row), since=before.id)
