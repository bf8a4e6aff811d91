"""Wording: what a cell says that is not a plain number, date or allowed value, as people write them.

``said_count("2-3k")`` is 2,000 to 3,000, ``said_dates("early May 2023")`` the first ten days of that month. What is ambiguous
(11.000, 03/04/2025) is not read.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from forcest.ledger import schema
from forcest.ledger.cells import YEARS, possible_dates, read_date

# --- counts -----------------------------------------------------------------------------------------------------------

SYNONYMS = {
    "at_most": ("no more than", "not more than", "never more than", "not exceeding", "no higher than", "maximum", "max", "<=", "≤"),
    "at_least": ("no fewer than", "no less than", "not less than", "not fewer than", "minimum", "min", ">=", "≥"),
    "fewer_than": ("less than", "lower than", "smaller than", "under", "below", "<"),
    "more_than": ("greater than", "larger than", "higher than", "upwards of", "over", "above", "exceeding", "exceeds", ">"),
    "about": ("approximately", "around", "roughly", "some", "circa", "ca.", "c.", "nearly", "almost", "estimated", "~", "≈"),
    "up_to": ("as many as",),
    "range": ("between", "from to"),
    "none_seen": ("none", "no", "zero", "not seen"),
    "dozens": ("several dozen",),
    "several_hundred": ("hundreds", "a few hundred"),
    "several_thousand": ("thousands", "a few thousand"),
}
"""Other wordings of a qualifier. Similarity of spelling alone would take "no more than" for its opposite."""
AFTER = {"at_least": ("+", "or more", "and more"), "up_to": ("or fewer", "or less"), "about": ("or so",)}
"""Wordings that follow the number."""
BOUNDING = ("at_most", "at_least", "fewer_than", "more_than", "about", "up_to")
"""Qualifiers of a single number that are said in words."""
SCALES = {"k": 1_000, "thousand": 1_000, "thsd": 1_000, "тис": 1_000, "тыс": 1_000}
SCALES |= {"million": 1_000_000, "mln": 1_000_000, "mn": 1_000_000, "млн": 1_000_000}

_NUMBER = r"([0-9][0-9 .,']*)(?: ?({})\b\.?)?".format("|".join(SCALES))
_RANGE = re.compile(rf"(?:between |from )?{_NUMBER} ?(?:-|to|and) ?{_NUMBER}")
_SINGLE = re.compile(_NUMBER)
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:([, '])[0-9]{3}(?:\1[0-9]{3})*|(?:\.[0-9]{3}){2,})")
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")


@dataclass(frozen=True)
class Count:
    """A count in words: a number or two bounds [persons], and the qualifier, empty if none is said."""

    value: str = ""
    low: str = ""
    high: str = ""
    qualifier: str = ""


def said_count(text: str) -> Count | None:
    """The count that a text states in words, signs or digits of any script; None if it states none, or not surely."""
    plain = _plain(text)
    if (alone := qualifier_of(plain)) and _needs_no_number(alone):
        return Count(qualifier=alone)
    if match := _RANGE.fullmatch(plain):
        return _range(*match.groups())
    qualifier, rest = _split_qualifier(plain)
    match = _SINGLE.fullmatch(rest)
    value = _number(*match.groups()) if match else ""
    return Count(value=value, qualifier=qualifier) if value else None


def _range(first: str, scale: str | None, second: str, its_scale: str | None) -> Count | None:
    """A range; in "2-3k" the thousand belongs to both ends, in "900-1.1k" to the second alone."""
    ends = [_number(digits, None) for digits in (first, second)]
    shared = all(ends) and Decimal(ends[0]) < Decimal(ends[1])
    low, high = _number(first, scale or (its_scale if shared else None)), _number(second, its_scale)
    return Count(low=low, high=high, qualifier="range") if low and high and Decimal(low) < Decimal(high) else None


def _plain(text: str) -> str:
    """The text in lower case, with the digits 0 to 9, one kind of dash and single spaces."""
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text.lower())
    return " ".join(re.sub("[‐‑–—−]", "-", digits).replace("٫", ".").replace("٬", ",").replace("’", "'").split())


def qualifier_of(text: str) -> str:
    """The qualifier that a text is, as it stands or as a synonym; empty if it is none."""
    name = " ".join(_plain(text).replace("-", " ").replace("_", " ").split())
    return next((q for q in schema.QUALIFIERS if name in (q.replace("_", " "), *SYNONYMS.get(q, ()))), "")


def _needs_no_number(qualifier: str) -> bool:
    return not (schema.QUALIFIERS[qualifier].every or schema.QUALIFIERS[qualifier].either)


def _split_qualifier(plain: str) -> tuple[str, str]:
    """The qualifier said before or after a number, and the rest."""
    before = [(word, q) for q in BOUNDING for word in (q.replace("_", " "), *SYNONYMS[q])]
    for word, qualifier in sorted(before, key=lambda pair: -len(pair[0])):
        if plain.startswith(word) and not plain[len(word) :][:1].isalpha():
            return qualifier, plain[len(word) :].strip()
    for qualifier, words in AFTER.items():
        for word in words:
            if plain.endswith(word):
                return qualifier, plain.removesuffix(word).strip()
    return "", plain


def _number(digits: str, scale: str | None) -> str:
    """A number as plain digits; empty if its separators may be read in two ways."""
    digits = digits.strip()
    if _GROUPS.fullmatch(digits) and not scale:
        return re.sub("[., ']", "", digits)
    if not _PLAIN.fullmatch(digits):
        return ""
    number = Decimal(digits.replace(",", ".")) * SCALES.get(scale or "", 1)
    return f"{number.normalize():f}"


# --- dates ------------------------------------------------------------------------------------------------------------

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
PARTS = {
    **dict.fromkeys(("early", "start of", "beginning of"), (1, 10)),
    **dict.fromkeys(("mid", "middle of"), (11, 20)),
    **dict.fromkeys(("late", "end of"), (21, 31)),
}
"""First and last day of a part of a month."""

_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS).replace("sep(?:tember)?", "sept?(?:ember)?")
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_DATES = (  # forms of one day, each with the order of its groups
    (re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"), "ymd"),
    (re.compile(r"([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})"), "ymd"),
    (re.compile(rf"{_DAY}[ .-]+(?:of )?({_MONTH})[.,]?[ -]+([0-9]{{4}})"), "dmy"),
    (re.compile(rf"({_MONTH})\.? {_DAY},? ([0-9]{{4}})"), "mdy"),
)
_PART = re.compile(rf"(?:({'|'.join(PARTS)})[ -])?({_MONTH})\.?,? ([0-9]{{4}})")
_ISO_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True)
class Dates:
    """A day, or the first and last day of a part of a month."""

    first: dt.date
    last: dt.date


def said_dates(text: str) -> Dates | None:
    """The day or the days that a text states in words or digits; None if it states none, or more than one."""
    plain = _plain(text)
    for form, order in _DATES:
        if match := form.fullmatch(plain):
            parts = dict(zip(order, match.groups(), strict=True))
            day = read_date(f"{parts['y']}-{_month(parts['m']):02d}-{parts['d']}")
            return Dates(day, day) if day else None
    if len(days := possible_dates(plain)) == 1:
        return Dates(days[0], days[0])
    return _part_of_month(plain)


def _part_of_month(plain: str) -> Dates | None:
    if match := _PART.fullmatch(plain):
        part, name, year = match.groups()
        month = _month(name)
    elif match := _ISO_MONTH.fullmatch(plain):
        part, year, month = None, match[1], int(match[2])
    else:
        return None
    if int(year) not in YEARS or not 1 <= month <= 12:
        return None
    first, last = PARTS.get(part or "", (1, 31))
    length = calendar.monthrange(int(year), month)[1]
    return Dates(dt.date(int(year), month, first), dt.date(int(year), month, min(last, length)))


def _month(name: str) -> int:
    return int(name) if name.isdigit() else 1 + [month[:3] for month in MONTHS].index(name[:3])
