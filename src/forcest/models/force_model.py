"""The flow of one force through training, front, hospital and home, and the claims made about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from forcest.errors import LedgerError
from forcest.ledger.measures import MEASURES
from forcest.models.density.bound import of_people
from forcest.models.density.force import OF_FIGHTING, BoundForce, bind, terms_of
from forcest.models.description.calendar import LONG, LOOK_AHEAD, Step
from forcest.models.description.model import Model
from forcest.models.description.priors import Positive, between
from forcest.models.parameters.parameter import prior_table
from forcest.models.process.arrivals import SmoothArrivals, Wave, Waves
from forcest.models.process.attrition import Attrition
from forcest.models.process.casualties import CasualtyMix
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Recovery
from forcest.models.process.partner import PartnerForce
from forcest.models.process.withdrawals import Withdrawal
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.layout import Layout
from forcest.models.reporting.readings import READS, counted_kinds, days_of_claims, window_of

if TYPE_CHECKING:
    from forcest.ledger import Ledger


STRENGTHS = tuple(name for name, measure in MEASURES.items() if measure.error in ("deployed", "stocks"))
WAVE_SIZE = (100, 100_000)
PARTNER_STRENGTH = (1_000, 1_000_000)
LEAD = pd.Timedelta(days=30)
GOING_HOME = (0.002, 0.7)
SHORTEST_RETURN = 7


class ForceModel(Model):
    """People of a force who arrive, train, fight, are lost or wounded, and return.

    Parameters
    ----------
    start, end : date
        First and last day of the curves; every claim must refer to a day between them.
    step : str
        Days from node to node, such as ``"D"``, ``"3D"`` or ``"W"``.
    arrivals : Waves or SmoothArrivals
    training : Delay
        From arrival to the front.
    attrition : Attrition, optional
        None (in a TOML file: ``false``) for a force that does not fight: it then has no losses of any kind.
    withdrawals : list of Withdrawal
    casualties : CasualtyMix
    recovery : Recovery
    partner : PartnerForce, optional
        Needed for claims on combined strength.
    combat_value : Prior  [partner soldiers per own soldier]
    reporting : Reporting
    force : str, optional
        Name of the force; taken from the ledger where it is not given.

    Examples
    --------
    >>> small = fc.ForceModel(
    ...     start="2024-10-01",
    ...     end="2025-03-31",
    ...     arrivals=fc.Waves(first=fc.Wave(size=fc.between(3_000, 30_000), window=("2024-10-08", "2024-11-15"))),
    ...     training=fc.Delay(mean=fc.between(10, 45)),
    ... )
    >>> priors = small.priors().set_index("name")
    >>> priors.loc["training_days[force]", "unit"], round(float(priors.loc["training_days[force]", "median"]), 1)
    ('days', 21.2)
    >>> shorter = small.replace(end="2025-02-28")  # the same with a field changed; a description never changes itself
    >>> str(shorter.end), str(small.end)
    ('2025-02-28', '2025-03-31')
    """

    kind: Literal["ForceModel"] = "ForceModel"
    start: date
    end: date
    step: Step = "D"
    arrivals: Waves | SmoothArrivals
    training: Delay = Field(default_factory=lambda: Delay(mean=between(10, 45)))
    attrition: Attrition | None = Field(default_factory=Attrition)
    withdrawals: tuple[Withdrawal, ...] = ()
    casualties: CasualtyMix = Field(default_factory=CasualtyMix)
    recovery: Recovery = Field(default_factory=Recovery)
    partner: PartnerForce | None = None
    combat_value: Positive = Field(default_factory=lambda: between(0.5, 4).as_prior("lognormal"))
    reporting: Reporting = Field(default_factory=Reporting)
    force: str | None = None

    @model_validator(mode="after")
    def _check(self) -> ForceModel:
        early = [str(when[0]) for w in self.withdrawals for when in (w.window, w.returns) if when and when[0] <= self.start]
        if early:
            raise ValueError(
                f"a withdrawal must begin after `start` {self.start}; got {', '.join(early)}. Move `start` or the window."
            )
        return self

    @classmethod
    def default(cls, ledger: Ledger) -> ForceModel:
        """A model built from the dates and the wave names of a ledger.

        Parameters
        ----------
        ledger : Ledger

        Returns
        -------
        ForceModel
            Waves if the column ``wave`` of the ledger names some, otherwise smooth arrivals; a partner force if there are claims on
            combined strength; no losses if no claim counts any, and shares of the captured, the missing, deserters or the sick if
            claims count them; people who go home unhurt between the dates of claims about it. The calendar runs from a month
            before the first date of a claim to three months after the last; it goes by weeks where it is longer than two years and
            no claim counts less than a week. Priors of sizes are wide and use no count of the ledger: replace them for a real
            estimate.

        Raises
        ------
        LedgerError
            If no usable claim is about strengths.
        """
        return _default(ledger)

    def on(self, ledger: Ledger, layout: Layout | None = None) -> BoundForce:
        """The model bound to the claims of a ledger, in the ledger's own layout or a given larger one."""
        return bind(self, ledger, layout)

    def priors(self, ledger: Ledger | None = None) -> pd.DataFrame:
        """Every prior: `name`, `unit`, `median`, `low` and `high` (equal-tailed 90 %), `family` and `description`.

        Parameters
        ----------
        ledger : Ledger, optional
            With a ledger, the reporting parameters are listed too; they depend on its sources.

        Returns
        -------
        DataFrame
            One row per parameter, or per entry where the priors of its entries differ.
        """
        if ledger is not None:
            bound = self.on(ledger)
            return prior_table(bound.parameters, bound.coords)
        terms = terms_of(self)
        return prior_table(terms.parameters(), {"force": [self.force or "force"], **terms.coords()})


