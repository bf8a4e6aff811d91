"""What every bound model shares: the claims it is fitted to, their likelihood, and claims that might have been made instead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from forcest.errors import ModelError
from forcest.models.claims.data import ClaimArrays, claim_arrays, claim_table
from forcest.models.claims.layout import layout_of
from forcest.models.claims.origins import Claim, LeftOut
from forcest.models.claims.simulate import restate
from forcest.models.terms.bias import Bias
from forcest.models.terms.claims import ClaimLikelihood

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import pandas as pd
    import pymc as pm

    from forcest.ledger import Ledger
    from forcest.models.batched import BatchedDensity
    from forcest.models.claims.layout import Layout
    from forcest.models.parameters import Parameter


@dataclass(frozen=True)
class Reported:
    """The reporting half of a bound model, whatever process its curves come from.

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
    def kernels(self) -> ModuleType:
        """The module of the compiled density: ``constants_of``, ``workspace``, ``density``."""
        raise NotImplementedError

    @property
    def curve_labels(self) -> dict[str, tuple[str, ...]]:
        """Curves that a fit stores, each with its label for every force."""
        raise NotImplementedError

    def curves_graph(self, p: dict) -> dict:
        """Curves as graphs over (date,), by label."""
        raise NotImplementedError

    def curves_forward(self, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Curves from arrays of draws, each (draw, date)."""
        raise NotImplementedError

    def uncovered(self, claim: Claim) -> list[str]:
        """Why the model can say nothing of a claim; empty where it can."""
        raise NotImplementedError

    def hearing(self, claims: Sequence[Claim]) -> Self:
        """The same model bound to other claims: their sources and classes get labels; who drifts is as before."""
        layout = layout_of(claims, self.model.reporting, self.layout.forces, self.layout.kinds)
        drifting = {cell for cell, _ in self.layout.bulletins}
        kept = tuple((cell, months) for cell, months in layout.bulletins if cell in drifting)
        return replace(self, claims=tuple(claims), left_out=(), layout=replace(layout, bulletins=kept))

    def graph(self) -> pm.Model:
        """The PyMC model of the claims, without curves."""
        from forcest.models.graph import build_graph

        return build_graph(self, curves=False)

    def graph_data(self) -> dict[str, np.ndarray]:
        """The claims' constants in the graph, by the names of its data containers."""
        return {f"claims_{name}": values for name, values in self.data.named().items()}

    def batched(self) -> BatchedDensity:
        """The log density and its gradient for many chains at once, in the coordinates of the graph."""
        from forcest.models.batched import batched_density

        return batched_density(self)

    @cached_property
    def likelihood(self) -> ClaimLikelihood:
        """The term of the claims."""
        return ClaimLikelihood(self.model.reporting, self.layout)

    @property
    def bias(self) -> Bias:
        """The reporting parameters."""
        return Bias(self.model.reporting, self.layout)

    @cached_property
    def data(self) -> ClaimArrays:
        """Constants of the claims."""
        return claim_arrays(self.claims, self.layout, self.model.grid, self.model.reporting)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per fitted claim."""
        return claim_table(self.claims)

    def simulate(self, p: dict[str, np.ndarray], rng: np.random.Generator) -> Self:
        """The same model bound to claims that one draw of its parameters might have brought forth.

        Parameters
        ----------
        p : dict of str to ndarray, shape (1, ...)
            One draw, of the prior say.
        rng : Generator

        Returns
        -------
        Self
            In the same layout, each claim stated in its own way; see :mod:`forcest.models.claims.simulate`.
        """
        beliefs = self.likelihood.simulate(p, self.read_curves(self.curves_forward(p)), self.data, rng)
        claims = [restate(c, beliefs[i], self._rounding_of(c, p, rng), rng) for i, c in enumerate(self.claims)]
        return replace(self, claims=tuple(claims))

    def _rounding_of(self, claim: Claim, p: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
        """A source's rounding weights; those that were integrated out are drawn."""
        if claim.row["source"] in self.layout.rounding_sources:
            return p["rounding"][0, self.layout.rounding_sources.index(claim.row["source"])]
        reporting = self.model.reporting
        return rng.dirichlet(reporting.grid_concentration * np.array(reporting.grid_weights))

    def read_curves(self, curves: dict[str, np.ndarray]) -> np.ndarray:
        """The curves that claims read, stacked in the order of the layout, shape (draw, curve, date)."""
        return np.stack([curves[name] for name in self.layout.curves], axis=1)


def of_people(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Rows of a ledger, refused where they count anything but the people of a force.

    Raises
    ------
    ModelError
        With what else is counted, and what to do.
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


def roots_of(ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """The originals behind every copy; a corrected original stands for its correction."""
    status = ledger.to_dataframe().set_index("id")["status"]
    corrected = {id_: said.removeprefix("superseded by ") for id_, said in status.items() if said.startswith("superseded by ")}
    roots = ledger.origins().groupby("id")["root"].agg("+".join)
    return {str(id_): tuple(dict.fromkeys(corrected.get(root, root) for root in said.split("+"))) for id_, said in roots.items()}
