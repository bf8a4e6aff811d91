"""A loss model bound to the claims of a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from forcest.errors import LedgerError, ModelError
from forcest.ledger.measures import BATTLE_KINDS, LOSSES
from forcest.models.density.bound import BoundModel, early_flow, of_people, outside_calendar
from forcest.models.density.lane_density import LaneDensity
from forcest.models.density.loss_curves import LossCurves
from forcest.models.description.calendar import parse_step
from forcest.models.parameters.numeric import NUMERIC
from forcest.models.parameters.parameter import Parameter, parameter
from forcest.models.parameters.tensors import symbolic
from forcest.models.process.loss_rates import Event, LossRates
from forcest.models.reporting.layout import Layout, event_windows, layout_of
from forcest.models.reporting.origins import Claim, merge_origins, roots_of
from forcest.models.reporting.readings import READS, Curve, counted_kinds, first_and_last_date
from forcest.models.reporting.running_totals import as_increments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from forcest.ledger import Ledger
    from forcest.models.loss_model import LossModel
    from forcest.models.parameters.coordinates import Coordinates
    from forcest.models.reporting.lists import ClaimTerm


@dataclass(frozen=True)
class BoundLosses(BoundModel):
    """A loss model and the claims it is fitted to."""

    model: LossModel
    forces: tuple[str, ...]

    def kinds_of(self, force: str) -> tuple[str, ...]:
        """Kinds of a force with a rate of their own, in the order of its series: those that claims count."""
        return self.layout.kinds[force if self.layout.forces else ""]

    @cached_property
    def rates(self) -> LossRates:
        """The term of the latent process."""
        labels = [self._label(kind, force) for force in self.forces for kind in self.kinds_of(force)]
        ratios = {
            labels.index(self._label(kind, force)): (labels.index(self._label("killed", force)), self.model.per_killed[kind])
            for force in self.forces
            if "killed" in self.kinds_of(force)
            for kind in self.kinds_of(force)
            if kind != "killed"
        }
        day = self.model.grid.day_of
        events = [
            Event(labels.index(str(Curve((e.kind,), force=e.force))), day(e.start), day(e.end), str(e)) for e in self.layout.events
        ]
        return LossRates.on(self.model.rate, self.model.grid, labels, ratios, events)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """All parameters, in the order of the graph."""
        days, text = self.model.days_before, "losses before the first day, in days at the rate of the middle"
        n = len(self.rates.labels)
        before = [] if days is None else [parameter("days_before", ["series"], days, "days", text, repeat=n)]
        return self.rates.parameters() + before + self.bias.parameters()

    @cached_property
    def coords(self) -> dict[str, list]:
        """Labels of all dims of parameters."""
        found = {"force": list(self.forces), **self.rates.coords(), **self.bias.coords()}
        used = {dim for p in self.parameters for dim in p.dims}
        return {dim: labels for dim, labels in found.items() if dim in used or dim == "force"}

    def _density(self, claims: ClaimTerm, coordinates: Coordinates) -> LaneDensity:
        from forcest.models.density import losses_kernels

        curves = LossCurves(self.rates.labels, self.model.grid.size)
        return LaneDensity(losses_kernels, coordinates, losses_kernels.constants_of(self.rates, curves, claims, coordinates))

    @property
    def curve_labels(self) -> dict[str, tuple[str | None, ...]]:
        """Curves that a fit stores, each with its label for every force; None where nobody counts that kind of that force."""
        stored = {force: self._stored(force) for force in self.forces}
        names = [kind for kind in LOSSES if any(kind in kinds for kinds in stored.values())]
        return {name: tuple(self._label(name, f) if name in stored[f] else None for f in self.forces) for name in names}

    def _stored(self, force: str) -> set[str]:
        """Kinds of a force, and casualties where they are the sum of several."""
        kinds = self.kinds_of(force)
        return {*kinds, *(["casualties"] if len(_battle_kinds(kinds)) > 1 else [])}

    def uncovered(self, claim: Claim) -> list[str]:
        """Reasons why the model cannot represent a claim; empty if it can."""
        if claim.row["force"] not in self.forces:
            forces = ", ".join(map(repr, self.forces))
            return [f"the model is about {forces}, the claim {claim.id!r} about {claim.row['force']!r}."]
        return uncovered(self.model, claim)

    def _label(self, name: str, force: str) -> str:
        return str(Curve((name,), force=force if len(self.forces) > 1 else ""))

    def curves_graph(self, p: dict) -> dict:
        """Cumulative losses as graphs over (date,), by label."""
        losses = self._losses(symbolic(), p)
        return self._complete({label: losses[i] for i, label in enumerate(self.rates.labels)})

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same curves from arrays of draws, each (draw, date)."""
        losses = self._losses(NUMERIC, p)
        return self._complete({label: losses[:, i] for i, label in enumerate(self.rates.labels)})

    def _losses(self, xp: Any, p: dict) -> Any:
        """Cumulative losses, shape (..., series, date)."""
        _, losses = self.rates.formula(xp, p)
        if self.model.days_before is None:
            return losses
        return losses + (p["days_before"] * xp.exp(self.rates.log_levels(xp, p)))[..., None]

    def _complete(self, curves: dict[str, Any]) -> dict[str, Any]:
        """The curves, with the sums of kinds that claims about casualties count."""
        for force in self.forces:
            of = {kind: curves[self._label(kind, force)] for kind in self.kinds_of(force)}
            if "casualties" not in of and "casualties" in self._stored(force):
                curves[self._label("casualties", force)] = sum(of[kind] for kind in _battle_kinds(of))
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
    merged, left_out = merge_origins(rows, roots_of(ledger))
    claims = as_increments(merged)
    problems = [problem for claim in claims for problem in uncovered(model, claim)]
    if problems:
        raise ModelError("the model does not cover the ledger. " + " ".join(problems))
    several = forces if len(forces) > 1 else ()
    own = layout or _layout(model, claims, several)
    return BoundLosses(model, tuple(claims), tuple(left_out), own, forces)


def _battle_kinds(kinds: Iterable[str]) -> list[str]:
    return [kind for kind in kinds if kind in BATTLE_KINDS]


def _layout(model: LossModel, claims: Sequence[Claim], several: tuple[str, ...]) -> Layout:
    """Labels of claims; a force has the kinds of the model that its claims count, and killed wherever it has wounded."""
    kinds = {}
    for force in several or ("",):
        counted = {kind for claim in claims if force in ("", claim.row["force"]) for kind in counts(claim.row)}
        kinds[force] = tuple(kind for kind in model.kinds if kind in counted)
    events = event_windows(claims, parse_step(model.rate.every), several, kinds)
    return layout_of(claims, model.reporting, several, kinds, events)


def counts(row: Mapping[str, Any]) -> set[str]:
    """Kinds of loss that a model of a claim needs: wounded come with killed, and so do casualties of no stated kinds."""
    curve = READS[row["measure"], row["scope"]].curve
    counted = set(counted_kinds(row)) or ({"killed", "wounded"} if curve == "casualties" else set())
    counted |= {"casualties"} if curve == "casualties" else {"killed", "wounded"} if curve in ("wounded", "admitted") else {curve}
    return counted


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
    early = early_flow(model, claim, {*LOSSES, "admitted"}) if model.days_before is not None else []
    return found + early + outside_calendar(model, claim, set(first_and_last_date(row)))