def _default(ledger: Ledger) -> ForceModel:
    rows = of_people(ledger.usable(), "ForceModel")
    if set(rows["measure"]).isdisjoint(STRENGTHS):
        raise LedgerError(
            "a ForceModel needs at least one claim on strengths (deployed, in_training, at_front, in_hospital or "
            f"combined_strength); got {', '.join(sorted(set(rows['measure'])))}. Add one, or use LossModel.default."
        )
    first, last = days_of_claims(rows)
    named = rows[rows["wave"] != ""]
    combined = "combined_strength" in set(rows["measure"])
    counted = {*rows["measure"], *(kind for row in rows.to_dict("records") for kind in counted_kinds(row))}
    start, end = first - LEAD, last + LOOK_AHEAD
    return ForceModel(
        start=start.date(),
        end=end.date(),
        step="W" if end - start > LONG and not _counts_days(rows) else "D",
        arrivals=_waves(named, (start + pd.Timedelta(days=1)).date()) if len(named) else SmoothArrivals(),
        attrition=None if OF_FIGHTING.isdisjoint(counted) else Attrition(),
        withdrawals=_going_home(rows[rows["measure"] == "withdrawn_home"], start),
        casualties=CasualtyMix.counting(counted),
        partner=PartnerForce(strength=between(*PARTNER_STRENGTH)) if combined else None,
    )


def _counts_days(rows: pd.DataFrame) -> bool:
    """Whether a claim counts what happened in less than a week."""
    growing = [row for row in rows.to_dict("records") if READS[row["measure"], row["scope"]].how == "growth"]
    return any((end - start).days < 6 for start, end in map(window_of, growing))


def _going_home(claims: pd.DataFrame, start: pd.Timestamp) -> tuple[Withdrawal, ...]:
    """People who leave for home unhurt, as many as may be between one date of the claims on it and the next."""
    days = sorted({start + pd.Timedelta(days=1), *claims["window_start"].dropna(), *claims["window_end"].fillna(claims["as_of"])})
    if len(claims) == 0:
        return ()
    day, ends = pd.Timedelta(days=1), [days[-1]]
    for end in reversed(days[1:-1]):
        if (ends[0] - end).days > SHORTEST_RETURN:
            ends.insert(0, end)
    begins = [days[0], *(end + day for end in ends[:-1])]
    windows = [(first.date(), last.date()) for first, last in zip(begins, ends, strict=True)]
    return tuple(Withdrawal(window=window, share=between(*GOING_HOME), to="home") for window in windows)


def _waves(named: pd.DataFrame, start: date) -> Waves:
    """Waves by name; the earliest may begin at any time, since claims made before waves were distinguished name none."""
    waves: dict[str, Any] = {str(name): _wave(claims) for name, claims in named.groupby("wave")}
    earliest = min(waves, key=lambda name: waves[name].window[1])
    begun = min(start, waves[earliest].window[0])
    waves[earliest] = waves[earliest].model_copy(update={"window": (begun, waves[earliest].window[1])})
    return Waves(**waves)


def _wave(claims: pd.DataFrame) -> Wave:
    """A wave has arrived by the first date for which it is counted; it began with the earliest window that names it."""
    starts = claims["window_start"].dropna()
    ends = claims["window_end"].fillna(claims["as_of"])
    end = ends.min()
    start = starts.min() if len(starts) else end - LEAD
    return Wave(size=between(*WAVE_SIZE), window=(min([start, end - pd.Timedelta(days=1)]).date(), end.date()))
