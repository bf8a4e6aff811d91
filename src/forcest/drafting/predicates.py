"""Predicates: what is said of the people that a number counts, by where the words of a measure stand to the number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from forcest.drafting.measures import all_of, at_start, places
from forcest.drafting.patterns import any_of, joined, words
from forcest.ledger.measures import LOSSES

How = Literal["after", "object", "noun", "carried"]

AUX = joined(
    r"""
    (?:has|have|had|having|is|are|was|were|be|been|being|get|gets|got|'s|'ve|'d|'re|become|became|remain|remains|remained|stay
    |stayed
    |lie|lies|lay|to|do|did|will|would|shall|may|might|must|can|could)
    """
)
_ADVERB = joined(
    r"""
    (?:[a-z]+ly|left|already|now|since|also|still|thus|so|far|then|later|ever|once|even|just|both|all|each|there|here|again|never
    |yet
    |in turn|by|too|WHEN|SAYS|,|subsequently|confirmed|known|believed|thought|said|reported|estimated|feared|presumed|understood
    |to have|either|itself|themselves|of late|to date)
    """
)
_BETWEEN = rf"(?: (?:{AUX}|{_ADVERB}))*"

PAST = {
    form: past
    for past, forms in {
        "killed": "kill kills killing slew slain shot claimed buried bury eliminating liquidating destroying annihilating",
        "wounded": "wounding wounds injuring injures",
        "captured": "capturing captures seizing seizes",
        "taken": "took taking takes",
        "lost": "lose loses losing cost costing",
        "sent": """
            send sends sending dispatching dispatches deploy deploys deploying move moves moving transferring transfers
            ship ships shipping land lands landing rush rushes rushing flew airlifting commit commits committing bring
            brings bringing brought threw throw throws throwing contribute contributes contributing supply supplies
            supplied provide provides provided providing stations field fields fielding withdraw withdraws withdrawing
            repatriate repatriates repatriating pour pours poured
            """,
        "trained": "train trains",
        "held": "hold holds holding",
        "treated": "treat treats treating",
        "put": "puts putting",
    }.items()
    for form in words(forms)
}
"""The form under which the table of measures has a verb."""
_TRANSITIVE = words(
    """
    killed wounded injured hurt captured seized taken lost eliminated liquidated destroyed annihilated neutralised neutralized sent
    dispatched despatched deployed moved transferred shipped landed rushed flown airlifted committed thrown trained contributed
    stationed fielded held treated hospitalised hospitalized withdrawn withdrew repatriated evacuated exchanged swapped massed
    concentrated mobilised mobilized introduced redeployed put executed garrisoned assembled amassed recruited posted
    """
)
_MOVES_OR_HOLDS = words(
    """
    sent dispatched despatched deployed moved transferred shipped landed rushed flown airlifted committed thrown withdrawn withdrew
    evacuated repatriated redeployed posted taken put held massed concentrated stationed
    """
)
"""Verbs whose measure depends on where to: sent to the front, put out of action, held prisoner."""
_NEEDS_MORE = words("taken put")
_LIVES = r"(?:cost|costs|claimed|claims|took|taken) (?:the|many) lives of"
_VERB = any_of(frozenset(PAST) | _TRANSITIVE)
_FILLER = joined(
    r"""
    (?: (?:the|a|its|his|her|their|our|all|of|some|them|us|him|it|in|total|as|many|well|up|down|there|an|dead|over|alone|lives|out
    |enemy|WHEN|SAYS|across|back|off|also|only|just|already|corps|army|force|side|both|regime|country|another|either))*
    """
)
_OBJECT = re.compile(rf" (?P<verb>{_LIVES}|(?:killed (?:or|and) )?(?:{_VERB}))(?P<to>{_FILLER}) $")
_WHERE_TO = re.compile(
    r"^(?: (?!(?:QTY|;|\.|SAYS|and|who|which) )\S+){0,7}?(?P<to> (?:up|back|to|into|in|at|on|for|home|prisoners?|captive|out) .*)"
)

_LINK = joined(
    r"""
    (?:at|to|of|number(?:s|ed|ing)?|total(?:s|led|ed|ling)?|reach(?:es|ed|ing)?|exceed(?:s|ed|ing)?|pass(?:ed|es)|top(?:ped|s)|:
    |include[sd]?|including|from|hit|approach(?:es|ed)|comes? to|came to|amount(?:s|ed|ing)? to|surpass(?:ed|es)|count(?:s|ed)?|as
    |by
    |some)
    """
)
_STRONG = re.compile(rf"(?: (?:{_LINK}|WHEN|SAYS|about|now|only|already))+ $")
_WEAK = re.compile(r"(?: (?:is|are|was|were|be|had|has|have|been|now|WHEN|SAYS|,|already|only|meant|means))+ $")
_FARTHEST = {"strong": 14, "weak": 9}
"""How many words may stand between a noun and its number, by the words that link them."""
_NOUNS = re.compile(
    joined(
        r"""
        \b(?:casualt\w+|losses|loss|dead|wounded|injured|toll|number|strength|fatalities|deaths|missing|prisoners|killed|graves
        |contingent|force|garrison|army|presence|deployment|grouping)\b
        """
    )
)
"""Nouns that a number may follow with no more than "is" or "had" between them."""
_APPOSED = re.compile(r" (?:the|its|their|his|our) (?P<noun>dead|wounded|missing|prisoners|casualties) , $")

_GAP = r"(?: (?!(?:QTY|SHARE|SAYS|;|\.|:|while|whereas|but|although|though|if) )\S+){0,14}?"
_ADJACENT = rf"(?: ,)?(?: who| which| that| whom| of them| of whom| in all| altogether| dead or)?(?: (?:{AUX}|{_ADVERB}|not))*"
_AND_WAS = rf"(?: (?!(?:QTY|SAYS|;|,|\.) )\S+){{1,5}}? and{_BETWEEN}"
_SUBJECT = rf"{_GAP}(?: (?:{AUX}|who))(?:{_BETWEEN}|{_AND_WAS})"
_BEFORE_PREDICATE = re.compile(rf"(?:{_ADJACENT}|{_SUBJECT})")
_MAIN_VERB = re.compile(rf"(?: (?!(?:QTY|SHARE|SAYS|;|,|\.|:|and|but|{AUX}) )\S+){{0,8}}?(?: {AUX}){_BETWEEN}")
_BEFORE_VERB = re.compile(
    joined(
        r"""
        (?: (?!(?:QTY|SHARE|SAYS|;|\.|:|and|while|whereas|but|although|though|if|who|which|when|where|as|before|after|until
        |because) )
        \S+){0,9}?
        """
    )
)
_FINITE = re.compile(
    joined(
        r"""
        [ ](?:died|fell|perished|arrived|came|went|landed|surrendered|disappeared|vanished|crossed|entered|disembarked|lie|hold
        |held
        |fought|fight|serve|served|stood|stand|succumbed|rejoined|returned|arrive|sailed|flew|drowned|lost|reached|gave|laid|man
        |manning|poured|left|saw)\b
        """
    )
)
"""Verbs that need no auxiliary to be what is said of a subject."""


@dataclass(frozen=True)
class Predicate:
    """What a passage says of the people that a number counts.

    Attributes
    ----------
    measure : str
        Empty where the words are none of a ledger's measures.
    how : str
        Where the words stand: after the number, before it with the number as object, as a noun before it, or with an earlier
        number.
    words : str
        The words, with those between them and the number.
    """

    measure: str
    how: How
    words: str


def predicate(left: str, right: str) -> Predicate | None:
    """What is said of the people that a number counts.

    Parameters
    ----------
    left, right : str
        Forms of the words before the number, and of those after the noun that follows it, as far as the next number or the end of
        the clause.

    Returns
    -------
    Predicate or None
    """
    found, fate = _as_object(left, right), at_start(right)
    if found and found.measure == "casualties" and fate and fate[0] in LOSSES:
        return Predicate(fate[0], "object", found.words + fate[1][0])  # lost 140 soldiers killed
    if found:
        return found
    aside = re.search(r" , (?:which|who) ", left) and right.startswith(" ,")  # ..., which numbered 33,000, have gone home
    return (None if aside else _apposed(left) or _as_subject(right)) or _as_noun(left)


def _as_object(left: str, right: str) -> Predicate | None:
    """The number is the object of a verb: killed 40 soldiers, sent 3,000 men to the front."""
    match = _OBJECT.search(left)
    if match is None:
        return None
    verb = "killed" if match["verb"].endswith("lives of") else PAST.get(match["verb"], match["verb"])
    said = left[max(match.start() - 30, 0) : match.start()] + f" {match['verb']}"
    if verb in _MOVES_OR_HOLDS and (to := _WHERE_TO.search(f"{right} ")):
        found = at_start(f" {verb}{to['to']}")
        if found and (found[0] != "deployed" or verb not in _NEEDS_MORE):
            return Predicate(found[0], "object", said + to["to"])
    found = None if verb in _NEEDS_MORE else at_start(f" {verb} ")
    return Predicate(found[0], "object", said) if found else None


def _apposed(left: str) -> Predicate | None:
    """The number explains a noun of loss: the wounded, some 2,200 of them."""
    match = _APPOSED.search(left)
    found = at_start(f" {match['noun']} ") if match else None
    return Predicate(found[0], "noun", left) if found else None


def _as_subject(right: str) -> Predicate | None:
    """The number is the subject, or stands before words that need no verb: 27 are missing; 300 killed; 5,000 in the country."""
    found = None
    for place in places(right):
        before, said = right[:place], at_start(right[place:])
        if said is None:
            continue
        if found is None:
            if _BEFORE_PREDICATE.fullmatch(before) or (_BEFORE_VERB.fullmatch(before) and _FINITE.match(right[place:])):
                if _has_an_object(right, place + said[1].end()):
                    return None
                found = Predicate(said[0], "after", before + said[1][0])
                if not _describes(found):
                    return found
        elif _MAIN_VERB.fullmatch(right[len(found.words) : place]):  # 600 soldiers in the north were killed
            return Predicate(said[0], "after", before + said[1][0])
    return found


def _describes(found: Predicate) -> bool:
    """Whether the words may describe people of whom more is said: in the north, sent in May, who were trained."""
    return re.search(rf"^(?! (?:who|which)) (?:\S+ )?(?:{AUX}) ", found.words) is None


def _has_an_object(right: str, end: int) -> bool:
    """Whether the words begin a clause with another number as object: "and wounded 30"."""
    another_clause = re.match(r" (?:and|,|but) (?!were|was|are|have|had|is|has)", right)
    return another_clause is not None and re.fullmatch(r"(?: (?:some|the|its|their))*", right[end:].rstrip()) is not None


def _as_noun(left: str) -> Predicate | None:
    """Words before the number say what it counts: losses stand at 5,400; the number sent rose to 14,000."""
    link = "strong" if _STRONG.search(left) else "weak" if _WEAK.search(left) else ""
    found = [(measure, match) for measure, match in all_of(left) if len(left[match.end() :].split()) <= _FARTHEST.get(link, -1)]
    if link == "weak":
        found = [(measure, match) for measure, match in found if _NOUNS.search(match[0])]
    if not found:
        return None
    measure, match = max(found, key=lambda item: (item[0] != "deployed", item[1].start(), len(item[1][0])))
    return Predicate(measure, "noun", left[match.start() :])
