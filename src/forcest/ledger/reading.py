"""Reading a file or a DataFrame as a :class:`Ledger`.

A file that is not a table is an error at once; problems of single rows are reported by ``Ledger.problems()``.
"""

from __future__ import annotations

import csv
import io
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from forcest.errors import NotATableError
from forcest.extras import needed
from forcest.ledger import lineage, schema
from forcest.ledger.cells import Notation, cell_text, missing_word
from forcest.ledger.claims import Ledger
from forcest.ledger.delimited import read_delimited
from forcest.ledger.formulas import as_written
from forcest.ledger.limits import (
    refuse_large_file,
    refuse_large_workbook,
    refuse_many_rows,
    refuse_unpacked,
    too_long,
    within_limits,
)
from forcest.ledger.problems import Problem, header_problems

_COLUMNS = f"Write the column names in row 1, at least {', '.join(schema.REQUIRED)}, and value, or low and high."

Grid = Sequence[Sequence[object]]
BATCH = 1_000
"""Rows of a Parquet file that are unpacked together."""


def read_ledger(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    delimiter: str | None = None,
    decimal: str = ".",
    thousands: str | None = None,
    encoding: str = "utf-8",
    sheet: int | str = 0,
    part: bool = False,
) -> Ledger:
    """Read a ledger of claims from a file or a DataFrame.

    Parameters
    ----------
    source : path or DataFrame
        A ``.csv``, ``.parquet`` (extra ``forcest[parquet]``) or ``.xlsx`` file (extra ``forcest[excel]``), or a DataFrame: one row
        per claim, with the columns that ``forcest.ledger.schema.COLUMNS`` describes.
    delimiter : str, optional
        Delimiter of a CSV file. By default, that of a first line such as ``sep=;``, or the one under which the header has columns
        of a ledger.
    encoding : str
        Encoding of a CSV file; UTF-16 with a byte-order mark is recognised.
    decimal, thousands : str
        Separators in numbers written as text, such as ``decimal=","`` and ``thousands="."``; they do not apply to cells that
        hold numbers (Excel, Parquet, DataFrame).
    sheet : int or str
        Sheet of an Excel file, by position or name.
    part : bool
        Whether the table is part of a larger ledger, so that ``origin`` and ``supersedes`` may name claims outside it.

    Returns
    -------
    Ledger
        All rows, including those with problems; see :meth:`Ledger.problems`.

    Raises
    ------
    NotATableError
        If the source cannot be read as a table with columns of a ledger, or is a file of more than 100 MB or 100,000 rows.
    ForcestError
        If an option is invalid, or the extra for this kind of file is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> claim = {"id": "a1", "published": "2025-02-01", "as_of": "2025-01-31", "force": "The force", "source": "A ministry"}
    >>> claim |= {"measure": "killed", "scope": "cumulative", "value": 300, "qualifier": "more_than", "stance": "enemy"}
    >>> fc.read_ledger(pd.DataFrame([claim]))
    <Ledger: 1 claims, 1 usable, 1 sources, published 2025-02-01 to 2025-02-01; 0 errors, 0 warnings>
    >>> faulty = fc.read_ledger(pd.DataFrame([claim | {"qualifier": "roughly"}]))
    >>> faulty.problems()["column"].tolist()
    ['qualifier']
    """
    notation = Notation(decimal, thousands)
    problems: list[Problem] = []
    if isinstance(source, pd.DataFrame):
        grid = _frame_grid(source)
        name = "the DataFrame"
    elif isinstance(source, (str, os.PathLike)):
        path = Path(os.fspath(source))
        name = f'"{path}"'
        grid, problems = _file_grid(path, delimiter, encoding, sheet)
    else:
        raise NotATableError(f"source must be a path or a DataFrame; got {type(source).__name__}.")
    return _ledger(grid, name, notation, problems, part)


