"""The measures that tables and figures show, in their order: those of the ledger's table that have a label."""

from __future__ import annotations

from forcest.ledger.measures import MEASURES as ALL
from forcest.ledger.measures import Measure

MEASURES: dict[str, Measure] = {name: measure for name, measure in ALL.items() if measure.label}
