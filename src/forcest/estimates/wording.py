"""Numbers as a person says them."""

from __future__ import annotations

import numpy as np

DIGITS = 2
"""Significant digits of a number that is said rather than tabulated."""


def about(persons: float) -> str:
    """A number of people with two significant digits: 618 is 620.

    Examples
    --------
    >>> about(14_910.1), about(618.0), about(2.49), about(0.2)
    ('15,000', '620', '2', 'fewer than 1')
    """
    if persons <= 0:
        return "0"
    if persons < 0.5:
        return "fewer than 1"
    power = 10.0 ** max(0, int(np.floor(np.log10(persons))) + 1 - DIGITS)
    return f"{max(1, round(persons / power)) * power:,.0f}"


def interval_in_words(low: float, high: float) -> str:
    """An interval that follows "with 90 % probability": between two numbers, or what both say alike."""
    return about(low) if about(low) == about(high) else f"between {about(low)} and {about(high)}"
