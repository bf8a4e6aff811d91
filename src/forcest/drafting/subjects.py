"""What a number of a sentence counts: its measure, by its own words or by those of an earlier number."""

from __future__ import annotations

import re
from dataclasses import replace

from forcest.drafting.counts import Count
from forcest.drafting.mentions import Mention, Reading
from forcest.drafting.patterns import joined
from forcest.drafting.predicates import Predicate, predicate
from forcest.drafting.scopes import PLANNED
from forcest.drafting.vocabulary import RANKS

_COMBINED = re.compile(
    joined(
        r"""
        \b(?:combined|(?:armies|forces|allies|contingents|sides) together|together with|counting both|jointly|between them
        |taken together|both (?:armies|allies|forces|contingents)|the two (?:armies|forces|allies)
        |including (?:its|the|their) (?:partner|allies|ally|own)|with (?:its|their|the) (?:partner|allies|ally)
        |joint (?:force|grouping|contingent))\b
        """
    )
)
_OF_THEM = re.compile(r"^(?: (?:SAYS|that|,))* (?:out )?of(?: (?:the|its|his|their|our|these|those|all|some))* $")
_LISTED = re.compile(r"^(?: (?:WHEN|and|,|or|plus|as|well|along|with|also|another|the|some))+ $")
_CONTINUED = re.compile(
    joined(
        r"""
        (?:^|(?= (?:and|,|or|but|against) ))(?: (?:and|,|or|plus|as|well|along|with|but|also|another|then|together|against|compared
        |to|from|up|down|now|there|are|is|was|were|in|by|WHEN|SAYS|of|these|those|them|whom|the|some|yet|a|figure|number|total|puts?|at
        |has|have|had|risen|gone|climbed|grown|reached|stands?|stood|only))* $
        """
    )
)
"""Words before a number that goes on with what was said of an earlier one."""
_OPEN = re.compile(
    joined(
        r"""
        ^ (?:$|[.,;:?!]|SAYS|WHEN|and|or|but|plus|in|on|at|by|a|this|than|as|that|more|from|of|for|during|to|last|dead|alone|today
        |there) ?
        """
    )
)
"""What may follow such a number: no verb of its own."""
_TOTAL = re.compile(r" total(?: of)?(?: ,)? $")
_PARTS = re.compile(
    joined(
        r"""
        [ ](?:including|include|includes|among (?:them|whom|those)|of (?:them|whom|these)|, (?:with|mostly)|counting|:)
        (?: (?:at|least|the|some))* $
        """
    )
)
_AND = re.compile(r"(?: ,)?(?: and| or) (?:the )?")
_FATES = ("returned_to_duty", "withdrawn_home", "")
"""What may become of wounded or prisoners, who are then counted as that."""
_CAN_BE_PLANNED = ("deployed", "at_front", "in_training", "withdrawn_home", "combined_strength")


def predicate_of(reading: Reading, mention: Mention, earlier: Predicate | None) -> Predicate | None:
    """What is said of those that a number counts; ``earlier`` is what was said of the last number of the sentence before."""
    found = predicate(mention.left, mention.right)
    if found:
        return found
    if mention.counted.kind == "losses":
        return Predicate(mention.counted.measure, "noun", "")
    following = reading.following(mention)
    if following and _AND.fullmatch(mention.right) and (shared := predicate(" ", following.right)):
        return shared  # 300 men and 40 officers have come
    soldiers, announced = mention.counted.kind == "soldiers", PLANNED.search(mention.left)
    if (soldiers and (mention.is_base or _OF_THEM.match(mention.left) or announced)) or (announced and mention.count.adds):
        return Predicate("deployed", "noun", "")  # of its 9,000 men, 300; has promised another 10,000 fighters
    return _carried(reading, mention, earlier)


