"""Problems: one error or warning about one cell, with its place and a remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from forcest.ledger import schema

MISSING_COLUMN = "must be a column of the file"
_TWICE = "must occur once"
_ROW = "row"


@dataclass(frozen=True)
class Problem:
    """One error or warning about one cell.

    Parameters
    ----------
    row : int
        Row in the file; the header is row 1.
    id, column, value : str
        Id of the claim, the column, and the cell as text.
    rule : str
        The rule that the cell violates, beginning with "must".
    remedy : str
        What to do.
    severity : {"error", "warning"}
    """

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

    @property
    def loses_cells(self) -> bool:
        """Whether it is about cells of the file that the ledger does not hold."""
        return self.rule == _TWICE or self.column == _ROW

    @classmethod
    def byte_order_mark(cls) -> Problem:
        """A file that begins with a byte-order mark, as some spreadsheet programs write it."""
        rule, remedy = "must begin with the header", "The file is read anyway; save it as UTF-8 without a byte-order mark"
        return cls(1, "", "file", rule, "a byte-order mark", remedy, "warning")

    @classmethod
    def missing_words(cls, cells: Sequence[tuple[str, str]]) -> Problem:
        """Cells, as (column, word), that hold a word for a missing value: reported once for the whole file."""
        columns, words = (", ".join(dict.fromkeys(names)) for names in zip(*cells, strict=True))
        rule, remedy = "must leave cells without a value empty", "They are read as empty; if one of them is a name, spell it out"
        return cls(1, "", "file", rule, f"{words} ({len(cells)} in {columns})", remedy, "warning")

    @classmethod
    def overlong_row(cls, line: int, width: int, row: Sequence[str]) -> Problem:
        """A row with more cells than the header; harmless if the additional cells are blank."""
        remedy = "Quote a cell that contains a comma, or write 1500 for 1,500; cells beyond the header are ignored"
        value = ", ".join(cell for cell in row[width:] if cell) or f"{len(row)} cells"
        severity = "error" if any(row[width:]) else "warning"
        return cls(line, "", _ROW, f"must have {width} cells, as the header has", value, remedy, severity)


def header_problems(titles: Sequence[str]) -> list[Problem]:
    """Problems of the header: columns that are missing, unknown, or occur twice."""
    missing = [
        Problem(1, "", name, MISSING_COLUMN, "", f"Add the column: {schema.BY_NAME[name].doc}")
        for name in schema.REQUIRED
        if name not in titles
    ]
    twice = [
        Problem(1, "", title, _TWICE, f"{n} columns", "Rename all but one; only the first is read")
        for title, n in Counter(titles).items()
        if n > 1
    ]
    unknown = [_unknown_column(title) for title in dict.fromkeys(titles) if title not in (*schema.NAMES, schema.QUOTE)]
    return [*missing, *twice, *unknown]


def _unknown_column(title: str) -> Problem:
    rule, near = "must be a known column", get_close_matches(title.lower(), schema.NAMES, n=1, cutoff=0.75)
    if near:  # a misspelled column must not be ignored
        return Problem(1, "", title, rule, title, f'Did you mean "{near[0]}"?')
    return Problem(1, "", title, rule, title, "The column is kept but ignored; move remarks to note", "warning")
