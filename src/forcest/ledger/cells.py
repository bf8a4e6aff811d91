"""Cells: any cell of a table as text, and text as numbers and dates."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from forcest.errors import ForcestError
from forcest.ledger import schema

_ISO_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_LOCAL_DATE = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
_SERIAL_DATE = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
# Spreadsheets count days from here. 30000..80000 are 1982..2119: no year or count is mistaken for a date.
_SERIAL_EPOCH, _SERIALS = dt.date(1899, 12, 30), range(30_000, 80_000)
YEARS = range(1900, 2200)
"""Years in which a date is accepted."""
MISSING_WORDS = frozenset({"NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "-nan", "NaT", "NULL", "null", "None"})
"""How R, pandas, spreadsheets and databases write a cell without a value; "none" is left to mean none."""
_SPACES = re.compile("[\u00a0\u2009\u202f]")


@dataclass(frozen=True)
class Notation:
    """The decimal and thousands separators of a file."""

    decimal: str = "."
    thousands: str | None = None

    def __post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise ForcestError(f'decimal must be "." or ","; got {self.decimal!r}.')
        if self.thousands not in (None, ".", ",", " ", "'") or self.thousands == self.decimal:
            raise ForcestError(
                'thousands must be None, ".", ",", " " or "\'" and differ from decimal; '
                f"got thousands={self.thousands!r} with decimal={self.decimal!r}."
            )


PLAIN = Notation()


def cell_text(cell: object, notation: Notation = PLAIN) -> str:
    """Any cell of a table as trimmed text.

    Missing values and the words for them become ``""``, numbers get the given notation, and dates the ISO format.
    """
    if isinstance(cell, str):
        text = _stripped(cell)
        return "" if text in MISSING_WORDS else text.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, Decimal):
        cell = math.nan if cell.is_nan() else float(cell)
    if pd.isna(cell) is True:
        return ""
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    if isinstance(cell, numbers.Real) and not isinstance(cell, (bool, numbers.Integral)):
        return number_text(float(cell)).replace(".", notation.decimal)
    return cell_text(str(cell))


def missing_word(cell: object) -> str:
    """The word for a missing value that a cell holds, ``""`` if it holds anything else."""
    text = _stripped(cell) if isinstance(cell, str) else ""
    return text if text in MISSING_WORDS else ""


def _stripped(text: str) -> str:
    # Lone surrogates cannot be stored in UTF-8, and lone carriage returns do not survive a CSV file.
    return text.encode("utf-8", "replace").decode().strip("\ufeff \t\r\n\u00a0")


def number_text(number: float) -> str:
    """The canonical text of a number: 11000, 2.5, 1e+20."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number)


def read_number(text: str, notation: Notation = PLAIN) -> float:
    """The number that a text states, NaN if it is not a number.

    Accepted are digits, one decimal separator, groups of three digits if the notation has a thousands separator, and an
    exponent (``1e4``). Without a thousands separator, ``11.000`` is refused: it may mean eleven or eleven thousand.
    """
    text = _SPACES.sub(" ", text)
    sign = re.escape(notation.decimal)
    if notation.thousands is None and re.fullmatch(rf"-?[1-9][0-9]{{0,2}}{sign}000", text):
        return math.nan
    if notation.thousands is not None:
        group = re.escape(notation.thousands)
        if re.fullmatch(rf"-?[0-9]{{1,3}}(?:{group}[0-9]{{3}})+(?:{sign}[0-9]*)?", text):
            text = text.replace(notation.thousands, "")
    if not re.fullmatch(rf"-?[0-9]+(?:{sign}[0-9]*)?(?:[eE][+-]?[0-9]+)?", text):
        return math.nan
    return float(text.replace(notation.decimal, ".")) + 0.0  # + 0.0 turns -0 into 0


def is_infinite(text: str, notation: Notation = PLAIN) -> bool:
    """Whether a text states a number that is not finite: inf, nan, 1e999."""
    return text.lower().lstrip("+-") in ("inf", "infinity", "nan") or math.isinf(read_number(text, notation))


def number_remedy(text: str, notation: Notation = PLAIN) -> str:
    """What to write instead of a text that is a number in another notation; empty if it is none."""
    others = {
        'read_ledger(..., thousands=",")': Notation(thousands=","),
        'read_ledger(..., decimal=",", thousands=".")': Notation(decimal=",", thousands="."),
        'read_ledger(..., thousands=" ")': Notation(thousands=" "),
        'read_ledger(..., thousands="\'")': Notation(thousands="'"),
        "read_ledger(...) without decimal and thousands": PLAIN,
    }
    # A separator that occurs in the cell is more likely one of thousands: 11.000 probably means 11000, not 11.
    for call, other in sorted(others.items(), key=lambda item: (item[1].thousands or "none") not in text):
        number = read_number(text, other)
        if other != notation and math.isfinite(number):
            return f"Write {number_text(number)} if that is meant; in Python, {call} accepts all such cells"
    return ""


def read_date(text: str) -> dt.date | None:
    """The date that an ISO date (a time of day is dropped) or a spreadsheet's serial date states; None for other texts."""
    if match := _ISO_DATE.fullmatch(text):
        return _date(*map(int, match.groups()))
    if (match := _SERIAL_DATE.fullmatch(text)) and int(match[1]) in _SERIALS:
        return _SERIAL_EPOCH + dt.timedelta(days=int(match[1]))
    return None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def possible_dates(text: str) -> list[dt.date]:
    """The dates that a text such as ``03/04/2025`` may mean: day first or month first."""
    if not (match := _LOCAL_DATE.fullmatch(text)):
        return []
    one, two, year = map(int, match.groups())
    return sorted({date for date in (_date(year, two, one), _date(year, one, two)) if date})


def date_problem(text: str) -> str:
    """What is wrong with a text as a date: ``""`` (nothing), ``"invalid"``, ``"ambiguous"`` or ``"unreadable"``."""
    if not text or read_date(text):
        return ""
    if len(possible_dates(text)) == 2:
        return "ambiguous"
    return "invalid" if _ISO_DATE.fullmatch(text) else "unreadable"


def typed(text: pd.DataFrame, notation: Notation = PLAIN) -> pd.DataFrame:
    """A table of text with dates as datetime64 and numbers as float64; NaT or NaN where the text is neither."""
    columns = {name: text[name] for name in text.columns}
    for name in schema.DATES:
        dates = [read_date(cell) for cell in text[name]]
        columns[name] = pd.Series(pd.to_datetime(dates).astype("datetime64[ns]"), index=text.index)
    for name in schema.NUMBERS:
        values = [read_number(cell, notation) for cell in text[name]]
        finite = [value if math.isfinite(value) else math.nan for value in values]
        columns[name] = pd.Series(finite, index=text.index, dtype="float64")
    return pd.DataFrame(columns, index=text.index)


def canonical(text: pd.DataFrame, notation: Notation = PLAIN) -> pd.DataFrame:
    """The same table with every valid number and date in its canonical spelling, and all other cells unchanged."""
    spelled = text.copy()
    for name in schema.DATES:
        spelled[name] = [date.isoformat() if (date := read_date(cell)) else cell for cell in text[name]]
    for name in schema.NUMBERS:
        numbers_of = [(cell, read_number(cell, notation)) for cell in text[name]]
        spelled[name] = [number_text(number) if math.isfinite(number) else cell for cell, number in numbers_of]
    return spelled
