# pyright: reportArgumentType=false, reportCallIssue=false
# Fields accept what pydantic turns into them (dates as text, `between` as a prior); the checker sees only the result.
"""The flow of one force through training, front, hospital and home, and the claims made about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from forcest.errors import LedgerError, ModelError
from forcest.models.claims.layout import Layout, layout_of
from forcest.models.claims.origins import Claim, merge_origins
from forcest.models.claims.readings import READS, WAVE_CURVES, curves_of, first_and_last_date
from forcest.models.description import Model
from forcest.models.grid import Grid
from forcest.models.parameters import Parameter, parameter, prior_table
from forcest.models.parts import (
    Attrition,
    CasualtyMix,
    Delay,
    PartnerForce,
    Recovery,
    SmoothArrivals,
    Step,
    Waves,
    Withdrawal,
    parse_step,
)
from forcest.models.priors import Positive, between
from forcest.models.reported import Reported, of_people, roots_of
from forcest.models.reporting import Reporting
from forcest.models.terms.arrivals import WaveArrivals, arrivals_on
from forcest.models.terms.attrition import Hazard
from forcest.models.terms.flow import Flow
from forcest.models.terms.partner import Partner
from forcest.models.terms.withdrawals import Movements

if TYPE_CHECKING:
    from types import ModuleType

    import pymc as pm

    from forcest.ledger import Ledger

CURVES = (
    "deployed",
    "in_training",
    "at_front",
    "in_hospital",
    "rear",
    "killed",
    "wounded",
    "captured",
    "missing",
    "casualties",
    "returned_to_duty",
    "withdrawn_home",
    "invalided",
    "combined_strength",
    "effective_strength",
    "hazard",
)


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
    attrition : Attrition
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
    attrition: Attrition = Field(default_factory=Attrition)
    withdrawals: tuple[Withdrawal, ...] = ()
    casualties: CasualtyMix = Field(default_factory=CasualtyMix)
    recovery: Recovery = Field(default_factory=Recovery)
    partner: PartnerForce | None = None
    combat_value: Positive = Field(default_factory=lambda: between(0.5, 4).as_prior("lognormal"))
    reporting: Reporting = Field(default_factory=Reporting)
    force: str | None = None

    @model_validator(mode="after")
    def _check(self) -> ForceModel:
        if self.end <= self.start:
            raise ValueError(f"`end` must lie after `start`; got {self.start} to {self.end}")
        early = [str(when[0]) for w in self.withdrawals for when in (w.window, w.returns) if when and when[0] <= self.start]
        if early:
            raise ValueError(
                f"a withdrawal must begin after `start` {self.start}; got {', '.join(early)}. Move `start` or the window."
            )
        return self

    @property
    def grid(self) -> Grid:
        """The calendar."""
        return Grid(self.start, self.end, parse_step(self.step))

    @classmethod
    def default(cls, ledger: Ledger) -> ForceModel:
        """A model for any ledger with strengths: its dates and names of waves, and wide priors that use no count of it."""
        from forcest.models.default import default_force_model

        return default_force_model(ledger)

    def on(self, ledger: Ledger, layout: Layout | None = None) -> BoundModel:
        """The model bound to the claims of a ledger, in the ledger's own layout or a given larger one."""
        return bind(self, ledger, layout)

    def priors(self, ledger: Ledger | None = None) -> pd.DataFrame:
        """Every prior: name, unit, median, equal-tailed 90 % interval, family and why.

        Parameters
        ----------
        ledger : Ledger, optional
            With it the reporting parameters are listed too; they depend on its sources.
        """
        if ledger is not None:
            bound = self.on(ledger)
            return prior_table(bound.parameters, bound.coords)
        terms = Terms.of(self)
        return prior_table(terms.parameters(), {"force": [self.force or "force"], **terms.coords()})

    def to_pymc(self, ledger: Ledger) -> pm.Model:
        """The model of a ledger's claims as a PyMC graph."""
        from forcest.models.graph import build_graph

        return build_graph(self.on(ledger))


