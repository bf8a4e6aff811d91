"""Curves and dates that a claim reads: the functional ``Q`` of the latent curves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from forcest.ledger.measures import ADMITTED_KINDS, BATTLE_KINDS, KINDS, MEASURES, Read
from forcest.models.description.calendar import Grid

READS: dict[tuple[str, str], Read] = {
    (name, scope): read for name, measure in MEASURES.items() for scope, read in measure.reads.items() if read
}
"""What a claim reads, by measure and scope."""

WAVE_CURVES = ("deployed", "in_training", "reached_front")
THERE_ALREADY = {"deployed", "reached_front"}
"""Curves whose flows do not count those who were there on the first day."""

UNSTATED_DEFINITIONS = (("killed", "wounded"), BATTLE_KINDS)
MOST_DATES = 31


@dataclass(frozen=True)
class Curve:
    """A curve that claims read: a curve of a model or a sum of several, possibly of one wave or of one force.

    Parameters
    ----------
    parts : tuple of str
        Names of the curves that are summed.
    wave, force : str
        Empty if it covers all waves, and if the model has one force.
    """

    parts: tuple[str, ...]
    wave: str = ""
    force: str = ""

    def __str__(self) -> str:
        """Its label among the curves of a bound model."""
        return "+".join(self.parts) + (f"[{self.wave}]" if self.wave else "") + (f"@{self.force}" if self.force else "")


@dataclass(frozen=True)
class Reading:
    """A weighted sum of a curve's nodes: four nodes and their weights."""

    curve: Curve
    nodes: tuple[int, ...]
    weights: tuple[float, ...]


def counted_kinds(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Kinds of casualty that a claim's definition names."""
    return tuple(kind.strip() for kind in row["definition"].split("+") if kind.strip())


def curves_of(row: Mapping[str, Any], kinds: Sequence[str], force: str = "") -> tuple[Curve, ...]:
    """The curves that a claim may mean: one, or two if it does not say what "casualties" counts.

    Parameters
    ----------
    row : mapping
        A claim.
    kinds : sequence of str
        Kinds of casualty with curves of their own, whose sums are the casualties; if "casualties" is among them, it has a curve of
        its own, which every claim about casualties reads.
    force : str
        The force of the claim, if the model has several.
    """
    name = READS[row["measure"], row["scope"]].curve
    if name == "casualties" and name not in kinds:
        counted = counted_kinds(row)
        meanings = [counted] if counted else UNSTATED_DEFINITIONS
        sums = dict.fromkeys(tuple(kind for kind in KINDS if kind in kinds and kind in meant) for meant in meanings)
        return tuple(Curve(parts, force=force) for parts in sums)
    parts = tuple(kind for kind in ADMITTED_KINDS if kind in kinds) if name == "admitted" else (name,)
    return (Curve(parts, row["wave"], force),)


def readings_of(row: Mapping[str, Any], curve: Curve, grid: Grid) -> tuple[Reading, ...]:
    """One reading for each date that the claim may refer to; a single one if the date, or the window of a flow, is certain."""
    how = READS[row["measure"], row["scope"]].how
    start, end = window_of(row)
    if how == "growth":
        last, first = grid.read(grid.day_of(end)), grid.read(_day_before(grid.day_of(start), curve))
        weights = (*last[1], *(-weight for weight in first[1]))
        return (Reading(curve, (*last[0], *first[0]), weights),)
    days = np.arange(grid.day_of(start), grid.day_of(end) + 1)
    if len(days) > MOST_DATES:
        days = np.round(np.linspace(days[0], days[-1], MOST_DATES))
    reads = [grid.read(day) for day in days]
    return tuple(Reading(curve, (*nodes, 0, 0), (*weights, 0.0, 0.0)) for nodes, weights in reads)


def _day_before(day: int, curve: Curve) -> int:
    """Day before a flow; one that begins on the first day does not count the people who were there already."""
    return 0 if day == 0 and set(curve.parts) <= THERE_ALREADY else day - 1


def first_and_last_date(row: Mapping[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Dates that the grid must cover; a flow may begin before it where every curve is 0, see :func:`begins_too_early`."""
    start, end = window_of(row)
    how = READS[row["measure"], row["scope"]].how
    return (end if how == "growth" else start), end


def begins_too_early(row: Mapping[str, Any], start: date, sums: Collection[str]) -> bool:
    """Whether a flow counts people of whom a model knows only the sum up to its first day.

    Parameters
    ----------
    row : mapping
        A claim.
    start : date
        The first day.
    sums : collection of str
        Curves that hold more than what happened on it. A flow of those who were there may begin on it, one of others after it.
    """
    read = READS[row["measure"], row["scope"]]
    first = pd.Timestamp(start) + pd.Timedelta(days=0 if read.curve in THERE_ALREADY else 1)
    return read.how == "growth" and read.curve in sums and window_of(row)[0] < first


def days_of_claims(rows: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day that the rows of a ledger refer to, windows included."""
    return rows[["as_of", "window_start"]].min(axis=1).min(), rows[["as_of", "window_end"]].max(axis=1).max()


def window_of(row: Mapping[str, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day that a claim refers to; its date alone where it states no window."""
    if pd.isna(row["window_start"]):
        return row["as_of"], row["as_of"]
    return row["window_start"], row["window_end"]
