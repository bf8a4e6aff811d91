"""Numbers in figures and words (11,000, 3.5k, eleven thousand, two dozen, hundreds), and shares (two-thirds, one in five)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from forcest.drafting.passages import Sentence
from forcest.drafting.patterns import any_of, joined

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = {word: i for i, word in enumerate(_UNITS)} | {word: 10 * i for i, word in enumerate(_TENS, start=2)}
LARGE = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1000, "million": 1_000_000}

WORDS_ALONE = {
    "dozens": r"(?:several|many|a few|some) dozen|(?:many |several )?dozens|scores",
    "several_hundred": r"(?:several|many|a few|some) hundred|(?:many |several |low |the )*hundreds",
    "several_thousand": r"(?:several|many|a few|some) thousand|(?:many |several |low |the )*thousands",
}
"""Numbers given by a word alone, by the qualifier of the ledger."""
WIDE = {"tens of thousands": (20_000, 90_000), "hundreds of thousands": (200_000, 900_000)}
"""Numbers given by a word alone that no qualifier stands for, with the range that is meant."""

DENOMINATORS = {"half": 2, "halve": 2, "quarter": 4, "third": 3, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
MULTIPLES = {"twice": 2, "double": 2, "triple": 3, "treble": 3, "three times": 3, "four times": 4, "five times": 5, "ten times": 10}


@dataclass(frozen=True)
class Number:
    """A number as a passage states it.

    Attributes
    ----------
    value : float, optional
        None if only a word such as "dozens" is given.
    qualifier : str
        Qualifier that the word itself implies, ``""`` if none.
    low, high : float, optional
        Ends of the range that the word itself implies.
    multiplier : float
        By what a figure is multiplied in words: 1000 in "12 thousand".
    """

    value: float | None
    qualifier: str = ""
    low: float | None = None
    high: float | None = None
    multiplier: float = 1


@dataclass(frozen=True)
class Share:
    """A share or a multiple of another number."""

    share: float


def whole_number(text: str) -> float | None:
    """The value of a number in figures or words, None if the text is none."""
    found = read_number(text.strip())
    return found.value if found else None


def read_number(text: str) -> Number | None:
    """The number that some words state; None for one that can be read in two ways, such as 11.000."""
    parts = text.replace(" - ", " ").split()
    named = [part for part in parts if part not in ("and", "a", "an", "half", "-", "strong")]
    if any(re.fullmatch(r"\d{1,3}\.\d{3}", part) for part in named):
        return None
    total, current, multiplier = 0.0, 0.0, 1.0
    for i, part in enumerate(named):
        if part in LARGE:
            current, multiplier = (current or 1) * LARGE[part], multiplier * LARGE[part]
            if LARGE[part] >= 1000:
                total, current = total + current, 0.0
        elif i and part.isdigit() and len(part) == 3:  # 12 000
            current = current * 1000 + int(part)
        else:
            current += SMALL[part] if part in SMALL else _figure(part)
    value = (total + current) / (2 if parts[:1] == ["half"] else 1)
    by_the_dozen = "dozen" in named or "score" in named
    return Number(value, "about" if by_the_dozen else "", multiplier=multiplier if named[:1] and named[0][0].isdigit() else 1)


def _figure(part: str) -> float:
    return float(part.replace(",", "").removesuffix("k")) * (1000 if part.endswith("k") else 1)


def marked(sentence: Sentence) -> Sentence:
    """The sentence with every number as one word ``NUM``, and every share as one word ``SHARE``."""
    for pattern, form, read in _READERS:
        sentence = sentence.replaced(pattern, form, lambda _, match, read=read: read(match))
    return sentence


# --- what each pattern means --------------------------------------------------------------------------------------------


def _number(match: re.Match[str]) -> Number | None:
    return read_number(match["whole"])


def _alone(qualifier: str, low: float | None = None, high: float | None = None) -> Callable[[re.Match[str]], Number]:
    return lambda match: Number(None, qualifier, low, high)


def _couple(match: re.Match[str]) -> Number:
    return Number(2.0 * LARGE[match["unit"]], "about")


def _percent(match: re.Match[str]) -> Share | None:
    value = whole_number(match["number"])
    return Share(value / 100) if value is not None else None


def _fraction(match: re.Match[str]) -> Share:
    return Share((SMALL.get(match["count"] or "one") or 1) / DENOMINATORS[match["part"].removesuffix("s")])


def _ratio(match: re.Match[str]) -> Share | None:
    """One in five, nine out of ten; "300 out of 2,000 wounded" are two counts."""
    part, whole = whole_number(match["part"]), whole_number(match["base"])
    return Share(part / whole) if part and whole and part < whole and (whole <= 10 or whole == 100) else None


def _multiple(match: re.Match[str]) -> Share:
    return Share(MULTIPLES[match["times"]])


# --- patterns -----------------------------------------------------------------------------------------------------------

WORD = any_of(frozenset(SMALL))
_SCALE = any_of(frozenset(LARGE))
_FIGURE = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+(?= )|\d+(?:\.\d+)?"
_SPELLED = rf"{WORD}(?: - {WORD})?(?: {_SCALE}(?:(?: and)? {WORD}(?: - {WORD})?)?)*"
_PLAIN = rf"(?:(?:{_FIGURE})(?: {_SCALE})*|(?:half )?(?:a |an ){_SCALE}(?: {_SCALE})*|{_SPELLED})"
_PART = "|".join(f"{name}s?" for name in DENOMINATORS)
_AFTER_SHARE = joined(
    r"""
    (?= (?:of|have|has|had|are|is|were|was|been|died|[a-z]+ed|that|as|,|\.|;|the|its|his|their|now|remain|dead|missing) ?)
    """
)
_READERS: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], Number | Share | None]], ...] = tuple(
    (re.compile(pattern), form, read)
    for pattern, form, read in (
        (rf" (?P<number>{_FIGURE}|{WORD}(?: - {WORD})?) (?:%|percent|per cent|pc) ", "SHARE", _percent),
        (rf" (?P<whole>(?:(?:a|(?P<count>{WORD}))(?: -)? )?(?P<part>{_PART})){_AFTER_SHARE}", "SHARE", _fraction),
        (rf" (?P<part>{WORD}|\d+) (?:in|out of)(?: every)? (?P<base>{WORD}|\d+) ", "SHARE", _ratio),
        (
            rf" (?P<whole>(?P<times>{'|'.join(MULTIPLES)})) (?=as many|that (?:number|many|figure)|the (?:number|figure))",
            "SHARE",
            _multiple,
        ),
        *((rf" {text} ", "NUM", _alone("derived", *ends)) for text, ends in WIDE.items()),
        *((rf" (?P<whole>{text}) ", "NUM", _alone(name)) for name, text in WORDS_ALONE.items()),
        (r" a couple of (?P<unit>dozen|hundred|thousand) ", "NUM", _couple),
        (r" (?P<whole>\d+(?:\.\d+)?k)(?: - strong)? ", "NUM", _number),
        (rf" (?P<whole>{_PLAIN}) ", "NUM", _number),
    )
)
