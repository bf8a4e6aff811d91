"""Problems: one fault of one cell, in words that say where it is and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from forcest.ledger import schema

MISSING_COLUMN = "must be a column"


@dataclass(frozen=True)
class Problem:
    """One fault of one cell."""

    row: int
    id: str
    column: str
    rule: str
    value: str
    remedy: str
    severity: str = "error"

    def __str__(self) -> str:
        where = f'row {self.row}, id "{self.id}"' if self.id else f"row {self.row}"
        return f'{self.column} {self.rule}; got "{self.value}" ({where}). {self.remedy}{"" if self.remedy.endswith("?") else "."}'

    @classmethod
    def byte_order_mark(cls) -> Problem:
        """A file that begins with a byte-order mark, as some spreadsheets write."""
        rule, remedy = "must begin with the header", "It is read all the same; save as UTF-8 without a byte-order mark"
        return cls(1, "", "file", rule, "a byte-order mark", remedy, "warning")

    @classmethod
    def overlong_row(cls, line: int, width: int, row: Sequence[str]) -> Problem:
        """A row with more cells than the header names; harmless only if what is too much is a blank at its end."""
        remedy = "A comma within a cell, such as 1,500? Write 1500, or quote the cell; cells beyond the header are not read"
        value = ", ".join(cell for cell in row[width:] if cell) or f"{len(row)} cells"
        severity = "error" if any(row[width:]) else "warning"
        return cls(line, "", "row", f"must have {width} cells like the header", value, remedy, severity)


def header_problems(titles: Sequence[str]) -> list[Problem]:
    """Faults of the header: columns that are missing, unknown, or named twice."""
    missing = [
        Problem(1, "", name, MISSING_COLUMN, "", f"Add the column: {schema.BY_NAME[name].doc}")
        for name in schema.REQUIRED
        if name not in titles
    ]
    twice = [
        Problem(1, "", title, "must be one column", f"{n} columns", "Rename all but one; only the first is read")
        for title, n in Counter(titles).items()
        if n > 1
    ]
    unknown = [_unknown_column(title) for title in dict.fromkeys(titles) if title not in schema.NAMES]
    return [*missing, *twice, *unknown]


def _unknown_column(title: str) -> Problem:
    rule, near = "must be a column of the ledger", get_close_matches(title.lower(), schema.NAMES, n=1, cutoff=0.75)
    if near:  # a misspelt column would silently not be read
        return Problem(1, "", title, rule, title, f'Did you mean "{near[0]}"?')
    return Problem(1, "", title, rule, title, "It is kept but not read; move remarks into note", "warning")
