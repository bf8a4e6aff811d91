"""Which curve a claim reads, and at which dates: the functional ``Q`` of the latent curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forcest.models.description.calendar import Grid

# (measure, scope) -> curve, and whether the claim reads its level at a date or its growth within a window.
READS: dict[tuple[str, str], tuple[str, str]] = {
    ("deployed", "cumulative"): ("deployed", "level"),
    ("deployed", "flow"): ("deployed", "growth"),
    ("deployed", "stock"): ("present", "level"),
    ("in_training", "stock"): ("in_training", "level"),
    ("in_training", "cumulative"): ("deployed", "level"),
    ("in_training", "flow"): ("deployed", "growth"),
    ("at_front", "stock"): ("at_front", "level"),
    ("at_front", "cumulative"): ("reached_front", "level"),
    ("at_front", "flow"): ("reached_front", "growth"),
    ("in_hospital", "stock"): ("in_hospital", "level"),
    ("in_hospital", "cumulative"): ("wounded", "level"),
    ("in_hospital", "flow"): ("wounded", "growth"),
    ("captured", "stock"): ("captured", "level"),
    ("missing", "stock"): ("missing", "level"),
    ("combined_strength", "stock"): ("combined_strength", "level"),
    ("equivalence", "stock"): ("combat_value", "level"),
    **{
        (measure, scope): (measure, kind)
        for measure in ("killed", "wounded", "captured", "missing", "casualties", "returned_to_duty", "withdrawn_home")
        for scope, kind in (("cumulative", "level"), ("flow", "growth"))
    },
}

WAVE_CURVES = ("deployed", "in_training", "reached_front")
UNSTATED_DEFINITIONS = ("killed+wounded", "killed+wounded+captured+missing")
KINDS = ("killed", "wounded", "captured", "missing")
MOST_DATES = 31


@dataclass(frozen=True)
class Reading:
    """A weighted sum of a curve's nodes: four nodes and their weights."""

    curve: str
    nodes: tuple[int, ...]
    weights: tuple[float, ...]


def curves_of(row: Mapping[str, Any], kinds: Sequence[str] = KINDS) -> tuple[str, ...]:
    """Names of the curves that a claim may mean: one, or two where it does not say what "casualties" counts.

    Parameters
    ----------
    row : mapping
        A claim.
    kinds : sequence of str
        Kinds of casualty with curves of their own, of which "casualties" are sums; "casualties" is among them where it has a curve
        of its own, which every claim on casualties then reads.
    """
    curve, _ = READS[row["measure"], row["scope"]]
    if curve == "casualties" and curve not in kinds:
        stated = [kind.strip() for kind in row["definition"].split("+") if kind.strip()]
        meanings = [stated] if stated else [words.split("+") for words in UNSTATED_DEFINITIONS]
        return tuple(dict.fromkeys("+".join(k for k in KINDS if k in kinds and k in counted) for counted in meanings))
    return (f"{curve}[{row['wave']}]",) if row["wave"] else (curve,)


def readings_of(row: Mapping[str, Any], curve: str, grid: Grid) -> tuple[Reading, ...]:
    """One reading for each date the claim may refer to; a single one where the date, or the window of a flow, is certain."""
    _, kind = READS[row["measure"], row["scope"]]
    start, end = _window(row)
    if kind == "growth":
        last, first = grid.read(grid.day_of(end)), grid.read(grid.day_of(start) - 1)
        weights = (*last[1], *(-weight for weight in first[1]))
        return (Reading(curve, (*last[0], *first[0]), weights),)
    days = np.arange(grid.day_of(start), grid.day_of(end) + 1)
    if len(days) > MOST_DATES:
        days = np.round(np.linspace(days[0], days[-1], MOST_DATES))
    reads = [grid.read(day) for day in days]
    return tuple(Reading(curve, (*nodes, 0, 0), (*weights, 0.0, 0.0)) for nodes, weights in reads)


def first_and_last_date(row: Mapping[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Dates that the grid must cover; a flow may begin before it, when nobody had been sent."""
    start, end = _window(row)
    _, kind = READS[row["measure"], row["scope"]]
    return (end if kind == "growth" else start), end


def days_of_claims(rows: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day that the rows of a ledger refer to, windows included."""
    return rows[["as_of", "window_start"]].min(axis=1).min(), rows[["as_of", "window_end"]].max(axis=1).max()


def _window(row: Mapping[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
    if pd.isna(row["window_start"]):
        return row["as_of"], row["as_of"]
    return row["window_start"], row["window_end"]
