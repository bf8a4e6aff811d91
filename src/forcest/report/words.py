"""Numbers and probabilities in words."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

ICD_203 = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.00, "almost certain"),
)
"""Upper ends of the ranges of Intelligence Community Directive 203 (US, 2015), section D.6.e."""


def in_words(probability: float) -> str:
    """The word of ICD 203 for a probability."""
    return next(word for upper, word in ICD_203 if probability <= upper)


def percent(probability: float) -> str:
    """A probability in per cent; draws cannot tell 0 or 100."""
    return "below 1 %" if probability < 0.01 else "above 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def number(x: float, unit: str = "persons") -> str:
    """A count with thousands separators, a ratio with two digits."""
    if not np.isfinite(x):
        return "–"
    return f"{x:.2f}" if unit == "partner soldiers per soldier" else f"{x:,.0f}"


def day(date: object) -> str:
    """A date as ``26 February 2025``."""
    when = pd.Timestamp(date)  # pyright: ignore[reportArgumentType]
    return f"{when.day} {when:%B %Y}" if isinstance(when, datetime.datetime) else ""


def spaced(name: str) -> str:
    """A name of the data in plain words."""
    return name.replace("_", " ")
