"""Mentions: the numbers of a sentence with the words around them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace

from forcest.drafting import counts, dates, numbers, sources
from forcest.drafting.counted import Counted, counted
from forcest.drafting.counts import Count
from forcest.drafting.passages import Sentence
from forcest.drafting.predicates import AUX, Predicate

_BOUNDARY = re.compile(r"^(?:[;?!]|while|whereas|although|though)$")
_OF = r" of(?: (?:the|its|his|their|our|these|those|all|some))"


@dataclass
class Mention:
    """A number of a sentence.

    Attributes
    ----------
    at : int
        Its word.
    count : Count
    counted : Counted
        The words that follow it and say what is counted.
    left, right : str
        Forms of the words before it and after what is counted, up to the neighbouring numbers or the end of the clause.
    clause : str
        Forms of the clause.
    segment : pair of int
        First word of the clause, and the one after its last.
    base : Count, optional
        The number that it is a part or a share of, if that follows.
    is_base : bool
        Whether it is such a base.
    predicate : Predicate, optional
        What is said of those counted.
    """

    at: int
    count: Count
    counted: Counted
    left: str
    right: str
    clause: str
    segment: tuple[int, int]
    base: Count | None = None
    is_base: bool = False
    predicate: Predicate | None = None


@dataclass
class Reading:
    """A sentence with dates, numbers and sources as single words, the bounds of its clauses, and its numbers."""

    sentence: Sentence
    bounds: list[int] = field(init=False)
    mentions: list[Mention] = field(init=False)

    def __post_init__(self) -> None:
        words = self.sentence.words
        self.bounds = [-1, *(i for i, word in enumerate(words) if _BOUNDARY.match(word.form)), len(words)]
        self.mentions = self._mentions()
        for part, base in zip(self.mentions, self.mentions[1:], strict=False):
            if self._is_part_of(part, base):
                part.base, part.counted = base.count, replace(part.counted, kind="none", end=part.at + 1)
                described, part.right = _divided(base.right)
                base.left, base.right, base.is_base = " ", described, True

    @classmethod
    def of(cls, plain: Sentence, published: dt.date) -> Reading:
        """The reading of a plain sentence."""
        return cls(sources.marked(counts.marked(numbers.marked(dates.marked(plain, published)))))

    def previous(self, mention: Mention) -> Mention | None:
        """The number before a number."""
        return next((other for other in reversed(self.mentions) if other.at < mention.at), None)

    def following(self, mention: Mention) -> Mention | None:
        """The number after a number."""
        return next((other for other in self.mentions if other.at > mention.at), None)

    def _mentions(self) -> list[Mention]:
        words = self.sentence.words
        places = [i for i, word in enumerate(words) if word.form == "QTY"]
        nouns = [counted(self.sentence, i + 1) for i in places]
        found = []
        for k, (at, noun) in enumerate(zip(places, nouns, strict=True)):
            start = max(bound for bound in self.bounds if bound < at) + 1
            end = min(bound for bound in self.bounds if bound > at)
            left = self.sentence.part(max(start, nouns[k - 1].end if k else 0), at)
            right = self.sentence.part(noun.end, max(min(end, *places[k + 1 : k + 2], len(words)), noun.end))
            found.append(Mention(at, words[at].meaning, noun, left, right, self.sentence.part(start, end), (start, end)))
        return found

    def _is_part_of(self, part: Mention, base: Mention) -> bool:
        """Whether a number is a part of the one that follows: half of the 600 wounded, 300 of the 3,600 wounded."""
        between = self.sentence.part(part.at + 1, base.at)
        return re.fullmatch(rf"{_OF}{'*' if part.count.share is not None else '+'} ", between) is not None


def _divided(right: str) -> tuple[str, str]:
    """What describes the base, and what is said of its part: "who were sent", "have been killed"."""
    place = re.search(rf"(?<! who)(?<! which)(?<! that) (?={AUX} (?!been))|(?= ,)", right)
    return (right[: place.start()] + " ", right[place.start() :]) if place else (" ", right)
