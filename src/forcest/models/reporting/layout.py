"""Labels of the reporting parameters of a ledger: sources, stances, classes, origin groups.

A layout determines the dimension of the model. Any part of its ledger can be fitted with it, without recompiling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from forcest.ledger.measures import KINDS, MEASURES
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.origins import Claim
from forcest.models.reporting.readings import READS, Curve, curves_of, window_of

SourceClass = tuple[str, ...]
"""A bias cell: a source and a class of measures, and the force if there are several."""


BULLETIN = 12
"""Short windows of one measure that make a source a bulletin: more than the strikes or battles that are told one by one."""


class EventWindow(NamedTuple):
    """Window in which claims count one kind of loss of one force (empty if there is one) separately."""

    kind: str
    force: str
    start: pd.Timestamp
    end: pd.Timestamp

    def __str__(self) -> str:
        """Its label among the parameters."""
        return f"{Curve((self.kind,), force=self.force)} {self.start:%Y-%m-%d}/{self.end:%Y-%m-%d}"


@dataclass(frozen=True)
class Layout:
    """Labels of the reporting parameters, and the curves that claims read.

    Parameters
    ----------
    sources : tuple of str
    speakers : tuple of str
        Who has a source effect: the sources. A source with several stances, toward several forces or by kind of statement, is a
        speaker of its own in each, ``source (stance)``. Records are left out if they have only the bias of their stance.
    stances : tuple of str
        ``stance:class`` of every shared level, such as ``enemy:losses``; ``stance:class:force`` with several forces.
    source_classes : tuple of SourceClass
    rounding_sources : tuple of str
        Sources with at least two point claims, whose rounding can be learned.
    origin_groups : tuple of str
    bulletins : tuple of (SourceClass, months)
        Months in which a source speaks of a class of measures, if it does so in several.
    curves : tuple of Curve
        Curves that claims read, in the order of their labels.
    forces : tuple of str
        Forces with biases of their own; empty if there is one force.
    kinds : dict of str to tuple of str
        Kinds of casualty that have curves of their own, by force ("" for the only one); see
        :func:`forcest.models.reporting.readings.curves_of`.
    events : tuple of EventWindow
        Windows that claims count separately; see :func:`event_windows`.
    """

    sources: tuple[str, ...]
    speakers: tuple[str, ...]
    stances: tuple[str, ...]
    source_classes: tuple[SourceClass, ...]
    rounding_sources: tuple[str, ...]
    origin_groups: tuple[str, ...]
    bulletins: tuple[tuple[SourceClass, tuple[str, ...]], ...]
    curves: tuple[Curve, ...]
    forces: tuple[str, ...] = ()
    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"": KINDS}, hash=False)
    events: tuple[EventWindow, ...] = ()

    @property
    def drift_steps(self) -> list[tuple[SourceClass, str]]:
        """Source and class, and month, of every drift step."""
        return [(of, month) for of, months in self.bulletins for month in months]

    def level_of(self, row: Mapping[str, Any], cls: str) -> str:
        """Label of the shared level of a claim."""
        return ":".join([row["stance"], cls, *_force(row, self.forces)])

    def source_class_of(self, row: Mapping[str, Any], cls: str) -> SourceClass:
        """The source and class of a claim."""
        return (row["source"], cls, *_force(row, self.forces))

    def speaker_of(self, row: Mapping[str, Any]) -> str:
        """Label of the source effect of a claim."""
        return name if (name := _sided(row)) in self.speakers else row["source"]

    def curves_of(self, row: Mapping[str, Any]) -> tuple[Curve, ...]:
        """The curves that a claim may mean."""
        return _curves(row, self.forces, self.kinds)


def bias_class(claim: Claim) -> str:
    """Measure class whose bias applies to a claim, empty for equivalence."""
    return "" if claim.row["measure"] == "equivalence" else MEASURES[claim.row["measure"]].bias


def layout_of(
    claims: Sequence[Claim],
    reporting: Reporting,
    forces: tuple[str, ...] = (),
    kinds: Mapping[str, tuple[str, ...]] | None = None,
    events: tuple[EventWindow, ...] = (),
) -> Layout:
    """The layout of a set of claims.

    Parameters
    ----------
    claims : sequence of Claim
    reporting : Reporting
    forces, kinds, events
        See :class:`Layout`.
    """
    kinds = dict.fromkeys(forces or ("",), KINDS) if kinds is None else kinds
    biased = [(c.row, bias_class(c)) for c in claims if bias_class(c)]
    varied = [(row, cls) for row, cls in biased if _varies(row, reporting)]
    points = Counter(c.row["source"] for c in claims if c.cells[0].grid >= 0)
    return Layout(
        sources=tuple(sorted({row["source"] for row, _ in biased})),
        speakers=_speakers([row for row, _ in varied]),
        stances=tuple(sorted({":".join([row["stance"], cls, *_force(row, forces)]) for row, cls in biased})),
        source_classes=tuple(sorted({(row["source"], cls, *_force(row, forces)) for row, cls in varied})),
        rounding_sources=tuple(sorted(source for source, n in points.items() if n > 1)),
        origin_groups=tuple(sorted({c.group for c in claims if c.group})),
        bulletins=_bulletins(claims, reporting, forces),
        curves=tuple(sorted({curve for c in claims for curve in _curves(c.row, forces, kinds)}, key=str)),
        forces=forces,
        kinds=kinds,
        events=events,
    )


def event_windows(
    claims: Sequence[Claim], shorter_than: int, forces: tuple[str, ...], kinds: Mapping[str, tuple[str, ...]]
) -> tuple[EventWindow, ...]:
    """Short windows that claims count separately: one strike, one ship, one battle.

    A source with :data:`BULLETIN` short windows of one measure and force reports every day or week: these are no events.

    Parameters
    ----------
    claims : sequence of Claim
    shorter_than : int  [days]
        Distance of the knots of the rates: what a longer window counts is the rate itself.
    forces, kinds
        See :class:`Layout`.
    """

    def voice(row: Mapping[str, Any]) -> tuple[str, ...]:
        return row["source"], row["measure"], row["force"]

    flows = [c.row for c in claims if READS[c.row["measure"], c.row["scope"]].how == "growth" and not c.since]
    short = [row for row, (start, end) in zip(flows, map(window_of, flows), strict=True) if (end - start).days + 1 < shorter_than]
    counted = Counter(voice(row) for row in short)
    windows = {
        EventWindow(part, curve.force, *window_of(row))
        for row in short
        if counted[voice(row)] < BULLETIN
        for curve in _curves(row, forces, kinds)
        for part in curve.parts
    }
    return tuple(sorted(windows))


def month_of(claim: Claim) -> str:
    """Month that a claim refers to."""
    return f"{claim.row['as_of']:%Y-%m}"


def month_number(month: str) -> int:
    """A month as a number that grows by one a month."""
    return 12 * int(month[:4]) + int(month[5:])


def _force(row: Mapping[str, Any], forces: tuple[str, ...]) -> tuple[str, ...]:
    return (row["force"],) if forces else ()


def _varies(row: Mapping[str, Any], reporting: Reporting) -> bool:
    """Whether a source has a bias of its own in addition to the level of its stance."""
    return reporting.record_effects or row["stance"] != "record"


def _sided(row: Mapping[str, Any]) -> str:
    return f"{row['source']} ({row['stance']})"


def _curves(row: Mapping[str, Any], forces: tuple[str, ...], kinds: Mapping[str, tuple[str, ...]]) -> tuple[Curve, ...]:
    force = row["force"] if forces else ""
    return curves_of(row, kinds[force], force)


def _speakers(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    stances: dict[str, set[str]] = {}
    for row in rows:
        stances.setdefault(row["source"], set()).add(row["stance"])
    return tuple(sorted({_sided(row) if len(stances[row["source"]]) > 1 else row["source"] for row in rows}))


def _bulletins(
    claims: Sequence[Claim], reporting: Reporting, forces: tuple[str, ...]
) -> tuple[tuple[SourceClass, tuple[str, ...]], ...]:
    spoken: dict[SourceClass, set[str]] = {}
    for claim in claims:
        if (cls := bias_class(claim)) and _varies(claim.row, reporting):
            spoken.setdefault((claim.row["source"], cls, *_force(claim.row, forces)), set()).add(month_of(claim))
    return tuple((cell, tuple(sorted(months))) for cell, months in sorted(spoken.items()) if len(months) >= reporting.drift_from)
