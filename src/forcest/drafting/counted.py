"""What is counted: the noun that follows a number, and whether it stands for soldiers, for losses, or for something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from forcest.drafting.passages import Sentence
from forcest.drafting.patterns import joined
from forcest.drafting.vocabulary import BEFORE_SOLDIERS, CIVILIANS, LOSSES, LOST, RANKS, SOLDIERS, THINGS

Kind = Literal["soldiers", "losses", "none", "other", "others", "rank"]

_PEOPLE = re.compile(r"^[a-z-]+(?:men|women|eers|ers|ors|ists|ees|aries|ants|naires|nauts)$")
_NATIONALITY = re.compile(r"(?:ans|ians|ese|is|ens|rds|nes|chs|ks|eks|oles|urks)$")
_STOP = re.compile(
    joined(
        r"""
        ^(?:WHEN|SAYS|QTY|NUM|SHARE|[.,;:?!/()-]|and|or|but|nor|while|whereas|who|whom|which|that|than|as|in|at|on|from|to|by|for|with
        |into|near|since|after|before|during|against|over|under|through|within|without|inside|outside|between|along|across|around
        |among|per|is|are|was|were|be|been|being|has|have|had|will|would|shall|can|could|may|might|must|should|do|did|does|not|n't|'s
        |'re|'ve|killed|wounded|injured|hurt|captured|taken|sent|went|came|arrived|landed|died|fell|deployed|lost|moved|trained
        |training|fighting|remain|remained|hold|held|stand|stood|returned|gone|back|there|here|now|so|still|already|also|then|today
        |home|alone|each|every|a|an|missing|dead|surrendered|perished|strong|crossed|entered|reached|joined|left|fled|made|began
        |started|received|required|stationed|present|serving|engaged|committed|if|because|when|where|put|disappeared|vanished
        |succumbed|including|alive|it|he|they|we|she|only|just|both|all)$
        """
    )
)
"""Words at which a noun phrase ends."""
_DETERMINER = re.compile(r"^(?:the|its|his|her|their|our|my|your|these|those|them|whom|such|all|that|this|'s|')$")
_GOES_ON = {"training": SOLDIERS, "fighting": SOLDIERS, "strong": SOLDIERS, "-": SOLDIERS | {"strong"}}
"""Words that end a noun phrase unless one of these follows: 12 training officers, a 2,000-strong garrison."""
_MAX_WORDS = 7


@dataclass(frozen=True)
class Counted:
    """The words after a number that say what is counted.

    Attributes
    ----------
    kind : str
        ``none`` for a number that stands alone, ``others`` for "45 others", ``rank`` for a noun that may be part of a force.
    measure : str
        The measure that a noun of loss is by itself.
    start, end, tail : int
        Words of the noun phrase, and the end of "of the ..." that follows it.
    """

    kind: Kind
    measure: str
    start: int
    end: int
    tail: int


def counted(sentence: Sentence, start: int) -> Counted:
    """What the words from an index on, after a number, count.

    Parameters
    ----------
    sentence : Sentence
    start : int
        The word after the number.

    Returns
    -------
    Counted
    """
    i, forms = start, [word.form for word in sentence.words]
    if forms[i : i + 1] == ["of"]:
        i += 1
        while i < len(forms) and _DETERMINER.match(forms[i]):
            i += 1
        if forms[i - 1] in ("them", "whom", "these", "those"):
            return Counted("none", "", start, i, i)
    if forms[i : i + 2] in (["as", "many"], ["that", "many"]):
        i += 2
    kind, measure, end = _head(sentence, i, forms)
    return Counted(kind, measure, start, end, _tail(forms, end) if kind != "none" else end)


def _head(sentence: Sentence, first: int, forms: list[str]) -> tuple[Kind, str, int]:
    """Kind, measure and end of the noun phrase that begins at a word."""
    named = i = first
    while i < min(first + _MAX_WORDS, len(forms)):
        form, following = forms[i], forms[i + 1] if i + 1 < len(forms) else ""
        if form == "'s" and i > first:  # the enemy's guards: the noun is yet to come
            named = i + 1
        elif form in LOSSES and following not in (CIVILIANS - RANKS) | THINGS:
            return "losses", LOSSES[form], i + 1 + (form in BEFORE_SOLDIERS and following in SOLDIERS)
        elif form == "others":
            return "others", "", i + 1
        elif _STOP.match(form) and following not in _GOES_ON.get(form, ()):
            break
        elif is_soldier(sentence, i) and following not in SOLDIERS | LOST | THINGS | CIVILIANS | {"-", "'s"}:
            return "rank" if form in RANKS else "soldiers", "", i + 1
        i += 1
    return ("other", "", max(named, i)) if i > first else ("none", "", i)


def is_soldier(sentence: Sentence, i: int) -> bool:
    """Whether a word names soldiers: in the list, or a plural of people that is not known to be something else."""
    form, letter = sentence.words[i].form, sentence.text[sentence.words[i].start]
    if form in SOLDIERS:
        return form not in CIVILIANS or form in RANKS
    if form in THINGS or form in CIVILIANS:
        return False
    return bool((letter.isupper() and _NATIONALITY.search(form)) or _PEOPLE.match(form))


def _tail(forms: list[str], end: int) -> int:
    """The end of "of the enemy", "of the 5th battalion" after a noun."""
    if forms[end : end + 1] != ["of"]:
        return end
    i = end + 1
    while i < min(end + _MAX_WORDS, len(forms)) and (forms[i] in ("'s", "a") or not _STOP.match(forms[i])):
        i += 1
    return i if i > end + 1 and not _DETERMINER.match(forms[i - 1]) else end
