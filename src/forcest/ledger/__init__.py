"""The ledger: public reports of a force as validated data."""

from forcest.ledger.claims import Ledger
from forcest.ledger.reading import read_ledger

__all__ = ["Ledger", "read_ledger"]
