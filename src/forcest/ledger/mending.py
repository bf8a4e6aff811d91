"""Mending: a ledger in which every cell that says what is meant is written so that it can be read, and the list of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from forcest.errors import ForcestError
from forcest.ledger.cells import PLAIN, canonical
from forcest.ledger.claims import Ledger
from forcest.ledger.proposals import proposal

MENDED = ("must be a plain number", "must be a date", "must be an allowed value")
"""Rules about cells of which proposals are made."""
SPELLED = "is written in its plain form"


@dataclass(frozen=True)
class Change:
    """One cell that was rewritten: its place, its text before and after, and the rule that asks for it."""

    row: int
    id: str
    column: str
    before: str
    after: str
    rule: str


def mended(ledger: Ledger) -> tuple[Ledger, list[Change]]:
    """A ledger with the cells that its proposals write, and what was changed; the ledger itself stays as it is.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    mended : Ledger
    changes : list of Change
        In the order of the rows and columns; cells that are only spelled otherwise (a date with a time of day) are listed too.

    Raises
    ------
    ForcestError
        If the file has cells that no ledger holds: beyond the header, or in a second column of one name.
    """
    lost = [problem for problem in ledger.file_problems if problem.loses_cells and problem.severity == "error"]
    if lost:
        raise ForcestError(f"a file with cells that would be lost cannot be mended: {lost[0]}")
    text, rules, kept = ledger.text.copy(), {}, []
    for problem in ledger.problems().to_dict("records"):
        row, column = problem["row"], problem["column"]
        cells = proposal(text.loc[row].to_dict(), column) if problem["rule"] in MENDED else {}
        for name, cell in cells.items():
            text.loc[row, name] = cell
            rules[row, name] = problem["rule"]
        if not cells and problem["severity"] == "error" and column in text:
            kept.append((row, column))
    written = canonical(text, ledger.notation)
    for row, column in kept:  # what may mean two things, such as 1.200, is left to a person as it stands
        written.loc[row, column] = text.loc[row, column]
    return replace(ledger, text=written, notation=PLAIN), _changes(ledger.text, written, rules)


def _changes(before: pd.DataFrame, after: pd.DataFrame, rules: Mapping[tuple[int, str], str]) -> list[Change]:
    pairs = zip(before.to_dict("index").items(), after.to_dict("records"), strict=True)
    return [
        Change(int(str(row)), cells["id"], str(name), cell, written[name], rules.get((int(str(row)), str(name)), SPELLED))
        for (row, cells), written in pairs
        for name, cell in cells.items()
        if cell != written[name]
    ]
