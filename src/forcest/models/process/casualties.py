"""Of what kind casualties are."""

from __future__ import annotations

from pydantic import Field

from forcest.models.description.base import Description
from forcest.models.description.priors import Positive, Share, between


class CasualtyMix(Description):
    """Of what kind casualties are; the killed include those who die of wounds.

    Parameters
    ----------
    wounded_per_killed : Prior
    captured, missing : Prior
        Shares of all casualties (missing: of those not captured).

    Examples
    --------
    >>> mix = fc.CasualtyMix(wounded_per_killed=fc.between(2, 6))
    >>> round(mix.wounded_per_killed.quantile(0.5), 1)
    3.5
    """

    wounded_per_killed: Positive = Field(default_factory=lambda: between(1.5, 11, prob=0.95).as_prior("lognormal"))
    captured: Share = Field(default_factory=lambda: between(0.0005, 0.03).as_prior("logitnormal"))
    missing: Share = Field(default_factory=lambda: between(0.001, 0.05).as_prior("logitnormal"))


def mix_shares(p) -> dict:
    """Share of each kind among casualties; they sum to one."""
    captured = p["captured_share"]
    missing = (1 - captured) * p["missing_share"]
    killed = (1 - captured - missing) / (1 + p["wounded_per_killed"])
    return {"killed": killed, "wounded": killed * p["wounded_per_killed"], "captured": captured, "missing": missing}
