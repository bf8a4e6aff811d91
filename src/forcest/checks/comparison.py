"""What a comparison of two estimates found: the path from the old numbers to the new ones, as a table and in sentences."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forcest.checks.storage import read_result, write_result
from forcest.checks.tables import as_table, as_text
from forcest.errors import ForcestError
from forcest.estimates.draws import day_in_words
from forcest.estimates.measures import name_of

HOLDS = "a comparison"
COLUMNS = ("measure", "kind", "step", "n_claims", "median", "low", "high", "mcse", "shift", "shift_mcse", "firm", "converged")
CAUSES = {
    "time": "as time passed",
    "model": "from the new model",
    "corrections": "from corrections",
    "claims": "from new claims",
    "sampling": "from another run with the same model and claims",
}
"""Kinds of step in the order of the path, each with its words in a sentence."""
FIRM = 3.0
"""Standard errors from which a shift is told from Monte Carlo noise: a comparison has dozens of shifts, and the medians of repeated
fits vary by up to one and a half times the standard error that one fit gives."""
NOISE = "within Monte Carlo noise"
SAME = "did not change beyond Monte Carlo noise:"
NEW_MODEL = "new model: "
"""Before what differs, in the name of its step."""
NAMED = 3
"""Groups of claims that a sentence names."""
DIGITS = 3
"""Significant digits of the larger median in a sentence."""


@dataclass(frozen=True)
class Comparison:
    """Two estimates of one matter, and the steps that lead from the one to the other.

    Attributes
    ----------
    table : DataFrame
        One row per headline measure and step of the path, in its order: `measure`; `kind` (``old``, the old estimate on its day;
        then ``time``, ``model``, ``corrections``, ``claims`` or ``sampling``); `step` (in words: a source for ``claims``);
        `n_claims` (rows that the step adds, changes or removes); `median, low, high` [persons] after the step, an equal-tailed 90 %
        interval; `mcse` of the median; `shift` of the median by the step and `shift_mcse`, their Monte Carlo standard errors;
        `firm`, whether the shift is at least three standard errors; `converged`, of the fit after the step. The last row of a
        measure is the new estimate, so that the shifts add up to the difference of the two medians.
    dates : tuple of str
        The days that the old and the new numbers are about.
    forces : tuple of str
    only_old, only_new : tuple of str
        Headline measures that only one of the estimates has; they are not compared.
    quick : bool
        Whether one of the two is a quick look.
    method : {"refit", "reweight"}
        How the numbers between the two were found.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> months = [few.known_by(day) for day in ("2025-01-31", "2025-02-28")]
    >>> old, new = (fc.fit(model.with_step("W"), known, random_seed=1, quick=True) for known in months)
    >>> found = fc.compare(old, new, by=None)
    >>> found.table["kind"].unique().tolist()
    ['old', 'time', 'claims']
    >>> found.save("changed.json")
    >>> fc.Comparison.load("changed.json").sentences == found.sentences
    True
    """

    table: pd.DataFrame
    dates: tuple[str, str]
    forces: tuple[str, ...]
    only_old: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()
    quick: bool = False
    method: str = "refit"

    @property
    def measures(self) -> list[str]:
        """The measures, the one that moved most (relative to its first interval) first."""
        ends = self.table.groupby("measure", sort=False).agg(
            first=("median", "first"), last=("median", "last"), low=("low", "first"), high=("high", "first")
        )
        moved = (ends["last"] - ends["first"]).abs() / (ends["high"] - ends["low"]).clip(lower=1.0)
        return [str(name) for name in moved.sort_values(ascending=False, kind="stable").index]

    def path(self, measure: str) -> pd.DataFrame:
        """The rows of one measure.

        Parameters
        ----------
        measure : str

        Returns
        -------
        DataFrame

        Raises
        ------
        ForcestError
            If it is not compared.
        """
        if measure not in self.measures:
            raise ForcestError(f"`measure` must be one of {', '.join(self.measures)}; got {measure!r}.")
        return self.table[self.table["measure"] == measure].reset_index(drop=True)

    @property
    def converged(self) -> bool:
        """Whether both estimates and every fit between them converged."""
        return bool(self.table["converged"].all())

    @cached_property
    def sentences(self) -> dict[str, str]:
        """What changed and why, one sentence for each measure, the measure that moved most first.

        Medians are rounded to three digits of the larger one; shifts are differences of the rounded medians, so that they add up as
        printed.
        """
        return {name: _sentence(name, self.path(name), self.dates) for name in self.measures}

    def __str__(self) -> str:
        told = list(self.sentences.values())
        told += [f"Only the old estimate has: {', '.join(self.only_old)}."] if self.only_old else []
        told += [f"Only the new estimate has: {', '.join(self.only_new)}."] if self.only_new else []
        return "\n".join([*told, "Intervals are equal-tailed 90 %."])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the comparison as JSON.

        Parameters
        ----------
        path : path
        """
        more = {"dates": self.dates, "forces": self.forces, "only_old": self.only_old, "only_new": self.only_new}
        write_result(path, HOLDS, {"table": as_text(self.table), **more, "quick": self.quick, "method": self.method})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Comparison:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : path

        Returns
        -------
        Comparison

        Raises
        ------
        ForcestError
            If there is no such file, or it holds something else.
        """
        found = read_result(path, HOLDS)
        named = {name: tuple(found[name]) for name in ("dates", "forces", "only_old", "only_new")}
        return cls(as_table(found["table"]), quick=found["quick"], method=found["method"], **named)


def is_firm(shift: float, error: float) -> bool:
    """Whether a shift is told from Monte Carlo noise; no shift at all never is."""
    return abs(shift) >= FIRM * error and shift != 0


def _sentence(measure: str, path: pd.DataFrame, dates: tuple[str, str]) -> str:
    unit = 10.0 ** max(0, np.floor(np.log10(max(path["median"].max(), 1.0))) - DIGITS + 1)
    rounded = unit * np.rint(path["median"] / unit)
    first, last = path.iloc[0], path.iloc[-1]
    name = name_of(measure)
    if not path["shift"].fillna(0.0).any():
        return f"{name}: nothing changed; {_span(first, unit)} on {day_in_words(dates[0])}."
    whole = rounded.iloc[-1] - rounded.iloc[0]
    told = is_firm(last["median"] - first["median"], float(np.hypot(first["mcse"], last["mcse"])))
    verb = f"{'rose' if whole > 0 else 'fell'} by {abs(whole):,.0f}," if told and whole else "hardly changed:" if told else SAME
    spans = f"from {_span(first, unit)} on {day_in_words(dates[0])} to {_span(last, unit)} on {day_in_words(dates[1])}"
    parts = [_part(kind, path, rounded, dates) for kind in CAUSES if kind in set(path["kind"])]
    return f"{name} {verb} {spans}: {'; '.join(parts)}."


def _span(row: pd.Series, unit: float) -> str:
    median, low, high = (f"{unit * np.rint(row[column] / unit):,.0f}" for column in ("median", "low", "high"))
    return f"{median} [{low} to {high}]"


def _part(kind: str, path: pd.DataFrame, rounded: pd.Series, dates: tuple[str, str]) -> str:
    """What the steps of one kind did together, such as ``+43 from new claims (HUR +45)``."""
    steps = path.index[path["kind"] == kind]
    before, after = path.loc[steps[0] - 1], path.loc[steps[-1]]
    error = path.loc[steps[0], "shift_mcse"] if len(steps) == 1 else np.hypot(before["mcse"], after["mcse"])
    notes = [] if is_firm(after["median"] - before["median"], error) else [NOISE]
    if kind == "time":
        notes.append(f"the old estimate had {rounded[steps[-1]]:,.0f} for {day_in_words(dates[1])}")
    if kind == "model":
        notes.append(str(after["step"]).removeprefix(NEW_MODEL))
    if kind == "claims":
        firm = [step for step in steps if path.loc[step, "firm"]]
        largest = sorted(firm, key=lambda step: -abs(path.loc[step, "shift"]))[:NAMED]
        named = _named(path, rounded, largest, rounded[steps[-1]] - rounded[steps[0] - 1])
        notes = [f"together {note}" if named else note for note in notes] + [named]
    told = "; ".join(note for note in notes if note)
    return f"{_signed(rounded[steps[-1]] - rounded[steps[0] - 1])} {CAUSES[kind]}" + (f" ({told})" if told else "")


def _named(path: pd.DataFrame, rounded: pd.Series, largest: list[int], whole: float) -> str:
    """Groups of claims with their shifts, and the rest, so that printed numbers add up; empty where there is no group to name."""
    shifts = {str(path.loc[step, "step"]): rounded[step] - rounded[step - 1] for step in largest}
    rest = whole - sum(shifts.values())
    if shifts and rest:
        shifts["the rest"] = rest
    return ", ".join(f"{name} {_signed(shift)}" for name, shift in shifts.items())


def _signed(x: float) -> str:
    return "±0" if x == 0 else f"{x:+,.0f}".replace("-", "−")
