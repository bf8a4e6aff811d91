"""A loss model bound to the claims of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forcest.errors import LedgerError, ModelError
from forcest.ledger.measures import BATTLE_KINDS, LOSSES
from forcest.models.density.bound import BoundModel, of_people, outside_calendar
from forcest.models.density.lane_density import LaneDensity
from forcest.models.density.loss_curves import LossCurves
from forcest.models.parameters.parameter import Parameter, parameter
from forcest.models.process.loss_rates import LossRates
from forcest.models.reporting.layout import Layout, layout_of
from forcest.models.reporting.origins import Claim, merge_origins, roots_of
from forcest.models.reporting.readings import READS, Curve, counted_kinds, first_and_last_date

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.loss_model import LossModel
    from forcest.models.parameters.coordinates import Coordinates
    from forcest.models.reporting.lists import ClaimTerm


@dataclass(frozen=True)
class BoundLosses(BoundModel):
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
        initial, text = self.model.initial, "losses before the first day"
        n = len(self.rates.labels)
        before = [] if initial is None else [parameter("loss_before", ["series"], initial, "persons", text, repeat=n)]
        return self.rates.parameters() + before + self.bias.parameters()

    @cached_property
    def coords(self) -> dict[str, list]:
        """Labels of all dims of parameters."""
        found = {"force": list(self.forces), **self.rates.coords(), **self.bias.coords()}
        used = {dim for p in self.parameters for dim in p.dims}
        return {dim: labels for dim, labels in found.items() if dim in used or dim == "force"}

    def _density(self, claims: ClaimTerm, coordinates: Coordinates) -> LaneDensity:
        from forcest.models.density import losses_kernels

        curves = LossCurves(self.forces, self.kinds, self.model.grid.size)
        return LaneDensity(losses_kernels, coordinates, losses_kernels.constants_of(self.rates, curves, claims, coordinates))

    @property
    def curve_labels(self) -> dict[str, tuple[str, ...]]:
        """Curves that a fit stores, each with its label for every force."""
        several = "casualties" not in self.kinds and len(self._battle_kinds) > 1
        names = [*self.kinds, "casualties"] if several else self.kinds
        return {name: tuple(self._label(name, force) for force in self.forces) for name in names}

    def uncovered(self, claim: Claim) -> list[str]:
        """Reasons why the model cannot represent a claim; empty if it can."""
        if claim.row["force"] not in self.forces:
            forces = ", ".join(map(repr, self.forces))
            return [f"the model is about {forces}, the claim {claim.id!r} about {claim.row['force']!r}."]
        return uncovered(self.model, claim)

    def _label(self, name: str, force: str) -> str:
        return str(Curve((name,), force=force if len(self.forces) > 1 else ""))

    @property
    def _battle_kinds(self) -> list[str]:
        return [kind for kind in self.kinds if kind in BATTLE_KINDS]

    def curves_graph(self, p: dict) -> dict:
        """Cumulative losses as graphs over (date,), by label."""
        _, losses = self.rates.graph(p)
        if self.model.initial is not None:
            losses = losses + p["loss_before"][:, None]
        return self._complete({label: losses[i] for i, label in enumerate(self.rates.labels)})

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same curves from arrays of draws, each (draw, date)."""
        _, losses = self.rates.forward(p)
        if self.model.initial is not None:
            losses = losses + p["loss_before"][:, :, None]
        return self._complete({label: losses[:, i] for i, label in enumerate(self.rates.labels)})

    def _complete(self, curves: dict[str, Any]) -> dict[str, Any]:
        """The curves, with the sums of kinds that claims about casualties count."""
        for force in self.forces:
            of = {kind: curves[self._label(kind, force)] for kind in self.kinds}
            if "casualties" not in of and self._battle_kinds:
                curves[self._label("casualties", force)] = sum(of[kind] for kind in self._battle_kinds)
            for curve in self.layout.curves:
                if len(curve.parts) > 1 and curve.force in ("", force):
                    curves[str(curve)] = sum(of[kind] for kind in curve.parts)
        return curves


def bind(model: LossModel, ledger: Ledger, layout: Layout | None = None) -> BoundLosses:
    """Bind a loss model to a ledger: check that it covers the claims, merge copies, and label the rest."""
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
    """Reasons why a model cannot represent a claim; empty if it can."""
    row, where = claim.row, f"(row id {claim.id!r})"
    if row["item"]:
        return [f"a LossModel counts people; got {row['item']} {where}. Exclude the row."]
    read = READS[row["measure"], row["scope"]]
    curve = "wounded" if read.curve == "admitted" else read.curve
    needed = [curve] if curve != "casualties" or "casualties" in model.kinds else counted_kinds(row)
    found = []
    if curve not in LOSSES:
        return [f"a LossModel has losses only; got {row['measure']} {where}. Use a ForceModel, or exclude the row."]
    if lacking := [kind for kind in needed if kind not in model.kinds]:
        found.append(
            f"{row['measure']} claim counts {' and '.join(lacking)}, not in `kinds` {where}. Add the kind or exclude the row."
        )
    if curve == "casualties" and not {"casualties", "killed", "wounded"} & set(model.kinds):
        found.append(f"casualties need killed and wounded, or casualties, in `kinds` {where}.")
    first, last = first_and_last_date(row)
    if read.how == "growth" and model.initial is not None:
        first = row["as_of"] if pd.isna(row["window_start"]) else row["window_start"]
        first -= pd.Timedelta(days=1)  # losses before `start` are no part of a flow
    return found + outside_calendar(model, claim, {first, last})
