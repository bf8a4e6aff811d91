"""Of what kinds casualties are: killed, wounded, and kinds with a share of their own."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from forcest.ledger.measures import KINDS
from forcest.models.description.base import Description
from forcest.models.description.priors import Positive, Prior, Share, between


class CasualtyMix(Description):
    """Of what kinds casualties are; the killed include those who die of wounds.

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

    @property
    def shares(self) -> dict[str, Prior]:
        """Priors of the kinds with a share of their own, each a share of the casualties that are of none of the kinds before it."""
        return {kind: prior for kind in KINDS if (prior := getattr(self, kind, None)) is not None}

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of casualty, in the order of claims and tables."""
        return tuple(kind for kind in KINDS if kind in ("killed", "wounded") or kind in self.shares)


def mix_shares(p: Mapping) -> dict:
    """Share of each kind among casualties, from parameters of one draw or of many; they sum to one."""
    rest, found = 1, {}
    for kind in KINDS:
        if f"{kind}_share" in p:
            found[kind] = rest * p[f"{kind}_share"]
            rest = rest - found[kind]
    killed = rest / (1 + p["wounded_per_killed"])
    return {"killed": killed, "wounded": killed * p["wounded_per_killed"]} | found
