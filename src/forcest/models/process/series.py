"""Series of a force model that claims read, and the scalars by which they are multiplied.

A claim's count is a sum of products of a scalar and a series: those killed by a date, say, are the share of the killed times the
cumulative casualties.
"""

from __future__ import annotations

# Scalars; the size of wave w is scalar WAVE + w.
ONE, KILLED, WOUNDED, CAPTURED, MISSING, COMBAT_VALUE, WAVE = range(7)
SCALARS = {"": ONE, "killed": KILLED, "wounded": WOUNDED, "captured": CAPTURED, "missing": MISSING, "combat_value": COMBAT_VALUE}

# Series; from WAVES on, for each wave what has reached the front and what has arrived, per person of the wave.
FRONT, CASUALTIES, RETURNED, INVALIDED, HOME, PARTNER, WAVES = range(7)


def reached_series(wave):
    """Series of what of a wave has reached the front."""
    return WAVES + 2 * wave


def arrived_series(wave):
    """Series of what of a wave has arrived."""
    return WAVES + 2 * wave + 1
