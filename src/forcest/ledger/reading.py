"""Reading: from a file or a DataFrame to a :class:`Ledger`.

A file that is no table is refused at once; whatever is wrong with a row is left to ``Ledger.problems()``.
"""

from __future__ import annotations

import csv
import io
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from forcest.errors import ForcestError, NotATableError
from forcest.ledger import schema
from forcest.ledger.cells import Notation, cell_text
from forcest.ledger.claims import Ledger
from forcest.ledger.problems import Problem, header_problems

_BOM = "\ufeff"
_DELIMITERS = {",": 'delimiter=","', ";": 'delimiter=";"', "\t": 'delimiter="\\t"', "|": 'delimiter="|"'}
_MAGIC = {b"PK\x03\x04": ".xlsx", b"PAR1": ".parquet"}

_COLUMNS = f"Put the names of the columns into row 1, at least {', '.join(schema.REQUIRED)}, and value, or low and high."

Grid = Sequence[Sequence[object]]


def read_ledger(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    delimiter: str = ",",
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
        A ``.csv``, ``.parquet`` or ``.xlsx`` file, or a table in memory; one row per claim, columns as in
        ``forcest.ledger.schema.COLUMNS``.
    delimiter, encoding : str
        How a CSV file is written.
    decimal, thousands : str
        The signs of its numbers, such as ``decimal=","`` and ``thousands="."``; cells that are numbers already
        (Excel, Parquet, DataFrame) need none.
    sheet : int or str
        Sheet of an Excel file, by position or name.
    part : bool
        The table is a part of a larger ledger: ``origin`` and ``supersedes`` may name claims that are not in it.

    Returns
    -------
    Ledger
        Rows with faults included; see :meth:`Ledger.problems`.

    Raises
    ------
    NotATableError
        When the source cannot be read as a table with a ledger's columns.
    ForcestError
        When an option cannot be used.

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
    """A ledger from a header and rows of cells; blank rows are dropped but counted."""
    cells = [[cell_text(cell, notation) for cell in row] for row in grid]
    if not any(map(any, cells)):
        raise NotATableError(f"{name} must hold a header and rows; it is blank. {_COLUMNS}")
    header, rows = cells[0], {line: row for line, row in enumerate(cells[1:], start=2) if any(row)}
    if not set(header) & set(schema.NAMES):
        raise NotATableError(_no_header(name, header))
    named = [(i, title) for i, title in enumerate(header) if title not in schema.ADDED]
    titled = [(i, title or f"column {i + 1}") for i, title in named if title or any(_column(rows, i))]
    columns: dict[str, list[str]] = {}
    for i, title in titled:
        columns.setdefault(title, _column(rows, i))
    blank, extra = [""] * len(rows), [title for title in columns if title not in schema.NAMES]
    text = pd.DataFrame(
        {title: columns.get(title, blank) for title in [*schema.NAMES, *extra]},
        index=pd.Index(rows, dtype="int64", name="row"),
        dtype="str",
    )
    usual = min(map(len, rows.values()), default=0)  # spreadsheets may end every row with blanks
    overlong = [
        Problem.overlong_row(line, len(header), row)
        for line, row in rows.items()
        if any(row[len(header) :]) or len(row) > max(usual, len(header))
    ]
    file_problems = (*problems, *header_problems([title for _, title in titled]), *overlong)
    return Ledger(text=text, notation=notation, file_problems=file_problems, part=part)


def _column(rows: Mapping[int, Sequence[str]], i: int) -> list[str]:
    """The cells of one column; a row that ends early is blank there."""
    return [row[i] if i < len(row) else "" for row in rows.values()]


def _no_header(name: str, header: Sequence[str]) -> str:
    titles = [title for title in header if title]
    found = ", ".join(f'"{title[:40]}"' for title in titles[:6]) + (", ..." if len(titles) > 6 else "")
    return f"{name} must begin with a header that names the ledger's columns; its first row is {found or 'blank'}. {_COLUMNS}"


def _frame_grid(frame: pd.DataFrame) -> list[list[object]]:
    """Header and rows of a DataFrame; its index is no part of the ledger."""
    columns = [frame.iloc[:, i].astype(object).tolist() for i in range(frame.shape[1])]
    return [list(frame.columns), *map(list, zip(*columns, strict=True))]


def _file_grid(path: Path, delimiter: str, encoding: str, sheet: int | str) -> tuple[Grid, list[Problem]]:
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
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotATableError(f'"{path}" must be an existing file; there is none of that name. Check the path.') from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotATableError(f'"{path}" must be a file that can be opened; got: {reason}. Check the path.') from error
    if not data:
        raise NotATableError(f'"{path}" must hold a header and rows; it has zero bytes. Save or download it again.')
    return reader(data)


def _csv_grid(path: Path, data: bytes, delimiter: str, encoding: str) -> tuple[Grid, list[Problem]]:
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n \0':
        raise ForcestError(f'delimiter must be one character, such as ";" or "\\t"; got {delimiter!r}.')
    text = _decoded(path, data, encoding)
    problems = [Problem.byte_order_mark()] if text.startswith(_BOM) else []
    text = text.removeprefix(_BOM)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    grid: list[list[str]] = []
    try:
        grid.extend(rows)
    except csv.Error as error:
        raise NotATableError(
            f'"{path}" must be a table; reading stops in line {rows.line_num}, row {len(grid) + 1}: {error}. '
            'Quote a cell that holds a quotation mark, and double the mark inside: "the ""first"" wave".'
        ) from error
    if grid and not set(map(cell_text, grid[0])) & set(schema.NAMES):
        _suggest_delimiter(path, text, delimiter)
    return grid, problems


def _suggest_delimiter(path: Path, text: str, delimiter: str) -> None:
    header = text.partition("\n")[0]
    for other, option in _DELIMITERS.items():
        if len({part.strip().strip('"') for part in header.split(other)} & set(schema.NAMES)) > 1:
            raise NotATableError(
                f'"{path}" must be separated by {delimiter!r}; its header is separated by {other!r}. '
                f"Save it as CSV with commas (numbers with a decimal point), or in Python read_ledger(path, {option})."
            )


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    for magic, suffix in _MAGIC.items():
        if data.startswith(magic):
            raise NotATableError(f'"{path}" must be text; its content is that of a {suffix} file. Rename it to {suffix}.')
    try:
        return data.decode(encoding)
    except LookupError:
        raise ForcestError(f'encoding must be one that Python knows, such as "cp1252"; got {encoding!r}.') from None
    except UnicodeError as error:
        # A byte-order mark of UTF-16 names its encoding; otherwise Windows' own is the likeliest.
        likely = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise NotATableError(
            f'"{path}" must be {encoding} text; line {line} is not: {error}. '
            f'Save it as UTF-8, or pass its encoding, such as encoding="{likely}".'
        ) from error


def _parquet_grid(path: Path, data: bytes) -> Grid:
    try:
        return _frame_grid(pd.read_parquet(io.BytesIO(data)))
    except Exception as error:
        raise NotATableError(f'"{path}" must be a Parquet file; reading it fails: {error}. Write it again.') from error


def _excel_grid(path: Path, data: bytes, sheet: int | str) -> Grid:
    from openpyxl import load_workbook  # only who reads Excel needs it

    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and charts, which are not read
            sheets = {page.title: page for page in load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets}
            chosen = dict(enumerate(sheets.values())).get(sheet) if isinstance(sheet, int) else sheets.get(sheet)
            if chosen is not None:
                chosen.reset_dimensions()  # some programs write them wrong
                return [list(row) for row in chosen.iter_rows(values_only=True)]
    except Exception as error:
        raise NotATableError(f'"{path}" must be an Excel file; reading it fails: {error}. Save it again as .xlsx.') from error
    raise NotATableError(f'sheet must be one of "{path}"; got {sheet!r}. Its sheets are: {", ".join(sheets)}.')
