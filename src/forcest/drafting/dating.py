"""Which date of a sentence belongs to a number."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from forcest.drafting.dates import When
from forcest.drafting.mentions import Mention, Reading
from forcest.drafting.refusals import LONG_AGO
from forcest.drafting.sources import COUNTS

COMPARED = re.compile(r" (?:against|compared (?:with|to)|(?:up|down|risen|fallen) from|from|after|versus|than(?: the)?) $")
"""Words before a number with which another is compared."""
_SINCE = re.compile(r" since (?:(?!(?:QTY|and|,|SAYS) )\S+ ){1,9}$")
_THE_LAST = re.compile(r" the (?:first|last|latest|second|third|former|latter|rest|others?) $")
_WHICH = re.compile(r" (?:who|which) (?:\S+ ){1,3}$")


def when_of(reading: Reading, mention: Mention) -> When | None:
    """The date or window of a number: after it, else before it, else after the next number of the same verb."""
    start, end = mention.segment
    following = reading.following(mention)
    next_at = following.at if following else end
    if _goes_on(mention) and (previous := reading.previous(mention)) and _first(reading, start, end) is None:
        return when_of(reading, previous)
    here = _first(reading, mention.at, min(next_at, end))
    if here is not None and not _introduces(reading, here, next_at):
        return _meaning(reading, mention, here)
    before = _before(reading, mention)
    if before is not None:
        return _meaning(reading, mention, before) if before >= 0 else None
    if following and next_at < end and _shares_date(mention, following):
        after_next = reading.following(following)
        there = _first(reading, next_at, min(after_next.at if after_next else end, end))
        return _meaning(reading, mention, there) if there is not None else None
    return None


def dated_elsewhere(mention: Mention, when: When | None, published: dt.date) -> bool:
    """Whether a number is only compared with another, without a date of its own, or is of another war long ago."""
    if when is None:
        return COMPARED.search(mention.left) is not None
    return when.past is not None and (published - when.past[1]).days > LONG_AGO


def _meaning(reading: Reading, mention: Mention, k: int) -> When:
    when = reading.sentence.words[k].meaning
    return replace(when, kind="by") if when.kind == "day" and COMPARED.search(mention.left) else when


def _goes_on(mention: Mention) -> bool:
    """Whether a loss continues a list after a semicolon."""
    return mention.counted.kind == "losses" and re.fullmatch(r" (?:and |, )*", mention.left) is not None


def _first(reading: Reading, start: int, end: int) -> int | None:
    return next((k for k in range(start, end) if _dates_a_count(reading, k)), None)


def _before(reading: Reading, mention: Mention) -> int | None:
    """The date before a number that is also its own, -1 if it belongs to an earlier number alone, None if there is none."""
    start = mention.segment[0]
    found = [k for k in range(start, mention.at) if _dates_a_count(reading, k)]
    found = [k for k in found if not re.search(r" (?:where|who|which) ", reading.sentence.part(k, mention.at))]
    if not found:
        return None
    earlier = [other for other in reading.mentions if start <= other.at < found[-1]]
    if not earlier or _introduces(reading, found[-1], mention.at) or _shares_verb(mention):
        return found[-1]
    return next((k for k in found if k < earlier[0].at), -1)


def _dates_a_count(reading: Reading, k: int) -> bool:
    """Whether a word is a date, and belongs neither to words of saying next to it nor to something else."""
    words = reading.sentence.words
    if words[k].form != "WHEN" or _of_something_else(reading, k):
        return False
    comma = k + 1 < len(words) and words[k + 1].form == ","
    after = words[k + 1 + comma] if k + 1 + comma < len(words) else None
    says = after.meaning if after and after.form == "SAYS" else None
    of_saying = says is not None and says.before and says.verb not in COUNTS and bool(says.verb or not comma)
    return not of_saying


def _of_something_else(reading: Reading, k: int) -> bool:
    """The last in January; which ended in 1989, ...; since the invasion began in February."""
    sentence = reading.sentence
    if _SINCE.search(sentence.part(max(k - 10, 0), k)) or _THE_LAST.search(sentence.part(max(k - 3, 0), k)):
        return True
    closed = sentence.words[min(k + 1, len(sentence.words) - 1)].form == ","
    return closed and _WHICH.search(sentence.part(max(k - 5, 0), k)) is not None


def _introduces(reading: Reading, k: int, at: int) -> bool:
    """Whether a date introduces the number at a word: "and on Friday 40"."""
    words = reading.sentence.words
    close = re.fullmatch(r"(?: (?!(?:and|but|,|;) )\S+){0,3} | ", reading.sentence.part(k + 1, at))
    return at < len(words) and words[k - 1].form in ("and", "but", ",", ";") and close is not None


def _shares_verb(mention: Mention) -> bool:
    """Whether a number has no verb of its own."""
    found = mention.predicate
    if found is None or found.how == "carried" or mention.counted.kind == "losses":
        return True
    return re.search(r" (?:was|were|has|have|had|are|is) ", mention.left + found.words) is None


def _shares_date(mention: Mention, following: Mention) -> bool:
    """Whether a number without a date may have that of the next: killed 300 and wounded 500 last week."""
    if following.count.share is not None or COMPARED.search(following.left):
        return False
    words = f"{mention.predicate.words if mention.predicate else ''} "
    return re.search(r" (?:has|have|is|are) ", words) is None and re.search(r" (?:has|have) $", mention.left) is None