def _ledger(grid: Grid, name: str, notation: Notation, problems: list[Problem], part: bool) -> Ledger:
    """A ledger from a header and rows of cells; blank rows are dropped, row numbers stay those of the file."""
    cells = [[cell_text(cell, notation) for cell in row] for row in grid]
    if not any(map(any, cells)):
        raise NotATableError(f"{name} must contain a header and rows; it is blank. {_COLUMNS}")
    header, rows = cells[0], {line: row for line, row in enumerate(cells[1:], start=2) if any(row)}
    if not _is_header(cells[:1]):
        raise NotATableError(_no_header(name, header))
    named = [(i, title) for i, title in enumerate(header) if title not in schema.ADDED]
    titled = [(i, title or f"column {i + 1}") for i, title in named if title or any(_column(rows, i))]
    columns: dict[str, list[str]] = {}
    for i, title in titled:
        columns.setdefault(title, _column(rows, i))
    for name in ("origin", "supersedes"):
        columns[name] = _plain_links(columns.get(name, [""] * len(rows)), columns.get("id", []))
    blank, extra = [""] * len(rows), [title for title in columns if title not in schema.NAMES]
    text = pd.DataFrame(
        {title: columns.get(title, blank) for title in [*schema.NAMES, *extra]},
        index=pd.Index(rows, dtype="int64", name="row"),
        dtype="str",
    )
    shortest = min(map(len, rows.values()), default=0)  # spreadsheet programs may end every row with blank cells
    overlong = [
        Problem.overlong_row(line, len(header), row)
        for line, row in rows.items()
        if any(row[len(header) :]) or len(row) > max(shortest, len(header))
    ]
    words = [(title, word) for row in grid[1:] for title, cell in zip(header, row, strict=False) if (word := missing_word(cell))]
    problems += [Problem.missing_words(words)] if words else []
    file_problems = (*problems, *header_problems([title for _, title in titled]), *overlong)
    return Ledger(text=text, notation=notation, file_problems=file_problems, part=part)


