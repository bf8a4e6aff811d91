"""Losses alone, of any number of forces and kinds, for ledgers without strengths."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import pandas as pd
from pydantic import Field, field_validator, model_validator

from forcest.errors import LedgerError
from forcest.ledger.measures import KINDS, LOSSES
from forcest.models.density.bound import of_people
from forcest.models.density.losses import BoundLosses, bind, counts
from forcest.models.description.calendar import LONG, LOOK_AHEAD, Step
from forcest.models.description.model import Model
from forcest.models.description.priors import Positive, between
from forcest.models.parameters.parameter import prior_table
from forcest.models.process.casualties import PER_KILLED
from forcest.models.process.loss_rates import LossRate
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.layout import Layout
from forcest.models.reporting.readings import READS, days_of_claims

if TYPE_CHECKING:
    from forcest.ledger import Ledger

DAYS_BEFORE = (1, 365)


class LossModel(Model):
    """Smooth, correlated rates of losses by force and kind, and the claims made about their sums.

    Parameters
    ----------
    start, end : date
        First and last day of the curves; every claim must refer to a day between them.
    step : str
        Days from node to node, such as ``"D"`` or ``"3D"``.
    kinds : tuple of str
        Kinds of loss with a rate of their own. If "casualties" is one of them, it is a free curve that every claim on casualties
        reads; otherwise casualties are the sum of the kinds that a claim counts.
    rate : LossRate
    per_killed : dict of str to Prior
        Rate of each other kind as a multiple of that of the killed, where the killed are counted too (``rate.level`` is then that
        of the killed). Given entries replace the defaults, which are those of no war in particular.
    days_before : Prior, optional  [days]
        Losses of each force and kind before ``start``, in days at their rate in the middle of the calendar; none unless given.
    reporting : Reporting
        By default, records anchor the level (``record_effects=False``).
    forces : tuple of str, optional
        Names of the forces; those of the ledger unless given.

    Examples
    --------
    >>> losses = ledger.filter(measure=["killed", "wounded"])
    >>> by_kind = fc.LossModel(start="2024-10-01", end="2025-03-31", kinds=("killed", "wounded"))
    >>> by_kind.priors(losses)["name"].tolist()[:2]
    ['loss_rate[killed]', 'loss_ratio[wounded]']
    >>> fc.LossModel.default(losses).kinds
    ('killed', 'wounded')
    """

    kind: Literal["LossModel"] = "LossModel"
    start: date
    end: date
    step: Step = "D"
    kinds: tuple[str, ...] = ("killed", "wounded")
    rate: LossRate = Field(default_factory=LossRate)
    per_killed: dict[str, Positive] = Field(default_factory=dict, validate_default=True)
    days_before: Positive | None = None
    reporting: Reporting = Field(default_factory=lambda: Reporting(record_effects=False))
    forces: tuple[str, ...] | None = None

    @field_validator("per_killed", mode="after")
    @classmethod
    def _fill_ratios(cls, given: dict) -> dict:
        if unknown := [kind for kind in given if kind not in PER_KILLED]:
            raise ValueError(f"`per_killed` is for {', '.join(PER_KILLED)}; got {', '.join(map(repr, unknown))}")
        return {**PER_KILLED, **given}

    @model_validator(mode="after")
    def _check(self) -> LossModel:
        for name, labels in (("kinds", self.kinds), ("forces", self.forces)):
            if labels is not None and (not labels or len(set(labels)) < len(labels)):
                raise ValueError(f"`{name}` must name each once, at least one; got {labels}")
        if unknown := [kind for kind in self.kinds if kind not in LOSSES]:
            raise ValueError(f"`kinds` must be among {', '.join(LOSSES)}; got {', '.join(map(repr, unknown))}")
        return self

    @classmethod
    def default(cls, ledger: Ledger) -> LossModel:
        """A model built from the dates, forces and kinds of loss of a ledger.

        Parameters
        ----------
        ledger : Ledger

        Returns
        -------
        LossModel
            The killed, and wounded and other kinds if a claim or its definition counts them; casualties are their sums. A force has
            the kinds that claims count of it. The calendar runs from the day before the first date of a claim, with a wide prior of
            earlier losses, to three months after the last; it goes by weeks where it is longer than two years and no strike or
            battle is counted by itself. If the first day of the war is known, replace `start`, and set `days_before` to None.

        Raises
        ------
        LedgerError
            If some usable claim is not about losses.
        """
        return _default(ledger)

    def on(self, ledger: Ledger, layout: Layout | None = None) -> BoundLosses:
        """The model bound to the claims of a ledger, in the ledger's own layout or a given larger one."""
        return bind(self, ledger, layout)

    def priors(self, ledger: Ledger) -> pd.DataFrame:
        """Every prior: `name`, `unit`, `median`, `low` and `high` (equal-tailed 90 %), `family` and `description`.

        Parameters
        ----------
        ledger : Ledger
            Its forces and sources have parameters of their own.

        Returns
        -------
        DataFrame
            One row per parameter, or per entry where the priors of its entries differ.
        """
        bound = self.on(ledger)
        return prior_table(bound.parameters, bound.coords)


def _default(ledger: Ledger) -> LossModel:
    rows = of_people(ledger.usable(), "LossModel")
    others = sorted({str(m) for m, s in zip(rows["measure"], rows["scope"], strict=True) if _loss(m, s) not in LOSSES})
    if others:
        raise LedgerError(
            f"a LossModel is for losses only; got claims on {', '.join(others)}. Use ForceModel.default, or give those rows a "
            "reason in `exclude`."
        )
    counted = {kind for row in rows.to_dict("records") for kind in counts(row)}
    first, last = days_of_claims(rows)
    start, end = first - pd.Timedelta(days=1), last + LOOK_AHEAD
    model = LossModel(
        start=start.date(),
        end=end.date(),
        kinds=tuple(kind for kind in KINDS if kind in counted),
        days_before=between(*DAYS_BEFORE),
    )
    by_weeks = end - start > LONG and not model.on(ledger).layout.events  # a strike or a battle needs days of its own
    return model.replace(step="W") if by_weeks else model


def _loss(measure: str, scope: str) -> str:
    """The curve that a claim reads; those admitted to hospital are the wounded."""
    curve = READS[measure, scope].curve
    return "wounded" if curve == "admitted" else curve
