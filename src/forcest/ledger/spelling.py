"""Spelling: names that look like one name, and near matches for a name that is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

_NEAR = 0.9  # share of letters in common; "Ukrainian officials" and "Ukrainian official" are 0.97


def lookalikes(names: Iterable[str]) -> dict[str, str]:
    """For each name that looks like another spelling of a more frequent (or earlier) one: that one."""
    ranked = [name for name, _ in Counter(names).most_common()]
    letters = {name: "".join(filter(str.isalnum, name.casefold())) for name in ranked}
    found: dict[str, str] = {}
    for rank, name in enumerate(ranked):
        for other in ranked[:rank]:
            if _near(letters[name], letters[other]):
                found[name] = other
                break
    return found


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    # 93rd brigade and 92nd brigade are two brigades, and short acronyms differ by a letter on purpose.
    if min(len(one), len(other)) < 8 or list(filter(str.isdigit, one)) != list(filter(str.isdigit, other)):
        return False
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.real_quick_ratio() >= _NEAR and match.quick_ratio() >= _NEAR and match.ratio() >= _NEAR


def did_you_mean(name: str, known: Collection[str]) -> str:
    """A hint for a name that is not among the known ones."""
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    if not near:
        folded = {other.casefold(): other for other in known}
        near = [folded[name.casefold()]] if name.casefold() in folded else []
    return "Did you mean " + " or ".join(f'"{other}"' for other in near) + "?" if near else ""