def _plain_links(cells: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Links to ids that are numbers, without the ".0" that they get where pandas stores a column with empty cells as floats."""
    known = set(ids)
    plain = {f"{id_}.0": id_ for id_ in known if f"{id_}.0" not in known}
    return ["+".join(plain.get(link, link) for link in lineage.linked_ids(cell)) for cell in cells]


def _column(rows: Mapping[int, Sequence[str]], i: int) -> list[str]:
    """The cells of one column; blank where a row is too short."""
    return [row[i] if i < len(row) else "" for row in rows.values()]


def _no_header(name: str, header: Sequence[str]) -> str:
    titles = [title for title in header if title]
    found = ", ".join(f'"{title[:40]}"' for title in titles[:6]) + (", ..." if len(titles) > 6 else "")
    return f"{name} must begin with a header of column names of a ledger; its first row is {found or 'blank'}. {_COLUMNS}"


def _frame_grid(frame: pd.DataFrame) -> list[list[object]]:
    """Header and rows of a DataFrame, without its index."""
    columns = [frame.iloc[:, i].astype(object).tolist() for i in range(frame.shape[1])]
    return [list(frame.columns), *map(list, zip(*columns, strict=True))]


def _file_grid(path: Path, delimiter: str | None, encoding: str, sheet: int | str) -> tuple[Grid, list[Problem]]:
    readers = {
        ".csv": lambda data: _csv_grid(path, data, delimiter, encoding),
        ".parquet": lambda data: (_parquet_grid(path, data), []),
        ".xlsx": lambda data: (_excel_grid(path, data, sheet), []),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        found = f'"{path.suffix}"' if path.suffix else "no suffix"
        raise NotATableError(f'"{path}" must end in .csv, .parquet or .xlsx; got {found}. Save the table as one of these.')
    try:
        refuse_large_file(path)
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotATableError(f'"{path}" must be an existing file; no such file was found. Check the path.') from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotATableError(f'"{path}" must be a readable file; got: {reason}. Check the path.') from error
    if not data:
        raise NotATableError(f'"{path}" must contain a header and rows; it is empty (0 bytes). Save or download it again.')
    return reader(data)


def _csv_grid(path: Path, data: bytes, delimiter: str | None, encoding: str) -> tuple[Grid, list[Problem]]:
    found = read_delimited(path, data, schema.NAMES, delimiter, encoding)
    problems = [Problem.byte_order_mark()] if found.byte_order_mark else []
    rows = csv.reader(io.StringIO(found.text, newline=""), delimiter=found.delimiter, strict=True)
    grid: list[list[str]] = []
    try:
        grid.extend([as_written(cell) for cell in row] for row in within_limits(path, rows))
    except csv.Error as error:
        if "field limit" in str(error):
            raise NotATableError(too_long(path, f"row {len(grid) + 1}")) from error
        raise NotATableError(
            f'"{path}" must be a table; reading stopped at line {rows.line_num}, row {len(grid) + 1}: {error}. '
            'Quote a cell that contains a quotation mark, and double the mark: "the ""first"" wave".'
        ) from error
    return grid, problems


def _parquet_grid(path: Path, data: bytes) -> Grid:
    pyarrow, parquet = (needed(name, f'"{path}": a Parquet file') for name in ("pyarrow", "pyarrow.parquet"))
    try:
        file, batches, size = parquet.ParquetFile(io.BytesIO(data)), [], 0
        refuse_many_rows(path, file.metadata.num_rows)
        for batch in file.iter_batches(batch_size=BATCH):
            refuse_unpacked(path, size := size + batch.nbytes)
            batches.append(batch)
        frame = pyarrow.Table.from_batches(batches, file.schema_arrow).to_pandas()
        return list(within_limits(path, _frame_grid(frame)))
    except NotATableError:
        raise
    except Exception as error:
        raise NotATableError(f'"{path}" must be a Parquet file; it cannot be read: {error}. Write it again.') from error


def _excel_grid(path: Path, data: bytes, sheet: int | str) -> Grid:
    openpyxl = needed("openpyxl", f'"{path}": an Excel file')
    try:
        refuse_large_workbook(path, data)
        with warnings.catch_warnings(action="ignore"):  # about styles and charts, which are not read
            sheets = {
                page.title: page for page in openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets
            }
            chosen = dict(enumerate(sheets.values())).get(sheet) if isinstance(sheet, int) else sheets.get(sheet)
            grid = None if chosen is None else _cells_of(path, chosen)
            others = [] if grid is None or _is_header(grid[:1]) else _ledgers_among(path, sheets)
    except NotATableError:
        raise
    except Exception as error:
        raise NotATableError(f'"{path}" must be an Excel file; it cannot be read: {error}. Save it again as .xlsx.') from error
    if grid is None:
        raise NotATableError(f'sheet must be a sheet of "{path}"; got {sheet!r}. Its sheets: {", ".join(sheets)}.')
    if others:
        raise NotATableError(
            f'"{path}" must have its claims on the sheet that is read; they seem to be on {" or ".join(map(repr, others))}. '
            f"Read that one: forcest check --sheet {others[0]!r}, or in Python, read_ledger(path, sheet={others[0]!r})."
        )
    return grid


def _cells_of(path: Path, sheet: Any, rows: int | None = None) -> Grid:
    """The cells of a sheet, or of its first rows."""
    sheet.reset_dimensions()  # some programs write wrong dimensions
    return [list(row) for row in within_limits(path, sheet.iter_rows(values_only=True, max_row=rows))]


def _is_header(rows: Grid) -> bool:
    """Whether the first of some rows names a column of a ledger."""
    return bool(rows and set(map(cell_text, rows[0])) & set(schema.NAMES))


def _ledgers_among(path: Path, sheets: Mapping[str, Any]) -> list[str]:
    """Titles of the sheets that begin with a header of a ledger."""
    return [title for title, sheet in sheets.items() if _is_header(_cells_of(path, sheet, rows=1))]
