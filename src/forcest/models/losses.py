# pyright: reportArgumentType=false, reportCallIssue=false
# Fields accept what pydantic turns into them (dates as text, `between` as a prior); the checker sees only the result.
"""Losses alone, of any number of forces and kinds: for ledgers in which nobody reports strengths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from forcest.errors import LedgerError, ModelError
from forcest.models.claims.layout import Layout, layout_of
from forcest.models.claims.origins import Claim, merge_origins
from forcest.models.claims.readings import KINDS, READS, first_and_last_date
from forcest.models.description import Model
from forcest.models.grid import Grid
from forcest.models.parameters import Parameter, parameter, prior_table
from forcest.models.parts import LossRate, Step, parse_step
from forcest.models.priors import Positive
from forcest.models.reported import Reported, of_people, roots_of
from forcest.models.reporting import Reporting
from forcest.models.terms.loss_rates import LossRates

if TYPE_CHECKING:
    from types import ModuleType

    import pymc as pm

    from forcest.ledger import Ledger

LossKind = Literal["killed", "wounded", "captured", "missing", "casualties"]


class LossModel(Model):
    """Smooth, correlated rates of losses by force and kind, and the claims made about their sums.

    Parameters
    ----------
    start, end : date
        First and last day of the curves; every claim must refer to a day between them.
    step : str
        Days from node to node, such as ``"D"`` or ``"3D"``.
    kinds : tuple of str
        Kinds of loss with a rate of their own. "casualties" among them is left free: a curve that every claim on casualties
        reads. Without it they are tied: casualties are the sum of the kinds that a claim says it counts.
    rate : LossRate
    initial : Prior, optional  [persons]
        Losses of each force and kind before ``start``; none unless given.
    reporting : Reporting
        Records anchor the level unless told otherwise (``record_effects``).
    forces : tuple of str, optional
        Names of the forces; those of the ledger unless given.

    Examples
    --------
    >>> losses = ledger.filter(measure=["killed", "wounded"])
    >>> by_kind = fc.LossModel(start="2024-10-01", end="2025-03-31", kinds=("killed", "wounded"))
    >>> by_kind.priors(losses)["name"].tolist()[:2]
    ['loss_rate (each of 2)', 'loss_slope (each of 2)']
    >>> fc.LossModel.default(losses).kinds
    ('killed', 'wounded')
    """

    kind: Literal["LossModel"] = "LossModel"
    start: date
    end: date
    step: Step = "D"
    kinds: tuple[LossKind, ...] = ("killed", "wounded")
    rate: LossRate = Field(default_factory=LossRate)
    initial: Positive | None = None
    reporting: Reporting = Field(default_factory=lambda: Reporting(record_effects=False))
    forces: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> LossModel:
        if self.end <= self.start:
            raise ValueError(f"`end` must lie after `start`; got {self.start} to {self.end}")
        for name, labels in (("kinds", self.kinds), ("forces", self.forces)):
            if labels is not None and (not labels or len(set(labels)) < len(labels)):
                raise ValueError(f"`{name}` must name each once, at least one; got {labels}")
        return self

    @property
    def grid(self) -> Grid:
        """The calendar."""
        return Grid(self.start, self.end, parse_step(self.step))

    @classmethod
    def default(cls, ledger: Ledger) -> LossModel:
        """A model for any ledger with losses alone: its dates, forces and kinds, and wide priors that use no count of it."""
        from forcest.models.default import default_loss_model

        return default_loss_model(ledger)

    def on(self, ledger: Ledger, layout: Layout | None = None) -> BoundLosses:
        """The model bound to the claims of a ledger, in the ledger's own layout or a given larger one."""
        return bind_losses(self, ledger, layout)

    def priors(self, ledger: Ledger) -> pd.DataFrame:
        """Every prior: name, unit, median, equal-tailed 90 % interval, family and why.

        Parameters
        ----------
        ledger : Ledger
            Its forces and sources have parameters of their own.
        """
        bound = self.on(ledger)
        return prior_table(bound.parameters, bound.coords)

    def to_pymc(self, ledger: Ledger) -> pm.Model:
        """The model of a ledger's claims as a PyMC graph."""
        from forcest.models.graph import build_graph

        return build_graph(self.on(ledger))


