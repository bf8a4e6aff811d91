"""Who says it: words of saying with their subject, as one expression."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forcest.drafting.dates import When
from forcest.drafting.passages import Sentence
from forcest.drafting.patterns import any_of, joined, words

SAID = words(
    """
    said says say told wrote writes announced declared insisted added stated confirmed recalled cabled warned reckons reckoned
    """
)
"""Verbs that have no other use: whoever is their subject is a source."""
STATED = words(
    """
    saying write writing reports reported reporting announces announcing claims claimed claiming estimates estimated reckon
    counted tell
    telling admits admitted admit concedes conceded concede confirms confirm acknowledges acknowledged acknowledge believes
    believed
    believe thinks calculates calculated finds wired telegraphed warns adds noted notes recall recalls states declares insists
    maintains
    maintained asserts asserted alleged alleges assesses assessed assess guessed guess guesses reveals revealed discloses disclosed
    boasts boasted tallies tallied judged judges suggests suggested indicates indicated concluded concludes predicts predicted
    briefed
    informed learned learnt heard explained stressed remarked observed tweeted conjectured surmised speculated verified verify
    posits
    replied answered commented complained argues argued contends contended avers averred avows avowed attests testified swore
    affirmed
    reaffirmed reiterated repeated
    """
)
"""Verbs of saying that are nouns too, or that need somebody who can be a source as their subject."""
WEAK = words(
    """
    revised corrected raised lowered amended has have puts put gives gave sets lists listed shows showed show count counts estimate
    claim found identified named collected records recorded documents documented registered speak talk talks talked speaks spoke
    think thought suggest indicate
    """
)
"""Verbs that have other uses: they need a number in their object as well."""
COUNTS = words("recorded registered counted counts documented identified lists listed collected buried has have found verified")
"""Verbs of counting: a date before them is that of the count."""
DENIES = words("denies denied rejects rejected dismissed dismisses disputes disputed")
ADMITS = words("admits admitted admit concedes conceded concede acknowledges acknowledged acknowledge admission")
PUTS = words("puts put gives gave sets")

_SPEAKERS = re.compile(
    joined(
        r"""
        \b(?:minist|spokes|general|colonel|major|captain|officer|official|command|staff|headquarters|government|president|premier
        |chief
        |agency|agencies|intelligence|service|arm(?:y|ies)|navy|force|militar|newspaper|paper|dail(?:y|ies)|weekly|magazine
        |journalist
        |reporter|correspondent|editor|observer|monitor|watchdog|group|organi[sz]ation|committee|commission|council|mission
        |diplomat
        |ambassador|envoy|attach|delegate|analyst|expert|historian|researcher|institut|cent(?:re|er)|source|secretar|parliament
        |lawmaker|deput(?:y|ies)|senator|congress|governor|mayor|doctor|surgeon|nurse|medic|director|hospital|soldier|prisoner
        |deserter|brigadier|marshal|admiral|consul|embassy|office|department|bureau|authorit|regime|junta|rebel|separatist
        |insurgent
        |militia|leader|alliance|broadcaster|radio|television|media|press|communiqu|bulletin|statement|report|dispatch|briefing
        |document|update|witness|priest|bishop|king|emperor|sultan|adjutant|aide|warlord|pentagon|kremlin|cross|charit|side
        |part(?:y|ies)\b|agent|volunteer|veteran|widow|villager|resident|coalition|assembly|project|website|channel|blogger|advis
        |legion|brigade|corps|figures|data|records|count|tally|division|contingent|all(?:y|ies)\b|defender|attacker|enem(?:y|ies)
        |quartermaster|registrar|archiv|survey|study|capital|registry|fighter|(?:he|she|they|we|it|i|who|un|nato|ngo)\b)
        """
    )
)
"""Who can be a source, by the beginnings of words."""

_WORK = joined(
    r"""
    (?:communiqués?|communiques?|report|statement|bulletin|dispatch(?:es)?|briefing|press release|update|assessment|release|count
    |tally
    |figures?|estimates?|numbers?|reckoning|admission|account|data|records|document|summary|letter|telegram|post|return)
    """
)
_ISSUE = r"(?:own|latest|recent|daily|evening|morning|official|new|annual|last|first|second|weekly|nightly)"
_DOCUMENT_NAME = re.compile(rf"(?:(?:^| )(?:'s|{_ISSUE}))* ?\b{_WORK}$")
_MADE_BY = re.compile(
    joined(
        r"""
        ^(?:(?:the|a|an|its|their|in) )?(?:[\w-]+ ){0,2}?(?:reports?|statement|assessment|update|study|analysis|figures|data
        |estimates?
        |count|tally|bulletin|survey|list)\b.*? (?:by|from) (?=(?:the )?\w)
        """
    ),
    re.IGNORECASE,
)
_STAFF_OF = re.compile(
    joined(
        r"""
        ^(?:the )?(?:volunteers|journalists|reporters|researchers|editors|analysts|staff|activists|experts|scholars|economists)
        [ ](?:at|from|of|with)[ ]
        """
    ),
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    joined(
        r"""
        ^(?:(?:the|a|an|one|another|as|and|but|yet|also|even|then|meanwhile|however|now|while|though|although|yesterday|today|only
        |separately|later|earlier|still|instead|in turn|for its part|for his part|similarly) )+
        """
    ),
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    joined(
        r"""
        ^(?:he|she|it|they|we|i|who|which|the same|this|that|the latter|the former|the agency|others|some|there|these|those|its?
        |his
        |her|their)$
        """
    )
)
_NOBODY = re.compile(
    joined(
        r"""
        ^(?:first|initially|originally|previously|earlier|already|so|also|it (?:is|was)|there|widely|officially|later|however
        |meanwhile
        |this)$
        """
    )
)

_RELAYS = (
    r"(?:citing|quoting|relaying|echoing|on the (?:word|authority) of|passing on|relying on|briefed by|quoted|quotes|cited|cites)"
)
_VIA = re.compile(rf" ,? ?{_RELAYS} (?P<source>[^,;.]+?)(?: as)?(?= [,;.]|$| as $| said| told| put)")
_NOT_IN_A_NAME = r"(?!(?:SAYS|QTY|NUM|SHARE|that|if|because|when|where|how|said|are|is|were|was|been|;|:|\.|\?|,|WHEN) )"
_NAME = rf"(?:{_NOT_IN_A_NAME}\S+ ){{1,12}}?"
_RELATIVE = r"(?:that \S+s (?:(?!(?:SAYS|QTY|,|;|\.) )\S+ ){0,5}?)?"
_APPOSITION = r"(?:, (?:(?!(?:SAYS|QTY|NUM|said) )\S+ ){1,12}?, )?"
_WHO = rf"(?:QTY )?{_NAME}{_RELATIVE}{_APPOSITION}"
_NOT_TOLD = r"that|WHEN|QTY|he|she|it|they|there|SHARE|said|says|claims|claimed|reported"
_WHOM = rf"(?: (?!(?:{_NOT_TOLD}) )[a-z~][a-z'.-]*(?: (?!(?:{_NOT_TOLD}|in|all|some|its|his|their) )[a-z~][a-z'.-]*){{0,6}})?"
_WHERE = joined(
    r"""
    (?: WHEN| in (?:a|an|its|his|the|their) (?:[a-z-]+ ){0,3}?(?:statement|briefing|interview|report|update|post|message|letter
    |broadcast|speech|communiqué|bulletin|address|telegram|release|assessment|dispatch)| here| yesterday)*
    """
)
_HOW = joined(
    r"""
    (?:(?:WHEN|later|also|had|has|have|then|however|further|now|only|itself|himself|openly|publicly
    |(?!daily|weekly|monthly|family|ally)[a-z]+ly|it|since|would|to) )*
    """
)
_NO_NOUN = r"(?! (?:on|of|from|by|about|lists?|gives?|says?|said|puts?|shows?|suggests?|indicates?) )"
_TOLD = rf"(?P<told>(?:told|tells?|informed|briefed|assured|reminded){_WHOM}|(?:heard|learned|learnt|had it|has it) from{_WHOM})"
_OF_IT = r"(?:speaks?|spoke|talks?|talked|boasts|boasted|tells?|told)(?= of )|report(?= (?:that|QTY))"
_VERB = rf"(?P<verb>{_OF_IT}|{any_of(SAID | STATED | WEAK | DENIES)}{_NO_NOUN})"
_START = joined(
    r"""
    (?:^| [,;:?.-]| and| but| while| whereas| although| though| as| WHEN| that)
    (?: (?:however|meanwhile|separately|earlier|later|also|moreover|this|WHEN|,))*[ ]
    """
)
_SUBJECT = re.compile(rf"{_START}(?P<whole>(?P<source>{_WHO}){_HOW}(?:{_TOLD}|{_VERB})(?P<when>{_WHERE})(?: that)?) ")
_INVERTED = re.compile(
    joined(
        rf"""
        [ ](?:,|;|-|\.) (?P<whole>(?:(?P<told>tells) |(?P<verb>said|says|wrote|writes|reported|reports|announced|added|claimed) )
        (?P<source>{_NAME})(?P<when>))(?=(?:WHEN|,|\.|;|in|who) )
        """
    )
)
_ENDS_A_NAME = r",|;|:|\.|\?|WHEN|QTY|that|there|has|have|had|are|were|was|is|who|puts|put|said|say|says"
_BY_WHOM = joined(
    r"""
    (?:according to|in the (?:words|view|opinion|estimate|estimation|reckoning|judg?ement) of
    |by the (?:count|reckoning|estimate|admission|account|tally) of|on the (?:word|authority) of|as per|per
    |estimates? (?:by|from|of)|figures (?:by|from|of|released by|published by)|data (?:from|by|of)|reports? (?:by|from)
    |an? (?:count|tally|list|estimate|survey) (?:by|kept by|compiled by)|counted by|compiled by|published by|released by)
    """
)
_ACCORDING = re.compile(
    joined(
        rf"""
        [ ](?P<whole>{_BY_WHOM} (?P<source>(?:(?<=according to )QTY )?(?:(?!(?:NUM|SHARE|{_ENDS_A_NAME}) )\S+ ?)+?))(?: WHEN)?
        (?= (?:{_ENDS_A_NAME}) )
        """
    )
)
_CITING = re.compile(
    joined(
        r"""
        [ ](?P<whole>,? ?(?:citing|quoting|who cited|which cited|who quoted|which quoted|and cited|and quoted)
        [ ](?P<source>(?:(?!(?:QTY|NUM|SHARE|,|;|:|\.|\?|WHEN|as|saying|that|SAYS) )\S+ ?)+?))(?: as saying(?: that)?)?
        (?= (?:,|;|:|\.|\?|WHEN|as|saying|that|QTY|SAYS) )
        """
    )
)
_BY_THEIR_COUNT = re.compile(
    joined(
        r"""
        [ ](?P<whole>by (?P<source>(?:the |a |an )?(?:(?!(?:QTY|,|;|\.|by) )\S+ ){1,5}?'s|(?:its|his|their) own)
        [ ](?:own )?(?:count|reckoning|estimate|admission|account|tally|figures|telling))[ ]
        """
    )
)
_THEIR_FIGURE = re.compile(
    joined(
        r"""
        [ ](?P<whole>(?P<source>(?:the |a |an )?(?:(?!(?:QTY|,|;|\.|by|of|in|on|at|that|and|from) )\S+ ){1,5}?)'s
        [ ](?:own |latest |official |initial |earlier )*(?:claims?|figures?|count|estimates?|tally|number|assertion|report
        |statement)
        (?: WHEN)? (?:of|that|is|was|stands at|has|puts|put|:))[ ]
        """
    )
)


@dataclass(frozen=True)
class Saying:
    """Somebody who states something.

    Attributes
    ----------
    source : str
        Who, as in the text and without article; ``""`` for a pronoun.
    verb : str
        The word of saying; ``""`` for "according to".
    when : When, optional
        When it was said.
    via : str
        Who relayed it.
    own : bool
        Whether it is "their own" count, of the force counted.
    cited : bool
        Whether somebody else cites this source.
    before : bool
        Whether what is said follows the words.
    """

    source: str
    verb: str = ""
    when: When | None = None
    via: str = ""
    own: bool = False
    cited: bool = False
    before: bool = True


def marked(sentence: Sentence) -> Sentence:
    """The sentence with every "the ministry said" as one word ``SAYS``."""
    for pattern, read in _READERS:
        sentence = sentence.replaced(pattern, "SAYS", read)
    return sentence


def planner(name: str) -> Saying | None:
    """Somebody who announces what it will do itself."""
    name = _ARTICLE.sub("", name).strip()
    return Saying(name, "plans") if name and not _PRONOUN.match(name.lower()) else None


def _named(text: str) -> str:
    """A source as in the text: without article, relative clause and name of a document."""
    name = re.sub(r"\s*\([^)]*\)?", "", " ".join(text.split()))
    name = re.split(r" (?:who|which|whose|that)\b|, | on [A-Z]?\w*day\b", name, maxsplit=1)[0]
    name = _STAFF_OF.sub("", _ARTICLE.sub("", _MADE_BY.sub("", name)).strip(" ,"))
    author = _DOCUMENT_NAME.sub("", name).strip()
    if author != name:
        author = re.sub(r"^(?:latest|new|recent|daily|official|evening|morning)(?: |$)", "", author)
    author = _ARTICLE.sub("", re.sub(r"[’']s?$", "", author)).strip(" ,")
    return "" if _PRONOUN.match(author.lower()) else author


def _source(sentence: Sentence, match: re.Match[str]) -> str:
    return _named(sentence.quote(*sentence.span(match, "source")))


def _according(sentence: Sentence, match: re.Match[str]) -> Saying | None:
    cited = match.re is _CITING or match["whole"].startswith("on the ")
    if match.re is _CITING and re.match(r"an? ", match["source"]) and _DOCUMENT_NAME.search(match["source"].strip()):
        return None  # a document without an author is no source
    return Saying(_source(sentence, match), cited=cited, before=_leads(sentence, match))


def _possessive(sentence: Sentence, match: re.Match[str]) -> Saying | None:
    if match["source"].strip() in ("its own", "his own", "their own"):
        return Saying("", "admission", own=True, before=_leads(sentence, match))
    return Saying(_source(sentence, match), before=_leads(sentence, match)) if _SPEAKERS.search(match["source"]) else None


def _leads(sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether the words stand at the beginning of a clause, so that what is said follows."""
    before = sentence.norm[: match.start("whole")].strip()
    return re.fullmatch(r"(?:.*[;:.?])?(?: ?(?:and|but|WHEN|,))*", before) is not None


def _subject(sentence: Sentence, match: re.Match[str]) -> Saying | None:
    verb, name, rest = match["verb"] or "told", match["source"].strip(), sentence.norm[match.end("whole") :]
    if _NOBODY.match(_ARTICLE.sub("", name).strip()) or re.search(r" not(?: be)?$| n't$", name):
        return None
    if not _can_speak(sentence, match, verb, rest) or (verb in WEAK and not _counts(verb, rest, name)):
        return None
    source, via = _relayed(sentence, match, name)
    ends = re.match(r" (?:[.;?]|, (?!QTY|there)|WHEN [.;]|and QTY|but|while|$)", f" {rest.strip()} ")
    before = ends is None or _leads(sentence, match)
    return Saying(source, verb, _when(sentence, match, before and verb not in COUNTS), via, before=before)


def _when(sentence: Sentence, match: re.Match[str], led: bool) -> When | None:
    """When it was said: the date within the words, or the one that leads them: "on Friday the ministry said"."""
    start, end = sentence.span(match, "whole")
    leading = [word for word in sentence.words[max(start - 2, 0) : start] if word.form != ","] if led else []
    found = [word.meaning for word in (*sentence.words[start:end], *leading[-1:]) if word.form == "WHEN"]
    return found[0] if found else None


def _can_speak(sentence: Sentence, match: re.Match[str], verb: str, rest: str) -> bool:
    """Whether the subject can be a source: by the verb, by where it stands, by a name, or by what it is."""
    closing = sentence.norm[: match.start("whole")].endswith(", ") and re.match(r" ?(?:[.;]|$)", rest)
    if verb in SAID or verb in PUTS or closing:
        return True
    text = sentence.quote(*sentence.span(match, "source"))
    capital = r"\S [A-Z]|^[A-Z]" if match.start("source") > 1 else r"\S [A-Z]"  # the first word of a sentence has one anyway
    return re.search(capital, text) is not None or _SPEAKERS.search(match["source"]) is not None


def _relayed(sentence: Sentence, match: re.Match[str], name: str) -> tuple[str, str]:
    """The source, and who relays it: the last in a chain is the source."""
    heard, cited = re.search(r" from (?P<source>.+)", match["told"] or ""), _VIA.search(f" {name} ")
    if heard:  # a trader heard from a border guard
        chain, start = heard, match.start("told") + heard.start("source")
    elif cited:
        chain, start = cited, match.start("source") + cited.start("source") - 1
    else:
        return _source(sentence, match), ""
    span = sentence.word_at(start), sentence.word_at(start + len(chain["source"]) - 1) + 1
    return _ARTICLE.sub("", sentence.quote(*span)).strip(), _source(sentence, match)


def _counts(verb: str, rest: str, name: str) -> bool:
    """Whether a verb with other uses says something here: puts ... at 300, counts 6,000, a communiqué has 3,000 dead."""
    rest = f"{rest.strip()} "
    if verb in ("has", "have"):
        written = re.search(r"communiqu|report|bulletin|dispatch|newspaper|statement|account", name)
        return written is not None and re.match(r"(?:the )?QTY", rest) is not None
    if verb in PUTS:
        return re.match(r"[^;.]{0,90}? (?:at|as) [^;.]{0,12}?QTY|QTY", rest) is not None
    return re.match(r"that |[.,;]|(?:(?!and|but)[^ ;.]+ ){0,6}?QTY", rest) is not None


_READERS = (
    (_ACCORDING, _according),
    (_BY_THEIR_COUNT, _possessive),
    (_THEIR_FIGURE, _possessive),
    (_INVERTED, _subject),
    (_SUBJECT, _subject),
    (_CITING, _according),
)
