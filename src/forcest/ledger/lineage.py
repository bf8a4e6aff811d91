"""Lineage: which claim repeats or corrects which, as links from an id to earlier ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

Links = Mapping[str, tuple[str, ...]]


def linked_ids(cell: str) -> tuple[str, ...]:
    """The ids of a cell such as ``nk113+nk114``."""
    return tuple(part.strip() for part in cell.split("+")) if cell else ()


def links(ids: Iterable[str], cells: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The linked ids of every claim that has any, by id."""
    return {id_: linked_ids(cell) for id_, cell in zip(ids, cells, strict=True) if cell}


def ancestors(links: Links, id_: str) -> list[str]:
    """All ids that a claim goes back to, nearest first; contains the claim itself only if it is part of a cycle."""
    found: dict[str, None] = {}
    waiting = list(links.get(id_, ()))
    while waiting:
        near = waiting.pop(0)
        if near not in found:
            found[near] = None
            waiting.extend(links.get(near, ()))
    return list(found)


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
