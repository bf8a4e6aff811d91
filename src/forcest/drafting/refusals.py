"""Numbers that give no row: money and ages, rates and differences, what is supposed, other wars, numbers withdrawn."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forcest.drafting.patterns import joined

LONG_AGO = 10 * 365
"""Days after which a dated count belongs to another war, told for comparison."""

_TIME = r"(?:hour|day|night|week|month|year)"
_WAR = joined(
    r"""
    (?:in|during|of|from|since|to|over) (?:the |that |its |our |their )?(?:(?:earlier|previous|last|former|first|second|great|old
    |world
    |civil|winter|other|afghan|korean|vietnam|chechen|gulf|crimean|boer|balkan|colonial|past) )+
    (?:world )?(?:wars?|campaigns?|conflicts?|occupation)(?! (?:day|week))
    """
)


@dataclass(frozen=True)
class Refusal:
    """A reason why a number gives no row, and the words that show it: before the number, after it, or in its clause."""

    reason: str
    left: str = ""
    right: str = ""
    clause: str = ""

    def holds(self, left: str, right: str, clause: str) -> bool:
        """Whether one of the patterns occurs."""
        pairs = ((self.left, left), (self.right, right), (self.clause, clause))
        return any(pattern and re.search(joined(pattern), words) for pattern, words in pairs)


REFUSALS = (
    Refusal("money", left=r" (?:[$€£¥]|us\$|usd|eur|cost(?:s|ing)? the \w+|worth|bonus of|salary of|fine of|pay of) $"),
    Refusal(
        "the name of a thing",
        left=r"""
        [ ](?:no\.|nos\.|unit|hill|height|point|article|resolution|order|route|highway|page|km|kilomet(?:re|er)|brigade|group
        |battalion
        |regiment|division|level|phase|chapter|class|type|flight|room|section|paragraph|table|figure|vol|model|mark|operation|lot
        |day
        |week) $
        """,
    ),
    Refusal("an age", left=r" (?:aged?(?: between)?|ages) $", right=r"^ (?:- )?years?(?: - | )old"),
    Refusal("a calibre", right=r"^ - (?!strong)"),
    Refusal(
        "a rate",
        left=r"""
        [ ](?:average of|averag(?:es|ed|ing)|daily|weekly|monthly|rate of|every (?:day|week|month) |each day|per day)(?: \S+){0,3} $
        """,
        right=rf"""
        ^(?: (?!(?:QTY|;|\.|SAYS|and|but|said|,) )\S+){{0,6}}?
        [ ](?:(?:a|per|each|every) {_TIME}|(?:dai|week|month|night|annual)ly)(?= )
        """,
    ),
    Refusal(
        "a difference",
        left=r"""
        [ ](?:(?:rose|fell|grew|risen|fallen|grown|increased?|dropped|declined|shrunk|up|down|reduced?|cut|higher|lower
        |an? (?:increase|rise|drop|fall|decrease) of)(?: \S+){0,2} by
        |(?:increase|rise|drop|fall|decrease|difference|reduction) of) $
        """,
        right=r"^(?: (?:soldiers|men|troops|dead))? (?:more|fewer|higher|lower|less|greater) (?:\S+ )?than ",
    ),
    Refusal(
        "a comparison",
        right=r"""
        ^ as (?:in|on|at|during|before|those|there|the|a)[ ]
        |^ (?:as many|as much|the number|the figure|that number) (?:\S+ ){0,3}?(?:as|of|in)[ ]
        """,
    ),
    Refusal(
        "another number in other words",
        left=r"""
        [ ](?:accounts?|accounted|accounting) for $
        |[ ](?:represents?|representing|equals?|equivalent to|makes? up|marks?)(?: (?:more|some|nearly|almost|about|over|than))* $
        """,
    ),
    Refusal(
        "a number withdrawn",
        left=r"""
        [ ](?:(?:and |but |,)? ?not(?: the)?|rather than|instead of(?: the)?|corrected from|revised (?:\S+ ){0,2}from
        |(?:first|initial|original|previous|earlier|former) (?:\S+ )?(?:figures?|numbers?|estimates?|counts?|claims?|reports?
        |tolls?
        |totals?) (?:of|at)|(?:retract\w+|withdrew) \S*(?: \S+){0,4}) $
        """,
        right=r"""
        ^(?: \S+){0,3}? ,? ?(?:as (?:first|originally|initially|previously|earlier) (?:announced|reported|claimed|said|stated
        |thought)
        |as had been (?:announced|reported|claimed))
        """,
    ),
    Refusal(
        "a supposition",
        clause=r"""
        [ ](?:if|unless|could|couldn't|might|would have|should|suppose|supposing|were to|in case|risks?|would be needed|would take
        |may (?!have|already)|hypothetical|wargame|simulation)[ ]
        """,
    ),
    Refusal(
        "a need",
        left=r"""
        [ ](?:needs?|needed|requires?|required|lacks?|lacked|short|shortage of|wants|asked for|requested|demand(?:s|ed)
        |capable of (?:\S+ ){0,3}|capacity (?:for|of)|room for|(?:enough|beds|equipment|rations|uniforms) for) $
        """,
    ),
    Refusal("another war", clause=rf" {_WAR}|historians? recall| a generation ago | (?:decades|centuries) ago |a century ago"),
    Refusal(
        "sources", right=r"^ (?:\S+ ){0,3}?(?:officials|sources|diplomats|witnesses|analysts|experts|lawmakers|reporters)(?= )"
    ),
    Refusal("things", right=r"^ (?:\S+ ){0,2}?(?:tanks|guns|vehicles|weapons|rifles|drones|aircraft|shells|rounds|missiles)(?= )"),
    Refusal("a denial", clause=r" (?:deny|denies|denied|no truth|false|untrue|fabricat\w+) (?:\S+ )?(?:that (?:it|he|she|they) )"),
)
"""Why a number gives no row."""


def refused(left: str, right: str, clause: str) -> str:
    """The reason why a number gives no row, ``""`` if there is none.

    Parameters
    ----------
    left, right : str
        Forms of the words before and after the number, as far as the neighbouring numbers.
    clause : str
        The whole clause.
    """
    return next((refusal.reason for refusal in REFUSALS if refusal.holds(left, right, clause)), "")
