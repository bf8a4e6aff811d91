"""Cells to text, text to numbers and dates."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from forcest.errors import ForcestError
from forcest.ledger.cells import Notation, cell_text, date_problem, is_infinite, read_date, read_number

GERMAN = Notation(decimal=",", thousands=".")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        *[(word, "") for word in ("NA", "N/A", "nan", "NaN", " NULL ", "None", "<NA>")],
        ("none", "none"),
        ("Nan", "Nan"),
        (np.nan, ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (Decimal("NaN"), ""),
        (Decimal("sNaN"), ""),
        ("  a \u00a0", "a"),
        (11000, "11000"),
        (11000.0, "11000"),
        (2.5, "2.5"),
        (np.float32(0.5), "0.5"),
        (np.int8(3), "3"),
        (-0.0, "0"),
        (1e20, "1e+20"),
        (Decimal("2.50"), "2.5"),
        (float("inf"), "inf"),
        (True, "True"),
        (dt.date(2025, 1, 2), "2025-01-02"),
        (dt.datetime(2025, 1, 2, 23, 59), "2025-01-02"),
        (pd.Timestamp("2025-01-02", tz="Asia/Seoul"), "2025-01-02"),
        (np.datetime64("2025-01-02"), "2025-01-02"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ud800", "?"),
        ([1, None], "[1, None]"),
    ],
)
def test_any_cell_has_one_text(cell, text):
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("text", "notation", "number"),
    [
        ("11000", Notation(), 11000),
        ("2.5", Notation(), 2.5),
        ("1e4", Notation(), 10000),
        ("-7", Notation(), -7),
        ("11,000", Notation(thousands=","), 11000),
        ("1,100,000.5", Notation(thousands=","), 1100000.5),
        ("11.000", Notation(thousands=","), 11),
        ("11000", Notation(thousands=","), 11000),
        ("11.000", GERMAN, 11000),
        ("2,5", GERMAN, 2.5),
        ("11.000,5", GERMAN, 11000.5),
        ("11,000", GERMAN, 11),
        ("5\u00a0000", Notation(thousands=" "), 5000),
    ],
)
def test_numbers_are_read_in_their_notation(text, notation, number):
    assert read_number(text, notation) == number


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("11,000", Notation()),
        ("11.000", Notation()),
        ("11,000", Notation(decimal=",")),
        ("2.5", GERMAN),
        ("1,1", Notation(thousands=",")),
        ("1,0000", Notation(thousands=",")),
        ("", Notation()),
        (".5", Notation()),
        ("1_000", Notation()),
        ("0x10", Notation()),
    ],
)
def test_a_text_in_another_notation_is_not_a_number(text, notation):
    assert math.isnan(read_number(text, notation))


def test_infinite_numbers_are_recognised():
    assert [is_infinite(text) for text in ("inf", "-INF", "nan", "1e999", "1e9", "", "info")] == [True] * 4 + [False] * 3


def test_a_serial_date_is_the_day_excel_shows():
    assert read_date("45658") == read_date("45658.75") == dt.date(2025, 1, 1)
    assert read_date("29999") is read_date("80000") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ""),
        ("2025-1-5", ""),
        ("2025-01-05 12:30", ""),
        ("2025-01-05 00:00:00+00", ""),
        ("2024-10-01T25:61", "unreadable"),
        ("2024-10-01T23:60", "unreadable"),
        ("2025-01-05T23:30:00.000-05:00", ""),
        ("2024-02-29", ""),
        ("2025-02-29", "invalid"),
        ("2025-13-01", "invalid"),
        ("01.02.2025", "ambiguous"),
        ("02/02/2025", "unreadable"),
        ("13/02/2025", "unreadable"),
        ("2025", "unreadable"),
        ("5 May", "unreadable"),
    ],
)
def test_the_problem_of_a_date_is_named(text, problem):
    assert date_problem(text) == problem


@pytest.mark.parametrize(
    "separators", [{"decimal": ";"}, {"thousands": "."}, {"thousands": "x"}, {"decimal": ",", "thousands": ","}]
)
def test_an_invalid_notation_is_refused(separators):
    with pytest.raises(ForcestError, match=r"must be .*; got|must be .* and differ from decimal"):
        Notation(**separators)
