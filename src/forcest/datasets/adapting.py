"""Shared by all adapters: reading a table, checking its columns, counting what becomes of its rows, and making a ledger."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forcest.errors import ForcestError, NotATableError
from forcest.extras import needed
from forcest.ledger import Ledger, read_ledger
from forcest.ledger.cells import YEARS, cell_text, number_text, read_date, read_number
from forcest.ledger.delimited import read_delimited
from forcest.ledger.schema import NAMES

Source = str | os.PathLike[str] | pd.DataFrame
Frame = Any
"""A DataFrame, untyped: pandas declares selections as unions that a type checker cannot narrow."""
Column = Any
"""A Series."""

RUSSIA, UKRAINE = "Russian forces", "Ukrainian forces"
"""One spelling in all data sets, so that their ledgers can be joined."""

_SHOWN = 5
_FLOAT = re.compile(r"[0-9]+\.0")
_X_STATUS = re.compile(r"(?:x|twitter)\.com/\w+/status/([0-9]{15,19})(?![0-9])")
_X_EPOCH = 1_288_834_974_657  # milliseconds; the id of a post counts from here, shifted by 22 bits
_DATE_IN_URL = re.compile(
    r"/(20[0-9]{2})[/-]?([01][0-9])[/-]?([0-3][0-9])(?=[/-])|-(20[0-9]{2})-([01][0-9])-([0-3][0-9])(?=[/#?]|$)"
)


class LeftOutWarning(UserWarning):
    """Rows of a public data set cannot be claims of a ledger and are left out; the message counts them.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", fc.datasets.LeftOutWarning)  # or quiet=True
    """


@dataclass(frozen=True)
class Adapted:
    """A ledger, and what became of the rows of its source.

    Parameters
    ----------
    ledger : Ledger
    summary : DataFrame
        Columns rows (kind of rows of the source), becomes (what they are in the ledger; empty if left out) and n.
    """

    ledger: Ledger
    summary: Frame

    @property
    def left_out(self) -> Frame:
        """The part of the summary about rows that are left out."""
        return self.summary[self.summary["becomes"] == ""]


def ledger_with_warning(adapted: Adapted, what: str, quiet: bool) -> Ledger:
    """The ledger, after a warning that counts the rows left out."""
    left_out = adapted.left_out
    if len(left_out) and not quiet:
        parts = "; ".join(f"{rows}: {n}" for rows, n in zip(left_out["rows"], left_out["n"], strict=True))
        total, whole = int(left_out["n"].sum()), int(adapted.summary["n"].sum())
        warnings.warn(
            f"{total} of {whole} rows of {what} are left out of the ledger ({parts}). Pass quiet=True to suppress this warning.",
            LeftOutWarning,
            stacklevel=3,
        )
    return adapted.ledger


# --- reading a table --------------------------------------------------------------------------------------------------


def read_columns(source: Source, what: str, required: Sequence[str], optional: Sequence[str] = ()) -> Frame:
    """The columns that an adapter uses, as trimmed text; the index numbers the rows of the table from 1."""
    table = source if isinstance(source, pd.DataFrame) else _read(source, [*required, *optional])
    titles = {str(title).strip().strip('"').lower(): title for title in table.columns}
    missing = [name for name in required if name.lower() not in titles]
    if missing:
        raise NotATableError(_missing_columns(what, missing, list(titles)))
    present = [*required, *(name for name in optional if name.lower() in titles)]
    text = {name: [_plain_code(cell_text(cell)) for cell in table[titles[name.lower()]].astype(object)] for name in present}
    blank = {name: [""] * len(table) for name in optional if name not in present}
    return pd.DataFrame({**text, **blank}, index=pd.RangeIndex(1, len(table) + 1, name="row"), dtype="str")


def _plain_code(cell: str) -> str:
    """A code or id without the ".0" that it gets where pandas stores a column with empty cells as floats."""
    return cell.removesuffix(".0") if _FLOAT.fullmatch(cell) else cell


def _missing_columns(what: str, missing: Sequence[str], titles: Sequence[str]) -> str:
    near = {name: get_close_matches(name.lower(), titles, n=1, cutoff=0.7) for name in missing}
    hints = [f'"{found[0]}" for {name}' for name, found in near.items() if found]
    hint = f"Perhaps it is {', '.join(hints)}: rename it. " if hints else ""
    found = ", ".join(titles[:12]) + (", ..." if len(titles) > 12 else "")
    return (
        f"source must have the columns of {what}; missing: {', '.join(missing)}. {hint}It has {found or 'none'}. "
        "If a newer version uses other names, rename the columns in a DataFrame and pass that."
    )


def _read(source: str | os.PathLike[str], columns: Sequence[str]) -> Frame:
    if not isinstance(source, (str, os.PathLike)):
        raise NotATableError(f"source must be a path or a DataFrame; got {type(source).__name__}.")
    path = Path(os.fspath(source))
    try:
        if path.suffix.lower() == ".xlsx":
            needed("openpyxl", f'"{path}": an Excel file')
            return pd.read_excel(path)
        if path.suffix.lower() == ".parquet":
            needed("pyarrow", f'"{path}": a Parquet file')
            return pd.read_parquet(path)
        return _read_csv(path, columns)
    except FileNotFoundError:
        raise NotATableError(f'"{path}" must be an existing file; no such file was found. Check the path.') from None
    except (OSError, ValueError) as error:  # a parser's error and a wrong encoding are ValueErrors
        raise NotATableError(
            f'"{path}" must be a CSV, Excel or Parquet table; it cannot be read: {error}. Fetch it again.'
        ) from error


def _read_csv(path: Path, columns: Sequence[str]) -> Frame:
    wanted = {name.lower() for name in columns}
    found = read_delimited(path, path.read_bytes(), wanted)
    table = pd.read_csv(StringIO(found.text), sep=found.delimiter, dtype="str", keep_default_na=False)
    if found.delimiter == ";":  # as in files with decimal commas, which `numbers` would take for commas between thousands
        table.index = pd.RangeIndex(1, len(table) + 1)
        for name in (name for name in table.columns if name.strip().lower() in wanted):
            refuse(table, name, table[name].str.fullmatch(r"-?[0-9]+(?:,[0-9]+)+"), "have decimal points and no commas")
    return table


def numbers(table: Frame, column: str, *, required: bool = False) -> Column:
    """A column of numbers, 0 or more, NaN if empty unless that is an error; commas between thousands are accepted."""
    text = table[column].str.replace(r"(?<=\d),(?=\d{3})", "", regex=True)
    values = pd.Series([read_number(cell) if cell else np.nan for cell in text], index=table.index, dtype="float64")
    empty = values.isna() & (text == "")
    refuse(table, column, ~(values >= 0) & ~empty | empty & required, "be a number, 0 or more")
    return values


def dates(table: Frame, column: str, *formats: str) -> Column:
    """A column of dates: ISO dates (with or without a time) or one of the given formats; other texts are an error."""
    read = [_day(cell, formats) for cell in table[column]]
    days = pd.Series(pd.to_datetime(read), index=table.index).astype("datetime64[ns]")
    refuse(table, column, days.isna(), f"be a date, {YEARS.start} to {YEARS.stop - 1}")
    return days


def _day(cell: str, formats: Iterable[str]) -> dt.date | None:
    for form in formats:
        try:
            date = dt.datetime.strptime(cell, form).date()
        except ValueError:
            continue
        return date if date.year in YEARS else None
    return read_date(cell.split(".")[0])


def require_values(table: Frame, column: str, values: Iterable[str]) -> None:
    """Raise an error for values of a column that the adapter does not know."""
    known = list(values)
    refuse(table, column, ~table[column].isin(known), f"be one of {', '.join(value or '(empty)' for value in known)}")


@dataclass(frozen=True)
class Key:
    """What identifies a row of a source: two rows with one key would count the same people twice.

    Parameters
    ----------
    columns : tuple of str
    names : str
        What the key names, such as ``"event"``.
    keep : str
        Which of several rows to keep: the end of a sentence.
    pandas : str
        Code that keeps it.
    later : callable, optional
        Number of the row that is certainly the later version of the given rows, None if they do not tell.
    """

    columns: tuple[str, ...]
    names: str
    keep: str
    pandas: str
    later: Callable[[Frame], int | None] = lambda rows: None

    def check(self, table: Frame) -> None:
        """Raise one error that names all rows with the same key, before anything is summed."""
        repeated = table[table.duplicated(list(self.columns), keep=False)]
        if repeated.empty:
            return
        groups = [rows for _, rows in repeated.groupby(list(self.columns), sort=False)]
        shown = "; ".join(self._rows(rows) for rows in groups[:_SHOWN])
        more = f"; and {len(groups) - _SHOWN} more" if len(groups) > _SHOWN else ""
        raise ForcestError(
            f"{' and '.join(self.columns)} must name each {self.names} once, or its people count twice; got {shown}{more}. "
            f"Keep one row for each {self.names}: {self.keep}. In pandas: {self.pandas}. Rows are numbered from 1 below the header."
        )

    def _rows(self, rows: Frame) -> str:
        """The rows of one key, and which of them to keep."""
        key = ", ".join(rows[list(self.columns)].iloc[0])
        numbered = [str(row) for row in rows.index]
        best = rows.index[0] if len(rows.drop_duplicates()) == 1 else self.later(rows)
        advice = f" (keep row {best})" if best is not None else ""
        return f'"{key}" in rows {", ".join(numbered[:-1])} and {numbered[-1]}{advice}'


def refuse_unknown_forces(forces: Mapping[str, str] | None, *actors: Column) -> None:
    """Refuse a name in ``forces`` that no row has: a misspelling would leave its people under another name, or out."""
    known = sorted({str(name) for column in actors for name in column if str(name)})
    unknown = [name for name in forces or {} if name not in known]
    if unknown:
        listed = "; ".join(f"{name!r}{_near(name, known)}" for name in unknown)
        raise ForcestError(f"`forces` must name actors of the table as they are spelled there; got {listed}. Correct or drop them.")


def _near(name: str, known: Sequence[str]) -> str:
    """The actors that a misspelt name may mean."""
    near = (
        difflib.get_close_matches(name, known, n=2, cutoff=0.8) or [actor for actor in known if name.lower() in actor.lower()][:2]
    )
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""


def refuse(table: Frame, column: str, wrong: Column, must: str) -> None:
    """Raise an error that names the wrong cells of a column, if there are any."""
    if wrong.any():
        cells = table.loc[wrong, column].iloc[:_SHOWN]
        shown = ", ".join(f'"{cell}" (row {row})' for row, cell in cells.items())
        more = f" and {int(wrong.sum()) - _SHOWN} more" if wrong.sum() > _SHOWN else ""
        raise ForcestError(
            f"{column} must {must}; got {shown}{more}. Rows are numbered from 1 below the header; correct or drop them."
        )


# --- making a ledger --------------------------------------------------------------------------------------------------


def ledger_of(claims: Frame) -> Ledger:
    """A ledger of the claims of an adapter.

    Raises
    ------
    LedgerError
        If rows of the source violate rules of a ledger, such as a low above its high; all are named.
    """
    columns: dict[str, Any] = {name: claims.get(name, "") for name in NAMES}
    ledger = read_ledger(pd.DataFrame(columns, index=claims.index))
    ledger.usable()
    return ledger


def summary_of(groups: Mapping[tuple[str, str], int]) -> Frame:
    """A summary from {(rows, becomes): n}; empty groups are dropped."""
    rows = [(rows, becomes, int(n)) for (rows, becomes), n in groups.items() if n]
    return pd.DataFrame(rows, columns=["rows", "becomes", "n"])


def count_text(number: float) -> str:
    """A count as text for a note: 11,966 or 2.5."""
    return f"{int(number):,}" if float(number).is_integer() else number_text(float(number))


def publication_date_in(url: str) -> dt.date | None:
    """The date of publication that a URL contains: in its path, or in the id of a post on X."""
    if match := _X_STATUS.search(url):
        day = dt.datetime.fromtimestamp(_X_EPOCH / 1000, dt.UTC) + dt.timedelta(milliseconds=int(match[1]) >> 22)
        return day.date()
    if match := _DATE_IN_URL.search(url):
        year, month, day = (int(part) for part in match.groups() if part)
        try:
            return dt.date(year, month, day)
        except ValueError:
            return None
    return None


def sum_by_month(claims: Frame) -> Frame:
    """Sum the events of a calendar month to one claim per force and source; events across two months stay as they are.

    Bounds are summed too; a month without bounds is one in which every event is known exactly.
    """
    claims = claims.reset_index(drop=True)  # the two sides of an event have the same row number
    start, end = claims["window_start"], claims["window_end"]
    month = start.dt.to_period("M")
    within = month == end.dt.to_period("M")
    events = claims[within].assign(
        month=month[within],
        low=claims["low"].fillna(claims["value"]),
        high=claims["high"].fillna(claims["value"]),
    )
    keys = ["force", "measure", "source", "stance", "month"]
    sums = events.groupby(keys, sort=True, as_index=False).agg(
        id=("id", "first"),
        published=("published", "max"),
        value=("value", "sum"),
        low=("low", "sum"),
        high=("high", "sum"),
        url=("url", "first"),
        n=("id", "size"),
    )
    if sums.empty:
        return claims[~within]
    first = sums["month"].dt.to_timestamp()
    last = first + pd.offsets.MonthEnd(0)
    exact = sums["low"] == sums["high"]
    monthly = sums.assign(
        id=[f"{id_}-{month}" for id_, month in zip(sums["id"], sums["month"], strict=True)],
        published=np.maximum(sums["published"], last),
        as_of=last,
        window_start=first,
        window_end=last,
        scope="flow",
        low=sums["low"].mask(exact),
        high=sums["high"].mask(exact),
        qualifier=np.where(exact, "about", "range"),
        note=[f"Sum of {n} events of the month." for n in sums["n"]],
    )
    return pd.concat([monthly.drop(columns=["month", "n"]), claims[~within]], ignore_index=True)
