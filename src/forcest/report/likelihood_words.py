"""Words of estimative probability, as the US intelligence directive ICD 203 (2015, D.6.e.2.a) orders them."""

from __future__ import annotations

UPPER_ENDS = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
)


def likelihood_word(probability: float) -> str:
    """The word for a probability; an end that two words share belongs to the more cautious, nearer to even."""
    if probability < 0.5:
        return next(word for end, word in UPPER_ENDS if probability < end)
    return next((word for end, word in UPPER_ENDS if probability <= end), "almost certain")


def percent(probability: float) -> str:
    """A probability as whole percent; never 0 or 100, which draws cannot show."""
    if probability < 0.01:
        return "under 1 %"
    return "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"