@dataclass(frozen=True)
class Terms:
    """The terms of a force model on its grid."""

    arrivals: Any
    hazard: Hazard
    movements: Movements
    flow: Flow
    partner: Partner | None
    combat_value: Parameter

    @classmethod
    def of(cls, model: ForceModel) -> Terms:
        """The terms of a description."""
        grid = model.grid
        movements = Movements.on(model.withdrawals, grid)
        return cls(
            arrivals=arrivals_on(model.arrivals, grid),
            hazard=Hazard.on(model.attrition, grid),
            movements=movements,
            flow=Flow(grid, model.training, model.casualties, model.recovery, movements.leaves_for_rear, movements.comes_back),
            partner=Partner.on(model.partner, grid) if model.partner else None,
            combat_value=parameter(
                "combat_value",
                ["force"],
                model.combat_value,
                "partner soldiers per own soldier",
                "how much one of them is worth",
                repeat=1,
            ),
        )

    @property
    def _parts(self) -> list:
        return [part for part in (self.arrivals, self.hazard, self.movements, self.flow, self.partner) if part is not None]

    def parameters(self) -> list[Parameter]:
        """Parameters of the latent process."""
        return [p for part in self._parts for p in part.parameters()] + [self.combat_value]

    def coords(self) -> dict[str, list]:
        """Labels of their dims."""
        return {dim: labels for part in self._parts if hasattr(part, "coords") for dim, labels in part.coords().items()}


class Drivers(NamedTuple):
    """What drives the flow of people, by date.

    Attributes
    ----------
    arrivals : ndarray, shape (draw, wave, date)  [persons per step]
    hazard : ndarray, shape (draw, date)  [1/day]
    rates : three ndarray, shape (draw, date)  [1/day]
        To the rear, home, and from the rear back to the front.
    return_share : ndarray, shape (draw, date)
        Share of those wounded on a date who return to the front.
    """

    arrivals: np.ndarray
    hazard: np.ndarray
    rates: tuple[np.ndarray, np.ndarray, np.ndarray]
    return_share: np.ndarray


@dataclass(frozen=True)
class BoundModel(Reported):
    """A model and the claims it is fitted to: labels, constants and the second statement of every curve."""

    model: ForceModel
    force: str

    @cached_property
    def terms(self) -> Terms:
        """The terms of the latent process."""
        return Terms.of(self.model)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """All parameters, in the order of the graph."""
        return self.terms.parameters() + self.bias.parameters()

    @cached_property
    def coords(self) -> dict[str, list]:
        """Labels of all dims of parameters."""
        found = {"force": [self.force], **self.terms.coords(), **self.bias.coords()}
        used = {dim for p in self.parameters for dim in p.dims}
        return {dim: labels for dim, labels in found.items() if dim in used or dim == "force"}

    @property
    def kernels(self) -> ModuleType:
        """The compiled density."""
        from forcest.models import batched_kernels

        return batched_kernels

    @property
    def forces(self) -> tuple[str, ...]:
        """The one force."""
        return (self.force,)

    @property
    def curve_labels(self) -> dict[str, tuple[str, ...]]:
        """Curves that a fit stores."""
        return {name: (name,) for name in CURVES}

    def uncovered(self, claim: Claim) -> list[str]:
        """Why the model can say nothing of a claim; empty where it can."""
        if claim.row["force"] != self.force:
            return [f"the model is about {self.force!r}, the claim {claim.id!r} about {claim.row['force']!r}."]
        return uncovered(self.model, claim)

    def of_force(self, p: dict, index: int, *, draws: bool = False) -> dict:
        """Parameters of one force: the entry of those with a force dim, all others whole."""
        at = (slice(None), index) if draws else index
        of_force = {q.name for q in self.parameters if q.dims[:1] == ("force",)}
        return {name: value[at] if name in of_force else value for name, value in p.items()}

    def curves_graph(self, p: dict) -> dict:
        """Curves of the first force as graphs, with those of single waves under ``name[wave]``."""
        t = self.terms
        q = self.of_force(p, 0)
        hazard = t.hazard.graph(q)
        curves, by_wave = t.flow.graph(q, t.arrivals.graph(q), hazard, t.movements.graph(q))
        curves |= {"hazard": hazard, "combat_value": q["combat_value"] * np.ones(self.model.grid.size)}
        if t.partner is not None:
            curves["partner"] = t.partner.graph(q)
        return self._complete(curves, by_wave, lambda x, w: x[w])

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same from arrays of draws, each (draw, date)."""
        return self.curves_from(p, self.drivers(p))

    def drivers(self, p: dict[str, np.ndarray]) -> Drivers:
        """What drives the flow of the first force, from arrays of draws."""
        t, q = self.terms, self.of_force(p, 0, draws=True)
        share = np.repeat(q["return_share"][:, None], self.model.grid.size, axis=1)
        return Drivers(t.arrivals.forward(q), t.hazard.forward(q), t.movements.forward(q), share)

    def curves_from(self, p: dict[str, np.ndarray], drivers: Drivers) -> dict[str, np.ndarray]:
        """Curves of the first force, each (draw, date), for drivers that need not be the model's own."""
        t, q = self.terms, self.of_force(p, 0, draws=True)
        curves, by_wave = t.flow.forward(q, drivers.arrivals, drivers.hazard, drivers.rates, drivers.return_share)
        curves |= {"hazard": drivers.hazard, "combat_value": q["combat_value"][:, None] * np.ones(self.model.grid.size)}
        if t.partner is not None:
            curves["partner"] = t.partner.forward(q)
        return self._complete(curves, by_wave, lambda x, w: x[:, w])

    def _complete(self, curves: dict, by_wave: dict, wave_of) -> dict:
        curves["combined_strength"] = curves["at_front"] + curves["partner"] if "partner" in curves else curves["at_front"] * np.nan
        curves["effective_strength"] = curves["combat_value"] * curves["at_front"]
        for name in {c for c in self.layout.curves if "+" in c}:
            curves[name] = sum(curves[kind] for kind in name.split("+"))
        for w, wave in enumerate(self.terms.arrivals.names):
            curves |= {f"{name}[{wave}]": wave_of(values, w) for name, values in by_wave.items()}
        return curves


