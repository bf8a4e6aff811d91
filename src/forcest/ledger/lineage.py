"""Lineage: which claim repeats or corrects which, as links from an id to earlier ids."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Links = Mapping[str, tuple[str, ...]]


def linked_ids(cell: str) -> tuple[str, ...]:
    """The ids of a cell such as ``nk113+nk114``."""
    return tuple(part.strip() for part in cell.split("+")) if cell else ()


def links(ids: Iterable[str], cells: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The linked ids of every claim that has any, by id."""
    return {id_: linked_ids(cell) for id_, cell in zip(ids, cells, strict=True) if cell}


def ancestors(links: Mapping[str, Sequence[str]], *ids: str) -> Iterator[str]:
    """All ids that claims go back to, nearest first; contains a claim itself only if it is part of a cycle."""
    seen: set[str] = set()
    waiting = deque(near for id_ in ids for near in links.get(id_, ()))
    while waiting:
        near = waiting.popleft()
        if near not in seen:
            seen.add(near)
            yield near
            waiting.extend(links.get(near, ()))


def descendants(links: Links, ids: Iterable[str]) -> set[str]:
    """The ids, and all that go back to one of them."""
    back: dict[str, list[str]] = defaultdict(list)
    for id_, linked in links.items():
        for other in linked:
            back[other].append(id_)
    return {*ids, *ancestors(back, *ids)}


def latest(links: Links, ids: Sequence[str]) -> dict[str, str]:
    """For every id that some claims go back to, the claim that goes back to it: the last of those in the order given."""
    found: dict[str, str] = {}
    for id_ in reversed(ids):
        waiting = deque(links.get(id_, ()))
        while waiting:
            near = waiting.popleft()
            if near not in found:  # else all that it goes back to is found too
                found[near] = id_
                waiting.extend(links.get(near, ()))
    return found


def in_cycles(links: Links) -> set[str]:
    """The ids that lead back to themselves through others."""
    names = list(dict.fromkeys([*links, *(other for linked in links.values() for other in linked)]))
    place = {name: i for i, name in enumerate(names)}
    ties = [(place[id_], place[other]) for id_, linked in links.items() for other in linked]
    if not ties:
        return set()
    graph = coo_array((np.ones(len(ties)), tuple(zip(*ties, strict=True))), shape=(len(names), len(names)))
    group = connected_components(graph, connection="strong")[1]
    return {name for name, size in zip(names, np.bincount(group)[group], strict=True) if size > 1}


def ends(links: Links, ids: Iterable[str]) -> dict[str, str]:
    """For each claim, the nearest one that it goes back to which repeats none or several others, or which is part of a cycle."""
    found: dict[str, str] = {}
    for id_ in ids:
        path = {}
        while id_ not in found and id_ not in path and len(links.get(id_, ())) == 1:
            path[id_] = None
            id_ = links[id_][0]
        found |= dict.fromkeys(path, found.get(id_, id_)) | {id_: found.get(id_, id_)}
    return found


def roots(links: Links, id_: str) -> list[str]:
    """The original claims that a claim goes back to: itself if it has no links."""
    return [ancestor for ancestor in (id_, *ancestors(links, id_)) if not links.get(ancestor)] or [id_]


def contracted(links: Links, id_: str, kept: Collection[str]) -> list[str]:
    """The links of a claim if only some claims are kept: a removed claim is replaced by the claims it goes back to.

    A removed original claim stays named, so that its copies can still be recognised as copies of one claim.
    """
    found: dict[str, None] = {}
    waiting, seen = list(links.get(id_, ())), {id_}
    while waiting:
        near = waiting.pop(0)
        if near in kept or not links.get(near):
            found[near] = None
        elif near not in seen:
            seen.add(near)
            waiting = [*links[near], *waiting]
    return list(found)
