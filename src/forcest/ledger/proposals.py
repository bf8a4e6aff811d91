"""Proposals: the cells to write in a row where one cannot be read as it stands, but says what is meant.

Remedies show proposals, and ``forcest check --fix`` writes them; what a cell does not surely say has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from forcest.ledger import schema
from forcest.ledger.cells import read_date
from forcest.ledger.wording import qualifier_of, said_count, said_dates

Cells = Mapping[str, str]
"""Cells of a row by column."""

UNSTATED = ("", "exact", "about")
"""Qualifiers that a wording in the cell replaces; any other one contradicts another wording."""


def proposal(row: Cells, column: str) -> dict[str, str]:
    """The cells to write in place of one that cannot be read, by column; empty if it does not surely say what is meant."""
    propose = {"number": _number, "date": _date, "category": _category}.get(schema.BY_NAME[column].kind)
    cells = propose(row, column) if propose else {}
    return {name: cell for name, cell in cells.items() if row[name] != cell}


def in_words(cells: Cells) -> str:
    """A proposal as an instruction: write 2000 in low, 3000 in high, clear value."""
    written = ", ".join(f"{cell} in {name}" for name, cell in cells.items() if cell)
    cleared = [f"clear {name}" for name, cell in cells.items() if not cell]
    return " and ".join([f"write {written}", *cleared] if written else cleared)


def _number(row: Cells, column: str) -> dict[str, str]:
    said = said_count(row[column])
    if said is None or not agrees(said.qualifier, row["qualifier"]):
        return {}
    qualifier = said.qualifier or row["qualifier"]
    if said.value:
        return {column: said.value, "qualifier": qualifier if column == "value" else row["qualifier"]}
    bounds = {"low": said.low, "high": said.high}
    if column != "value" or any(row[name] not in ("", bound) for name, bound in bounds.items()):
        return {}
    return {"value": "", **bounds, "qualifier": qualifier}


def agrees(said: str, qualifier: str) -> bool:
    """Whether a qualifier said in a cell may replace that of the row."""
    return not said or qualifier in UNSTATED or said in (qualifier, qualifier_of(qualifier))


def _date(row: Cells, column: str) -> dict[str, str]:
    said = said_dates(row[column])
    if said is None:
        return {}
    if said.first == said.last:
        return {column: said.first.isoformat()}
    if column in ("window_start", "window_end"):
        return {column: (said.first if column == "window_start" else said.last).isoformat()}
    return _window(row, said.first, said.last) if column == "as_of" else {}


def _window(row: Cells, first: dt.date, last: dt.date) -> dict[str, str]:
    """A period as date of a count: the window within which the date lies, up to the day of publication."""
    published = read_date(row["published"])
    if published is None and (said := said_dates(row["published"])) and said.first == said.last:
        published = said.first
    last = min(last, published) if published and published >= first else last
    window = {"window_start": first.isoformat(), "window_end": last.isoformat()}
    if any(row[name] not in ("", cell) for name, cell in window.items()):
        return {}
    return {"as_of": last.isoformat(), **window}


def _category(row: Cells, column: str) -> dict[str, str]:
    name = "_".join(row[column].lower().replace("-", " ").replace("_", " ").split())
    meant = name if name in schema.BY_NAME[column].allowed else qualifier_of(row[column]) if column == "qualifier" else ""
    return {column: meant} if meant else {}