def bind(model: ForceModel, ledger: Ledger, layout: Layout | None = None) -> BoundModel:
    """Check that a model covers the claims of a ledger, merge copies, and label what is left."""
    rows = of_people(ledger.usable(), "ForceModel")
    forces = sorted(set(rows["force"]))
    if len(forces) > 1:
        raise LedgerError(
            f"a ForceModel covers one force; the ledger has usable claims on {', '.join(map(repr, forces))}. "
            f"Keep one with ledger.filter(force={forces[0]!r}), or give the other rows a reason in `exclude`."
        )
    if model.force and model.force != forces[0]:
        raise LedgerError(
            f"the model is about {model.force!r}, the ledger about {forces[0]!r}. Give the model that force, or none."
        )
    claims, left_out = merge_origins(rows, roots_of(ledger))
    problems = [problem for claim in claims for problem in uncovered(model, claim)]
    if problems:
        raise ModelError("the model does not cover the ledger. " + " ".join(problems))
    return BoundModel(model, tuple(claims), tuple(left_out), layout or layout_of(claims, model.reporting), forces[0])


def uncovered(model: ForceModel, claim: Claim) -> list[str]:
    """Why a model cannot say anything of a claim; empty where it can."""
    row, found = claim.row, []
    where = f"(row id {claim.id!r})"
    if row["item"]:
        return [f"a ForceModel counts people; got {row['item']} {where}. Exclude the row."]
    first, last = first_and_last_date(row)
    grid = model.grid
    for when in {first, last}:
        if not grid.covers(when):
            found.append(
                f"{row['measure']} claim must refer to a day between {model.start} and {grid.dates[-1]:%Y-%m-%d}; "
                f"got {when:%Y-%m-%d} {where}. Move `start` or `end`, or exclude the row."
            )
    if row["wave"]:
        curve = READS[row["measure"], row["scope"]][0]
        waves = list(model.arrivals.named) if isinstance(model.arrivals, Waves) else []
        if row["wave"] not in waves:
            found.append(f"wave must be one of {waves}; got {row['wave']!r} {where}. Add the wave to the model or empty the cell.")
        elif curve not in WAVE_CURVES:
            found.append(
                f"a claim on one wave must be of deployed, in_training, or at_front as a flow; got {row['measure']} {where}."
            )
    if row["measure"] == "combined_strength" and model.partner is None:
        found.append(f"combined_strength needs a partner force {where}. Add partner=PartnerForce(strength=between(low, high)).")
    return found


__all__ = ["CURVES", "BoundModel", "ForceModel", "Terms", "WaveArrivals", "bind", "curves_of"]
