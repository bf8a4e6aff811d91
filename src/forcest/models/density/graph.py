"""A bound model as a PyMC graph: the authority on its density."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forcest.models.parameters.tensors import symbolic

if TYPE_CHECKING:
    import pymc as pm

    from forcest.models.density.bound import BoundModel


def build_graph(bound: BoundModel, *, curves: bool = True) -> pm.Model:
    """The PyMC model of the claims.

    Parameters
    ----------
    bound : BoundModel
    curves : bool
        Register the curves as deterministic variables; without them the model compiles faster and samples the same.

    Returns
    -------
    pm.Model
        Its data containers hold the claims' constants, so that a compiled model can be given other claims of the same layout.
    """
    import pymc as pm

    pt = symbolic()
    dates = bound.model.grid.dates
    with pm.Model(coords={**bound.coords, "date": dates}) as model:
        data = {name: pm.Data(f"claims_{name}", values) for name, values in bound.data.named().items()}
        parameters = {p.name: p.variable() for p in bound.parameters}
        all_curves = bound.curves_graph(parameters)
        if curves:
            for name, labels in bound.curve_labels.items():
                by_force = pt.stack([pt.as_tensor_variable(all_curves[label]) for label in labels])
                pm.Deterministic(name, by_force, dims=("force", "date"))
        read = pt.stack([all_curves[name] for name in bound.layout.curves])
        pm.Potential("claims", bound.likelihood.graph(parameters, read, data))
    return model
