"""What a report shows, computed once, from the bottom up: the fit is opened, then come the estimates, then the checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import of_one_fit
from forcest.checks import contradictions as contradictions_of
from forcest.checks import influence as influence_of
from forcest.errors import ForcestError
from forcest.estimates.anchors import Anchors, anchors, headline_measures
from forcest.estimates.claims_table import claims_table
from forcest.estimates.draws import group, last_claim_date, on_date, quantiles
from forcest.estimates.probability import probability
from forcest.estimates.summary import summary
from forcest.extras import is_importable
from forcest.inference.forecast import difference
from forcest.inference.opened import OpenedFit

SPAN = (0.5, 0.05, 0.95)
ROUND_NUMBERS = np.array([m * 10.0**k for k in range(7) for m in (1, 2, 5)])
LARGEST_PARAMETER = 12
"""Entries up to which a parameter is listed."""


@dataclass(frozen=True)
class Results:
    """Everything that the sections of a report show.

    Attributes
    ----------
    fit : DataTree
        For figures and the explorer, which need draws.
    opened : OpenedFit
    date : str
        The day of the numbers: the last with a claim; of a forecast, its end.
    summary : DataFrame
    exceedances : DataFrame
        How probable it is that each headline measure exceeds round numbers: `force, measure, bound, probability, mcse`.
    anchors : Anchors
    bias : DataFrame
        The labels of each bias, then `median, low, high` and, of a fit, `prior_low, prior_high`; empty where there is none.
    parameters : DataFrame
        `parameter`, prior and posterior medians and intervals, `unit` and `description` of each listed parameter.
    claims, contradictions, influence : DataFrame or None
        None for a forecast, which does not keep what they need; the latter two also where Numba cannot be imported.
    scenarios : mapping of str to DataTree
        Forecasts by name.
    scenario_ends : DataFrame
        `measure, force, scenario`, the median and interval at the end, and those of the difference from the first.
    """

    fit: xr.DataTree
    opened: OpenedFit
    date: str
    summary: pd.DataFrame
    exceedances: pd.DataFrame
    anchors: Anchors
    bias: pd.DataFrame
    parameters: pd.DataFrame
    claims: pd.DataFrame | None
    contradictions: pd.DataFrame | None
    influence: pd.DataFrame | None
    scenarios: Mapping[str, xr.DataTree]
    scenario_ends: pd.DataFrame

    @property
    def forces(self) -> list[str]:
        """Names of the forces."""
        return [str(force) for force in group(self.fit, "posterior")["force"].values]

    @property
    def all_home_invalided(self) -> bool:
        """Whether nobody went home but the invalided: two rows with the same numbers."""
        posterior = group(self.fit, "posterior")
        return "invalided" in posterior and np.allclose(posterior["withdrawn_home"], posterior["invalided"], atol=0.5)


def results_of(
    fit: xr.DataTree,
    influence: pd.DataFrame | None,
    contradictions: pd.DataFrame | None,
    scenarios: Mapping[str, xr.DataTree],
) -> Results:
    """All results of a fit or forecast; influence and contradictions are computed unless given."""
    opened = OpenedFit.of(fit)
    _refuse_other_forecasts(fit, scenarios)
    day = date_of(fit, opened)
    is_fit = "posterior_predictive" in fit.children
    has_likelihood = "log_likelihood" in fit.children
    computes_curves = is_importable("numba")  # for other draws than those that the fit holds
    return Results(
        fit=fit,
        opened=opened,
        date=day,
        summary=summary(fit, at=day),
        exceedances=_exceedances(fit, np.datetime64(day, "D")),
        anchors=anchors(fit),
        bias=_bias(fit),
        parameters=_parameters(fit, opened),
        claims=claims_table(fit) if is_fit else None,
        contradictions=contradictions_of(fit, by_chance=True)
        if is_fit and contradictions is None and computes_curves
        else contradictions,
        influence=influence_of(fit, refit=False) if has_likelihood and influence is None and computes_curves else influence,
        scenarios=scenarios,
        scenario_ends=_scenario_ends(scenarios),
    )


def date_of(fit: xr.DataTree, opened: OpenedFit) -> str:
    """The day of the numbers: the last with a claim; of a forecast, its end."""
    if opened.forecast_from:
        return str(group(fit, "posterior")["date"].values[-1])[:10]
    return str(last_claim_date(fit))


def _refuse_other_forecasts(fit: xr.DataTree, scenarios: Mapping[str, xr.DataTree]) -> None:
    other = [name for name, tree in scenarios.items() if not OpenedFit.of(tree).forecast_from or not of_one_fit(fit, tree)]
    if other:
        raise ForcestError(f"`scenarios` must be forecasts of this fit; got others: {', '.join(other)}. Use fc.forecast(fit, ...).")


def _exceedances(fit: xr.DataTree, day: np.datetime64) -> pd.DataFrame:
    """Up to three round numbers between the 2 and 98 % quantiles of each headline measure."""
    posterior, rows = group(fit, "posterior"), []
    for name in headline_measures(posterior):
        for i, force in enumerate(posterior["force"].values.astype(str)):
            draws = on_date(posterior[name], day).isel(force=i)
            low, high = quantiles(draws, (0.02, 0.98))
            inside = ROUND_NUMBERS[(low < ROUND_NUMBERS) & (high > ROUND_NUMBERS)]
            for bound in inside[np.unique(np.linspace(0, len(inside) - 1, 3).round().astype(int))] if len(inside) else []:
                p = probability(draws > bound)
                rows.append([str(force), name, bound, float(p), p.mcse])
    return pd.DataFrame(rows, columns=["force", "measure", "bound", "probability", "mcse"])


def _bias(fit: xr.DataTree) -> pd.DataFrame:
    """The factor by which each source exaggerates, posterior beside prior where there is one."""
    after, before = group(fit, "posterior").get("bias"), group(fit, "prior").get("bias")
    if after is None:
        return pd.DataFrame()
    labels = [d for d in after.dims if d not in ("chain", "draw")]
    spans, names = quantiles(after, SPAN), ["median", "low", "high"]
    if before is not None:
        spans, names = np.concatenate([spans, quantiles(before, SPAN[1:])]), [*names, "prior_low", "prior_high"]
    rows = []
    for place in np.argwhere(np.isfinite(spans[0])):
        at = tuple(int(i) for i in place)
        rows.append([*(str(after[d].values[i]) for d, i in zip(labels, at, strict=True)), *spans[(slice(None), *at)]])
    return pd.DataFrame(rows, columns=[*map(str, labels), *names])


def _parameters(fit: xr.DataTree, opened: OpenedFit) -> pd.DataFrame:
    """Every parameter with few entries: its prior and its posterior."""
    before, after, rows = group(fit, "prior"), group(fit, "posterior"), []
    described = {p.name: (p.unit, p.description) for p in opened.bound.parameters} if len(before) else {}
    for name in (str(n) for n in after.data_vars if n in before):
        dims = [d for d in after[name].dims if d not in ("chain", "draw")]
        if "date" in dims or "source" in dims or np.prod([after.sizes[d] for d in dims]) > LARGEST_PARAMETER:
            continue
        prior, posterior = quantiles(before[name], SPAN), quantiles(after[name], SPAN)
        for at in np.ndindex(*prior.shape[1:]):
            label = ", ".join(str(after[d].values[i]) if d in after.coords else str(i) for d, i in zip(dims, at, strict=True))
            numbers = [*prior[(slice(None), *at)], *posterior[(slice(None), *at)]]
            rows.append([f"{name} ({label})" if label else name, *numbers, *described.get(name, ("", ""))])
    spans = [f"{which} {span}" for which in ("prior", "posterior") for span in ("median", "5 %", "95 %")]
    return pd.DataFrame(rows, columns=["parameter", *spans, "unit", "description"])


def _scenario_ends(scenarios: Mapping[str, xr.DataTree]) -> pd.DataFrame:
    """Headline measures at the end of each forecast, and how much they differ from the first, draw by draw."""
    if not scenarios:
        return pd.DataFrame()
    first = next(iter(scenarios.values()))
    day = np.datetime64(date_of(first, OpenedFit.of(first)), "D")
    differences, rows = {name: difference(forecast, first) for name, forecast in scenarios.items()}, []
    for measure in headline_measures(next(iter(differences.values()))):
        for i, force in enumerate(group(first, "posterior")["force"].values.astype(str)):
            for name, forecast in scenarios.items():
                curves = (group(forecast, "posterior")[measure], differences[name][measure])
                spans = [quantiles(on_date(curve, day), SPAN)[:, i] for curve in curves]
                rows.append([measure, str(force), name, *spans[0], *spans[1]])
    names = [f"{prefix}{name}" for prefix in ("", "difference_") for name in ("median", "low", "high")]
    return pd.DataFrame(rows, columns=["measure", "force", "scenario", *names])