def _carried(reading: Reading, mention: Mention, earlier: Predicate | None) -> Predicate | None:
    """The words of an earlier number with which this one goes on: "against 2,200 on 1 December"."""
    previous = reading.previous(mention)
    if previous and _TOTAL.search(mention.left):
        return None  # a total of different losses
    listed = previous and previous.segment == mention.segment and _LISTED.match(mention.left)
    alone = mention.counted.kind == "none" and _CONTINUED.search(mention.left)
    if not (listed or alone) or not _OPEN.match(mention.right):
        return None
    of_sentence = next((m.predicate for m in reversed(reading.mentions) if m.at < mention.at and m.predicate), None)
    found = of_sentence or (None if previous else earlier)
    return replace(found, how="carried") if found else None


def counts_soldiers(reading: Reading, mention: Mention) -> bool:
    """Whether a number counts people of a force; a number without a noun takes the kind of the one before."""
    kind, previous = mention.counted.kind, reading.previous(mention)
    other_before = previous is not None and previous.counted.kind == "other"
    if kind == "others" or (kind == "none" and other_before and _CONTINUED.search(mention.left)):
        kind = "other" if other_before or previous is None else "none"
        mention.counted = replace(mention.counted, kind=kind)
    rank_follows = kind == "none" and mention.right.split()[:1] and mention.right.split()[0] in RANKS
    if (kind == "rank" and _PARTS.search(mention.left)) or rank_follows:
        return False  # including 50 officers; 12 of them officers
    people = reading.sentence.words[mention.counted.end - 1].form in ("people", "persons", "person")
    named_before = mention.predicate is not None and mention.predicate.how == "noun" and mention.predicate.words != ""
    return kind != "other" or (people and named_before)  # losses were 1,250 people


def measure_of(mention: Mention) -> str:
    """The measure of a number, ``""`` if it has none; ``planned`` for what is announced."""
    noun, found = mention.counted.measure, mention.predicate
    if noun:
        return _measure_of_losses(noun, mention)
    if found is None:
        return ""
    if found.measure in ("at_front", "deployed") and _COMBINED.search(mention.clause):
        return "combined_strength"
    return found.measure


def _measure_of_losses(noun: str, mention: Mention) -> str:
    """The measure of a noun of loss, unless more is said of them: 64 wounded are being treated, 40 prisoners were exchanged."""
    found = mention.predicate
    if noun == "killed" and re.match(r"^(?: ,| or| and)+ (?:wounded|injured)(?= )", mention.right):
        return "casualties"
    if found and noun == "wounded" and found.measure == "in_hospital":
        return found.measure
    fates = (*_FATES, "killed") if noun == "wounded" else _FATES if noun in ("captured", "casualties") else ()
    fate = found is not None and found.how == "after" and found.measure in fates and " ," not in found.words
    return found.measure if found and fate else noun


def planned(reading: Reading, mention: Mention) -> bool | None:
    """Whether a number is announced; None if it is announced and cannot be a row, as losses that are expected."""
    found, previous = mention.predicate, reading.previous(mention)
    after = found.words if found and found.how == "after" else ""
    announced = PLANNED.search(mention.left) or PLANNED.search(mention.left + after)
    carried = previous and found and found.how == "carried" and PLANNED.search(previous.left)
    if mention.counted.kind == "losses" or not (announced or carried):
        return False
    return True if measure_of(mention) in _CAN_BE_PLANNED else None


def resolved(reading: Reading, mention: Mention, earlier: Count | None) -> Count | None:
    """The count itself, or what a share is of its base: the number that follows, or the one before; None without a base."""
    if mention.count.share is None:
        return mention.count
    before = next((m.count for m in reversed(reading.mentions) if m.at < mention.at and m.count.share is None), earlier)
    base = mention.base or (before if _refers_back(reading, mention) else None)
    return mention.count.of(base) if base else None


def _refers_back(reading: Reading, mention: Mention) -> bool:
    """Whether a share is of people named before: two-thirds were killed, half of whom, a third of the soldiers."""
    words = reading.sentence.part(mention.at + 1, mention.counted.end)
    back = r" (?:of (?:the|its|his|their|these|those)|as many|that (?:number|many))"
    return mention.counted.kind == "none" or re.match(back, words) is not None
