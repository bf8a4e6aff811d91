"""Measures: the words that say that people were sent, are at the front, were killed, and so on, as one table."""

from __future__ import annotations

import re

from forcest.drafting.patterns import joined

_WOUNDED = r"(?:wounded|injured|maimed|hurt)"
_FALLEN = r"(?:fallen|fell)(?! (?:to|by|from|back|below|under|short|into|in the hands))"
_DEAD = rf"(?:killed|slain|dead|died|{_FALLEN}|felled|shot dead)"
SENT = joined(
    r"""
    (?:sent|dispatched|despatched|moved|transferred|redeployed|deployed|shipped|transported|marched|brought|thrown|flung|committed
    |rushed|ferried|flown|airlifted|taken|went|gone|go|going|come|came|arrived|shifted|ordered|assigned|posted|fed|sailed|advanced
    |sends?|sending|moving|moves|deploying|throwing|pushed|introduced)
    """
)
_THE = r"(?:the |its |their |his |our )?"
_AWAY = r"(?: (?!(?:QTY|NUM|SAYS|and|but|;) )[a-z'-]+){0,4}?"
_FRONT = joined(
    r"""
    (?:front(?: - ?| )?lines?|frontlines?|front|line of (?:battle|contact)|line|trenches|battlefield|battle|fighting|combat|action
    |firing line|fray|fight|war zone|battle zone|combat zone|forward positions?|bridgehead|sector|assault|offensive|contact line)
    """
)
_HOME = rf"(?:back )?(?:home(?:ward)?|to {_THE}(?:own )?(?:home(?:land| country)?|country of origin|barracks at home))"
_HOSPITALS = r"(?:(?:field |military |army |base |civilian |local )?(?:hospitals?|infirmar(?:y|ies)|wards?|sick bays?|clinics?))"
_LAND = joined(
    r"""
    (?:country|islands?|theatre|theater|peninsula|region|territory|colony|provinces?|mainland|province|republic|area|kingdom
    |enclave
    |capital|field|ground|soil|border area|south|north|east|west|oblast|district|zone|republic|land|mission area)
    """
)
_POST = joined(
    r"""
    (?:front(?: ?- ?lines?| lines?)?|duty|ranks|units?|battalions?|companies|regiments?|line|active service|active duty|action
    |service
    |colou?rs|fighting|trenches|posts?|battle|comrades)
    """
)
_SCHOOL = r"(?:training (?:camps?|grounds?|centres?|centers?|areas?|bases?|sites?)|camps?|ranges|boot camps?)"

