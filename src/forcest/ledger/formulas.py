"""Cells that a spreadsheet program would run as a formula: written with an apostrophe before them, and read without it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,']*(?:[eE][+-]?[0-9]+)?")


def _runs(text: str) -> bool:
    """Whether a text begins like a formula, apostrophes aside: those count too, so that no two texts are written alike."""
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def inert(text: str) -> str:
    """A text as no spreadsheet program runs it: ``=1+1`` becomes ``'=1+1``; numbers stay as they are."""
    return f"'{text}" if _runs(text) else text


def as_written(text: str) -> str:
    """The text of :func:`inert` before it was changed."""
    return text[1:] if text.startswith("'") and _runs(text[1:]) else text


def inert_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table to be written as CSV, its text cells and the names of its columns made inert."""
    return _each_text(table, inert)


def table_as_written(table: pd.DataFrame) -> pd.DataFrame:
    """The table of :func:`inert_table` before it was changed."""
    return _each_text(table, as_written)


def _each_text(table: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    columns = {
        change(str(name)): column
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_dtype(column)
        else pd.Series([change(cell) if isinstance(cell, str) else cell for cell in column], index=column.index, dtype=column.dtype)
        for name, column in table.items()
    }
    return pd.DataFrame(columns, index=table.index)
