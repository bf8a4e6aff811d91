"""Sentences as words whose expressions are replaced, step by step, by one word with a meaning.

Each step of a draft (dates, numbers, counts, sources) finds its expressions by patterns over the forms of the words, and
replaces each by a single word such as ``NUM``. Later patterns are written in terms of these: ``between NUM and NUM``. Every
word knows its place in the text, so that a quote is always a span of the text itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from forcest.drafting.patterns import words
from forcest.extras import needed

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Token

ABBREVIATIONS = words("Lt. Col. Maj. Sgt. Capt. Brig. Cpl. Cmdr. Pvt. No. Nos. approx. c. ca. Sept.")
"""Abbreviations after which a sentence goes on, in addition to those that spaCy knows."""

MONTHS_AND_WORDS = {"march": "mar.", "may": "may."}
"""Months that are also words: with a capital letter they take the form of the abbreviated month."""

BEFORE_PLACES = words("in into inside across throughout to entered entering reached")
NO_PLACES = words(
    """
    january february april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday christmas parliament
    """
)
"""A capitalised word after "in" or "into" is a place, in the form ``~kursk``, unless it is one of these."""

_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "−": "-", "‑": "-", "\u00a0": " ", "\u202f": " "})
_UNSEEN = frozenset("\"'`*_()[]") | {"''", "``"}
"""Marks that patterns do not see: quotation marks, brackets, emphasis."""
_DASHES = {"—": ";", "--": ";", "…": "."}


@dataclass(frozen=True)
class Word:
    """A word of a text, or an expression of several words.

    Attributes
    ----------
    form : str
        What patterns see: the word in lower case, or the kind of expression in capitals.
    start, end : int
        Its span in the text.
    meaning : object
        What the expression says; None for a plain word.
    """

    form: str
    start: int
    end: int
    meaning: Any = None


@dataclass(frozen=True)
class Sentence:
    """Words of one sentence, and the text they are from."""

    text: str
    words: tuple[Word, ...]
    paragraph: int = 0

    @cached_property
    def norm(self) -> str:
        """The forms of the words, one space before and after each."""
        return f" {' '.join(word.form for word in self.words)} "

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 1
        for word in self.words:
            starts.append(at)
            at += len(word.form) + 1
        return starts

    def word_at(self, offset: int) -> int:
        """The index of the word at an offset of :attr:`norm`."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def span(self, match: re.Match[str], group: int | str = 0) -> tuple[int, int]:
        """First and last index, the latter exclusive, of the words that a match on :attr:`norm` covers."""
        found = match[group]
        start = match.start(group) + len(found) - len(found.lstrip())
        return self.word_at(start), self.word_at(match.end(group) - 1 - (len(found) - len(found.rstrip()))) + 1

    def part(self, start: int, end: int) -> str:
        """The forms of some words, one space before and after each."""
        return f" {' '.join(word.form for word in self.words[start:end])} " if start < end else " "

    def quote(self, start: int, end: int) -> str:
        """The text of some words, letter by letter."""
        return self.text[self.words[start].start : self.words[end - 1].end]

    def replaced(self, pattern: re.Pattern[str], form: str, meaning: Callable[[Sentence, re.Match[str]], Any]) -> Sentence:
        """The same sentence with every match of a pattern as one word, unless the meaning of the match is None.

        The group ``whole`` of the pattern, if it has one, is what is replaced.
        """
        kept: list[Word] = []
        done = at = 0
        while match := pattern.search(self.norm, at):
            at = match.end() - 1 if match.end() - 1 > match.start() else match.end()
            start, end = self.span(match, "whole" if "whole" in pattern.groupindex else 0)
            means = meaning(self, match) if start >= done else None
            if means is None:
                at = match.start() + 1
                continue
            kept += [*self.words[done:start], Word(form, self.words[start].start, self.words[end - 1].end, means)]
            done = end
        return Sentence(self.text, (*kept, *self.words[done:]), self.paragraph)


@lru_cache(maxsize=1)
def _language() -> Language:
    """Tokenizer and sentence boundaries of English: rules of spaCy, no model."""
    language = needed("spacy", "a draft").blank("en")  # the import takes two seconds
    language.add_pipe("sentencizer")
    for word in ABBREVIATIONS:
        language.tokenizer.add_special_case(word, [{"ORTH": word}])  # pyright: ignore[reportFunctionMemberAccess]
    return language


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text; a blank line ends a paragraph."""
    for number, paragraph in enumerate(re.finditer(r"\S(?:.|\n(?!\s*\n))*", text)):
        for found in _language()(paragraph[0].translate(_PLAIN)).sents:
            tokens = [token for token in found if _is_seen(token)]
            if tokens:
                yield Sentence(text, tuple(_word(tokens, i, paragraph.start()) for i in range(len(tokens))), number)


def _is_seen(token: Token) -> bool:
    return not token.is_space and token.text not in _UNSEEN


def _word(tokens: Sequence[Token], i: int, offset: int) -> Word:
    text = tokens[i].text
    form = _DASHES.get(text, text.lower())
    if text[0].isupper() and form in MONTHS_AND_WORDS:
        form = MONTHS_AND_WORDS[form]
    elif text[0].isupper() and form not in NO_PLACES and _after_in(tokens[max(i - 2, 0) : i]):
        form = f"~{form}"
    start = offset + tokens[i].idx
    return Word(form, start, start + len(text))


def _after_in(tokens: Sequence[Token]) -> bool:
    """Whether two words end in "in" or "in the"."""
    before = [token.lower_ for token in tokens]
    return before != [] and (before[-1] in BEFORE_PLACES or (before[-1] == "the" and before[0] in BEFORE_PLACES))