WORDS_OF_MEASURES: tuple[tuple[str, str], ...] = (
    (
        "",
        r"""exchanged|swapped|traded|desert(?:ed|s|ing)|defected|fled|absconded|mutinied|discharged|recruited|enlisted|rescued
        |evacuated to safety""",
    ),
    (
        "",
        r"""(?:pulled|drawn|taken|moved|withdrawn|rotated|brought)
        [ ](?:back(?! (?:to|with|in) )|out of the line|off the line|from the (?:front|line))(?! home)""",
    ),
    ("", r"(?:(?:came|come|comes|returned) (?:back )?from|back from|made it back)"),
    (
        "casualties",
        rf"""{_DEAD}(?: ,| or| and| / ?| - )+ ?(?:(?:seriously|severely|badly|been|gravely|were|was) )*{_WOUNDED}
        (?:(?: ,| or| and)+ (?:captured|missing|taken prisoner))*""",
    ),
    ("casualties", rf"{_DEAD} , {_WOUNDED}|{_WOUNDED}(?: or| and|,)+ {_DEAD}|(?:killed|dead) (?:or|and) (?:missing|captured)"),
    (
        "casualties",
        r"""(?:put|knocked|taken|placed) (?:permanently )?(?:out of (?:action|the fight|combat|service)|hors de combat)
        |hors de combat|incapacitated|disabled|neutrali[sz]ed""",
    ),
    ("casualties", "casualties|casualty|losses|loss|casualty (?:toll|figures?|count)|out of action"),
    (
        "returned_to_duty",
        rf"""(?:returned|returning|returns?|(?:gone|come|came|went|sent|going|moved|got|been|brought|put) (?:since )?back)
        [ ](?:since )?(?:to|with|in|at|on|into) {_THE}{_POST}
        |back (?:to|with|at|in|on|among) {_THE}(?:own )?{_POST}|rejoined(?: (?:their|the|his))?|resumed (?:duty|service)
        |(?:passed )?fit for duty|patched up""",
    ),
    (
        "withdrawn_home",
        rf"""(?:{SENT}|returned|left|set off) {_HOME}
        |(?:withdrawn|repatriated|pulled out|evacuated|withdrew|repatriation|demobili[sz]ed)
        (?: {_HOME}| from the (?:country|islands?|theatre|peninsula))?
        |left (?:for home|the country|the islands?)|sailed (?:back|home)|home again
        |(?:are|is|were|gone|been|already|back) (?:back )?home|brought back""",
    ),
    (
        "in_training",
        rf"""(?:in|under|undergoing|receiving|received|finished|completed|completing|for|begun|began|through|doing|underwent
        |taking|at)
        [ ](?:(?!QTY|and|or|to)[a-z]+ ){{0,2}}?(?:training|instruction|drills?|exercises)
        |(?:training|trained|retrained|drilling|drilled|exercising|schooled|instructed|trainees)
        |(?:in|at) (?:(?:a|the|its|their|training) )*{_SCHOOL}|learning""",
    ),
    (
        "in_hospital",
        rf"""(?:in|at|to|into|fill|filling|fills|crowd|occupy|occupying|lie in|lying in|admitted to|treated (?:in|at))
        [ ](?:the |its |their |two |three |several |a |NUM |QTY )?(?:{_HOSPITALS}|beds|hospital beds)
        |(?:hospitali[sz]ed|bedridden|recuperating|convalescing|recovering)
        |(?:under|undergoing|receiving|need|in need of) (?:medical )?(?:treatment|care)
        |(?:being|are|been|were|is|now) treated|treated""",
    ),
    ("captured", r"(?:taken|led|brought|fell|fallen|gone|went) into (?:\S+ )?(?:captivity|custody)"),
    ("at_front", rf"{SENT}{_AWAY} (?:up )?(?:to|into|toward|towards|on to|onto|in|for) {_THE}{_FRONT}"),
    ("in_training", rf"{SENT}{_AWAY} (?:for|to|into) {_THE}(?:training|instruction|{_SCHOOL})"),
    ("in_hospital", rf"{SENT}{_AWAY} (?:to|into) {_THE}{_HOSPITALS}"),
    ("deployed", r"(?:in|into|inside|across|throughout|to|entered|entering|reached) (?:the )?~\S+"),
    (
        "at_front",
        rf"""(?:at|on|in|along|near|to|manning|holding|hold|holds|held|man|mans|defending|defend|facing|occupy|occupying|guarding
        |into
        |reached|reach|up at) {_THE}(?:immediate |actual |very |forward |foremost )?{_FRONT}s?(?! (?:of|with) (?:the|a) (?:school
        |city))""",
    ),
    (
        "at_front",
        r"""fighting|fight|fought|engaged|battling|in combat|in action|in battle|combat(?:ing)?|under fire|in contact|dug in
        |entrenched
        |bearing arms|seen (?:combat|action)|saw (?:combat|action)|in the (?:field|fighting|fight)
        |taking part in (?:the )?(?:fighting|battle|combat|operations|assaults?)
        |hold(?:s|ing)? (?:the )?(?:line|positions?|trenches|bridgehead)|manning (?:the )?[a-z]+|in the front ranks""",
    ),
    (
        "captured",
        r"""(?:taken|made) (?:prisoners?(?: of war)?|captive|alive)
        |(?:held|holding|being held|are held|kept|hold|holds|holding)(?: as)?(?: (?:prisoners?|captive|in captivity|by))?
        |captured|surrendered|capitulated|given (?:themselves|himself) up|gave (?:themselves|himself) up
        |laid down (?:their|his|its) (?:arms|weapons)|in (?:\S+ ){0,2}?(?:captivity|hands|custody)|interned|seized|detained
        |prisoners(?: of war)?|fell into (?:\S+ )?hands|capture|captures|capturing|apprehended""",
    ),
    (
        "missing",
        r"""missing(?: in action)?|unaccounted(?: - | )for|disappeared|vanished|not (?:been )?accounted for
        |not (?:come back|returned)|lost contact""",
    ),
    ("wounded", "wounded|injured|maimed|hurt|wounding|injuring|wounds?|injuries|hit"),
    (
        "killed",
        rf"""killed|slain|dead|died|dies|die|{_FALLEN}|shot|perished|killing|kills?|shot dead
        |(?:lost|losing|gave|given|laid down|lose) (?:their|his|its) li(?:ves|fe)|deaths?|fatalities|death toll|buried|graves?
        |eliminated|liquidated|destroyed|annihilated|wiped out|been laid to rest|laid to rest|succumbed|bodies|corpses|funerals
        |obituaries|execut(?:ed|ing)|drowned|frozen to death|murdered|massacred|claimed the lives of|the lives of|dying|lie dead
        |met (?:their|his) (?:end|death)""",
    ),
    ("deployed", rf"{SENT}(?: (?:over|across|into|to|in|abroad|overseas|ashore|out|from|by|for))?"),
    (
        "deployed",
        rf"(?:in|on|across|within|inside|throughout|onto|into|to|entered|reached|crossed into|left in) {_THE}(?:\S+ )?{_LAND}",
    ),
    (
        "deployed",
        r"""landed|disembarked|stationed|based|garrisoned|present|ashore|overseas|abroad|crossed|crossing|entered|poured|streamed
        |infiltrated|contributed|supplied|provided|furnished|despatch|reinforcements?|deployments?|deploy|deploys|deploying
        |committed
        |followed|follow|under arms|on (?:the ground|foreign soil)|in theatre|in country|in place|set foot|joined|stood|quartered
        |camped|billeted|massed|assembled|arrive|arrives|arriving|landing|sent|sending|sends|serving|serve|served|strong|amassed
        |concentrated|mobili[sz]ed|introduced|contingent|deployment|presence|garrison|troop (?:strength|numbers?|levels?)|strength
        |fielded|fielding|fields|number of (?:\S+ )?(?:troops|soldiers|men|mercenaries|fighters|volunteers)|force of|force|army of
        |grouping of|grouping|corps|expedition|legion|detachment|column|there|here""",
    ),
    ("casualties", "lost|loses?|losing"),
)
"""Words by measure, the more particular first, and none for what a ledger does not count. Of words at one place the first hold."""

_TABLE = tuple((measure, re.compile(rf" (?:{joined(words)})(?= )")) for measure, words in WORDS_OF_MEASURES)


def at_start(text: str) -> tuple[str, re.Match[str]] | None:
    """The measure whose words a text begins with, and these words."""
    return next(((measure, match) for measure, pattern in _TABLE if (match := pattern.match(text))), None)


def first_of(text: str) -> tuple[str, re.Match[str]] | None:
    """The measure whose words come first in a text, and these words."""
    return next((found for place in places(text) if (found := at_start(text[place:]))), None)


def all_of(text: str) -> list[tuple[str, re.Match[str]]]:
    """The words of measures in a text, without those within longer ones."""
    found = [(measure, match) for measure, pattern in _TABLE for match in pattern.finditer(text)]
    spans = [match.span() for _, match in found]
    return [(measure, m) for measure, m in found if not any(start < m.start() and m.end() <= end for start, end in spans)]


def places(text: str) -> list[int]:
    """Where words begin: offsets of the spaces before them."""
    return [match.start() for match in re.finditer(r" (?=\S)", text)]
