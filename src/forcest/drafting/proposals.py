"""Proposals: the rows that follow from a text, number by number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from forcest.drafting import sides, statements, subjects
from forcest.drafting.attribution import Speaker, remembered, saying_of
from forcest.drafting.counted import is_soldier
from forcest.drafting.counts import Count
from forcest.drafting.dates import Span, When
from forcest.drafting.dating import dated_elsewhere, when_of
from forcest.drafting.mentions import Mention, Reading
from forcest.drafting.passages import sentences
from forcest.drafting.predicates import Predicate, predicate
from forcest.drafting.refusals import refused
from forcest.drafting.scopes import Clause, brings_to, timing
from forcest.drafting.sources import ADMITS, Saying
from forcest.drafting.statements import Statement

_ASKED = re.compile(r" how many (?P<whom>.*?)(?P<rest> (?:have|has|had|are|were|was|is) .*)")
_POSSESSIVE = re.compile(r" (?:its|his|their|our) (?:\S+ ){0,2}$")
_FATE = re.compile(r" (?:killed|wounded|dead|missing|injured)(?= (?:[,.;]|since|in|SAYS|WHEN|(?:and|or) (?!wounded|injured)))")


@dataclass(frozen=True)
class Proposal:
    """A row of a ledger as a passage words it, with its quote."""

    measure: str
    scope: str
    qualifier: str
    value: float | None
    low: float | None
    high: float | None
    as_of: dt.date
    window: Span | None
    source: str
    via: str
    side: str
    partial: bool
    quote: str


@dataclass
class Memory:
    """What earlier sentences of a text leave to later ones.

    Attributes
    ----------
    speaker : Speaker
    predicate : Predicate, optional
        What the sentence before said of those whom it counted, or asked of them.
    base : Count, optional
        The last number that a share may refer to.
    force : str
        Words that named those last counted.
    sides : dict of str to str
        The side that each source was last found on.
    """

    speaker: Speaker = field(default_factory=Speaker)
    predicate: Predicate | None = None
    base: Count | None = None
    force: str = ""
    sides: dict[str, str] = field(default_factory=dict)


def proposals(text: str, published: dt.date) -> Iterator[Proposal]:
    """The rows that follow from a text, in its order.

    Parameters
    ----------
    text : str
    published : date
        Day of publication, to which "yesterday" and "last week" refer.

    Yields
    ------
    Proposal
    """
    memory = Memory()
    counted: set[Proposal] = set()
    for plain in sentences(text):
        reading = Reading.of(plain, published)
        for row in _rows(reading, published, memory):
            count = replace(row, quote="", via="", partial=False, side="")
            if count not in counted:  # the same number twice by one source is one row
                counted.add(count)
                yield row
        _remember(reading, memory)


def _rows(reading: Reading, published: dt.date, memory: Memory) -> Iterator[Proposal]:
    found: list[tuple[int, Proposal]] = []
    used: set[int] = set()
    for statement in statements.of(reading.sentence):
        used |= set(range(statement.start, statement.end))
        found.append((statement.start, _stated(reading, statement, published, memory)))
    for mention in reading.mentions:
        if mention.at not in used and (row := _row(reading, mention, published, memory)):
            found.append((mention.at, row))
    yield from (row for _, row in sorted(found, key=lambda pair: pair[0]))


def _row(reading: Reading, mention: Mention, published: dt.date, memory: Memory) -> Proposal | None:
    """The row of a number, None if it gives none."""
    mention.predicate = subjects.predicate_of(reading, mention, memory.predicate)
    if not subjects.counts_soldiers(reading, mention):
        return None
    measure, planned = subjects.measure_of(mention), subjects.planned(reading, mention)
    if not measure or planned is None or refused(mention.left, mention.right, mention.clause):
        return None
    count, when = subjects.resolved(reading, mention, memory.base), when_of(reading, mention)
    if count is None or dated_elsewhere(mention, when, published):
        return None
    saying = saying_of(reading, mention.at, mention.segment, mention.left, memory.speaker)
    return _proposal(reading, mention, "planned" if planned else measure, count, when, saying, published, memory)


def _proposal(
    reading: Reading,
    mention: Mention,
    measure: str,
    count: Count,
    when: When | None,
    saying: Saying | None,
    published: dt.date,
    memory: Memory,
) -> Proposal:
    found, sentence = mention.predicate, reading.sentence
    said = found.words if found and found.how != "noun" else f"{mention.left}{mention.right}"
    clause = Clause(mention.left, mention.right, said, mention.clause, count.adds, mention.counted.measure == measure)
    time = timing(measure, clause, when, saying.when if saying else None, published)
    source, side = _source_and_side(reading, mention, saying, memory)
    counted = sentence.part(mention.at, mention.counted.tail)
    return Proposal(
        measure=measure,
        scope=time.scope,
        qualifier=count.qualifier,
        value=count.value,
        low=count.low,
        high=count.high,
        as_of=time.as_of,
        window=time.window,
        source=source,
        via=saying.via if saying else "",
        side=side,
        partial=not brings_to(mention.left) and sides.is_partial(counted, mention.clause),
        quote=_quote(reading, mention),
    )


def _quote(reading: Reading, mention: Mention) -> str:
    """From the number with its bounds to the word that names what is counted."""
    noun = mention.counted
    end = max(noun.tail if noun.kind == "soldiers" else noun.end, mention.at + 1)
    fate = noun.kind == "soldiers" and _FATE.match(reading.sentence.part(end, end + 3))
    return reading.sentence.quote(mention.at, end + bool(fate))


def _source_and_side(reading: Reading, mention: Mention, saying: Saying | None, memory: Memory) -> tuple[str, str]:
    """Who states a number, and on which side; a number without a noun counts whom the one before did."""
    named = reading.sentence.part(mention.at, mention.counted.tail)
    alone, whom = mention.counted.kind == "none", named
    noun = mention.left if alone and mention.predicate and mention.predicate.how == "noun" else ""
    if alone:
        possessed = _POSSESSIVE.search(f"{mention.left.rstrip().removesuffix(' at')} ")
        whom = f"{named} {mention.left if possessed else noun} {memory.force}"
    source = memory.force.strip() if saying and saying.own else saying.source if saying else ""
    admits = saying is not None and (saying.own or saying.verb in ADMITS or saying.verb == "plans")
    side = sides.side(source, whom.replace("QTY", "").lower(), mention.clause, admits=admits)
    if side == sides.UNKNOWN and alone:
        side = memory.sides.get(source, side)
    memory.sides[source] = side
    if not alone or noun:
        memory.force = reading.sentence.part(mention.at + 1, mention.counted.tail).strip() or noun
    return source, side


def _stated(reading: Reading, statement: Statement, published: dt.date, memory: Memory) -> Proposal:
    """The row of a denial, of nobody seen, or of a ratio."""
    sentence, segment = reading.sentence, (0, len(reading.sentence.words))
    saying = statement.denier or saying_of(reading, statement.start, segment, "", memory.speaker)
    said = saying.when.span(False) if saying and saying.when else None
    source, whom = saying.source if saying else "", sentence.part(statement.start, statement.end)
    side = sides.side(source, whom, sentence.norm, admits=statement.own)
    memory.sides[source], memory.force = side, whom
    return Proposal(
        measure=statement.measure,
        scope=statement.scope,
        qualifier=statement.qualifier,
        value=statement.value,
        low=None,
        high=None,
        as_of=said[1] if said else published,
        window=None,
        source=source,
        via="",
        side=side,
        partial=False,
        quote=sentence.quote(statement.start, statement.end)[statement.skip :],
    )


def _remember(reading: Reading, memory: Memory) -> None:
    """Leave to the next sentence what it may refer to."""
    memory.speaker = remembered(reading, memory.speaker)
    if reading.mentions:
        memory.predicate = next((m.predicate for m in reversed(reading.mentions) if m.predicate), None)
        counted = (m.count for m in reading.mentions if m.predicate and subjects.measure_of(m) and m.count.size)
        memory.base = next(counted, memory.base)
        return
    asked = _ASKED.search(reading.sentence.norm)
    memory.predicate = predicate("", asked["rest"]) if asked else None
    if asked:
        words = reading.sentence.words
        memory.force = next((reading.sentence.quote(k, k + 1) for k in range(len(words)) if is_soldier(reading.sentence, k)), "")
