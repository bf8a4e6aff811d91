"""Which side a source is on, as the passage alone has it, and whether a count covers the whole force."""

from __future__ import annotations

import re

from forcest.drafting.patterns import joined

OWN, ENEMY, THIRD_PARTY, UNKNOWN = "own", "enemy", "third_party", "unknown"

_HOSTILE = joined(
    r"""
    (?:enem(?:y|ies)|hostiles?|invaders?|invading|attackers|aggressors?|insurgents?|infiltrators?|intruders?|terrorists?|occupiers?
    |occupying|bandits|brigands|raiders?|rebels|marauders|fascists?|imperialist|mutineers|usurpers?|besiegers|assailants)
    """
)
_CALLED_HOSTILE = re.compile(rf"\b{_HOSTILE}\b")
_HOSTILE_SUBJECT = re.compile(
    rf"\b{_HOSTILE}(?: 's)? (?:\S+ )?(?:has|have|had|lost|suffered|sustained|losses|casualties|dead|strength|left)\b"
)
_OTHER_SIDE = (
    (re.compile(r"\b(?:attack|besieg|invad|assail)\w*"), re.compile(r"\b(?:defend|besieged)\w*")),
    (re.compile(r"\b(?:defend|garrison|besieged)\w*"), re.compile(r"\b(?:attack|besieg(?:er|ing)|invad|assail)\w*")),
)
"""What is counted, and words of a source that is on the other side."""
_OWN_WORDS = re.compile(r"\b(?:its|his|her|our|their|my)(?: own)?\b")
_OWN_BODY = re.compile(
    joined(
        r"""
        \b(?:corps|contingent|legion|brigade|division|expedition\w*|regiment|battalion|garrison|allied|volunteers?|detachment
        |column
        |force|fleet)(?:'s)? (?:high )?(?:command(?:er|ant)?|headquarters|staff|major|colonel|general|adjutant|surgeon
        |quartermaster
        |spokes\w+|officers?)\b|^our\b|^its\b|^his own|^their own
        """
    )
)
_THIRD_PARTY = re.compile(
    joined(
        r"""
        \b(?:newspapers?|papers?|correspondents?|reporters?|journalists?|magazines?|dail(?:y|ies)|weekly|broadcasters?
        |news agenc(?:y|ies)|news service|wire service|press|radio|television|editors?|media|outlets?|monitors?|monitoring
        |watchdogs?
        |observers?|human rights|rights groups?|ngos?|charit(?:y|ies)|red cross|red crescent|united nations|un|international
        |peace research|institute|think[ -]tanks?|western
        |foreign(?! (?:minist|office|secretary|affairs|intelligence|legion|policy))|neutral|independent|bbc|reuters
        |associated press
        |agence|afp|cnn|times|post|guardian|observatory|mediators?|aid (?:workers?|groups?|agenc(?:y|ies))|league of nations|osce
        |nato)\b
        """
    )
)
_TROOPS = r"(?:men|troops|forces|soldiers|gunners|units|army|guns|fighters|defenders|pilots|drones|snipers|side|boys)"
_DID_IT = re.compile(
    joined(
        rf"""
        [ ](?:we|SAYS (?:they|it|he|she)|(?:our|his|her|its|their|my) (?:own )?{_TROOPS})
        (?: (?:has|have|had|also|already|since|then|now))*
        [ ](?:killed|captured|wounded|taken|took|destroyed|eliminated|hold|held|buried|shot|put|repelled|are holding|liquidated)\b
        """
    )
)
"""A source that counts what it killed or captured itself."""

_PLACE = joined(
    r"""
    (?:ford|village|bridge|hill|ridge|river|crossing|town|pass|fort|fortress|farm|station|outpost|airfield|airport|port|harbou?r
    |barracks|checkpoint|depot|base|school|factory|mine|quarry|wood|woods|forest|beach|landing|beachhead|redoubt|gate|junction
    |crossroads|pier|mill|hamlet|plateau|camp|post|trench|height|heights|gorge|valley|monastery|market|suburb|settlement|plant
    |refinery|warehouse|headquarters|lighthouse|canal)
    """
)
_ORDINAL = r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+)"
_UNIT = r"(?:battalion|brigade|division|regiment|company|platoon|corps|squadron|battery|army|group)"
_SMALL_UNIT = r"(?:battalion|brigade|regiment|company|platoon|squadron|battery|unit|patrol|column|squad)"
_ONE_UNIT = re.compile(
    joined(
        rf"""
        \b{_ORDINAL}(?: [a-z-]+){{0,4}}? ?{_UNIT}\b
        |\b(?:of|from|in|the) (?:a|one|this|that|his|its|her|my) (?:single )?(?:[a-z-]+ )?{_SMALL_UNIT}\b
        """
    )
)
_UNIT_LOST = re.compile(rf"\b{_ORDINAL}(?: [a-z-]+){{0,4}}? ?{_UNIT}(?: \S+){{0,4}}? (?:lost|suffered|sustained)\b")
_ONE_EVENT = re.compile(
    joined(
        r"""
        \b(?:strike|raid|ambush|battle (?:of|for|at|near|on)|(?:the|this|that|'s|a|one) (?:[a-z]+ )?battle|skirmish|air raid
        |airstrike
        |blast|explosion|bombing|firefight|clash|assault on|attack on|storming of|landing at|sortie|encounter|engagement|barrage
        |crash
        |(?:shell|mine|bomb|missile|drone|rocket)s? (?:hit|struck|exploded|landed|destroyed)|shelling of|the attack|the assault)\b
        """
    )
)
_ONE_PLACE = re.compile(rf"\b(?:at|in|near|around|outside|by|on|for|of) (?:the |a |one |this |that )(?:[a-z-]+ ){{0,2}}?{_PLACE}\b")


def side(source: str, counted: str, clause: str, *, admits: bool = False) -> str:
    """What a passage alone says of the side of a source.

    Parameters
    ----------
    source : str
        Who states the number; ``""`` if the passage does not say.
    counted : str
        The words that name whom it counts, in lower case.
    clause : str
        The forms of the clause.
    admits : bool
        Whether the source admits the number, counts its own, or announces what it will do itself.

    Returns
    -------
    str
        own, enemy, third_party or unknown.
    """
    speaker = source.lower().replace("’", "'")
    if admits:
        return OWN
    if any(whom.search(counted) and who.search(speaker) for whom, who in _OTHER_SIDE):
        return ENEMY
    if _THIRD_PARTY.search(speaker):
        return THIRD_PARTY
    called_hostile = _CALLED_HOSTILE.search(counted) or _HOSTILE_SUBJECT.search(clause)
    if called_hostile and not _CALLED_HOSTILE.search(speaker):
        return ENEMY
    return _side_by_possessives(speaker, counted, clause) if speaker else UNKNOWN


def _side_by_possessives(speaker: str, counted: str, clause: str) -> str:
    """Its soldiers, his own men; or "his men have captured 20"."""
    of_somebody_else = _OWN_WORDS.match(speaker) and "'s" in speaker  # his neighbour's ministry counts 20 of his soldiers
    if _OWN_WORDS.search(counted) and not of_somebody_else:
        return OWN
    if _DID_IT.search(clause):
        return ENEMY
    return OWN if _OWN_BODY.search(speaker) else UNKNOWN


def is_partial(counted: str, clause: str) -> bool:
    """Whether a count covers only a unit, a place, or a single strike, battle or raid."""
    return _ONE_UNIT.search(counted) is not None or any(p.search(clause) for p in (_UNIT_LOST, _ONE_EVENT, _ONE_PLACE))
