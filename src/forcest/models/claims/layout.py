"""The labels that a ledger gives to the reporting parameters: sources, stances, classes, origin groups.

A layout fixes the dimension of the model. Any part of the ledger it was made from can be fitted with it, without compiling anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from forcest.models.claims.origins import Claim
from forcest.models.claims.readings import curves_of
from forcest.models.reporting import BIAS_CLASS, Reporting


@dataclass(frozen=True)
class Layout:
    """Labels of the reporting parameters, and the curves that claims read.

    Parameters
    ----------
    sources : tuple of str
    stances : tuple of str
        ``stance:class`` of every shared level, such as ``enemy:losses``.
    source_classes : tuple of (source, class)
    rounding_sources : tuple of str
        Sources with at least two point claims, whose rounding can be learned.
    origin_groups : tuple of str
    bulletins : tuple of (source, class, months)
        Months that follow the first one of a source with many claims of one measure.
    curves : tuple of str
    """

    sources: tuple[str, ...]
    stances: tuple[str, ...]
    source_classes: tuple[tuple[str, str], ...]
    rounding_sources: tuple[str, ...]
    origin_groups: tuple[str, ...]
    bulletins: tuple[tuple[str, str, tuple[str, ...]], ...]
    curves: tuple[str, ...]

    @property
    def drift_steps(self) -> list[tuple[str, str, str]]:
        """Source, class and month of every step of a drift."""
        return [(source, cls, month) for source, cls, months in self.bulletins for month in months]


def bias_class(claim: Claim) -> str:
    """Measure class whose bias applies to a claim, empty for equivalence."""
    return "" if claim.row["measure"] == "equivalence" else BIAS_CLASS[claim.row["measure"]]


def layout_of(claims: Sequence[Claim], reporting: Reporting) -> Layout:
    """The layout that a set of claims asks for."""
    biased = [(c.row["source"], bias_class(c), c.row["stance"]) for c in claims if bias_class(c)]
    points = Counter(c.row["source"] for c in claims if c.cells[0].grid >= 0)
    return Layout(
        sources=tuple(sorted({source for source, _, _ in biased})),
        stances=tuple(sorted({f"{stance}:{cls}" for _, cls, stance in biased})),
        source_classes=tuple(sorted({(source, cls) for source, cls, _ in biased})),
        rounding_sources=tuple(sorted(source for source, n in points.items() if n > 1)),
        origin_groups=tuple(sorted({c.group for c in claims if c.group})),
        bulletins=_bulletins(claims, reporting),
        curves=tuple(sorted({curve for c in claims for curve in curves_of(c.row)})),
    )


def month_of(claim: Claim) -> str:
    """Month that a claim refers to."""
    return f"{claim.row['as_of']:%Y-%m}"


def _bulletins(claims: Sequence[Claim], reporting: Reporting) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    many = Counter((c.row["source"], c.row["measure"]) for c in claims if bias_class(c))
    cells = sorted({(source, BIAS_CLASS[measure]) for (source, measure), n in many.items() if n >= reporting.drift_from})
    found = []
    for source, cls in cells:
        months = [month_of(c) for c in claims if (c.row["source"], bias_class(c)) == (source, cls)]
        steps = pd.period_range(min(months), max(months), freq="M")[1:]
        if len(steps):
            found.append((source, cls, tuple(str(month) for month in steps)))
    return tuple(found)
