"""Whether a count is a stock, a total or a flow, and its date or window."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from forcest.drafting.dates import Span, When
from forcest.drafting.patterns import joined
from forcest.ledger.schema import MEASURES

_FUTURE = joined(
    r"""
    (?:will|shall|'ll|would|going to|plan(?:s|ned|ning)? (?:to|on)|intend(?:s|ed|ing)? to|expect(?:s|ed|ing)? to|hop(?:es|ed
    |ing) to
    |(?:has |have |had )?(?:decided|resolved|agreed|voted|chosen|ordered|arranged) (?:to|on)|decision to|prepar(?:es|ed|ing) to
    |ready to
    |means to|promis(?:es|ed|ing) (?:to|him|them|another)|pledg(?:es|ed|ing) (?:to|another)|vow(?:s|ed) to|due to|set to|about to
    |scheduled to|poised to|slated to|likely to|wants? to|aim(?:s|ed|ing) to
    |(?:expects?|expecting|awaits?|promise[sd]|pledge[sd]?|offers|offered)(?= (?:another |some |about |a further )?$)
    |(?:is|are|was|were) (?:soon )?to
    (?= (?:be|have|send|go|follow|arrive|leave|join|come|land|sail|get|keep|remain|receive|number) ))
    """
)
PLANNED = re.compile(rf" {_FUTURE}(?= )")
"""Words of what is to come."""
_TO_HOLD = re.compile(
    r" (?:to|will|would|shall) (?:soon )?(?:have|keep|maintain|hold|number|total|station|retain|be at|stand at|remain)(?= )"
)
_EVENT = re.compile(
    joined(
        r"""
        \b(?:in|during|at|by|from|after|the|a|'s|this|that|last) (?:[a-z-]+ ){0,3}?(?:battles?|strikes?|raids?|ambush|attack
        |assault
        |skirmish|clash|clashes|firefight|explosion|blast|bombing|bombardment|shelling|air raid|airstrike|landing|engagement
        |counterattack|counter - attack|offensive|storming|sortie|crash|incident|encounter|shoot - out|fight|barrage|salvo|crossing
        |mine|attempt|push|exchange)\b
        """
    )
)
"""A single battle, strike or raid."""
_PERFECT = re.compile(
    r" (?:has|have|had|'ve|having)(?: (?:since|already|now|also|so|far|[a-z]+ly|not|all|SAYS|,|in total))* (?!to )"
)
_PRESENT_PERFECT = re.compile(r" (?:has|have|'ve) (?!to |QTY)")
_IS_THERE = re.compile(
    joined(
        r"""
        [ ](?:in|at|on|within|inside|there|under|near|along|missing|unaccounted|held|holds?|holding|fighting|fight|training
        |drilling
        |engaged|stationed|based|present|prisoners?|interned|strong|garrisoned|quartered|serving|serve|treated|treating|treats
        |treatment|numbers|numbered|hospital|manning|man|dug|captive|captivity|hands|ashore|deployment|presence|contingent|strength|back
        |here
        |number of|convalescing|recovering|recuperating|force|army|grouping|maintains?|keeps?|hosts?|detained|concentrated|massed
        |assembled)\b
        """
    )
)
"""Words of a present state."""
_CAME = re.compile(
    joined(
        r"""
        [ ](?:sent|send|sends|sending|arrived|came|come|landed|landing|went|gone|moved|transferred|dispatched|despatched|shipped
        |crossed|entered|brought|flown|reached|marched|thrown|committed|rushed|trained|returned|captured|taken|took|surrendered
        |redeployed|ordered|contributed|poured|infiltrated|disembarked|supplied|provided|introduced|deployed|admitted|finished
        |completed|begun|began|started|underwent|hospitali[sz]ed|disappeared|vanished|joined|rejoined|set|sailed)\b
        """
    )
)
"""Words of movement, which count who came; the other words of strength count who is there."""
_IS_DEPLOYED = re.compile(r" (?:are|is|stand|remain|currently|now) (?:[a-z]+ly |now |already |still )?(?:deployed|committed)")
_IS_MISSING = re.compile(
    joined(
        r"""
        [ ](?:is|are|was|were|still|remain|remained|be)(?: (?:still|now|also|listed|reported|as|said|feared))*
        [ ](?:missing|unaccounted)
        """
    )
)
_IS_HELD = re.compile(r" (?:held|hold|holds|holding|prisoners?|hands|captivity|interned|detained|custody|captive)\b")
_WAS_TAKEN = re.compile(r" (?:taken|took|made)\b")
_HOLDS = re.compile(r" (?:hold|holds|held|holding|has|have|are|were|is|keeps?)(?: \S+){0,2} $| (?:are|were) (?:being )?(?:held|in)")
_SINCE_EVENT = re.compile(r" since (?!WHEN|returned|been|gone|died|left)")
_BRINGS = re.compile(
    joined(
        r"""
        [ ](?:bring(?:s|ing)?|brought|tak(?:es|ing)|took|rais(?:es|ed|ing)|push(?:es|ed|ing)?|lift(?:s|ed|ing)?|carr(?:ies|ied))
        [ ][^;.]{0,80}? to (?:about |some |nearly |over |more than )?$
        """
    )
)
_LEVEL = re.compile(r" (?:stood|stands?|reached|risen|rose|climbed|fallen|numbered|numbers?)(?: (?:at|to))? $")
_TOTAL = re.compile(r" (?:total|in all|altogether|overall|so far|to date|thus far|cumulative|number|toll)\b")


@dataclass(frozen=True)
class Timing:
    """Scope, date and window of a count."""

    scope: str
    as_of: dt.date
    window: Span | None = None


@dataclass(frozen=True)
class Clause:
    """What is needed to say when a count holds.

    Attributes
    ----------
    left, right : str
        Forms of the words before and after the number, up to the neighbouring numbers.
    predicate : str
        The words that say what is counted.
    around : str
        The whole clause.
    adds : bool
        Whether the number is added to an earlier one.
    noun : bool
        Whether a noun of loss follows the number: "900 dead".
    """

    left: str
    right: str
    predicate: str
    around: str
    adds: bool = False
    noun: bool = False


def timing(measure: str, clause: Clause, when: When | None, said: When | None, published: dt.date) -> Timing:
    """Scope, date and window of a count, by the tense and the dates of its clause.

    Parameters
    ----------
    measure : str
    clause : Clause
    when, said : When, optional
        The date or window of the count, and when it was stated.
    published : date

    Returns
    -------
    Timing
    """
    planned = measure == "planned"
    scope = _planned_scope(clause, when) if planned else _scope(measure, clause, when)
    if scope not in MEASURES[measure].scopes:
        scope = "cumulative"
    span, of_saying = (date.span(planned and date is when) if date else None for date in (when, said))
    as_of = span[1] if span else of_saying[1] if of_saying else published
    return Timing(scope, as_of, span if scope == "flow" and span and span[0] < span[1] else None)


def brings_to(left: str) -> bool:
    """Whether something brings a total to the number: the raid takes the number of dead to 700."""
    return _BRINGS.search(left) is not None


def _planned_scope(clause: Clause, when: When | None) -> str:
    if clause.adds or (when and when.kind == "window"):
        return "flow"
    return "stock" if _TO_HOLD.search(clause.left) else "cumulative"


def _scope(measure: str, clause: Clause, when: When | None) -> str:
    if brings_to(clause.left):
        return "cumulative"
    if measure in ("combined_strength", "equivalence") or _is_stock(measure, clause):
        return "stock"
    if (when and when.kind == "by") or _SINCE_EVENT.search(clause.around):
        return "cumulative"
    if clause.adds or (when and when.kind == "window"):
        return "flow"
    return "flow" if (when or _EVENT.search(clause.around)) and not _is_total(clause) else "cumulative"


def _is_total(clause: Clause) -> bool:
    """The perfect, and words such as "in all", count everybody so far."""
    if _PRESENT_PERFECT.search(clause.left[-60:] + clause.predicate) or _LEVEL.search(clause.left):
        return True
    return _TOTAL.search(clause.left + clause.predicate) is not None


def _is_stock(measure: str, clause: Clause) -> bool:
    """A present state: people are, remain, are held somewhere; not: have come, were sent."""
    if "stock" not in MEASURES[measure].scopes:
        return False
    if clause.noun:
        return measure == "captured" and _HOLDS.search(clause.left + clause.right) is not None
    words = f"{clause.predicate} "
    if measure == "missing":
        return _IS_MISSING.search(words) is not None
    if measure == "captured" and (not _IS_HELD.search(words) or _WAS_TAKEN.search(words)):
        return False
    if _PERFECT.search(words) and _CAME.search(words):
        return False
    return _IS_DEPLOYED.search(words) is not None or (not _CAME.search(words) and _IS_THERE.search(words) is not None)
