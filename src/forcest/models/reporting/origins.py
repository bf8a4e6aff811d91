"""Copies of a claim count once.

A copy for the same measure and date is merged into its original; a copy for another date keeps its own date but shares the
original's error; a copy of another measure (such as a sum of two claims) is left out. A total of partial counts of the same
date is fitted in their place, since they only bound it from below. If a filter removed the original, the earliest copy takes its
place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from forcest.models.reporting.cells import Cell, cells_of, merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forcest.ledger import Ledger

SAME_COUNT = ("force", "measure", "scope", "wave", "as_of", "window_start", "window_end")


@dataclass(frozen=True)
class Claim:
    """One term of the likelihood.

    Parameters
    ----------
    row : dict
        Its ledger row.
    cells : tuple of Cell
    copies : tuple of str
        Ids of the claims merged into it.
    group : str
        Name of the origin group whose error it shares; empty if it has its own.
    repeats : str
        Id of the claim that it repeats for another date.
    since : str
        Id of the running total that it continues; its row then holds the growth since.
    """

    row: dict[str, Any]
    cells: tuple[Cell, ...]
    copies: tuple[str, ...] = ()
    group: str = ""
    repeats: str = ""
    since: str = ""

    @property
    def id(self) -> str:
        """Id of the ledger row."""
        return self.row["id"]


@dataclass(frozen=True)
class LeftOut:
    """A ledger row that is not fitted, and the reason."""

    id: str
    reason: str


def merge_origins(rows: pd.DataFrame, roots: dict[str, tuple[str, ...]]) -> tuple[list[Claim], list[LeftOut]]:
    """Claims of the likelihood, in the order of the ledger, and the copies left out.

    Parameters
    ----------
    rows : DataFrame
        Usable rows of a ledger.
    roots : dict of str to tuple of str
        Ids of the original claims behind each copy; claims that repeat nothing are not in it.
    """
    order = {id_: position for position, id_ in enumerate(rows["id"])}
    totals = _totals_of_parts(rows.to_dict("records"), roots)
    roots = {id_: named for id_, named in roots.items() if id_ not in totals.values()}
    records = sorted(rows.to_dict("records"), key=lambda row: (row["id"] in roots, row["published"], row["id"]))
    heads: dict[str, Claim] = {}
    claims: dict[str, Claim] = {}
    left_out: list[LeftOut] = []
    for row in records:
        named = roots.get(row["id"], (row["id"],))
        if total := next((totals[root] for root in named if root in totals), ""):
            left_out.append(LeftOut(row["id"], _part_of(total, row["id"], named)))
            continue
        known = [root for root in named if root in heads]
        if not known:
            claims[row["id"]] = Claim(row, cells_of(row))
            heads.update(dict.fromkeys(named, claims[row["id"]]))
            continue
        head = claims[heads[known[0]].id]
        if len(named) > 1 or any(row[name] != head.row[name] for name in ("force", "measure")):
            left_out.append(LeftOut(row["id"], _reason(known, row, head.row, several=len(named) > 1)))
        elif (same := _same_count(row, [c for c in claims.values() if c.id == head.id or c.group == known[0]])) is not None:
            claims[same.id] = replace(same, cells=merge(same.cells, cells_of(row)), copies=(*same.copies, row["id"]))
        else:
            definition = row["definition"] or head.row["definition"]
            original = {"source": head.row["source"], "stance": head.row["stance"], "via": row["source"]}
            own_date = {**row, **original, "definition": definition}
            claims[head.id] = replace(head, group=known[0])
            claims[row["id"]] = Claim(own_date, cells_of(row), group=known[0], repeats=head.id)
    return sorted(claims.values(), key=lambda claim: order[claim.id]), left_out


def _totals_of_parts(rows: Sequence[dict[str, Any]], roots: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """For each partial count that a total adds up: the id of the total, the first one published if there are several."""
    by_id = {row["id"]: row for row in rows}
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row["published"], row["id"])):
        parts = [by_id[root] for root in roots.get(row["id"], ()) if root in by_id]
        adds_up = len(roots.get(row["id"], ())) > 1 and row["coverage"] != "partial"
        if adds_up and parts and all(_is_part(part, row) and part["id"] not in found for part in parts):
            found |= {part["id"]: row["id"] for part in parts}
    return found


def _is_part(part: dict[str, Any], total: dict[str, Any]) -> bool:
    return part["coverage"] == "partial" and _count(part) == _count(total)


def _part_of(total: str, id_: str, roots: Sequence[str]) -> str:
    if len(roots) > 1:
        return f"computed from {' and '.join(roots)}, as {total} is"
    return f"a part of {total}, which is fitted in its place" if roots[0] == id_ else f"repeats {roots[0]}, a part of {total}"


def _reason(known: list[str], row: dict[str, Any], head: dict[str, Any], *, several: bool) -> str:
    names = " and ".join(known)
    if several and head["coverage"] == "partial" != row["coverage"]:
        return f"computed from {names}, which only bound it from below since they are not for its date, scope and window"
    if several:
        return f"computed from {names}"
    return f"repeats {names} {'in another measure' if row['force'] == head['force'] else 'for another force'}"


def _count(row: dict[str, Any]) -> tuple:
    """What a claim counts, and when."""
    return tuple(None if pd.isna(row[name]) else row[name] for name in SAME_COUNT)


def _same_count(row: dict[str, Any], claims: list[Claim]) -> Claim | None:
    return next((claim for claim in claims if _count(claim.row) == _count(row)), None)


def what_becomes(claims: Sequence[Claim], left_out: Sequence[LeftOut]) -> dict[str, str]:
    """What becomes of each claim that is not fitted on its own, by id, in words."""
    merged = {copy: f"is merged into {claim.id}, which it repeats for the same date" for claim in claims for copy in claim.copies}
    shared = {
        claim.id: f"is fitted for its own date, but shares most of its error with {claim.repeats}, which it repeats"
        for claim in claims
        if claim.repeats
    }
    return merged | shared | {row.id: f"is not fitted: {row.reason}" for row in left_out}


def roots_of(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """The originals of every copy; a corrected original is replaced by its correction."""
    status = ledger.to_dataframe().set_index("id")["status"]
    corrected = {id_: text.removeprefix("superseded by ") for id_, text in status.items() if text.startswith("superseded by ")}
    roots = ledger.origins().groupby("id")["root"].agg("+".join)
    return {str(id_): tuple(dict.fromkeys(corrected.get(root, root) for root in ids.split("+"))) for id_, ids in roots.items()}
