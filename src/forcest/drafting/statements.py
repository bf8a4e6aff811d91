"""Rows without a plain number: flat denials, nobody seen, and how many soldiers of the partner one is worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forcest.drafting.measures import first_of
from forcest.drafting.passages import Sentence
from forcest.drafting.patterns import joined
from forcest.drafting.sources import DENIES, Saying
from forcest.ledger.schema import MEASURES

_SOLDIERS = joined(
    r"""
    (?:soldiers?|troops?|men|man|fighters?|mercenar(?:y|ies)|servicem[ae]n|personnel|forces?|units?|combatants?|volunteers?|guards
    |guardsmen|guardsman|recruits|advisers|instructors)
    """
)
_BODIES = re.compile(rf"\b(?:{_SOLDIERS}|them|contingent|corps|brigade|army)\b")
_SIGN = r"(?:signs?|evidence|indications?|traces?|proof|confirmation|sightings?|hint|reason to believe)"
_SEEN = r"(?:seen|observed|spotted|sighted|detected|identified|encountered|found|met|noticed|recorded|located|confirmed)"
_SEE = r"(?:seen?|observed?|spotted|detect(?:ed)?|find|found|sighted|met|encountered|identified)"
_STOP = r"(?= (?:[;,.?]|SAYS|but) )"
_OF_WHOM = r"(?:of )?(?:(?!(?:and|SAYS|;|,) )[a-z'-]+ )"

_NO_SIGN = re.compile(
    joined(
        rf"""
        [ ](?P<whole>(?:no|not any|little|without any|not (?:seen|found|had|got) any|nor any) (?:\S+ )??(?:sight of|{_SIGN})
        [ ](?:\S+ )?(?:of|that|for|to|whatever|at all)?[^;,.]*?){_STOP}
        """
    )
)
_NOBODY_SEEN = re.compile(
    joined(
        rf"""
        [ ](?P<whole>(?:not QTY|none|no|not a single|not any)(?: (?:single|more))?(?: {_OF_WHOM}{{0,5}}?)?)
        (?P<rest>(?:has|have|had|was|were|is|are) (?:yet |so far |ever |WHEN )?(?:been )?{_SEEN}(?P<where>[^;,.]*?)){_STOP}
        """
    )
)
_HAS_NOT_SEEN = re.compile(
    joined(
        rf"""
        [ ](?P<whole>(?:(?:has|have|had|did|could)(?: not| n't)(?: yet| so far)? {_SEE}
        |(?:(?:has|have|had)(?: so far| yet)? (?:seen|observed|spotted|detected|found|met|encountered)|saw|sees|see|met) no)
        (?: (?:any|a single|a))?(?: {_OF_WHOM}{{0,4}}?)?{_SOLDIERS}(?P<rest>[^;,.]*?)){_STOP}
        """
    )
)
_DID = joined(
    r"""
    (?:sent|sending|deployed|deploying|dispatched|moved|stationed|landed|committed|trained|lost|supplied|provided|has|have|had|suffered
    |taken|there (?:is|are|were|was)|put)
    """
)
_DENY = r"(?P<saying>SAYS| den(?:ies|ied|ying)(?: that)?)"
_STOP_OR_WHILE = r"(?= (?:[;,.?]|SAYS|while|but) )"
_ANYBODY = r"(?:a single|any|even one|so much as one|even a single|QTY)"
_DENIED_DOING = re.compile(
    joined(
        rf"""
        {_DENY}(?P<clause> (?:(?!(?:SAYS|;|QTY|,) )\S+ ){{0,6}}?{_DID} (?:\S+ ){{0,2}}?{_ANYBODY}(?: (?:[a-z-]+)){{0,2}}?
        [ ]{_SOLDIERS})
        (?P<rest>[^;,.]*?){_STOP_OR_WHILE}
        """
    )
)
_DENIED_BEING = re.compile(
    joined(
        rf"""
        {_DENY}(?P<clause> any (?:of )?(?:its|his|her|their|our)(?: [a-z-]+){{0,2}}? {_SOLDIERS})
        (?P<rest> (?:are|were|is|was|have|has|had) [^;,.]*?){_STOP_OR_WHILE}
        """
    )
)
_WHAT_WAS_DONE = joined(
    r"""
    (?:has|have|had|is|are|was|were) (?:ever |yet )?(?:been )?(?:sent|in the (?:country|war|fighting)|deployed|killed|lost|taken
    |captured|at the front|there|fighting|crossed)
    """
)
_FLATLY_NONE = re.compile(
    joined(
        rf"""
        [ ](?P<whole>(?:not a single|not QTY|no|none)(?: of)?(?: (?:our|its|his|their|my|the))?(?: [a-z-]+)??
        [ ](?:{_SOLDIERS}|us|them|these)(?: of (?:ours|his|theirs|its))? (?P<rest>{_WHAT_WAS_DONE}[^;,.]*?)){_STOP}
        |[ ](?P<also>(?:has|have|had) (?P<verb>(?:sent |lost |deployed |committed |moved |suffered |dispatched )?)
        (?:no|not a single|not QTY) (?:\S+ )?(?:{_SOLDIERS}|casualties|losses|dead)(?P<after>[^;,.]*?)){_STOP}
        """
    )
)
_IS_WORTH = joined(
    r"""
    (?:worth|equal to|the equals? of|equals?|as good as|counts? for|stands? for|the match of|a match for|matche?s?|equivalent to
    |do(?:es)? the work of|worth as much as|as effective as|fights? like)
    """
)
_WORTH = re.compile(
    joined(
        rf"""
        [ ](?P<whole>(?P<first>QTY|each|every) (?:(?!(?:QTY|SAYS|;|\.) )\S+ ){{0,8}}?(?:(?:is|are|was|were|be|as) )?
        (?:considered |reckoned |thought |said )?(?:to be )?{_IS_WORTH}(?: (?:about|some|at least))? QTY(?: of)?
        (?: (?!(?:SAYS|and|but|WHEN|,|;|\.|in|on|at|said|according) )\S+){{0,7}})[ ]
        """
    )
)
_WHERE_NONE = {"at_front": "stock", "in_training": "stock", "in_hospital": "stock"}
"""Scope of "nobody seen" by measure; it is cumulative for all others."""


@dataclass(frozen=True)
class Statement:
    """A row without a plain number.

    Attributes
    ----------
    start, end : int
        The words of its quote.
    value : float, optional
    denier : Saying, optional
        Who denies.
    own : bool
        Whether the passage speaks of the source's own force.
    skip : int
        Letters of the first words that come before the quote.
    """

    start: int
    end: int
    measure: str
    scope: str
    qualifier: str
    value: float | None = None
    denier: Saying | None = None
    own: bool = False
    skip: int = 0


def of(sentence: Sentence) -> Iterator[Statement]:
    """The denials, the reports that nobody was seen, and the ratios of a sentence."""
    for pattern, read in _READERS:
        match = pattern.search(sentence.norm)
        if match and (statement := read(sentence, match)):
            yield statement
            break
    yield from _equivalences(sentence)


def _measured(text: str) -> tuple[str, str]:
    """The measure of some words, and its scope where nobody is counted."""
    found = first_of(f" {text.strip()} ")
    measure = found[0] if found else ""
    return measure, _WHERE_NONE.get(measure, "cumulative")


def _none_seen(sentence: Sentence, match: re.Match[str]) -> Statement | None:
    groups = match.groupdict()
    where = groups.get("where") or groups.get("rest") or match["whole"]
    measure, scope = _measured(" in combat" if re.search(r"\bseen (?:any )?combat\b", match[0]) else where)
    if measure not in ("deployed", "at_front", "in_training", "combined_strength"):
        return None
    if match.re is _NO_SIGN and not _BODIES.search(match[0]):
        return None
    return Statement(*sentence.span(match, "whole"), measure, scope, "none_seen")


def _denial(sentence: Sentence, match: re.Match[str]) -> Statement | None:
    """Denied that he had sent a single soldier: a count of 0 by whoever denies."""
    start, end = (
        sentence.word_at(match.start("saying") + (match["saying"][0] == " ")),
        sentence.word_at(match.end("clause") - 1) + 1,
    )
    word = sentence.words[start]
    verb = re.search(r"\bden(?:ies|ied)\b", sentence.text[word.start : word.end])
    if not isinstance(word.meaning, Saying) or word.meaning.verb not in DENIES or verb is None:
        return None
    measure, _ = _measured(match["clause"] + match["rest"])
    if not measure:
        return None
    scope = "stock" if re.match(r" (?:are|is) ", match["rest"]) and "stock" in MEASURES[measure].scopes else "cumulative"
    return Statement(start, end, measure, scope, "exact", 0.0, word.meaning, own=True, skip=verb.start())


def _none_sent(sentence: Sentence, match: re.Match[str]) -> Statement | None:
    """Not a single soldier of ours has been sent: a count of 0 by whoever speaks of a force of its own."""
    group = "whole" if match["whole"] else "also"
    text = match["rest"] if match["whole"] else f"{match['verb'].strip()}{match['after']}"
    measure, scope = _measured(text)
    own = re.search(r"\b(?:ours|our|we|its|his|their|my)\b", sentence.norm[: match.end()]) is not None
    if not measure or not (own or group == "also"):
        return None
    is_there = re.match(r"(?:in|there|at|here|on) ", f"{text.strip()} ") or re.search(
        r" (?:is|are|have|has) (?:in|at|no) ", match[0]
    )
    return Statement(*sentence.span(match, group), measure, "stock" if is_there else scope, "exact", 0.0, own=True)


def _equivalences(sentence: Sentence) -> Iterator[Statement]:
    for match in _WORTH.finditer(sentence.norm):
        start, end = sentence.span(match, "whole")
        sizes = [word.meaning.value for word in sentence.words[start:end] if word.form == "QTY"]
        first, second = ([1.0] if match["first"] != "QTY" else []) + sizes
        if first and second:
            yield Statement(start, end, "equivalence", "stock", "about", second / first)


_READERS = (
    (_DENIED_DOING, _denial),
    (_DENIED_BEING, _denial),
    (_NO_SIGN, _none_seen),
    (_HAS_NOT_SEEN, _none_seen),
    (_NOBODY_SEEN, _none_seen),
    (_FLATLY_NONE, _none_sent),
)
"""Of these, the first that holds gives the row."""