@dataclass(frozen=True)
class BoundLosses(Reported):
    """A loss model and the claims it is fitted to."""

    model: LossModel
    forces: tuple[str, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds with a rate of their own, in the order of the series of each force."""
        return self.model.kinds

    @cached_property
    def rates(self) -> LossRates:
        """The term of the latent process."""
        return LossRates.on(self.model.rate, self.model.grid, [self._label(k, f) for f in self.forces for k in self.kinds])

    @cached_property
    def parameters(self) -> list[Parameter]:
        """All parameters, in the order of the graph."""
        initial, why = self.model.initial, "losses before the first day"
        n = len(self.rates.labels)
        before = [] if initial is None else [parameter("loss_before", ["series"], initial, "persons", why, repeat=n)]
        return self.rates.parameters() + before + self.bias.parameters()

    @cached_property
    def coords(self) -> dict[str, list]:
        """Labels of all dims of parameters."""
        found = {"force": list(self.forces), **self.rates.coords(), **self.bias.coords()}
        used = {dim for p in self.parameters for dim in p.dims}
        return {dim: labels for dim, labels in found.items() if dim in used or dim == "force"}

    @property
    def kernels(self) -> ModuleType:
        """The compiled density."""
        from forcest.models import losses_kernels

        return losses_kernels

    @property
    def curve_labels(self) -> dict[str, tuple[str, ...]]:
        """Curves that a fit stores, each with its label for every force."""
        names = list(self.kinds)
        if "casualties" not in names and len(names) > 1:
            names.append("casualties")
        return {name: tuple(self._label(name, force) for force in self.forces) for name in names}

    def uncovered(self, claim: Claim) -> list[str]:
        """Why the model can say nothing of a claim; empty where it can."""
        if claim.row["force"] not in self.forces:
            forces = ", ".join(map(repr, self.forces))
            return [f"the model is about {forces}, the claim {claim.id!r} about {claim.row['force']!r}."]
        return uncovered(self.model, claim)

    def _label(self, name: str, force: str) -> str:
        return f"{name}@{force}" if len(self.forces) > 1 else name

    def curves_graph(self, p: dict) -> dict:
        """Cumulative losses as graphs over (date,), by label."""
        _, losses = self.rates.graph(p)
        if self.model.initial is not None:
            losses = losses + p["loss_before"][:, None]
        return self._complete({label: losses[i] for i, label in enumerate(self.rates.labels)})

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same from arrays of draws, each (draw, date)."""
        _, losses = self.rates.forward(p)
        if self.model.initial is not None:
            losses = losses + p["loss_before"][:, :, None]
        return self._complete({label: losses[:, i] for i, label in enumerate(self.rates.labels)})

    def _complete(self, curves: dict[str, Any]) -> dict[str, Any]:
        """Sums of kinds: what claims on casualties count, and all kinds together."""
        for force in self.forces:
            of = {kind: curves[self._label(kind, force)] for kind in self.kinds}
            if "casualties" not in of:
                curves[self._label("casualties", force)] = sum(of.values())
            for name in self.layout.curves:
                counted, _, whose = name.partition("@")
                if "+" in counted and (not whose or whose == force):
                    curves[name] = sum(of[kind] for kind in counted.split("+"))
        return curves


def bind_losses(model: LossModel, ledger: Ledger, layout: Layout | None = None) -> BoundLosses:
    """Check that a loss model covers the claims of a ledger, merge copies, and label what is left."""
    rows = of_people(ledger.usable(), "LossModel")
    found = tuple(sorted(set(rows["force"])))
    forces = model.forces or (layout.forces if layout is not None and layout.forces else found)
    if unknown := [force for force in found if force not in forces]:
        raise LedgerError(
            f"the model is about {', '.join(map(repr, forces))}; the ledger also counts {', '.join(map(repr, unknown))}. Add "
            "them to `forces`, or leave `forces` out."
        )
    claims, left_out = merge_origins(rows, roots_of(ledger))
    problems = [problem for claim in claims for problem in uncovered(model, claim)]
    if problems:
        raise ModelError("the model does not cover the ledger. " + " ".join(problems))
    several = forces if len(forces) > 1 else ()
    own = layout or layout_of(claims, model.reporting, several, model.kinds)
    return BoundLosses(model, tuple(claims), tuple(left_out), own, forces)


def uncovered(model: LossModel, claim: Claim) -> list[str]:
    """Why a model cannot say anything of a claim; empty where it can."""
    row, where = claim.row, f"(row id {claim.id!r})"
    if row["item"]:
        return [f"a LossModel counts people; got {row['item']} {where}. Exclude the row."]
    curve, reads = READS[row["measure"], row["scope"]]
    counted = [kind.strip() for kind in row["definition"].split("+") if kind.strip()]
    needed = [curve] if curve != "casualties" or "casualties" in model.kinds else counted
    found = []
    if curve not in (*KINDS, "casualties"):
        return [f"a LossModel has losses only; got {row['measure']} {where}. Use a ForceModel, or exclude the row."]
    if lacking := [kind for kind in needed if kind not in model.kinds]:
        found.append(
            f"{row['measure']} claim counts {' and '.join(lacking)}, not in `kinds` {where}. Add the kind or exclude the row."
        )
    if curve == "casualties" and not {"casualties", "killed", "wounded"} & set(model.kinds):
        found.append(f"casualties need killed and wounded, or casualties, in `kinds` {where}.")
    first, last = first_and_last_date(row)
    if reads == "growth" and model.initial is not None:
        first = row["as_of"] if pd.isna(row["window_start"]) else row["window_start"]
        first -= pd.Timedelta(days=1)  # losses before `start` are no part of a flow
    for when in {first, last}:
        if not model.grid.covers(when):
            found.append(
                f"{row['measure']} claim must refer to a day between {model.start} and {model.grid.dates[-1]:%Y-%m-%d}; "
                f"got {when:%Y-%m-%d} {where}. Move `start` or `end`, or exclude the row."
            )
    return found


__all__ = ["BoundLosses", "LossModel", "bind_losses"]
