"""Dates and windows of time, relative to the day of publication."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from forcest.drafting.numbers import WORD, whole_number
from forcest.drafting.passages import Sentence

Kind = Literal["day", "by", "window"]
Span = tuple[dt.date, dt.date]
DAY = dt.timedelta(days=1)

WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
MONTH_NUMBER = {
    **{name: i for i, name in enumerate(MONTHS, start=1) if name not in ("march", "may")},
    **{f"{name[:3]}.": i for i, name in enumerate(MONTHS, start=1)},
    "sept.": 9,
    "sept": 9,
}
ORDINALS = {"first": 0, "opening": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1, "closing": -1}


@dataclass(frozen=True)
class When:
    """A date or a window of time, as a passage gives it.

    Attributes
    ----------
    kind : {"day", "by", "window"}
        A day, a day up to which something is counted, or a window.
    past, future : pair of date, optional
        First and last day: the latest up to the day of publication, and for what is planned the next one after it. None for
        a window without dates, such as "in recent weeks".
    """

    kind: Kind
    past: Span | None = None
    future: Span | None = None

    def span(self, planned: bool) -> Span | None:
        """First and last day of a count, or of what is planned."""
        return self.future if planned else self.past


def marked(sentence: Sentence, published: dt.date) -> Sentence:
    """The sentence with every date and window as one word ``WHEN``."""
    for pattern, read in _READERS:
        sentence = sentence.replaced(pattern, "WHEN", lambda _, match, read=read: read(match, published))
    return sentence


# --- days and periods ---------------------------------------------------------------------------------------------------


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _month_after(day: dt.date, months: int) -> dt.date:
    """The first day of the month that lies some months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def _months_before(day: dt.date, months: int) -> dt.date:
    first = _month_after(day, -months)
    return first.replace(day=min(day.day, _month_end(first).day))


def _date(text: str, published: dt.date, *, future: bool = False) -> dt.date | None:
    """A calendar date; without a year the latest one up to the day of publication, or the next."""
    year, month = re.search(rf"\b{_YEAR}\b", text), re.search(_MONTH, text)
    try:
        if month is None:
            return dt.date.fromisoformat(text.strip().replace(" ", ""))
        day = re.search(r"\d+", text.replace(year[0], "") if year else text)
        found = dt.date(int(year[0]) if year else published.year, MONTH_NUMBER[month[0]], int(day[0]) if day else 1)
        if year or (found == published) or (found > published) == future:
            return found
        return found.replace(year=published.year + (1 if future else -1))
    except ValueError:  # 31 November
        return None


def _weekday(name: str, published: dt.date, before: bool = False) -> dt.date:
    """The latest day of that name up to publication, or before it."""
    back = (published.weekday() - WEEKDAYS.index(name)) % 7
    return published - (back or 7 * before) * DAY


def _period(text: str, published: dt.date, future: bool = False) -> Span | None:
    """First and last day of a month, a week or a year."""
    text = text.strip()
    which = {"last": -1, "next": 1}.get(text.split()[0], 0)
    if text.endswith("week"):
        monday = published + (which * 7 - published.weekday()) * DAY
        return monday, monday + 6 * DAY
    if text.endswith("month"):
        month = _month_after(published, which)
        return month, _month_end(month)
    if text.endswith("year") or re.fullmatch(_YEAR, text):
        year = published.year + which if text.endswith("year") else int(text)
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    start = _date(text, published, future=future)
    return (start, _month_end(start)) if start else None


def _unless_later(span: Span | None, published: dt.date) -> Span | None:
    """A window that has begun ends on the day of publication at the latest: nothing later can have been counted."""
    return (span[0], published) if span and span[0] <= published < span[1] else span


# --- what each pattern means --------------------------------------------------------------------------------------------


def _on(day: dt.date | None, kind: Kind = "day", later: dt.date | None = None) -> When | None:
    later = later or day
    return When(kind, (day, day), (later, later)) if day and later else None


def _kind(match: re.Match[str]) -> Kind:
    return "by" if match["by"] else "day"


def _offset(days: int) -> Callable[[re.Match[str], dt.date], When | None]:
    return lambda match, published: _on(published + days * DAY, _kind(match))


def _calendar_date(match: re.Match[str], published: dt.date) -> When | None:
    return _on(_date(match["date"], published), _kind(match), _date(match["date"], published, future=True))


def _named_day(match: re.Match[str], published: dt.date) -> When | None:
    day = _weekday(match["weekday"], published, match["which"] == "last")
    return _on(day, _kind(match), day + 7 * DAY)


