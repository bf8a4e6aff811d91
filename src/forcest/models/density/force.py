"""A force model bound to the claims of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from forcest.errors import LedgerError, ModelError
from forcest.ledger.measures import KINDS, LOSSES, MEASURES
from forcest.models.density.bound import BoundModel, early_flow, of_people, outside_calendar
from forcest.models.density.force_terms import Drivers, ForceTerms
from forcest.models.density.lane_density import LaneDensity
from forcest.models.parameters.parameter import Parameter, parameter
from forcest.models.process.arrivals import SmoothArrivals, Waves, arrivals_on
from forcest.models.process.attrition import hazard_on
from forcest.models.process.flow import Flow
from forcest.models.process.partner import Partner
from forcest.models.process.withdrawals import Movements
from forcest.models.reporting.layout import Layout, layout_of
from forcest.models.reporting.origins import Claim, merge_origins, roots_of
from forcest.models.reporting.readings import READS, THERE_ALREADY, WAVE_CURVES, Curve, counted_kinds, first_and_last_date
from forcest.models.reporting.running_totals import as_increments

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.parameters.coordinates import Coordinates
    from forcest.models.reporting.lists import ClaimTerm


OF_FIGHTING = {*LOSSES, "in_hospital", "returned_to_duty", "invalided", "hazard"}
"""Measures that a model without attrition does not have."""
OF_CASUALTIES = {*LOSSES, "admitted", "returned_to_duty", "invalided", "withdrawn_home"}
"""Curves that hold casualties and what became of them."""


@dataclass(frozen=True)
class BoundForce(BoundModel):
    """A force model and the claims it is fitted to."""

    model: ForceModel
    force: str

    @cached_property
    def terms(self) -> ForceTerms:
        """The terms of the latent process."""
        return terms_of(self.model)

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

    def _density(self, claims: ClaimTerm, coordinates: Coordinates) -> LaneDensity:
        from forcest.models.density import force_kernels

        return LaneDensity(force_kernels, coordinates, force_kernels.constants_of(self.terms, claims, coordinates))

    @property
    def forces(self) -> tuple[str, ...]:
        """The one force."""
        return (self.force,)

    @property
    def curve_labels(self) -> dict[str, tuple[str | None, ...]]:
        """Curves that a fit stores, including those of the kinds of casualty that the model has."""
        absent = set(KINDS) - set(self.model.casualties.kinds) if self.model.attrition else OF_FIGHTING
        return {m.name: (m.name,) for m in MEASURES.values() if m.stored and m.name not in absent}

    def uncovered(self, claim: Claim) -> list[str]:
        """Reasons why the model cannot represent a claim; empty if it can."""
        if claim.row["force"] != self.force:
            return [f"the model is about {self.force!r}, the claim {claim.id!r} about {claim.row['force']!r}."]
        return uncovered(self.model, claim)

    def of_force(self, p: dict, index: int, *, draws: bool = False) -> dict:
        """Parameters of one force: one entry of those with a force dim, all others unchanged."""
        at = (slice(None), index) if draws else index
        of_force = {q.name for q in self.parameters if q.dims[:1] == ("force",)}
        return {name: value[at] if name in of_force else value for name, value in p.items()}

    def curves_graph(self, p: dict) -> dict:
        """Curves of the first force as graphs; those of single waves are called ``name[wave]``."""
        t = self.terms
        q = self.of_force(p, 0)
        hazard = t.hazard.graph(q)
        curves, by_wave = t.flow.graph(q, t.arrivals.graph(q), hazard, t.movements.graph(q))
        curves |= {"hazard": hazard, "combat_value": q["combat_value"] * np.ones(self.model.grid.size)}
        if t.partner is not None:
            curves["partner"] = t.partner.graph(q)
        return self._complete(curves, by_wave, lambda x, w: x[w])

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same curves from arrays of draws, each (draw, date)."""
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
        for curve in self.layout.curves:
            if len(curve.parts) > 1:
                curves[str(curve)] = sum(curves[part] for part in curve.parts)
        for w, wave in enumerate(self.terms.arrivals.names):
            curves |= {str(Curve((name,), wave)): wave_of(values, w) for name, values in by_wave.items()}
        return curves


def has_lost_before(model: ForceModel) -> bool:
    """Whether some may have been lost before the first day: not where fighting is said to begin later, or never."""
    return model.attrition is not None and model.attrition.begins is None


def terms_of(model: ForceModel) -> ForceTerms:
    """The terms of a description."""
    grid = model.grid
    movements = Movements.on(model.withdrawals, grid)
    return ForceTerms(
        arrivals=arrivals_on(model.arrivals, grid, losses=has_lost_before(model)),
        hazard=hazard_on(model.attrition, grid),
        movements=movements,
        flow=Flow(grid, model.training, model.casualties, model.recovery, movements.leaves_for_rear, movements.comes_back),
        partner=Partner.on(model.partner, grid) if model.partner else None,
        combat_value=parameter(
            "combat_value",
            ["force"],
            model.combat_value,
            "partner soldiers per own soldier",
            "value of one soldier of the force",
            repeat=1,
        ),
    )


def bind(model: ForceModel, ledger: Ledger, layout: Layout | None = None) -> BoundForce:
    """Bind a model to a ledger: check that it covers the claims, merge copies, and label the rest."""
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
    merged, left_out = merge_origins(rows, roots_of(ledger))
    claims = as_increments(merged)
    problems = [problem for claim in claims for problem in uncovered(model, claim)]
    if problems:
        raise ModelError("the model does not cover the ledger. " + " ".join(problems))
    own = layout or layout_of(claims, model.reporting, kinds={"": model.casualties.kinds})
    return BoundForce(model, tuple(claims), tuple(left_out), own, forces[0])


def uncovered(model: ForceModel, claim: Claim) -> list[str]:
    """Reasons why a model cannot represent a claim; empty if it can."""
    row = claim.row
    where = f"(row id {claim.id!r})"
    if row["item"]:
        return [f"a ForceModel counts people; got {row['item']} {where}. Exclude the row."]
    found = outside_calendar(model, claim, set(first_and_last_date(row)))
    if isinstance(model.arrivals, SmoothArrivals):
        found += early_flow(model, claim, {*THERE_ALREADY, *(OF_CASUALTIES if has_lost_before(model) else ())})
    if row["wave"]:
        waves = list(model.arrivals.named) if isinstance(model.arrivals, Waves) else []
        if row["wave"] not in waves:
            found.append(f"wave must be one of {waves}; got {row['wave']!r} {where}. Add the wave to the model or empty the cell.")
        elif READS[row["measure"], row["scope"]].curve not in WAVE_CURVES:
            found.append(
                f"a claim on one wave must be of deployed, in_training, or at_front as a flow; got {row['measure']} {where}."
            )
    for kind in sorted({row["measure"], *counted_kinds(row)} & set(KINDS) - set(model.casualties.kinds)):
        found.append(f"{kind} needs a share of casualties {where}. Add casualties=CasualtyMix({kind}=between(low, high)).")
    if model.attrition is None and row["measure"] in OF_FIGHTING:
        found.append(f"{row['measure']} needs losses {where}. Add attrition=Attrition().")
    if row["measure"] == "combined_strength" and model.partner is None:
        found.append(f"combined_strength needs a partner force {where}. Add partner=PartnerForce(strength=between(low, high)).")
    return found
