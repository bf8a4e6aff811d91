"""What every adapter does: read a table, insist on its columns, account for every row, and make a ledger without errors."""

from __future__ import annotations

import datetime as dt
import os
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forcest.errors import ForcestError, NotATableError
from forcest.ledger import Ledger, read_ledger
from forcest.ledger.cells import cell_text, number_text, read_date, read_number
from forcest.ledger.schema import NAMES

Source = str | os.PathLike[str] | pd.DataFrame
Frame = Any
"""A DataFrame. pandas types every selection as one of four things, so that a checker only finds its gaps."""
Column = Any
"""A Series."""

RUSSIA, UKRAINE = "Russian forces", "Ukrainian forces"
"""One spelling for all sets, so that their ledgers can be put together."""

_SHOWN = 5
_X_STATUS = re.compile(r"(?:x|twitter)\.com/\w+/status/([0-9]{15,})")
_X_EPOCH = 1_288_834_974_657  # milliseconds; the number of a post counts from here, shifted by 22 bits
_DAY_IN_ADDRESS = re.compile(
    r"/(20[0-9]{2})[/-]?([01][0-9])[/-]?([0-3][0-9])(?=[/-])|-(20[0-9]{2})-([01][0-9])-([0-3][0-9])(?=[/#?]|$)"
)


class LeftOutWarning(UserWarning):
    """Rows of a public data set have no place in a ledger and are left out; the message counts them.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", fc.datasets.LeftOutWarning)  # or quiet=True
    """


@dataclass(frozen=True)
class Adapted:
    """A ledger, and what became of every row of the table it was made from.

    Parameters
    ----------
    ledger : Ledger
    account : DataFrame
        Columns rows (which rows of the table), becomes (what they are in the ledger; empty where they are left out) and n.
    """

    ledger: Ledger
    account: Frame

    @property
    def left_out(self) -> Frame:
        """The part of the account that is not in the ledger."""
        return self.account[self.account["becomes"] == ""]


def finished(adapted: Adapted, what: str, quiet: bool) -> Ledger:
    """The ledger, after a warning that counts what was left out."""
    left_out = adapted.left_out
    if len(left_out) and not quiet:
        parts = "; ".join(f"{n} {rows}" for rows, n in zip(left_out["rows"], left_out["n"], strict=True))
        total, whole = int(left_out["n"].sum()), int(adapted.account["n"].sum())
        warnings.warn(
            f"{total} of {whole} rows of {what} are not in the ledger: {parts}. Pass quiet=True once you know.",
            LeftOutWarning,
            stacklevel=3,
        )
    return adapted.ledger


# --- reading a table --------------------------------------------------------------------------------------------------


def columns_of(source: Source, what: str, needed: Sequence[str], optional: Sequence[str] = ()) -> Frame:
    """The columns an adapter reads, as trimmed text; the index counts the rows of the table from 1."""
    table = source if isinstance(source, pd.DataFrame) else _read(source)
    titles = {str(title).strip().strip('"').lower(): title for title in table.columns}
    missing = [name for name in needed if name.lower() not in titles]
    if missing:
        raise NotATableError(_missing(what, missing, list(titles)))
    wanted = [*needed, *(name for name in optional if name.lower() in titles)]
    text = {name: [cell_text(cell) for cell in table[titles[name.lower()]].astype(object)] for name in wanted}
    blank = {name: [""] * len(table) for name in optional if name not in wanted}
    return pd.DataFrame({**text, **blank}, index=pd.RangeIndex(1, len(table) + 1, name="row"), dtype="str")


def _missing(what: str, missing: Sequence[str], titles: Sequence[str]) -> str:
    near = {name: get_close_matches(name.lower(), titles, n=1, cutoff=0.7) for name in missing}
    hints = [f'"{found[0]}" for {name}' for name, found in near.items() if found]
    hint = f"Perhaps it is {', '.join(hints)}: rename it. " if hints else ""
    found = ", ".join(titles[:12]) + (", ..." if len(titles) > 12 else "")
    return (
        f"source must have the columns of {what}; missing: {', '.join(missing)}. {hint}It has {found or 'none'}. "
        "A newer version may name them otherwise: rename them in a DataFrame and pass that."
    )


