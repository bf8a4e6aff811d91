"""The measures that tables and figures show, in their order: those of the ledger's table that have a label."""

from __future__ import annotations

from forcest.ledger.measures import MEASURES as ALL
from forcest.ledger.measures import Measure

MEASURES: dict[str, Measure] = {name: measure for name, measure in ALL.items() if measure.label}


def name_of(headline: str) -> str:
    """What a headline measure is called, such as "Killed", or "The force: killed" where there are several forces."""
    *force, name = headline.rsplit(": ", 1)
    label = MEASURES[name].label.removesuffix(", cumulative")
    return f"{force[0]}: {label[0].lower()}{label[1:]}" if force else label
