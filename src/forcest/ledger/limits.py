"""Limits of ledger files: what strangers send is refused before it takes the memory or the time of the machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from forcest.errors import NotATableError

MOST_BYTES = 100 * 10**6
"""Size of a file, and of what it holds once unpacked [bytes]."""
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
LONGEST_CELL = 131_072
"""Characters of a cell; the limit that Python's reader of CSV has too."""
SMALLER = "A ledger has a row for each claim, some hundreds as a rule. Split the file, or pass a DataFrame"


def refuse_large_file(path: Path) -> None:
    """Refuse a file by its size, before it is read."""
    _refuse_bytes(path, path.stat().st_size, "")


def refuse_large_workbook(path: Path, data: bytes) -> None:
    """Refuse a workbook by the size of its unpacked parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        _refuse_bytes(path, sum(part.file_size for part in parts.infolist()), " once unpacked")


def refuse_many_rows(path: Path, rows: int) -> None:
    """Refuse a table by the number of its rows, where the file states it."""
    if rows > MOST_ROWS:
        raise NotATableError(f'"{path}" must have at most {MOST_ROWS:,} rows; it has {rows:,}. {SMALLER}.')


def refuse_unpacked(path: Path, size: int) -> None:
    """Refuse a table by the memory that its cells take, or those that have been read [bytes]."""
    _refuse_bytes(path, size, " once unpacked")


def within_limits[Row: Sequence[object]](path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a table, as long as their number, their width and their cells are within the limits."""
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS + 1:  # the first is the header
            raise NotATableError(f'"{path}" must have at most {MOST_ROWS:,} rows; it has more. {SMALLER}.')
        if len(row) > MOST_COLUMNS:
            raise NotATableError(f'"{path}" must have at most {MOST_COLUMNS:,} columns; row {number} has {len(row):,}. {SMALLER}.')
        for place, cell in enumerate(row, start=1):
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                raise NotATableError(too_long(path, f"row {number}, column {place}"))
        yield row


def too_long(path: Path, where: str) -> str:
    """What is said of a cell that is too long."""
    return (
        f'"{path}" must have cells of at most {LONGEST_CELL:,} characters; {where} has a longer one. Shorten it, or, '
        "if it runs over many rows, close the quotation mark with which it begins."
    )


def _refuse_bytes(path: Path, size: int, when: str) -> None:
    if size > MOST_BYTES:
        raise NotATableError(f'"{path}" must have at most {MOST_BYTES / 1e6:.0f} MB{when}; it has {size / 1e6:,.0f} MB. {SMALLER}.')