def _read(source: str | os.PathLike[str]) -> Frame:
    if not isinstance(source, (str, os.PathLike)):
        raise NotATableError(f"source must be a path or a DataFrame; got {type(source).__name__}.")
    path = Path(os.fspath(source))
    readers: dict[str, Callable[..., pd.DataFrame]] = {".xlsx": pd.read_excel, ".parquet": pd.read_parquet}
    try:
        if path.suffix.lower() in readers:
            return readers[path.suffix.lower()](path)
        return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotATableError(f'"{path}" must be an existing file; there is none of that name. Check the path.') from None
    except (OSError, ValueError) as error:  # a parser's error and a wrong encoding are ValueErrors
        raise NotATableError(
            f'"{path}" must be a CSV, Excel or Parquet table; reading it fails: {error}. Fetch it again.'
        ) from error


def numbers(table: Frame, column: str) -> Column:
    """A column of counts, NaN where it is empty; a thousands comma is read, anything else is refused."""
    text = table[column].str.replace(r"(?<=\d),(?=\d{3})", "", regex=True).replace({"NA": "", "nan": ""})
    values = pd.Series([read_number(cell) if cell else np.nan for cell in text], index=table.index, dtype="float64")
    _refuse(table, column, values.isna() & (text != ""), "be a number")
    return values


def dates(table: Frame, column: str, *formats: str) -> Column:
    """A column of days: ISO dates (with or without a time), or one of some formats; anything else is refused."""
    read = [_day(cell, formats) for cell in table[column]]
    days = pd.Series(pd.to_datetime(read), index=table.index).astype("datetime64[ns]")
    _refuse(table, column, days.isna(), "be a date")
    return days


def _day(cell: str, formats: Iterable[str]) -> dt.date | None:
    for form in formats:
        try:
            return dt.datetime.strptime(cell, form).date()
        except ValueError:
            continue
    return read_date(cell.split(".")[0])


def one_of(table: Frame, column: str, words: Iterable[str]) -> None:
    """Refuse a column that says a word the adapter was not written for."""
    known = list(words)
    _refuse(table, column, ~table[column].isin(known), f"be one of {', '.join(known)}")


def _refuse(table: Frame, column: str, wrong: Column, must: str) -> None:
    if wrong.any():
        cells = table.loc[wrong, column].iloc[:_SHOWN]
        shown = ", ".join(f'"{cell}" (row {row})' for row, cell in cells.items())
        more = f" and {int(wrong.sum()) - _SHOWN} more" if wrong.sum() > _SHOWN else ""
        raise ForcestError(
            f"{column} must {must}; got {shown}{more}. Rows are counted from 1 below the header; correct or drop them."
        )


# --- making a ledger --------------------------------------------------------------------------------------------------


def ledger_of(claims: Frame) -> Ledger:
    """A ledger of the claims of an adapter.

    Raises
    ------
    LedgerError
        When rows of the source contradict themselves, such as a low above its high: all are named.
    """
    columns: dict[str, Any] = {name: claims.get(name, "") for name in NAMES}
    ledger = read_ledger(pd.DataFrame(columns, index=claims.index))
    ledger.usable()
    return ledger


def account_of(groups: Mapping[tuple[str, str], int]) -> Frame:
    """An account from {(rows, becomes): n}; empty groups are dropped."""
    rows = [(rows, becomes, int(n)) for (rows, becomes), n in groups.items() if n]
    return pd.DataFrame(rows, columns=["rows", "becomes", "n"])


def counted(number: float) -> str:
    """A count for a note: 11,966 or 2.5."""
    return f"{int(number):,}" if float(number).is_integer() else number_text(float(number))


def published_by_address(url: str) -> dt.date | None:
    """The day of publication that an address carries: in its path, or in the number of a post on X."""
    if match := _X_STATUS.search(url):
        milliseconds = (int(match[1]) >> 22) + _X_EPOCH
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).date()
    if match := _DAY_IN_ADDRESS.search(url):
        year, month, day = (int(part) for part in match.groups() if part)
        try:
            return dt.date(year, month, day)
        except ValueError:
            return None
    return None


def summed_by_month(claims: Frame) -> Frame:
    """Events of one calendar month as one claim per force and source; events that reach over two months stay as they are.

    Bounds are summed too: months in which every event is known exactly have none.
    """
    claims = claims.reset_index(drop=True)  # two sides of one event share a row of the table
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
    claimed = sums.assign(
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
    return pd.concat([claimed.drop(columns=["month", "n"]), claims[~within]], ignore_index=True)