def _ago(match: re.Match[str], published: dt.date) -> When | None:
    count = 1 if match["count"] == "a" else whole_number(match["count"])
    if count is None:
        return None
    days = {"day": 1, "week": 7}.get(match["unit"])
    return _on(published - int(count * days) * DAY if days else _months_before(published, int(count)))


def _point_of_period(match: re.Match[str], published: dt.date) -> When | None:
    """The start, the middle or the end of a month or a year."""
    spans = [_period(match["period"], published, future) for future in (False, True)]
    days = [_point(match["point"], span) for span in spans if span]
    return _on(days[0], _kind(match), days[1]) if len(days) == 2 else None


def _point(word: str, span: Span) -> dt.date:
    if word.startswith(("start", "beginning", "early")):
        return span[0]
    if word.startswith("mid"):
        return span[0].replace(day=15) if span[1] - span[0] < 31 * DAY else span[0].replace(month=6, day=30)
    return span[1]


def _whole_period(match: re.Match[str], published: dt.date) -> When | None:
    past, future = _period(match["period"], published), _period(match["period"], published, True)
    if match["by"]:
        return When("by", past and (past[1], past[1]), future and (future[1], future[1]))
    if match["so_far"]:
        return When("window", past and (past[0], published), future)
    return When("window", _unless_later(past, published), future)


def _part_of_period(match: re.Match[str], published: dt.date) -> When | None:
    """The first week of a month, its last ten days, its second half."""
    span = _period(match["period"], published)
    if span is None:
        return None
    number, length = ORDINALS[match["which"]], 7 if match["unit"] == "week" else int(whole_number(match["count"] or "1") or 1)
    if match["unit"] == "half":
        window = (span[0], span[0] + 14 * DAY) if number == 0 else (span[0] + 15 * DAY, span[1])
    else:
        start = span[1] - (length - 1) * DAY if number < 0 else span[0] + number * length * DAY
        window = start, start + (length - 1) * DAY
    return When("window", window, window)


def _past_days(match: re.Match[str], published: dt.date) -> When | None:
    count = whole_number(match["count"]) if match["count"] else 1
    if count is None:
        return When("window")
    unit = match["unit"][0]
    days = {"h": max(count / 24, 1), "d": count, "w": 7 * count}.get(unit)
    return When("window", (published - int(days) * DAY if days else _months_before(published, int(count)), published))


def _weekend(match: re.Match[str], published: dt.date) -> When:
    sunday = _weekday("sunday", published)
    return When("window", (sunday - DAY, sunday), (sunday + 6 * DAY, sunday + 7 * DAY))


def _ends(match: re.Match[str], published: dt.date) -> When | None:
    """A window given by its ends: between January and February, from 3 to 9 October, Monday and Tuesday."""
    first, last = match["first"], match["last"]
    if re.fullmatch(_DAY, first) and (month := re.search(rf"{_MONTH}(?: ,? ?{_YEAR})?", last)):
        first = f"{first} {month[0]}"
    elif re.fullmatch(_DAY, last) and (month := re.search(_MONTH, first)):
        last = f"{last} {month[0]}"
    start, end = (_day_or_period(text.strip(), published) for text in (first, last))
    if start is None or end is None:
        return None
    begins = start[0].replace(year=start[0].year - 1) if start[0] > end[1] else start[0]
    return When("window", (begins, end[1]), (begins, end[1]))


def _day_or_period(text: str, published: dt.date) -> Span | None:
    if text not in WEEKDAYS and re.fullmatch(_PERIOD, text):
        return _period(text, published)
    day = _weekday(text, published) if text in WEEKDAYS else _date(text, published)
    return (day, day) if day else None


def _since(match: re.Match[str], published: dt.date) -> When | None:
    start = _day_or_period(match["first"].strip(), published)
    return When("window", (start[0], published)) if start else None


def _undated(match: re.Match[str], published: dt.date) -> When:
    return When("window")


# --- patterns -----------------------------------------------------------------------------------------------------------

