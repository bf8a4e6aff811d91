"""How the tables of words are written: lists of words, and patterns over several lines."""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def joined(pattern: str) -> str:
    """A pattern written over several lines: line breaks, with the blanks around them, do not count.

    A blank that counts at the beginning or end of a line is written ``[ ]``.
    """
    return re.sub(r"\s*\n\s*", "", pattern)


def any_of(texts: frozenset[str]) -> str:
    """A pattern for any of some words, the longest first."""
    return f"(?:{'|'.join(sorted(texts, key=lambda word: (-len(word), word)))})"
