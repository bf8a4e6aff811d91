"""Kinds of casualty: killed, wounded, and kinds with a share of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from forcest.ledger.measures import KINDS
from forcest.models.description.base import Description
from forcest.models.description.priors import Positive, Prior, Share, between

WIDE_SHARES = {
    "captured": between(0.001, 0.8),
    "missing": between(0.001, 0.4),
    "deserted": between(0.002, 0.3),
    "sick": between(0.02, 0.8),
}
"""Shares of the kinds that a mix has only if claims count them; the reasons are in docs/decisions/0026 and 0028."""


PER_KILLED = {
    "casualties": between(2, 12).as_prior("lognormal"),
    "wounded": between(1.5, 11, prob=0.95).as_prior("lognormal"),
    "captured": between(0.003, 30).as_prior("lognormal"),
    "missing": between(0.01, 3).as_prior("lognormal"),
    "deserted": between(0.01, 10).as_prior("lognormal"),
    "sick": between(0.1, 30).as_prior("lognormal"),
}
"""Losses of each kind for one killed, over wars of all sorts; the reasons are in docs/decisions/0028."""


class CasualtyMix(Description):
    """Shares of the kinds of casualty; the killed include those who die of wounds.

    Parameters
    ----------
    wounded_per_killed : Prior
    captured, missing, deserted, sick : Prior, optional
        Shares of casualties, each of those of none of the kinds before it. A kind is part of the model only where it is given a
        share: a ledger without claims on it says nothing of it. The sick are treated in hospital and return as the wounded do.

    Examples
    --------
    >>> mix = fc.CasualtyMix(wounded_per_killed=fc.between(2, 6))
    >>> round(mix.wounded_per_killed.quantile(0.5), 1)
    3.5
    >>> fc.CasualtyMix(sick=fc.between(0.02, 0.8)).kinds
    ('killed', 'wounded', 'sick')
    """

    wounded_per_killed: Positive = Field(default_factory=lambda: between(1.5, 11, prob=0.95).as_prior("lognormal"))
    captured: Share | None = None
    missing: Share | None = None
    deserted: Share | None = None
    sick: Share | None = None

    @classmethod
    def counting(cls, kinds: Iterable[str]) -> CasualtyMix:
        """The default mix, with wide shares for those of ``kinds`` that are neither killed nor wounded."""
        return cls(**{kind: WIDE_SHARES[kind] for kind in kinds if kind in WIDE_SHARES})

    @property
    def shares(self) -> dict[str, Prior]:
        """Priors of the kinds with a share of their own, each among the casualties of none of the kinds before it."""
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
