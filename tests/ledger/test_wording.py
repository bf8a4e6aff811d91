"""What a cell says in words, signs and foreign digits; what is ambiguous is not read."""

import datetime as dt

import pytest

from forcest.ledger.wording import Count, Dates, said_count, said_dates


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("١٢٣", Count("123")),
        ("۴۵۰", Count("450")),
        ("１２３", Count("123")),
        ("12k", Count("12000")),
        ("12 K", Count("12000")),
        ("3.5k", Count("3500")),
        ("11 thousand", Count("11000")),
        ("1,5 тис.", Count("1500")),
        ("2 млн", Count("2000000")),
        ("1.2 million", Count("1200000")),
        ("3 500", Count("3500")),
        ("3,500", Count("3500")),
        ("3'500", Count("3500")),
        ("1.200.000", Count("1200000")),
        ("2,5", Count("2.5")),
        ("~300", Count("300", qualifier="about")),
        ("ca. 300", Count("300", qualifier="about")),
        ("300 or so", Count("300", qualifier="about")),
        ("300+", Count("300", qualifier="at_least")),
        ("300 or more", Count("300", qualifier="at_least")),
        ("≥ 300", Count("300", qualifier="at_least")),
        ("at least 300", Count("300", qualifier="at_least")),
        (">900", Count("900", qualifier="more_than")),
        ("More than 2.5k", Count("2500", qualifier="more_than")),
        ("<900", Count("900", qualifier="fewer_than")),
        ("<=900", Count("900", qualifier="at_most")),
        ("no more than 900", Count("900", qualifier="at_most")),
        ("up to 900", Count("900", qualifier="up_to")),
        ("as many as 900", Count("900", qualifier="up_to")),
        ("2-3k", Count(low="2000", high="3000", qualifier="range")),
        ("10-12 thousand", Count(low="10000", high="12000", qualifier="range")),
        ("2500–3000", Count(low="2500", high="3000", qualifier="range")),
        ("2,500 to 3,000", Count(low="2500", high="3000", qualifier="range")),
        ("between 200 and 300", Count(low="200", high="300", qualifier="range")),
        ("900-1.1k", Count(low="900", high="1100", qualifier="range")),
        ("dozens", Count(qualifier="dozens")),
        ("Several hundred", Count(qualifier="several_hundred")),
    ],
)
def test_a_count_is_read_as_it_is_worded(text, count):
    assert said_count(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "11.000",
        "11.000-12.000",
        "3,500 thousand",
        "3.500k",
        "300-200",
        "~2-3k",
        "三百",
        "two",
        "overall 300",
        "none",
        "",
        "k",
        "1/2",
        "12 m",
    ],
)
def test_what_may_be_read_in_two_ways_or_none_is_not_read(text):
    assert said_count(text) is None


def day(year, month, date):
    return Dates(dt.date(year, month, date), dt.date(year, month, date))


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("20230620", day(2023, 6, 20)),
        ("2023/6/20", day(2023, 6, 20)),
        ("2023.06.20", day(2023, 6, 20)),
        ("23 June 2023", day(2023, 6, 23)),
        ("23rd of June 2023", day(2023, 6, 23)),
        ("23-Jun-2023", day(2023, 6, 23)),
        ("June 23, 2023", day(2023, 6, 23)),
        ("Sept. 3 1939", day(1939, 9, 3)),
        ("٢٣/٠٦/٢٠٢٣", day(2023, 6, 23)),
        ("May 2023", Dates(dt.date(2023, 5, 1), dt.date(2023, 5, 31))),
        ("2024-02", Dates(dt.date(2024, 2, 1), dt.date(2024, 2, 29))),
        ("early May 2023", Dates(dt.date(2023, 5, 1), dt.date(2023, 5, 10))),
        ("mid-May 2023", Dates(dt.date(2023, 5, 11), dt.date(2023, 5, 20))),
        ("end of February 2023", Dates(dt.date(2023, 2, 21), dt.date(2023, 2, 28))),
    ],
)
def test_dates_are_read_as_they_are_worded(text, dates):
    assert said_dates(text) == dates


@pytest.mark.parametrize(
    "text",
    ["03/04/2023", "31 June 2023", "20231320", "0023-07", "2023-13", "last week", "5 May", "2023", "May 23", "1 May 0023", ""],
)
def test_a_date_that_is_ambiguous_invalid_or_incomplete_is_not_read(text):
    assert said_dates(text) is None