_MONTH = rf"(?:{'|'.join(re.escape(name) for name in sorted(MONTH_NUMBER, key=len, reverse=True))})"
_YEAR = r"(?:1[789]|20)\d\d"
_DAY = r"(?:the )?(?:[12]?\d|3[01])(?:st|nd|rd|th)?"
_DAY_AND_MONTH = rf"{_DAY} (?:of )?{_MONTH}(?: ,? ?{_YEAR})?"
_MONTH_AND_DAY = rf"{_MONTH} {_DAY}(?!,?\d)(?: ,? ?{_YEAR}(?= ))?"
_DATE = rf"(?:{_DAY_AND_MONTH}|{_MONTH_AND_DAY}|{_YEAR} - \d\d - \d\d|{_YEAR}-\d\d-\d\d)"
_WEEKDAY = rf"(?:{'|'.join(WEEKDAYS)})"
_COUNT = rf"(?:{WORD}|\d+)"
_HOURS = r"(?: morning| afternoon| evening| night)?"
_RELATIVE = r"(?:this|last|next) (?:week|month|year)"
_PERIOD = rf"(?:{_MONTH}(?: (?:of )?{_YEAR})?|{_RELATIVE}|the (?:week|month|year)|{_YEAR})"
_END = rf"(?:{_DATE}|{_PERIOD}|{_WEEKDAY})"
_TO = r"(?:and|to|until|till|through|-)"
_BY = r"(?P<by>by |as of |as at |up to |until |till |through |to |before |so far (?:by |on )?)?(?:late |early )?"
_ON = rf"{_BY}(?:on |at |the )*"
_IN = r"(?:in|during|over|within|throughout|across|for|of)"
_POINT = r"(?P<point>start|beginning|middle|mid|end|early|late)(?: of| in| -)? ?"
_OF = r"(?:of|in)"
_ORDINAL = "|".join(ORDINALS)
_VAGUE = rf"(?:(?:past|last|recent|coming|next|following|few|several|{_COUNT}) )+(?:hours|days|weeks|months|years)"
_OF_FIGHTING = r"(?: of (?:heavy )?(?:fighting|combat|battle))?"
_NOT = r"(?P<by>)(?P<so_far>)"

_READERS: list[tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], When | None]]] = [
    (re.compile(pattern), read)
    for pattern, read in (
        (rf" (?:between |from )?(?P<first>{_DATE}|{_DAY}) {_TO} (?P<last>{_DATE}) ", _ends),
        (rf" (?:between |from )?(?P<first>{_MONTH} {_DAY}) {_TO} (?P<last>{_DAY})(?! (?:of|{_MONTH})) ", _ends),
        (rf" (?:between|from) (?P<first>{_END}) {_TO} (?P<last>{_END}) ", _ends),
        (rf" (?:in|during|over|on) (?P<first>{_MONTH}|{_WEEKDAY}) (?:and|-) (?P<last>{_MONTH}(?: {_YEAR})?|{_WEEKDAY}) ", _ends),
        (rf" since (?:the )?(?:start of |beginning of |early )?(?P<first>{_END}) ", _since),
        (rf" (?:since )?(?P<by>)(?P<whole>yesterday{_HOURS}|last night|the previous day) ", _offset(-1)),
        (rf" {_ON}(?P<whole>the day before yesterday) ", _offset(-2)),
        (rf" {_BY}(?P<whole>today|tonight|this (?:morning|afternoon|evening)|overnight) ", _offset(0)),
        (rf" {_BY}(?P<whole>tomorrow{_HOURS}) ", _offset(1)),
        (rf" {_ON}{_POINT}(?P<period>{_PERIOD}) ", _point_of_period),
        (rf" {_ON}(?:{_WEEKDAY} ,? ?)?(?P<date>{_DATE}) ", _calendar_date),
        (rf" {_BY}(?:on )?(?P<which>last|this|next|past)? ?(?P<weekday>{_WEEKDAY}){_HOURS} ", _named_day),
        (rf" (?P<count>a|{_COUNT}) (?P<unit>day|week|month)s? ago ", _ago),
        (
            rf" (?:{_IN} )?the (?P<which>{_ORDINAL}) (?P<count>{_COUNT} )?(?P<unit>week|days|half) {_OF} (?P<period>{_PERIOD}) ",
            _part_of_period,
        ),
        (rf" (?:{_IN} |on )(?:the|this|last|this past) (?:past |last )?weekend ", _weekend),
        (
            rf" (?:{_IN} )?the (?:past|last|previous|preceding) (?P<count>{_COUNT} )?(?P<unit>(?:hour|day|week|month)s?) ",
            _past_days,
        ),
        (rf" (?P<so_far>so far )(?P<by>)(?:in )?(?P<period>{_PERIOD}) ", _whole_period),
        (rf" {_NOT}(?:{_IN} )?(?:all of )?(?P<period>{_RELATIVE}) ", _whole_period),
        (rf" (?P<so_far>)(?P<by>by |as of |up to |until |till |through )(?P<period>{_PERIOD}) ", _whole_period),
        (rf" {_NOT}{_IN} (?:the month of |all of )?(?P<period>{_PERIOD}) ", _whole_period),
        (rf" {_IN} (?:the )?{_VAGUE}{_OF_FIGHTING} ", _undated),
        (rf" (?:in|on|within) (?:a single|one|a) (?:day|night|week){_OF_FIGHTING} ", _undated),
        (r" (?:this|last|next) (?:spring|summer|autumn|fall|winter) ", _undated),
    )
]
