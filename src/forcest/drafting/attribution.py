"""Who states a number: which words of saying it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from forcest.drafting.mentions import Reading
from forcest.drafting.patterns import joined
from forcest.drafting.sources import DENIES, Saying, planner

_PLANS = re.compile(
    joined(
        r"""
        ^ (?:(?:and|but|WHEN|,) )*(?P<who>(?:(?!(?:and|,|WHEN) )\S+ ){1,6}?)(?:now |also |still )?
        (?:plans?|planned|intends?|intended|expects?|has decided|decided|agreed|has agreed|promised|pledged|has promised|has pledged
        |vowed|means|hopes) (?:to |(?:another |some |about )?$)
        """
    )
)


@dataclass
class Speaker:
    """The last source that a text has named, and the paragraph for which it still speaks."""

    saying: Saying | None = None
    paragraph: int = -1


def saying_of(reading: Reading, at: int, segment: tuple[int, int], left: str, last: Speaker) -> Saying | None:
    """Who states the number at a word, of the clause first, then of its neighbours, then of the sentences before.

    Parameters
    ----------
    reading : Reading
    at : int
        The word of the number.
    segment : pair of int
        Its clause.
    left : str
        The words before the number.
    last : Speaker
        What the text before the sentence has named.

    Returns
    -------
    Saying or None
    """
    start, end = segment
    found = _within(reading, at, start, end) or _around(reading, start, end) or _planner(reading, at, left)
    if found and (found.source or found.own):
        return found
    kept = last.saying
    if kept is None or (found is None and last.paragraph != reading.sentence.paragraph):
        return found
    return replace(kept, verb=found.verb if found else "", when=found.when if found else kept.when)


def remembered(reading: Reading, last: Speaker) -> Speaker:
    """The last source, as the next sentence needs it."""
    words, paragraph = reading.sentence.words, reading.sentence.paragraph
    named = [w.meaning for w in words if w.form == "SAYS" and w.meaning.source and w.meaning.verb not in DENIES]
    planners = [saying for mention in reading.mentions if (saying := _planner(reading, mention.at, mention.left))]
    if named or planners:
        return Speaker(named[-1] if named else planners[0], paragraph)
    if any(word.form == "SAYS" and not word.meaning.own for word in words):  # he said: the last source speaks here too
        return Speaker(last.saying, paragraph)
    return last if last.paragraph == paragraph else Speaker(last.saying)


def _within(reading: Reading, at: int, start: int, end: int) -> Saying | None:
    before, after = _sayings(reading, start, at), _sayings(reading, at, end, to_its_left=True)
    if before and before[-1].before:
        return before[-1]
    if after and not after[0].before:
        cited = next((saying for saying in reversed(after[1:]) if saying.cited), None)
        return replace(cited, via=cited.via or after[0].source) if cited else after[0]
    return before[-1] if before else None


def _around(reading: Reading, start: int, end: int) -> Saying | None:
    """Whoever speaks in the clauses before, or closes one of those after."""
    clauses = [(a + 1, b) for a, b in zip(reading.bounds, reading.bounds[1:], strict=False)]
    earlier = [saying for a, b in clauses if b <= start for saying in _sayings(reading, a, b)]
    if earlier:
        return earlier[-1]
    later = [saying for a, b in clauses if a >= end for saying in _sayings(reading, a, b, to_its_left=True)]
    return next((saying for saying in later if not saying.before), None)


def _sayings(reading: Reading, start: int, end: int, to_its_left: bool = False) -> list[Saying]:
    """The sources between two words; those after which no number follows can only speak of what stands to their left."""
    last = max((mention.at for mention in reading.mentions if mention.at < end), default=-1)
    found = [(k, word.meaning) for k, word in enumerate(reading.sentence.words[start:end], start) if word.form == "SAYS"]
    return [replace(s, before=False) if to_its_left and k > last else s for k, s in found if s.verb not in DENIES]


def _planner(reading: Reading, at: int, left: str) -> Saying | None:
    """Who announces what it will do itself: "the command plans to have 5,000 men"."""
    sentence, found = reading.sentence, _PLANS.search(left)
    if found is None or left != sentence.part(0, at):
        return None
    return planner(sentence.quote(sentence.word_at(found.start("who")), sentence.word_at(found.end("who") - 2) + 1))
