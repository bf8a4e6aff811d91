"""Forecasts: every draw of a fit continued from its own state, as the model says or under a scenario."""

from __future__ import annotations

import datetime
import json
from typing import Any, cast

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import of_one_fit
from forcest.errors import ForcestError
from forcest.inference.checksums import with_checksums
from forcest.inference.opened import OpenedFit
from forcest.inference.to_datatree import STORED
from forcest.models.density.force import BoundForce
from forcest.models.force_model import ForceModel
from forcest.models.scenario import Scenario

KEPT = ("observed_data", "constant_data", "sample_stats", "diagnostics")
GROWING = ("hazard_knot", "arrival_knot", "partner_knot")
"""Dims of walks, which a longer calendar continues."""


def forecast(fit: xr.DataTree, until: str | datetime.date | None = None, scenario: Scenario | None = None) -> xr.DataTree:
    """Continue every draw of a fit to a later date, with the people it has in training, at the front and in hospital.

    Parameters
    ----------
    fit : DataTree
        A fit of a ForceModel, from :func:`forcest.fit` or :func:`forcest.load`.
    until : date, optional
        Last day; that of the model unless given. Beyond the model's end the walks of hazard, arrivals and partner force go on,
        each draw with its own scale.
    scenario : Scenario, optional
        What happens differently; nothing unless given.

    Returns
    -------
    DataTree
        In the format of a fit, so that ``summary``, ``probability`` and the figures read it; without a prior. Up to the day
        before the scenario begins the curves are the fit's own, and two forecasts of one fit have the same random numbers.
        ``attrs`` say that it is a forecast: ``forecast_from`` (first day after the last claim), ``scenario`` (JSON).

    Raises
    ------
    ForcestError
        If the fit is not of a ForceModel, or a date cannot be read or lies before the last claim.

    Examples
    --------
    >>> later = fc.forecast(fit, until="2025-12-31", scenario=fc.Scenario(hold_wave="third"))
    >>> fc.summary(later, at="2025-12-31").columns.tolist()[:6]
    ['date', 'force', 'measure', 'unit', 'median', 'low']
    """
    scenario = scenario or Scenario()
    opened = OpenedFit.of(fit)
    model = _force_model(opened)
    first_day = _day_after_last_claim(fit)
    end = model.end if until is None else max(model.end, _date("until", until))
    begins = scenario.begins or first_day
    if not first_day <= begins <= end:
        raise ForcestError(
            f"a scenario must begin between the day after the last claim, {first_day}, and the end, {end}; got {begins}. "
            "Change `begins`, or ask for a later `until`."
        )
    longer = model.replace(end=end).on(opened.ledger)
    parameters = continued(longer, fit, opened.random_seed)
    lead = next(iter(parameters.values())).shape[:2]
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in parameters.items()}
    scenario = scenario.model_copy(update={"begins": begins})
    curves = scenario_curves(longer, flat, scenario, opened.random_seed)
    curves = {name: curve.reshape(*lead, -1) for name, curve in curves.items()}
    groups = {name: fit[name].to_dataset() for name in KEPT if name in fit.children}
    tree = xr.DataTree.from_dict({"posterior": _posterior(longer, parameters, curves, fit), **groups})
    tree.attrs = opened.changed(
        model=longer.model.model_dump_json(), forecast_from=str(first_day), scenario=scenario.model_dump_json()
    )
    return with_checksums(tree)


def scenario_curves(bound: BoundForce, p: dict[str, np.ndarray], scenario: Scenario, seed: int) -> dict[str, np.ndarray]:
    """Curves of parameter draws (draw, ...) in a scenario whose beginning is set, each (draw, date)."""
    assert scenario.begins is not None
    drivers = scenario.change(bound, bound.drivers(p), scenario.begins, np.random.default_rng([seed, 4]))
    return bound.curves_from(p, drivers)


