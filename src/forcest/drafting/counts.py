"""Counts: numbers with the words that bound them, as one expression with a qualifier of the ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from forcest.drafting.numbers import Number, Share
from forcest.drafting.passages import Sentence
from forcest.drafting.patterns import joined

BEFORE = {
    "at_least": r"at (?:the )?(?:very )?least|(?:no|not) (?:fewer|less) than|(?:a|an absolute) minimum of|at minimum|a confirmed",
    "at_most": r"at (?:the )?(?:very )?most|(?:no|not) more than|a maximum of|not exceeding|at the outside",
    "more_than": r"""
        (?:(?:well|far|just|slightly|considerably|many|a little|significantly) )?(?:more than|over|above|beyond|upwards? of)
        |in excess of|exceed(?:s|ed|ing)?|north of|surpass(?:es|ed|ing)?|(?:has |have )?topped|(?:has |have )?passed
        """,
    "up_to": r"""
        (?:(?:perhaps|possibly|maybe) )?
        (?:(?<!gone )(?<!went )(?<!risen )(?<!rose )(?<!grown )(?<!climbed )up to|as many as|anything up to)
        """,
    "fewer_than": r"(?:(?:well|far|just|slightly|somewhat|a little) )?(?:fewer than|less than|under|below)|short of|not quite",
    "about": r"""
        about|some|around|round|roughly|approximately|approx\.|nearly|almost|close to|an estimated|estimated
        |in the (?:region|order) of|on the order of|circa|ca?\.|perhaps|maybe|possibly|probably|nearing|approaching
        |(?:as )?much as|barely|hardly|scarcely
        |virtually|practically|just on|~
        """,
}
"""Words before a number, by the qualifier that they stand for."""

AFTER = {
    "at_least": r"or more|at (?:the )?least|at (?:the very )?minimum|\+|and counting",
    "at_most": r"at (?:the )?most|at the outside|or (?:fewer|less)",
    "about": r"or so|or thereabouts|more or less|odd|or (?:a few|slightly) (?:more|less|fewer)",
}
"""Words after a number, by the qualifier that they stand for."""

SHARE_ENDS = {
    "exact": (0.9, 1.1),
    "about": (0.9, 1.1),
    "almost": (0.85, 1.0),
    "fewer_than": (0.85, 1.0),
    "up_to": (0.85, 1.0),
    "at_most": (0.85, 1.0),
    "more_than": (1.0, 1.15),
    "at_least": (1.0, 1.15),
}
"""What a share of a number stands for, as factors of that share, by the words before it."""
_ALMOST = re.compile(r"nearly|almost|nearing|approaching|close to|not quite|just on")

_QUALIFIER = "|".join(f"(?P<{name}>{joined(text)})" for name, text in BEFORE.items())
_LATER = "|".join(f"(?P<{name}_after>{text})" for name, text in AFTER.items())
_ADDS = r"(?:another|yet another|a further|further|an additional|an extra|additional)"
_MORE = r"(?: (?P<more>more|additional|further|extra)(?! than| likely| or))?"
_IDLE = r"(?:(?:a|the) (?:(?:combined|grand|overall) )?total of|the figure of|the equivalent of)"
_ENDS = r"(?:(?P<between>between) NUM (?:and|to|-) NUM|from NUM to NUM|NUM (?:to|-|or) NUM)"
_RANGE = re.compile(rf" (?:(?P<adds>{_ADDS}) )?(?:(?:{_QUALIFIER}) )?(?:anywhere |somewhere )?{_ENDS}{_MORE} ")
_SINGLE = re.compile(
    joined(
        rf"""
        [ ](?:{_IDLE} )?(?P<whole>(?:(?P<adds>{_ADDS}) )?(?:(?:{_QUALIFIER}) )*?(?:{_IDLE} )?(?P<adds_too>{_ADDS} )?
        (?P<number>NUM|SHARE)(?: (?:{_LATER})(?= ))?{_MORE})[ ]
        """
    )
)
_PERHAPS = joined(
    r"""
    (?:and|or|but|,)(?: ,)? (?:(?:perhaps|possibly|maybe|probably|even) )*(?:as many as|up to|at most|no more than)?
    """
)
_FLOOR_AND_CEILING = re.compile(rf" (?P<whole>QTY(?P<gap>(?: (?!(?:QTY|and|or|but|,|;) )\S+){{0,4}}?) {_PERHAPS} ?QTY) ")
_SEVERAL_COUNTS = re.compile(r" (?:killed|dead|wounded|injured|missing|captured|died|deaths|prisoners) ")
_CHANGED = re.compile(
    joined(
        r"""
        [ ](?:revis|correct|rais|lower|amend|increas|reduc|chang)(?:es?|ed|ing)(?: (?!and|but|;)\S+){0,8} $
        |[ ](?:rose|risen|rises?|grew|grown|fell|fallen|falls?|dropped|climbed|jumped|shrank|shrunk|went|gone|up|down|cut)
        (?: (?!and|but|;)\S+){0,4} $
        """
    )
)
"""Words after which "from 640 to 715" is a change, not a range."""


@dataclass(frozen=True)
class Count:
    """A number with its bounds, as a passage words it.

    Attributes
    ----------
    qualifier : str
        Qualifier of the ledger; of a share, the words before it, as a key of ``SHARE_ENDS``.
    value, low, high : float, optional
        As in the ledger; None for a share until its base is known.
    share : float, optional
        The share of another number.
    adds : bool
        Whether it is added to an earlier number: "another", "a further", "more".
    """

    qualifier: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None
    adds: bool = False

    @property
    def size(self) -> float | None:
        """The number that a share of it refers to."""
        return self.value if self.value is not None else self.high

    def of(self, base: Count) -> Count | None:
        """The count that this share of another count is; None if that one has no number."""
        if self.share is None or base.size is None:
            return None
        low, high = (_two_digits(factor * self.share * base.size) for factor in SHARE_ENDS[self.qualifier])
        return replace(self, qualifier="derived", low=low, high=high)


def marked(sentence: Sentence) -> Sentence:
    """The sentence with every count and its bounds as one word ``QTY``."""
    sentence = sentence.replaced(_RANGE, "QTY", _range)
    sentence = sentence.replaced(_SINGLE, "QTY", _single)
    return sentence.replaced(_FLOOR_AND_CEILING, "QTY", _floor_and_ceiling)


def _two_digits(number: float) -> float:
    """A number rounded to two significant digits."""
    return float(f"{number:.1e}")


def _range(sentence: Sentence, match: re.Match[str]) -> Count | None:
    before = sentence.norm[: match.start() + 1]
    if (" from NUM" in match[0] or before.endswith(" from ")) and _CHANGED.search(before.removesuffix("from ")):
        return None
    start, end = sentence.span(match)
    first, second = (word.meaning for word in sentence.words[start:end] if word.form == "NUM")
    if first.value is None or second.value is None:
        return None
    low, high = first.value, second.value
    if first.multiplier == 1 and low < 10 * high / second.multiplier:  # 1.5 to 2 thousand
        low *= second.multiplier
    if low < high / 1000 and high % 1000 == 0:  # 10 to 12,000
        low *= 1000
    return Count("range", low=low, high=high, adds=bool(match["adds"] or match["more"])) if low < high else None


def _single(sentence: Sentence, match: re.Match[str]) -> Count | None:
    start, end = sentence.span(match)
    number = next(word.meaning for word in sentence.words[start:end] if word.form in ("NUM", "SHARE"))
    adds = bool(match["adds"] or match["adds_too"] or match["more"])
    before = next((name for name in BEFORE if match[name]), "")
    stated = next((name for name in AFTER if match[f"{name}_after"]), before)
    if isinstance(number, Share):
        almost = before == "about" and _ALMOST.fullmatch(match["about"])
        return Count("almost" if almost else stated or "exact", share=number.share, adds=adds)
    return _count(number, stated, adds)


def _count(number: Number, stated: str, adds: bool) -> Count:
    if number.value is None:
        return Count(number.qualifier, low=number.low, high=number.high, adds=adds)
    as_it_stands = "about" if number.value and number.value % 100 == 0 else "exact"
    return Count(stated or number.qualifier or as_it_stands, value=number.value, adds=adds)


def _floor_and_ceiling(sentence: Sentence, match: re.Match[str]) -> Count | None:
    """At least 400 and perhaps as many as 650: a floor and a ceiling of one count."""
    start, end = sentence.span(match)
    first, second = (word.meaning for word in sentence.words[start:end] if word.form == "QTY")
    if second.adds or second.qualifier == "range" or _SEVERAL_COUNTS.search(f"{match['gap']} "):
        return None
    floor = first.qualifier in ("at_least", "more_than", "exact", "about")
    doubtful = re.search(r"\b(?:perhaps|possibly|maybe|probably|even)\b", sentence.quote(start, end))
    if not (floor and (second.qualifier in ("up_to", "at_most") or doubtful) and first.size and second.size):
        return None
    return Count("range", low=first.size, high=second.size, adds=first.adds) if first.size < second.size else None
