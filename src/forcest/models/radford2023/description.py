"""The published model as a description, bound to the claims of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn, Self

import numpy as np
import pandas as pd
from pydantic import Field

from forcest.errors import ModelError
from forcest.models.description.model import Model
from forcest.models.radford2023.model import N_KNOTS, BoundRadford2023
from forcest.models.radford2023.reports import CATEGORIES, Reports

if TYPE_CHECKING:
    import pymc as pm

    from forcest.ledger import Ledger

COUNTRIES = {"Russian forces": "Russia", "Ukrainian forces": "Ukraine"}
PEOPLE = {
    ("killed", ""): "Military Deaths",
    ("wounded", ""): "Military Injuries",
    ("casualties", ""): "Military Casualties",
    ("killed", "civilians"): "Civilian Deaths",
    ("wounded", "civilians"): "Civilian Injuries",
    ("casualties", "civilians"): "Civilian Casualties",
}
FRAMES = {"cumulative": "Cumulative", "flow": "Day"}
BOUNDS = {"exact": "", "about": "", "at_least": "minimum", "up_to": "maximum"}
_SHOWN = 5


class Radford2023(Model):
    """The model of Radford et al. (2023): losses of people and equipment, with priors and splines as published.

    Parameters
    ----------
    start, end : date
        First and last day of the curves; 24 February 2022 and 23 February 2023 in the publication.
    n_knots : int
        Knots of the splines; 150 in the publication.
    """

    target_accept: ClassVar[float | None] = 0.98
    """At 0.9 one proposal in 200 diverges, mostly in the neck of the scale of a spline; at 0.98, zero to three per run."""

    predicts_claims: ClassVar[bool] = False

    kind: Literal["Radford2023"] = "Radford2023"
    start: date = date(2022, 2, 24)
    end: date = date(2023, 2, 23)
    step: Literal["D"] = "D"
    n_knots: int = Field(default=N_KNOTS, ge=2)

    def with_step(self, step: str) -> Self:
        """The model itself, since its step is always a day; a quick look only takes fewer draws."""
        return self

    def on(self, ledger: Ledger, layout: str | None = None) -> PublishedModel:
        """The model bound to the claims of a ledger.

        Raises
        ------
        ModelError
            If the publication does not cover a claim, or the ledger is not the one of the ``layout``.
        """
        if layout not in (None, ledger.hash):
            raise ModelError("the published model is compiled for one ledger, and this is another. Compile it with this ledger.")
        rows = ledger.usable()
        _refuse(rows, self)
        return PublishedModel(_reports_of(rows, self), self.n_knots, model=self, table=rows, layout=ledger.hash)

    def priors(self, ledger: Ledger) -> pd.DataFrame:
        """Every prior: `name`, `unit`, `median`, `low` and `high` (equal-tailed 90 %), `family` and `description`."""
        from forcest.models.parameters.parameter import prior_table

        bound = self.on(ledger)
        return prior_table(bound.parameters, bound.coords)

    def to_pymc(self, ledger: Ledger) -> pm.Model:
        """The model of a ledger's claims as a PyMC graph."""
        return self.on(ledger).graph()


@dataclass(frozen=True, eq=False, kw_only=True)
class PublishedModel(BoundRadford2023):
    """The published model and the claims of a ledger it is fitted to.

    Parameters
    ----------
    reports, n_knots
        See :class:`BoundRadford2023`.
    model : Radford2023
    table : DataFrame
        The fitted rows of the ledger.
    layout : str
        Hash of the ledger; the graph holds its claims and cannot be used for another ledger.
    """

    model: Radford2023
    table: pd.DataFrame
    layout: str
    left_out: tuple = ()

    @property
    def forces(self) -> tuple[str, ...]:
        """The forces counted."""
        return tuple(sorted(set(self.table["force"])))

    @property
    def claims(self) -> NoReturn:
        """Not available: the model has no reporting layer for calibration, backtests and scores."""
        raise ModelError(
            "the published model has no reporting layer whose claims could be simulated, scored or left out one by one. Fit "
            "a LossModel to the claims on people, ledger.filter(item='')."
        )

    curves_forward = likelihood = claims

    def labels_outside(self) -> list[str]:
        """None: the layout is the ledger itself."""
        return []

    @cached_property
    def series_of_people(self) -> dict[str, dict[str, int]]:
        """Series that count people of a force, by measure, then by force."""
        found: dict[str, dict[str, int]] = {}
        for (measure, item), category in PEOPLE.items():
            for force, country in COUNTRIES.items():
                label = f"{category}-{country}"
                if not item and label in self.reports.series:
                    found.setdefault(measure, {})[force] = self.reports.series.index(label)
        return found


def _categories(rows: pd.DataFrame) -> pd.Series:
    """The published kind of each claim; empty if there is none."""
    pairs = zip(rows["measure"], rows["item"], strict=True)
    found = [item if measure == "destroyed" else PEOPLE.get((measure, item), "") for measure, item in pairs]
    return pd.Series(found, index=rows.index, dtype="str")


def _reports_of(rows: pd.DataFrame, model: Radford2023) -> Reports:
    """Claims as reports, by way of the columns of the replication data."""
    category, country = _categories(rows), rows["force"].map(COUNTRIES)
    bound = rows["qualifier"].map(BOUNDS)
    table = pd.DataFrame({
        "days": (rows["as_of"] - pd.Timestamp(model.start)).dt.days + 1,
        "loss_count": rows["value"],
        "loss_type": category + "-" + country,
        "claim_source": rows["source"],
        "time_frame": rows["scope"].map(FRAMES),
        "loss_country": country,
        "minimum": (bound == "minimum").astype(int),
        "maximum": (bound == "maximum").astype(int),
        "category": category,
    })  # fmt: skip
    return Reports.of(table, n_days=model.grid.size)


def _refuse(rows: pd.DataFrame, model: Radford2023) -> None:
    """Refuse a ledger with rows that the publication does not cover; all of them are named."""
    window = rows["window_end"].notna() & ((rows["window_start"] != rows["as_of"]) | (rows["window_end"] != rows["as_of"]))
    first, last = pd.Timestamp(model.start), pd.Timestamp(model.end)
    rules = {
        f"count losses of {' or '.join(COUNTRIES)}": ~rows["force"].isin(COUNTRIES),
        f"be of a published kind ({', '.join(CATEGORIES)})": ~_categories(rows).isin(CATEGORIES),
        "count up to a date or on one day": ~rows["scope"].isin(FRAMES) | window,
        f"have a qualifier among {', '.join(BOUNDS)}, and a value": ~rows["qualifier"].isin(BOUNDS) | np.isnan(rows["value"]),
        "count the whole force, name no wave, and repeat or correct no other claim": (rows["coverage"] == "partial")
        | (rows[["wave", "origin", "supersedes"]] != "").any(axis=1),
        f"refer to a day between {model.start} and {model.end}": (rows["as_of"] < first) | (rows["as_of"] > last),
    }
    faults = [
        f"A claim must {must}; these rows do not: {_ids(rows.loc[broken, 'id'])}." for must, broken in rules.items() if broken.any()
    ]
    if faults:
        raise ModelError(f"the published model does not cover the ledger. {' '.join(faults)} Exclude these rows.")


def _ids(ids: pd.Series) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(map(repr, ids.iloc[:_SHOWN])) + more
