"""Spelling: names that may be one name spelled twice, and suggestions for an unknown name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

COMPARED = 1_000
_SIMILAR = 0.9  # similarity of the letters; "Ukrainian officials" and "Ukrainian official" have 0.97


def second_spellings(names: Iterable[str]) -> dict[str, str]:
    """For each name that may be a second spelling of a more frequent (or earlier) name: that name.

    Names with the same letters are found among any number, similar ones among the ``COMPARED`` most frequent names.
    """
    ranked = [name for name, _ in Counter(names).most_common()]
    letters = {name: "".join(filter(str.isalnum, name.casefold())) for name in ranked}
    found, first = {}, {}
    for name in ranked[COMPARED:]:
        first = first or {letters[other]: other for other in reversed(ranked[:COMPARED])}
        if (other := first.setdefault(letters[name], name)) != name:
            found[name] = other
    for rank, name in enumerate(ranked[:COMPARED]):
        for other in ranked[:rank]:
            if _similar(letters[name], letters[other]):
                found[name] = other
                break
    return found


def _similar(one: str, other: str) -> bool:
    if one == other:
        return True
    # The 93rd and the 92nd brigade are two brigades, and short acronyms may differ by one letter.
    if min(len(one), len(other)) < 8 or list(filter(str.isdigit, one)) != list(filter(str.isdigit, other)):
        return False
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.real_quick_ratio() >= _SIMILAR and match.quick_ratio() >= _SIMILAR and match.ratio() >= _SIMILAR


def did_you_mean(name: str, known: Collection[str]) -> str:
    """A suggestion of known names similar to an unknown one, ``""`` if there are none."""
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    if not near:
        folded = {other.casefold(): other for other in known}
        near = [folded[name.casefold()]] if name.casefold() in folded else []
    return "Did you mean " + " or ".join(f'"{other}"' for other in near) + "?" if near else ""
