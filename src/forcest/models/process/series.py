"""Series of a force model that claims read, and the scalars by which they are multiplied.

The count of a claim is a sum of products of a scalar and a series: for example, the killed by a date are the share of the killed
times the cumulative casualties.
"""

from __future__ import annotations

from forcest.ledger.measures import KINDS

# Scalars; the size of wave w is scalar WAVE + w.
ONE, COMBAT_VALUE = range(2)
SCALARS = {"": ONE, "combat_value": COMBAT_VALUE} | {kind: 2 + i for i, kind in enumerate(KINDS)}
KILLED, WOUNDED = SCALARS["killed"], SCALARS["wounded"]
WAVE = 2 + len(KINDS)

# Series (casualties are of all kinds); from WAVES on, the shares of each wave that have reached the front and that have arrived.
FRONT, CASUALTIES, RETURNED, INVALIDED, HOME, PARTNER, WAVES = range(7)


def reached_series(wave):
    """Series of the share of a wave that has reached the front."""
    return WAVES + 2 * wave


def arrived_series(wave):
    """Series of the share of a wave that has arrived."""
    return WAVES + 2 * wave + 1
