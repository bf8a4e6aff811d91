"""Base of bound models: the claims, their likelihood, and claims simulated in their place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from forcest.errors import ModelError
from forcest.ledger.measures import CLASSES
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.tensors import symbolic
from forcest.models.reporting.arrays import ClaimArrays, claim_arrays, claim_table
from forcest.models.reporting.bias import Bias
from forcest.models.reporting.layout import layout_of
from forcest.models.reporting.likelihood import ClaimLikelihood
from forcest.models.reporting.origins import Claim, LeftOut
from forcest.models.reporting.readings import begins_too_early, window_of
from forcest.models.reporting.simulate import restate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    import pymc as pm

    from forcest.models.density.lane_density import LaneDensity
    from forcest.models.parameters.parameter import Parameter
    from forcest.models.reporting.layout import Layout
    from forcest.models.reporting.lists import ClaimTerm


@dataclass(frozen=True)
class BoundModel:
    """A model bound to claims; subclasses add the latent process.

    Attributes
    ----------
    model : description of the model
        Has a ``grid`` and a ``reporting``.
    claims : tuple of Claim
    left_out : tuple of LeftOut
    layout : Layout
    """

    model: Any
    claims: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...]
    layout: Layout

    @cached_property
    def parameters(self) -> list[Parameter]:
        """All parameters, in the order of the graph."""
        raise NotImplementedError

    @cached_property
    def coords(self) -> dict[str, list]:
        """Labels of all dims of parameters, and of the forces."""
        raise NotImplementedError

    @property
    def curve_labels(self) -> dict[str, tuple[str | None, ...]]:
        """Curves that a fit stores, each with its label for every force; None where the model has no such curve of a force."""
        raise NotImplementedError

    def curves_graph(self, p: dict) -> dict:
        """Curves as graphs over (date,), by label."""
        raise NotImplementedError

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Curves from arrays of draws, each (draw, date)."""
        raise NotImplementedError

    def uncovered(self, claim: Claim) -> list[str]:
        """Reasons why the model cannot represent a claim; empty if it can."""
        raise NotImplementedError

    def with_claims(self, claims: Sequence[Claim]) -> Self:
        """The same model bound to other claims: new sources and classes get labels, but the sources that drift stay the same.

        Months that are added to a source change what the offsets of its later months mean; see :meth:`Bias.continued_drift`.
        """
        layout = self._layout_of(claims)
        others = dict(layout.bulletins)
        months = {cell: tuple(sorted({*own, *others.get(cell, ())})) for cell, own in self.layout.bulletins}
        return replace(self, claims=tuple(claims), left_out=(), layout=replace(layout, bulletins=tuple(months.items())))

    def _layout_of(self, claims: Sequence[Claim]) -> Layout:
        """Labels of claims about the same forces, kinds and events."""
        own = self.layout
        return layout_of(claims, self.model.reporting, own.forces, own.kinds, own.events)

    def labels_outside(self) -> list[str]:
        """Labels that the claims need and the layout lacks: of sources, stances, classes, origins and curves."""
        own = self._layout_of(self.claims)
        names = ("sources", "stances", "source_classes", "origin_groups", "curves")
        return [str(label) for name in names for label in getattr(own, name) if label not in getattr(self.layout, name)]

    def graph(self, *, curves: bool = False) -> pm.Model:
        """The PyMC model of the claims: the reference for the density.

        Its data containers hold the constants of the claims, so that a compiled model can be used with other claims of the layout.

        Parameters
        ----------
        curves : bool
            Register the curves as deterministic variables; compilation takes longer, the posterior is the same.
        """
        import pymc as pm

        stack, constant = symbolic().stack, symbolic().as_tensor_variable
        with pm.Model(coords={**self.coords, "date": self.model.grid.dates}) as model:
            data = {name: pm.Data(f"claims_{name}", values) for name, values in self.data.named().items()}
            parameters = {p.name: p.variable() for p in self.parameters}
            all_curves = self.curves_graph(parameters)
            if curves:
                for name, labels in self.curve_labels.items():
                    absent = np.full(self.model.grid.size, np.nan)
                    by_force = stack([constant(absent if label is None else all_curves[label]) for label in labels])
                    pm.Deterministic(name, by_force, dims=("force", "date"))
            read = stack([all_curves[str(curve)] for curve in self.layout.curves])
            pm.Potential("claims", self.likelihood.graph(parameters, read, data))
        return model

    def graph_data(self) -> dict[str, np.ndarray]:
        """The constants of the claims, by the names of the data containers in the graph."""
        return {f"claims_{name}": values for name, values in self.data.named().items()}

    def density(self, data: ClaimArrays | None = None) -> LaneDensity:
        """The log density and its gradient for many chains at once, in the coordinates of the graph.

        Parameters
        ----------
        data : ClaimArrays, optional
            Other claims of the same layout, or the same claims with some left out (``data.used``); the model's own unless given.
        """
        from forcest.models.reporting.lists import ClaimTerm

        claims = ClaimTerm(self.data if data is None else data, self.layout, self.model.reporting)
        return self._density(claims, Coordinates.of(self.parameters))

    def _density(self, claims: ClaimTerm, coordinates: Coordinates) -> LaneDensity:
        raise NotImplementedError

    @cached_property
    def likelihood(self) -> ClaimLikelihood:
        """The term of the claims."""
        return ClaimLikelihood(self.model.reporting, self.layout)

    @property
    def bias(self) -> Bias:
        """The reporting parameters."""
        return Bias(self.model.reporting, self.layout)

    def bias_by_source(self, p: dict[str, np.ndarray]) -> np.ndarray:
        """Multiplicative bias of every source by class of measures, shape (draw, *bias.dims); NaN where it makes no claim."""
        columns = ["source", "stance", "measure_class", "force"]
        claims = self.table.loc[self.table["measure_class"] != "", columns].drop_duplicates().to_dict("records")
        return self.bias.by_source(p, claims, CLASSES)

    @cached_property
    def data(self) -> ClaimArrays:
        """Constants of the claims."""
        return claim_arrays(self.claims, self.layout, self.model.grid, self.model.reporting)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per fitted claim."""
        return claim_table(self.claims)

    def simulate(self, p: dict[str, np.ndarray], rng: np.random.Generator) -> Self:
        """The same model bound to claims simulated from one draw of its parameters.

        Parameters
        ----------
        p : dict of str to ndarray, shape (1, ...)
            One draw, for example of the prior.
        rng : Generator

        Returns
        -------
        Self
            In the same layout, with each claim stated in the form of the original; see :mod:`forcest.models.reporting.simulate`.
        """
        beliefs = self.likelihood.simulate(p, self.read_curves(self.curves_forward(p)), self.data, rng)
        claims = [restate(c, beliefs[i], self._rounding_of(c, p, rng), rng) for i, c in enumerate(self.claims)]
        return replace(self, claims=tuple(claims))

    def _rounding_of(self, claim: Claim, p: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
        """Rounding weights of a source; drawn if they were integrated out."""
        if claim.row["source"] in self.layout.rounding_sources:
            return p["rounding"][0, self.layout.rounding_sources.index(claim.row["source"])]
        reporting = self.model.reporting
        return rng.dirichlet(reporting.grid_concentration * np.array(reporting.grid_weights))

    def read_curves(self, curves: dict[str, np.ndarray]) -> np.ndarray:
        """The curves that claims read, stacked in the order of the layout, shape (draw, curve, date)."""
        return np.stack([curves[str(curve)] for curve in self.layout.curves], axis=1)


def outside_calendar(model: Any, claim: Claim, days: Iterable[pd.Timestamp]) -> list[str]:
    """A problem for each day that a claim refers to and the calendar of a model does not cover."""
    return [
        f"{claim.row['measure']} claim must refer to a day between {model.start} and {model.grid.dates[-1]:%Y-%m-%d}; "
        f"got {day:%Y-%m-%d} (row id {claim.id!r}). Move `start` or `end`, or exclude the row."
        for day in days
        if not model.grid.covers(day)
    ]


def early_flow(model: Any, claim: Claim, sums: Collection[str]) -> list[str]:
    """A problem if a flow counts people of whom a model knows only the sum up to its first day; ``sums`` are those curves."""
    row = claim.row
    if not begins_too_early(row, model.start, sums):
        return []
    return [
        f"a {row['measure']} claim must count from after the first day of the model, {model.start}, up to which it knows only the "
        f"sum; got {window_of(row)[0]:%Y-%m-%d} (row id {claim.id!r}). Move `start` back, or exclude the row."
    ]


def of_people(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of a ledger, all of which must count people of a force.

    Raises
    ------
    ModelError
        If some rows count something else; the message names it.
    """
    others = rows[rows["item"] != ""]
    if len(others):
        items = sorted(set(others["item"]))
        named = ", ".join(items[:4]) + (", ..." if len(items) > 4 else "")
        raise ModelError(
            f"a {kind} counts the people of a force; {len(others)} of {len(rows)} claims of the ledger count something else "
            f"({named}). Keep the others with ledger.filter(item=''), or use a model made for them (fc.presets.radford2023)."
        )
    return rows