def difference(forecast: xr.DataTree, other: xr.DataTree) -> xr.Dataset:
    """How much two forecasts of one fit differ, draw by draw: the first less the second.

    Parameters
    ----------
    forecast, other : DataTree
        Forecasts of the same fit, over the same dates.

    Returns
    -------
    Dataset
        The curves of both, dims (chain, draw, force, date); exactly zero before either scenario begins.

    Raises
    ------
    ForcestError
        If they are not forecasts of one fit, or run to different days.

    Examples
    --------
    >>> usual, calm = fc.forecast(fit), fc.forecast(fit, scenario=fc.Scenario(hazard=0.5))
    >>> spared = fc.difference(usual, calm)["casualties"].isel(force=0, date=-1)
    >>> bool((spared > 0).all())
    True
    """
    ours, theirs = (tree["posterior"].to_dataset() for tree in (forecast, other))
    opened = [OpenedFit.of(tree) for tree in (forecast, other)]
    begins = {one.forecast_from for one in opened}
    if None in begins or len(begins) > 1 or not of_one_fit(forecast, other):
        raise ForcestError("a difference must be of two forecasts of one fit. Make both with fc.forecast(fit, ...).")
    if ours.sizes["date"] != theirs.sizes["date"]:
        ends = [str(tree["date"].values[-1])[:10] for tree in (ours, theirs)]
        raise ForcestError(f"both forecasts must end on one day; got {ends[0]} and {ends[1]}. Give both the same `until`.")
    names = [name for name in ours.data_vars if "date" in ours[name].dims and name in theirs]
    found = ours[names] - theirs[names]
    found.attrs = {
        "scenarios": json.dumps([one.scenario.model_dump_json() for one in opened if one.scenario]),
        **{name: int(flag) for name, flag in opened[0].flags.items()},
    }
    return found


def _force_model(opened: OpenedFit) -> ForceModel:
    model = opened.model
    if not isinstance(model, ForceModel):
        raise ForcestError(
            f"a forecast must be of a fit of a ForceModel; got one of a {model.kind}, which has no states to continue. "
            "Fit a ForceModel."
        )
    return model


def continued(longer: BoundForce, fit: xr.DataTree, random_seed: int) -> dict[str, np.ndarray]:
    """Parameters of the latent process on a longer calendar, each (chain, draw, ...): those of the fit, walks with new steps.

    The steps of a walk are drawn one after the other from a stream of its own, so that a later end changes none before it.
    """
    posterior, found = fit["posterior"], {}
    for number, p in enumerate(longer.terms.parameters()):
        values = posterior[p.name].to_numpy().astype(float)
        if p.dims and p.dims[-1] in GROWING:
            rng = np.random.default_rng([random_seed, 3, number])
            steps = [rng.standard_normal(values.shape[:-1]) for _ in range(p.shape[-1] - values.shape[-1])]
            values = np.concatenate([values, *(step[..., None] for step in steps)], axis=-1)
        found[p.name] = values
    return found


def _posterior(longer: BoundForce, parameters: dict, curves: dict[str, np.ndarray], fit: xr.DataTree) -> xr.Dataset:
    """The biases and single numbers of the fit, with walks and curves of the longer calendar."""
    before = fit["posterior"].to_dataset()
    kept = before.drop_dims([dim for dim in ("date", *GROWING) if dim in before.dims])
    dims = {p.name: p.dims for p in longer.terms.parameters() if p.dims and p.dims[-1] in GROWING}
    walks = {name: (("chain", "draw", *own), parameters[name]) for name, own in dims.items()}
    found = {}
    for name, (label,) in longer.curve_labels.items():
        if label is not None and np.isfinite(curves[label]).all():
            found[name] = xr.DataArray(curves[label][:, :, None], dims=("chain", "draw", "force", "date"))
            found[name].encoding = {**STORED, "dtype": "float32"}
    labels: dict[str, Any] = {dim: longer.coords[dim] for own in dims.values() for dim in own if dim in GROWING}
    return kept.assign(**walks, **found).assign_coords({"date": longer.model.grid.dates, **labels})


def _day_after_last_claim(fit: xr.DataTree) -> datetime.date:
    claims = cast(xr.DataTree, fit["constant_data"]).to_dataset()
    days = np.concatenate([claims[name].values for name in ("as_of", "window_end")]).astype("datetime64[D]")
    return (days[~np.isnat(days)].max() + np.timedelta64(1, "D")).item()


def _date(name: str, value: str | datetime.date) -> datetime.date:
    try:
        found = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise ForcestError(f"`{name}` must be a date such as 2025-12-31; got {value!r}.") from error
    if isinstance(found, pd.Timestamp):
        return found.date()
    raise ForcestError(f"`{name}` must be a date such as 2025-12-31; got {value!r}.")
